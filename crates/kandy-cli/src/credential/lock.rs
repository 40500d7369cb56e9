//! The lock of the folder of profiles: only one process at a time changes them.

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

/// The lock file. It is empty and never removed: removing it would let two processes lock two files of one name.
const NAME: &str = "config.lock";
/// How long to wait for another process without a message. A write takes milliseconds.
const QUIET_WAIT: Duration = Duration::from_secs(2);
/// How long to wait at most: the other process may wait for the user to unlock a keyring.
const LOCK_TIMEOUT: Duration = Duration::from_secs(120);

/// The right to change profiles and secrets. The system releases it however the process ends.
#[derive(Debug)]
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Acquires the lock; creates the folder if it does not exist.
    pub(super) async fn acquire() -> Result<Self> {
        let folder = config_folder()?;
        let path = folder.join(NAME);
        make_folder(&folder).map_err(|error| cannot_change(&folder, &error))?;
        let file = private().read(true).create(true).truncate(false).open(&path);
        let file = file.map_err(|error| cannot_change(&path, &error))?;
        // The usual case does not start a thread: a lock that is free is taken at once (`fifty_concurrent_changes_lose_nothing`).
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => wait(file, &path).await,
            Err(TryLockError::Error(error)) => Err(cannot_change(&path, &error)),
        }
    }
}

/// Waits in a thread, because the system has no lock with a timeout. After a timeout the thread stays behind, and
/// releases the lock as soon as it gets it.
async fn wait(file: File, path: &Path) -> Result<FolderLock> {
    let (send, mut locked) = oneshot::channel();
    let waiting = thread::Builder::new().name("lock".to_owned()).spawn(move || {
        let result = file.lock().map(|()| FolderLock { _file: file });
        drop(send.send(result));
    });
    waiting.map_err(|error| cannot_change(path, &error))?;
    let gone = |_| Failure::local(format!("{}: the thread that waits for the lock stopped", path.display()));
    let result = match tokio::time::timeout(QUIET_WAIT, &mut locked).await {
        Ok(result) => result.map_err(gone)?,
        Err(_) => {
            eprint(format_args!(
                "waiting for another kandy process that changes profiles and has locked {}",
                path.display()
            ));
            let result = tokio::time::timeout(LOCK_TIMEOUT, locked).await;
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
        LOCK_TIMEOUT.as_secs()
    ))
}

fn cannot_change(path: &Path, error: &io::Error) -> Failure {
    Failure::local(format!(
        "the profiles cannot be changed: {}: {error}; make the folder writable, or set KANDY_CONFIG_DIR to another \
         folder",
        path.display()
    ))
}
