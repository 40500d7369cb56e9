//! The dead-letter file: the messages that could not be delivered.
//!
//! ```text
//! {"webhook_id":"msg_…","device_id":"…","message_id":"…","attempts":10,"reason":"HTTP 500 …","message":{…}}
//! {"delivered":"msg_…"}
//! ```
//!
//! Each line is a JSON object. The file is appended to only, and each line is synced, so a killed process leaves at most
//! a partial last line. `kandy message resend` appends a line `delivered` after each message. At its end it deletes the
//! delivered messages with the service, and then replaces the file by one without them; if it is killed before, the next
//! `watch` or `resend` deletes them. A line that cannot be read is kept.
//!
//! [`DeadLetters`] appends; `entry` has the lines; `remaining` reads what is not delivered.

mod entry;
mod remaining;

use std::{
    cell::{Cell, RefCell},
    collections::HashSet,
    fs::{self, File},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use self::entry::{Delivered, is_of_dead_letters};
pub(crate) use self::{entry::Entry, remaining::Remaining};
use super::super::lock::Lock;
use crate::{
    failure::{Failure, Result},
    private_file::{self, AtomicFile, folder, private},
};

/// An open dead-letter file. No other process writes to it.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    path: PathBuf,
    file: RefCell<File>,
    /// The length of the complete lines.
    length: Cell<u64>,
    _lock: Lock,
}

impl DeadLetters {
    /// Opens the file, and creates it if it does not exist.
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let failed = |error: io::Error| unusable(path, &error);
        private_file::make_folder(folder(path)).map_err(failed)?;
        check_regular(path)?;
        // A file that exists is opened below, once it is locked.
        drop(private().create(true).truncate(false).open(path).map_err(failed)?);
        Self::open(path)
    }

    /// Opens a file that has to exist.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        // All paths to one file have the same lock.
        let path = path.canonicalize().map_err(|error| Failure::of_input(path.display(), &error))?;
        check_regular(&path)?;
        let failed = |error: io::Error| unusable(&path, &error);
        let mut lock_path = path.as_os_str().to_owned();
        lock_path.push(".lock");
        let Some(lock) = Lock::acquire(Path::new(&lock_path)).map_err(failed)? else {
            return Err(Failure::local(format!(
                "another `kandy message watch` or `resend` uses the dead-letter file {}. End it first, or name another \
                 file.",
                path.display()
            )));
        };
        let mut file = private().read(true).open(&path).map_err(failed)?;
        check_content(&path, &mut file)?;
        let mut length = file.seek(SeekFrom::End(0)).map_err(failed)?;
        if !ends_with_line(&mut file, length).map_err(failed)? {
            // A killed process left a partial line. It stays, but the next line does not continue it.
            file.write_all(b"\n").map_err(failed)?;
            length += 1;
        }
        file.sync_all().map_err(failed)?;
        drop(File::open(folder(&path)).and_then(|folder| folder.sync_all()));
        Ok(Self { file: RefCell::new(file), length: Cell::new(length), path, _lock: lock })
    }

    /// Returns the path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a message that could not be delivered.
    pub(crate) fn add(&self, entry: &Entry) -> Result {
        self.append(serde_json::to_string(entry))
    }

    /// Records that a message of the file was delivered.
    pub(crate) fn mark_delivered(&self, webhook_id: &str) -> Result {
        self.append(serde_json::to_string(&Delivered { delivered: webhook_id.to_owned() }))
    }

    /// Appends a line and syncs it. On failure the file has its previous length.
    fn append(&self, line: serde_json::Result<String>) -> Result {
        let line = line.map_err(|error| unusable(&self.path, &error.into()))? + "\n";
        let mut file = self.file.borrow_mut();
        if let Err(error) = file.write_all(line.as_bytes()).and_then(|()| file.sync_data()) {
            // If that fails, too, the partial line is found by the next process.
            drop(file.set_len(self.length.get()).and_then(|()| file.seek(SeekFrom::End(0))));
            return Err(unusable(&self.path, &error));
        }
        self.length.set(self.length.get() + line.len() as u64);
        Ok(())
    }

    /// Returns the lines without the delivered messages.
    pub(crate) fn remaining(&self) -> Result<Remaining> {
        Remaining::read(&self.path, self.length.get()).map_err(|error| unusable(&self.path, &error))
    }

    /// Returns the ids of all messages in the file.
    pub(crate) fn ids(&self) -> Result<Ids> {
        let failed = |error: io::Error| unusable(&self.path, &error);
        let mut remaining = self.remaining()?;
        let mut ids = Ids { undelivered: HashSet::new(), delivered: HashSet::new() };
        while let Some(letter) = remaining.next().map_err(failed)? {
            ids.undelivered.extend(letter.entry.map(|entry| entry.webhook_id().to_owned()));
        }
        ids.delivered = remaining.into_delivered();
        ids.delivered.retain(|id| !ids.undelivered.contains(id));
        Ok(ids)
    }

    /// Closes the file, and removes it if it is empty.
    pub(crate) fn close(self) -> Result {
        match self.length.get() {
            0 => fs::remove_file(&self.path).map_err(|error| unusable(&self.path, &error)),
            _ => Ok(()),
        }
    }

    /// Replaces the file by one without the delivered messages, or removes it if none remains.
    pub(crate) fn compact(self) -> Result {
        let mut remaining = self.remaining()?;
        let Self { path, file, _lock, .. } = self;
        // Windows replaces no file that is open.
        drop(file);
        let failed = |error: io::Error| unusable(&path, &error);
        let (atomic, mut to) = AtomicFile::create(&path).map_err(failed)?;
        let mut is_empty = true;
        while let Some(letter) = remaining.next().map_err(failed)? {
            to.write_all(letter.line()).and_then(|()| to.write_all(b"\n")).map_err(failed)?;
            is_empty = false;
        }
        drop(remaining);
        match is_empty {
            true => fs::remove_file(&path).map_err(failed),
            false => atomic.finish(&to).map_err(failed),
        }
    }
}

/// The ids of the messages in a dead-letter file.
#[derive(Debug)]
pub(crate) struct Ids {
    pub(crate) undelivered: HashSet<String>,
    /// Those that `kandy message resend` delivered, and may not have deleted with the service.
    pub(crate) delivered: HashSet<String>,
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    Failure::local(format!("the dead-letter file {}: {error}", path.display()))
}

/// Opening a pipe would block.
fn check_regular(path: &Path) -> Result {
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => {
            Err(Failure::usage(format!("the dead-letter file {}: it is not a regular file", path.display())))
        }
        _ => Ok(()),
    }
}

/// Checks that the file is empty or has a line of a dead-letter file, which a killed process may have left partial: nothing
/// is appended to a file of another kind.
fn check_content(path: &Path, file: &mut File) -> Result {
    let mut is_empty = true;
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(|error| unusable(path, &error))?;
        if is_of_dead_letters(&line) {
            return Ok(());
        }
        is_empty &= line.trim_ascii().is_empty();
    }
    match is_empty {
        true => Ok(()),
        false => Err(Failure::usage(format!(
            "the dead-letter file {}: it has no undelivered message, but something else; name another file",
            path.display()
        ))),
    }
}

fn ends_with_line(file: &mut File, length: u64) -> io::Result<bool> {
    if length == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}
