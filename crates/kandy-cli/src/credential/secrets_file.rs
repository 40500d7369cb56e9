//! `secrets.toml`: the secrets of profiles where there is no keyring.
//!
//! Writers hold the lock of the folder. Readers need none: the file is replaced atomically, and an entry that a profile
//! names is never changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use kandy::Secret;

use super::{line_of, paths::config_folder, secrets::Secrets};
use crate::{
    failure::{Failure, Result},
    private_file,
};

/// Secrets by entry name.
type Entries = BTreeMap<String, Secrets>;

/// Returns the path of the file.
pub(super) fn path() -> Result<PathBuf> {
    Ok(config_folder()?.join("secrets.toml"))
}

/// Loads the secrets of an entry, if it exists.
pub(super) fn load(entry: &str) -> Result<Option<Secrets>> {
    Ok(read()?.remove(entry))
}

/// Checks that the file could be changed, without changing it.
pub(super) fn check_writable() -> Result {
    read()?;
    private_file::check_writable(&path()?)
}

/// Adds an entry that a profile is about to use in place of the entry `replaced`. Both are marked until
/// [`remove_unused`], so that a killed process leaves no entry whose use is unknown.
pub(super) fn add(entry: &str, secrets: &Secrets, replaced: Option<&str>) -> Result {
    let mut entries = read()?;
    let mut secrets = secrets.clone();
    // Both the new and the old entry are marked in one write. Until config.toml names one of them, only the marks tell the
    // next command which entries it may remove (`stale_secrets_are_removed`).
    secrets.set_in_transition(true);
    entries.insert(entry.to_owned(), secrets);
    mark(&mut entries, replaced);
    write(&entries)
}

/// Marks an entry that a profile is about to stop using.
pub(super) fn mark_replaced(entry: &str) -> Result {
    let mut entries = read()?;
    mark(&mut entries, Some(entry));
    write(&entries)
}

fn mark(entries: &mut Entries, entry: Option<&str>) {
    if let Some(replaced) = entry.and_then(|entry| entries.get_mut(entry)) {
        replaced.set_in_transition(true);
    }
}

/// Removes the entry `removed` and the marked entries, unless a profile uses them, and clears the other marks.
pub(super) fn remove_unused(used: &BTreeSet<&str>, removed: Option<&str>) -> Result {
    let mut entries = read()?;
    let is_clean = |(entry, secrets): (&String, &Secrets)| {
        !secrets.is_in_transition() && (Some(entry.as_str()) != removed || used.contains(entry.as_str()))
    };
    // Rewriting a file that needs no change would only risk it.
    if entries.iter().all(is_clean) {
        return Ok(());
    }
    entries.retain(|entry, secrets| {
        used.contains(entry.as_str()) || !(secrets.is_in_transition() || Some(entry.as_str()) == removed)
    });
    for secrets in entries.values_mut() {
        secrets.set_in_transition(false);
    }
    write(&entries)
}

fn read() -> Result<Entries> {
    let path = path()?;
    let Some(text) = private_file::read(&path)? else { return Ok(Entries::new()) };
    // The invalid line is not shown, because it may contain a secret.
    toml::from_str(text.expose()).map_err(|error: toml::de::Error| {
        let line = line_of(text.expose(), error.span());
        Failure::local(format!("{}: line {line} is invalid; correct or remove it", path.display()))
    })
}

/// Replaces the file. An empty one is removed, unless it is a symbolic link.
fn write(entries: &Entries) -> Result {
    let path = path()?;
    if entries.is_empty() && fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
        return fs::remove_file(&path).map_err(|error| Failure::of_file(path.display(), &error));
    }
    // The reason is not shown, because it may contain a secret.
    let text = toml::to_string(entries).map_err(|_| Failure::local("the secrets cannot be serialized as TOML"))?;
    private_file::write(&path, &Secret::from(text))
}
