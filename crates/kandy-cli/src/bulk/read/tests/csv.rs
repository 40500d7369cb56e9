//! CSV files: what is read, and what is rejected.

use encoding_rs::{SHIFT_JIS, UTF_16BE, WINDOWS_1252};

use super::{read_csv, record, refused};
use crate::bulk::read::{ReadArguments, arguments::Form, text::MAX_ROW_LENGTH};

fn read(list: &str) -> Result<Vec<super::Row>, String> {
    read_csv(list, 5, ReadArguments::default())
}

/// Returns why a file is rejected.
fn reason(list: impl Into<Vec<u8>>) -> String {
    read_csv(list, 1 << 12, ReadArguments::default()).expect_err("it is refused")
}

#[test]
fn stray_quote_is_rejected_with_its_line() {
    for (list, line, what) in [
        // The closing quote is far away, near, at the start of a value, or in another column.
        (
            "to,text\n1,\"a\n2,b\n3,c\" d\n4,e\n",
            4,
            "text after the closing quote in column \"text\" (opened in line 2)",
        ),
        ("to,text\n1,\"a\n2,\"b\n", 3, "text after the closing quote in column \"text\" (opened in line 2)"),
        ("to,text\r\n1,\"a\r\n\"2,b\r\n", 3, "(opened in line 2)"),
        ("to,text\r\"1,a\r2\",b\r3,\"c\r", 4, "the quote that opens column \"text\" is not closed"),
        // Only a delimiter may follow a closing quote.
        ("to,text\n1,\"a\" b\n", 2, "text after the closing quote"),
        ("to,text\n1,\"a\" \n", 2, "text after the closing quote"),
        ("to,text\n1,\"a\"b\"\n", 2, "text after the closing quote"),
        ("to,text\n1,\"a \\\"b\\\" c\"\n", 2, "text after the closing quote"),
        ("to,text\n1,\"a\"\"\n", 2, "the quote that opens column \"text\" is not closed"),
        // A quote opens inside a value.
        ("to,text\n1,b\n2, \"a\"\n", 3, "opening quote inside column \"text\""),
        ("to,text\n1,b\n2,a \"b, c\"\n", 3, "opening quote inside column \"text\""),
        ("to,text\n\u{a0}\"1\",b\n", 2, "opening quote inside column \"to\""),
        ("to,\"text\n1,b\n", 1, "the quote that opens column 2 is not closed"),
        ("to,text\n1,b,c,\"d\n", 2, "the quote that opens column 4 is not closed"),
    ] {
        let reason = reason(list);
        assert!(reason.starts_with(&format!("list.csv, line {line}: ")) && reason.contains(what), "{list:?}: {reason}");
    }
}

#[test]
fn reads_correct_quotes() {
    let rows = read(concat!(
        "to,text\n",
        "1,the 5\" pipe is in\n",
        "2,\"two\nlines\"\n",
        "3,\"she said \"\"hi\"\"\"\n",
        "4,=\"0049\"\n",
        "5,\"\"\n",
        "6,\"\"\"\"\n",
        "\"7\",\"a,b\""
    ));
    let rows: Vec<_> = rows.unwrap().iter().map(record).collect();
    let expected = [
        (2, "1", "the 5\" pipe is in"),
        (3, "2", "two\nlines"),
        (5, "3", "she said \"hi\""),
        (6, "4", "=\"0049\""),
        (7, "5", ""),
        (8, "6", "\""),
        (9, "7", "a,b"),
    ];
    assert_eq!(rows, expected.map(|(line, to, text)| (line, vec![to.to_owned(), text.to_owned()])));
}

#[test]
fn lines_are_counted_with_all_ends() {
    let list = "to,text\n1,\"a\nb\"\n\n\n,c\n2,d\n \n,e";
    for end in ["\n", "\r\n", "\r"] {
        let rows = read(&list.replace('\n', end)).unwrap();
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 6, 7, 9], "{end:?}");
        let lines: Vec<_> = refused(&rows).iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [6, 9], "{end:?}");
    }
    let rows = read("to\r\n1\r2\n\r\n3\n\n\r\r\n4").unwrap();
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3, 5, 9]);
}

#[test]
fn skips_spreadsheet_leftovers() {
    let rows = read("to,text,,\n1,a,,\n,,,\n \t, ,\u{a0},\n2,b,,\n3,c,x,\n").unwrap();
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5, 6]);
    assert_eq!(refused(&rows), [(6, "there is \"x\" in column 3, which has no name")]);
    let rows = read("to,user_password,\n1,a,x\n").unwrap();
    assert_eq!(refused(&rows), [(2, "there is a value in column 3, which has no name")]);
}

/// The column of errors in a file for rejected rows is full of text, and is read again.
#[test]
fn values_of_ignored_columns_are_not_looked_at() {
    let rows = read("to,error\n1,x\n2,\n").unwrap();
    assert_eq!((rows.len(), refused(&rows)), (2, vec![]));
    let arguments = ReadArguments { ignore_unknown_columns: true, ..ReadArguments::default() };
    let rows = read_csv("to,,txet\n1,x,y\n2,,\n", 5, arguments).unwrap();
    assert_eq!((rows.len(), refused(&rows)), (2, vec![]));
}

#[test]
fn rejects_rows_with_other_lengths() {
    let rows = read("to;text\n1\n2;a;b\n3;\n").unwrap();
    assert_eq!(
        refused(&rows),
        [
            (2, "there are 1 values for 2 columns; a value may be empty, but must be present"),
            (3, "there are 3 values for 2 columns; put quotes around a value that contains ';'"),
        ]
    );
}

#[test]
fn header_determines_the_delimiter() {
    for list in [
        "to;text\n1;a,b\n",
        "to\ttext\n1\ta,b\n",
        "sep=;\nto;text\n1;a,b\n",
        "\"sep=|\"\r\nto|text\r\n1|a,b\r\n",
        "SEP=\t\rto\ttext\r1\ta,b\r",
        "\n\r\n TO ; Text \n1;a,b\n",
        "sep=,\nto,text\n1,\"a,b\"\n",
    ] {
        let rows = read(list).unwrap();
        assert_eq!(record(&rows[0]).1, ["1", "a,b"], "{list:?}");
        assert!(rows[0].fields.is_ok(), "{list:?}");
    }
    // An option takes precedence over detection.
    let with = |delimiter| ReadArguments { delimiter: Some(delimiter), ..ReadArguments::default() };
    let rows = read_csv("sep=;\nto|text\n1|a;b\n", 5, with(b'|')).unwrap();
    assert_eq!(record(&rows[0]), (3, vec!["1".to_owned(), "a;b".to_owned()]));
    for (list, delimiter, advice) in [
        ("to|text\n1|a\n", None, "use --delimiter '|'"),
        ("to,text\n1,a\n", Some(b';'), "use --delimiter ','"),
        ("to\ttext\n1\ta\n", Some(b';'), "use --delimiter tab"),
    ] {
        let arguments = ReadArguments { delimiter, ..ReadArguments::default() };
        let reason = read_csv(list, 5, arguments).unwrap_err();
        assert!(reason.contains(advice), "{reason}");
    }
}

#[test]
fn rejects_duplicate_columns() {
    for (list, what) in [
        ("to,to\n", "column \"to\" occurs twice"),
        ("to,Destination\n", "columns \"to\" and \"Destination\" have the same meaning"),
        ("text,to, MESSAGE \n", "columns \"text\" and \"MESSAGE\" have the same meaning"),
        ("text\n", "column \"destination\" or \"to\" is missing"),
        ("to,\u{1b}[31mtxt\n", "column \"\\u{1b}[31mtxt\" is not known"),
    ] {
        let reason = reason(list);
        assert!(reason.starts_with("list.csv, line 1: ") && reason.contains(what), "{reason}");
    }
}

#[test]
fn errors_name_columns_as_in_the_file() {
    let rows = read(" To ,Text\n,a\n").unwrap();
    assert_eq!(refused(&rows), [(2, "column \"To\" is empty")]);
    let rows = read("DESTINATION\n1\u{200b}\n").unwrap();
    assert!(refused(&rows)[0].1.starts_with(r#"column "DESTINATION": "1\u{200b}" cannot be used"#), "{rows:?}");
}

#[test]
fn rejects_other_encodings_with_advice() {
    for (list, what) in [
        (
            &b"to,text\n1,J\xfcrgen\n"[..],
            r#"line 2: column "text" is not UTF-8 (byte 0xFC); as Windows-1252, which spreadsheets write, it reads "Jürgen""#,
        ),
        (b"to,text\n1,a\n2,\"x\ny\x93b\x94\"\n", r#"line 4: column "text" is not UTF-8 (byte 0x93)"#),
        (b"to,te\xe9\n", r#"line 1: column 2 is not UTF-8 (byte 0xE9)"#),
        (b"to,text\n1,a\xe2\x82", r#"line 2: column "text" is not UTF-8 (byte 0xE2)"#),
        (b"t\0o\0,\0", "line 1: it looks like UTF-16 without a byte order mark; if it is, use --encoding utf-16le"),
        (b"\0t\0o\0,", "use --encoding utf-16be"),
        (b"\xff\xfe\0\0t\0\0\0", "it is UTF-32; save it as UTF-8"),
        (b"PK\x03\x04\x14\0", "it is a spreadsheet workbook"),
        (b"\xff\xfet\0o\0\n\0\x00\xd8a\0", "is not UTF-16LE (byte 0x00)"),
    ] {
        let reason = reason(list);
        assert!(reason.contains(what), "{reason}");
    }
    // Of a long value the end is shown, where the invalid byte is.
    let reason = self::reason([format!("to,text\n1,{}", "x".repeat(5_000)).as_bytes(), b" n\xefve,\n"].concat());
    assert!(reason.contains(&format!("it reads \"{} naïve\"", "x".repeat(18)).replace("naï", "nï")), "{reason}");
    // With a password column, no value is shown.
    let reason = self::reason(&b"to,user_password\ngeheim12\xfc,1\n"[..]);
    assert!(reason.contains("--encoding windows-1252") && !reason.contains("geheim"), "{reason}");
}

#[test]
fn reads_other_encodings() {
    for (bytes, encoding) in [
        (&b"to,text\n1,J\xfcrgen \x80\n"[..], WINDOWS_1252),
        (b"\0t\0o\0,\0t\0e\0x\0t\0\n\x001\0,\0J\0\xfc\0r\0g\0e\0n\0 \x20\xac", UTF_16BE),
        // The byte order mark takes precedence, so a rejected file is read correctly with the same option.
        ("\u{feff}to,text\n1,Jürgen €\n".as_bytes(), WINDOWS_1252),
    ] {
        let arguments = ReadArguments { encoding: Some(encoding), ..ReadArguments::default() };
        let rows = read_csv(bytes, 3, arguments).unwrap();
        assert_eq!(record(&rows[0]).1, ["1", "Jürgen €"]);
        assert_eq!(arguments.form(), Form { delimiter: b',', mark: true });
    }
    let arguments = ReadArguments { encoding: Some(SHIFT_JIS), ..ReadArguments::default() };
    let rows = read_csv(&b"to,text\n1,\x83\x5c\x83\x7c\n"[..], 1, arguments).unwrap();
    assert_eq!(record(&rows[0]).1, ["1", "ソポ"]);
    assert_eq!(rows[0].end, 15);
}

#[test]
fn rejects_endless_rows() {
    let long = "x".repeat(MAX_ROW_LENGTH);
    assert!(reason(format!("to,text\n1,a\n2,{long}\n")).contains("line 3: the row is longer than 1 MiB"));
    let lines = "3,b\n".repeat(MAX_ROW_LENGTH / 4);
    let reason = reason(format!("to,text\n1,a\n2,\"b\n{lines}"));
    assert!(
        reason
            .contains("line 3: the row is longer than 1 MiB; close the quote that opens in line 3 if it is not closed"),
        "{reason}"
    );
    // A row just below the limit is read.
    let rows =
        read_csv(format!("to,text\n1,{}\n", "x".repeat(MAX_ROW_LENGTH - 100)), 1 << 14, ReadArguments::default());
    assert_eq!(rows.unwrap().len(), 1);
}

#[test]
fn delimiter_is_not_guessed_from_what_is_none() {
    // A header of one column has no delimiter: it is the comma.
    let rows = read("to\n1,5\n1;5\n").unwrap();
    assert_eq!(refused(&rows).len(), 1);
    assert!(refused(&rows)[0].1.ends_with("put quotes around a value that contains ','"), "{rows:?}");
    // Headers that resemble a `sep=` line, and lines that name no separator.
    assert_eq!(read("to,,,\n1,,,\n").unwrap().len(), 1);
    for list in ["sep=a\nto\n1\n", "sep=\"\nto\n1\n", "sep=\nto\n1\n", "sep=,,\nto\n1\n"] {
        assert!(reason(list).starts_with("list.csv, line 1: "), "{list:?}");
    }
    // Advice is given only where it helps.
    for list in ["to,txet\n", "to;txet\n", "txet\n"] {
        let reason = reason(list);
        assert!(!reason.contains("--delimiter"), "{reason}");
    }
}

/// The limit does not depend on how the bytes arrive, nor on empty lines before the row.
#[test]
fn rows_may_have_one_mebibyte() {
    for (before, value, after) in [("", "x", ""), ("1,", "x", ",2"), ("\"", "\n", "\""), ("\"", "\"\"", "\"")] {
        let room = MAX_ROW_LENGTH - before.len() - after.len();
        let row = |most: usize| format!("{before}{}{after}", value.repeat(most / value.len()));
        for (length, is_read) in [(room, true), (room + value.len(), false)] {
            let list = format!("to,source,text\n{}\n", row(length));
            for most in [usize::MAX, 1009] {
                let read = read_csv(list.clone(), most, ReadArguments::default());
                let reason = read.as_ref().err().map_or("", |reason| reason);
                assert_eq!(
                    reason.contains("line 2: the row is longer than 1 MiB"),
                    !is_read,
                    "{value:?} {length}: {reason}"
                );
            }
        }
    }
    let list = format!("to\n{}1\n", "\n".repeat(MAX_ROW_LENGTH + 2));
    assert_eq!(read_csv(list, 1 << 14, ReadArguments::default()).unwrap().len(), 1);
}
