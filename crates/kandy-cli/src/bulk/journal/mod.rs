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

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

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
    /// The path and the file; `None` if no journal is kept.
    file: Option<(PathBuf, File)>,
    /// The length of what was committed.
    length: u64,
    /// The buffered lines.
    lines: Vec<u8>,
    /// Whether this process created the file and has not written to it.
    is_unused: bool,
    /// Why no more can be written: the contents after the last commit are unknown.
    broken: Option<String>,
}

impl Journal {
    /// Returns a journal that records nothing.
    pub(super) fn none() -> Self {
        Self::of(None, 0, false)
    }

    fn of(file: Option<(PathBuf, File)>, length: u64, is_unused: bool) -> Self {
        Self { file, length, lines: Vec::new(), is_unused, broken: None }
    }

    /// Opens a journal and reads what previous runs recorded. The file is not changed before [`start`](Self::start).
    pub(super) fn open(path: &Path, what: &str) -> Result<(Self, ResumeState)> {
        let failed = |error| cannot_be_written(path, &error);
        let in_use =
            || Failure::usage(format!("another command is using the journal {}; wait until it ends", path.display()));
        // Checked before opening creates the file: only a file of this run may be removed on drop.
        let is_unused = fs::symlink_metadata(path).is_err();
        let mut file = match file::open_alone(path) {
            Err(error) if file::is_held(&error) => return Err(in_use()),
            opened => opened.map_err(failed)?,
        };
        // Another process may have removed or replaced the file between opening and locking it.
        if !file::lock(&file).map_err(failed)? || !is_named(&file, path) {
            return Err(in_use());
        }
        // Do not overwrite a file that is not a journal, and do not block on a pipe.
        if !file.metadata().map_err(failed)?.is_file() || !is_journal(&mut file).map_err(failed)? {
            let path = path.display();
            return Err(Failure::usage(format!("{path} is not a journal; name another file with --journal")));
        }
        let (past, length) = resume_state::read(&file, what, path)?.unwrap_or_default();
        Ok((Self::of(Some((path.to_owned(), file)), length, is_unused), past))
    }

    /// Reads another journal without changing it. Returns `None` if the file is not a readable journal.
    pub(super) fn peek(path: &Path, what: &str) -> Option<ResumeState> {
        let mut file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|there| there.is_file()))?;
        is_journal(&mut file).ok().filter(|is_journal| *is_journal)?;
        resume_state::read(&file, what, path).ok()?.map(|(past, _)| past)
    }

    /// Prepares the file for appending: writes a new header, or truncates a partial last line.
    pub(super) fn start(&mut self, about: &JournalHeader, past: &ResumeState) -> Result {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        let is_new = past.is_empty();
        let begin = if is_new { 0 } else { self.length };
        let lines = match is_new {
            true => about.head(),
            false if about.source != past.source => format!("s {}\n", source(about.source)),
            false => String::new(),
        };
        let mut write = || {
            // Truncate a partial line, or the next line would be appended to it.
            file.set_len(begin)?;
            file.seek(SeekFrom::Start(begin))?;
            file.write_all(lines.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| cannot_be_written(path, &error))?;
        self.is_unused = false;
        self.length = begin + lines.len() as u64;
        if is_new {
            // Sync the folder, so that the directory entry survives a power failure. Not every platform can.
            drop(File::open(private_file::folder(path)).and_then(|folder| folder.sync_all()));
        }
        Ok(())
    }

    /// Returns whether a journal is kept.
    pub(super) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Records the file that rejected rows are written to from here on; `None` for a device.
    pub(super) fn declare(&mut self, which: RejectedKind, path: Option<&Path>) {
        if let Some((own, _)) = &self.file {
            let word = path.map_or_else(|| "-".to_owned(), |path| file::to_word(path, private_file::folder(own)));
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
        self.lines.clear();
        match self.file.take() {
            Some((path, _)) => fs::remove_file(&path).map_err(|error| Failure::of_file(path.display(), &error)),
            None => Ok(()),
        }
    }

    fn add(&mut self, line: fmt::Arguments<'_>) {
        if self.file.is_some() {
            // Writing to a `Vec` cannot fail.
            drop(writeln!(self.lines, "{line}"));
        }
    }

    /// Writes the buffered lines, followed by `more`, which is dropped on failure. With `durable` it also syncs the
    /// file, so that the lines survive a power failure.
    pub(super) fn commit(&mut self, more: &str, durable: bool) -> Result {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        if self.lines.is_empty() && more.is_empty() {
            return Ok(());
        }
        let failed = |error: &dyn fmt::Display| {
            Failure::local(format!("the journal {} cannot be written: {error}", path.display()))
        };
        if let Some(reason) = &self.broken {
            return Err(failed(reason));
        }
        // On failure `more` is dropped and the buffered lines stay for the next commit: they describe what has happened, `more`
        // what the caller will not do then.
        let kept = self.lines.len();
        self.lines.extend_from_slice(more.as_bytes());
        let written = file.write_all(&self.lines).and_then(|()| if durable { file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            self.lines.truncate(kept);
            // Truncate a partial write, or the next commit would continue its last line.
            if file.set_len(self.length).and_then(|()| file.seek(SeekFrom::Start(self.length))).is_err() {
                self.broken = Some(error.to_string());
            }
            return Err(failed(&error));
        }
        self.length += self.lines.len() as u64;
        self.lines.clear();
        Ok(())
    }
}

/// Commits what is buffered, however the command ends. Removes a file that was created and never used.
impl Drop for Journal {
    fn drop(&mut self) {
        if let Some((path, _)) = self.file.as_ref().filter(|_| self.is_unused) {
            drop(fs::remove_file(path));
            return;
        }
        drop(self.commit("", false));
    }
}

/// Returns whether a file is empty or begins like a journal.
fn is_journal(file: &mut File) -> io::Result<bool> {
    let mut begin = Vec::new();
    Read::take(&*file, MARK.len() as u64).read_to_end(&mut begin)?;
    file.rewind()?;
    Ok(MARK.as_bytes().starts_with(&begin))
}

fn cannot_be_written(path: &Path, error: &io::Error) -> Failure {
    Failure::local(format!(
        "the journal {} cannot be written: {error}; nothing was sent. Name another file with --journal",
        path.display()
    ))
}

/// Returns whether the path, which may be a link, still names the file.
fn is_named(file: &File, path: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| file::is_at(file, &path))
}

#[cfg(test)]
mod tests;
