//! Where secrets are kept: in the keyring of the system, or in a file that only its owner may read.

use serde::{Deserialize, Serialize};

use super::{Profile, config::chosen_folder, keyring, secrets::Secrets, secrets_file};
use crate::failure::{Failure, Result};

/// The kind of a store.
#[derive(Clone, Copy, Debug, clap::ValueEnum, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreKind {
    /// The keyring of the operating system.
    Keyring,
    /// The file `secrets.toml`.
    File,
}

impl StoreKind {
    /// What people call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "secrets.toml",
        }
    }
}

/// The secrets of a profile, from where it says that they are. No other place is looked at.
pub(super) fn load(name: &str, profile: &Profile) -> Result<Secrets> {
    match profile.store {
        StoreKind::File => secrets_file::load(name),
        StoreKind::Keyring => keyring::load(&entry(name)).map_err(|trouble| {
            Failure::local(format!(
                "the keyring, where the secrets of profile {name:?} are, is of no use: {trouble}; start or unlock it, \
                 or store them in a file with `kandy auth login {name} --force --store file`"
            ))
        }),
    }
}

/// Stores secrets. Where nobody said where, and the keyring fails, they go to the file, and why is answered too.
pub(super) fn save(name: &str, secrets: &Secrets, wanted: Option<StoreKind>) -> Result<(StoreKind, Option<String>)> {
    let trouble = match wanted {
        Some(StoreKind::File) => None,
        Some(StoreKind::Keyring) | None => match keyring::save(&entry(name), secrets) {
            Ok(()) => return Ok((StoreKind::Keyring, None)),
            Err(trouble) if wanted.is_none() => Some(trouble),
            Err(trouble) => {
                return Err(Failure::local(format!(
                    "the keyring does not take the secrets: {trouble}; start or unlock it, or use --store file"
                )));
            }
        },
    };
    secrets_file::save(name, secrets)?;
    Ok((StoreKind::File, trouble))
}

/// Removes the secrets of a profile.
pub(super) fn remove(name: &str, profile: &Profile) -> Result {
    match profile.store {
        StoreKind::File => secrets_file::remove(name),
        StoreKind::Keyring => keyring::remove(&entry(name)).map_err(|trouble| {
            Failure::local(format!(
                "the keyring, where the secrets of profile {name:?} are, is of no use: {trouble}; nothing was removed"
            ))
        }),
    }
}

/// The store that the environment asks for. A `.env` is not asked: where secrets lie is no matter of a folder.
pub(super) fn wanted() -> Result<Option<StoreKind>> {
    let Some(kind) = std::env::var_os("KANDY_SECRET_STORE").filter(|kind| !kind.is_empty()) else { return Ok(None) };
    match kind.to_str() {
        Some("keyring") => Ok(Some(StoreKind::Keyring)),
        Some("file") => Ok(Some(StoreKind::File)),
        _ => Err(Failure::usage("KANDY_SECRET_STORE is neither keyring nor file")),
    }
}

/// What the entry of a profile is called. Profiles of a folder of their own have entries of their own, and a folder that
/// is named from here is another one elsewhere.
fn entry(name: &str) -> String {
    match chosen_folder() {
        None => name.to_owned(),
        Some(folder) => format!("{name} in {}", std::path::absolute(&folder).unwrap_or(folder).display()),
    }
}
