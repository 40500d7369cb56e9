use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::StatusCode;
use kandy_sys::{
    BoxFuture, Client, Operation, Secret, Status, Transport, TransportFailure, hooks::authorise, operation::Credential,
};
use reqwest::{Body, Request};
use serde::Deserialize;
use tracing::debug;

use super::{
    Core, Options,
    core::{carried, traced},
};
use crate::{
    Error, Result,
    auth::{Issued, Source, TokenCache},
};

/// The calls of one account, domain or user: adds the access token, and renews it once when it has expired.
pub(crate) struct Session {
    pub(crate) core: Arc<Core>,
    pub(crate) source: Arc<Source>,
    pub(crate) tokens: TokenCache,
}

impl Session {
    /// A session whose tokens come from `source`; the first may be here already.
    pub(crate) fn new(core: Arc<Core>, source: Source, token: Option<Secret>) -> Arc<Self> {
        Arc::new(Self {
            core,
            source: Arc::new(source),
            tokens: token.map_or_else(TokenCache::default, TokenCache::with),
        })
    }

    /// A generated client whose calls go through this session.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        self.core.client(self.clone())
    }

    /// A generated client for the operations that need no access token.
    pub(crate) fn tokenless_client(&self) -> Client {
        self.core.client(self.core.clone())
    }

    /// An access token other than `stale`.
    pub(crate) async fn token(&self, stale: Option<&Issued>) -> Result<Issued> {
        let mint = || {
            let (client, source) = (self.tokenless_client(), self.source.clone());
            async move { source.mint(&client).await }
        };
        self.tokens.get(stale, mint).await
    }

    /// Sends a request with the credential that its operation needs.
    pub(crate) async fn exchange(
        &self,
        operation: &'static Operation,
        request: Request,
        options: Options,
    ) -> Result<http::Response<Bytes>> {
        let level = match operation.credential {
            Credential::ApiKey(_) => return self.core.attempt(operation, request, options).await,
            Credential::AccessToken(level) => level,
        };
        if level != self.source.level() {
            let owner = self.source.level();
            let reason =
                format!("{} needs a token of the {level}, and this handle has one of the {owner}", operation.id);
            return Err(Error::argument("access_token", reason));
        }
        // Only what can be sent again, with another token, is worth keeping.
        let again = self.source.can_mint().then(|| request.try_clone()).flatten();
        let token = self.token(None).await?;
        let answer = self.core.attempt(operation, with(request, &token), options).await?;
        match again {
            // It was refused for its token, so it was not carried out: sending it again is safe.
            Some(request) if is_expired(&answer) => {
                debug!("the access token has expired");
                let token = self.token(Some(&token)).await?;
                self.core.attempt(operation, with(request, &token), options).await
            }
            _ => Ok(answer),
        }
    }
}

fn with(mut request: Request, issued: &Issued) -> Request {
    authorise(&mut request, &issued.token);
    request
}

/// The answers that say nothing but a status are small, and only those are looked into.
const PEEK_LIMIT: usize = 16 * 1024;

fn is_expired(answer: &http::Response<Bytes>) -> bool {
    #[derive(Deserialize)]
    struct Peek {
        status: Status,
    }
    if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status()) {
        return true;
    }
    answer.body().len() <= PEEK_LIMIT
        && serde_json::from_slice::<Peek>(answer.body()).is_ok_and(|peek| peek.status == Status::TOKEN_EXPIRED)
}

impl Transport for Session {
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        request: Request,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(traced(operation, async move {
            let answer = self.exchange(operation, request, Options::default()).await;
            answer.map(|answer| answer.map(Body::from)).map_err(carried)
        }))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("base_url", &self.core.base_url.as_str())
            .field("level", &self.source.level())
            .finish_non_exhaustive()
    }
}
