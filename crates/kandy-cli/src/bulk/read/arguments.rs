//! Command-line options for reading an input file, and the form of rejected rows that follows from them.

use clap::Args;
use encoding_rs::{Encoding, UTF_8};

/// Options for reading an input file.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct ReadArguments {
    /// Encoding of the file, such as windows-1252 (default: UTF-8). A byte order mark in the file takes precedence
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub(crate) encoding: Option<&'static Encoding>,
    /// Column separator of CSV: one character, or `tab` (default: from a `sep=` line, otherwise detected in the header:
    /// comma, semicolon or tab)
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub(crate) delimiter: Option<u8>,
    /// Ignore unknown columns instead of rejecting the file
    #[arg(long)]
    pub(crate) ignore_unknown_columns: bool,
    /// Remove the apostrophe that --escape-formulas of an export puts before values such as =1 and +1 in CSV
    #[arg(long)]
    pub(crate) unescape_formulas: bool,
}

impl ReadArguments {
    /// Returns whether any of the options was given.
    pub(crate) fn is_given(self) -> bool {
        self.encoding.is_some() || self.delimiter.is_some() || self.ignore_unknown_columns || self.unescape_formulas
    }

    /// Returns the form for rejected rows: readable with these options, and with none.
    pub(in crate::bulk) fn form(self) -> Form {
        let mark = self.encoding.is_some_and(|encoding| encoding != UTF_8);
        Form { delimiter: self.delimiter.unwrap_or(b','), mark }
    }
}

/// The form in which rejected rows are written: always UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bulk) struct Form {
    pub(in crate::bulk) delimiter: u8,
    /// Whether to write a byte order mark, which takes precedence over `--encoding` when the file is read again.
    pub(in crate::bulk) mark: bool,
}

fn encoding(name: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label_no_replacement(name.as_bytes()).ok_or_else(|| {
        "it is not an encoding of the Encoding Standard; common ones are windows-1252, utf-16le, macintosh and shift_jis"
            .into()
    })
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] if is_delimiter(*byte) => Ok(*byte),
        _ => Err("give one ASCII character that is no letter, digit, quote or end of a line, or `tab`".into()),
    }
}

/// Returns whether a byte can separate columns.
pub(super) fn is_delimiter(byte: u8) -> bool {
    byte == b'\t' || (byte == b' ' || byte.is_ascii_punctuation()) && byte != b'"'
}
