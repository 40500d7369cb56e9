//! Values of settings, from any source.

use std::collections::BTreeMap;

use kandy::Secret;

use super::{Setting, secrets::Secrets};

/// Values of settings.
#[derive(Clone, Debug, Default)]
pub(crate) struct SettingValues(BTreeMap<Setting, Secret>);

impl SettingValues {
    pub(crate) fn get(&self, setting: Setting) -> Option<&Secret> {
        self.0.get(&setting)
    }

    /// Returns a value that is not a secret.
    pub(crate) fn text(&self, setting: Setting) -> Option<String> {
        self.get(setting).map(|text| text.expose().to_owned())
    }

    /// Adds a value, unless the setting has one: the first value takes precedence.
    pub(crate) fn add(&mut self, setting: Setting, value: Secret) {
        if !value.is_empty() {
            self.0.entry(setting).or_insert(value);
        }
    }

    /// Makes the path of the CA file absolute, because commands use a profile in any working directory.
    pub(crate) fn with_absolute_ca_file(mut self) -> Self {
        if let Some(file) = self.0.get_mut(&Setting::CaFile)
            && let Ok(path) = std::path::absolute(file.expose())
            && let Some(path) = path.to_str()
        {
            *file = path.into();
        }
        self
    }

    /// Returns the values that are secrets.
    pub(super) fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        for (setting, secret) in self.0.iter().filter(|(setting, _)| setting.is_secret()) {
            secrets.insert(*setting, secret.clone());
        }
        secrets
    }
}
