//! Reads the files of profiles.

use std::{collections::BTreeMap, fs};

use super::config;
use crate::fixture::Fixture;

/// The contents of the files.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) config: toml::Table,
    /// Secrets by entry, then by setting.
    pub(crate) secrets: BTreeMap<String, BTreeMap<String, String>>,
}

impl Stored {
    pub(crate) fn read(fixture: &Fixture) -> Self {
        let read = |name: &str| fs::read_to_string(config(fixture).join(name)).unwrap_or_default();
        Self {
            config: toml::from_str(&read("config.toml")).unwrap(),
            secrets: toml::from_str(&read("secrets.toml")).unwrap(),
        }
    }

    pub(crate) fn write(&self, fixture: &Fixture) {
        fs::write(config(fixture).join("config.toml"), toml::to_string(&self.config).unwrap()).unwrap();
        fs::write(config(fixture).join("secrets.toml"), toml::to_string(&self.secrets).unwrap()).unwrap();
    }

    pub(crate) fn profiles(&self) -> Vec<&str> {
        self.config["profiles"].as_table().unwrap().keys().map(String::as_str).collect()
    }

    /// Returns the base URL of a profile.
    pub(crate) fn base_url(&self, profile: &str) -> &str {
        self.config["profiles"][profile]["base_url"].as_str().unwrap()
    }

    /// Returns the entry with the secrets of a profile.
    pub(crate) fn entry(&self, profile: &str) -> &str {
        self.config["profiles"][profile]["secrets"].as_str().unwrap()
    }

    /// Returns the domain secret of a profile.
    pub(crate) fn domain_api_secret(&self, profile: &str) -> &str {
        &self.secrets[self.entry(profile)]["domain_api_secret"]
    }

    /// Asserts that all secrets belong to profiles, and that no marks are left.
    pub(crate) fn assert_settled(&self) {
        let mut used: Vec<_> = self.profiles().into_iter().map(|profile| self.entry(profile)).collect();
        used.sort_unstable();
        assert_eq!(self.secrets.keys().collect::<Vec<_>>(), used);
        assert!(
            self.secrets.values().all(|secrets| !secrets.contains_key("in_transition")),
            "{:?}",
            self.secrets.keys()
        );
    }
}
