//! Checks credentials: mints a token with them, or sends a harmless request with a token.

use kandy::{Kandy, Secret};
use kandy_sys::operation::Level;

use crate::{
    credential::{Setting, SettingValues},
    failure::Failure,
};

/// Why credentials cannot be used.
pub(super) enum CredentialError {
    /// A value that they require is missing.
    Incomplete(String),
    /// The service or the network returned an error.
    Call(kandy::Error),
}

impl CredentialError {
    /// Returns the state for the table.
    pub(super) fn state(&self) -> &'static str {
        match self {
            Self::Incomplete(_) => "incomplete",
            Self::Call(error) if error.is_unauthorized() => "refused",
            Self::Call(kandy::Error::Transport(_)) => "no connection",
            // An error of the service says nothing about the credentials.
            Self::Call(error @ kandy::Error::Api(_)) if error.is_retryable() => "not checked",
            Self::Call(kandy::Error::Api(_)) => "refused",
            Self::Call(_) => "cannot be used",
        }
    }

    pub(super) fn reason(&self) -> String {
        match self {
            Self::Incomplete(reason) => reason.clone(),
            Self::Call(error) => error.to_string(),
        }
    }

    /// Returns whether the credentials are the cause.
    pub(super) fn concerns_credentials(&self) -> bool {
        ["refused", "incomplete"].contains(&self.state())
    }
}

impl From<CredentialError> for Failure {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::Incomplete(reason) => Self::usage(reason),
            CredentialError::Call(error) => Self::Call(error),
        }
    }
}

/// Checks the credentials of a level; `None` if there are none.
pub(super) async fn check(kandy: &Kandy, given: &SettingValues, level: Level) -> Option<Result<(), CredentialError>> {
    let checked = match level {
        Level::Account => account(kandy, given).await,
        Level::Domain => domain(kandy, given).await,
        _ => user(kandy, given).await,
    };
    checked.transpose()
}

/// `None` if there was nothing to check.
type Checked = Result<Option<()>, CredentialError>;

async fn account(kandy: &Kandy, given: &SettingValues) -> Checked {
    if let Some(token) = given.get(Setting::AccountAccessToken) {
        return called(kandy.account_with_token(token.clone()).domains().await);
    }
    match pair(given, Setting::AccountApiKey, Setting::AccountApiSecret)? {
        Some((key, secret)) => called(kandy.account(key, secret).access_token().await),
        None => Ok(None),
    }
}

async fn domain(kandy: &Kandy, given: &SettingValues) -> Checked {
    if let Some(token) = given.get(Setting::DomainAccessToken) {
        let key = needed(given, Setting::DomainApiKey, Setting::DomainAccessToken)?;
        return called(kandy.domain_with_token(key, token.clone()).details().await);
    }
    if given.get(Setting::DomainApiSecret).is_none() && given.get(Setting::UserPassword).is_some() {
        // A user with a password needs only the API key of the domain.
        return Ok(None);
    }
    match pair(given, Setting::DomainApiKey, Setting::DomainApiSecret)? {
        Some((key, secret)) => called(kandy.domain(key, secret).access_token().await),
        None => Ok(None),
    }
}

async fn user(kandy: &Kandy, given: &SettingValues) -> Checked {
    if let Some(token) = given.get(Setting::UserAccessToken) {
        return called(kandy.user_with_token(token.clone()).devices().await);
    }
    let user_id = given.text(Setting::UserId);
    if let Some(password) = given.get(Setting::UserPassword) {
        let user_id = user_id.ok_or_else(|| missing_setting(Setting::UserId, Setting::UserPassword))?;
        let key = needed(given, Setting::DomainApiKey, Setting::UserPassword)?;
        return called(kandy.user_with_password(key, user_id, password.clone()).access_token().await);
    }
    let domain = (given.get(Setting::DomainApiKey), given.get(Setting::DomainApiSecret));
    match (user_id, domain) {
        (Some(user_id), (Some(key), Some(secret))) => {
            called(kandy.domain(key.clone(), secret.clone()).user(user_id).access_token().await)
        }
        _ => Ok(None),
    }
}

fn called<T>(result: kandy::Result<T>) -> Checked {
    result.map(|_| Some(())).map_err(CredentialError::Call)
}

/// Returns two settings that are required together.
fn pair(given: &SettingValues, one: Setting, other: Setting) -> Result<Option<(Secret, Secret)>, CredentialError> {
    match (given.get(one), given.get(other)) {
        (Some(one), Some(other)) => Ok(Some((one.clone(), other.clone()))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(missing_setting(other, one)),
        (None, Some(_)) => Err(missing_setting(one, other)),
    }
}

fn needed(given: &SettingValues, setting: Setting, by: Setting) -> Result<Secret, CredentialError> {
    given.get(setting).cloned().ok_or_else(|| missing_setting(setting, by))
}

fn missing_setting(setting: Setting, by: Setting) -> CredentialError {
    CredentialError::Incomplete(format!("the {} requires the {}", by.label(), setting.label()))
}
