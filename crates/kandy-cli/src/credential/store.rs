//! Where secrets are kept: in the keyring of the system, or in a file that only its owner may read.

use std::collections::BTreeSet;

use super::{
    config::Profile, keyring, paths::custom_config_folder, secrets::Secrets, secrets_file, store_kind::StoreKind,
};
use crate::failure::{Failure, Result};

/// The secrets that the entry of a profile has, if it is there. No other store is looked at.
pub(super) fn load(name: &str, profile: &Profile) -> Result<Option<Secrets>> {
    let entry = profile.entry(name);
    match profile.store {
        StoreKind::File => secrets_file::load(entry),
        StoreKind::Keyring => keyring::load(&in_keyring(entry)).map_err(|trouble| {
            Failure::local(format!(
                "the secrets of profile {name:?} cannot be read from the keyring: {trouble}; start or unlock it, \
                 or store the secrets in a file with `kandy auth login {name} --force --store file`"
            ))
        }),
    }
}

/// Fails if secrets could not be stored. Nothing is stored.
pub(super) fn check(wanted: Option<StoreKind>) -> Result {
    match wanted {
        Some(StoreKind::File) => secrets_file::check_writable(),
        Some(StoreKind::Keyring) => keyring::check().map_err(not_taken),
        // The keyring is asked only where there is nothing else, since that may take a while.
        None => secrets_file::check_writable().or_else(|failure| keyring::check().map_err(|_| failure)),
    }
}

/// Stores secrets under the name of an entry that no profile uses yet, instead of what the profile `before` has. Where
/// nobody said where, and the keyring fails, they go to the file, and why is returned too.
pub(super) fn save(
    entry: &str,
    secrets: &Secrets,
    wanted: Option<StoreKind>,
    before: Option<(&str, &Profile)>,
) -> Result<(StoreKind, Option<String>)> {
    let replaced = before.filter(|(_, before)| before.store == StoreKind::File);
    let replaced = replaced.map(|(name, before)| before.entry(name));
    let trouble = match wanted {
        Some(StoreKind::File) => None,
        Some(StoreKind::Keyring) | None => match keyring::save(&in_keyring(entry), secrets) {
            Ok(()) => {
                // Without the mark the entry would stay if this process was killed, and it is removed at the end again.
                drop(replaced.map(secrets_file::mark_replaced));
                return Ok((StoreKind::Keyring, None));
            }
            Err(trouble) if wanted.is_none() => Some(trouble),
            Err(trouble) => return Err(not_taken(trouble)),
        },
    };
    secrets_file::add(entry, secrets, replaced)?;
    Ok((StoreKind::File, trouble))
}

fn not_taken(trouble: keyring::KeyringError) -> Failure {
    Failure::local(format!(
        "the secrets cannot be stored in the keyring: {trouble}; start or unlock it, or use --store file"
    ))
}

/// Removes an entry, unless a profile uses it: `used` are those of the file.
pub(super) fn remove(kind: StoreKind, entry: &str, used: &BTreeSet<&str>) -> Result {
    match kind {
        StoreKind::File => secrets_file::settle(used, Some(entry)),
        StoreKind::Keyring => keyring::remove(&in_keyring(entry)).map_err(|trouble| {
            Failure::local(format!(
                "the secrets cannot be removed from the keyring: {trouble}; nothing was removed; start or unlock it, and \
                 run the command again"
            ))
        }),
    }
}

/// What an entry is called in the keyring. Profiles of a folder of their own have entries of their own, and a folder that
/// is named from here is another one elsewhere.
fn in_keyring(name: &str) -> String {
    match custom_config_folder() {
        None => name.to_owned(),
        Some(folder) => format!("{name} in {}", std::path::absolute(&folder).unwrap_or(folder).display()),
    }
}
