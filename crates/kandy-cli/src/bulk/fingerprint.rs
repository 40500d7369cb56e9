//! Fingerprints of input files, which tell whether a list is unchanged, has appended rows, or was changed.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek},
    str::FromStr,
};

use super::format::Format;

/// The length and the hash of a file, or of its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Fingerprint {
    pub(super) length: u64,
    hash: Fnv,
}

impl Fingerprint {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        self.hash.add(bytes);
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:016x}", self.length, self.hash.0)
    }
}

impl FromStr for Fingerprint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (length, hash) = text.split_once(' ').ok_or(())?;
        let hash = u64::from_str_radix(hash, 16).map_err(|_| ())?;
        Ok(Self { length: length.parse().map_err(|_| ())?, hash: Fnv(hash) })
    }
}

/// An FNV-1a hash, which is stable across versions of this command. It detects changes, not forgeries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }
}

/// Returns a hash of texts that is too short to recover them from.
pub(crate) fn short_hash<'a>(texts: impl IntoIterator<Item = &'a str>) -> u32 {
    let mut hash = Fnv::default();
    for text in texts {
        hash.add(text.as_bytes());
        hash.add(b"\0");
    }
    // XOR the halves, so that all bits contribute; 32 bits are too few to identify a key.
    #[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
    let short = (hash.0 ^ (hash.0 >> 32)) as u32;
    short
}

/// How a list compares with the fingerprint in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Same,
    /// It has the same beginning, and rows follow.
    Grown,
    Shorter,
    /// A byte of the previous contents differs.
    Changed,
    /// Bytes follow the previous contents, but they continue its last row.
    LastRowContinued,
}

/// Computes the fingerprint of a file and compares it with the previous one.
///
/// Reads the file once and rewinds it.
pub(super) fn measure(
    mut file: &File,
    before: Option<Fingerprint>,
    format: Format,
) -> io::Result<(Fingerprint, Comparison)> {
    let mut whole = Fingerprint::default();
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut boundary = Boundary::new(format);
    let end = before.map_or(0, |before| before.length);
    let mut is_same = true;
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            break;
        }
        let count = bytes.len();
        // Compare the hash where the file previously ended: split each chunk there.
        let left = usize::try_from(end.saturating_sub(whole.length)).unwrap_or(usize::MAX);
        let (old, new) = bytes.split_at(left.min(count));
        if !old.is_empty() {
            whole.add(old);
            boundary.add_old(old);
            is_same = before.is_some_and(|before| whole.length < before.length || whole == before);
        }
        boundary.add_new(new);
        whole.add(new);
        reader.consume(count);
    }
    file.rewind()?;
    // The order matters: a shorter file also differs, and appended bytes count only after an unchanged beginning.
    let comparison = match before {
        Some(before) if whole.length < before.length => Comparison::Shorter,
        Some(_) if !is_same => Comparison::Changed,
        Some(before) if whole.length > before.length && !boundary.is_between_rows() => Comparison::LastRowContinued,
        Some(before) if whole.length > before.length => Comparison::Grown,
        _ => Comparison::Same,
    };
    Ok((whole, comparison))
}

/// Detects whether the position where a file previously ended lies between two rows.
struct Boundary {
    format: Format,
    /// The bytes per code unit: two in UTF-16, otherwise one.
    width: usize,
    /// The first two bytes, which may be the byte order mark of UTF-16.
    mark: Vec<u8>,
    /// The last bytes before the position, and the first after it.
    last: Vec<u8>,
    next: Vec<u8>,
    at: u64,
    quotes: u64,
    before: u8,
}

/// The number of bytes kept on each side of the position.
const CONTEXT_BYTES: usize = 4;

impl Boundary {
    fn new(format: Format) -> Self {
        Self { format, width: 1, mark: Vec::new(), last: Vec::new(), next: Vec::new(), at: 0, quotes: 0, before: 0 }
    }

    fn add_old(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.mark.len() < 2 {
                self.mark.push(*byte);
                if self.mark == [0xff, 0xfe] || self.mark == [0xfe, 0xff] {
                    self.width = 2;
                }
            }
            let is_quote = match self.width {
                1 => *byte == b'"',
                // A code unit is complete with its second byte, whichever of the two is the high one.
                _ if !self.at.is_multiple_of(2) => self.unit([self.before, *byte]) == u16::from(b'"'),
                _ => false,
            };
            self.quotes += u64::from(is_quote);
            self.before = *byte;
            self.at += 1;
        }
        let kept = bytes.len().min(CONTEXT_BYTES);
        self.last.extend(&bytes[bytes.len() - kept..]);
        self.last.drain(..self.last.len().saturating_sub(CONTEXT_BYTES));
    }

    fn add_new(&mut self, bytes: &[u8]) {
        let room = CONTEXT_BYTES - self.next.len();
        self.next.extend(&bytes[..bytes.len().min(room)]);
    }

    fn unit(&self, bytes: [u8; 2]) -> u16 {
        if self.mark == [0xff, 0xfe] { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) }
    }

    /// Decodes code units, to find line ends.
    fn units(&self, bytes: &[u8]) -> Vec<u16> {
        match self.width {
            1 => bytes.iter().copied().map(u16::from).collect(),
            _ => bytes.chunks_exact(2).map(|unit| self.unit([unit[0], unit[1]])).collect(),
        }
    }

    fn is_between_rows(&self) -> bool {
        const LF: u16 = b'\n' as u16;
        const CR: u16 = b'\r' as u16;
        if !self.at.is_multiple_of(self.width as u64) {
            return false;
        }
        let (last, next) = (self.units(&self.last), self.units(&self.next));
        let (last, next) = (last.last().copied(), (next.first().copied(), next.get(1).copied()));
        match self.format {
            // With an odd number of quotes, the position is inside a quoted value.
            Format::Csv if self.quotes % 2 == 1 => false,
            Format::Csv => matches!(last, Some(LF | CR)) || matches!(next.0, Some(LF | CR)),
            // A card ends with a line, too.
            Format::Jsonl | Format::Vcard => last == Some(LF) || next.0 == Some(LF) || next == (Some(CR), Some(LF)),
        }
    }
}

/// Reads the rows that a list had when its fingerprint was computed. What another program appends later is left for the
/// next run, whose fingerprint includes it.
pub(super) struct Bounded {
    file: Box<dyn Read + Send>,
    left: u64,
    ends_in_line: bool,
}

impl Bounded {
    pub(super) fn new(file: Box<dyn Read + Send>, length: u64) -> Self {
        Self { file, left: length, ends_in_line: false }
    }
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            // The fingerprint ends inside a line: another program may be in the middle of writing it.
            // The last row is complete only if a line end follows it: fail rather than send a partial row.
            if self.ends_in_line && self.file.read(&mut [0])? > 0 {
                self.ends_in_line = false;
                return Err(io::Error::other(
                    "another program is appending to the file, and its last row was incomplete; run the same command \
                     again when that is done",
                ));
            }
            return Ok(0);
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.file.read(&mut buffer[..most])?;
        self.left -= count as u64;
        if let Some(last) = buffer[..count].last() {
            self.ends_in_line = !matches!(last, b'\n' | b'\r' | 0);
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
