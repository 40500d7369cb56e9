//! The files beside a list.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use crate::private_file::{folder, private};

/// Opens a file, which is made if it is not there.
pub(super) fn open(path: &Path) -> io::Result<File> {
    private().read(true).create(true).truncate(false).open(path)
}

/// The same for one that nobody else is to write to meanwhile. Where files have no such modes, a lock does that.
pub(super) fn open_alone(path: &Path) -> io::Result<File> {
    let mut options = private();
    // Others may read it and remove it.
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0x1 | 0x4);
    options.read(true).create(true).truncate(false).open(path)
}

/// Whether a file cannot be opened because another process holds it.
pub(super) fn is_held(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    cfg!(windows) && error.raw_os_error() == Some(SHARING_VIOLATION)
}

/// `list.csv` with `.failures.csv` becomes `list.failures.csv`; anything else gets it at the end.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    if let (Some(stem), Some(extension)) = (path.file_stem(), path.extension())
        && suffix.ends_with(&*format!(".{}", extension.to_string_lossy()))
    {
        name = stem.to_owned();
    }
    name.push(suffix);
    path.with_file_name(name)
}

/// Whether two paths are those of one file, which need not be there.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| match path.canonicalize() {
        Ok(path) => path,
        Err(_) => folder(path)
            .canonicalize()
            .map_or_else(|_| path.to_owned(), |folder| folder.join(path.file_name().unwrap_or_default())),
    };
    place(one) == place(other)
}
