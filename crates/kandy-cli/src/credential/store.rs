//! Where secrets are kept: in the keyring of the system, or in a file that only its owner may read.

use serde::{Deserialize, Serialize};

use kandy::Secret;

use super::{Profile, Setting};
use crate::failure::Result;

/// The kind of a store.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
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

/// A store of secrets.
pub(crate) struct Store {
    kind: StoreKind,
}

impl Store {
    /// The store of a profile.
    pub(crate) fn of(profile: &Profile) -> Result<Self> {
        Ok(Self { kind: profile.store })
    }

    /// A secret of a profile.
    pub(crate) fn secret(&self, profile: &str, setting: Setting) -> Result<Option<Secret>> {
        let _ = (self.kind, profile, setting);
        Ok(None)
    }
}
