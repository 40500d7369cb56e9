//! The profile that calls use.

use std::sync::OnceLock;

use super::{
    config::{Config, Profile, is_same_base_url},
    secrets::Secrets,
    source::Source,
    store,
    store_kind::StoreKind,
};
use crate::failure::{Failure, Result};

/// How often the profile is read again because another process replaced it meanwhile.
const ATTEMPTS: usize = 100;

/// The selected profile and its secrets.
pub(super) struct ActiveProfile {
    pub(super) name: String,
    /// What selected it; `None` for the default profile.
    pub(super) by: Option<Source>,
    pub(super) profile: Profile,
    secrets: OnceLock<Secrets>,
}

impl ActiveProfile {
    /// Takes a profile of `config.toml`.
    ///
    /// Secrets in the file are read at once, so that the base URL and the secrets belong to the same version of the
    /// profile even if another process replaces it (`readers_see_one_version`). The keyring is read when a secret is
    /// needed, because it may prompt the user.
    pub(super) fn new(name: &str, by: Option<Source>, profile: &Profile) -> Self {
        let mut profile = profile.clone();
        let secrets = OnceLock::new();
        if profile.store == StoreKind::File {
            // Ignore errors here: loading fails again, and is reported, when a secret is needed.
            if let Ok(Some((current, loaded))) = load(name, &profile) {
                profile = current;
                secrets.get_or_init(|| loaded);
            }
        }
        Self { name: name.to_owned(), by, profile, secrets }
    }

    /// Returns the secrets, after checking that they belong to the base URL of the profile.
    pub(super) fn secrets(&self) -> Result<&Secrets> {
        let secrets = match self.secrets.get() {
            Some(secrets) => secrets,
            None => {
                let (current, loaded) = match load(&self.name, &self.profile)? {
                    Some(found) => found,
                    None => (self.profile.clone(), Secrets::default()),
                };
                // Other settings of the old version may be in use already.
                if (&current.base_url, &current.stored) != (&self.profile.base_url, &self.profile.stored) {
                    return Err(Failure::local(format!(
                        "profile {:?} was replaced by another process while this command read it; run the command \
                         again",
                        self.name
                    )));
                }
                self.secrets.get_or_init(|| loaded)
            }
        };
        match secrets.base_url() {
            Some(url) if !is_same_base_url(url, &self.profile.base_url) => Err(Failure::local(format!(
                "the secrets of profile {:?} are for {url}, but config.toml has the base URL {}; correct \
                 config.toml, or store the profile again with `kandy auth login {} --force`",
                self.name, self.profile.base_url, self.name
            ))),
            _ => Ok(secrets),
        }
    }
}

/// Loads the secrets of a profile. If its entry is gone, another process may have replaced the profile since it was
/// read, so reads the profile again and returns the new one with its secrets.
fn load(name: &str, profile: &Profile) -> Result<Option<(Profile, Secrets)>> {
    let mut profile = profile.clone();
    // A writer replaces config.toml before it removes the old entry. So if the entry is missing, config.toml names a newer one,
    // unless the secrets were removed by hand.
    for _ in 0..ATTEMPTS {
        if let Some(secrets) = store::load(name, &profile)? {
            return Ok(Some((profile, secrets)));
        }
        let config = Config::read()?;
        match config.profile(name) {
            Ok(current) if (current.store, current.entry(name)) != (profile.store, profile.entry(name)) => {
                profile = current.clone();
            }
            _ => return Ok(None),
        }
    }
    Ok(None)
}
