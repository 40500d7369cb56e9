//! Determines the file for rejected rows: that of the previous run if it is unchanged, or a new one.

use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use super::{
    file,
    fingerprint::Fingerprint,
    journal::{FileLocation, PreviousFile, RejectedKind, ResumeState},
};
use crate::{
    failure::{Failure, Result},
    private_file::{folder, private},
};

/// The requested file.
pub(super) struct RejectedTarget<'a> {
    pub(super) which: RejectedKind,
    pub(super) path: &'a Path,
    /// Whether the user named it; then no other name is tried.
    pub(super) is_named: bool,
}

/// The file to write to.
#[derive(Debug)]
pub(super) enum Destination {
    /// A device or a pipe, which is not removed.
    Device,
    /// The unchanged file of a previous run, positioned at its end.
    Append(PathBuf, File, Fingerprint, LastBatch),
    /// A file to create, with this name or a numbered one.
    Create(PathBuf),
}

/// What the file shows about the last announced rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastBatch {
    /// The journal already records whether they were written.
    Recorded,
    Written,
    NotWritten,
}

/// The state of a file compared with its journal.
enum State {
    Missing,
    /// All announced rows are in it.
    Whole,
    /// The last announced rows are not in it.
    WithoutLast,
    /// It has a part of the last announced rows, or something else.
    Torn,
    /// It was edited or replaced.
    Changed,
}

impl RejectedTarget<'_> {
    /// Determines the file, and withdraws announced rows that it does not have.
    pub(super) fn find(&self, past: &mut ResumeState) -> Result<Destination> {
        match fs::metadata(self.path) {
            Ok(there) if there.is_dir() && self.is_named => {
                return Err(Failure::usage(format!(
                    "{} is a folder; name a file for the failed rows",
                    self.path.display()
                )));
            }
            Ok(there) if !there.is_file() && !there.is_dir() => return Ok(Destination::Device),
            _ => {}
        }
        let is_it = |file: &PreviousFile| {
            file.which == self.which && if self.is_named { file.is_at(self.path) } else { is_file(&file.place) }
        };
        let Some(at) = past.files.iter().rposition(is_it) else { return Ok(Destination::Create(self.path.to_owned())) };
        let FileLocation::File(path) = past.files[at].place.clone() else {
            return Ok(Destination::Create(self.path.to_owned()));
        };
        let failed = |error: io::Error| self.unusable(&path, &error);
        let (opened, state) = state(&path, &past.files[at]).map_err(failed)?;
        // The journal announces rows before they are written, so after a kill the file has all of the last batch, none of it, or
        // a part (`announced_rows_are_written_once`, `partial_row_is_reported`). Any other contents are an edit by the user.
        match (opened, state) {
            (Some(file), State::Whole) => {
                let last = if past.files[at].is_unconfirmed() { LastBatch::Written } else { LastBatch::Recorded };
                self.open_append(path, file, past.files[at].written, last)
            }
            (Some(file), State::WithoutLast) => {
                past.withdraw(at);
                self.open_append(path, file, past.files[at].written, LastBatch::NotWritten)
            }
            (_, State::Torn) => Err(self.has_partial_row(&path, past.files[at].before.length)),
            // Do not write to a file that the user named if it was edited or belongs to something else.
            (Some(_), _) if self.is_named => Err(self.already_exists()),
            _ => Ok(Destination::Create(path)),
        }
    }

    fn open_append(&self, path: PathBuf, mut file: File, written: Fingerprint, last: LastBatch) -> Result<Destination> {
        let failed = |error: io::Error| self.unusable(&path, &error);
        if !file::lock(&file).map_err(failed)? {
            return Err(Failure::usage(format!(
                "another command is writing to {}; wait until it ends",
                path.display()
            )));
        }
        file.seek(SeekFrom::Start(written.length)).map_err(failed)?;
        Ok(Destination::Append(path, file, written, last))
    }

    /// Returns the failure for a path that cannot be written to; nothing was sent.
    pub(super) fn unusable(&self, path: &Path, error: &io::Error) -> Failure {
        let path = path.display();
        match (self.which, self.is_named) {
            (RejectedKind::Failures, true) => Failure::usage(format!(
                "failed rows cannot be written to {path}: {error}; nothing was sent. Name another file with \
                 --failures"
            )),
            (RejectedKind::Failures, false) => Failure::local(format!(
                "failed rows cannot be written to {path}: {error}; nothing was sent. Name another file with --failures"
            )),
            (RejectedKind::Unknown, _) => Failure::local(format!(
                "rows with unknown outcome cannot be written to {path}: {error}; nothing was sent. Copy the input \
                 file to a writable folder, and run the command on the copy"
            )),
        }
    }

    /// Returns the failure for a file that exists and was not written by the previous run.
    pub(super) fn already_exists(&self) -> Failure {
        let path = self.path.display();
        Failure::usage(format!(
            "{path} already exists and is not overwritten: it belongs to something else, or was edited since the \
             last run. Move it away, or name another file with --failures"
        ))
    }

    fn has_partial_row(&self, path: &Path, length: u64) -> Failure {
        let path = path.display();
        Failure::usage(format!(
            "{path} has unexpected data after its first {length} bytes: a part of a row that will be written again, \
             or data that was added since. Check it, truncate the file to {length} bytes or move it away, and run \
             the same command again"
        ))
    }
}

fn is_file(place: &FileLocation) -> bool {
    matches!(place, FileLocation::File(_))
}

/// Opens a file and compares it with the journal.
fn state(path: &Path, past: &PreviousFile) -> io::Result<(Option<File>, State)> {
    let file = match private().read(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((None, State::Missing)),
        opened => opened?,
    };
    let metadata = file.metadata()?;
    let (length, before, written) = (metadata.len(), past.before, past.written);
    let state = match length {
        _ if !metadata.is_file() => State::Changed,
        _ if length == written.length && beginning(&file, length)? == written => State::Whole,
        _ if length == before.length && beginning(&file, length)? == before => State::WithoutLast,
        _ if before.length < length && length < written.length && beginning(&file, before.length)? == before => {
            State::Torn
        }
        _ => State::Changed,
    };
    Ok((Some(file), state))
}

/// Returns the fingerprint of the first bytes.
fn beginning(mut file: &File, length: u64) -> io::Result<Fingerprint> {
    file.rewind()?;
    let mut reader = BufReader::with_capacity(1 << 16, io::Read::take(file, length));
    let mut fingerprint = Fingerprint::default();
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(fingerprint);
        }
        let count = bytes.len();
        fingerprint.add(bytes);
        reader.consume(count);
    }
}

/// Finds a file with rows of unknown outcome that a previous run left and no process uses.
pub(super) fn left_over(path: &Path) -> io::Result<Option<PathBuf>> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut found = Vec::new();
    for entry in fs::read_dir(folder(path))? {
        let name = entry?.file_name();
        let there = path.with_file_name(&name);
        let is_numbered = there.extension() == path.extension()
            && there.file_stem().is_some_and(|other| {
                let other = other.to_string_lossy();
                let number = other.strip_prefix(&*stem).and_then(|rest| rest.strip_prefix('-'));
                number.is_some_and(|number| !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()))
            });
        if Some(&*name) == path.file_name() || is_numbered {
            found.push(there);
        }
    }
    found.sort();
    Ok(found.into_iter().find(|there| has_rows(there) && !is_in_use(there)))
}

/// Returns whether the file has contents. A file that another process just removed has none.
fn has_rows(path: &Path) -> bool {
    match fs::metadata(path) {
        Ok(there) => !there.is_file() || there.len() > 0,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn is_in_use(path: &Path) -> bool {
    // Opening a pipe would block until its other end is opened.
    fs::metadata(path).is_ok_and(|there| there.is_file())
        && File::open(path).and_then(|file| file::lock(&file)).is_ok_and(|is_free| !is_free)
}
