//! A call that is made but for the last step: what would be sent is taken down, and nothing is sent.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use kandy_sys::{Body, BoxFuture, Client, Transport, TransportFailure};

use super::{Caller, Near, Preview, call::Request};
use crate::{Error, Result};

/// Goes through a request as if it were sent, and answers the first that would have been.
pub(crate) async fn preview<R: Request>(request: R) -> Result<Preview> {
    let rehearsal = Arc::new(Rehearsal { caller: request.call().caller().share(), first: Mutex::default() });
    let outcome = request.run(&Client::with_transport(rehearsal.clone())).await;
    match (rehearsal.take(), outcome) {
        (Some(preview), _) => Ok(preview),
        (None, Err(error)) => Err(error.on(|| request.subject())),
        (None, Ok(_)) => Err(Error::argument("preview", "nothing has to be sent, so there is nothing to show")),
    }
}

/// The way to the network of a call that is not made.
struct Rehearsal {
    caller: Near<Caller>,
    first: Mutex<Option<Preview>>,
}

impl Rehearsal {
    fn take(&self) -> Option<Preview> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Checks what the real way checks, as far as that is possible here, and takes the request down.
    async fn take_down(&self, request: &kandy_sys::Request<'_>) -> Result<()> {
        let level = self.caller.check(request.operation()).await?;
        let preview = Preview::with(request, &self.caller.core.base_url, level);
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(preview);
        Ok(())
    }
}

impl Transport for Rehearsal {
    fn send<'a>(
        &'a self,
        request: kandy_sys::Request<'a>,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async move {
            let failure: TransportFailure = match self.take_down(&request).await {
                Ok(()) => Arc::new(NotSent),
                Err(error) => Arc::new(error),
            };
            Err(failure)
        })
    }
}

/// A way to the network that leads nowhere.
pub(crate) struct Nowhere;

impl Transport for Nowhere {
    fn send<'a>(&'a self, _: kandy_sys::Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async { Err(Arc::new(NotSent) as TransportFailure) })
    }
}

/// Why there is no answer.
#[derive(Debug)]
struct NotSent;

impl fmt::Display for NotSent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it was not meant to be sent")
    }
}

impl std::error::Error for NotSent {}
