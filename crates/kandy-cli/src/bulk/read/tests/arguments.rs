//! Options for reading a file, as they are written on the command line.

use clap::{Args, Command, FromArgMatches};
use encoding_rs::{UTF_8, WINDOWS_1252};

use crate::bulk::read::{ReadArguments, arguments::Form};

fn parsed(options: &[&str]) -> Result<ReadArguments, String> {
    let command = ReadArguments::augment_args(Command::new("kandy").no_binary_name(true));
    let matches = command.try_get_matches_from(options).map_err(|error| error.to_string())?;
    Ok(ReadArguments::from_arg_matches(&matches).unwrap())
}

#[test]
fn delimiter_is_a_character_that_can_separate_columns() {
    for (text, byte) in [
        ("tab", b'\t'),
        ("\\t", b'\t'),
        ("\t", b'\t'),
        (" ", b' '),
        (";", b';'),
        (",", b','),
        ("|", b'|'),
        ("'", b'\''),
    ] {
        assert_eq!(parsed(&["--delimiter", text]).unwrap().delimiter, Some(byte), "{text:?}");
    }
    // A quote, letters, digits and line ends have another meaning in CSV; other characters are not one byte.
    for text in ["\"", "a", "Z", "0", "\n", "\r", "\0", "\u{7f}", "\u{a7}", "", ";;", "TAB", "tabs"] {
        let reason = parsed(&["--delimiter", text]).err().unwrap_or_else(|| panic!("{text:?} is accepted"));
        assert!(text.is_empty() || reason.contains("give one ASCII character"), "{text:?}: {reason}");
    }
}

#[test]
fn options_are_given_and_determine_the_form_of_rejected_rows() {
    let plain = Form { delimiter: b',', mark: false };
    for (options, is_given, form) in [
        (&[][..], false, plain),
        (&["--encoding", "latin1"], true, Form { mark: true, ..plain }),
        (&["--encoding", "utf-8"], true, plain),
        (&["--delimiter", ";"], true, Form { delimiter: b';', ..plain }),
        (&["--ignore-unknown-columns"], true, plain),
    ] {
        let arguments = parsed(options).unwrap();
        assert_eq!((arguments.is_given(), arguments.form()), (is_given, form), "{options:?}");
    }
    assert_eq!(parsed(&["--encoding", "cp1252"]).unwrap().encoding, Some(WINDOWS_1252));
    assert_eq!(parsed(&["--encoding", "UTF8"]).unwrap().encoding, Some(UTF_8));
    for unknown in ["utf-32", "replacement", "hz-gb-2312", "x"] {
        let reason = parsed(&["--encoding", unknown]).err().unwrap();
        assert!(reason.contains("it is not an encoding of the Encoding Standard"), "{unknown}: {reason}");
    }
}
