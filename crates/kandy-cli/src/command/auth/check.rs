//! Whether credentials work: a token is minted with them, or a harmless question is asked with a token that is there.

use kandy::{Kandy, Secret};
use kandy_sys::operation::Level;

use crate::{
    credential::{Setting, SettingValues},
    failure::Failure,
};

/// Why credentials are of no use.
pub(super) enum Trouble {
    /// Something is not there, that they need.
    Incomplete(String),
    /// They were tried.
    Call(kandy::Error),
}

impl Trouble {
    /// In a word or two.
    pub(super) fn state(&self) -> &'static str {
        match self {
            Self::Incomplete(_) => "incomplete",
            Self::Call(error) if error.is_unauthorized() => "refused",
            Self::Call(kandy::Error::Transport(_)) => "no connection",
            // That the service is not well says nothing of them.
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

    /// Whether it is the credentials that are wrong.
    pub(super) fn is_of_credentials(&self) -> bool {
        ["refused", "incomplete"].contains(&self.state())
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Incomplete(reason) => Self::usage(reason),
            Trouble::Call(error) => Self::Call(error),
        }
    }
}

/// What the credentials of a level come to; nothing where there are none.
pub(super) async fn check(kandy: &Kandy, given: &SettingValues, level: Level) -> Option<Result<(), Trouble>> {
    let checked = match level {
        Level::Account => account(kandy, given).await,
        Level::Domain => domain(kandy, given).await,
        _ => user(kandy, given).await,
    };
    checked.transpose()
}

/// Whether there was anything to check, or why it is of no use.
type Checked = Result<Option<()>, Trouble>;

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
        // A user with a password needs the key of the domain, and nothing else of it.
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
        let user_id = user_id.ok_or_else(|| lacking(Setting::UserId, Setting::UserPassword))?;
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
    result.map(|_| Some(())).map_err(Trouble::Call)
}

/// Two that go together.
fn pair(given: &SettingValues, one: Setting, other: Setting) -> Result<Option<(Secret, Secret)>, Trouble> {
    match (given.get(one), given.get(other)) {
        (Some(one), Some(other)) => Ok(Some((one.clone(), other.clone()))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(lacking(other, one)),
        (None, Some(_)) => Err(lacking(one, other)),
    }
}

fn needed(given: &SettingValues, setting: Setting, by: Setting) -> Result<Secret, Trouble> {
    given.get(setting).cloned().ok_or_else(|| lacking(setting, by))
}

fn lacking(setting: Setting, by: Setting) -> Trouble {
    Trouble::Incomplete(format!("the {} requires the {}", by.label(), setting.label()))
}
