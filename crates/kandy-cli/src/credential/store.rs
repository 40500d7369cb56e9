//! Stores of secrets: the system keyring, or a private file.

use std::collections::BTreeSet;

use super::{
    config::Profile, keyring, paths::custom_config_folder, secrets::Secrets, secrets_file, store_kind::StoreKind,
};
use crate::failure::{Failure, Result};

/// Loads the secrets of a profile from its store. No other store is tried.
pub(super) fn load(name: &str, profile: &Profile) -> Result<Option<Secrets>> {
    let entry = profile.entry(name);
    match profile.store {
        StoreKind::File => secrets_file::load(entry),
        StoreKind::Keyring => keyring::load(&in_keyring(entry)).map_err(|error| {
            Failure::local(format!(
                "the secrets of profile {name:?} cannot be read from the keyring: {error}; start or unlock it, \
                 or store the secrets in a file with `kandy auth login {name} --force --store file`"
            ))
        }),
    }
}

/// Checks that secrets could be stored, without storing any.
pub(super) fn check(wanted: Option<StoreKind>) -> Result {
    match wanted {
        Some(StoreKind::File) => secrets_file::check_writable(),
        Some(StoreKind::Keyring) => keyring::check().map_err(keyring_failure),
        // Ask the keyring only if the file is not writable, because it may be slow.
        None => secrets_file::check_writable().or_else(|failure| keyring::check().map_err(|_| failure)),
    }
}

/// Stores secrets in an entry that no profile uses yet, replacing the entry of the profile `before`. Without `wanted`,
/// uses the file if the keyring fails, and returns why it failed.
pub(super) fn save(
    entry: &str,
    secrets: &Secrets,
    wanted: Option<StoreKind>,
    before: Option<(&str, &Profile)>,
) -> Result<(StoreKind, Option<String>)> {
    let replaced = before.filter(|(_, before)| before.store == StoreKind::File);
    let replaced = replaced.map(|(name, before)| before.entry(name));
    let error = match wanted {
        Some(StoreKind::File) => None,
        Some(StoreKind::Keyring) | None => match keyring::save(&in_keyring(entry), secrets) {
            Ok(()) => {
                // The mark lets the next change remove the old entry if this process is killed; it is removed in the
                // end.
                drop(replaced.map(secrets_file::mark_replaced));
                return Ok((StoreKind::Keyring, None));
            }
            Err(error) if wanted.is_none() => Some(error),
            Err(error) => return Err(keyring_failure(error)),
        },
    };
    secrets_file::add(entry, secrets, replaced)?;
    Ok((StoreKind::File, error))
}

fn keyring_failure(error: keyring::KeyringError) -> Failure {
    Failure::local(format!(
        "the secrets cannot be stored in the keyring: {error}; start or unlock it, or use --store file"
    ))
}

/// Removes an entry, unless a profile uses it: `used` are the entries of the file in use.
pub(super) fn remove(kind: StoreKind, entry: &str, used: &BTreeSet<&str>) -> Result {
    match kind {
        StoreKind::File => secrets_file::remove_unused(used, Some(entry)),
        StoreKind::Keyring => keyring::remove(&in_keyring(entry)).map_err(|error| {
            Failure::local(format!(
                "the secrets cannot be removed from the keyring: {error}; nothing was removed; start or unlock it, and \
                 run the command again"
            ))
        }),
    }
}

/// Returns the name of an entry in the keyring. A custom folder of profiles has entries of its own, by its absolute
/// path.
fn in_keyring(name: &str) -> String {
    match custom_config_folder() {
        None => name.to_owned(),
        Some(folder) => format!("{name} in {}", std::path::absolute(&folder).unwrap_or(folder).display()),
    }
}
