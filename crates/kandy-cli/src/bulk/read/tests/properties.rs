//! The reader against a reference implementation, on generated files.

use csv::{QuoteStyle, Terminator, WriterBuilder};
use encoding_rs::{UTF_16LE, WINDOWS_1252};
use proptest::{collection::vec, prelude::*, sample::Index};

use super::{read_csv, record, reference};
use crate::bulk::read::ReadArguments;

/// Generates values with every character that means something to a reader.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ab\",;\t\r\n \u{a0}é€😀0-9.]{0,8}",
        1 => any::<String>(),
        1 => "\"{0,4}",
        1 => "[a-z]{0,3}",
    ]
}

fn records() -> impl Strategy<Value = Vec<[String; 3]>> {
    vec([value(), value(), value()], 0..8)
}

#[derive(Clone, Copy, Debug)]
struct Style {
    quotes: QuoteStyle,
    end: Terminator,
    delimiter: u8,
}

fn style() -> impl Strategy<Value = Style> {
    let quotes = prop_oneof![Just(QuoteStyle::Necessary), Just(QuoteStyle::Always), Just(QuoteStyle::NonNumeric)];
    let end = prop_oneof![Just(Terminator::Any(b'\n')), Just(Terminator::CRLF), Just(Terminator::Any(b'\r'))];
    let delimiter = prop_oneof![Just(b','), Just(b';'), Just(b'\t')];
    (quotes, end, delimiter).prop_map(|(quotes, end, delimiter)| Style { quotes, end, delimiter })
}

/// Writes a file with the csv crate.
fn written(records: &[[String; 3]], style: Style) -> String {
    let mut writer = WriterBuilder::new()
        .quote_style(style.quotes)
        .terminator(style.end)
        .delimiter(style.delimiter)
        .from_writer(Vec::new());
    writer.write_record(["destination", "text", "source"]).unwrap();
    for record in records {
        writer.write_record(record).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn is_blank(values: &[String]) -> bool {
    values.iter().all(|value| value.trim().is_empty())
}

fn utf_16(text: &str) -> Vec<u8> {
    "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn every_field_arrives(records in records(), style in style(), most in 1_usize..70) {
        let list = written(&records, style);
        let expected: Vec<_> = records.iter().filter(|record| !is_blank(&record[..])).collect();
        let encoded = [
            (list.clone().into_bytes(), None),
            (format!("\u{feff}{list}").into_bytes(), None),
            (utf_16(&list), None),
            (utf_16(&list)[2..].to_vec(), Some(UTF_16LE)),
        ];
        let cp1252 = WINDOWS_1252.encode(&list);
        let cp1252 = (!cp1252.2).then(|| (cp1252.0.into_owned(), Some(WINDOWS_1252)));
        for (bytes, encoding) in encoded.into_iter().chain(cp1252) {
            let length = bytes.len() as u64;
            let arguments = ReadArguments { encoding, ..ReadArguments::default() };
            let mut rows = read_csv(bytes, most, arguments).unwrap();
            prop_assert_eq!(rows.iter().map(|row| record(row).1).collect::<Vec<_>>(), expected.clone());
            prop_assert!(rows.iter().all(|row| row.end <= length));
            prop_assert!(rows.windows(2).all(|rows| rows[0].end < rows[1].end && rows[0].line < rows[1].line));
            for (row, [destination, text, source]) in rows.iter_mut().zip(&expected) {
                let Ok(fields) = &mut row.fields else { continue };
                for (name, value) in [("destination", destination), ("text", text), ("source", source)] {
                    prop_assert_eq!(&fields.take(name).unwrap_or_default(), value);
                }
            }
        }
    }

    #[test]
    fn changed_records_are_rejected_or_read_as_written(
        records in records(),
        style in style(),
        changes in vec((any::<Index>(), 0_u8..3, "[\",;\t\r\n ab\u{a0}]"), 1..4),
        most in 1_usize..70,
    ) {
        let header = written(&[], style).len();
        let mut list: Vec<char> = written(&records, style).chars().collect();
        for (at, how, c) in changes {
            // Keep the header, so that the rows are compared.
            let at = header + at.index(list.len() - header + 1);
            match how {
                0 if at < list.len() => drop(list.remove(at)),
                1 if at < list.len() => list[at] = c.chars().next().unwrap(),
                _ => list.insert(at, c.chars().next().unwrap()),
            }
        }
        let list: String = list.into_iter().collect();
        let rows = read_csv(list.clone(), most, ReadArguments::default());
        match reference::read(&list, style.delimiter.into()) {
            Ok(expected) => {
                let is_used = |(_, values): &(u64, Vec<String>)| !is_blank(values);
                let expected: Vec<_> = expected.into_iter().skip(1).filter(is_used).collect();
                let rows = rows.map_err(TestCaseError::fail)?;
                prop_assert_eq!(rows.iter().map(record).collect::<Vec<_>>(), expected);
                // A row with another number of values is rejected.
                prop_assert!(rows.iter().all(|row| record(row).1.len() == 3 || row.fields.is_err()));
            }
            Err(()) => prop_assert!(rows.is_err(), "{list:?} was read as {rows:?}"),
        }
    }

    #[test]
    fn rejects_invalid_text(records in records(), style in style(), at in any::<Index>(), byte in 0x80_u8..) {
        let mut list = written(&records, style).into_bytes();
        list.insert(at.index(list.len() + 1), byte);
        if str::from_utf8(&list).is_err() {
            let reason = read_csv(list, 64, ReadArguments::default()).unwrap_err();
            prop_assert!(reason.contains("not UTF-8") || reason.contains("quote"), "{reason}");
        }
    }
}
