//! Small private files that save a request: domain names, and ids for shell completions.
//!
//! They are in `cache` in the folder of the profiles, only their owner may read them, and they contain no credential: a
//! credential is part of the hash in the name of the file, because what is cached depends on who asks. A cache that cannot
//! be read or written is no error. Begin with [`Cache::new`].

use std::{fs, path::PathBuf, time::Duration};

use aws_lc_rs::digest;

use crate::{credential, private_file};

/// The maximum size of a file.
const MAX_SIZE: u64 = 1024 * 1024;

/// A file.
pub(crate) struct Cache {
    folder: PathBuf,
    kind: &'static str,
    name: String,
    /// How long the file is used.
    max_age: Duration,
}

impl Cache {
    /// Returns the file of this kind for these texts; `None` without a folder for profiles.
    pub(crate) fn new(kind: &'static str, texts: &[&str], max_age: Duration) -> Option<Self> {
        let mut hashed = digest::Context::new(&digest::SHA256);
        for text in texts {
            // With the length, so that no two lists of texts are the same bytes.
            hashed.update(&(text.len() as u64).to_le_bytes());
            hashed.update(text.as_bytes());
        }
        let hash: String = hashed.finish().as_ref().iter().take(20).map(|byte| format!("{byte:02x}")).collect();
        let folder = credential::config_path().ok()?.join("cache");
        Some(Self { folder, kind, name: format!("{kind}-{hash}"), max_age })
    }

    /// Returns the text in the file, unless it is too old.
    pub(crate) fn read(&self) -> Option<String> {
        let path = self.folder.join(&self.name);
        // Before it is opened: a named pipe would block.
        let metadata = fs::symlink_metadata(&path).ok()?;
        if !metadata.is_file() || metadata.len() > MAX_SIZE || !self.is_fresh(&metadata) {
            return None;
        }
        Some(private_file::read(&path).ok()??.expose().to_owned())
    }

    /// Replaces the file, and removes old ones of the same kind.
    pub(crate) fn write(&self, text: String) {
        for file in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let is_of_kind =
                file.file_name().to_string_lossy().strip_prefix(self.kind).is_some_and(|n| n.starts_with('-'));
            if is_of_kind && file.metadata().is_ok_and(|metadata| !self.is_fresh(&metadata)) {
                drop(fs::remove_file(file.path()));
            }
        }
        drop(private_file::write(&self.folder.join(&self.name), &text.into()));
    }

    /// Returns whether a file is young enough. A time in the future is that of a clock that was wrong.
    fn is_fresh(&self, metadata: &fs::Metadata) -> bool {
        let age = metadata.modified().ok().and_then(|modified| modified.elapsed().ok());
        age.is_some_and(|age| age <= self.max_age)
    }
}
