//! RejectedKind character is between the columns of a file.

use csv::ByteRecord;

use super::{Columns, arguments::is_delimiter, records::Records, text::Text};

/// What a spreadsheet may write instead of commas.
const UNDERSTOOD: [u8; 3] = [b',', b';', b'\t'];

/// What only `--delimiter` makes one.
const SUGGESTED: [u8; 5] = [b'|', b':', b'^', b'~', b' '];

/// The character in a line such as `sep=;`, which spreadsheets write before the header.
pub(super) fn separator(line: &str) -> Option<u8> {
    let line = line.strip_prefix('"').and_then(|line| line.strip_suffix('"')).unwrap_or(line);
    let (name, delimiter) = line.split_at_checked(4)?;
    match delimiter.as_bytes() {
        [byte] if name.eq_ignore_ascii_case("sep=") && is_delimiter(*byte) => Some(*byte),
        _ => None,
    }
}

/// The character with which most columns of a header are known. It is the comma where none is better.
pub(super) fn detect(header: &str, columns: &Columns) -> u8 {
    best(header, columns, &UNDERSTOOD).map_or(b',', |(_, delimiter)| delimiter)
}

/// What to give as `--delimiter` for a header that cannot be understood with another.
pub(super) fn suggest(header: &str, columns: &Columns, other: u8) -> Option<String> {
    let all = [&UNDERSTOOD[..], &SUGGESTED[..]].concat();
    let known_with = |delimiter| best(header, columns, &[delimiter]).map_or(0, |(known, _)| known);
    let (known, delimiter) = best(header, columns, &all)?;
    (known > known_with(other)).then(|| match delimiter {
        b'\t' => "tab".into(),
        delimiter => format!("'{}'", char::from(delimiter)),
    })
}

/// The first of the candidates with which most columns are known, and how many these are.
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

/// The names in a line, as far as it can be read.
fn names(line: &str, delimiter: u8) -> Vec<String> {
    let mut record = ByteRecord::new();
    if let Ok(text) = Text::open(Box::new(std::io::Cursor::new(line.as_bytes().to_vec())), None) {
        // What is wrong with the line is found when it is read in earnest.
        drop(Records::new(text, delimiter).read(&mut record));
    }
    record.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}
