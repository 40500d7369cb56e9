//! A list of users in a file.
//!
//! Depends on nothing. Begin with `List::new`.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::BoxError;

/// A list of users in a folder of its own, which is removed with it.
#[derive(Debug)]
pub(super) struct List {
    folder: TempDir,
    rows: usize,
}

impl List {
    /// Writes a list with this many users.
    pub(super) fn new(rows: usize) -> Result<Self, BoxError> {
        let list = Self { folder: tempfile::tempdir()?, rows };
        let mut file = BufWriter::new(File::create(list.path())?);
        writeln!(file, "user_id,user_country_code,user_email")?;
        for number in 0..rows {
            writeln!(file, "user{number},US,user{number}@example.com")?;
        }
        file.flush()?;
        Ok(list)
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder().join("users.csv")
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }
}
