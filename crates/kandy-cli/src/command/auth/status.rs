//! `kandy auth status`.

use kandy_sys::operation::Level;
use serde_json::json;

use super::check::{CredentialError, check};
use crate::{
    context::Context,
    credential::{Setting, SettingValues, config_folder},
    eprint::eprint,
    failure::{Failure, Result},
    output::OutputSchema,
};

const STATUS: OutputSchema = OutputSchema {
    name: "settings",
    operation: "",
    at: "",
    id: "setting",
    columns: &["setting", "source", "state", "value"],
};

const LEVELS: [Level; 3] = [Level::Account, Level::Domain, Level::User];

/// Prints the source of each setting, and whether the credentials work.
pub(super) async fn show(context: &Context, offline: bool) -> Result {
    let settings = context.settings();
    // An invalid base URL is rejected without being shown: it may contain a password.
    let kandy = context.kandy()?;
    let mut given = SettingValues::default();
    let mut unreadable = Vec::new();
    for setting in Setting::ALL {
        let value = match setting.is_secret() {
            true => settings.secret(setting),
            false => settings.text(setting).map(|text| text.map(Into::into)),
        };
        match value {
            Ok(Some(value)) => given.add(setting, value),
            Ok(None) => {}
            Err(failure) => unreadable.push((setting, failure)),
        }
    }
    let mut checked = Vec::new();
    for level in LEVELS {
        // A level with an unreadable credential is not checked.
        let whole = unreadable.iter().all(|(setting, _)| setting.level().is_some_and(|own| own != level));
        if !offline && !context.is_dry_run() && whole {
            checked.push((level, check(kandy, &given, level).await));
        }
    }
    let state_of = |level: Level| match checked.iter().find(|(checked, _)| *checked == level) {
        Some((_, Some(Ok(())))) => "works",
        Some((_, Some(Err(error)))) => error.state(),
        Some((_, None)) => "",
        None => "not checked",
    };
    let mut list = context.output.begin_list(&STATUS);
    let by = match (settings.profile(), settings.profile_chosen_by()) {
        (None, _) => "none".to_owned(),
        (Some(_), None) => "the default".to_owned(),
        (Some(_), Some(source)) => source.to_string(),
    };
    let folder_by = if std::env::var_os("KANDY_CONFIG_DIR").is_some() { "KANDY_CONFIG_DIR" } else { "the platform" };
    list.item(json!({"setting": "config_folder", "source": folder_by, "state": "", "value": config_folder()?}))?;
    list.item(json!({"setting": "profile", "source": by, "state": "", "value": settings.profile()}))?;
    for setting in Setting::ALL {
        let source = settings.source(setting).map(|source| source.to_string());
        let state = match (setting.level(), &source) {
            _ if unreadable.iter().any(|(unreadable, _)| *unreadable == setting) => "cannot be used",
            (_, None) if setting == Setting::BaseUrl => "",
            (_, None) => "not set",
            (Some(level), Some(_)) => state_of(level),
            // Without a password, the user is authenticated by the domain.
            (None, Some(_)) if setting == Setting::UserId => state_of(Level::User),
            (None, Some(_)) => "",
        };
        let value = match setting {
            _ if setting.is_secret() => None,
            Setting::BaseUrl => Some(kandy.base_url().to_owned()),
            _ => given.text(setting),
        };
        let source = source.or_else(|| (setting == Setting::BaseUrl).then(|| "the default".to_owned()));
        list.item(json!({"setting": setting.name(), "source": source, "state": state, "value": value}))?;
    }
    if let Some(proxy) = kandy.proxy() {
        // Only where there is one: most networks have none.
        let source = "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY";
        list.item(json!({"setting": "proxy", "source": source, "state": "", "value": proxy}))?;
    }
    list.end()?;
    let errors = checked.into_iter().filter_map(|(level, checked)| Some((level, checked?.err()?))).collect();
    verdict(errors, unreadable)
}

/// Returns the most severe failure: rejected credentials first.
fn verdict(errors: Vec<(Level, CredentialError)>, unreadable: Vec<(Setting, Failure)>) -> Result {
    let (wrong, other): (Vec<_>, Vec<_>) = errors.into_iter().partition(|(_, error)| error.concerns_credentials());
    for (level, error) in &wrong {
        eprint(format_args!("{level}: {}: {}", error.state(), error.reason()));
    }
    let mut failures: Vec<_> = unreadable.into_iter().map(|(_, failure)| failure).collect();
    failures.extend(other.into_iter().map(|(_, error)| error.into()));
    if !wrong.is_empty() {
        let levels: Vec<_> = wrong.iter().map(|(level, _)| level.to_string()).collect();
        failures.insert(
            0,
            Failure::NoCredential(format!(
                "Credentials do not work: {}. Correct them, or store others \
            with `kandy auth login`.",
                levels.join(", ")
            )),
        );
    }
    let mut failures = failures.into_iter();
    let Some(worst) = failures.next() else { return Ok(()) };
    // Several levels often fail for the same reason: print it once.
    let mut said = vec![worst.to_string()];
    for failure in failures {
        let reason = failure.to_string();
        if !said.contains(&reason) {
            eprint(&reason);
            said.push(reason);
        }
    }
    Err(worst)
}
