//! Recovery files: they keep credentials that the service returned once, until they are stored in a profile.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

use kandy::Secret;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Config, Setting, SettingValues, paths::config_folder};
use crate::{
    failure::{Failure, Result},
    private_file::{create, lock, make_folder, remove_unlocked},
    shell::quoted,
};

const PREFIX: &str = "recovery-";
const SUFFIX: &str = ".json";
/// The maximum length of the label in the file name.
const MAX_LABEL_LENGTH: usize = 64;

/// A private file for credentials. Removed on drop unless credentials were written.
///
/// It has the format that `kandy auth login --stdin` reads. It is locked while the process runs, so that an empty file
/// without a lock is known to belong to a killed process.
#[derive(Debug)]
pub(crate) struct Recovery {
    path: PathBuf,
    file: File,
    has_credentials: bool,
}

impl Recovery {
    /// Creates an empty file in the folder of profiles, before credentials are requested. `label` says what they belong
    /// to.
    pub(crate) fn reserve(label: &str) -> Result<Self> {
        let folder = config_folder()?;
        make_folder(&folder).map_err(|error| Failure::of_file(folder.display(), &error))?;
        remove_unlocked(&folder, is_recovery, |metadata| metadata.len() == 0);
        Self::create(&folder, label)
    }

    fn create(folder: &Path, label: &str) -> Result<Self> {
        let is_plain = |c: &char| c.is_ascii_alphanumeric() || ['.', '-'].contains(c);
        let label: String = label.chars().filter(is_plain).take(MAX_LABEL_LENGTH).collect();
        loop {
            let path = folder.join(format!("{PREFIX}{label}-{}{SUFFIX}", Uuid::new_v4().simple()));
            let file = create(&path).map_err(|error| Failure::of_file(path.display(), &error))?;
            if lock(&file, &path) {
                return Ok(Self { path, file, has_credentials: false });
            }
        }
    }

    /// Writes credentials to a new file: in the folder of profiles, or else in the folder for temporary files.
    pub(crate) fn keep(label: &str, base_url: &str, given: &SettingValues) -> Result<Self> {
        let kept = Self::reserve(label).and_then(|mut file| file.write(base_url, given).map(|()| file));
        kept.or_else(|_| {
            let mut file = Self::create(&std::env::temp_dir(), label)?;
            file.write(base_url, given)?;
            Ok(file)
        })
    }

    /// Writes the credentials, which are kept until [`discard`](Self::discard).
    pub(crate) fn write(&mut self, base_url: &str, given: &SettingValues) -> Result {
        let mut members = Map::new();
        for setting in Setting::ALL {
            if let Some(value) = given.text(setting) {
                members.insert(setting.name().to_owned(), value.into());
            }
        }
        members.insert(Setting::BaseUrl.name().to_owned(), base_url.into());
        let text = Secret::from(format!("{:#}\n", Value::Object(members)));
        let written = self.file.write_all(text.expose().as_bytes()).and_then(|()| self.file.sync_all());
        self.has_credentials = written.is_ok();
        written.map_err(|error| Failure::of_file(self.path.display(), &error))
    }

    /// Returns how to store the credentials as a profile, for the end of a message. Suggests another name if the
    /// profile exists.
    pub(crate) fn advice(&self, profile: &str, base_url: &str) -> String {
        let config = Config::read().unwrap_or_default();
        let others = (2..).map(|number| format!("{profile}-{number}"));
        let mut names = std::iter::once(profile.to_owned()).chain(others);
        let name = names.find(|name| config.profile(name).is_err()).unwrap_or_default();
        let path = self.path.display().to_string();
        format!(
            "the credentials are in {path}, which only you can read; store them with `kandy auth login {} --stdin \
             --base-url {base_url} < {}`, and delete that file",
            word(&name),
            word(&path)
        )
    }

    /// Removes the file, because its credentials are stored.
    pub(crate) fn discard(mut self) {
        self.has_credentials = false;
    }

    /// Describes files of earlier commands whose credentials were not stored.
    pub(crate) fn left_over() -> Result<Vec<String>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(config_folder()?).into_iter().flatten().flatten() {
            let is_kept = || entry.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0);
            // A running command holds an exclusive lock on its own file, which is not left over.
            let is_unlocked = || File::open(entry.path()).is_ok_and(|file| file.try_lock_shared().is_ok());
            if is_recovery(&entry.file_name().to_string_lossy()) && is_kept() && is_unlocked() {
                let path = entry.path().display().to_string();
                found.push(format!(
                    "{path} contains credentials that are not in a profile; store them with `kandy auth login NAME \
                     --stdin < {}`, and delete that file",
                    word(&path)
                ));
            }
        }
        Ok(found)
    }
}

impl Drop for Recovery {
    fn drop(&mut self) {
        if !self.has_credentials {
            drop(fs::remove_file(&self.path));
        }
    }
}

fn is_recovery(name: &str) -> bool {
    name.starts_with(PREFIX) && name.ends_with(SUFFIX)
}

/// Quotes a word of a command line if necessary.
fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./@".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { quoted(text) }
}
