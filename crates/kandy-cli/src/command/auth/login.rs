//! `kandy auth login`.

use std::{
    io::{self, IsTerminal},
    path::Path,
};

use clap::Args;
use kandy::Secret;
use kandy_emulator::command::Environment;
use kandy_sys::{DEFAULT_BASE_URL, operation::Level};
use serde_json::Value;

use super::check::{CredentialError, check};
use crate::{
    context::Context,
    credential::{
        Config, Recovery, SaveOptions, Setting, SettingValues, StoreKind, check_can_save, check_profile_name, decode,
        entries, prompt_optional_secret, read_secret_named, save_profile,
    },
    eprint::eprint,
    failure::{Failure, Result},
    output::CHANGE,
    stdin, terminal,
};

/// Store a base URL and credentials as a profile
///
/// Prompts for missing values on a terminal. In scripts, use --from-env, --stdin or --secret-file. Secrets are stored
/// in the system keyring; if it does not respond, they are stored in a file that only you can read, and the command
/// reports it. Credentials that the service rejects are not stored.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Login {
    /// Name of the profile (default: `default`, or `emulator` with --emulator)
    name: Option<String>,
    /// Store the base URL and the credentials of a running `kandy emulator`: at http://127.0.0.1:8787, or at --base-url;
    /// with https also its certificate authority
    #[arg(long, conflicts_with_all = ["from_env", "stdin", "secret_file"])]
    emulator: bool,
    /// Read KANDY_* variables from the environment and from .env
    #[arg(long)]
    from_env: bool,
    /// Read settings from stdin: lines such as KANDY_DOMAIN_API_KEY=…, as in .env, or the JSON output of `kandy domain
    /// create`
    #[arg(long, conflicts_with = "from_env")]
    stdin: bool,
    /// Read a secret from a file, or from one line of stdin for -, as in domain_api_secret=secret.txt; repeatable
    #[arg(long, value_name = "NAME=FILE")]
    secret_file: Vec<String>,
    /// Default user, by user id
    #[arg(long, short, value_name = "USER_ID")]
    user: Option<String>,
    /// Default device of that user
    #[arg(long, short, value_name = "DEVICE_ID")]
    device: Option<String>,
    /// Where to store secrets (default: KANDY_SECRET_STORE, then the keyring if available)
    #[arg(long, value_enum, value_name = "STORE")]
    store: Option<StoreKind>,
    /// Make this the default profile; the first profile always becomes the default
    #[arg(long)]
    default: bool,
    /// Replace an existing profile of the same name
    #[arg(long)]
    force: bool,
    /// Store the credentials without checking them with the service
    #[arg(long)]
    no_check: bool,
}

const EXAMPLES: &str = "\
Examples:
  kandy auth login
  kandy auth login --emulator
  kandy auth login work --secret-file domain_api_key=key.txt --secret-file domain_api_secret=secret.txt
  kandy domain create example.com --show-secrets --json | kandy auth login example --stdin";

impl Login {
    pub(crate) async fn run(self, context: &Context) -> Result {
        context.reject_dry_run("not supported, because a profile is stored only after its credentials were checked")?;
        context.check_fields(&CHANGE)?;
        let usual = if self.emulator { "emulator" } else { "default" };
        let name = self.name.as_deref().or(context.profile_option()).unwrap_or(usual);
        check_profile_name(name)?;
        let mut saving = SaveOptions { store: self.store, replace: self.force, default: self.default };
        saving.replace |= self.may_replace(name, context)?;
        // Check before the user types or pipes in what would be lost otherwise.
        check_can_save(name, saving).await?;
        let given = if self.emulator { self.of_emulator(context).await? } else { self.given(context)? };
        let given = given.with_absolute_ca_file();
        let base_url = given.text(Setting::BaseUrl).unwrap_or_else(|| DEFAULT_BASE_URL.to_owned());
        if !Setting::ALL.into_iter().any(|setting| setting.is_secret() && given.get(setting).is_some()) {
            return Err(Failure::usage("No credentials to store: the input contains none."));
        }
        // Validate the base URL even if nothing is sent: a profile with an invalid one would be useless.
        let kandy = context.kandy_at(Some(base_url.clone()), given.text(Setting::CaFile).as_deref())?;
        if !self.no_check {
            for level in [Level::Account, Level::Domain, Level::User] {
                match check(&kandy, &given, level).await {
                    Some(Ok(())) => context.output.status(format_args!("{level}: works")),
                    Some(Err(error)) => return Err(not_stored(level, error)),
                    None => {}
                }
            }
        }
        let saved = save_profile(name, kandy.base_url(), &given, saving).await;
        saved.map_err(|failure| self.recoverable(failure, name, kandy.base_url(), &given))?;
        context.output.changed(format_args!("stored profile {name:?} for {}", kandy.base_url()), Value::Null)?;
        if self.emulator && Config::read()?.default_profile().is_none_or(|(default, _)| default != name) {
            context.output.status(format_args!(
                "another profile is the default; use --profile {name}, or make this one the default with \
                 `kandy auth use {name}`"
            ));
        }
        Ok(())
    }

    /// Writes what was read from stdin to a recovery file, because it may be nowhere else, and adds its path to the
    /// failure.
    fn recoverable(&self, failure: Failure, name: &str, base_url: &str, given: &SettingValues) -> Failure {
        if !self.stdin {
            return failure;
        }
        match Recovery::keep(name, base_url, given) {
            Ok(kept) => {
                Failure::local(format!("profile {name:?} was not stored: {failure}; {}", kept.advice(name, base_url)))
            }
            Err(other) => Failure::local(format!(
                "profile {name:?} was not stored, and the credentials from stdin could not be saved: {failure}; {other}"
            )),
        }
    }

    /// Asks whether to replace an existing profile.
    fn may_replace(&self, name: &str, context: &Context) -> Result<bool> {
        let config = Config::read()?;
        let exists = config.profile(name).is_ok();
        // The emulator was started again: its profile is worth nothing. That of a service is never replaced unasked.
        let is_same = |known: &str| known.trim_end_matches('/') == emulator_base_url(context).trim_end_matches('/');
        if self.emulator && config.profile(name).is_ok_and(|profile| is_same(profile.base_url())) {
            return Ok(true);
        }
        if !exists || self.force {
            return Ok(self.force);
        }
        let refused = || Failure::usage(format!("Profile {name:?} already exists. Use --force to replace it."));
        if !self.asks() {
            return Err(refused());
        }
        let answer = ask(&format!("Replace profile {name:?}? [y/N]"))?;
        if ["y", "yes"].contains(&&*answer.to_ascii_lowercase()) { Ok(true) } else { Err(refused()) }
    }

    /// Returns whether to prompt for missing values.
    fn asks(&self) -> bool {
        !self.from_env && !self.stdin && !self.emulator && self.secret_file.is_empty() && io::stdin().is_terminal()
    }

    /// Asks a running emulator for its base URL and its credentials.
    async fn of_emulator(&self, context: &Context) -> Result<SettingValues> {
        let base_url = emulator_base_url(context).to_owned();
        // The client refuses a base URL that it could not use later, before anything is sent to it.
        let ca_file = context.ca_file()?;
        context.kandy_at(Some(base_url.clone()), ca_file.as_deref())?;
        let trusted = ca_file.clone();
        let ask = move || Environment::at(&base_url, trusted.as_deref().map(Path::new));
        let asked = tokio::task::spawn_blocking(ask).await;
        let asked = asked.map_err(|error| Failure::local(error.to_string()))?;
        let environment = asked.map_err(|error| Failure::local(error.to_string()))?;
        let mut given = self.user_and_device();
        // Not the base URL that the emulator names: credentials go where the user wants them.
        given.add(Setting::BaseUrl, emulator_base_url(context).into());
        if let Some(file) = ca_file {
            given.add(Setting::CaFile, file.into());
        }
        for (name, value) in environment.variables() {
            if let Some(setting) = Setting::parse_name(name) {
                given.add(setting, value.clone());
            }
        }
        if environment.lacks_account() {
            eprint(
                "the account of this emulator has credentials of its own, which it does not tell; they are not stored",
            );
        }
        Ok(given)
    }

    /// The values of --user and --device.
    fn user_and_device(&self) -> SettingValues {
        let mut given = SettingValues::default();
        for (setting, option) in [(Setting::UserId, &self.user), (Setting::DeviceId, &self.device)] {
            if let Some(text) = option {
                given.add(setting, text.as_str().into());
            }
        }
        given
    }

    /// Collects all values. Options take precedence.
    fn given(&self, context: &Context) -> Result<SettingValues> {
        let mut given = self.user_and_device();
        for setting in [Setting::BaseUrl, Setting::CaFile] {
            if let Some(text) = context.settings().explicit_text(setting)? {
                given.add(setting, text.into());
            }
        }
        for file in &self.secret_file {
            let (setting, secret) = secret_of(file)?;
            given.add(setting, secret);
        }
        if self.from_env {
            if context.profile_option().is_some() {
                return Err(Failure::usage(
                    "--profile ignores environment variables. Use `kandy auth login NAME \
                    --from-env`.",
                ));
            }
            if !self.secret_file.is_empty() {
                context.settings().allow_option("--secret-file")?;
            }
            let variables = context.settings().values_of_variables()?;
            take(&mut given, &variables);
        } else if self.stdin {
            read_stdin(&mut given)?;
        } else if self.asks() {
            ask_all(&mut given)?;
        } else if self.secret_file.is_empty() {
            return Err(Failure::usage("No terminal for prompts. Use --from-env, --stdin or --secret-file."));
        }
        Ok(given)
    }
}

/// Returns the base URL of the emulator to ask. The environment does not count: it often names the service.
fn emulator_base_url(context: &Context) -> &str {
    context.base_url_option().unwrap_or("http://127.0.0.1:8787/v1.2")
}

fn not_stored(level: Level, error: CredentialError) -> Failure {
    let why = if error.concerns_credentials() { "do not work" } else { "could not be checked" };
    eprint(format_args!("nothing was stored, because the credentials of the {level} {why}"));
    error.into()
}

fn take(given: &mut SettingValues, from: &SettingValues) {
    for setting in Setting::ALL {
        if let Some(value) = from.get(setting) {
            given.add(setting, value.clone());
        }
    }
}

/// Reads the secret of `NAME=FILE`.
fn secret_of(option: &str) -> Result<(Setting, Secret)> {
    // The argument is not repeated, because it may be the secret itself.
    let (name, file) = option.split_once('=').ok_or_else(|| Failure::usage("--secret-file: write NAME=FILE"))?;
    let setting = Setting::parse_name(name).filter(|setting| setting.is_secret()).ok_or_else(|| {
        let names: Vec<_> = Setting::ALL.into_iter().filter(|setting| setting.is_secret()).map(Setting::name).collect();
        Failure::usage(format!("--secret-file: unknown name; use one of {}", names.join(", ")))
    })?;
    Ok((setting, read_secret_named(file, &format!("--secret-file {}", setting.name()))?))
}

/// Reads settings from stdin. An invalid line is not repeated, because it may be a secret.
fn read_stdin(given: &mut SettingValues) -> Result {
    let text = decode(stdin::bytes()?).map_err(|reason| Failure::usage(format!("stdin: {reason}")))?;
    if text.expose().trim_start().starts_with('{') {
        return read_json(given, text.expose());
    }
    for (at, entry) in entries(text.expose()).into_iter().enumerate() {
        let (name, value) = entry.map_err(|()| Failure::usage(format!("stdin: entry {} is not NAME=value", at + 1)))?;
        match Setting::parse_name(&name) {
            Some(setting) => given.add(setting, value),
            None => return Err(Failure::usage(format!("stdin: entry {} is not a profile setting", at + 1))),
        }
    }
    Ok(())
}

fn read_json(given: &mut SettingValues, text: &str) -> Result {
    let members: std::collections::BTreeMap<String, serde_json::Value> = serde_json::from_str(text)
        .map_err(|error| Failure::usage(format!("stdin: invalid JSON in line {}", error.line())))?;
    let mut others = Vec::new();
    for (name, value) in members {
        match (Setting::parse_name(&name), value) {
            (Some(_), serde_json::Value::String(hidden)) if hidden == crate::context::UNKNOWN => {
                return Err(Failure::usage(format!("stdin: {name} is masked as ***. Print it with --show-secrets.")));
            }
            (Some(setting), serde_json::Value::String(value)) => given.add(setting, value.into()),
            (Some(_), serde_json::Value::Null) => {}
            (Some(_), _) => return Err(Failure::usage(format!("stdin: {name} is not a string"))),
            (None, _) => others.push(name),
        }
    }
    if !others.is_empty() {
        eprint(format_args!("not stored, because profiles have no such settings: {}", others.join(", ")));
    }
    Ok(())
}

/// Prompts for everything that is missing.
fn ask_all(given: &mut SettingValues) -> Result {
    if given.get(Setting::BaseUrl).is_none() {
        let typed = ask(&format!("Base URL [{DEFAULT_BASE_URL}]"))?;
        given.add(Setting::BaseUrl, typed.into());
    }
    eprint("Press Enter to skip a value.");
    ask_secret(given, Setting::AccountApiKey, &[])?;
    ask_secret(given, Setting::AccountApiSecret, &[Setting::AccountApiKey])?;
    ask_secret(given, Setting::DomainApiKey, &[])?;
    ask_secret(given, Setting::DomainApiSecret, &[Setting::DomainApiKey])?;
    ask_text(given, Setting::UserId, &[Setting::DomainApiKey])?;
    ask_secret(given, Setting::UserPassword, &[Setting::DomainApiKey, Setting::UserId])?;
    ask_text(given, Setting::DeviceId, &[Setting::UserId])
}

/// Prompts for a secret if the settings that it belongs to are present.
fn ask_secret(given: &mut SettingValues, setting: Setting, with: &[Setting]) -> Result {
    if given.get(setting).is_none() && with.iter().all(|with| given.get(*with).is_some()) {
        given.add(setting, prompt_optional_secret(&capital(&setting.label()))?);
    }
    Ok(())
}

fn ask_text(given: &mut SettingValues, setting: Setting, with: &[Setting]) -> Result {
    if given.get(setting).is_none() && with.iter().all(|with| given.get(*with).is_some()) {
        given.add(setting, ask(&capital(&setting.label()))?.into());
    }
    Ok(())
}

/// Prompts for a value with echo.
fn ask(what: &str) -> Result<String> {
    let failed = |error| Failure::of_file("the terminal", &error);
    terminal::prompt(what).map_err(failed)?;
    let mut line = String::new();
    match io::stdin().read_line(&mut line).map_err(failed)? {
        0 => Err(Failure::Interrupted("no input".to_owned())),
        _ => Ok(line.trim().to_owned()),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
