//! Frames of cards.

use super::{COLUMNS, Pieces, ReadArguments, Row, all, pieces};
use crate::bulk::read::card_rows::{CardRows, write_rejected};
use std::io::{self, Read};

fn read_cards(bytes: impl Into<Vec<u8>>, most: usize) -> Result<Vec<Row>, String> {
    let bytes = bytes.into();
    let open = || CardRows::open("list.vcf", pieces(bytes.clone(), most), COLUMNS, ReadArguments::default());
    open().and_then(|mut rows| rows.check()).map_err(|failure| failure.to_string())?;
    let mut rows = open().map_err(|failure| failure.to_string())?;
    all(|| rows.next())
}

/// Returns the first line and the properties of each card.
fn cards(rows: &[Row]) -> Vec<(u64, String)> {
    let card = |row: &Row| row.fields.as_ref().unwrap().card().unwrap().trim_end().replace("\r\n", "|");
    rows.iter().map(|row| (row.line, card(row))).collect()
}

#[test]
fn each_card_is_a_row() {
    let utf_16: Vec<u8> = "\u{feff}BEGIN:VCARD\nFN:ö\nEND:VCARD\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected) in [
        (b"BEGIN:VCARD\r\nFN:a\r\nEND:VCARD\r\n".to_vec(), &[(1, "BEGIN:VCARD|FN:a|END:VCARD")][..]),
        (
            b"\xef\xbb\xbf\n begin:vCard \rFN:a\rEnd : vcard\r\rBEGIN:VCARD\rEND:VCARD".to_vec(),
            &[(2, "BEGIN:VCARD|FN:a|End : vcard"), (6, "BEGIN:VCARD|END:VCARD")],
        ),
        (utf_16, &[(1, "BEGIN:VCARD|FN:ö|END:VCARD")]),
        // A photo is skipped with its continued lines, folded or not, and only the photo.
        (
            b"BEGIN:VCARD\nPHOTO;ENCODING=b:AAAA\n BBBB\n\tCC:CC\nFN:a\n b\nitem1.Logo;X=\"y\":AA\nAAAA==\n\nKEY:x\nEND:VCARD\n".to_vec(),
            &[(1, "BEGIN:VCARD|FN:a| b|END:VCARD")],
        ),
        // Quoted-printable text of a skipped property ends, too.
        (
            b"BEGIN:VCARD\nLOGO;QUOTED-PRINTABLE:a=\nb\nFN:a\nEND:VCARD\n".to_vec(),
            &[(1, "BEGIN:VCARD|FN:a|END:VCARD")],
        ),
        // Quoted-printable text that looks like the end.
        (
            b"BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:a=\nEND:VCARD=\n\nEND:VCARD\n".to_vec(),
            &[(1, "BEGIN:VCARD|NOTE;ENCODING=QUOTED-PRINTABLE:a=|END:VCARD=||END:VCARD")],
        ),
        // A folded line is no end, either.
        (b"BEGIN:VCARD\nNOTE:a\n END:VCARD\nEND:VCARD\n".to_vec(), &[(1, "BEGIN:VCARD|NOTE:a| END:VCARD|END:VCARD")]),
        (
            b"BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:b\nEND:VCARD\nFN:a\nEND:VCARD\n".to_vec(),
            &[(1, "BEGIN:VCARD|AGENT:|BEGIN:VCARD|FN:b|END:VCARD|FN:a|END:VCARD")],
        ),
    ] {
        for most in [1, 7, 1 << 16] {
            let rows = read_cards(bytes.clone(), most);
            let text = String::from_utf8_lossy(&bytes);
            let expected: Vec<_> = expected.iter().map(|(line, card)| (*line, (*card).to_owned())).collect();
            assert_eq!(rows.map(|rows| cards(&rows)), Ok(expected), "{text:?} by {most}");
        }
    }
}

#[test]
fn files_that_are_no_cards_are_rejected() {
    for (bytes, said) in [
        (&b"BEGIN:VCARD\nFN:a\n"[..], "line 1: the card that begins here is not closed"),
        (
            b"BEGIN:VCARD\nFN:a\nBEGIN:VCARD\nFN:b\nEND:VCARD\n",
            "line 3: BEGIN:VCARD inside the card that begins in line 1",
        ),
        (
            b"BEGIN:VCARD\nEND:VCARD\nName,Phone\n",
            "line 3: expected BEGIN:VCARD, which begins a card, and not \"Name,Phone\"",
        ),
        (b"Name,Phone\na,1\n", "line 1: expected BEGIN:VCARD"),
        (b"BEGIN:VCALENDAR\nEND:VCALENDAR\n", "line 1: expected BEGIN:VCARD"),
        (b"END:VCARD\n", "line 1: expected BEGIN:VCARD"),
        (b"BEGIN:VCARD\nFN:J\xf6rg\nEND:VCARD\n", "line 2: it is not UTF-8"),
        (b"", "list.vcf has no card"),
        (b"\xef\xbb\xbf\r\n \n", "list.vcf has no card"),
        (b"PK\x03\x04", "workbook or an archive"),
        (b"\x1b[2J\n", "not \"\\u{1b}[2J\""),
    ] {
        let error = read_cards(bytes, 5).unwrap_err();
        assert!(error.contains(said), "{:?}: {error}", String::from_utf8_lossy(bytes));
    }
    let long = format!("BEGIN:VCARD\nNOTE:{}\nEND:VCARD\n", "a".repeat(1 << 20));
    assert!(read_cards(long, 1 << 16).unwrap_err().contains("line 1: the row is longer than 1 MiB"));
    let many = format!("BEGIN:VCARD\n{}END:VCARD\n", "NOTE:a\n".repeat(200_000));
    assert!(read_cards(many, 1 << 16).unwrap_err().contains("longer than 1 MiB"));
}

/// A photo of 16 MiB in one line, or in many, takes no memory: the card that is kept has none of it.
#[test]
fn photos_are_skipped_however_long() {
    const LENGTH: u64 = 16 << 20;
    for folded in [false, true] {
        let pattern: &'static [u8] = if folded { b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n " } else { b"A" };
        let photo = Pattern { pattern, at: 0 }.take(LENGTH);
        let begin = Pieces(io::Cursor::new(b"BEGIN:VCARD\nPHOTO:".to_vec()), 100);
        let end = io::Cursor::new(b"\nFN:a\nEND:VCARD\n".to_vec());
        let bytes = Box::new(begin.chain(photo).chain(end));
        let mut rows = CardRows::open("list.vcf", bytes, COLUMNS, ReadArguments::default()).ok().unwrap();
        let row = rows.next().ok().unwrap().unwrap();
        assert!(row.end > LENGTH);
        assert_eq!(cards(&[row]), [(1, "BEGIN:VCARD|FN:a|END:VCARD".to_owned())]);
    }
}

struct Pattern {
    pattern: &'static [u8],
    at: usize,
}

impl Read for Pattern {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for byte in buffer.iter_mut() {
            *byte = self.pattern[self.at];
            self.at = (self.at + 1) % self.pattern.len();
        }
        Ok(buffer.len())
    }
}

/// A rejected card has its reason, which is no part of it when it is read again.
#[test]
fn rejected_cards_are_cards() {
    let [row] = &read_cards(b"BEGIN:VCARD\nFN:a\nEND:VCARD".to_vec(), 9).unwrap()[..] else { panic!("not one") };
    let card = row.fields.as_ref().unwrap().card().unwrap();
    let mut written = Vec::new();
    write_rejected(&mut written, card, "line 1: a, b; c\\d").unwrap();
    let text = String::from_utf8(written.clone()).unwrap();
    assert_eq!(text, "BEGIN:VCARD\r\nFN:a\r\nX-KANDY-ERROR:line 1: a\\, b\\; c\\\\d\r\nEND:VCARD\r\n");
    let again = read_cards(written, 9).unwrap();
    assert_eq!(again[0].fields.as_ref().unwrap().card(), Some(card));
}
