//! [`TokenSource`]: the credentials of a handle, and the requests that mint and revoke its access tokens, as data: the
//! pipeline sends them. Depends on `check` and `decode`. Begin reading at [`TokenSource::mint`].

use kandy_sys::{Call, Client, Envelope, NoResult, Operation, Request, Secret, operation::Level, types};

use super::{AccessToken, ApiKey, ApiSecret, TokenOwner, check, credentials::owner_of};
use crate::{
    Error, Result, UserId, check as argument,
    decode::{Body, Decode},
};

/// The credentials that the access tokens of a handle are minted with.
pub(crate) struct TokenSource {
    level: Level,
    grant: Grant,
    /// The result of checking the credentials. It is reported when a token is needed, since creating a handle cannot
    /// fail.
    checked: Result<()>,
}

/// The credentials of each kind of token.
enum Grant {
    /// The key and the secret of an account or a domain.
    ApiKey { api_key: kandy_sys::ApiKey, api_secret: kandy_sys::ApiSecret },
    /// The key of a domain, and the credential that authorises acting for one of its users.
    User {
        domain_api_key: kandy_sys::ApiKey,
        user_id: UserId,
        credential: UserCredential,
        /// The result of checking the key and the user id alone, for revocations, which need no secret.
        identity: Result<()>,
    },
    /// A token that was minted elsewhere. No other can be minted.
    StaticToken,
}

/// The credential that authorises acting for a user.
enum UserCredential {
    /// The secret of the user's domain.
    DomainSecret(kandy_sys::ApiSecret),
    /// The user's own password.
    Password(Secret),
}

/// The request that mints a token, and the function that decodes its response.
pub(crate) struct Mint<'a> {
    request: Request<'a>,
    decode: DecodeToken,
    /// The field of the result that has the token.
    field: &'static str,
}

type DecodeToken = fn(&'static Operation, http::Response<Body>) -> Result<Option<kandy_sys::AccessToken>>;

impl<'a> Mint<'a> {
    fn new<T>(call: Call<'a, T>, field: &'static str, decode: DecodeToken) -> Result<Self> {
        Ok(Self { request: call.into_request()?, decode, field })
    }

    pub(crate) fn request(&self) -> &Request<'a> {
        &self.request
    }

    pub(crate) fn operation(&self) -> &'static Operation {
        self.request.operation()
    }

    /// Reads the token from a response.
    pub(crate) fn read(&self, operation: &'static Operation, response: http::Response<Body>) -> Result<Secret> {
        match (self.decode)(operation, response)? {
            // An empty token would be sent as an empty parameter, and fail with a misleading error later.
            Some(token) if !token.is_empty() => Ok(token.into()),
            _ => Err(Error::missing(format!("result.{}", self.field)).with_operation(Some(operation))),
        }
    }
}

impl TokenSource {
    /// Creates a source that mints tokens of an account or a domain, by its key and secret.
    pub(crate) fn api_key<L: super::Level>(api_key: &ApiKey<L>, api_secret: &ApiSecret<L>) -> Self {
        Self {
            level: L::LEVEL,
            checked: check("api_key", api_key).and_then(|()| check("api_secret", api_secret)),
            grant: Grant::ApiKey { api_key: api_key.0.clone(), api_secret: api_secret.0.clone() },
        }
    }

    /// Creates a source that mints tokens of a user, by the secret of the domain.
    pub(crate) fn user<D: super::Level>(
        domain_api_key: &ApiKey<D>,
        user_id: UserId,
        domain_api_secret: &ApiSecret<D>,
    ) -> Self {
        let checked = check("domain_api_secret", domain_api_secret);
        let credential = UserCredential::DomainSecret(domain_api_secret.0.clone());
        Self::user_by(domain_api_key, user_id, credential, checked)
    }

    /// Creates a source that mints tokens of a user, by the password of the user.
    pub(crate) fn user_with_password<D: super::Level>(
        domain_api_key: &ApiKey<D>,
        user_id: UserId,
        password: Secret,
    ) -> Self {
        let checked = argument::fits_query("password", password.expose());
        Self::user_by(domain_api_key, user_id, UserCredential::Password(password), checked)
    }

    fn user_by<D: super::Level>(
        domain_api_key: &ApiKey<D>,
        user_id: UserId,
        credential: UserCredential,
        checked: Result<()>,
    ) -> Self {
        let identity = check("domain_api_key", domain_api_key).and_then(|()| argument::user_id("user_id", &user_id));
        Self {
            level: Level::User,
            // An error of the key or the user id takes precedence over one of the secret.
            checked: identity.clone().and(checked),
            grant: Grant::User { domain_api_key: domain_api_key.0.clone(), user_id, credential, identity },
        }
    }

    /// Creates a source that mints nothing, for a token that was minted elsewhere.
    pub(crate) fn static_token<L: super::Level>(token: &AccessToken<L>) -> Self {
        Self { level: L::LEVEL, checked: check("access_token", token), grant: Grant::StaticToken }
    }

    /// Returns the level of the tokens.
    pub(crate) fn level(&self) -> Level {
        self.level
    }

    /// Checks the form of a token that was minted elsewhere. Credentials are checked when they mint one: see
    /// [`check`](Self::check).
    pub(crate) fn usable(&self) -> Result<()> {
        match self.grant {
            Grant::StaticToken => self.checked.clone(),
            _ => Ok(()),
        }
    }

    /// Whether the source can mint tokens.
    pub(crate) fn can_mint(&self) -> bool {
        !matches!(self.grant, Grant::StaticToken)
    }

    /// Returns the owner of the tokens, for a store that processes share. `None` for a token that was minted elsewhere.
    pub(crate) fn owner(&self, base_url: &str) -> Option<TokenOwner> {
        let (api_key, user_id) = match &self.grant {
            Grant::ApiKey { api_key, .. } => (api_key, None),
            Grant::User { domain_api_key, user_id, .. } => (domain_api_key, Some(user_id.clone())),
            Grant::StaticToken => return None,
        };
        // The base URL is part of the key: the same credentials at the emulator and at the live service have different
        // tokens.
        let base_url = base_url.to_owned();
        Some(TokenOwner { base_url, level: self.level, api_key: api_key.clone().into(), user_id })
    }

    /// Checks the credentials that minting a token needs.
    pub(crate) fn check(&self) -> Result<()> {
        if self.can_mint() { self.checked.clone() } else { Err(self.cannot_mint()) }
    }

    /// Describes the request that mints a token. The request itself carries no token.
    pub(crate) fn mint<'a>(&'a self, api: &'a Client) -> Result<Mint<'a>> {
        self.check()?;
        match &self.grant {
            Grant::ApiKey { api_key, api_secret } if self.level == Level::Account => {
                let call = api.account_access_token_get(api_secret, api_key);
                Mint::new(call, "account_access_token", |operation, response| {
                    Ok(Envelope::<types::AccountAccessToken>::decode(operation, response)?.account_access_token)
                })
            }
            Grant::ApiKey { api_key, api_secret } => {
                let call = api.domain_access_token_get(api_secret, api_key);
                Mint::new(call, "domain_access_token", |operation, response| {
                    Ok(Envelope::<types::DomainAccessToken>::decode(operation, response)?.domain_access_token)
                })
            }
            Grant::User { domain_api_key: key, user_id, credential, .. } => {
                let (secret, password) = match credential {
                    UserCredential::DomainSecret(secret) => (Some(secret), None),
                    UserCredential::Password(password) => (None, Some(password)),
                };
                let call = api.user_access_token_get(None, None, secret, None, key, user_id.as_str(), password);
                Mint::new(call, "user_access_token", |operation, response| {
                    Ok(Envelope::<types::UserAccessToken>::decode(operation, response)?.user_access_token)
                })
            }
            Grant::StaticToken => Err(self.cannot_mint()),
        }
    }

    /// Describes the request that revokes a token. The request itself is authorised by the credentials. `password` is
    /// that of the user, where the source does not have it. Check the credentials with
    /// [`check_revoke`](Self::check_revoke) first.
    pub(crate) fn revoke<'a>(
        &'a self,
        api: &'a Client,
        token: &'a kandy_sys::AccessToken,
        password: Option<&'a Secret>,
    ) -> Result<Call<'a, Envelope<NoResult>>> {
        match &self.grant {
            Grant::ApiKey { api_key, api_secret } if self.level == Level::Account => {
                Ok(api.account_access_token_delete(token, api_secret, api_key))
            }
            Grant::ApiKey { api_key, api_secret } => Ok(api.domain_access_token_delete(token, api_secret, api_key)),
            Grant::User { domain_api_key, user_id, .. } => {
                let password = self.password(password)?;
                Ok(api.user_access_token_delete(domain_api_key, token, user_id.as_str(), password))
            }
            Grant::StaticToken => Err(self.cannot_mint()),
        }
    }

    /// Checks the credentials that revoking a token needs.
    pub(crate) fn check_revoke(&self, password: Option<&Secret>) -> Result<()> {
        match &self.grant {
            Grant::ApiKey { .. } => self.checked.clone(),
            Grant::User { identity, .. } => {
                identity.clone()?;
                argument::fits_query("password", self.password(password)?.expose())
            }
            Grant::StaticToken if self.level == Level::User => Err(Error::argument(
                "domain_api_key",
                "revoking a user's token takes the domain's API key, the user id and the password",
            )),
            Grant::StaticToken => Err(Error::argument("api_secret", "revoking a token takes an API key and secret")),
        }
    }

    /// Returns the password of the user: `given`, or else the one of the source.
    fn password<'a>(&'a self, given: Option<&'a Secret>) -> Result<&'a Secret> {
        match (given, &self.grant) {
            (Some(password), _) | (None, Grant::User { credential: UserCredential::Password(password), .. }) => {
                Ok(password)
            }
            _ => Err(Error::argument("password", "revoking a user's token takes the user's password")),
        }
    }

    fn cannot_mint(&self) -> Error {
        let owner = owner_of(self.level);
        Error::argument("access_token", format!("this handle of {owner} has no credentials to get a token with"))
    }
}

impl<L> AccessToken<L> {
    pub(crate) fn into_secret(self) -> Secret {
        self.0.into()
    }
}

#[cfg(test)]
mod tests;
