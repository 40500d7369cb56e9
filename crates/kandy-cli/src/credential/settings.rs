use std::{collections::HashMap, fmt, fs, path::Path};

use kandy::Secret;

use super::{Config, Profile, Setting, Store};
use crate::{
    arguments::Global,
    failure::{Failure, Result},
};

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// An option of the command line.
    Option(&'static str),
    /// A variable of the environment.
    Environment(String),
    /// A file that a variable of the environment names.
    File(String),
    /// The file `.env` of the working directory.
    DotEnv(String),
    /// The profile, and where in it.
    Profile(String, &'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(option) => f.write_str(option),
            Self::Environment(variable) => f.write_str(variable),
            Self::File(variable) => write!(f, "the file in {variable}"),
            Self::DotEnv(variable) => write!(f, "{variable} in .env"),
            Self::Profile(name, place) => write!(f, "profile {name:?} ({place})"),
        }
    }
}

/// What was said of where calls go and with whose credentials. Secrets are fetched when they are needed.
pub(crate) struct Settings {
    /// Options, as far as they are settings.
    options: HashMap<&'static str, (String, Source)>,
    /// The environment, and after it `.env`.
    variables: HashMap<String, (Secret, Source)>,
    profile: Option<(String, Profile)>,
}

impl Settings {
    /// Reads what there is: variables of the environment, `.env`, and the profile.
    ///
    /// A profile that is named with an option stands for itself: variables then do not count.
    pub(crate) fn read(global: &Global) -> Result<Self> {
        let mut options = HashMap::new();
        if let Some(base_url) = &global.base_url {
            options.insert(Setting::BaseUrl.name(), (base_url.clone(), Source::Option("--base-url")));
        }
        let variables = match &global.profile {
            Some(_) => HashMap::new(),
            None => variables()?,
        };
        let config = Config::read()?;
        let named = variables.get("KANDY_PROFILE").map(|(name, _)| name.expose());
        let profile = match global.profile.as_deref().or(named) {
            Some(name) => Some((name.to_owned(), config.profile(name)?.clone())),
            None => config.default_profile().map(|(name, profile)| (name.to_owned(), profile.clone())),
        };
        Ok(Self { options, variables, profile })
    }

    /// The name of the profile that is used, if there is one.
    pub(crate) fn profile(&self) -> Option<&str> {
        self.profile.as_ref().map(|(name, _)| name.as_str())
    }

    /// Where a setting comes from, if it is there.
    pub(crate) fn source(&self, setting: Setting) -> Option<Source> {
        if let Some((_, source)) = self.options.get(setting.name()) {
            return Some(source.clone());
        }
        let variable = setting.variable();
        let found = [variable.clone(), format!("{variable}_FILE")].into_iter().find_map(|v| self.variables.get(&v));
        if let Some((_, source)) = found {
            return Some(source.clone());
        }
        let (name, profile) = self.profile.as_ref()?;
        profile.place(setting).map(|place| Source::Profile(name.clone(), place))
    }

    /// A setting that is no secret.
    pub(crate) fn text(&self, setting: Setting) -> Result<Option<String>> {
        debug_assert!(!setting.is_secret(), "secrets are read as such");
        if let Some((text, _)) = self.options.get(setting.name()) {
            return Ok(Some(text.clone()));
        }
        if let Some(text) = self.variable(setting)? {
            return Ok(Some(text.expose().to_owned()));
        }
        Ok(self.profile.as_ref().and_then(|(_, profile)| profile.text(setting)).map(str::to_owned))
    }

    /// A secret.
    ///
    /// One of a profile goes to where the profile says, and nowhere else: a variable that someone left in a
    /// folder must not send it to a stranger.
    pub(crate) fn secret(&self, setting: Setting) -> Result<Option<Secret>> {
        if let Some(secret) = self.variable(setting)? {
            return Ok(Some(secret));
        }
        let Some((name, profile)) = &self.profile else { return Ok(None) };
        if profile.place(setting).is_none() {
            return Ok(None);
        }
        if let Some(source) = self.source(Setting::BaseUrl).filter(|source| !matches!(source, Source::Profile(..)))
            && self.text(Setting::BaseUrl)?.as_deref() != Some(profile.base_url())
        {
            return Err(Failure::usage(format!(
                "{source} leads elsewhere than profile {name:?}, whose credentials go to {} only; \
                 give credentials for it in variables, or log in with a profile for it",
                profile.base_url()
            )));
        }
        Store::of(profile)?.secret(name, setting)
    }

    /// What a variable holds: itself, or the file that it names.
    fn variable(&self, setting: Setting) -> Result<Option<Secret>> {
        let variable = setting.variable();
        if let Some((value, _)) = self.variables.get(&variable) {
            return Ok(Some(value.clone()));
        }
        let variable = format!("{variable}_FILE");
        let Some((path, _)) = self.variables.get(&variable) else { return Ok(None) };
        let text = fs::read_to_string(Path::new(path.expose()))
            .map_err(|error| Failure::of_file(format_args!("the file in {variable}"), &error))?;
        Ok(Some(text.trim_end_matches(['\r', '\n']).into()))
    }

    /// That a setting is needed and not there, and how to give it.
    pub(crate) fn missing(&self, setting: Setting) -> Failure {
        let place = match self.profile() {
            Some(name) => format!("profile {name:?} does not have it, and neither does {}", setting.variable()),
            None => format!("{} is not set, and there is no profile", setting.variable()),
        };
        Failure::NoCredential(format!(
            "this takes the {}: {place}",
            setting.name().replace("api", "API").replace('_', " ")
        ))
    }
}

/// The variables that are for this command: of the environment, and then of `.env`. Empty ones count as not set.
fn variables() -> Result<HashMap<String, (Secret, Source)>> {
    let mut variables = HashMap::new();
    let is_ours = |name: &str| name.starts_with("KANDY_");
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| is_ours(name)) else { continue };
        let Some(value) = value.to_str() else {
            return Err(Failure::usage(format!("{name} is not UTF-8")));
        };
        if !value.is_empty() {
            variables.insert(name.to_owned(), (value.into(), source(name, Source::Environment)));
        }
    }
    let lines = match dotenvy::from_path_iter(".env") {
        Ok(lines) => lines,
        Err(error) if error.not_found() => return Ok(variables),
        Err(_) => return Err(Failure::local(".env cannot be read")),
    };
    for (at, line) in lines.enumerate() {
        // What is wrong with a line may contain what is in it.
        let (name, value) = line.map_err(|_| Failure::local(format!(".env: entry {} cannot be understood", at + 1)))?;
        if is_ours(&name) && !value.is_empty() && !variables.contains_key(&name) {
            let source = source(&name, Source::DotEnv);
            variables.insert(name, (value.into(), source));
        }
    }
    Ok(variables)
}

fn source(name: &str, direct: impl Fn(String) -> Source) -> Source {
    match name.ends_with("_FILE") {
        true => Source::File(name.to_owned()),
        false => direct(name.to_owned()),
    }
}
