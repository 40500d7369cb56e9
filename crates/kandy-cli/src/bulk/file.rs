//! The files beside a list.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, percent_encode};

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

/// `list.failures.csv` as the second of its kind is `list.failures-2.csv`.
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

/// The place of a file without links and detours, which need not be there: all paths to one file give the same.
pub(super) fn canonical(path: &Path) -> PathBuf {
    match path.canonicalize() {
        Ok(path) => path,
        Err(_) => folder(path)
            .canonicalize()
            .map_or_else(|_| path.to_owned(), |folder| folder.join(path.file_name().unwrap_or_default())),
    }
}

/// A path as short as it can be named from the working folder.
pub(super) fn shortened(path: &Path) -> PathBuf {
    let working = env::current_dir().and_then(|folder| folder.canonicalize());
    match working.as_ref().map(|folder| path.strip_prefix(folder)) {
        Ok(Ok(below)) if below != Path::new("") => below.to_owned(),
        _ => path.to_owned(),
    }
}

/// Whether two paths are those of one file, which need not be there.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    canonical(one) == canonical(other) || is_same_inode(one, other)
}

/// Whether two names are those of one file: links that are not symbolic.
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

/// Whether an open file is still what a path names.
#[cfg(unix)]
pub(super) fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(mine), Ok(there)) => (mine.dev(), mine.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

/// Elsewhere an open file cannot be replaced by another.
#[cfg(not(unix))]
pub(super) fn is_at(_: &File, path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| there.is_file())
}

/// What cannot stand in a line of words.
const ESCAPED: AsciiSet = CONTROLS.add(b' ').add(b'%');

/// A path as one word, as seen from a folder, which can be moved with all that is in it.
pub(super) fn to_word(path: &Path, from: &Path) -> String {
    let (path, from) = (canonical(path), canonical(from));
    let path = path.strip_prefix(&from).unwrap_or(&path);
    percent_encode(path.as_os_str().as_encoded_bytes(), &ESCAPED).to_string()
}

/// The path that a word stands for. Where it is no path of this system, it is one that no file has.
pub(super) fn from_word(word: &str, from: &Path) -> PathBuf {
    let bytes: Vec<u8> = percent_decode_str(word).collect();
    #[cfg(unix)]
    let name: OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
    #[cfg(not(unix))]
    let name: OsString = String::from_utf8_lossy(&bytes).into_owned().into();
    shortened(&canonical(from).join(name))
}

/// Takes hold of a file until it is closed. False if another process holds it.
#[cfg(unix)]
pub(super) fn lock(file: &File) -> io::Result<bool> {
    use rustix::{
        fs::{FlockOperation, flock},
        io::Errno,
    };

    match flock(file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        // Some file systems have no locks, and are not worse than before.
        Err(Errno::NOTSUP | Errno::NOSYS | Errno::NOLCK) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// Elsewhere a file is opened so that nobody else can write to it.
#[cfg(not(unix))]
pub(super) fn lock(_: &File) -> io::Result<bool> {
    Ok(true)
}
