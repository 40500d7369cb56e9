//! Locks of `kandy message watch` and `kandy message resend`.
//!
//! A lock file is empty and never removed: removing it would let two processes lock two files of one name. The system
//! releases a lock however its process ends.

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use kandy::Device;

use super::id_hash::{plain, short_hash};
use crate::{
    credential::config_path,
    failure::{Failure, Result},
    private_file::{folder, make_folder, private},
};

/// An exclusive lock.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Locks a file, which is created if it does not exist. Returns `None` if another process has locked it.
    pub(super) fn acquire(path: &Path) -> io::Result<Option<Self>> {
        let file = private().read(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Locks the messages of a device, so that only one process handles them.
    pub(super) fn acquire_device(base_url: &str, device: &Device) -> Result<Self> {
        let path = device_file(base_url, device, ".lock").map_err(|failure| {
            Failure::local(format!("{failure} Or use --no-lock, if no other `kandy message watch` runs."))
        })?;
        let lock = make_folder(folder(&path)).and_then(|()| Self::acquire(&path)).map_err(|error| {
            Failure::local(format!(
                "{}: {error}; this lock keeps two `kandy message watch` from handling the same messages. Make the \
                 folder writable, set KANDY_CONFIG_DIR to another folder, or use --no-lock",
                path.display()
            ))
        })?;
        lock.ok_or_else(|| {
            Failure::local(format!(
                "another `kandy message watch` handles the messages of device {:?}. End it first, or use --no-lock; \
                 then both may receive the same messages.",
                device.id().as_str()
            ))
        })
    }
}

/// Returns the file of a device in the folder of profiles. Its name is a hash of the base URL and the device.
pub(super) fn device_file(base_url: &str, device: &Device, suffix: &str) -> Result<PathBuf> {
    let hash = short_hash(&format!("{base_url}\n{}", plain(device.id().as_str())));
    Ok(config_path()?.join("watch").join(format!("{hash}{suffix}")))
}
