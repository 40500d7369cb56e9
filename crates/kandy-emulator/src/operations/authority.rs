//! Checks credentials, and revokes tokens.
//!
//! Depends on `state` and `protocol`. Begin with `token_owner`.

use kandy_sys::{
    ApiFault, Secret,
    operation::{Credential, Level},
};

use crate::{
    protocol::{
        call::Call,
        refusal::{self, Refusal, invalid_credentials},
        reply::{Outcome, Reply},
    },
    state::{DomainNo, State, TokenOwner, TokenStatus, UserNo},
};

/// Returns the parameter `key`.
pub(crate) fn key(call: &Call) -> Result<&str, ApiFault> {
    // The same status for all tags, unlike other parameters: it is checked before the operation runs.
    call.query("key").ok_or_else(|| refusal::missing("key"))
}

/// Returns the owner of a live access token.
pub(crate) fn token_owner(state: &State, token: &str) -> Result<TokenOwner, ApiFault> {
    match state.token_status(token) {
        TokenStatus::Live(owner) => Ok(owner),
        TokenStatus::Expired(_) => Err(refusal::token_expired()),
        TokenStatus::Revoked(_) => Err(refusal::token_revoked()),
        TokenStatus::Unknown => Err(invalid_credentials()),
    }
}

/// Checks an account access token in `key`.
pub(crate) fn account(state: &State, call: &Call) -> Result<(), Refusal> {
    match token_owner(state, key(call)?)? {
        TokenOwner::Account => Ok(()),
        _ => Err(Refusal::wrong_level()),
    }
}

/// Checks a domain access token in `key`.
pub(crate) fn domain(state: &State, call: &Call) -> Result<DomainNo, Refusal> {
    match token_owner(state, key(call)?)? {
        TokenOwner::Domain(domain) => Ok(domain),
        _ => Err(Refusal::wrong_level()),
    }
}

/// Checks a user access token in `key`.
pub(crate) fn user(state: &State, call: &Call) -> Result<UserNo, Refusal> {
    match token_owner(state, key(call)?)? {
        TokenOwner::User(user) => Ok(user),
        _ => Err(Refusal::wrong_level()),
    }
}

/// Checks the API key of the account in `key`, and its secret beside it.
pub(crate) fn account_credentials(state: &State, call: &Call) -> Result<(), ApiFault> {
    let key = Secret::from(key(call)?);
    let secret = Secret::from(call.require("account_api_secret")?);
    // `&` and not `&&`: both are compared, so that the time does not tell which one is wrong.
    let right = (key == state.account.key) & (secret == state.account.secret);
    if right { Ok(()) } else { Err(invalid_credentials()) }
}

/// Checks the API key of a domain in `key`, and its secret beside it.
pub(crate) fn domain_credentials(state: &State, call: &Call) -> Result<DomainNo, ApiFault> {
    let key = key(call)?;
    let secret = call.require("domain_api_secret")?;
    match state.domains.by_key(key) {
        Some((no, domain)) if domain.has_secret(secret) => Ok(no),
        _ => Err(invalid_credentials()),
    }
}

/// Checks the credential that the operation table names, for operations without a handler.
pub(crate) fn check(state: &State, call: &Call) -> Result<(), Refusal> {
    let known = match call.operation.credential() {
        Credential::AccessToken(Level::Account) => return account(state, call),
        Credential::AccessToken(Level::Domain) => return domain(state, call).map(|_| ()),
        Credential::AccessToken(Level::User) => return user(state, call).map(|_| ()),
        Credential::ApiKey(Level::Account) => Secret::from(key(call)?) == state.account.key,
        Credential::ApiKey(Level::Domain) => state.domains.by_key(key(call)?).is_some(),
        Credential::ApiKey(Level::User) => state.user_by_key(key(call)?).is_some(),
    };
    if known { Ok(()) } else { Err(invalid_credentials().into()) }
}

/// Revokes an access token of `owner`. An expired or revoked one may be revoked again.
pub(super) fn revoke(state: &mut State, token: &str, owner: TokenOwner) -> Outcome {
    match state.token_status(token) {
        TokenStatus::Live(found) | TokenStatus::Expired(found) | TokenStatus::Revoked(found) if found == owner => {
            state.revoke_token(token);
            Reply::done()
        }
        // The caller's credentials are right: HTTP 200, as for every other parameter.
        _ => Err(Refusal::from(invalid_credentials()).with_http_200()),
    }
}
