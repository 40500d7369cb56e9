//! Files that nobody else may read.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

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
