use std::collections::BTreeMap;

use kandy::Secret;

use super::{Setting, secrets::Secrets};

/// Settings that are at hand, wherever they came from.
#[derive(Clone, Debug, Default)]
pub(crate) struct SettingValues(BTreeMap<Setting, Secret>);

impl SettingValues {
    pub(crate) fn get(&self, setting: Setting) -> Option<&Secret> {
        self.0.get(&setting)
    }

    /// One that is no secret.
    pub(crate) fn text(&self, setting: Setting) -> Option<String> {
        self.get(setting).map(|text| text.expose().to_owned())
    }

    /// Takes one in, unless it is there: who is first is right.
    pub(crate) fn add(&mut self, setting: Setting, value: Secret) {
        if !value.is_empty() {
            self.0.entry(setting).or_insert(value);
        }
    }

    /// Those that are secret.
    pub(super) fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        for (setting, secret) in self.0.iter().filter(|(setting, _)| setting.is_secret()) {
            secrets.insert(*setting, secret.clone());
        }
        secrets
    }
}
