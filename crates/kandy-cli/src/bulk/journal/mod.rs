//! What is settled, written down while it is.
//!
//! ```text
//! kandy journal 2 sms
//! source 3461 9f86d081884c7d65      how long the list is, and its hash; - for stdin
//! target 1a2b3c4d                   a short hash of where calls go
//! file f list.failures.csv          where rows that fail are written from here on, seen from the folder of the journal
//! s 3720 60303ae22b998861           the list has grown: its length and hash now
//! b 6                               a call was begun which must not be made twice
//! c 6                               it was done
//! e 7                               there was nothing to do
//! w f 120 fd61a03af4f77d87 f8 u9    rows 8 (failed) and 9 (outcome unknown) are about to be written to the file of
//!                                   failures, which then has this length and hash
//! k f                               that is written
//! n f                               that could not be written after all
//! r 10                              nothing was sent after all
//! ```
//!
//! Numbers are those of rows, from 0: there is nothing in it of what the rows say. It is only ever added to, so a process
//! that is killed leaves at most half a line at the end, which counts as not written. A `w` stands in the journal before
//! its rows stand in the file, so that every byte that a run wrote is accounted for: whatever else is in the file, or is
//! missing, is the work of a person, and the file is left as it is. Only where a kill left no `k` may a part be missing.
//!
//! Journals of format 1 are read. They have `f 8 120` and `u 9 80` instead of `w`, and do not say where the files are.

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

/// Where it is written down what is settled.
#[derive(Debug)]
pub(super) struct Journal {
    /// None where nothing is written down.
    file: Option<(PathBuf, File)>,
    /// How long it is.
    length: u64,
    /// What is to be written.
    lines: Vec<u8>,
    /// Whether the file was made by this process, and nothing was written to it yet.
    is_unused: bool,
    /// Why nothing can be written to it any more: what it ends with is not known.
    broken: Option<String>,
}

impl Journal {
    /// One that writes nothing down.
    pub(super) fn none() -> Self {
        Self::of(None, 0, false)
    }

    fn of(file: Option<(PathBuf, File)>, length: u64, is_unused: bool) -> Self {
        Self { file, length, lines: Vec::new(), is_unused, broken: None }
    }

    /// Opens a journal, and reads what was settled before. It stays as it is until it is [started](Self::start).
    pub(super) fn open(path: &Path, what: &str) -> Result<(Self, ResumeState)> {
        let failed = |error| cannot_be_written(path, &error);
        let in_use =
            || Failure::usage(format!("another command is using the journal {}; wait until it ends", path.display()));
        let is_unused = fs::symlink_metadata(path).is_err();
        let mut file = match file::open_alone(path) {
            Err(error) if file::is_held(&error) => return Err(in_use()),
            opened => opened.map_err(failed)?,
        };
        // Another process may have removed it before it was locked.
        if !file::lock(&file).map_err(failed)? || !is_named(&file, path) {
            return Err(in_use());
        }
        // What is something else must not be written over, and to read a pipe would wait for its other end.
        if !file.metadata().map_err(failed)?.is_file() || !is_journal(&mut file).map_err(failed)? {
            let path = path.display();
            return Err(Failure::usage(format!("{path} is not a journal; name another file with --journal")));
        }
        let (past, length) = resume_state::read(&file, what, path)?.unwrap_or_default();
        Ok((Self::of(Some((path.to_owned(), file)), length, is_unused), past))
    }

    /// What another journal says, which stays as it is. None if it is none, or cannot be read.
    pub(super) fn look_at(path: &Path, what: &str) -> Option<ResumeState> {
        let mut file = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|there| there.is_file()))?;
        is_journal(&mut file).ok().filter(|is_journal| *is_journal)?;
        resume_state::read(&file, what, path).ok()?.map(|(past, _)| past)
    }

    /// Makes it ready to be written to: anew, or after what is in it.
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
            // What is left of a line that was not written to its end is not to be in the way.
            file.set_len(begin)?;
            file.seek(SeekFrom::Start(begin))?;
            file.write_all(lines.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| cannot_be_written(path, &error))?;
        self.is_unused = false;
        self.length = begin + lines.len() as u64;
        if is_new {
            // That there is a journal has to last, too, where folders can be made to.
            drop(File::open(private_file::folder(path)).and_then(|folder| folder.sync_all()));
        }
        Ok(())
    }

    /// Whether anything is written down.
    pub(super) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Rows are written to this file from here on; to a device where it is none.
    pub(super) fn declare(&mut self, which: RejectedKind, path: Option<&Path>) {
        if let Some((own, _)) = &self.file {
            let word = path.map_or_else(|| "-".to_owned(), |path| file::to_word(path, private_file::folder(own)));
            self.add(format_args!("file {} {word}", which.letter()));
        }
    }

    /// A row is settled, and stands in no other file.
    pub(super) fn settle(&mut self, number: u64, kind: RowStatus) {
        match kind {
            RowStatus::Existing => self.add(format_args!("e {number}")),
            _ => self.add(format_args!("c {number}")),
        }
    }

    /// What was to begin has not.
    pub(super) fn release(&mut self, number: u64) {
        self.add(format_args!("r {number}"));
    }

    /// What was announced last for a file is written to it.
    pub(super) fn confirm(&mut self, which: RejectedKind) {
        self.add(format_args!("k {}", which.letter()));
    }

    /// What was announced last for a file could not be written to it.
    pub(super) fn withdraw(&mut self, which: RejectedKind) {
        self.add(format_args!("n {}", which.letter()));
    }

    /// Nothing is left to do, and nobody needs to know what was.
    pub(super) fn remove(mut self) -> Result {
        self.lines.clear();
        match self.file.take() {
            Some((path, _)) => fs::remove_file(&path).map_err(|error| Failure::of_file(path.display(), &error)),
            None => Ok(()),
        }
    }

    fn add(&mut self, line: fmt::Arguments<'_>) {
        if self.file.is_some() {
            // Writing to memory does not fail.
            drop(writeln!(self.lines, "{line}"));
        }
    }

    /// Writes down what there is to write, and then `more`, which is forgotten if that fails. With `lasting` it is
    /// there even when the power fails.
    pub(super) fn commit(&mut self, more: &str, lasting: bool) -> Result {
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
        let kept = self.lines.len();
        self.lines.extend_from_slice(more.as_bytes());
        let written = file.write_all(&self.lines).and_then(|()| if lasting { file.sync_data() } else { Ok(()) });
        if let Err(error) = written {
            self.lines.truncate(kept);
            // A part of it may be there, and must not become one line with what is written next.
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

/// What is settled stays so, whatever the command fails with. A file that was made for nothing goes away.
impl Drop for Journal {
    fn drop(&mut self) {
        if let Some((path, _)) = self.file.as_ref().filter(|_| self.is_unused) {
            drop(fs::remove_file(path));
            return;
        }
        drop(self.commit("", false));
    }
}

/// Whether a file is empty, or begins as a journal does.
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

/// Whether the path still names the file, which may be reached by a link.
fn is_named(file: &File, path: &Path) -> bool {
    path.canonicalize().is_ok_and(|path| file::is_at(file, &path))
}

#[cfg(test)]
mod tests;
