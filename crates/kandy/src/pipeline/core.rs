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
use kandy_sys::{
    BaseUrl, BoxFuture, ByteChunks, Operation, Request, Transport, TransportFailure,
    transport::{BodyReader, ReadError},
};
use reqwest::Response;
use tokio::time::{sleep, timeout};

use super::{
    attempts::Attempts,
    moving::Moving,
    observer::Observer,
    payload::Body,
    retry::{RetryBudget, RetryPolicy},
    throttle::Throttle,
};
use crate::{
    Clock,
    error::{DecodeError, Error, Phase, Result, TransportError, envelope_status, is_refusal},
};

/// What all calls of a client share.
pub(crate) struct Core {
    pub(crate) http: reqwest::Client,
    pub(crate) base_url: BaseUrl,
    /// The proxy that connections go through, as `host:port`.
    pub(crate) proxy: Option<Arc<str>>,
    /// Slows all calls down while the service limits their rate.
    pub(crate) throttle: Throttle,
    pub(crate) settings: Settings,
    pub(crate) budget: RetryBudget,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Option<Arc<dyn Observer>>,
    pub(crate) max_token_age: Option<Duration>,
    pub(crate) token_store: Option<Arc<dyn crate::TokenStore>>,
}

/// What the calls of a client have in common, unless one wants it otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// For one attempt: until its answer begins, and for each pause within it.
    pub(crate) timeout: Duration,
    pub(crate) deadline: Deadline,
    pub(crate) body_limit: usize,
    pub(crate) retry: RetryPolicy,
    /// Of the one call that has these settings for itself.
    pub(crate) rate_limit: RateLimited,
}

/// What the rate limit of the service did to a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct RateLimited {
    /// How many of its attempts were refused for the rate of requests.
    pub(crate) refusals: u32,
    /// How long it waited for its turns.
    pub(crate) waited: Duration,
}

/// How long a call may take, with all its attempts and the waits between them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deadline {
    /// The default: it leaves an answer that moves alone, however long that takes.
    Lenient(Duration),
    /// What the caller said: it bounds everything.
    Strict(Duration),
}

impl Deadline {
    pub(crate) fn duration(self) -> Duration {
        match self {
            Self::Lenient(duration) | Self::Strict(duration) => duration,
        }
    }
}

/// What one call may want otherwise than its client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
}

impl Settings {
    /// These settings, but for what one call wants otherwise.
    pub(crate) fn with(&self, options: &Options) -> Self {
        Self {
            timeout: options.timeout.unwrap_or(self.timeout),
            deadline: options.deadline.map_or(self.deadline, Deadline::Strict),
            retry: options.retry.clone().unwrap_or_else(|| self.retry.clone()),
            body_limit: self.body_limit,
            rate_limit: RateLimited::default(),
        }
    }
}

/// The time that is left to a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLeft {
    begin: Instant,
    deadline: Deadline,
}

impl TimeLeft {
    /// When the call began.
    pub(crate) fn begin(&self) -> Instant {
        self.begin
    }

    pub(crate) fn new(begin: Instant, deadline: Deadline) -> Self {
        Self { begin, deadline }
    }

    pub(crate) fn at(&self, now: Instant) -> Duration {
        self.deadline.duration().saturating_sub(now.saturating_duration_since(self.begin))
    }

    /// How long an answer that moves may take from now on.
    fn for_body(&self, clock: &dyn Clock) -> Option<Duration> {
        matches!(self.deadline, Deadline::Strict(_)).then(|| self.at(clock.now()))
    }
}

impl Core {
    /// Waits for the answer to a request that is on its way.
    pub(crate) async fn attempt(
        &self,
        request: &Request<'_>,
        sending: impl Future<Output = reqwest::Result<Response>> + Unpin,
        moving: Moving,
        settings: &Settings,
        left: &TimeLeft,
        now: Instant,
    ) -> Result<http::Response<Body>> {
        // It is asked for again where it is needed: what lives through the waits makes every call larger.
        let response =
            self.wait_for_headers(request.operation(), sending, &moving, settings.timeout, left, now).await?;
        let mut incoming = BodyReader::new(response, settings.timeout);
        let left = left.for_body(self.clock.as_ref());
        let whole = {
            let mut receiving = pin!(incoming.receive(request, settings.body_limit));
            #[expect(clippy::disallowed_methods, reason = "bodies arrive in real time, on tokio's timer")]
            let mut over = left.map(|left| Box::pin(sleep(left)));
            // One place to wait in keeps the future small.
            poll_fn(|context| match (receiving.as_mut().poll(context), &mut over) {
                (Poll::Ready(whole), _) => Poll::Ready(whole.map_err(|error| unread(request.operation(), error))),
                (Poll::Pending, Some(over)) => {
                    over.as_mut().poll(context).map(|()| Err(late(request.operation(), Phase::Deadline)))
                }
                (Poll::Pending, None) => Poll::Pending,
            })
            .await?
        };
        let operation = request.operation();
        let answer = incoming.into_response(whole);
        if !moving.is_whole() && answer.status() == StatusCode::OK && !is_refusal_of(whole_of(&answer)) {
            let reason = "it came before the whole file was sent";
            return Err(Error::Decode(Arc::new(DecodeError::new(operation.id, String::new(), reason.to_owned()))));
        }
        Ok(answer.map(|payload| match payload.map_err(move |error| unread(operation, error)) {
            Body::Stream(chunks) => Body::Stream(within_time(operation, chunks, left)),
            whole => whole,
        }))
    }

    /// Waits until an answer begins: as long as an attempt may take, and no longer than the call
    /// has time. While a file is on its way out, the wait begins anew with each piece that leaves.
    async fn wait_for_headers(
        &self,
        operation: &'static Operation,
        mut sending: impl Future<Output = reqwest::Result<Response>> + Unpin,
        moving: &Moving,
        limit: Duration,
        left: &TimeLeft,
        mut now: Instant,
    ) -> Result<Response> {
        loop {
            let before = moving.pieces();
            let left_now = left.at(now);
            let (wait, phase) = match left.deadline {
                Deadline::Lenient(_) if before > 0 => (limit, Phase::Timeout),
                _ if left_now < limit => (left_now, Phase::Deadline),
                _ => (limit, Phase::Timeout),
            };
            match timeout(wait, &mut sending).await {
                Ok(sent) => return sent.map_err(|error| self.not_sent(operation, error)),
                Err(_) if phase == Phase::Timeout && moving.pieces() > before => now = self.clock.now(),
                Err(_) => return Err(late(operation, phase)),
            }
        }
    }

    /// Why there is no response to a request.
    fn not_sent(&self, operation: &'static Operation, error: reqwest::Error) -> Error {
        let error = TransportError::of(Some(operation.id), Phase::Send, error);
        Error::Transport(Arc::new(error.through(self.proxy.as_ref())))
    }

    /// Puts a request on its way, with all that it needs; it goes on as it is polled.
    pub(crate) fn send(
        &self,
        operation: &'static Operation,
        mut http: reqwest::Request,
    ) -> (impl Future<Output = reqwest::Result<Response>> + Unpin + use<>, Moving) {
        let moving = Moving::watch(operation, &mut http);
        (self.http.execute(http), moving)
    }
}

/// A body that breaks off when the time is over.
#[expect(clippy::disallowed_methods, reason = "bodies arrive in real time, on tokio's timer")]
fn within_time(operation: &'static Operation, chunks: ByteChunks<Error>, time: Option<Duration>) -> ByteChunks<Error> {
    let Some(time) = time else { return chunks };
    let over = tokio::time::Instant::now() + time;
    Box::pin(stream::unfold(Some(chunks), move |chunks| async move {
        let mut chunks = chunks?;
        match tokio::time::timeout_at(over, chunks.next()).await {
            Ok(chunk) => chunk.map(|chunk| (chunk, Some(chunks))),
            Err(_) => Some((Err(late(operation, Phase::Deadline)), None)),
        }
    }))
}

/// The failure of something that took too long.
pub(crate) fn late(operation: &'static Operation, phase: Phase) -> Error {
    Error::Transport(Arc::new(TransportError::new(Some(operation.id), phase, Arc::new(TooLate))))
}

fn failed(operation: &'static Operation, phase: Phase, error: reqwest::Error) -> Error {
    Error::Transport(Arc::new(TransportError::of(Some(operation.id), phase, error)))
}

/// Why an answer could not be read.
fn unread(operation: &'static Operation, error: ReadError) -> Error {
    match error {
        ReadError::Http(error) => failed(operation, Phase::Receive, error),
        ReadError::Stalled { .. } => late(operation, Phase::Timeout),
        other => Error::Decode(Arc::new(DecodeError::new(operation.id, String::new(), other.to_string()))),
    }
}

/// Whether an envelope with HTTP 200 is a refusal.
fn is_refusal_of(body: Option<&Bytes>) -> bool {
    is_refusal(StatusCode::OK, body.and_then(|body| envelope_status(body)))
}

/// The whole body of an answer, if it is here.
fn whole_of<E>(answer: &http::Response<kandy_sys::Body<E>>) -> Option<&Bytes> {
    match answer.body() {
        kandy_sys::Body::Full(body) => Some(body),
        kandy_sys::Body::Stream(_) => None,
    }
}

/// Why something was given up.
#[derive(Debug)]
struct TooLate;

impl std::fmt::Display for TooLate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("given up")
    }
}

impl std::error::Error for TooLate {}

/// Without a caller there is no token: this is for the operations that mint and revoke tokens.
impl Transport for Core {
    fn send<'a>(
        &'a self,
        request: Request<'a>,
    ) -> BoxFuture<'a, Result<http::Response<kandy_sys::Body>, TransportFailure>> {
        Box::pin(async move { carried(Attempts::new(self, None, request.operation(), None).make(&request).await) })
    }
}

/// An answer, or our error, as the generated code carries it.
pub(crate) fn carried(
    answer: Result<http::Response<Body>>,
) -> Result<http::Response<kandy_sys::Body>, TransportFailure> {
    let failure = |error: Error| -> TransportFailure { Arc::new(error) };
    match answer {
        Ok(answer) => Ok(answer.map(|payload| payload.map_err(failure))),
        Err(error) => Err(failure(error)),
    }
}
