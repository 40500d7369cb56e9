//! What may be printed of a call. This is the one place: what is not named here is not printed.
//!
//! Names follow the OpenTelemetry conventions for HTTP clients, where there is one.

use std::time::Duration;

use kandy_sys::Operation;
use tracing::{Span, debug, debug_span, field::Empty, warn};

use super::{
    attempt_result::{AttemptResult, status},
    client_inner::ClientInner,
    observer::Outcome,
};
use crate::{Error, MessageId, decode::Body, error::Progress};

/// The span of a call.
pub(crate) fn call(inner: &ClientInner, operation: &'static Operation) -> Span {
    debug_span!(
        "kandy",
        otel.kind = "client",
        kandy.operation = operation.id,
        http.request.method = operation.method.as_str(),
        url.template = operation.path,
        server.address = inner.base_url.host(),
        http.response.status_code = Empty,
        kandy.status = Empty,
        error.type = Empty,
        kandy.attempts = Empty,
        kandy.elapsed_ms = Empty,
    )
}

/// The end of a call.
pub(crate) fn finished(span: &Span, operation: &'static Operation, outcome: &Outcome<'_>, progress: &Progress) {
    if span.is_disabled() {
        return;
    }
    span.record("kandy.attempts", progress.attempts);
    span.record("kandy.elapsed_ms", milliseconds(progress.elapsed));
    match outcome {
        Outcome::Response { http_status, status } => {
            span.record("http.response.status_code", *http_status);
            span.record("kandy.status", status.map(|status| status.0));
        }
        Outcome::Failed(error) => {
            span.record("error.type", kind(error));
        }
    }
    span.in_scope(|| debug!(kandy.operation = operation.id, success = outcome.is_success(), "finished"));
}

/// An attempt, and what it came to.
pub(crate) fn attempt(progress: &Progress, outcome: &AttemptResult) {
    let resend_count = progress.attempts.saturating_sub(1);
    match outcome {
        Ok(answer) => debug!(
            http.request.resend_count = resend_count,
            http.response.status_code = answer.status().as_u16(),
            http.response.body.size = size(answer.body()),
            kandy.status = status(answer).map(|status| status.0),
            "attempt answered"
        ),
        Err(error) => debug!(http.request.resend_count = resend_count, error.type = kind(error), "attempt failed"),
    }
}

/// The access token has expired, and another one is asked for.
pub(crate) fn renewing() {
    debug!("the access token has expired; renewing it");
}

/// Another attempt follows, after a while.
pub(crate) fn waiting(wait: Duration) {
    debug!(wait_ms = milliseconds(wait), "waiting before another attempt");
}

/// The service limits the rate of requests, and another attempt waits for its turn: this long at least.
pub(crate) fn rate_limited(wait: Duration) {
    debug!(wait_ms = milliseconds(wait), "the service limits the rate of requests; waiting");
}

/// The store of tokens failed; the call goes on without it.
pub(crate) fn store_failed(what: &'static str) {
    debug!(what, "the token store failed; going on without it");
}

/// The service refuses to delete a message, or cannot be asked to. The id is made up by the sender of the message.
pub(crate) fn undeletable(message: &MessageId, error: &Error) {
    warn!(
        kandy.message.id = %message.as_str().chars().take(64).collect::<String>().escape_debug(),
        kandy.status = error.status().map(|status| status.0),
        error.type = kind(error),
        "the service does not delete a message, which stays and comes again in the next stream"
    );
}

/// How long a body is, unless it is still on its way.
fn size(body: &Body) -> Option<usize> {
    match body {
        Body::Full(body) => Some(body.len()),
        Body::Stream(_) => None,
    }
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::Api(_) => "refused",
        Error::Transport(error) => error.phase().name(),
        Error::Decode(_) => "answer",
        Error::Argument(_) => "argument",
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
