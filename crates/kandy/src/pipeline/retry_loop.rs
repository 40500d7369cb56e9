//! [`RetryLoop`]: one call with its attempts, the waits between them and the renewal of its token.
//!
//! ```text
//! RetryLoop::execute     span, deadline, observers
//!   RetryLoop::run       the loop: token → turns → attempt → next step
//!     next_step          what follows an attempt: return, renew the token, or wait and try again
//! ```
//!
//! What is decided elsewhere: which operations may be repeated and how long to wait in [`retry`], how many
//! retries all calls may make in [`RetryBudget`](super::RetryBudget), the rate of attempts in
//! [`throttle`](super::throttle), timeouts in [`attempt`](super::attempt). That nothing is sent twice is tested by
//! `no_duplicate_sends`, with every kind of injected fault.

mod rate_limited;
#[cfg(test)]
mod tests;
mod turns;

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use http::StatusCode;
use kandy_sys::{BoxFuture, Operation, Request};
use tokio::time::timeout;
use tracing::Instrument;

use self::rate_limited::RateLimited;
use super::{
    attempt::StartedAttempt,
    attempt_error::timeout_error,
    attempt_result::{AttemptResult, is_refusal, is_token_refused},
    client_inner::ClientInner,
    observer::{AttemptEvent, Observer, Outcome},
    retry,
    settings::{Deadline, Options, Settings},
    trace,
};
use crate::{
    Error, Result,
    auth::{CachedToken, TokenCache},
    error::{Phase, Progress, RetryAfter},
    metrics::Counted,
    runtime,
};

/// Where a call gets its access token from.
pub(super) trait TokenProvider: Sync {
    /// Returns the cache, which nearly all calls find a token in.
    fn cache(&self) -> &TokenCache;

    /// Whether a refused token can be replaced.
    fn can_mint(&self) -> bool;

    /// Returns a token other than the one with the number `stale`, and mints one if there is none.
    fn token(&self, stale: Option<u64>) -> BoxFuture<'_, Result<Arc<CachedToken>>>;
}

/// One call: its attempts, the waits between them, and the renewal of its token.
pub(super) struct RetryLoop<'a> {
    inner: &'a ClientInner,
    /// None for the operations that take an API key.
    tokens: Option<&'a dyn TokenProvider>,
    operation: &'static Operation,
    /// The settings of this call, where they differ from those of the client. Boxed, because few calls have them.
    settings: Option<Box<Settings>>,
    /// What rate limits did to the call. Boxed, because few calls meet one.
    rate_limit: Option<Box<RateLimited>>,
    deadline: Deadline,
    progress: Progress,
}

/// An attempt that was started, and the number of the token that it carries.
type Sent<F> = (StartedAttempt<F>, Option<u64>);

/// What follows an attempt.
enum NextStep<'a> {
    /// The outcome is final.
    Return,
    /// The outcome is final, but the token was refused: the next call should find a new one.
    ReturnAndReplaceToken(&'a dyn TokenProvider),
    /// Try again with a new token.
    RenewToken,
    /// Try again as soon as the throttle admits it.
    WaitForTurn,
    /// Try again after this time.
    Wait(Duration),
}

impl<'a> RetryLoop<'a> {
    pub(super) fn new(
        inner: &'a ClientInner,
        tokens: Option<&'a dyn TokenProvider>,
        operation: &'static Operation,
        options: Option<&Options>,
    ) -> Self {
        let settings = options.map(|options| Box::new(inner.settings.with(options)));
        let begin = inner.clock.now();
        let deadline = Deadline::new(begin, settings.as_deref().unwrap_or(&inner.settings).time_limit);
        let progress = Progress { begun: Some(begin), ..Progress::default() };
        Self { inner, tokens, operation, settings, rate_limit: None, deadline, progress }
    }

    /// Makes the call, in a span of its own, counts it meanwhile, and notifies the observers.
    pub(super) async fn execute(&mut self, request: &Request<'_>) -> AttemptResult {
        let _counted = Counted::new(&self.inner.gauges.calls);
        let span = trace::call(self.inner, self.operation);
        let (outcome, span) = {
            let mut call = pin!(self.run(request).instrument(span));
            (call.as_mut().await, call.span().clone())
        };
        // Skip reading the clock when no span, observer or error needs the elapsed time.
        let is_observed = !span.is_disabled() || !self.inner.observers.is_empty();
        if is_observed || outcome.is_err() {
            self.progress = self.progress.until(self.inner.clock.now());
        }
        let outcome = outcome.map_err(|error| error.with_progress(self.progress));
        if is_observed {
            let event = Outcome::of(&outcome);
            let waited = self.rate_limit.as_ref().map_or(Duration::ZERO, |waits| waits.all());
            trace::finished(&span, self.operation, &event, &self.progress, waited);
            if !self.inner.observers.is_empty() {
                self.inner.observers.call_finished(&event.call(self.operation, &outcome, &self.progress, waited));
            }
        }
        outcome
    }

    /// Notifies the observers of an attempt that began at `begun`.
    fn report_attempt(&self, outcome: &AttemptResult, begun: Instant) {
        let (inner, base_url) = (self.inner, &self.inner.base_url);
        inner.observers.attempt_finished(&AttemptEvent {
            operation: self.operation,
            outcome: &Outcome::of(outcome),
            number: self.progress.attempts,
            elapsed: inner.clock.now().saturating_duration_since(begun),
            server_address: base_url.host(),
            server_port: base_url.port(),
        });
    }

    /// Returns how much was tried.
    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// Makes attempts until the outcome of one is final.
    async fn run(&mut self, request: &Request<'_>) -> AttemptResult {
        runtime::check(Some(self.operation.id))?;
        let mut stale = None;
        let mut now = self.deadline.begin();
        loop {
            let is_limited = self.inner.throttle.is_active() || self.item_limit().is_some();
            let mut is_paced = false;
            if is_limited {
                // Boxed, as all rare futures here: what lives in this future makes every call larger.
                (now, is_paced) = Box::pin(self.take_turns(stale, now)).await?;
            }
            let (started, token) = match self.start(request, stale, now) {
                Ok(started) => started,
                Err(tokens) => {
                    // Minting a token takes time, so the attempt begins at a turn of its own after that.
                    if is_limited {
                        self.give_turns_back();
                    }
                    let token = self.fetch_token(tokens, stale, &mut now).await?;
                    self.rate_limit.get_or_insert_default().token = Some(token);
                    continue;
                }
            };
            self.progress.attempts += 1;
            let receiving = self.inner.receive(request, started, self.settings(), &self.deadline, now);
            let outcome = receiving.await.map_err(|error| error.masked(&request.secret_mask()));
            trace::attempt(&self.progress, &outcome);
            if !self.inner.observers.is_empty() {
                self.report_attempt(&outcome, now);
            }
            if is_paced {
                self.report_to_throttle(&outcome);
            }
            match self.next_step(request, &outcome, stale.is_none(), now) {
                NextStep::Return => return outcome,
                NextStep::ReturnAndReplaceToken(tokens) => {
                    // The outcome stands, whether or not there is a new token.
                    let _ = self.fetch_token(tokens, token, &mut now).await;
                    return outcome;
                }
                NextStep::RenewToken => stale = token,
                NextStep::WaitForTurn => {}
                NextStep::Wait(wait) => {
                    drop(outcome);
                    self.inner.clock.sleep(wait).await;
                }
            }
            now = self.inner.clock.now();
        }
    }

    /// Decides what follows an attempt that began at `begun`. `is_first_token` tells that no token was renewed yet.
    fn next_step(
        &mut self,
        request: &Request<'_>,
        outcome: &AttemptResult,
        is_first_token: bool,
        begun: Instant,
    ) -> NextStep<'a> {
        if let Err(Error::Transport(error)) = outcome {
            // A deadline does not tell how far the request had got.
            self.progress.maybe_applied |= error.phase() == Phase::Deadline;
        }
        let response = outcome.as_ref().ok();
        if response.is_some_and(asks_for_fewer) {
            self.inner.throttle.slowed(begun, self.inner.clock.now());
        }
        let renewable = self.tokens.filter(|tokens| is_first_token && tokens.can_mint());
        let refused = renewable.filter(|_| response.is_some_and(is_token_refused));
        if refused.is_none() && response.is_some_and(|response| response.status() == StatusCode::OK) {
            self.inner.budget.put_back();
            return NextStep::Return;
        }
        let is_repeatable = request.is_repeatable();
        let is_refusal = response.is_some_and(is_refusal);
        if let Some(tokens) = refused {
            if !(is_repeatable && (self.settings().retry.may_repeat(self.operation) || is_refusal)) {
                return NextStep::ReturnAndReplaceToken(tokens);
            }
            trace::renewing();
            self.progress.maybe_applied |= !is_refusal;
            return NextStep::RenewToken;
        }
        if let Some(response) = response.filter(|response| is_refusal && is_rate_limit(response)) {
            // A refusal for the rate uses up neither attempts nor budget; only time bounds these repetitions.
            let wait = self.rate_limited(response, begun);
            if !(is_repeatable && self.settings().retry.repeats() && wait < self.left_for_throttle()) {
                return NextStep::Return;
            }
            trace::rate_limited(wait);
            return NextStep::WaitForTurn;
        }
        let is_safe = is_repeatable && retry::is_safe_again(&self.settings().retry, self.operation, outcome);
        let attempts = self.counted_attempts();
        if !(is_safe && self.settings().retry.allows_after(attempts) && self.inner.budget.take()) {
            return NextStep::Return;
        }
        let wait = self.wait_after(outcome);
        if wait >= self.deadline.left(self.inner.clock.now()) {
            return NextStep::Return;
        }
        trace::waiting(wait);
        NextStep::Wait(wait)
    }

    fn settings(&self) -> &Settings {
        self.settings.as_deref().unwrap_or(&self.inner.settings)
    }

    /// Calls `send` with the cached token, or without one where the operation takes none.
    ///
    /// # Errors
    ///
    /// If a token has to be fetched first: where from.
    fn with_cached_token<T>(
        &self,
        stale: Option<u64>,
        now: Instant,
        send: impl FnOnce(Option<&CachedToken>) -> T,
    ) -> Result<T, &'a dyn TokenProvider> {
        match self.tokens {
            None => Ok(send(None)),
            Some(tokens) if stale.is_some() => Err(tokens),
            Some(tokens) => tokens.cache().with_fresh(now, |token| send(Some(token))).ok_or(tokens),
        }
    }

    /// Starts an attempt with the token that was fetched for it, with the cached one, or without one where the operation
    /// takes none.
    ///
    /// # Errors
    ///
    /// If a token has to be fetched first: where from.
    fn start(
        &mut self,
        request: &Request<'_>,
        stale: Option<u64>,
        now: Instant,
    ) -> Result<Sent<impl Future<Output = reqwest::Result<reqwest::Response>> + Unpin + use<>>, &'a dyn TokenProvider>
    {
        match self.rate_limit.as_mut().and_then(|rate_limit| rate_limit.token.take()) {
            Some(token) => Ok(self.send(request, Some(&token))),
            None => self.with_cached_token(stale, now, |token| self.send(request, token)),
        }
    }

    /// Starts an attempt. Returns the number of the token that it carries, too.
    fn send(
        &self,
        request: &Request<'_>,
        token: Option<&CachedToken>,
    ) -> Sent<impl Future<Output = reqwest::Result<reqwest::Response>> + Unpin + use<>> {
        let started = self.inner.start(request, token.map(|token| &token.token));
        (started, token.map(CachedToken::number))
    }

    /// Fetches a token other than the one with the number `stale`, within the deadline. Updates `now`, because this may
    /// take a request of its own.
    async fn fetch_token(
        &self,
        tokens: &dyn TokenProvider,
        stale: Option<u64>,
        now: &mut Instant,
    ) -> Result<Arc<CachedToken>> {
        let token = Box::pin(timeout(self.deadline.left(*now), tokens.token(stale))).await;
        *now = self.inner.clock.now();
        token.unwrap_or_else(|_| Err(timeout_error(self.operation, Phase::Deadline)))
    }

    /// The attempts that count against the policy: those that were refused for their rate do not.
    fn counted_attempts(&self) -> u32 {
        let refusals = self.rate_limit.as_ref().map_or(0, |rate_limit| rate_limit.refusals);
        self.progress.attempts.saturating_sub(refusals)
    }

    /// Returns how long to wait before the next attempt: as long as the service asks, or by the backoff.
    fn wait_after(&mut self, outcome: &AttemptResult) -> Duration {
        let clock = self.inner.clock.as_ref();
        self.progress.maybe_applied |= match outcome {
            Ok(response) => !is_refusal(response),
            Err(Error::Transport(error)) => error.may_have_been_sent(),
            Err(_) => true,
        };
        let headers = outcome.as_ref().ok().map(http::Response::headers);
        let asked = headers.and_then(RetryAfter::read).map(|after| after.wait(clock.now_utc()));
        self.settings().retry.wait(self.counted_attempts(), asked, clock)
    }

    /// Counts a refusal for the rate of an attempt that began at `begun`. Returns how long the next one has to wait.
    fn rate_limited<B>(&mut self, response: &http::Response<B>, begun: Instant) -> Duration {
        self.rate_limit.get_or_insert_default().refusals += 1;
        let clock = self.inner.clock.as_ref();
        let asked = RetryAfter::read(response.headers()).map(|after| after.wait(clock.now_utc()));
        let policy = &self.settings().retry;
        self.inner.throttle.refused(begun, clock.now(), |refusals| policy.wait(refusals, asked, clock))
    }

    /// Tells the throttle that a paced attempt was not refused for its rate.
    fn report_to_throttle(&self, outcome: &AttemptResult) {
        if outcome.as_ref().is_ok_and(|response| !is_rate_limit(response) && !asks_for_fewer(response)) {
            self.inner.throttle.accepted(self.inner.clock.now());
        }
    }
}

/// Whether the service asks for fewer requests, without proof that it did not apply this one.
fn asks_for_fewer<B>(response: &http::Response<B>) -> bool {
    response.status() == StatusCode::SERVICE_UNAVAILABLE && RetryAfter::read(response.headers()).is_some()
}

fn is_rate_limit<B>(response: &http::Response<B>) -> bool {
    response.status() == StatusCode::TOO_MANY_REQUESTS
}
