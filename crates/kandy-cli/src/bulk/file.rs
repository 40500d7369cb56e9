//! Files that nobody else may read.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

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

/// Makes a file, which must not be there: what someone else put into its place is not written to.
pub(super) fn create(path: &Path) -> io::Result<File> {
    private().create_new(true).open(path)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
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

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."))
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

/// A file that appears in its place only when it is whole.
pub(crate) struct Beside {
    path: PathBuf,
    beside: PathBuf,
    whole: bool,
}

impl Beside {
    /// Begins it.
    pub(crate) fn create(path: &Path) -> io::Result<(Self, File)> {
        // A device must not be replaced by a file, and a folder cannot be.
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is there, and is not a file; - is stdout"));
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let beside = path.with_file_name(name);
        let file = create(&beside)?;
        Ok((Self { path: path.to_owned(), beside, whole: false }, file))
    }

    /// Puts it into its place.
    pub(crate) fn finish(mut self, file: &File) -> io::Result<()> {
        file.sync_all()?;
        fs::rename(&self.beside, &self.path)?;
        self.whole = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.whole {
            // What is half written is of no use to anyone.
            drop(fs::remove_file(&self.beside));
        }
    }
}
