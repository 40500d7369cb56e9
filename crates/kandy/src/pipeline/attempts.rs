use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use http::StatusCode;
use kandy_sys::{Operation, Request};
use tokio::time::timeout;
use tracing::Instrument;

use super::{
    Caller, Core, Options, Settings, TimeLeft,
    core::{RateLimited, late},
    observer::Outcome,
    payload::{Body, is_refusal, is_token_refused},
    retry, trace,
};
use crate::{
    Error, Result,
    auth::Issued,
    error::{Phase, Progress, RetryAfter},
};

/// One call: its attempts, the waits between them, and the renewal of its token.
pub(crate) struct Attempts<'a> {
    core: &'a Core,
    /// Whose access token goes along, if one does.
    caller: Option<&'a Caller>,
    operation: &'static Operation,
    /// Those of the client, unless this call wants something otherwise or was refused for the rate of requests.
    settings: Option<Box<Settings>>,
    left: TimeLeft,
    progress: Progress,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(
        core: &'a Core,
        caller: Option<&'a Caller>,
        operation: &'static Operation,
        options: Option<&Options>,
    ) -> Self {
        let settings = options.map(|options| Box::new(core.settings.with(options)));
        let begin = core.clock.now();
        let left = TimeLeft::new(begin, settings.as_deref().unwrap_or(&core.settings).deadline);
        let progress = Progress { begun: Some(begin), ..Progress::default() };
        Self { core, caller, operation, settings, left, progress }
    }

    /// Makes the call.
    pub(crate) async fn make(&mut self, request: &Request<'_>) -> Result<http::Response<Body>> {
        let span = trace::call(self.core, self.operation);
        let (answer, span) = {
            let mut call = pin!(self.repeat(request).instrument(span));
            (call.as_mut().await, call.span().clone())
        };
        // What nobody asks for need not be found out.
        let is_told = !span.is_disabled() || self.core.observer.is_some();
        if is_told || answer.is_err() {
            self.progress = self.progress.until(self.core.clock.now());
        }
        let answer = answer.map_err(|error| error.after(self.progress));
        if is_told {
            let outcome = Outcome::of(&answer);
            trace::finished(&span, self.operation, &outcome, &self.progress);
            if let Some(observer) = &self.core.observer {
                observer.call_finished(&outcome.call(self.operation, &self.progress));
            }
        }
        answer
    }

    /// How much was tried.
    pub(crate) fn progress(&self) -> Progress {
        self.progress
    }

    /// Attempts until one is final: token, attempt, verdict, and again.
    async fn repeat(&mut self, request: &Request<'_>) -> Result<http::Response<Body>> {
        let is_repeatable = request.is_repeatable();
        let mut stale = None;
        let mut now = self.left.begin();
        loop {
            let is_paced = self.core.throttle.is_active() && self.settings().retry.repeats();
            if is_paced {
                // What is rare need not make all others larger.
                now = Box::pin(self.turn(now)).await?;
            }
            // In a block of its own, so that nothing of this lives on while the answer is waited for.
            let ((sending, moving), token) = {
                let send = |issued: Option<&Issued>| {
                    let http = request.to_http(&self.core.base_url, issued.map(|issued| &issued.token));
                    (self.core.send(self.operation, http), issued.map(Issued::number))
                };
                match self.caller {
                    None => send(None),
                    Some(caller) => {
                        let ready = stale.is_none().then(|| caller.tokens.with_ready(now, |issued| send(Some(issued))));
                        match ready.flatten() {
                            Some(sent) => sent,
                            None => send(Some(&*self.token(caller, stale, &mut now).await?)),
                        }
                    }
                }
            };
            let can_renew = stale.is_none() && self.caller.is_some_and(|caller| caller.source.can_mint());
            self.progress.attempts += 1;
            let attempt = self.core.attempt(request, sending, moving, self.settings(), &self.left, now);
            let outcome = attempt.await.map_err(|error| error.masked(&request.secret_mask()));
            trace::attempt(&self.progress, &outcome);
            if let Err(Error::Transport(error)) = &outcome {
                // The deadline does not say how far the request had got.
                self.progress.in_doubt |= error.phase() == Phase::Deadline;
            }
            if is_paced && outcome.as_ref().is_ok_and(|answer| answer.status() != StatusCode::TOO_MANY_REQUESTS) {
                self.core.throttle.accepted(self.core.clock.now());
            }

            let renews = can_renew && outcome.as_ref().is_ok_and(is_token_refused);
            if !renews && outcome.as_ref().is_ok_and(|answer| answer.status() == StatusCode::OK) {
                self.core.budget.put_back();
                return outcome;
            }
            let is_refusal = outcome.as_ref().is_ok_and(is_refusal);
            let may_send_again = is_repeatable && (self.operation.idempotent || is_refusal);
            if renews {
                if !may_send_again {
                    if let Some(caller) = self.caller {
                        // This call must not be sent again, but the next one need not fail for the same token.
                        let _ = self.token(caller, token, &mut now).await;
                    }
                    return outcome;
                }
                trace::renewing();
                stale = token;
                self.progress.in_doubt |= !is_refusal;
            } else if let Some(answer) = outcome.as_ref().ok().filter(|answer| is_refusal && is_rate_limit(answer)) {
                let wait = self.rate_limited(answer, now);
                if !(is_repeatable && self.settings().retry.repeats() && wait < self.left_for_throttle()) {
                    return outcome;
                }
                trace::rate_limited(wait);
            } else {
                let is_safe = is_repeatable && retry::is_safe_again(self.operation, &outcome);
                if !(is_safe && self.may_repeat()) {
                    return outcome;
                }
                let wait = self.wait_after(&outcome);
                // Unless the time that is left would pass in waiting.
                if wait >= self.left.at(self.core.clock.now()) {
                    return outcome;
                }
                drop(outcome);
                trace::waiting(wait);
                self.core.clock.sleep(wait).await;
            }
            now = self.core.clock.now();
        }
    }

    fn settings(&self) -> &Settings {
        self.settings.as_deref().unwrap_or(&self.core.settings)
    }

    fn may_repeat(&self) -> bool {
        self.settings().retry.allows_after(self.counted()) && self.core.budget.take()
    }

    /// The attempts that count against the policy: those that the rate limit refused do not.
    fn counted(&self) -> u32 {
        self.progress.attempts.saturating_sub(self.settings().rate_limit.refusals)
    }

    /// What the rate limit of the service did to this call. It is kept where most calls have nothing.
    fn rate_limit(&mut self) -> &mut RateLimited {
        &mut self.settings.get_or_insert_with(|| Box::new(self.core.settings.clone())).rate_limit
    }

    /// An attempt that began at `begun` was refused for the rate of requests. Returns how long the next one has to wait.
    fn rate_limited(&mut self, answer: &http::Response<Body>, begun: Instant) -> Duration {
        self.rate_limit().refusals += 1;
        let clock = &self.core.clock;
        let asked = RetryAfter::read(answer.headers()).map(|after| after.wait(clock.now_utc()));
        let policy = &self.settings().retry;
        self.core.throttle.refused(begun, clock.now(), |refusals| policy.wait(refusals, asked, clock.as_ref()))
    }

    /// How long the call may still wait for the rate limit of the service. That leaves time for the attempt itself: one
    /// that is cut off by the deadline would be in doubt only because it waited.
    fn left_for_throttle(&self) -> Duration {
        let (settings, waited) = (self.settings(), self.settings().rate_limit.waited);
        let deadline = settings.deadline.duration();
        let of_attempt = settings.timeout.min(deadline / 4);
        // A clock of a test may not move while it sleeps.
        let left = self.left.at(self.core.clock.now()).min(deadline.saturating_sub(waited));
        settings.retry.rate_limit_wait(left.saturating_sub(of_attempt), waited)
    }

    /// Waits until the rate limit of the service lets another attempt begin, and returns the time then.
    async fn turn(&mut self, now: Instant) -> Result<Instant> {
        let left = self.left_for_throttle();
        let turn = timeout(left, self.core.throttle.turn(self.core.clock.as_ref(), left)).await;
        let Ok(Some(waited)) = turn else { return Err(late(self.operation, Phase::Throttled)) };
        let after = self.core.clock.now();
        let waited = waited.max(after.saturating_duration_since(now));
        if !waited.is_zero() {
            self.rate_limit().waited += waited;
        }
        Ok(after)
    }

    /// How long to wait after an outcome before another attempt.
    fn wait_after(&mut self, outcome: &Result<http::Response<Body>>) -> Duration {
        let clock = &self.core.clock;
        self.progress.in_doubt |= match outcome {
            Ok(answer) => !is_refusal(answer),
            Err(Error::Transport(error)) => error.had_left(),
            Err(_) => true,
        };
        let headers = outcome.as_ref().ok().map(http::Response::headers);
        let asked = headers.and_then(RetryAfter::read).map(|after| after.wait(clock.now_utc()));
        self.settings().retry.wait(self.counted(), asked, clock.as_ref())
    }

    /// An access token other than the one with the number `stale`. `now` moves on, as it has to be waited for.
    async fn token(&self, caller: &Caller, stale: Option<u64>, now: &mut Instant) -> Result<Arc<Issued>> {
        // What is rare need not make all others larger.
        let token = Box::pin(timeout(self.left.at(*now), caller.token(stale))).await;
        *now = self.core.clock.now();
        token.unwrap_or_else(|_| Err(late(self.operation, Phase::Deadline)))
    }
}

fn is_rate_limit(answer: &http::Response<Body>) -> bool {
    answer.status() == StatusCode::TOO_MANY_REQUESTS
}
