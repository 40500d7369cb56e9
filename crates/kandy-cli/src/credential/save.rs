use super::{Config, Given, Profile, Setting, StoreKind, config::folder, secrets::Secrets, secrets_file, store};
use crate::{
    failure::{Failure, Result},
    say::say,
};

/// How a profile is stored.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Saving {
    /// Where its secrets go; else it is the keyring if there is one.
    pub(crate) store: Option<StoreKind>,
    /// Whether another of that name may be replaced.
    pub(crate) replace: bool,
    /// Whether it is the one that is used unless it is said.
    pub(crate) default: bool,
}

/// Refuses a name that no profile can have.
pub(crate) fn check_profile_name(name: &str) -> Result {
    let reason = match name {
        "" => "it is empty",
        name if name.chars().any(char::is_control) => "it has a control character",
        name if name.trim() != name => "it begins or ends with a blank",
        _ => return Ok(()),
    };
    Err(Failure::usage(format!("{name:?} cannot be the name of a profile: {reason}")))
}

/// Refuses a name that cannot be a new profile's, before anything is done that would be lost with it.
pub(crate) fn check_new_profile(name: &str) -> Result {
    check_profile_name(name)?;
    match Config::read()?.profiles().any(|(known, _)| known == name) {
        true => Err(Failure::usage(format!("there is a profile {name:?} already"))),
        false => Ok(()),
    }
}

/// Stores a profile and its secrets, and says on stderr where they are if that is not where they should be.
pub(crate) fn save_profile(name: &str, base_url: &str, given: &Given, saving: Saving) -> Result {
    check_profile_name(name)?;
    let mut config = Config::read()?;
    let before = config.profile(name).ok().cloned();
    if before.is_some() && !saving.replace {
        return Err(Failure::usage(format!("there is a profile {name:?} already; --force replaces it")));
    }
    let wanted = match saving.store {
        Some(kind) => Some(kind),
        None => store::wanted()?,
    };
    let secrets = given.secrets();
    let moves = before.as_ref().is_some_and(|before| before.base_url != base_url);
    if moves {
        // However it ends: no credentials are ever those of a profile that leads elsewhere.
        let mut without = Config::read()?;
        without.remove(name);
        without.write()?;
    }
    let store = match put(name, &secrets, wanted) {
        Ok(store) => store,
        Err(failure) => {
            if moves {
                config.write()?;
            }
            return Err(failure);
        }
    };
    let profile = Profile {
        base_url: base_url.to_owned(),
        user_id: given.text(Setting::UserId),
        device_id: given.text(Setting::DeviceId),
        store,
        stored: secrets.names().map(str::to_owned).collect(),
    };
    config.insert(name, profile);
    if saving.default {
        config.set_default(name)?;
    }
    config.write()?;
    // What was in the other store is not to lie around there.
    if let Some(before) = before.filter(|before| before.store != store)
        && let Err(failure) = store::remove(name, &before)
    {
        say(format_args!(
            "the secrets that profile {name:?} had before are still in the {}: {failure}",
            before.store.name()
        ));
    }
    Ok(())
}

/// Puts the secrets where they belong, and says so where that is not the keyring.
fn put(name: &str, secrets: &Secrets, wanted: Option<StoreKind>) -> Result<StoreKind> {
    let (kind, trouble) = store::save(name, secrets, wanted)?;
    let path = || secrets_file::path().map(|path| path.display().to_string());
    if let Some(trouble) = trouble {
        say(format_args!(
            "the keyring does not answer: {trouble}; the secrets are in {}, which only you can read",
            path()?
        ));
    }
    Ok(kind)
}

/// Removes a profile with its secrets.
pub(crate) fn remove_profile(name: &str) -> Result {
    let mut config = Config::read()?;
    let profile = config.profile(name)?.clone();
    // The secrets first: what failed then can be done again.
    store::remove(name, &profile)?;
    config.remove(name);
    config.write()
}

/// The folder of the profiles, for people.
pub(crate) fn config_folder() -> Result<String> {
    Ok(folder()?.display().to_string())
}
