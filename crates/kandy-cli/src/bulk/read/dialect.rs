//! Detects which character separates the columns of a file.

use csv::ByteRecord;

use super::{Columns, arguments::is_delimiter, records::Records, text::Text};

/// Delimiters that are detected.
const DETECTED: [u8; 3] = [b',', b';', b'\t'];

/// Delimiters that must be requested with `--delimiter`.
const SUGGESTED: [u8; 5] = [b'|', b':', b'^', b'~', b' '];

/// Returns the delimiter in a line such as `sep=;`, which spreadsheets write before the header.
pub(super) fn separator(line: &str) -> Option<u8> {
    let line = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
    let (name, delimiter) = line.split_at_checked(4)?;
    match delimiter.as_bytes() {
        [byte] if name.eq_ignore_ascii_case("sep=") && is_delimiter(*byte) => Some(*byte),
        _ => None,
    }
}

/// Returns the delimiter that yields the most known columns in a header; the comma if none is better.
pub(super) fn detect(header: &str, columns: &Columns) -> u8 {
    best(header, columns, &DETECTED).map_or(b',', |(_, delimiter)| delimiter)
}

/// Returns a value for `--delimiter` that yields more known columns than another delimiter.
pub(super) fn suggest(header: &str, columns: &Columns, other: u8) -> Option<String> {
    let all = [&DETECTED[..], &SUGGESTED[..]].concat();
    let known_with = |delimiter| best(header, columns, &[delimiter]).map_or(0, |(known, _)| known);
    let (known, delimiter) = best(header, columns, &all)?;
    (known > known_with(other)).then(|| match delimiter {
        b'\t' => "tab".into(),
        delimiter => format!("'{}'", char::from(delimiter)),
    })
}

/// Returns the first candidate with the most known columns, and their number.
fn best(header: &str, columns: &Columns, candidates: &[u8]) -> Option<(usize, u8)> {
    let mut best = None;
    for delimiter in candidates {
        let known = names(header, *delimiter).iter().filter(|name| columns.is_known(name)).count();
        if known > best.map_or(0, |(most, _)| most) {
            best = Some((known, *delimiter));
        }
    }
    best
}

/// Splits a line into column names, as far as it can be read.
fn names(line: &str, delimiter: u8) -> Vec<String> {
    let mut record = ByteRecord::new();
    if let Ok(text) = Text::open(Box::new(std::io::Cursor::new(line.as_bytes().to_vec())), None) {
        // An error in the line is reported when it is read as the header.
        drop(Records::new(text, delimiter).read(&mut record));
    }
    record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}
