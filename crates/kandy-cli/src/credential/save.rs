//! Changes to profiles. A profile is an entry of `config.toml` that names an entry with its secrets, in the keyring or in
//! `secrets.toml`. Both are replaced as one:
//!
//! 1. The folder is locked, so that no other process changes profiles meanwhile.
//! 2. The secrets are stored under a new, random name.
//! 3. `config.toml`, which names them, is replaced atomically.
//! 4. The secrets that nobody uses any more are removed.
//!
//! A process that reads without the lock sees the profile as it was or as it is, and one that is killed leaves it as one
//! of these.

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

/// How a profile is stored.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SaveOptions {
    /// Where its secrets go; else it is the keyring if there is one.
    pub(crate) store: Option<StoreKind>,
    /// Whether another of that name may be replaced.
    pub(crate) replace: bool,
    /// Whether it is the one that is used unless it is said.
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

/// All profiles, with the right to change them, which no other process has meanwhile.
pub(crate) struct LockedConfig {
    config: Config,
    _lock: FolderLock,
}

impl LockedConfig {
    /// Waits for the right, reads the profiles, and removes the secrets that a killed process left behind.
    pub(crate) async fn open() -> Result<Self> {
        let lock = FolderLock::acquire().await?;
        let config = Config::read()?;
        // It does not matter to the change that is to be made; if that needs the file of secrets, it fails itself.
        drop(secrets_file::settle(&config.used_entries(), None));
        Ok(Self { config, _lock: lock })
    }

    /// The profiles.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Stores a profile and its secrets, and says on stderr where they are if that is not where they should be.
    pub(crate) fn save(&mut self, name: &str, base_url: &str, given: &SettingValues, saving: SaveOptions) -> Result {
        check_profile_name(name)?;
        self.check_free(name, saving)?;
        let before = self.config.profile(name).ok().cloned();
        let before = before.as_ref().map(|before| (name, before));
        let mut secrets = given.secrets();
        let stored = secrets.names().map(str::to_owned).collect();
        secrets.set_base_url(base_url);
        let entry = format!("{name}@{}", Uuid::new_v4().simple());
        let (store, trouble) = store::save(&entry, &secrets, saving.effective_store()?, before)?;
        let profile = Profile {
            base_url: base_url.to_owned(),
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
            // The profile is what it was, so the new secrets are of no use. What fails here adds nothing to the reason.
            drop(store::remove(store, &entry, &self.config.used_entries()));
            return Err(failure);
        }
        if let Some(trouble) = trouble {
            eprint(format_args!(
                "the keyring cannot be used: {trouble}; the secrets are stored in {}, which only you can read",
                secrets_file::path()?.display()
            ));
        }
        self.remove_replaced(before);
        Ok(())
    }

    /// Removes what a profile had before it was stored again, and the marks in the file of secrets.
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
        // A mark does no harm, and the next change of profiles removes it.
        drop(secrets_file::settle(&used, None));
    }

    /// Makes a profile the one that is used unless it is said.
    pub(crate) fn set_default(&mut self, name: &str) -> Result {
        self.replace(|config| config.set_default(name))
    }

    /// Removes a profile with its secrets.
    pub(crate) fn remove(&mut self, name: &str) -> Result {
        let profile = self.config.profile(name)?.clone();
        let mut without = self.config.clone();
        without.remove(name);
        // The secrets first: what failed then can be done again.
        store::remove(profile.store, profile.entry(name), &without.used_entries())?;
        self.replace(|config| {
            config.remove(name);
            Ok(())
        })
    }

    /// Replaces `config.toml`. If that fails, the profiles stay what they were.
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

/// Refuses a name that no profile can have.
pub(crate) fn check_profile_name(name: &str) -> Result {
    let reason = match name {
        "" => "it is empty",
        name if name.chars().any(char::is_control) => "it contains a control character",
        name if name.trim() != name => "it starts or ends with a space",
        _ => return Ok(()),
    };
    Err(Failure::usage(format!("invalid profile name {name:?}: {reason}")))
}

/// Refuses a name that cannot be that of a new profile.
pub(crate) fn check_new_profile(name: &str) -> Result {
    check_profile_name(name)?;
    match Config::read()?.profile(name).is_ok() {
        true => Err(Failure::usage(format!(
            "Profile {name:?} already exists. Choose another name, or remove it with `kandy auth logout`."
        ))),
        false => Ok(()),
    }
}

/// Fails if a profile could not be stored: before anything is done whose result would be lost with it. Nothing is stored.
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

/// The folder of the profiles, for people.
pub(crate) fn config_folder() -> Result<String> {
    Ok(paths::config_folder()?.display().to_string())
}
