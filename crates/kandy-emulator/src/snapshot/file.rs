//! Snapshots in files.
//!
//! A file is replaced as a whole: the new one is written beside it and renamed once it is on the disk. A process that is
//! killed in between leaves the old one.
//!
//! Begin with [`StateFile::open`].

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use uuid::Uuid;

use super::memory;
use crate::state::{Loader, SharedState, State, Version};

/// The size of the chunks that are read.
const CHUNK: usize = 256 * 1024;
/// What the name of a new state file ends with until it is whole.
const ENDING: &str = ".new";
/// How often a lock that another process has is tried again.
const LOCK_ATTEMPTS: usize = 30;

/// A state file, which no other emulator uses at the same time.
pub(crate) struct StateFile {
    path: PathBuf,
    /// Locked until it is closed, also when the process is killed. It is not the file itself, which is replaced. It is
    /// not removed: another process may have opened it already.
    _lock: File,
}

impl StateFile {
    /// Opens a state file, which need not exist.
    ///
    /// # Errors
    ///
    /// When it is no ordinary file, its folder cannot be written to, or another emulator uses it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        // Of a link, the file that it names is replaced.
        let path = match fs::canonicalize(path) {
            Ok(path) => path,
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(in_file(path, &error)),
        };
        match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => {
                return Err(refuse(&path, io::ErrorKind::InvalidInput, "it is no ordinary file; name another one"));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(in_file(&path, &error)),
        }
        let lock = private().create(true).truncate(false).open(beside(&path, ".lock")?);
        let lock = lock.map_err(|error| unwritable(&path, &error))?;
        match try_lock(&lock) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let reason = "another emulator uses it; stop that one, or name another file";
                return Err(refuse(&path, io::ErrorKind::ResourceBusy, reason));
            }
            Err(TryLockError::Error(error)) => return Err(in_file(&path, &error)),
        }
        let file = Self { path, _lock: lock };
        // A folder that cannot be written to is found now and not with the first change.
        let (temporary, _) = create_temporary(&file.path, ENDING).map_err(|error| unwritable(&file.path, &error))?;
        fs::remove_file(temporary).map_err(|error| unwritable(&file.path, &error))?;
        Ok(file)
    }

    /// Reads the file; none if there is none.
    pub(crate) fn load(&self, loader: Loader) -> io::Result<Option<State>> {
        match File::open(&self.path) {
            Ok(file) => read(&self.path, file, loader).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(in_file(&self.path, &error)),
        }
    }

    /// Replaces the file by a snapshot, and returns the version of the state that it has.
    pub(crate) fn save(&self, state: &Arc<SharedState>) -> io::Result<Version> {
        // One name: what a killed process left is taken over by the next one.
        replace(&self.path, ENDING, state)
    }
}

/// Locks a file. For a moment it may still be locked after it was closed: a process that another thread is starting has
/// the file open until it runs its program, also where the file is marked to be closed then.
fn try_lock(file: &File) -> Result<(), TryLockError> {
    const PAUSE: Duration = Duration::from_millis(10);
    for _ in 0..LOCK_ATTEMPTS {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            outcome => return outcome,
        }
    }
    file.try_lock()
}

/// Writes a snapshot into a file, which is replaced if there is one.
pub(crate) fn save(path: &Path, state: &Arc<SharedState>) -> io::Result<()> {
    // A name of its own, because nothing locks this file.
    replace(path, &format!(".{}.new", Uuid::new_v4().simple()), state).map(drop)
}

fn replace(path: &Path, ending: &str, state: &Arc<SharedState>) -> io::Result<Version> {
    let (temporary, file) = create_temporary(path, ending).map_err(|error| in_file(path, &error))?;
    let written = write(state, file).and_then(|version| {
        fs::rename(&temporary, path)?;
        sync_folder(path);
        Ok(version)
    });
    written.map_err(|error| {
        drop(fs::remove_file(&temporary));
        in_file(path, &error)
    })
}

fn create_temporary(path: &Path, ending: &str) -> io::Result<(PathBuf, File)> {
    let path = beside(path, ending)?;
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // Not an existing file: it could be a link that another user of a shared folder made.
    let file = private().create_new(true).open(&path)?;
    Ok((path, file))
}

/// Reads a snapshot from a file.
pub(crate) fn load(path: &Path, loader: Loader) -> io::Result<State> {
    let file = File::open(path).map_err(|error| in_file(path, &error))?;
    read(path, file, loader)
}

fn read(path: &Path, mut file: File, mut loader: Loader) -> io::Result<State> {
    let mut chunk = vec![0; CHUNK];
    let refused = |error: crate::state::SnapshotError| io::Error::from(error.in_file(path));
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return loader.finish().map_err(refused),
            Ok(read) => loader.feed(chunk.get(..read).unwrap_or_default()).map_err(refused)?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(in_file(path, &error)),
        }
    }
}

fn write(state: &Arc<SharedState>, file: File) -> io::Result<Version> {
    let mut file = BufWriter::with_capacity(CHUNK, file);
    let mut writer = memory::begin(state);
    memory::write(state, &mut writer, |chunk| file.write_all(&chunk))?;
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    // Before the rename: after a crash of the system, the name must not belong to a file without its content.
    file.sync_all()?;
    Ok(writer.version())
}

/// Makes the rename last. Not all file systems can, and the rename is done without it.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        drop(folder.sync_all());
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// A file has credentials: only its owner may read it.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The path of a hidden file beside another one.
fn beside(path: &Path, ending: &str) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| refuse(path, io::ErrorKind::InvalidInput, "it names no file"))?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(ending);
    Ok(path.with_file_name(hidden))
}

fn in_file(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn unwritable(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!(
            "{}: cannot write into its folder: {error}; name a file in a folder that you may write to",
            path.display()
        ),
    )
}

fn refuse(path: &Path, kind: io::ErrorKind, reason: &str) -> io::Error {
    io::Error::new(kind, format!("{}: {reason}", path.display()))
}
