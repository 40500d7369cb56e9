//! The environment variables of the command, in one table.
//!
//! `kandy docs environment` prints it, and the help of options names the variable of each. Where the variables are read is
//! another matter: settings in `credential`, each of the others where it is used.

use crate::credential::Setting;

/// An environment variable.
pub(crate) struct Variable {
    /// Its name.
    pub(crate) name: String,
    /// What it sets.
    pub(crate) about: String,
    /// The long option for the same, without hyphens; empty if there is none.
    pub(crate) option: &'static str,
}

/// Variables that are no settings of calls: name, purpose, option.
const OTHERS: [(&str, &str, &str); 12] = [
    ("KANDY_PROFILE", "profile to use; other variables only fill its gaps", "profile"),
    ("KANDY_ALLOW_PLAIN_HTTP", "1 allows unencrypted HTTP to another machine", "allow-plain-http"),
    ("KANDY_CONFIG_DIR", "folder of the profiles", ""),
    ("KANDY_SECRET_STORE", "where `kandy auth login` stores secrets: keyring or file", "store"),
    ("KANDY_FORWARD_SECRET", "secret that signs forwarded messages", ""),
    ("KANDY_FORWARD_SECRET_FILE", "file with that secret", "forward-secret-file"),
    ("KANDY_REDIS_URL", "URL of the Redis that queues are named at; it may contain a password", ""),
    ("KANDY_REDIS_URL_FILE", "file with that URL", ""),
    ("KANDY_PAGER", "program that shows long output on a terminal; an empty one, or `cat`, shows none", ""),
    ("PAGER", "the same, if KANDY_PAGER is not set", ""),
    ("NO_COLOR", "no colours, if it is not empty", ""),
    ("HTTPS_PROXY", "proxy of calls; also HTTP_PROXY, ALL_PROXY, and NO_PROXY for exceptions", ""),
];

/// Returns all variables that the command reads. Each setting may be read from a file, too: see [`FILES`].
pub(crate) fn variables() -> Vec<Variable> {
    let settings = Setting::ALL.into_iter().map(|setting| Variable {
        name: setting.variable(),
        about: match setting {
            Setting::BaseUrl => "base URL of the API, including the version".to_owned(),
            Setting::CaFile => "PEM file with certificate authorities to trust, too".to_owned(),
            other => other.label(),
        },
        option: match setting {
            Setting::BaseUrl => "base-url",
            Setting::CaFile => "ca-file",
            Setting::UserId => "user",
            Setting::DeviceId => "device",
            _ => "",
        },
    });
    let others = OTHERS.into_iter().map(|(name, about, option)| Variable {
        name: name.to_owned(),
        about: about.to_owned(),
        option,
    });
    settings.chain(others).collect()
}
