//! The kinds of stores for secrets.

use serde::{Deserialize, Serialize};

use crate::failure::{Failure, Result};

/// Where the secrets of a profile are stored.
#[derive(Clone, Copy, Debug, clap::ValueEnum, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreKind {
    /// The keyring of the operating system.
    Keyring,
    /// The file `secrets.toml`.
    File,
}

impl StoreKind {
    /// Returns the name for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Keyring => "keyring",
            Self::File => "secrets.toml",
        }
    }

    /// Returns the store in `KANDY_SECRET_STORE`. `.env` is ignored: a folder must not decide where secrets are stored.
    pub(super) fn from_environment() -> Result<Option<Self>> {
        let Some(kind) = std::env::var_os("KANDY_SECRET_STORE").filter(|kind| !kind.is_empty()) else {
            return Ok(None);
        };
        match kind.to_str() {
            Some("keyring") => Ok(Some(Self::Keyring)),
            Some("file") => Ok(Some(Self::File)),
            _ => Err(Failure::usage("KANDY_SECRET_STORE must be `keyring` or `file`")),
        }
    }
}
