//! `config.toml`: the profiles, without secrets.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

use super::{Setting, line_of, paths::config_folder, store_kind::StoreKind};
use crate::{
    failure::{Failure, Result},
    private_file,
};

/// All profiles.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The profile that is used unless another one is selected.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_profile: Option<String>,
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
}

/// A base URL, and which credentials are stored elsewhere for it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub(super) base_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ca_file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) device_id: Option<String>,
    /// The store of the secrets.
    pub(super) store: StoreKind,
    /// The entry of that store. Each write uses a new one, so that a reader of this profile never gets the secrets of
    /// another version of it. Profiles of earlier versions have none: see [`Self::entry`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) secrets: Option<String>,
    /// The names of the stored secrets.
    #[serde(default)]
    pub(super) stored: BTreeSet<String>,
}

impl Config {
    /// Reads the file; a missing file has no profiles.
    pub(crate) fn read() -> Result<Self> {
        let path = path()?;
        match fs::read_to_string(&path) {
            // The invalid line is not shown, because it may contain a secret.
            Ok(text) => toml::from_str(&text).map_err(|error: toml::de::Error| {
                let line = line_of(&text, error.span());
                Failure::local(format!("{}: line {line} is invalid; correct or remove it", path.display()))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Failure::of_file(path.display(), &error)),
        }
    }

    /// Replaces the file. The caller holds the lock of the folder: see [`super::LockedConfig`].
    pub(super) fn write(&self) -> Result {
        let text =
            toml::to_string(self).map_err(|error| Failure::local(format!("profiles cannot be written: {error}")))?;
        private_file::write(&path()?, &text.into())
    }

    /// Checks that the file could be replaced, without changing it.
    pub(super) fn check_writable() -> Result {
        private_file::check_writable(&path()?)
    }

    /// Returns the profile with this name.
    pub(crate) fn profile(&self, name: &str) -> Result<&Profile> {
        self.profiles.get(name).ok_or_else(|| {
            let names: Vec<_> = self.profiles.keys().map(String::as_str).collect();
            Failure::usage(match names.as_slice() {
                [] => format!("There is no profile {name:?}, nor any other. Create one with `kandy auth login`."),
                names => format!("There is no profile {name:?}. Existing profiles: {}", names.join(", ")),
            })
        })
    }

    /// Returns the default profile.
    pub(crate) fn default_profile(&self) -> Option<(&str, &Profile)> {
        let name = self.default_profile.as_deref()?;
        Some((name, self.profiles.get(name)?))
    }

    /// Iterates over all profiles.
    pub(crate) fn profiles(&self) -> impl Iterator<Item = (&str, &Profile)> {
        self.profiles.iter().map(|(name, profile)| (name.as_str(), profile))
    }

    /// Returns the entries of `secrets.toml` that profiles use.
    pub(super) fn used_entries(&self) -> BTreeSet<&str> {
        let of_file = self.profiles().filter(|(_, profile)| profile.store == StoreKind::File);
        of_file.map(|(name, profile)| profile.entry(name)).collect()
    }

    /// Adds or replaces a profile. The first one becomes the default.
    pub(super) fn insert(&mut self, name: &str, profile: Profile) {
        self.default_profile.get_or_insert_with(|| name.to_owned());
        self.profiles.insert(name.to_owned(), profile);
    }

    /// Makes a profile the default.
    pub(super) fn set_default(&mut self, name: &str) -> Result {
        self.profile(name)?;
        self.default_profile = Some(name.to_owned());
        Ok(())
    }

    /// Removes a profile.
    pub(super) fn remove(&mut self, name: &str) -> Option<Profile> {
        if self.default_profile.as_deref() == Some(name) {
            self.default_profile = None;
        }
        self.profiles.remove(name)
    }
}

impl Profile {
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    pub(crate) fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    pub(crate) fn store(&self) -> StoreKind {
        self.store
    }

    /// Returns the store entry of this profile, which is called `name`.
    pub(super) fn entry<'a>(&'a self, name: &'a str) -> &'a str {
        self.secrets.as_deref().unwrap_or(name)
    }

    /// Returns a setting that is not a secret.
    pub(super) fn text(&self, setting: Setting) -> Option<&str> {
        match setting {
            Setting::BaseUrl => Some(&self.base_url),
            Setting::CaFile => self.ca_file.as_deref(),
            Setting::UserId => self.user_id.as_deref(),
            Setting::DeviceId => self.device_id.as_deref(),
            _ => None,
        }
    }

    /// Returns where a setting is stored, if it is.
    pub(super) fn place(&self, setting: Setting) -> Option<&'static str> {
        if setting.is_secret() {
            return self.stored.contains(setting.name()).then(|| self.store.name());
        }
        self.text(setting).map(|_| "config.toml")
    }
}

/// Returns the names of all profiles, for completions; none if they cannot be read.
pub(crate) fn profile_names() -> Vec<String> {
    Config::read().map(|config| config.profiles.into_keys().collect()).unwrap_or_default()
}

fn path() -> Result<PathBuf> {
    Ok(config_folder()?.join("config.toml"))
}

/// Returns whether two base URLs are the same. A slash at the end makes no difference.
pub(super) fn is_same_base_url(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}
