use std::{fmt, sync::Arc};

use kandy_sys::{BoxFuture, Client, Request, Secret, Transport, TransportFailure, operation::Credential};

use super::{
    Core, Options,
    attempts::Attempts,
    core::{Payload, carried},
};
use crate::{
    Error, Result,
    auth::{Issued, Source, TokenCache},
    error::Progress,
};

/// The calls of one account, domain or user, with its access token.
pub(crate) struct Caller {
    pub(crate) core: Arc<Core>,
    pub(crate) source: Arc<Source>,
    pub(crate) tokens: TokenCache,
}

impl Caller {
    /// A caller whose tokens come from `source`; the first may be here already.
    pub(crate) fn new(core: Arc<Core>, source: Source, token: Option<Secret>) -> Arc<Self> {
        Arc::new(Self {
            core,
            source: Arc::new(source),
            tokens: token.map_or_else(TokenCache::default, TokenCache::with),
        })
    }

    /// A generated client whose calls go through this caller.
    pub(crate) fn client(self: &Arc<Self>) -> Client {
        Client::with_transport(self.clone())
    }

    /// An access token other than `stale`.
    pub(crate) async fn token(&self, stale: Option<&Issued>) -> Result<Arc<Issued>> {
        let mint = || self.source.clone().obtain(self.core.clone(), stale.map(|stale| stale.token.clone()));
        self.tokens.get(stale, self.core.clock.as_ref(), self.core.max_token_age, mint).await
    }

    /// Makes a call with the credential that its operation needs.
    pub(crate) async fn exchange(
        &self,
        request: &Request<'_>,
        options: Option<&Options>,
    ) -> (Result<http::Response<Payload>>, Progress) {
        let operation = request.operation();
        let attempts = Attempts::new(&self.core, operation, options);
        let level = match operation.credential() {
            Credential::ApiKey(_) => return attempts.make(None, request).await,
            Credential::AccessToken(level) => level,
        };
        let owner = self.source.level();
        if !operation.credentials.contains(&Credential::AccessToken(owner)) {
            let reason =
                format!("{} needs a token of the {level}, and this handle has one of the {owner}", operation.id);
            return (Err(Error::argument("access_token", reason)), Progress::default());
        }
        match self.source.usable() {
            Ok(()) => attempts.make(Some(self), request).await,
            Err(error) => (Err(error), Progress::default()),
        }
    }
}

impl Transport for Caller {
    fn send<'a>(
        &'a self,
        request: Request<'a>,
    ) -> BoxFuture<'a, Result<http::Response<kandy_sys::Payload>, TransportFailure>> {
        Box::pin(async move { carried(self.exchange(&request, None).await.0) })
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("base_url", &self.core.base_url.as_str())
            .field("level", &self.source.level())
            .finish_non_exhaustive()
    }
}
