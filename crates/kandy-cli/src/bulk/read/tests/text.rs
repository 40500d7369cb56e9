//! Bytes and their encodings: however they arrive, the same is read, and a row ends where its bytes end.

use std::io::{self, Read};

use encoding_rs::{BIG5, EUC_KR, Encoding, GB18030, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{COLUMNS, JsonRows, ReadArguments, read_csv};
use crate::{
    bulk::read::{Row, csv_rows::CsvRows, text::MAX_ROW_LENGTH},
    failure::Result,
};

/// What a source gives at one read.
enum Step {
    Bytes(&'static [u8]),
    Fault(io::ErrorKind),
}

/// A source that gives these in turn, then ends.
struct Steps(std::vec::IntoIter<Step>);

impl Read for Steps {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.next() {
            Some(Step::Bytes(bytes)) => {
                buffer[..bytes.len()].copy_from_slice(bytes);
                Ok(bytes.len())
            }
            Some(Step::Fault(kind)) => Err(kind.into()),
            None => Ok(0),
        }
    }
}

/// Reads rows to the end or an error: the lines of the rows, and the error.
fn read_all(mut next: impl FnMut() -> Result<Option<Row>>) -> (Vec<u64>, Option<String>) {
    let mut lines = Vec::new();
    loop {
        match next() {
            Ok(Some(row)) => lines.push(row.line),
            Ok(None) => return (lines, None),
            Err(failure) => return (lines, Some(failure.to_string())),
        }
    }
}

fn read_csv_steps(steps: Vec<Step>) -> (Vec<u64>, Option<String>) {
    let source = Box::new(Steps(steps.into_iter()));
    match CsvRows::open("list.csv", source, COLUMNS, ReadArguments::default()) {
        Ok(mut rows) => read_all(|| rows.next()),
        Err(failure) => (Vec::new(), Some(failure.to_string())),
    }
}

fn read_json_steps(steps: Vec<Step>) -> (Vec<u64>, Option<String>) {
    let source = Box::new(Steps(steps.into_iter()));
    match JsonRows::open("list.jsonl", source, COLUMNS, ReadArguments::default()) {
        Ok(mut rows) => read_all(|| rows.next()),
        Err(failure) => (Vec::new(), Some(failure.to_string())),
    }
}

/// A signal interrupts a read, which is no error of the stream.
#[test]
fn interrupted_read_is_repeated() {
    let interrupted = || Step::Fault(io::ErrorKind::Interrupted);
    let csv = || vec![interrupted(), Step::Bytes(b"to\n1"), interrupted(), interrupted(), Step::Bytes(b"\n2\n")];
    assert_eq!(read_csv_steps(csv()), (vec![2, 3], None));
    let json = vec![interrupted(), Step::Bytes(b"{}"), interrupted(), Step::Bytes(b"\n{}\n"), interrupted()];
    assert_eq!(read_json_steps(json), (vec![1, 2], None));
}

/// What follows an error may be another part of the stream, so that rows would be skipped or joined.
#[test]
fn stream_ends_at_its_first_error_after_the_rows_before_it() {
    let broken = || Step::Fault(io::ErrorKind::ConnectionReset);
    let message = io::Error::from(io::ErrorKind::ConnectionReset).to_string();
    let ended = |file: &str, line: u64| format!("{file}, line {line}: {message}; no row from there on was processed");
    for (steps, lines, reason) in [
        (vec![Step::Bytes(b"to\n1\n"), broken(), Step::Bytes(b"2\n")], vec![2], ended("list.csv", 3)),
        (vec![Step::Bytes(b"to\n1\n2"), broken(), Step::Bytes(b"\n")], vec![2], ended("list.csv", 3)),
        (vec![Step::Bytes(b"to"), broken(), Step::Bytes(b"\n1\n")], vec![], format!("list.csv, line 1: {message}")),
    ] {
        assert_eq!(read_csv_steps(steps), (lines, Some(reason)));
    }
    for (steps, lines, reason) in [
        (vec![Step::Bytes(b"{}\n{}\n"), broken(), Step::Bytes(b"{}\n")], vec![1, 2], ended("list.jsonl", 3)),
        // The few bytes that may be a byte order mark are a row already.
        (vec![Step::Bytes(b"{} \n"), broken(), Step::Bytes(b"{}\n")], vec![1], ended("list.jsonl", 2)),
        (vec![Step::Bytes(b"{}\n"), broken(), Step::Bytes(b"{}\n")], vec![], format!("list.jsonl, line 1: {message}")),
    ] {
        assert_eq!(read_json_steps(steps), (lines, Some(reason)));
    }
}

/// Returns a text in this encoding.
fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
    match encoding {
        _ if encoding == UTF_16LE => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        _ if encoding == UTF_16BE => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => {
            let (bytes, _, is_lossy) = encoding.encode(text);
            assert!(!is_lossy, "{text:?} in {}", encoding.name());
            bytes.into_owned()
        }
    }
}

/// Progress is shown by the bytes that are done, so it is 100 % at the end in every encoding.
#[test]
fn rows_end_where_their_bytes_end() {
    for (encoding, values) in [
        (UTF_8, &["1", "J\u{fc}", "2 \u{20ac}", "\u{1f600}"][..]),
        (UTF_16LE, &["1", "J\u{fc}", "2 \u{20ac}", "\u{1f600}"]),
        (UTF_16BE, &["1", "J\u{fc}", "2 \u{20ac}", "\u{1f600}"]),
        (WINDOWS_1252, &["1", "J\u{fc}", "2 \u{20ac}"]),
        (SHIFT_JIS, &["1", "\u{30bd}\u{30dd}", "\u{540d}"]),
        (EUC_KR, &["1", "\u{d55c}\u{ae00}"]),
        (GB18030, &["1", "\u{6c49}\u{5b57}"]),
        (BIG5, &["1", "\u{6f22}\u{5b57}"]),
    ] {
        for mark in ["", "\u{feff}"] {
            if !mark.is_empty() && ![UTF_8, UTF_16LE, UTF_16BE].contains(&encoding) {
                continue;
            }
            let mut list = format!("{mark}text,to\n");
            let mut ends = Vec::new();
            for value in values {
                list.push_str(&format!("{value},1\n"));
                ends.push(encoded(&list, encoding).len() as u64);
            }
            let arguments = ReadArguments { encoding: Some(encoding), ..ReadArguments::default() };
            for most in [1, 3, 1 << 12] {
                let rows = read_csv(encoded(&list, encoding), most, arguments).unwrap();
                let read: Vec<_> = rows.iter().map(|row| row.end).collect();
                assert_eq!(read, ends, "{} {mark:?} {most}", encoding.name());
            }
        }
    }
    // Big5 has characters beyond 16 bits, of two bytes as all others: U+27267 and U+27D73.
    let list = b"text,to\n\x87\x45,1\n\x87\x65\x87\x65,1\n";
    let arguments = ReadArguments { encoding: Some(BIG5), ..ReadArguments::default() };
    let rows = read_csv(&list[..], 5, arguments).unwrap();
    assert_eq!(rows.iter().map(|row| row.end).collect::<Vec<_>>(), [13, list.len() as u64]);
}

/// The message names the first of the malformed bytes, also of those that arrived in the read before.
#[test]
fn invalid_bytes_are_shown_the_same_however_they_arrive() {
    let utf_16 = |encoding, units: &[u16]| {
        let mut bytes = encoded("\u{feff}to\n1", encoding);
        let order = if encoding == UTF_16LE { u16::to_le_bytes } else { u16::to_be_bytes };
        bytes.extend(units.iter().flat_map(|unit| order(*unit)));
        bytes
    };
    for (list, encoding, what) in [
        // The beginning of a character of three or four bytes.
        (
            b"to\n1a\xf0\x9f\x98,\n".to_vec(),
            UTF_8,
            "column \"to\" is not UTF-8 (byte 0xF0); as Windows-1252, which spreadsheets write, it reads \"1a\u{f0}\u{178}\u{2dc}\"",
        ),
        (
            b"to\n1a\xf0\x9f\x98".to_vec(),
            UTF_8,
            "(byte 0xF0); as Windows-1252, which spreadsheets write, it reads \"1a\u{f0}\u{178}\u{2dc}\"",
        ),
        (
            b"to\n12345\xe2\x82\n".to_vec(),
            UTF_8,
            "(byte 0xE2); as Windows-1252, which spreadsheets write, it reads \"12345\u{e2}\u{201a}\"",
        ),
        (
            b"to\n123456\xfc\n".to_vec(),
            UTF_8,
            "(byte 0xFC); as Windows-1252, which spreadsheets write, it reads \"123456\u{fc}\"",
        ),
        // Half a surrogate pair, in the middle and at the end, and half a unit.
        (utf_16(UTF_16LE, &[0xd83d, 0x61, 0x0a]), UTF_16LE, "column \"to\" is not UTF-16LE (byte 0x3D)"),
        (utf_16(UTF_16BE, &[0xd83d, 0x61, 0x0a]), UTF_16BE, "column \"to\" is not UTF-16BE (byte 0xD8)"),
        (utf_16(UTF_16LE, &[0xde01, 0x61, 0x0a]), UTF_16LE, "column \"to\" is not UTF-16LE (byte 0x01)"),
        (utf_16(UTF_16LE, &[0xd83d]), UTF_16LE, "column \"to\" is not UTF-16LE (byte 0x3D)"),
        ([utf_16(UTF_16BE, &[]), b"\x41".to_vec()].concat(), UTF_16BE, "column \"to\" is not UTF-16BE (byte 0x41)"),
        (b"to\n1\x83\x20\n".to_vec(), SHIFT_JIS, "column \"to\" is not Shift_JIS (byte 0x83)"),
        (b"to\n1\x81\x30\x81\n".to_vec(), GB18030, "column \"to\" is not gb18030 (byte 0x81)"),
    ] {
        let arguments = ReadArguments { encoding: Some(encoding), ..ReadArguments::default() };
        for most in (1..10).chain([1 << 12]) {
            let reason = read_csv(list.clone(), most, arguments).expect_err("it is refused");
            assert!(reason.starts_with("list.csv, line 2: ") && reason.contains(what), "{list:?} {most}: {reason}");
        }
    }
}

/// Files of other programs are recognized by their first bytes.
#[test]
fn files_that_are_not_text_are_rejected() {
    for (list, what) in [
        (&b"\xff\xfe\0\0t\0\0\0"[..], "it is UTF-32; save it as UTF-8"),
        (b"\0\0\xfe\xff\0\0\0t", "it is UTF-32; save it as UTF-8"),
        (b"PK\x03\x04\x14\0", "it is a spreadsheet workbook or an archive; save it as CSV in UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "it is a spreadsheet workbook or an archive; save it as CSV in UTF-8"),
        (b"t\0o\0", "if it is, use --encoding utf-16le"),
        (b"\0t\0o", "if it is, use --encoding utf-16be"),
    ] {
        for most in [1, 3, 1 << 12] {
            let reason = read_csv(list, most, ReadArguments::default()).expect_err("it is refused");
            assert!(reason.starts_with("list.csv, line 1: ") && reason.contains(what), "{list:?}: {reason}");
        }
    }
    // The advice that it gives works.
    for encoding in [UTF_16LE, UTF_16BE] {
        let arguments = ReadArguments { encoding: Some(encoding), ..ReadArguments::default() };
        assert_eq!(read_csv(encoded("to\n1\n", encoding), 3, arguments).unwrap().len(), 1, "{}", encoding.name());
    }
}

/// A header without an end: a source that gives more than is needed to reject it, then fails.
struct EndlessHeader(usize);

impl Read for EndlessHeader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 > 2 * MAX_ROW_LENGTH {
            return Err(io::Error::other("too much is read"));
        }
        let count = buffer.len().min(1009);
        buffer[..count].fill(b'x');
        self.0 += count;
        Ok(count)
    }
}

#[test]
fn header_without_an_end_is_rejected_before_it_fills_the_memory() {
    let opened = CsvRows::open("list.csv", Box::new(EndlessHeader(0)), COLUMNS, ReadArguments::default());
    let reason = opened.err().expect("it is refused").to_string();
    assert_eq!(reason, "list.csv, line 1: the row is longer than 1 MiB");
}
