//! One attempt of a call: sends a request and receives its response, within the timeout and the deadline.
//!
//! Knows neither tokens nor retries. The parts: [`ClientInner::start`] puts the request on its way,
//! [`ClientInner::receive`] waits for the headers and reads the body up to its limit; [`custom_transport`] does the
//! same where the caller has replaced HTTP.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::StatusCode;
use kandy_sys::{ByteChunks, Operation, Request, Secret, transport::BodyReader};
use reqwest::Response;
use tokio::time::{sleep, timeout};

use super::{
    attempt_error::{body_error, redirect_error, timeout_error},
    attempt_result::AttemptResult,
    client_inner::{AttemptTransport, ClientInner},
    custom_transport,
    given_client::is_redirected,
    settings::{Deadline, Settings},
    upload_progress::UploadProgress,
};
use crate::{
    decode::Body,
    error::{DecodeError, Error, Phase, Result, TransportError, envelope_status, is_refusal},
};

impl ClientInner {
    /// Starts an attempt; the request is sent while the returned future is polled.
    pub(super) fn start(
        &self,
        request: &Request<'_>,
        token: Option<&Secret>,
    ) -> StartedAttempt<impl Future<Output = reqwest::Result<Response>> + Unpin + use<>> {
        match &self.transport {
            AttemptTransport::Http(client) => {
                let mut http = request.to_http(&self.base_url, token);
                let progress = UploadProgress::watch(request.operation(), &mut http, self.may_be_redirected);
                StartedAttempt::Http(client.execute(http), progress)
            }
            AttemptTransport::Custom(transport) => {
                StartedAttempt::Custom(custom_transport::start(transport, request, token))
            }
        }
    }

    /// Waits for the response of an attempt that was started at `now`.
    pub(super) async fn receive(
        &self,
        request: &Request<'_>,
        started: StartedAttempt<impl Future<Output = reqwest::Result<Response>> + Unpin>,
        settings: &Settings,
        deadline: &Deadline,
        now: Instant,
    ) -> AttemptResult {
        let (sending, progress) = match started {
            StartedAttempt::Http(sending, progress) => (sending, progress),
            // Boxed, as all that is rare in this future.
            StartedAttempt::Custom(sending) => {
                return Box::pin(custom_transport::receive(request, sending, settings, deadline.left(now))).await;
            }
        };
        // The operation is read from the request again where it is needed: a local that lives across an await makes the
        // future of every call larger.
        let headers =
            self.wait_for_headers(request.operation(), sending, &progress, settings.timeout, deadline, now).await?;
        let mut reader = BodyReader::new(headers, settings.timeout);
        let time = deadline.left_for_body(self.clock.as_ref());
        let full = {
            let mut receiving = pin!(reader.receive(request, settings.body_limit));
            #[expect(clippy::disallowed_methods, reason = "bodies arrive in real time, on tokio's timer")]
            let mut over = time.map(|time| Box::pin(sleep(time)));
            // One await point for both futures keeps the state machine small.
            poll_fn(|context| match (receiving.as_mut().poll(context), &mut over) {
                (Poll::Ready(full), _) => Poll::Ready(full.map_err(|error| body_error(request.operation(), error))),
                (Poll::Pending, Some(over)) => {
                    over.as_mut().poll(context).map(|()| Err(timeout_error(request.operation(), Phase::Deadline)))
                }
                (Poll::Pending, None) => Poll::Pending,
            })
            .await?
        };
        let operation = request.operation();
        let response = reader.into_response(full);
        if !progress.is_complete() && response.status() == StatusCode::OK && !is_refusal_with_200(&response) {
            let reason = "it arrived before the whole file was sent";
            return Err(Error::Decode(Arc::new(DecodeError::new(operation.id, String::new(), reason.to_owned()))));
        }
        Ok(response.map(|body| match body.map_err(move |error| body_error(operation, error)) {
            Body::Stream(chunks) => Body::Stream(within_time(operation, chunks, time)),
            full => full,
        }))
    }

    /// Waits for the headers of a response, up to the timeout and the deadline. While a file is being sent, the timeout
    /// starts again with each chunk, so that a slow upload is not cut off while it moves.
    async fn wait_for_headers(
        &self,
        operation: &'static Operation,
        mut sending: impl Future<Output = reqwest::Result<Response>> + Unpin,
        progress: &UploadProgress,
        limit: Duration,
        deadline: &Deadline,
        mut now: Instant,
    ) -> Result<Response> {
        loop {
            let before = progress.chunks_sent();
            let (wait, phase) = longest_wait(before, limit, deadline, now);
            match timeout(wait, &mut sending).await {
                Ok(Ok(response)) if progress.requested().is_some_and(|url| is_redirected(url, &response)) => {
                    return Err(redirect_error(operation));
                }
                Ok(sent) => return sent.map_err(|error| self.send_error(operation, error)),
                Err(_) if phase == Phase::Timeout && progress.chunks_sent() > before => now = self.clock.now(),
                Err(_) => return Err(timeout_error(operation, phase)),
            }
        }
    }

    /// Returns why there is no response to a request.
    fn send_error(&self, operation: &'static Operation, error: reqwest::Error) -> Error {
        let error = TransportError::of(Some(operation.id), Phase::Send, error);
        Error::Transport(Arc::new(error.through(self.proxy.as_ref())))
    }
}

/// An attempt that was started.
pub(super) enum StartedAttempt<F> {
    /// By HTTP.
    Http(F, UploadProgress),
    /// By the transport of the caller.
    Custom(custom_transport::Sending),
}

/// Returns how long the headers of a response may take from `now` on, and what has run out then. A file that is being sent
/// does not count against the default deadline, only against one that the caller has set.
fn longest_wait(chunks_sent: usize, limit: Duration, deadline: &Deadline, now: Instant) -> (Duration, Phase) {
    let left = deadline.left(now);
    let is_bounded = chunks_sent == 0 || deadline.is_total();
    if is_bounded && left < limit { (left, Phase::Deadline) } else { (limit, Phase::Timeout) }
}

/// Ends a streamed body with an error once `time` has passed.
#[expect(clippy::disallowed_methods, reason = "bodies arrive in real time, on tokio's timer")]
fn within_time(operation: &'static Operation, chunks: ByteChunks<Error>, time: Option<Duration>) -> ByteChunks<Error> {
    let Some(time) = time else { return chunks };
    let over = tokio::time::Instant::now() + time;
    Box::pin(stream::unfold(Some(chunks), move |chunks| async move {
        let mut chunks = chunks?;
        match tokio::time::timeout_at(over, chunks.next()).await {
            Ok(chunk) => chunk.map(|chunk| (chunk, Some(chunks))),
            Err(_) => Some((Err(timeout_error(operation, Phase::Deadline)), None)),
        }
    }))
}

/// Whether a response with HTTP 200 has the envelope of a refusal.
fn is_refusal_with_200<E>(response: &http::Response<kandy_sys::Body<E>>) -> bool {
    let body: Option<&Bytes> = match response.body() {
        kandy_sys::Body::Full(body) => Some(body),
        kandy_sys::Body::Stream(_) => None,
    };
    is_refusal(StatusCode::OK, body.and_then(|body| envelope_status(body)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock as _, clock::SystemClock, pipeline::settings::TimeLimit};

    #[test]
    fn a_file_that_is_being_sent_is_cut_off_by_a_deadline_of_the_caller_alone() {
        const SECOND: Duration = Duration::from_secs(1);
        let begin = SystemClock.now();
        let (idle, total) = (TimeLimit::Idle(10 * SECOND), TimeLimit::Total(10 * SECOND));
        for (chunks_sent, limit, deadline, after, expected) in [
            (0, 30, idle, 0, (10, Phase::Deadline)),
            (0, 30, total, 4, (6, Phase::Deadline)),
            (0, 3, total, 4, (3, Phase::Timeout)),
            // Both run out at once.
            (0, 6, total, 4, (6, Phase::Timeout)),
            (0, 30, idle, 20, (0, Phase::Deadline)),
            (1, 30, idle, 20, (30, Phase::Timeout)),
            (7, 30, idle, 0, (30, Phase::Timeout)),
            (1, 30, total, 4, (6, Phase::Deadline)),
            (1, 3, total, 4, (3, Phase::Timeout)),
        ] {
            let deadline = Deadline::new(begin, deadline);
            let (wait, phase) = longest_wait(chunks_sent, limit * SECOND, &deadline, begin + after * SECOND);
            assert_eq!((wait.as_secs(), phase), expected, "{chunks_sent} {limit} {deadline:?} {after}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_streamed_body_ends_with_its_deadline_and_not_before() {
        let operation = Operation::find("content_download").expect("part of the API");
        for (time, expected) in [
            (None, vec![Some("a"), Some("b")]),
            (Some(5), vec![Some("a"), Some("b")]),
            (Some(3), vec![Some("a"), None]),
            (Some(1), vec![None]),
        ] {
            let chunks = stream::iter(["a", "b"]).then(|chunk| async move {
                SystemClock.sleep(Duration::from_secs(2)).await;
                Ok(Bytes::from_static(chunk.as_bytes()))
            });
            let chunks = within_time(operation, Box::pin(chunks), time.map(Duration::from_secs));
            let seen: Vec<_> = chunks.map(|chunk: Result<Bytes>| chunk.ok()).collect().await;
            let expected: Vec<_> = expected.into_iter().map(|chunk| chunk.map(Bytes::from)).collect();
            assert_eq!(seen, expected, "{time:?}");
        }
    }
}
