//! The secrets of a profile.

use std::collections::BTreeMap;

use kandy::Secret;
use serde::{Deserialize, Serialize};

use super::Setting;

/// The base URL that the secrets belong to, stored beside them.
const BASE_URL: &str = Setting::BaseUrl.name();
/// Marks an entry while a command replaces it or adds its replacement.
const IN_TRANSITION: &str = "in_transition";

/// The secrets of a profile, by setting name.
#[derive(Clone, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(transparent)]
pub(crate) struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    pub(crate) fn get(&self, setting: Setting) -> Option<&Secret> {
        self.0.get(setting.name())
    }

    pub(crate) fn insert(&mut self, setting: Setting, secret: Secret) {
        self.0.insert(setting.name().to_owned(), secret);
    }

    /// Returns the names of the secrets.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str).filter(|name| ![BASE_URL, IN_TRANSITION].contains(name))
    }

    /// Returns the base URL that they belong to. Entries of earlier versions have none.
    pub(super) fn base_url(&self) -> Option<&str> {
        self.0.get(BASE_URL).map(Secret::expose)
    }

    /// Sets the base URL that they belong to.
    pub(super) fn set_base_url(&mut self, base_url: &str) {
        self.0.insert(BASE_URL.to_owned(), base_url.into());
    }

    /// Returns whether a command was replacing the entry, or adding it as a replacement.
    pub(super) fn is_in_transition(&self) -> bool {
        self.0.contains_key(IN_TRANSITION)
    }

    pub(super) fn set_in_transition(&mut self, in_transition: bool) {
        match in_transition {
            true => drop(self.0.insert(IN_TRANSITION.to_owned(), "true".into())),
            false => drop(self.0.remove(IN_TRANSITION)),
        }
    }
}
