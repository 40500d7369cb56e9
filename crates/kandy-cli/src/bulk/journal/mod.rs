//! What is settled, written down while it is.
//!
//! ```text
//! kandy journal 1 import
//! source 3461 9f86d081884c7d65      how long the file is, and its hash
//! target 1a2b3c4d                   a short hash of where calls go
//! b 6                               a call was begun which must not be made twice
//! c 6                               it was done
//! e 7                               there was nothing to do
//! f 8 120                           it failed; so long is the file of failures since
//! u 9 80                            its outcome is unknown; so long is the file of those since
//! r 10                              nothing was sent after all
//! ```
//!
//! Numbers are those of rows, from 0: there is nothing in it of what the rows say. It is only ever added to, so a process
//! that is killed leaves at most half a line at the end, which counts as not written.

mod past;

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use super::file;
use crate::{
    failure::{Failure, Result},
    private_file,
};
pub(super) use past::{Finished, Past};

/// How every journal begins.
const MARK: &str = "kandy journal 1 ";

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Done,
    Existing,
    Failed,
    Unknown,
}

/// What a journal is about.
#[derive(Debug)]
pub(super) struct About {
    /// What is done: `import`.
    pub(super) what: &'static str,
    /// The fingerprint of the file, where it has one.
    pub(super) source: Option<String>,
    /// A hash of where calls go.
    pub(super) target: u32,
}

/// Where it is written down what is settled.
#[derive(Debug)]
pub(super) struct Journal {
    /// None where nothing is written down.
    file: Option<(PathBuf, File)>,
    /// How long it is.
    length: u64,
    /// What is to be written.
    lines: Vec<u8>,
}

impl Journal {
    /// One that writes nothing down.
    pub(super) fn none() -> Self {
        Self { file: None, length: 0, lines: Vec::new() }
    }

    /// Opens a journal, and reads what was settled before. It stays as it is until it is [started](Self::start).
    pub(super) fn open(path: &Path, about: &About, restart: bool) -> Result<(Self, Past)> {
        let failed = |error| cannot_be_written(path, &error);
        let in_use = || Failure::usage(format!("another command is at work with the journal {}", path.display()));
        let mut file = match file::open_alone(path) {
            Err(error) if file::is_held(&error) => return Err(in_use()),
            opened => opened.map_err(failed)?,
        };
        if !is_mine_alone(&file, path).map_err(failed)? {
            return Err(in_use());
        }
        // What is something else must not be written over.
        if !is_journal(&mut file).map_err(failed)? {
            let path = path.display();
            return Err(Failure::usage(format!("{path} is not a journal; name another with --journal")));
        }
        let past = match restart {
            true => None,
            false => past::read(&file, about, path)?,
        };
        let (past, length) = past.unwrap_or_default();
        Ok((Self { file: Some((path.to_owned(), file)), length, lines: Vec::new() }, past))
    }

    /// Makes it ready to be written to, as what it was opened as.
    pub(super) fn start(&mut self, about: &About) -> Result {
        let Some((path, file)) = &mut self.file else { return Ok(()) };
        let failed = |error| cannot_be_written(path, &error);
        // What is left of a line that was not written to its end is not to be in the way.
        file.set_len(self.length).map_err(failed)?;
        file.seek(SeekFrom::Start(self.length)).map_err(failed)?;
        if self.length == 0 {
            let head = about.head();
            file.write_all(head.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
            self.length = head.len() as u64;
            // That there is a journal has to last, too, where folders can be made to.
            drop(File::open(private_file::folder(path)).and_then(|folder| folder.sync_all()));
        }
        Ok(())
    }

    /// Whether anything is written down.
    pub(super) fn is_kept(&self) -> bool {
        self.file.is_some()
    }

    /// Calls that must not be made twice are about to begin: this has to be known even when the power fails.
    pub(super) fn begin(&mut self, numbers: impl Iterator<Item = u64>) -> Result {
        for number in numbers {
            self.add(format_args!("b {number}"));
        }
        if self.lines.is_empty() {
            return Ok(());
        }
        self.flush()?;
        match &self.file {
            Some((path, file)) => file.sync_data().map_err(|error| Failure::of_file(path.display(), &error)),
            None => Ok(()),
        }
    }

    /// A row is settled, which is written down with the next [`flush`](Self::flush). `length` is that of the file which it was written to, where it was.
    pub(super) fn settle(&mut self, number: u64, kind: Kind, length: u64) {
        match kind {
            Kind::Done => self.add(format_args!("c {number}")),
            Kind::Existing => self.add(format_args!("e {number}")),
            Kind::Failed => self.add(format_args!("f {number} {length}")),
            Kind::Unknown => self.add(format_args!("u {number} {length}")),
        }
    }

    /// What was to begin has not.
    pub(super) fn give_back(&mut self, number: u64) {
        self.add(format_args!("r {number}"));
    }

    /// Nothing is left to do, and nobody needs to know what was.
    pub(super) fn remove(mut self) -> Result {
        self.lines.clear();
        match self.file.take() {
            Some((path, _)) => fs::remove_file(&path).map_err(|error| Failure::of_file(path.display(), &error)),
            None => Ok(()),
        }
    }

    fn add(&mut self, line: std::fmt::Arguments<'_>) {
        if self.file.is_some() {
            // Writing to memory does not fail.
            drop(writeln!(self.lines, "{line}"));
        }
    }

    /// Writes down what there is to write.
    pub(super) fn flush(&mut self) -> Result {
        if let Some((path, file)) = self.file.as_mut().filter(|_| !self.lines.is_empty()) {
            if let Err(error) = file.write_all(&self.lines) {
                // A part of it may be there, and must not become one line with what is written next.
                if file.set_len(self.length).and_then(|()| file.seek(SeekFrom::Start(self.length))).is_err() {
                    self.lines.clear();
                }
                return Err(Failure::of_file(path.display(), &error));
            }
            self.length += self.lines.len() as u64;
            self.lines.clear();
        }
        Ok(())
    }
}

/// What is settled stays so, whatever the command fails with.
impl Drop for Journal {
    fn drop(&mut self) {
        drop(self.flush());
    }
}

impl About {
    fn head(&self) -> String {
        let source = self.source.as_deref().unwrap_or("-");
        format!("{MARK}{}\nsource {source}\ntarget {:08x}\n", self.what, self.target)
    }

    /// Why a journal with this head is not one of this.
    fn difference(&self, head: &str, path: &Path) -> Option<String> {
        let path = path.display();
        let ours = self.head();
        if head == ours {
            return None;
        }
        let line = head.lines().zip(ours.lines()).position(|(one, other)| one != other);
        Some(match line {
            Some(1) => format!("the file has changed since {path} was begun; --restart begins anew with it"),
            Some(2) => {
                format!(
                    "what {path} was begun for is not the same: calls go elsewhere, or another text or sender is given; --restart begins anew"
                )
            }
            _ => format!("{path} is not a journal of this; name another with --journal"),
        })
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
    Failure::local(format!("the journal {} cannot be written: {error}; --journal names another", path.display()))
}

/// Takes hold of a file until it is closed, unless another process has, or has removed it meanwhile.
#[cfg(unix)]
fn is_mine_alone(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;

    if !is_locked(file)? {
        return Ok(false);
    }
    let (mine, there) = (file.metadata()?, fs::metadata(path)?);
    Ok((mine.dev(), mine.ino()) == (there.dev(), there.ino()))
}

#[cfg(unix)]
fn is_locked(file: &File) -> io::Result<bool> {
    use rustix::{
        fs::{FlockOperation, flock},
        io::Errno,
    };

    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        // Some file systems have no locks, and are not worse than before.
        Err(Errno::NOTSUP | Errno::NOSYS | Errno::NOLCK) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Elsewhere it was opened so that nobody else can.
#[cfg(not(unix))]
fn is_mine_alone(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(test)]
mod tests;
