//! Changes to profiles. A profile is an entry of `config.toml` that names an entry with its secrets, in the keyring or
//! in `secrets.toml`. Both are replaced as one:
//!
//! 1. Lock the folder, so that no other process changes profiles meanwhile.
//! 2. Store the secrets under a new, random name.
//! 3. Replace `config.toml`, which names them, atomically.
//! 4. Remove secrets that no profile uses any more.
//!
//! A reader, which takes no lock, sees the old or the new profile as a whole, and a killed process leaves one of the
//! two (`killed_login_leaves_a_working_profile`).

use uuid::Uuid;

use super::{
    Setting, SettingValues,
    config::{Config, Profile},
    lock::FolderLock,
    paths, secrets_file, store,
    store_kind::StoreKind,
};
use crate::{
    eprint::eprint,
    failure::{Failure, Result},
};

/// How to store a profile.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SaveOptions {
    /// The store for its secrets; by default the keyring if available.
    pub(crate) store: Option<StoreKind>,
    /// Whether to replace a profile of the same name.
    pub(crate) replace: bool,
    /// Whether to make it the default profile.
    pub(crate) default: bool,
}

impl SaveOptions {
    fn effective_store(&self) -> Result<Option<StoreKind>> {
        match self.store {
            Some(kind) => Ok(Some(kind)),
            None => StoreKind::from_environment(),
        }
    }
}

/// All profiles, with the exclusive right to change them.
pub(crate) struct LockedConfig {
    config: Config,
    _lock: FolderLock,
}

impl LockedConfig {
    /// Acquires the lock, reads the profiles, and removes secrets that a killed process left behind.
    pub(crate) async fn open() -> Result<Self> {
        let lock = FolderLock::acquire().await?;
        let config = Config::read()?;
        // Ignore errors of this cleanup: a change that needs `secrets.toml` reports them itself.
        drop(secrets_file::remove_unused(&config.used_entries(), None));
        Ok(Self { config, _lock: lock })
    }

    /// Returns the profiles.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Stores a profile and its secrets. Prints where the secrets are if the keyring could not be used.
    pub(crate) fn save(&mut self, name: &str, base_url: &str, given: &SettingValues, saving: SaveOptions) -> Result {
        check_profile_name(name)?;
        self.check_free(name, saving)?;
        let before = self.config.profile(name).ok().cloned();
        let before = before.as_ref().map(|before| (name, before));
        let mut secrets = given.secrets();
        let stored = secrets.names().map(str::to_owned).collect();
        secrets.set_base_url(base_url);
        // A new name per write: a reader that has the old config.toml still finds the old secrets under the old name.
        let entry = format!("{name}@{}", Uuid::new_v4().simple());
        let (store, error) = store::save(&entry, &secrets, saving.effective_store()?, before)?;
        let profile = Profile {
            base_url: base_url.to_owned(),
            ca_file: given.text(Setting::CaFile),
            user_id: given.text(Setting::UserId),
            device_id: given.text(Setting::DeviceId),
            store,
            secrets: Some(entry.clone()),
            stored,
        };
        let result = self.replace(|config| {
            config.insert(name, profile);
            if saving.default { config.set_default(name) } else { Ok(()) }
        });
        if let Err(failure) = result {
            // The old profile is still in place, so remove the new secrets. An error here adds nothing to the first
            // one.
            drop(store::remove(store, &entry, &self.config.used_entries()));
            return Err(failure);
        }
        if let Some(error) = error {
            eprint(format_args!(
                "the keyring cannot be used: {error}; the secrets are stored in {}, which only you can read",
                secrets_file::path()?.display()
            ));
        }
        // Last: until config.toml was replaced, the old secrets were in use.
        self.remove_replaced(before);
        Ok(())
    }

    /// Removes the secrets of the previous version of a profile, and the marks in `secrets.toml`.
    fn remove_replaced(&self, before: Option<(&str, &Profile)>) {
        let used = self.config.used_entries();
        if let Some((name, before)) = before
            && let Err(failure) = store::remove(before.store, before.entry(name), &used)
        {
            eprint(format_args!(
                "the previous secrets of profile {name:?} are still in the {}: {failure}",
                before.store.name()
            ));
        }
        // A remaining mark is harmless, and the next change removes it.
        drop(secrets_file::remove_unused(&used, None));
    }

    /// Makes a profile the default.
    pub(crate) fn set_default(&mut self, name: &str) -> Result {
        self.replace(|config| config.set_default(name))
    }

    /// Removes a profile and its secrets.
    pub(crate) fn remove(&mut self, name: &str) -> Result {
        let profile = self.config.profile(name)?.clone();
        let mut without = self.config.clone();
        without.remove(name);
        // Remove the secrets first: if that fails, the profile still names them and can be removed again.
        store::remove(profile.store, profile.entry(name), &without.used_entries())?;
        self.replace(|config| {
            config.remove(name);
            Ok(())
        })
    }

    /// Replaces `config.toml`. On failure the profiles are unchanged.
    fn replace(&mut self, change: impl FnOnce(&mut Config) -> Result) -> Result {
        let mut config = self.config.clone();
        change(&mut config)?;
        config.write()?;
        self.config = config;
        Ok(())
    }

    fn check_free(&self, name: &str, saving: SaveOptions) -> Result {
        match self.config.profile(name).is_ok() && !saving.replace {
            true => Err(Failure::usage(format!(
                "profile {name:?} already exists, and only a login with --force replaces it"
            ))),
            false => Ok(()),
        }
    }
}

/// Rejects an invalid profile name.
pub(crate) fn check_profile_name(name: &str) -> Result {
    let reason = match name {
        "" => "it is empty",
        name if name.chars().any(char::is_control) => "it contains a control character",
        name if name.trim() != name => "it starts or ends with a space",
        _ => return Ok(()),
    };
    Err(Failure::usage(format!("invalid profile name {name:?}: {reason}")))
}

/// Rejects a name that a new profile cannot have.
pub(crate) fn check_new_profile(name: &str) -> Result {
    check_profile_name(name)?;
    match Config::read()?.profile(name).is_ok() {
        true => Err(Failure::usage(format!(
            "Profile {name:?} already exists. Choose another name, or remove it with `kandy auth logout`."
        ))),
        false => Ok(()),
    }
}

/// Checks that a profile can be stored, before credentials are created that would be lost otherwise. Stores nothing.
pub(crate) async fn check_can_save(name: &str, saving: SaveOptions) -> Result {
    check_profile_name(name)?;
    let locked = LockedConfig::open().await?;
    locked.check_free(name, saving)?;
    Config::check_writable()?;
    store::check(saving.effective_store()?)
}

/// Stores a profile and its secrets: see [`LockedConfig::save`].
pub(crate) async fn save_profile(name: &str, base_url: &str, given: &SettingValues, saving: SaveOptions) -> Result {
    LockedConfig::open().await?.save(name, base_url, given, saving)
}

/// Returns the folder of profiles, for messages.
pub(crate) fn config_folder() -> Result<String> {
    Ok(paths::config_folder()?.display().to_string())
}
