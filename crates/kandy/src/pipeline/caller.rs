use std::{fmt, sync::Arc};

use kandy_sys::{
    BoxFuture, Client, Operation, Request, Secret, Transport, TransportFailure,
    operation::{Credential, Level},
};

use super::{Core, Near, Options, attempts::Attempts, core::carried};
use crate::{
    Error, Result,
    auth::{Issued, Source, TokenCache},
};

/// The calls of one account, domain or user, with its access token.
pub(crate) struct Caller {
    pub(crate) core: Arc<Core>,
    pub(crate) source: Arc<Source>,
    pub(crate) tokens: TokenCache,
}

impl Near<Caller> {
    /// A generated client whose calls go through this caller.
    pub(crate) fn client(&self) -> Client {
        Client::with_transport(self.far())
    }
}

impl Caller {
    /// A caller whose tokens come from `source`; the first may be here already.
    pub(crate) fn new(core: Arc<Core>, source: Source, token: Option<Secret>) -> Near<Self> {
        Near::new(Self {
            core,
            source: Arc::new(source),
            tokens: token.map_or_else(TokenCache::default, TokenCache::with),
        })
    }

    /// An access token other than the one with the number `stale`.
    pub(crate) async fn token(&self, stale: Option<u64>) -> Result<Arc<Issued>> {
        let mint = || {
            let stale = self.tokens.current().filter(|current| Some(current.number()) == stale);
            self.source.clone().obtain(self.core.clone(), stale.map(|stale| stale.token.clone()))
        };
        self.tokens.get(stale, self.core.clock.as_ref(), self.core.max_token_age, mint).await
    }

    /// A call of an operation, with the credential that it needs.
    pub(crate) fn attempts(&self, operation: &'static Operation, options: Option<&Options>) -> Result<Attempts<'_>> {
        let caller = match operation.credential() {
            Credential::ApiKey(_) => None,
            Credential::AccessToken(level) => {
                self.may_call(operation, level)?;
                Some(self)
            }
        };
        Ok(Attempts::new(&self.core, caller, operation, options))
    }

    /// Checks what calling an operation takes, as far as that can be done without sending anything. Answers the level
    /// of the access token that goes along, if one does.
    pub(crate) async fn check(&self, operation: &'static Operation) -> Result<Option<Level>> {
        match operation.credential() {
            Credential::ApiKey(_) => Ok(None),
            Credential::AccessToken(level) => {
                self.may_call(operation, level)?;
                // A token that is here already, or in a store, needs nothing to be minted with.
                if self.tokens.current().is_none() && self.core.token_store.is_none() {
                    self.source.check().await?;
                }
                Ok(Some(self.source.level()))
            }
        }
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
    ) -> BoxFuture<'a, Result<http::Response<kandy_sys::Body>, TransportFailure>> {
        Box::pin(async move {
            carried(match self.attempts(request.operation(), None) {
                Ok(mut attempts) => attempts.make(&request).await,
                Err(error) => Err(error),
            })
        })
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
