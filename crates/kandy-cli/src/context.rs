//! The context of a command: settings, credentials, one client, and the output.
//!
//! Depends on [`crate::credential`] and [`crate::output`]. Begin with [`Context`].

use std::{
    cell::{Cell, OnceCell, RefCell},
    rc::Rc,
    sync::Arc,
};

use kandy::{AccessToken, Account, ApiKey, CallEvent, ChannelState, Domain, Kandy, Observer, User};
use kandy_redis::RedisRateLimit;

use crate::{
    arguments::{Global, UserArguments},
    ca_file,
    credential::{Setting, Settings},
    dry_run::UnknownCredential,
    failure::{Failure, Result},
    output::Output,
};

/// Replaces unknown credentials in a dry run.
pub(crate) const UNKNOWN: &str = kandy_sys::MASK;

/// The context of a command.
pub(crate) struct Context {
    global: Global,
    settings: Settings,
    /// The API version, if it differs from that of the base URL.
    version: Cell<Option<&'static str>>,
    observer: RefCell<Option<SharedObserver>>,
    shared_rate: RefCell<Option<RedisRateLimit>>,
    /// The maximum size of a response, or of an item of a streamed list, if it differs from the default.
    body_limit: Cell<Option<usize>>,
    /// The client, created when first needed. All calls of the command share its connections.
    client: OnceCell<Kandy>,
    /// UnknownCredential credentials of the next request that a dry run prints.
    unknown: RefCell<Vec<UnknownCredential>>,
    /// Whether the command waits for the answer to a prompt.
    is_asking: Cell<bool>,
    /// Prints results.
    pub(crate) output: Rc<Output>,
}

impl Context {
    pub(crate) fn new(mut global: Global, output: Rc<Output>) -> Result<Self> {
        let settings =
            Settings::read(global.profile.as_deref(), global.base_url.as_deref(), global.ca_file.as_deref())?;
        global.allow_plain_http |= settings.allows_plain_http()?;
        Ok(Self {
            global,
            settings,
            version: Cell::new(None),
            observer: RefCell::default(),
            shared_rate: RefCell::default(),
            body_limit: Cell::new(None),
            client: OnceCell::new(),
            unknown: RefCell::default(),
            is_asking: Cell::new(false),
            output,
        })
    }

    /// Returns the settings.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns the value of `--profile`.
    pub(crate) fn profile_option(&self) -> Option<&str> {
        self.global.profile.as_deref()
    }

    /// Returns the value of `--base-url`.
    pub(crate) fn base_url_option(&self) -> Option<&str> {
        self.global.base_url.as_deref()
    }

    /// Returns whether `--dry-run` was given.
    pub(crate) fn is_dry_run(&self) -> bool {
        self.global.dry_run
    }

    /// Records whether the command waits for the answer to a prompt, before which it has changed nothing.
    pub(crate) fn set_asking(&self, is_asking: bool) {
        self.is_asking.set(is_asking);
    }

    /// Returns the failure of an interrupted command.
    pub(crate) fn interrupted(&self, failure: Failure) -> Failure {
        if self.is_asking.get() { Failure::Interrupted("interrupted; nothing was deleted".to_owned()) } else { failure }
    }

    /// Returns whether to show a progress bar, which would garble other messages on stderr.
    pub(crate) fn has_progress(&self) -> bool {
        !self.global.quiet && !self.global.verbose
    }

    /// Returns whether to print credentials in data.
    pub(crate) fn shows_secrets(&self) -> bool {
        self.global.show_secrets
    }

    /// Returns whether unencrypted HTTP to another machine is allowed.
    pub(crate) fn allows_plain_http(&self) -> bool {
        self.global.allow_plain_http
    }

    /// Rejects a dry run of a command whose requests depend on responses.
    pub(crate) fn reject_dry_run(&self, why: &str) -> Result {
        match self.is_dry_run() {
            true => Err(Failure::usage(format!("--dry-run: {why}"))),
            false => Ok(()),
        }
    }

    /// Uses this API version. Call it before the client is created.
    pub(crate) fn call_version(&self, version: &'static str) {
        if !kandy_sys::DEFAULT_BASE_URL.ends_with(version) {
            debug_assert!(self.client.get().is_none(), "the client is there already");
            self.version.set(Some(version));
        }
    }

    /// Limits the size of a response, or of an item of a streamed list. Call it before the client is created.
    pub(crate) fn limit_responses(&self, bytes: usize) {
        debug_assert!(self.client.get().is_none(), "the client is there already");
        self.body_limit.set(Some(bytes));
    }

    /// Adds an observer of all calls. Call it before the client is created.
    pub(crate) fn observe(&self, observer: impl Observer) {
        debug_assert!(self.client.get().is_none(), "the client is there already");
        *self.observer.borrow_mut() = Some(SharedObserver(Arc::new(observer)));
    }

    /// Sets a rate limit that all calls share with other processes. Call it before the client is created.
    pub(crate) fn share_rate(&self, limit: RedisRateLimit) {
        debug_assert!(self.client.get().is_none(), "the client is there already");
        *self.shared_rate.borrow_mut() = Some(limit);
    }

    /// Returns the client.
    pub(crate) fn kandy(&self) -> Result<&Kandy> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = self.kandy_at(self.settings.text(Setting::BaseUrl)?, self.ca_file()?.as_deref())?;
        Ok(self.client.get_or_init(|| client))
    }

    /// Returns the file of certificate authorities that calls trust beside those of the platform.
    pub(crate) fn ca_file(&self) -> Result<Option<String>> {
        self.settings.text(Setting::CaFile)
    }

    /// Creates a client for a base URL; by default that of the live service.
    pub(crate) fn kandy_at(&self, base_url: Option<String>, ca_file: Option<&str>) -> Result<Kandy> {
        let mut builder = Kandy::builder().user_agent(concat!("kandy-cli/", env!("CARGO_PKG_VERSION")));
        let base_url = base_url.unwrap_or_else(|| kandy_sys::DEFAULT_BASE_URL.to_owned());
        builder = builder.base_url(match self.version.get() {
            Some(version) => at_version(&base_url, version),
            None => base_url,
        });
        if let Some(timeout) = self.global.timeout {
            builder = builder.timeout(timeout);
        }
        if self.global.allow_plain_http {
            builder = builder.allow_plain_http();
        }
        if let Some(bytes) = self.body_limit.get() {
            builder = builder.body_limit(bytes);
        }
        if let Some(told) = &*self.observer.borrow() {
            builder = builder.observer(told.clone());
        }
        if let Some(limit) = &*self.shared_rate.borrow() {
            builder = builder.shared_rate_limit(limit.clone());
        }
        ca_file::build(builder, ca_file)
    }

    /// Returns the account.
    pub(crate) fn account(&self) -> Result<Account> {
        let kandy = self.kandy()?;
        if let Some(token) = self.settings.secret(Setting::AccountAccessToken)? {
            return Ok(kandy.account_with_token(token));
        }
        let [key, secret] = self.secrets([Setting::AccountApiKey, Setting::AccountApiSecret])?;
        Ok(kandy.account(key, secret))
    }

    /// Returns the selected domain.
    pub(crate) fn domain(&self) -> Result<Domain> {
        let kandy = self.kandy()?;
        if let Some(token) = self.settings.secret(Setting::DomainAccessToken)? {
            // Few calls need the key beside the token; those report a missing one.
            let key = self.settings.secret(Setting::DomainApiKey)?.unwrap_or_default();
            return Ok(kandy.domain_with_token(key, token));
        }
        let [key, secret] = self.secrets([Setting::DomainApiKey, Setting::DomainApiSecret])?;
        Ok(kandy.domain(key, secret))
    }

    /// Returns the account for calls that take its key and secret, such as minting a token. An access token cannot do
    /// that, and is used only if there is no secret.
    pub(crate) fn account_with_secret(&self) -> Result<Account> {
        if self.settings.source(Setting::AccountApiSecret).is_none() {
            return self.account();
        }
        let [key, secret] = self.secrets([Setting::AccountApiKey, Setting::AccountApiSecret])?;
        Ok(self.kandy()?.account(key, secret))
    }

    /// Returns the domain for calls that take its key and secret, such as minting a token of a user. An access token
    /// cannot do that, and is used only if there is no secret.
    pub(crate) fn domain_with_secret(&self) -> Result<Domain> {
        if self.settings.source(Setting::DomainApiSecret).is_none() {
            return self.domain();
        }
        let [key, secret] = self.secrets([Setting::DomainApiKey, Setting::DomainApiSecret])?;
        Ok(self.kandy()?.domain(key, secret))
    }

    /// Returns the user in `--user`, or the default user.
    pub(crate) fn user(&self, arguments: &UserArguments) -> Result<User> {
        if arguments.user.is_none()
            && let Some(token) = self.settings.secret(Setting::UserAccessToken)?
        {
            return Ok(self.kandy()?.user_with_token(token));
        }
        let user_id = self.user_id(arguments)?;
        // The password belongs to the default user; another user is reached with a token that the domain mints.
        let own = self.settings.text(Setting::UserId)?.as_deref() == Some(&*user_id);
        if own && let Some(password) = self.settings.secret(Setting::UserPassword)? {
            let [key] = self.secrets([Setting::DomainApiKey])?;
            return Ok(self.kandy()?.user_with_password(key, user_id, password));
        }
        Ok(self.domain_with_secret()?.user(user_id))
    }

    /// Returns the id of the user in `--user`, or of the default user.
    pub(crate) fn user_id(&self, arguments: &UserArguments) -> Result<String> {
        if let Some(user) = &arguments.user {
            return Ok(user.clone());
        }
        match self.settings.text(Setting::UserId)? {
            Some(user) => Ok(user),
            None => Err(Failure::usage("No user selected. Use --user, or set KANDY_USER_ID.")),
        }
    }

    /// Describes an unknown credential of the next request in a dry run.
    pub(crate) fn unknown(&self, parameter: &'static str, what: impl Into<String>) {
        self.unknown.borrow_mut().push(UnknownCredential { parameter, what: what.into() });
    }

    /// Takes the unknown credentials of the next request.
    pub(crate) fn take_unknown(&self) -> Vec<UnknownCredential> {
        self.unknown.take()
    }

    /// Returns the API key of a user, which some operations identify users by.
    pub(crate) async fn user_api_key(&self, domain: &Domain, user_id: &str) -> Result<ApiKey<User>> {
        if self.is_dry_run() {
            self.unknown("user_api_key", format!("the API key of user {user_id:?}, which is looked up first"));
            return Ok(UNKNOWN.into());
        }
        let token = self.user_access_token(user_id).await?;
        let details = domain.user_details_by_token(token).await?;
        details
            .api_key
            .ok_or_else(|| Failure::local(format!("the service did not return the API key of user {user_id:?}")))
    }

    /// Returns an access token to look up a user with.
    pub(crate) async fn user_access_token(&self, user_id: &str) -> Result<AccessToken<User>> {
        if self.is_dry_run() {
            self.unknown("user_access_token", format!("an access token of user {user_id:?}, which is created first"));
            return Ok(UNKNOWN.into());
        }
        self.domain_with_secret()?.user(user_id).access_token().await.map_err(|error| match error.is_not_found() {
            true => {
                Failure::NotFound(format!("The domain has no user {user_id:?}. List its users with `kandy user list`."))
            }
            false => error.into(),
        })
    }

    /// Returns credentials that are used together. In a dry run, missing ones are replaced.
    pub(crate) fn secrets<const N: usize>(&self, settings: [Setting; N]) -> Result<[kandy::Secret; N]> {
        let mut found = [(); N].map(|()| kandy::Secret::default());
        for (setting, found) in settings.into_iter().zip(&mut found) {
            *found = match self.settings.secret(setting)? {
                Some(secret) => secret,
                None if self.is_dry_run() => UNKNOWN.into(),
                None => return Err(self.settings.missing(setting)),
            };
        }
        Ok(found)
    }
}

/// An observer that several clients share.
#[derive(Clone, Debug)]
struct SharedObserver(Arc<dyn Observer>);

impl Observer for SharedObserver {
    fn call_finished(&self, call: &CallEvent<'_>) {
        self.0.call_finished(call);
    }

    fn channel_changed(&self, state: &ChannelState) {
        self.0.channel_changed(state);
    }
}

/// Replaces the version at the end of a base URL. One without a version is unchanged.
fn at_version(base_url: &str, version: &str) -> String {
    match base_url.trim_end_matches('/').rsplit_once('/') {
        Some((above, last)) if is_version(last) => format!("{above}/{version}"),
        _ => base_url.to_owned(),
    }
}

fn is_version(text: &str) -> bool {
    text.strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_the_version() {
        assert_eq!(at_version("https://api.kandy.io/v1.2", "v1.3"), "https://api.kandy.io/v1.3");
        assert_eq!(at_version("https://api.kandy.io/v1.2/", "v1.3"), "https://api.kandy.io/v1.3");
        assert_eq!(at_version("http://127.0.0.1:1/kandy", "v1.3"), "http://127.0.0.1:1/kandy");
    }
}
