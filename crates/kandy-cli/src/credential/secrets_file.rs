//! The file of secrets, for where there is no keyring.

use std::{collections::BTreeMap, fs, path::PathBuf};

use kandy::Secret;

use super::{config::folder, line_of, private_file, secrets::Secrets};
use crate::failure::{Failure, Result};

/// The secrets of all profiles.
type All = BTreeMap<String, Secrets>;

/// Where it is.
pub(super) fn path() -> Result<PathBuf> {
    Ok(folder()?.join("secrets.toml"))
}

pub(super) fn load(profile: &str) -> Result<Secrets> {
    Ok(all()?.remove(profile).unwrap_or_default())
}

pub(super) fn save(profile: &str, secrets: &Secrets) -> Result {
    let mut all = all()?;
    all.insert(profile.to_owned(), secrets.clone());
    write(&all)
}

/// Removes the secrets of a profile, and the file with the last of them.
pub(super) fn remove(profile: &str) -> Result {
    let mut all = all()?;
    if all.remove(profile).is_none() {
        return Ok(());
    }
    if all.is_empty() {
        let path = path()?;
        return fs::remove_file(&path).map_err(|error| Failure::of_file(path.display(), &error));
    }
    write(&all)
}

fn all() -> Result<All> {
    let path = path()?;
    let Some(text) = private_file::read(&path)? else { return Ok(All::new()) };
    // The parser shows the line that it does not understand, which may be a secret.
    toml::from_str(text.expose()).map_err(|error: toml::de::Error| {
        let line = line_of(text.expose(), error.span());
        Failure::local(format!("{}: line {line} cannot be understood", path.display()))
    })
}

fn write(all: &All) -> Result {
    // Nor does it matter to anyone what cannot be written.
    let text = toml::to_string(all).map_err(|_| Failure::local("the secrets cannot be written as TOML"))?;
    private_file::write(&path()?, &Secret::from(text))
}
