//! Replaces files atomically: writes a temporary file in the same folder and renames it.
//!
//! A temporary file has a random name between a fixed prefix and suffix, and is locked by the process that writes it.
//! The system releases the lock however that process ends. So an unlocked temporary file belongs to a killed process,
//! and the next process that writes the same file removes it.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use super::{create, folder, link};

/// The suffix of temporary files.
const SUFFIX: &str = ".kandy-tmp";
/// The number of bytes of the file name that the temporary name repeats: a name may have 255 in all.
const MAX_NAME_LENGTH: usize = 150;
/// How often another process may remove the new temporary file before it was locked.
const ATTEMPTS: usize = 100;

/// A file that replaces another one when it is complete.
pub(crate) struct AtomicFile {
    /// The final path, which is not a symbolic link.
    path: PathBuf,
    /// The temporary file, which is removed on drop.
    temporary: TempPath,
}

impl AtomicFile {
    /// Creates the temporary file. A symbolic link at `path` is followed and kept.
    pub(crate) fn create(path: &Path) -> io::Result<(Self, File)> {
        // Never replace a device by a file.
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "it exists and is not a regular file; use - for \
                stdout",
            ));
        }
        let path = link::target(path)?;
        let prefix = prefix(&path);
        let is_temporary = |name: &str| {
            let random = name.strip_prefix(&prefix).and_then(|rest| rest.strip_suffix(SUFFIX));
            random.is_some_and(|random| !random.is_empty() && random.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        };
        remove_unlocked(folder(&path), is_temporary, |_| true);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(SUFFIX).rand_bytes(12);
        for _ in 0..ATTEMPTS {
            // Between creation and lock the file looks like that of a killed process, so another process may remove it.
            let (file, temporary) = builder.make_in(folder(&path), create)?.into_parts();
            if lock(&file, &temporary) {
                return Ok((Self { path, temporary }, file));
            }
        }
        Err(io::Error::other("another process repeatedly removes its temporary file"))
    }

    /// Syncs the file and renames it to its final path.
    pub(crate) fn finish(self, file: &File) -> io::Result<()> {
        file.sync_all()?;
        // On Windows the lock would keep others from reading the file after the rename.
        #[cfg(windows)]
        drop(file.unlock());
        self.temporary.persist(&self.path).map_err(|error| error.error)?;
        // Sync the folder, so that the rename survives a power failure. Not every file system can; the file is complete
        // in any case.
        #[cfg(unix)]
        drop(File::open(folder(&self.path)).and_then(|folder| folder.sync_all()));
        Ok(())
    }
}

/// Returns the prefix of the temporary files for `path`.
fn prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let end = (0..=name.len().min(MAX_NAME_LENGTH)).rev().find(|end| name.is_char_boundary(*end)).unwrap_or_default();
    format!(".{}.", &name[..end])
}

/// Locks a new file. Returns false if another process removed it first.
pub(crate) fn lock(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => exists(file, path),
        Err(TryLockError::WouldBlock) => false,
        // The file system has no locks, so no other process can lock it to remove it, either.
        Err(TryLockError::Error(_)) => true,
    }
}

#[cfg(unix)]
fn exists(file: &File, _: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| std::os::unix::fs::MetadataExt::nlink(&metadata) > 0)
}

#[cfg(not(unix))]
fn exists(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Removes temporary files in a folder that no process has locked.
///
/// `is_stale` is called with the metadata of a locked file. Errors are ignored: nothing depends on the removal.
pub(crate) fn remove_unlocked(
    folder: &Path,
    is_temporary: impl Fn(&str) -> bool,
    is_stale: impl Fn(&fs::Metadata) -> bool,
) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // Links and folders were not created here.
        let is_file = || entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_temporary(&entry.file_name().to_string_lossy()) || !is_file() {
            continue;
        }
        let path = entry.path();
        let Ok(file) = fs::OpenOptions::new().write(true).open(&path) else { continue };
        if file.try_lock().is_ok() && file.metadata().is_ok_and(|metadata| is_stale(&metadata)) {
            drop(fs::remove_file(&path));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn file_appears_when_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        let (beside, mut file) = AtomicFile::create(&path).unwrap();
        file.write_all(b"whole").unwrap();
        assert!(!path.exists());
        beside.finish(&file).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        drop(AtomicFile::create(&path).unwrap());
        assert_eq!(names(folder.path()), ["list"]);
    }

    #[test]
    fn removes_only_unlocked_temporary_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        let (_held, _file) = AtomicFile::create(&path).unwrap();
        let held = names(folder.path()).remove(0);
        let kept = [
            ".list.0.kandy-tmp.bak",
            ".list.kandy-tmp",
            ".list.csv.0.kandy-tmp",
            ".other.0.kandy-tmp",
            "list.1.new",
            "list.kandy-tmp",
        ];
        for name in kept.iter().chain(&[".list.0.kandy-tmp", ".list.abc.kandy-tmp"]) {
            fs::write(folder.path().join(name), name).unwrap();
        }
        fs::create_dir(folder.path().join(".list.folder.kandy-tmp")).unwrap();
        drop(AtomicFile::create(&path).unwrap());
        let mut left: Vec<_> = kept.iter().map(|name| (*name).to_owned()).collect();
        left.extend([held, ".list.folder.kandy-tmp".to_owned()]);
        left.sort();
        assert_eq!(names(folder.path()), left);
    }

    #[test]
    fn temporary_names_are_never_too_long() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x".repeat(255), "\u{fc}".repeat(127), "\u{1F600}".repeat(63)] {
            let path = folder.path().join(&name);
            let (beside, file) = AtomicFile::create(&path).unwrap();
            beside.finish(&file).unwrap();
            assert!(path.is_file());
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_are_kept_and_followed() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("elsewhere")).unwrap();
        symlink("elsewhere/new", at("dangling")).unwrap();
        symlink("dangling", at("chain")).unwrap();
        symlink(at("elsewhere/old"), at("absolute")).unwrap();
        fs::write(at("elsewhere/old"), "old").unwrap();
        for (link, target) in [("chain", "elsewhere/new"), ("dangling", "elsewhere/new"), ("absolute", "elsewhere/old")]
        {
            let (beside, mut file) = AtomicFile::create(&at(link)).unwrap();
            file.write_all(link.as_bytes()).unwrap();
            beside.finish(&file).unwrap();
            assert!(fs::symlink_metadata(at(link)).unwrap().is_symlink(), "{link}");
            assert_eq!(fs::read_to_string(at(target)).unwrap(), link);
        }
        symlink("circle", at("circle")).unwrap();
        assert!(AtomicFile::create(&at("circle")).is_err());
        assert_eq!(names(&at("elsewhere")), ["new", "old"]);
    }

    /// A link that another user places in a shared folder does not choose where credentials go.
    #[cfg(unix)]
    #[test]
    fn rejects_links_of_other_users() {
        use std::os::unix::fs::{lchown, symlink};

        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        symlink("elsewhere", &link).unwrap();
        if lchown(&link, Some(12345), None).is_err() {
            eprintln!("skipped: only the superuser can make a link of another user");
            return;
        }
        let error = AtomicFile::create(&link).err().expect("a refusal");
        assert!(error.to_string().contains("another user (uid 12345)"), "{error}");
        assert_eq!(names(folder.path()), ["link"]);
    }
}
