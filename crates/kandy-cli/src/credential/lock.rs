//! The lock of the folder of profiles: one process at a time changes what is in it.

use std::{
    fs::{File, TryLockError},
    io,
    path::Path,
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use super::paths::config_folder;
use crate::{
    eprint::eprint,
    failure::{Failure, Result},
    private_file::{make_folder, private},
};

/// The file that is locked. It is empty and stays: to remove it would let two processes lock two files of one name.
const NAME: &str = "config.lock";
/// How long another process may hold the lock without a word. A write takes milliseconds.
const QUIET: Duration = Duration::from_secs(2);
/// How long it may hold it at all: a keyring may ask a person for its password meanwhile.
const LONGEST: Duration = Duration::from_secs(120);

/// The right to change profiles and their secrets. It ends on drop, and however the process ends.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Creates the folder if it is not there, and waits until no other process has the lock.
    pub(super) async fn acquire() -> Result<Self> {
        let folder = config_folder()?;
        let path = folder.join(NAME);
        make_folder(&folder).map_err(|error| cannot_change(&folder, &error))?;
        let file = private().read(true).create(true).truncate(false).open(&path);
        let file = file.map_err(|error| cannot_change(&path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => wait(file, &path).await,
            Err(TryLockError::Error(error)) => Err(cannot_change(&path, &error)),
        }
    }
}

/// Waits in a thread, because the system has no lock with a timeout. If the wait is given up, the thread is left behind,
/// and releases the lock at once when it gets it.
async fn wait(file: File, path: &Path) -> Result<FolderLock> {
    let (send, mut locked) = oneshot::channel();
    let waiting = thread::Builder::new().name("lock".to_owned()).spawn(move || {
        let result = file.lock().map(|()| FolderLock { _file: file });
        drop(send.send(result));
    });
    waiting.map_err(|error| cannot_change(path, &error))?;
    let gone = |_| Failure::local(format!("{}: the thread that waits for the lock stopped", path.display()));
    let result = match tokio::time::timeout(QUIET, &mut locked).await {
        Ok(result) => result.map_err(gone)?,
        Err(_) => {
            eprint(format_args!(
                "waiting for another kandy process that changes profiles and has locked {}",
                path.display()
            ));
            let result = tokio::time::timeout(LONGEST, locked).await;
            result.map_err(|_| still_locked(path))?.map_err(gone)?
        }
    };
    result.map_err(|error| cannot_change(path, &error))
}

fn still_locked(path: &Path) -> Failure {
    Failure::local(format!(
        "the profiles were not changed: another kandy process has locked {} for more than {}s; end that process, \
         and run the command again",
        path.display(),
        LONGEST.as_secs()
    ))
}

fn cannot_change(path: &Path, error: &io::Error) -> Failure {
    Failure::local(format!(
        "the profiles cannot be changed: {}: {error}; make the folder writable, or set KANDY_CONFIG_DIR to another \
         folder",
        path.display()
    ))
}
