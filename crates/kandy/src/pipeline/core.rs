use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use kandy_sys::{
    BaseUrl, BoxFuture, Client, Operation, Transport, TransportFailure,
    hooks::{ReadError, read},
};
use reqwest::Body;
use tracing::{Instrument, debug, debug_span};

use crate::error::{AnswerError, Error, Phase, Result, TransportError};

/// Sends one request, once: within a time, up to a size, and with every failure classified.
pub(crate) struct Core {
    pub(crate) http: reqwest::Client,
    pub(crate) base_url: BaseUrl,
    pub(crate) timeout: Duration,
    pub(crate) body_limit: usize,
}

/// What one call may want otherwise than the client.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) timeout: Option<Duration>,
}

impl Core {
    /// A generated client over a transport.
    pub(crate) fn client(&self, transport: Arc<dyn Transport>) -> Client {
        Client::with_transport(&self.base_url, self.http.clone(), transport)
    }

    /// Sends a request that has all that it needs.
    pub(crate) async fn attempt(
        &self,
        operation: &'static Operation,
        mut request: reqwest::Request,
        options: Options,
    ) -> Result<http::Response<Bytes>> {
        *request.timeout_mut() = Some(options.timeout.unwrap_or(self.timeout));
        let sent = self.http.execute(request).await;
        let response = sent.map_err(|error| transport(operation, Phase::Send, error))?;
        let answer = read(response, self.body_limit).await.map_err(|error| match error {
            ReadError::Http(error) => transport(operation, Phase::Receive, error),
            other => Error::Answer(Arc::new(AnswerError::new(operation.id, String::new(), other.to_string()))),
        })?;
        // Of a request, its operation; of an answer, its status. Never a URL, a header or a body.
        debug!(http.response.status_code = answer.status().as_u16(), "answered");
        Ok(answer)
    }
}

fn transport(operation: &'static Operation, phase: Phase, error: reqwest::Error) -> Error {
    let error = TransportError::of(Some(operation.id), phase, error);
    debug!(phase = ?error.phase(), "failed");
    Error::Transport(Arc::new(error))
}

/// Puts a future into the span of its call. The span names the operation, and never the query.
pub(crate) fn traced<F: Future>(operation: &'static Operation, future: F) -> impl Future<Output = F::Output> {
    future.instrument(debug_span!(
        "kandy",
        operation = operation.id,
        http.request.method = operation.method.as_str(),
        url.template = operation.path,
    ))
}

/// Without a session there is no token: this is for the operations that mint and revoke tokens.
impl Transport for Core {
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        request: reqwest::Request,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(traced(operation, async move {
            let answer = self.attempt(operation, request, Options::default()).await;
            answer.map(|answer| answer.map(Body::from)).map_err(carried)
        }))
    }
}

/// Our error, as the generated code carries it.
pub(crate) fn carried(error: Error) -> TransportFailure {
    Arc::new(error)
}
