//! Files that nobody else may read.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Opens a file, which is made if it is not there.
pub(super) fn open(path: &Path) -> io::Result<File> {
    private().read(true).write(true).create(true).truncate(false).open(path)
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
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

/// A file that appears in its place only when it is whole.
pub(crate) struct Beside {
    path: PathBuf,
    beside: PathBuf,
    whole: bool,
}

impl Beside {
    /// Begins it.
    pub(crate) fn create(path: &Path) -> io::Result<(Self, File)> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let beside = path.with_file_name(name);
        let file = private().write(true).create_new(true).open(&beside)?;
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
