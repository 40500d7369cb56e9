//! The lines of a journal: the header, and what announces rows and calls.

use crate::bulk::{fingerprint::Fingerprint, outcome::RowStatus};

/// How every journal begins; the number of its format follows.
pub(super) const MARK: &str = "kandy journal ";

/// The format that is written, and the oldest that is read.
pub(super) const FORMAT: u32 = 2;
pub(super) const OLDEST_FORMAT: u32 = 1;

/// A file that rows are written to which are not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bulk) enum RejectedKind {
    Failures,
    Unknown,
}

impl RejectedKind {
    pub(super) fn letter(self) -> char {
        match self {
            Self::Failures => 'f',
            Self::Unknown => 'u',
        }
    }

    pub(super) fn of(word: &str) -> Option<Self> {
        [Self::Failures, Self::Unknown].into_iter().find(|which| word.chars().eq([which.letter()]))
    }
}

/// What a journal is about.
#[derive(Clone, Copy, Debug)]
pub(in crate::bulk) struct JournalHeader {
    /// What is done: `import`.
    pub(in crate::bulk) what: &'static str,
    /// The fingerprint of the file, where it has one.
    pub(in crate::bulk) source: Option<Fingerprint>,
    /// A hash of where calls go.
    pub(in crate::bulk) target: u32,
}

/// The line that announces rows for a file.
pub(in crate::bulk) fn announcement(which: RejectedKind, written: &Fingerprint, rows: &[(u64, RowStatus)]) -> String {
    let mut line = format!("w {} {written}", which.letter());
    for (number, kind) in rows {
        line.push_str(if *kind == RowStatus::Unknown { " u" } else { " f" });
        line.push_str(&number.to_string());
    }
    line.push('\n');
    line
}

/// The line that says that a call is about to be made.
pub(in crate::bulk) fn beginning(number: u64) -> String {
    format!("b {number}\n")
}

impl JournalHeader {
    pub(super) fn head(&self) -> String {
        format!("{MARK}{FORMAT} {}\nsource {}\ntarget {:08x}\n", self.what, source(self.source), self.target)
    }
}

pub(super) fn source(source: Option<Fingerprint>) -> String {
    source.map_or_else(|| "-".to_owned(), |source| source.to_string())
}
