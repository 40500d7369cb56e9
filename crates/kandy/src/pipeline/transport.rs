//! Raw calls: [`kandy_sys::Transport`] for an [`AuthenticatedClient`], so that generated calls have the same tokens,
//! retries and limits as wrapped ones.

use std::sync::Arc;

use kandy_sys::{BoxFuture, Client, Request, Transport, TransportFailure};

use super::{attempt_result::AttemptResult, authenticated_client::AuthenticatedClient, handle_arc::HandleArc};
use crate::{Error, Result};

impl HandleArc<AuthenticatedClient> {
    /// Returns a generated client whose calls go through this one.
    pub(crate) fn raw(&self) -> Client {
        Client::with_transport(self.to_arc())
    }
}

impl Transport for AuthenticatedClient {
    fn send<'a>(
        &'a self,
        request: Request<'a>,
    ) -> BoxFuture<'a, Result<http::Response<kandy_sys::Body>, TransportFailure>> {
        Box::pin(async move { into_transport_result(self.send(&request, None).await.0) })
    }
}

/// Converts a response, or an [`Error`], to what the generated code carries. `From<kandy_sys::Error>` gets it out again.
fn into_transport_result(outcome: AttemptResult) -> Result<http::Response<kandy_sys::Body>, TransportFailure> {
    let failure = |error: Error| -> TransportFailure { Arc::new(error) };
    match outcome {
        Ok(response) => Ok(response.map(|body| body.map_err(failure))),
        Err(error) => Err(failure(error)),
    }
}
