//! Resolves each setting from options, variables and the profile.
//!
//! Depends on all other modules of `credential` that read. Begin with [`Settings::read`].

use std::collections::HashMap;

use kandy::Secret;
use kandy_sys::DEFAULT_BASE_URL;

use super::{
    SettingValues,
    active_profile::ActiveProfile,
    config::{Config, is_same_base_url},
    setting::Setting,
    source::Source,
    variables::Variables,
};
use crate::failure::{Failure, Result};

/// The settings of a command. Secrets are loaded when they are needed.
pub(crate) struct Settings {
    /// Settings given as options.
    options: HashMap<&'static str, (String, Source)>,
    variables: Variables,
    profile: Option<ActiveProfile>,
    /// Why the requested profile does not exist; irrelevant to commands that create one.
    unknown_profile: Option<String>,
}

impl Settings {
    /// Reads the environment, `.env` and the profile.
    ///
    /// With a profile from an option, environment variables and `.env` are ignored.
    pub(crate) fn read(profile: Option<&str>, base_url: Option<&str>, ca_file: Option<&str>) -> Result<Self> {
        let mut options = HashMap::new();
        for (setting, option, value) in
            [(Setting::BaseUrl, "--base-url", base_url), (Setting::CaFile, "--ca-file", ca_file)]
        {
            if let Some(value) = value {
                options.insert(setting.name(), (value.to_owned(), Source::Option(option)));
            }
        }
        let variables = match profile {
            Some(_) => Variables::default(),
            None => Variables::read()?,
        };
        let config = Config::read()?;
        let option = profile.map(|name| (name, Source::Option("--profile")));
        let mut settings = Self { options, variables, profile: None, unknown_profile: None };
        // An option takes precedence over KANDY_PROFILE, and that over the default profile.
        let chosen = match option.or_else(|| settings.variables.plain("KANDY_PROFILE")) {
            Some((name, by)) => match config.profile(name) {
                Ok(profile) => Some(ActiveProfile::new(name, Some(by), profile)),
                Err(failure) => {
                    settings.unknown_profile = Some(failure.to_string());
                    None
                }
            },
            None => config.default_profile().map(|(name, profile)| ActiveProfile::new(name, None, profile)),
        };
        settings.profile = chosen;
        Ok(settings)
    }

    /// Returns whether `KANDY_ALLOW_PLAIN_HTTP` allows unencrypted HTTP to another machine.
    pub(crate) fn allows_plain_http(&self) -> Result<bool> {
        self.variables.allows_plain_http()
    }

    /// Returns the name of the selected profile.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_ref().map(|chosen| chosen.name.as_str())
    }

    /// Returns what selected the profile; `None` for the default profile.
    pub(crate) fn profile_chosen_by(&self) -> Option<&Source> {
        self.profile.as_ref().and_then(|chosen| chosen.by.as_ref())
    }

    /// Returns an error if the requested profile does not exist.
    pub(crate) fn check_profile(&self) -> Result {
        self.unknown_profile.as_ref().map_or(Ok(()), |reason| Err(Failure::usage(reason.clone())))
    }

    /// Returns the source of a setting, if it has a value.
    pub(crate) fn source(&self, setting: Setting) -> Option<Source> {
        if let Some((_, source)) = self.options.get(setting.name()) {
            return Some(source.clone());
        }
        let of_profile = || {
            let ActiveProfile { name, profile, .. } = self.profile.as_ref()?;
            profile.place(setting).map(|place| Source::Profile(name.clone(), place))
        };
        // A profile that was named takes precedence over variables; the default profile only fills gaps.
        match self.profile_chosen_by() {
            Some(_) => of_profile().or_else(|| self.variables.source(setting)),
            None => self.variables.source(setting).or_else(of_profile),
        }
    }

    /// Returns whether `.env` in the working directory decides where calls go.
    pub(crate) fn has_base_url_of_dot_env(&self) -> bool {
        let is_of_dot_env = |source| matches!(source, Source::DotEnv(_) | Source::DotEnvFile(_));
        [Setting::BaseUrl, Setting::CaFile].into_iter().filter_map(|setting| self.source(setting)).any(is_of_dot_env)
    }

    /// Returns a setting that is not a secret.
    pub(crate) fn text(&self, setting: Setting) -> Result<Option<String>> {
        debug_assert!(!setting.is_secret(), "secrets are read as such");
        self.check_profile()?;
        Ok(match self.source(setting) {
            None => None,
            Some(Source::Option(_)) => self.options.get(setting.name()).map(|(text, _)| text.clone()),
            Some(Source::Profile(..)) => {
                self.profile.as_ref().and_then(|chosen| chosen.profile.text(setting)).map(str::to_owned)
            }
            Some(_) => self.variables.value(setting)?.map(|text| text.expose().to_owned()),
        })
    }

    /// Returns a secret, if it may be sent to the base URL.
    pub(crate) fn secret(&self, setting: Setting) -> Result<Option<Secret>> {
        self.check_profile()?;
        let Some(source) = self.source(setting) else { return Ok(None) };
        // Before anything is read: a secret that must not be sent is not even loaded.
        self.allow(&source)?;
        let Some(chosen) = self.profile.as_ref().filter(|_| matches!(source, Source::Profile(..))) else {
            return self.variables.value(setting);
        };
        match chosen.secrets()?.get(setting) {
            Some(secret) => Ok(Some(secret.clone())),
            None => Err(Failure::NoCredential(format!(
                "The {} is missing from {source}. Store it again with `kandy auth login {} --force`.",
                setting.label(),
                chosen.name
            ))),
        }
    }

    /// Rejects a secret whose source does not match the source of the base URL.
    ///
    /// Secrets of a profile are sent to its own base URL only. Other secrets than those of `.env` are not sent to a service
    /// that proves who it is with an authority from `.env`. Secrets from the environment are not sent to a base URL
    /// from `.env`, which may come with a folder of a stranger (`secrets_are_sent_to_their_base_url_only`).
    fn allow(&self, secret: &Source) -> Result {
        if let Some(ca_file @ (Source::DotEnv(_) | Source::DotEnvFile(_))) = self.source(Setting::CaFile)
            && !matches!(secret, Source::DotEnv(_) | Source::DotEnvFile(_))
        {
            return Err(Failure::usage(format!(
                "{ca_file} must not decide whom credentials from {secret} are sent to. Set KANDY_CA_FILE in the \
                 environment, or use --ca-file."
            )));
        }
        let way = self.source(Setting::BaseUrl);
        let leads_to = || self.text(Setting::BaseUrl);
        match (secret, way) {
            (Source::Profile(..), None | Some(Source::Profile(..))) => Ok(()),
            (Source::Profile(name, _), Some(way)) => {
                let own = self.profile.as_ref().map(|chosen| chosen.profile.base_url()).unwrap_or_default();
                if leads_to()?.is_some_and(|url| is_same_base_url(&url, own)) {
                    return Ok(());
                }
                Err(Failure::usage(format!(
                    "{way} differs from the base URL of profile {name:?}, whose credentials are sent to {own} only. \
                     Set credentials for it in environment variables, or store a profile for it with `kandy auth \
                     login`."
                )))
            }
            (
                Source::Environment(_) | Source::File(_) | Source::Option(_),
                Some(way @ (Source::DotEnv(_) | Source::DotEnvFile(_))),
            ) => {
                let whose = if matches!(secret, Source::Option(_)) { "an option" } else { "the environment" };
                if leads_to()?.is_some_and(|url| is_same_base_url(&url, DEFAULT_BASE_URL)) {
                    return Ok(());
                }
                Err(Failure::usage(format!(
                    "{way} must not decide where credentials from {whose} are sent. Set KANDY_BASE_URL in the \
                     environment, or use --base-url."
                )))
            }
            _ => Ok(()),
        }
    }

    /// Returns what `auth login` may store, from all sources except profiles.
    pub(crate) fn values_of_variables(&self) -> Result<SettingValues> {
        let mut given = SettingValues::default();
        for setting in Setting::ALL {
            let Some(source) = self.variables.source(setting) else { continue };
            if setting.is_secret() {
                self.allow(&source)?;
            }
            if let Some(value) = self.variables.value(setting)? {
                given.add(setting, value);
            }
        }
        Ok(given)
    }

    /// Rejects sending what an option names to a base URL from `.env`.
    pub(crate) fn allow_option(&self, option: &'static str) -> Result {
        self.allow(&Source::Option(option))
    }

    /// Returns a setting, not a secret, that the user set in an option or the environment, not in a profile or `.env`.
    pub(crate) fn explicit_text(&self, setting: Setting) -> Result<Option<String>> {
        match self.source(setting) {
            Some(Source::Option(_)) => Ok(self.options.get(setting.name()).map(|(text, _)| text.clone())),
            Some(Source::Environment(_) | Source::File(_)) => {
                Ok(self.variables.value(setting)?.map(|text| text.expose().to_owned()))
            }
            _ => Ok(None),
        }
    }

    /// Returns the error for a missing setting, with the next step.
    pub(crate) fn missing(&self, setting: Setting) -> Failure {
        let (label, variable) = (setting.label(), setting.variable());
        Failure::NoCredential(match self.profile() {
            Some(name) if matches!(self.profile_chosen_by(), Some(Source::Option(_))) => format!(
                "No {label} in profile {name:?}, and --profile ignores environment variables. Use another \
                 profile, or omit --profile and set {variable}."
            ),
            Some(name) => {
                format!("No {label} in profile {name:?}. Set {variable}, or use another profile with --profile.")
            }
            None => format!("No {label}. Run `kandy auth login`, set {variable}, or try `kandy emulator`."),
        })
    }
}
