use std::sync::Arc;

use kandy_sys::{Client, Secret};

use super::{AccessToken, ApiKey, ApiSecret, TokenOwner, check};
use crate::{
    Account, Domain, Result, User, UserId, check as argument,
    error::{Error, result_of},
    pipeline::{Core, Nowhere, trace},
};

/// Where the access tokens of a handle come from.
pub(crate) enum Source {
    /// An account's key and secret.
    Account { api_key: ApiKey<Account>, api_secret: ApiSecret<Account> },
    /// A domain's key and secret.
    Domain { api_key: ApiKey<Domain>, api_secret: ApiSecret<Domain> },
    /// A domain's key, and what proves that one may act for the user.
    User { domain_api_key: ApiKey<Domain>, user_id: UserId, proof: Proof },
    /// Someone else minted the token, and nothing here can mint another.
    Elsewhere {
        level: kandy_sys::operation::Level,
        /// Whether the token can be one at all.
        usable: Result<()>,
    },
}

/// What proves that one may act for a user.
pub(crate) enum Proof {
    /// The secret of the user's domain.
    DomainSecret(ApiSecret<Domain>),
    /// The user's own password.
    Password(Secret),
}

/// Those who may revoke a token, with what proves it.
pub(crate) enum Revoker<'a> {
    Account { key: &'a Secret, api_secret: &'a Secret },
    Domain { key: &'a Secret, api_secret: &'a Secret },
    User { key: &'a Secret, user_id: &'a str, password: &'a Secret },
}

impl Source {
    /// The level of the tokens.
    pub(crate) fn level(&self) -> kandy_sys::operation::Level {
        use kandy_sys::operation::Level;
        match self {
            Self::Account { .. } => Level::Account,
            Self::Domain { .. } => Level::Domain,
            Self::User { .. } => Level::User,
            Self::Elsewhere { level, .. } => *level,
        }
    }

    /// A token that someone else minted, and of what level it is.
    pub(crate) fn elsewhere<L: super::Level>(token: &AccessToken<L>) -> Self {
        Self::Elsewhere { level: L::LEVEL, usable: check("access_token", token) }
    }

    /// Whether the token that was given can be one at all.
    pub(crate) fn usable(&self) -> Result<()> {
        match self {
            Self::Elsewhere { usable, .. } => usable.clone(),
            _ => Ok(()),
        }
    }

    /// Whether it can mint tokens.
    pub(crate) fn can_mint(&self) -> bool {
        !matches!(self, Self::Elsewhere { .. })
    }

    /// Whose tokens they are, for those who share them.
    fn owner(&self, core: &Core) -> Option<TokenOwner> {
        let (api_key, user_id) = match self {
            Self::Account { api_key, .. } => (secret(api_key), None),
            Self::Domain { api_key, .. } => (secret(api_key), None),
            Self::User { domain_api_key, user_id, .. } => (secret(domain_api_key), Some(user_id.clone())),
            Self::Elsewhere { .. } => return None,
        };
        let base_url = core.base_url.as_str().to_owned();
        Some(TokenOwner { base_url, level: self.level(), api_key: api_key.clone(), user_id })
    }

    /// A token other than `stale`: from the store of the client, if it has one, or else a new one.
    pub(crate) async fn obtain(self: Arc<Self>, core: Arc<Core>, stale: Option<Secret>) -> Result<Secret> {
        let shared = core.token_store.as_deref().zip(self.owner(&core));
        if let Some((store, owner)) = &shared {
            if let Some(stale) = &stale
                && store.invalidate(owner, stale).await.is_err()
            {
                trace::store_failed("invalidate");
            }
            match store.load(owner).await {
                // Someone else may have stored the very token that has just been refused.
                Ok(Some(token)) if stale.as_ref() != Some(&token) => return Ok(token),
                Ok(_) => {}
                Err(_) => trace::store_failed("load"),
            }
        }
        let token = self.mint(&Client::with_transport(core.clone())).await?;
        if let Some((store, owner)) = &shared
            && store.store(owner, &token).await.is_err()
        {
            trace::store_failed("store");
        }
        Ok(token)
    }

    /// Tells the store of the client, if it has one, that a token was revoked.
    pub(crate) async fn forget(&self, core: &Core, token: &Secret) {
        if let Some((store, owner)) = core.token_store.as_deref().zip(self.owner(core))
            && store.invalidate(&owner, token).await.is_err()
        {
            trace::store_failed("invalidate");
        }
    }

    /// Checks what minting a token takes. Nothing is sent.
    pub(crate) async fn check(&self) -> Result<()> {
        match self.mint(&Client::with_transport(Arc::new(Nowhere))).await {
            Err(error @ Error::Argument(_)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Mints a token. `client` needs no token of its own.
    async fn mint(&self, client: &Client) -> Result<Secret> {
        match self {
            Self::Account { api_key, api_secret } => {
                let (key, api_secret) = pair(api_key, api_secret)?;
                let answer = client.account_access_token_get(api_secret, key).await;
                let result = result_of("account_access_token_get", answer)?;
                present("account_access_token_get", "account_access_token", result.account_access_token)
            }
            Self::Domain { api_key, api_secret } => {
                let (key, api_secret) = pair(api_key, api_secret)?;
                let answer = client.domain_access_token_get(api_secret, key).await;
                let result = result_of("domain_access_token_get", answer)?;
                present("domain_access_token_get", "domain_access_token", result.domain_access_token)
            }
            Self::User { domain_api_key, user_id, proof } => {
                check("domain_api_key", domain_api_key)?;
                argument::user_id("user_id", user_id)?;
                let (domain_api_secret, user_password) = match proof {
                    Proof::DomainSecret(domain_api_secret) => {
                        check("domain_api_secret", domain_api_secret)?;
                        (Some(secret(domain_api_secret)), None)
                    }
                    Proof::Password(password) => {
                        argument::fits_query("password", password.expose())?;
                        (None, Some(password))
                    }
                };
                let key = secret(domain_api_key);
                let answer = client
                    .user_access_token_get(None, None, domain_api_secret, None, key, user_id.as_str(), user_password)
                    .await;
                let result = result_of("user_access_token_get", answer)?;
                present("user_access_token_get", "user_access_token", result.user_access_token)
            }
            Self::Elsewhere { level, .. } => Err(Error::argument(
                "access_token",
                format!("this handle of {} has no credentials to get a token with", with_article(*level)),
            )),
        }
    }

    /// What revoking a token takes. `password` is that of the user, where it is not known here.
    pub(crate) fn revoker<'a>(&'a self, password: Option<&'a Secret>) -> Result<Revoker<'a>> {
        use kandy_sys::operation::Level;
        match self {
            Self::Account { api_key, api_secret } => {
                let (key, api_secret) = pair(api_key, api_secret)?;
                Ok(Revoker::Account { key, api_secret })
            }
            Self::Domain { api_key, api_secret } => {
                let (key, api_secret) = pair(api_key, api_secret)?;
                Ok(Revoker::Domain { key, api_secret })
            }
            Self::User { domain_api_key, user_id, proof } => {
                check("domain_api_key", domain_api_key)?;
                argument::user_id("user_id", user_id)?;
                let password = match (password, proof) {
                    (Some(password), _) | (None, Proof::Password(password)) => password,
                    (None, Proof::DomainSecret(_)) => {
                        return Err(Error::argument("password", "revoking a user's token takes the user's password"));
                    }
                };
                argument::fits_query("password", password.expose())?;
                Ok(Revoker::User { key: secret(domain_api_key), user_id: user_id.as_str(), password })
            }
            Self::Elsewhere { level: Level::User, .. } => Err(Error::argument(
                "domain_api_key",
                "revoking a user's token takes the domain's API key, the user id and the password",
            )),
            Self::Elsewhere { .. } => {
                Err(Error::argument("api_secret", "revoking a token takes an API key and secret"))
            }
        }
    }
}

impl Revoker<'_> {
    /// Revokes a token. `client` needs no token of its own.
    pub(crate) async fn revoke(&self, client: &Client, token: &Secret) -> Result<()> {
        match *self {
            Self::Account { key, api_secret } => {
                let answer = client.account_access_token_delete(token, api_secret, key).await;
                result_of("account_access_token_delete", answer)?;
            }
            Self::Domain { key, api_secret } => {
                let answer = client.domain_access_token_delete(token, api_secret, key).await;
                result_of("domain_access_token_delete", answer)?;
            }
            Self::User { key, user_id, password } => {
                let answer = client.user_access_token_delete(key, token, user_id, password).await;
                result_of("user_access_token_delete", answer)?;
            }
        }
        Ok(())
    }
}

fn with_article(level: kandy_sys::operation::Level) -> &'static str {
    use super::Level as _;
    use kandy_sys::operation::Level;
    match level {
        Level::Account => Account::OWNER,
        Level::Domain => Domain::OWNER,
        Level::User => User::OWNER,
    }
}

fn secret<C: super::Credential>(credential: &C) -> &Secret {
    credential.secret()
}

/// An API key and its secret, both checked.
fn pair<'a, L: super::Level>(api_key: &'a ApiKey<L>, api_secret: &'a ApiSecret<L>) -> Result<(&'a Secret, &'a Secret)> {
    check("api_key", api_key)?;
    check("api_secret", api_secret)?;
    Ok((secret(api_key), secret(api_secret)))
}

fn present(operation: &'static str, member: &str, token: Option<Secret>) -> Result<Secret> {
    match token {
        Some(token) if !token.is_empty() => Ok(token),
        _ => Err(Error::missing(operation, format!("result.{member}"))),
    }
}

impl<L> AccessToken<L> {
    pub(crate) fn into_secret(self) -> Secret {
        self.0
    }
}
