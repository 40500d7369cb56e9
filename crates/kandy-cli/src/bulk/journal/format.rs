//! The format of journals: the header, and the lines that announce rows and calls.

use crate::bulk::{fingerprint::Fingerprint, outcome::RowStatus};

/// The beginning of every journal; the number of its format follows.
pub(super) const MARK: &str = "kandy journal ";

/// The format that is written, and the oldest one that is read.
pub(super) const FORMAT: u32 = 2;
pub(super) const OLDEST_FORMAT: u32 = 1;

/// The kind of a file for rejected rows.
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

/// What a journal belongs to.
#[derive(Clone, Copy, Debug)]
pub(in crate::bulk) struct JournalHeader {
    /// The command, such as `import`.
    pub(in crate::bulk) what: &'static str,
    /// The fingerprint of the input; `None` for stdin.
    pub(in crate::bulk) source: Option<Fingerprint>,
    /// The hash of the target: see [`BulkJob::target`](crate::bulk::BulkJob::target).
    pub(in crate::bulk) target: u32,
}

/// Returns the line that announces rows before they are written to a file.
pub(in crate::bulk) fn announcement(which: RejectedKind, written: &Fingerprint, rows: &[(u64, RowStatus)]) -> String {
    let mut line = format!("w {} {written}", which.letter());
    for (number, kind) in rows {
        line.push_str(if *kind == RowStatus::Unknown { " u" } else { " f" });
        line.push_str(&number.to_string());
    }
    line.push('\n');
    line
}

/// Returns the line that announces a call before it is sent.
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
