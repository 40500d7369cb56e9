//! File names, locks and identities of the files that belong to a list.
//!
//! Depends on [`crate::private_file`] only.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};

use crate::private_file::{folder, private};

/// Opens a private file for reading and writing; creates it if it does not exist.
pub(super) fn open(path: &Path) -> io::Result<File> {
    private().read(true).create(true).truncate(false).open(path)
}

/// Appends a suffix to a file name: `list.csv` with `.failures.csv` becomes `list.failures.csv`, because the extension
/// is not repeated.
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

/// Adds a number to a file name: the second `list.failures.csv` is `list.failures-2.csv`.
pub(super) fn numbered(path: &Path, number: u32) -> PathBuf {
    if number < 2 {
        return path.to_owned();
    }
    let mut name: OsString = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

/// Returns the canonical path of a file that need not exist: all paths to one file have the same.
pub(super) fn canonical(path: &Path) -> PathBuf {
    match path.canonicalize() {
        Ok(path) => path,
        Err(_) => folder(path)
            .canonicalize()
            .map_or_else(|_| path.to_owned(), |folder| folder.join(path.file_name().unwrap_or_default())),
    }
}

/// Returns a path relative to the working directory, if the file is below it.
pub(super) fn relative_path(path: &Path) -> PathBuf {
    let working = env::current_dir().and_then(|folder| folder.canonicalize());
    match working.as_ref().map(|folder| path.strip_prefix(folder)) {
        Ok(Ok(below)) if below != Path::new("") => below.to_owned(),
        _ => path.to_owned(),
    }
}

/// Returns whether two paths name the same file, which need not exist.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    canonical(one) == canonical(other) || is_same_inode(one, other)
}

/// Returns whether two paths are hard links to the same file.
#[cfg(unix)]
fn is_same_inode(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same_inode(_: &Path, _: &Path) -> bool {
    false
}

/// Returns whether a path still names an open file.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(mine), Ok(there)) => (mine.dev(), mine.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// On Windows an open file cannot be replaced by another.
#[cfg(not(unix))]
pub(super) fn is_at(_: &File, path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_file())
}

/// The bytes of a path that are percent-encoded in the journal, whose words are separated by blanks.
const ESCAPED: AsciiSet = CONTROLS.add(b' ').add(b'%');

/// Encodes a path as one word, relative to a folder, so that the folder can be moved with its files.
pub(super) fn to_word(path: &Path, from: &Path) -> String {
    let (path, from) = (canonical(path), canonical(from));
    let path = path.strip_prefix(&from).unwrap_or(&path);
    percent_encode(path.as_os_str().as_encoded_bytes(), &ESCAPED).to_string()
}

/// Decodes a path. A name that this platform cannot represent decodes to one that no file has.
pub(super) fn from_word(word: &str, from: &Path) -> PathBuf {
    let bytes: Vec<u8> = percent_decode_str(word).collect();
    #[cfg(unix)]
    let name: OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
    #[cfg(not(unix))]
    let name: OsString = String::from_utf8_lossy(&bytes).into_owned().into();
    relative_path(&canonical(from).join(name))
}

/// Locks a file until it is closed. Returns false if another process holds the lock.
#[cfg(unix)]
pub(super) fn lock(file: &File) -> io::Result<bool> {
    use rustix::{
        fs::{FlockOperation, flock},
        io::Errno,
    };

    // flock belongs to the open file, so the system releases it however the process ends.
    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        // On file systems without locks, concurrent runs are not detected; the run continues.
        Err(Errno::NOTSUP | Errno::NOSYS | Errno::NOLCK) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// On Windows a file is opened so that no other process can write to it: by its share mode.
#[cfg(not(unix))]
pub(super) fn lock(_: &File) -> io::Result<bool> {
    Ok(true)
}
