use std::{fmt, sync::Arc};

use kandy_sys::{
    BoxFuture, Client, Operation, Request, Secret, Transport, TransportFailure,
    operation::{Credential, Level},
};

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
        let caller = match operation.credential() {
            Credential::ApiKey(_) => None,
            Credential::AccessToken(level) => match self.may_call(operation, level) {
                Ok(()) => Some(self),
                Err(error) => return (Err(error), Progress::default()),
            },
        };
        let mut attempts = Attempts::new(&self.core, operation, options);
        let answer = attempts.make(caller, request).await;
        (answer, attempts.progress())
    }

    /// Whether the token of this caller is one that the operation takes.
    fn may_call(&self, operation: &'static Operation, level: Level) -> Result<()> {
        let owner = self.source.level();
        if operation.credentials.contains(&Credential::AccessToken(owner)) {
            return self.source.usable();
        }
        let reason = format!("{} needs a token of the {level}, and this handle has one of the {owner}", operation.id);
        Err(Error::argument("access_token", reason))
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
