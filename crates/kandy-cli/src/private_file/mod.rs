//! Files that nobody else may read.

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

/// Makes a file, which must not be there: what someone else put into its place is not written to.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    private().create_new(true).open(path)
}

/// How such a file is opened to be written.
pub(crate) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// The folder that a file is in.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
}
