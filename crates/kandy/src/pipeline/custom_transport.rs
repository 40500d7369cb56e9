//! Attempts by a [`Transport`] of the caller instead of HTTP, such as one in memory. Depends on `attempt_result` and
//! `settings`.

use std::{sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use kandy_sys::{
    BoxFuture, ByteChunks, Operation, Request, Secret, SecretMask, Transport, TransportFailure, transport::ReadError,
};
use tokio::time::timeout;

use super::{
    attempt_error::{body_error, timeout_error},
    attempt_result::AttemptResult,
    settings::Settings,
};
use crate::{
    Error, Result,
    decode::Body,
    error::{Phase, TransportError},
};

/// A request on its way.
pub(super) type Sending = BoxFuture<'static, Result<http::Response<kandy_sys::Body>, TransportFailure>>;

/// Sends a request with its access token.
pub(super) fn start(transport: &Arc<dyn Transport>, request: &Request<'_>, token: Option<&Secret>) -> Sending {
    let (transport, mut request) = (transport.clone(), request.clone().into_owned());
    if let Some(token) = token {
        request = request.with_access_token(token.clone());
    }
    Box::pin(async move {
        // The response may repeat the token, which only this request knows.
        let mask = request.secret_mask();
        let response = transport.send(request).await;
        response.map_err(|failure| mask.failure(failure)).map(|mut response| {
            response.extensions_mut().get_or_insert_default::<SecretMask>().extend(&mask);
            response
        })
    })
}

/// Waits for the response, and reads its body unless the caller of the operation reads it as a stream.
pub(super) async fn receive(
    request: &Request<'_>,
    sending: Sending,
    settings: &Settings,
    left: Duration,
) -> AttemptResult {
    let operation = request.operation();
    let phase = if left < settings.timeout { Phase::Deadline } else { Phase::Timeout };
    let failed = move |failure| transport_error(operation, failure);
    let receive = async {
        let response = sending.await.map_err(failed)?;
        let (head, body) = response.map(|body| body.map_err(failed)).into_parts();
        let body = match body {
            Body::Stream(chunks) if !request.is_streamed() => {
                Body::Full(collect(operation, chunks, settings.body_limit).await?)
            }
            Body::Full(body) if !request.is_streamed() && body.len() > settings.body_limit => {
                return Err(too_large(operation, settings.body_limit));
            }
            body => body,
        };
        Ok(http::Response::from_parts(head, body))
    };
    timeout(left.min(settings.timeout), receive).await.unwrap_or_else(|_| Err(timeout_error(operation, phase)))
}

/// Reads a body that is needed as a whole.
async fn collect(operation: &'static Operation, mut chunks: ByteChunks<Error>, limit: usize) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if body.len() + chunk.len() > limit {
            return Err(too_large(operation, limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn too_large(operation: &'static Operation, limit: usize) -> Error {
    body_error(operation, ReadError::TooLarge { limit })
}

/// Converts a failure: an [`Error`] of this crate is kept, because it tells whether the request may have been sent.
/// Of all others that is not known.
fn transport_error(operation: &'static Operation, failure: TransportFailure) -> Error {
    match failure.downcast_ref::<Error>() {
        Some(error) => error.clone().with_operation(Some(operation)),
        None => Error::Transport(Arc::new(TransportError::new(Some(operation.id), Phase::Send, failure))),
    }
}
