//! [`AuthenticatedClient`]: sends the requests of one account, domain or user, with its access token.
//!
//! It adds tokens to the [`RetryLoop`]: which operations take one, and how one is minted. `auth` says what is sent for
//! that; the request goes through a retry loop of its own, without a token.

use std::{fmt, sync::Arc};

use kandy_sys::{
    BoxFuture, Operation, Request, Secret,
    operation::{Credential, Level},
};

use super::{
    api::api,
    attempt_result::AttemptResult,
    client_inner::ClientInner,
    handle_arc::HandleArc,
    retry_loop::{RetryLoop, TokenProvider},
    settings::Options,
    shared_token::{Found, Replaced, SharedToken},
};
use crate::{
    Error, Result,
    auth::{CachedToken, TokenCache, TokenSource},
    decode,
    error::Progress,
};

/// A client with the access token of an account, a domain or a user.
pub(crate) struct AuthenticatedClient {
    pub(crate) inner: Arc<ClientInner>,
    pub(crate) source: Arc<TokenSource>,
    pub(crate) tokens: TokenCache,
}

impl AuthenticatedClient {
    /// Makes a client whose tokens come from `source`; the first may be known already.
    pub(crate) fn new(inner: Arc<ClientInner>, source: TokenSource, token: Option<Secret>) -> HandleArc<Self> {
        let tokens = token.map_or_else(TokenCache::default, |token| TokenCache::with(token, &inner.gauges.tokens));
        HandleArc::new(Self { inner, source: Arc::new(source), tokens })
    }

    /// Sends a request with the credential that its operation needs, and returns the response, and how much was tried.
    pub(super) async fn send(&self, request: &Request<'_>, options: Option<&Options>) -> (AttemptResult, Progress) {
        let operation = request.operation();
        let tokens: Option<&dyn TokenProvider> = match self.token_level(operation) {
            Ok(level) => level.map(|_| -> &dyn TokenProvider { self }),
            Err(error) => return (Err(error), Progress::default()),
        };
        let mut retry_loop = RetryLoop::new(&self.inner, tokens, operation, options);
        let outcome = retry_loop.execute(request).await;
        (outcome, retry_loop.progress())
    }

    /// Checks everything that sending a request needs, as far as that is possible without sending anything. Returns the
    /// level of the access token that the request carries, if it carries one.
    pub(super) fn check(&self, operation: &'static Operation) -> Result<Option<Level>> {
        let level = self.token_level(operation)?;
        // A token that is cached, or in a store, needs no credentials to be minted with.
        if level.is_some() && self.tokens.current().is_none() && self.inner.token_store.is_none() {
            self.source.check()?;
        }
        Ok(level)
    }

    /// Returns the level of the access token that an operation is called with; `None` for those that take an API key.
    ///
    /// # Errors
    ///
    /// If the operation needs a token of another level than that of this client.
    fn token_level(&self, operation: &'static Operation) -> Result<Option<Level>> {
        let Credential::AccessToken(level) = operation.credential() else { return Ok(None) };
        let own = self.source.level();
        if operation.credentials.contains(&Credential::AccessToken(own)) {
            return self.source.usable().map(|()| Some(own));
        }
        let reason = format!("{} needs a token of the {level}, and this handle has one of the {own}", operation.id);
        Err(Error::argument("access_token", reason))
    }

    /// Returns the access token, and mints one if there is none.
    pub(crate) async fn access_token(&self) -> Result<Secret> {
        Ok(self.token(None).await?.token.clone())
    }

    /// Returns the access token with its number: another than that with the number `stale`.
    #[cfg(feature = "push")]
    pub(crate) async fn cached_token(&self, stale: Option<u64>) -> Result<Arc<CachedToken>> {
        self.token(stale).await
    }

    /// Removes a token that was revoked from the cache and from the store of the client.
    pub(crate) async fn forget(&self, token: &Secret) {
        if let Some(shared) = shared_token(&self.inner, &self.source) {
            shared.invalidate(token).await;
        }
        if let Some(current) = self.tokens.current().filter(|current| current.token == *token) {
            self.tokens.forget(current.number());
        }
    }
}

impl TokenProvider for AuthenticatedClient {
    fn cache(&self) -> &TokenCache {
        &self.tokens
    }

    fn can_mint(&self) -> bool {
        self.source.can_mint()
    }

    fn token(&self, stale: Option<u64>) -> BoxFuture<'_, Result<Arc<CachedToken>>> {
        let fetch = move || {
            let replaced = self
                .tokens
                .current()
                .map(|current| Replaced { token: current.token.clone(), is_refused: Some(current.number()) == stale });
            fetch(self.inner.clone(), self.source.clone(), replaced)
        };
        let inner = &self.inner;
        Box::pin(self.tokens.get(stale, inner.clock.as_ref(), inner.max_token_age, &inner.gauges.tokens, fetch))
    }
}

/// Returns a token other than the `replaced` one: from the store of the client, if it has one, or else a new one.
async fn fetch(inner: Arc<ClientInner>, source: Arc<TokenSource>, replaced: Option<Replaced>) -> Result<Secret> {
    let Some(shared) = shared_token(&inner, &source) else { return mint(&inner, &source).await };
    match shared.find(replaced.as_ref()).await {
        Found::Token(token) => Ok(token),
        Found::Missing(lock) => {
            let minted = mint(&inner, &source).await;
            shared.finish(lock, minted.as_ref().ok()).await;
            minted
        }
    }
}

/// Requests a new token.
async fn mint(inner: &ClientInner, source: &TokenSource) -> Result<Secret> {
    let mint = source.mint(api())?;
    let mut retry_loop = RetryLoop::new(inner, None, mint.operation(), None);
    let response = retry_loop.execute(mint.request()).await?;
    let token = decode::read(mint.request(), response, |operation, response| mint.read(operation, response));
    token.map_err(|error| error.with_progress(retry_loop.progress()))
}

/// Returns the token of `source` in the store of a client, if it has a store.
fn shared_token<'a>(inner: &'a ClientInner, source: &TokenSource) -> Option<SharedToken<'a>> {
    let (store, owner) = inner.token_store.as_deref().zip(source.owner(inner.base_url.as_str()))?;
    Some(SharedToken { store, owner, clock: inner.clock.as_ref() })
}

impl fmt::Debug for AuthenticatedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticatedClient")
            .field("base_url", &self.inner.base_url.as_str())
            .field("level", &self.source.level())
            .finish_non_exhaustive()
    }
}
