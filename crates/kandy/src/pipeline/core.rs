use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use kandy_sys::{
    BaseUrl, BoxFuture, Client, Operation, Transport, TransportFailure,
    hooks::{ReadError, read},
};
use reqwest::{Body, Request};
use tokio::time::timeout;

use super::{
    attempts::Attempts,
    observer::Observer,
    retry::{RetryBudget, RetryPolicy},
};
use crate::{
    Clock,
    error::{AnswerError, Error, Phase, Result, TransportError},
};

/// What all calls of a client share.
pub(crate) struct Core {
    pub(crate) http: reqwest::Client,
    pub(crate) base_url: BaseUrl,
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
    pub(crate) fn new(begin: Instant, deadline: Deadline) -> Self {
        Self { begin, deadline }
    }

    pub(crate) fn at(&self, now: Instant) -> Duration {
        self.deadline.duration().saturating_sub(now.saturating_duration_since(self.begin))
    }

    /// How long an answer that moves may take from now on.
    fn for_body_at(&self, now: Instant) -> Option<Duration> {
        matches!(self.deadline, Deadline::Strict(_)).then(|| self.at(now))
    }
}

impl Core {
    /// A generated client over a transport.
    pub(crate) fn client(&self, transport: Arc<dyn Transport>) -> Client {
        Client::with_transport(&self.base_url, self.http.clone(), transport)
    }

    /// Sends a request that has all that it needs, once.
    pub(crate) async fn attempt(
        &self,
        operation: &'static Operation,
        request: Request,
        settings: &Settings,
        left: TimeLeft,
    ) -> Result<http::Response<Bytes>> {
        let failed = |phase, error| Error::Transport(Arc::new(TransportError::of(Some(operation.id), phase, error)));
        let sent = self.within(operation, settings.timeout, left, self.http.execute(request)).await?;
        let response = sent.map_err(|error| failed(Phase::Send, error))?;
        let reading = read(response, settings.body_limit, settings.timeout);
        let body = match left.for_body_at(self.clock.now()) {
            Some(left) => timeout(left, reading).await.map_err(|_| self.late(operation, Phase::Deadline))?,
            None => reading.await,
        };
        body.map_err(|error| match error {
            ReadError::Http(error) => failed(Phase::Receive, error),
            ReadError::Stalled { .. } => self.late(operation, Phase::Timeout),
            other => Error::Answer(Arc::new(AnswerError::new(operation.id, String::new(), other.to_string()))),
        })
    }

    /// Waits for a future as long as an attempt may take, and no longer than the call has time.
    async fn within<F: Future>(
        &self,
        operation: &'static Operation,
        limit: Duration,
        left: TimeLeft,
        future: F,
    ) -> Result<F::Output> {
        let left = left.at(self.clock.now());
        let phase = if left < limit { Phase::Deadline } else { Phase::Timeout };
        timeout(left.min(limit), future).await.map_err(|_| self.late(operation, phase))
    }

    /// The failure of something that took too long.
    pub(crate) fn late(&self, operation: &'static Operation, phase: Phase) -> Error {
        Error::Transport(Arc::new(TransportError::new(Some(operation.id), phase, Arc::new(TooLate))))
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
        operation: &'static Operation,
        request: Request,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async move {
            let (answer, _) = Attempts::new(self, operation, &Options::default()).make(None, request).await;
            carried(answer)
        })
    }
}

/// An answer, or our error, as the generated code carries it.
pub(crate) fn carried(answer: Result<http::Response<Bytes>>) -> Result<http::Response<Body>, TransportFailure> {
    match answer {
        Ok(answer) => Ok(answer.map(Body::from)),
        Err(error) => Err(Arc::new(error)),
    }
}
