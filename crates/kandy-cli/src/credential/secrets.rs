use std::collections::BTreeMap;

use kandy::Secret;
use serde::{Deserialize, Serialize};

use super::Setting;

/// The secrets of a profile, by the names of their settings.
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

    /// The names of what is there.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
