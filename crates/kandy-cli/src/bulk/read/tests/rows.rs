//! Files as a whole: what is checked before anything is sent, and which rows are passed on.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read},
    path::Path,
};

use super::{COLUMNS, pieces};
use crate::bulk::{
    format::Format,
    input::Input,
    journal::{Finished, Journal},
    read::{ReadArguments, Row, Rows},
};

fn opened(folder: &Path, name: &str, text: &[u8]) -> Result<Rows, String> {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    let input = Input::open(path.to_str().unwrap(), None).unwrap();
    Rows::open(input, COLUMNS, ReadArguments::default()).map_err(|failure| failure.to_string())
}

fn stream(format: Format, bytes: Box<dyn Read + Send>) -> Rows {
    let input = Input { name: "stdin".into(), path: None, format, length: None, bytes, again: None };
    Rows::open(input, COLUMNS, ReadArguments::default()).unwrap_or_else(|failure| panic!("{failure}"))
}

/// Reads all rows in the thread. Returns them, and why reading stopped.
fn received(rows: Rows, finished: Finished, begun: BTreeSet<u64>) -> (Vec<Row>, Vec<String>) {
    let (mut receiver, thread) = rows.read(finished, begun).unwrap();
    let (mut read, mut failures) = (Vec::new(), Vec::new());
    while let Some(row) = receiver.blocking_recv() {
        match row {
            Ok(row) => read.push(row),
            Err(failure) => failures.push(failure.to_string()),
        }
        assert!(failures.len() < 2, "{failures:?}");
    }
    thread.join().unwrap();
    (read, failures)
}

#[test]
fn file_with_an_unreadable_row_is_rejected_before_its_first_row() {
    let folder = tempfile::tempdir().unwrap();
    for (name, text, line) in [
        ("list.csv", &b"to\n1\n2\n\"3\n"[..], 4),
        ("list.csv", b"to\n1\n2\n3\xff\n", 4),
        ("list.jsonl", b"{\"to\":1}\n{\"to\":2}\n{\"to\":\"3\xff\"}\n", 3),
    ] {
        let reason = opened(folder.path(), name, text).err().unwrap_or_else(|| panic!("{name} is accepted"));
        assert!(reason.contains(&format!("{name}, line {line}: ")), "{reason}");
        assert!(reason.ends_with("; nothing was sent"), "{reason}");
    }
    for (name, text) in [("list.csv", &b"to\n1\n2\n"[..]), ("list.jsonl", b"{\"to\":1}\n{\"to\":2}\n")] {
        let mut rows = opened(folder.path(), name, text).unwrap();
        let header: Option<Vec<&[u8]>> = rows.header().map(|header| header.iter().collect());
        assert_eq!(header, name.ends_with(".csv").then(|| vec![&b"to"[..]]), "{name}");
        let ends = [rows.next(), rows.next()].map(|row| row.unwrap().expect("a row").end);
        // The last row ends with the file; the one before, where the last begins.
        let length = text.len() as u64;
        let last = text.split_inclusive(|byte| *byte == b'\n').next_back().map_or(0, <[u8]>::len) as u64;
        assert_eq!(ends, [length - last, length], "{name}");
        assert!(rows.next().unwrap().is_none(), "{name}");
    }
}

/// A row that is processed is not passed on, and one whose call was announced is passed on as such, so that it is not sent
/// again.
#[test]
fn processed_rows_are_skipped_and_begun_ones_marked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    fs::write(&path, "kandy journal 2 sms\nsource -\ntarget 1\nb 1\nb 2\nb 4\nc 1\ne 3\n").unwrap();
    for (format, text) in [
        (Format::Csv, "to\n10\n11\n12\n13\n14\n15\n".to_owned()),
        (Format::Jsonl, (10..16).map(|to| format!("{{\"to\":{to}}}\n")).collect()),
    ] {
        let past = Journal::peek(&path, "sms").unwrap();
        let (rows, failures) = received(stream(format, pieces(text, 3)), past.finished, past.begun);
        let read: Vec<_> = rows.iter().map(|row| (row.number, row.begun)).collect();
        assert_eq!((read, failures), (vec![(0, false), (2, true), (4, true), (5, false)], vec![]), "{format:?}");
        let values = rows.into_iter().map(|row| row.fields.unwrap().take("destination").unwrap());
        assert_eq!(values.collect::<Vec<_>>(), ["10", "12", "14", "15"], "{format:?}");
    }
}

#[test]
fn stream_ends_at_its_first_unreadable_row() {
    for (format, text) in [
        (Format::Csv, &b"to\n1\n2\"\n3\xff\n4\n"[..]),
        (Format::Csv, b"to\n1\n2\n\"3\" \n4\n"),
        (Format::Jsonl, b"{\"to\":1}\n{\"to\":2}\n{\"to\":\"\xff\"}\n{\"to\":4}\n"),
    ] {
        let (rows, failures) = received(stream(format, pieces(text, 5)), Finished::default(), BTreeSet::new());
        assert_eq!(rows.len(), 2, "{format:?}");
        let [failure] = &failures[..] else { panic!("{failures:?}") };
        assert!(failure.ends_with("; no row from there on was processed"), "{failure}");
    }
}

/// An endless stream: the thread ends when its receiver is dropped.
#[test]
fn reading_ends_with_its_reader() {
    let bytes = (&b"to\n"[..]).chain(io::repeat(b'1').take(3)).chain(Endless);
    let (mut receiver, thread) =
        stream(Format::Csv, Box::new(bytes)).read(Finished::default(), BTreeSet::new()).unwrap();
    assert!(receiver.blocking_recv().unwrap().is_ok());
    drop(receiver);
    thread.join().unwrap();
}

/// Repeats a row.
struct Endless;

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(2);
        buffer[..count].copy_from_slice(&b"\n1"[..count]);
        Ok(count)
    }
}
