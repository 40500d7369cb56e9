//! The spans and events of calls. No other module of the pipeline emits any, so that no credential can get into one.
//!
//! Names follow the OpenTelemetry conventions for HTTP clients, where one exists. The command `kandy` reads the
//! messages of the events for `--verbose`, and the test `observing` pins them. Depends on `observer` and
//! `attempt_result`.

use std::time::Duration;

use kandy_sys::Operation;
use tracing::{Span, debug, debug_span, field::Empty, warn};

#[cfg(feature = "push")]
use super::observer::ChannelState;
use super::{
    attempt_result::{AttemptResult, status},
    client_inner::ClientInner,
    observer::{Outcome, kind},
};
use crate::{Error, MessageId, decode::Body, error::Progress};

/// Returns the span of a call.
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
        kandy.rate_limit.wait_ms = Empty,
    )
}

/// Records the end of a call. `rate_limit_wait` is how long it waited for turns; only a call that did has the field.
pub(crate) fn finished(
    span: &Span,
    operation: &'static Operation,
    outcome: &Outcome<'_>,
    progress: &Progress,
    rate_limit_wait: Duration,
) {
    if span.is_disabled() {
        return;
    }
    span.record("kandy.attempts", progress.attempts);
    span.record("kandy.elapsed_ms", milliseconds(progress.elapsed));
    if !rate_limit_wait.is_zero() {
        span.record("kandy.rate_limit.wait_ms", milliseconds(rate_limit_wait));
    }
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

/// Records an attempt and its outcome.
pub(crate) fn attempt(progress: &Progress, outcome: &AttemptResult) {
    let resend_count = progress.attempts.saturating_sub(1);
    match outcome {
        Ok(response) => debug!(
            http.request.resend_count = resend_count,
            http.response.status_code = response.status().as_u16(),
            http.response.body.size = size(response.body()),
            kandy.status = status(response).map(|status| status.0),
            "response received"
        ),
        Err(error) => debug!(http.request.resend_count = resend_count, error.type = kind(error), "attempt failed"),
    }
}

/// Records that the service refused the access token, and that the call fetches a new one.
pub(crate) fn renewing() {
    debug!("the access token has expired; renewing it");
}

/// Records that another attempt follows after this wait.
pub(crate) fn waiting(wait: Duration) {
    debug!(wait_ms = milliseconds(wait), "waiting before another attempt");
}

/// Records that the service limits the rate of requests, and that another attempt follows after this wait or more.
pub(crate) fn rate_limited(wait: Duration) {
    debug!(wait_ms = milliseconds(wait), "the service limits the rate of requests; waiting");
}

/// Records that the token store failed; the call continues without it.
pub(crate) fn store_failed(what: &'static str) {
    debug!(what, "the token store failed; continuing without it");
}

/// Records that a message cannot be deleted. Its id is text that the sender of the message chose, so it is escaped and
/// truncated.
pub(crate) fn undeletable(message: &MessageId, error: &Error) {
    warn!(
        kandy.message.id = %message.as_str().chars().take(64).collect::<String>().escape_debug(),
        kandy.status = error.status().map(|status| status.0),
        error.type = kind(error),
        "a message cannot be deleted; the next stream yields it again"
    );
}

/// Returns the span of the data channel of a user.
#[cfg(feature = "push")]
pub(crate) fn channel() -> Span {
    debug_span!("kandy.channel", otel.kind = "client", server.address = Empty, kandy.channel.state = Empty)
}

/// Records where the data channel of the current span is opened.
#[cfg(feature = "push")]
pub(crate) fn channel_opens(host: &str) {
    Span::current().record("server.address", host);
}

/// Records a change of the data channel of the current span.
#[cfg(feature = "push")]
pub(crate) fn channel_changed(state: &ChannelState) {
    let span = Span::current();
    match state {
        ChannelState::Connected => {
            span.record("kandy.channel.state", "connected");
            debug!("the data channel is connected");
        }
        ChannelState::Lost { retry_in, error } => {
            span.record("kandy.channel.state", "lost");
            let retry_in_ms = milliseconds(*retry_in);
            debug!(retry_in_ms, error.type = kind(error), "the data channel is not connected");
        }
        ChannelState::Ended { error } => {
            span.record("kandy.channel.state", "ended");
            warn!(error.type = kind(error), "no data channel can be opened");
        }
    }
}

/// Returns the span of an inbox with push: `kandy.inbox.delivery` is `push` or `poll`.
#[cfg(feature = "push")]
pub(crate) fn inbox() -> Span {
    debug_span!("kandy.inbox", kandy.inbox.delivery = "poll")
}

/// Records how the messages of an inbox with push arrive from now on.
#[cfg(feature = "push")]
pub(crate) fn delivery(span: &Span, is_pushed: bool) {
    let delivery = if is_pushed { "push" } else { "poll" };
    span.record("kandy.inbox.delivery", delivery);
    span.in_scope(|| debug!(kandy.inbox.delivery = delivery, "the delivery of messages changed"));
}

/// Returns the length of a body; `None` for a stream.
fn size(body: &Body) -> Option<usize> {
    match body {
        Body::Full(body) => Some(body.len()),
        Body::Stream(_) => None,
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
