//! The journal of a bulk job: it records the outcome of each row, so that the same command resumes where it stopped.
//!
//! ```text
//! kandy journal 2 sms
//! source 3461 9f86d081884c7d65      length and hash of the input; - for stdin
//! target 1a2b3c4d                   short hash of the target of the calls
//! file f list.failures.csv          file for failed rows from here on, relative to the folder of the journal
//! s 3720 60303ae22b998861           the input has appended rows: its new length and hash
//! b 6                               begin: the call of row 6, which must not be repeated, is about to be sent
//! c 6                               completed
//! e 7                               already existed
//! x 8                               left out: its number is suppressed
//! w f 120 fd61a03af4f77d87 f9 u10   rows 9 (failed) and 10 (unknown outcome) are about to be written to the file for
//!                                   failed rows, which then has this length and hash
//! k f                               they were written
//! n f                               they could not be written
//! r 11                              released: the call of row 11 was not sent after all
//! ```
//!
//! Rows are numbered from 0; the journal contains nothing of their data. It is append-only, so a killed process leaves at
//! most a partial last line, which is ignored.
//!
//! Order of writes. A `b` is committed (and synced) before its call is sent, so a call that may have been applied is always
//! recorded. A `w` is committed before its rows are written to the file, so every byte that a run wrote is accounted for:
//! any other difference is an edit by the user, and the file is not touched. Only after a kill between `w` and `k` may part
//! of the announced rows be missing.
//!
//! Journals of format 1 can be read. They have `f 8 120` and `u 9 80` instead of `w`, and do not record the files.
//!
//! [`Journal`] writes; [`ResumeState`] is what was read; `format` has the lines of both.

mod format;
mod resume_state;

use std::{fmt, path::Path};

use kandy_outbox::{JournalError, JournalFile};

pub(super) use format::{JournalHeader, RejectedKind, announcement, beginning};
use format::{MARK, source};

use super::{file, outcome::RowStatus};
use crate::{
    failure::{Failure, Result},
    private_file,
};
pub(super) use resume_state::{FileLocation, Finished, PreviousFile, ResumeState};

/// An open journal. Lines are buffered until [`commit`](Self::commit).
#[derive(Debug)]
pub(super) struct Journal {
    /// `None` if no journal is kept.
    file: Option<JournalFile>,
    /// The length of its complete lines when it was opened.
    length: u64,
}

impl Journal {
    /// Returns a journal that records nothing.
    pub(super) fn none() -> Self {
        Self { file: None, length: 0 }
    }

    /// Opens a journal and reads what previous runs recorded. The file is not changed before [`start`](Self::start).
    pub(super) fn open(path: &Path, what: &str) -> Result<(Self, ResumeState)> {
        let shown = path.display();
        let file = JournalFile::open(path, MARK).map_err(|error| match error {
            JournalError::InUse => {
                Failure::usage(format!("another command is using the journal {shown}; wait until it ends"))
            }
            JournalError::NotAJournal => {
                Failure::usage(format!("{shown} is not a journal; name another file with --journal"))
            }
            error => cannot_be_written(path, &error),
        })?;
        let (past, length) = resume_state::read(file.file(), what, path)?.unwrap_or_default();
        Ok((Self { file: Some(file), length }, past))
    }

    /// Reads another journal without changing it. Returns `None` if the file is not a readable journal.
    pub(super) fn peek(path: &Path, what: &str) -> Option<ResumeState> {
        let file = JournalFile::peek(path, MARK)?;
        resume_state::read(&file, what, path).ok()?.map(|(past, _)| past)
    }

    /// Prepares the file for appending: writes a new header, or truncates a partial last line.
    pub(super) fn start(&mut self, about: &JournalHeader, past: &ResumeState) -> Result {
        let Some(file) = &mut self.file else { return Ok(()) };
        let is_new = past.is_empty();
        let begin = if is_new { 0 } else { self.length };
        let lines = match is_new {
            true => about.head(),
            false if about.source != past.source => format!("s {}\n", source(about.source)),
            false => String::new(),
        };
        file.start(begin, &lines).map_err(|error| cannot_be_written(file.path(), &error))
    }

    /// Returns whether a journal is kept.
    pub(super) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Records the file that rejected rows are written to from here on; `None` for a device.
    pub(super) fn declare(&mut self, which: RejectedKind, path: Option<&Path>) {
        if let Some(file) = &self.file {
            let folder = private_file::folder(file.path());
            let word = path.map_or_else(|| "-".to_owned(), |path| file::to_word(path, folder));
            self.add(format_args!("file {} {word}", which.letter()));
        }
    }

    /// Records a row that needs no further processing and is in no other file.
    pub(super) fn record(&mut self, number: u64, status: RowStatus) {
        match status {
            RowStatus::Existing => self.add(format_args!("e {number}")),
            RowStatus::Suppressed => self.add(format_args!("x {number}")),
            _ => self.add(format_args!("c {number}")),
        }
    }

    /// Records that a call that was announced was not sent.
    pub(super) fn release(&mut self, number: u64) {
        self.add(format_args!("r {number}"));
    }

    /// Records that the last announced rows were written to a file.
    pub(super) fn confirm(&mut self, which: RejectedKind) {
        self.add(format_args!("k {}", which.letter()));
    }

    /// Records that the last announced rows could not be written to a file.
    pub(super) fn withdraw(&mut self, which: RejectedKind) {
        self.add(format_args!("n {}", which.letter()));
    }

    /// Removes the journal after the last row.
    pub(super) fn remove(mut self) -> Result {
        let Some(file) = self.file.take() else { return Ok(()) };
        let path = file.path().to_owned();
        file.remove().map_err(|error| Failure::of_file(path.display(), &error))
    }

    fn add(&mut self, line: fmt::Arguments<'_>) {
        if let Some(file) = &mut self.file {
            file.add(line);
        }
    }

    /// Writes the buffered lines, followed by `more`, which is dropped on failure. With `durable` it also syncs the
    /// file, so that the lines survive a power failure.
    pub(super) fn commit(&mut self, more: &str, durable: bool) -> Result {
        let Some(file) = &mut self.file else { return Ok(()) };
        // On failure the buffered lines stay for the next commit: they describe what has happened, `more` what the caller will
        // not do then.
        file.commit(more, durable).map_err(|error| {
            Failure::local(format!("the journal {} cannot be written: {error}", file.path().display()))
        })
    }
}

fn cannot_be_written(path: &Path, error: &dyn fmt::Display) -> Failure {
    Failure::local(format!(
        "the journal {} cannot be written: {error}; nothing was sent. Name another file with --journal",
        path.display()
    ))
}

#[cfg(test)]
mod tests;
