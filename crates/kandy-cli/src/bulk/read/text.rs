//! Decodes an input file to UTF-8 while it is read.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The maximum length of a row, in bytes. A longer one has an unclosed quote or a missing line end.
pub(super) const MAX_ROW_LENGTH: usize = 1 << 20;

/// The size of a read.
const CHUNK: usize = 1 << 16;

/// The length of the longest byte order mark. As many decoded bytes are kept, so that a malformed sequence can be shown
/// whole.
const KEPT: usize = 4;

/// The maximum length of the sample in an error.
const SAMPLE: usize = 40;

/// A stream of decoded text.
///
/// [`buffer`](Self::buffer) is always valid UTF-8: it may end within a line, never within a character.
pub(super) struct Text {
    bytes: Box<dyn Read + Send>,
    encoding: &'static Encoding,
    decoder: Decoder,
    /// Bytes as they were read; `raw_at..raw_end` are not decoded yet.
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    is_read: bool,
    is_decoded: bool,
    /// Decoded bytes; `at..end` are not consumed yet.
    text: Vec<u8>,
    at: usize,
    end: usize,
    /// The malformed bytes after the decoded ones.
    malformed: Option<Vec<u8>>,
    /// The number of original bytes consumed.
    position: u64,
}

/// Why decoding stopped.
#[derive(Debug)]
pub(super) enum TextError {
    Io(io::Error),
    /// The file is not text in a supported encoding; says what it looks like.
    NotText(&'static str),
    /// These bytes are malformed in the encoding.
    Malformed {
        encoding: &'static Encoding,
        sample: Vec<u8>,
    },
}

impl Text {
    /// Opens a stream. The encoding is that of the byte order mark, else `encoding`, else UTF-8.
    pub(super) fn open(bytes: Box<dyn Read + Send>, encoding: Option<&'static Encoding>) -> Result<Self, TextError> {
        let encoding = encoding.unwrap_or(UTF_8);
        let mut text = Self {
            bytes,
            encoding,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: vec![0; KEPT + CHUNK],
            raw_at: 0,
            raw_end: 0,
            is_read: false,
            is_decoded: false,
            text: Vec::new(),
            at: 0,
            end: 0,
            malformed: None,
            position: 0,
        };
        // A pipe may deliver the byte order mark in pieces.
        while text.raw_end < KEPT && !text.is_read {
            text.read().map_err(TextError::Io)?;
        }
        let begin = &text.raw[..text.raw_end];
        if let Some(what) = other_than_text(begin, encoding) {
            return Err(TextError::NotText(what));
        }
        if let Some((encoding, mark)) = Encoding::for_bom(begin) {
            text.encoding = encoding;
            text.decoder = encoding.new_decoder_without_bom_handling();
            text.raw_at = mark;
            text.position = mark as u64;
        }
        Ok(text)
    }

    /// Returns the number of original bytes consumed: exact, except in East Asian encodings.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Returns the decoded bytes that are not consumed.
    pub(super) fn buffer(&self) -> &[u8] {
        &self.text[self.at..self.end]
    }

    /// Fills the buffer; returns false at the end.
    pub(super) fn fill(&mut self) -> Result<bool, TextError> {
        while self.buffer().is_empty() {
            // The text before malformed bytes is consumed first, so that the rows before them are read.
            if let Some(sample) = &self.malformed {
                return Err(TextError::Malformed { encoding: self.encoding, sample: sample.clone() });
            }
            if self.is_decoded {
                return Ok(false);
            }
            self.decode()?;
        }
        Ok(true)
    }

    pub(super) fn consume(&mut self, count: usize) {
        let consumed = &self.text[self.at..self.at + count];
        // The decoder does not map decoded bytes back to original ones, so their length is computed.
        self.position += original_length(self.encoding, consumed);
        self.at += count;
    }

    /// Returns the text up to the end of this line without consuming it, as far as it can be decoded and is not too
    /// long.
    pub(super) fn peek_line(&mut self) -> Result<&[u8], TextError> {
        let mut looked_at = 0;
        loop {
            let end = self.buffer()[looked_at..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            if let Some(end) = end {
                return Ok(&self.buffer()[..looked_at + end]);
            }
            looked_at = self.buffer().len();
            if looked_at > MAX_ROW_LENGTH || self.malformed.is_some() || self.is_decoded {
                return Ok(self.buffer());
            }
            self.decode()?;
        }
    }

    /// Decodes more bytes into the buffer.
    fn decode(&mut self) -> Result<(), TextError> {
        self.text.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.at = 0;
        if self.raw_at == self.raw_end && !self.is_read {
            // Keep the last decoded bytes for error messages.
            let kept = self.raw_end.min(KEPT);
            self.raw.copy_within(self.raw_end - kept..self.raw_end, 0);
            (self.raw_at, self.raw_end) = (kept, kept);
            self.read().map_err(TextError::Io)?;
        }
        let from = &self.raw[self.raw_at..self.raw_end];
        let room = self.decoder.max_utf8_buffer_length_without_replacement(from.len()).unwrap_or(CHUNK);
        self.text.resize(self.text.len().max(self.end + room), 0);
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(from, &mut self.text[self.end..], self.is_read);
        self.end += written;
        self.raw_at += read;
        match result {
            DecoderResult::InputEmpty => self.is_decoded = self.is_read,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, after) => {
                let length = usize::from(length) + usize::from(after);
                let sample = &self.raw[self.raw_at.saturating_sub(length)..self.raw_end];
                self.malformed = Some(sample[..sample.len().min(SAMPLE)].to_owned());
            }
        }
        Ok(())
    }

    /// Reads more bytes.
    fn read(&mut self) -> io::Result<()> {
        let count = loop {
            match self.bytes.read(&mut self.raw[self.raw_end..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.raw_end += count;
        self.is_read = count == 0;
        Ok(())
    }
}

/// Returns what a file looks like that begins with these bytes and is not text in this encoding.
fn other_than_text(begin: &[u8], encoding: &'static Encoding) -> Option<&'static str> {
    match begin {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("it is UTF-32; save it as UTF-8"),
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            Some("it is a spreadsheet workbook or an archive; save it as CSV in UTF-8")
        }
        [1..=255, 0, ..] if encoding == UTF_8 => {
            Some("it looks like UTF-16 without a byte order mark; if it is, use --encoding utf-16le")
        }
        [0, 1..=255, ..] if encoding == UTF_8 => {
            Some("it looks like UTF-16 without a byte order mark; if it is, use --encoding utf-16be")
        }
        _ => None,
    }
}

/// Returns the length of a text in its original encoding.
fn original_length(encoding: &'static Encoding, text: &[u8]) -> u64 {
    if encoding == UTF_8 {
        return text.len() as u64;
    }
    let is_utf_16 = encoding == UTF_16LE || encoding == UTF_16BE;
    let length = |first: &u8| match first {
        // Continuation bytes.
        0x80..=0xbf => 0,
        0xf0.. if is_utf_16 => 4,
        _ if is_utf_16 => 2,
        0xc0.. if !encoding.is_single_byte() => 2,
        _ => 1,
    };
    text.iter().map(length).sum()
}

/// Counts lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineCount {
    line: u64,
    is_after_cr: bool,
}

impl LineCount {
    /// The first line is 1.
    pub(super) fn new() -> Self {
        Self { line: 1, is_after_cr: false }
    }

    /// Returns the line of the next byte. LF, CRLF and CR each end a line.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn pass(&mut self, byte: u8) {
        match byte {
            b'\n' if self.is_after_cr => {}
            b'\n' | b'\r' => self.line += 1,
            _ => {}
        }
        self.is_after_cr = byte == b'\r';
    }
}
