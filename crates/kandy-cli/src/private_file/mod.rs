//! Files that only their owner may read: profiles, secrets, journals, rejected rows, exports.
//!
//! ```text
//! whole    reads and writes secrets as a whole
//! replace  replaces a file atomically
//! link     resolves symbolic links
//! ```
//!
//! Depends on `failure` only.

mod link;
mod replace;
mod whole;

use std::{
    fs::{File, OpenOptions},
    io,
    path::Path,
};

pub(crate) use replace::{AtomicFile, lock, remove_unlocked};
pub(crate) use whole::{check_writable, make_folder, read, write};

/// Creates a file that must not exist: a file or link that someone placed there is not written to.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    private().create_new(true).open(path)
}

/// Returns the options for opening a private file for writing.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Returns the folder of a file.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}
