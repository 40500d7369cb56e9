use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant},
};

use http::StatusCode;
use kandy_sys::{Operation, Request, Status};
use tokio::time::timeout;
use tracing::Instrument;

use super::{
    Caller, Core, Options, Settings, TimeLeft,
    core::{Payload, late},
    observer::Outcome,
    retry, trace,
};
use crate::{
    Error, Result,
    auth::Issued,
    error::{Phase, Progress},
};

/// One call: its attempts, the waits between them, and the renewal of its token.
pub(crate) struct Attempts<'a> {
    core: &'a Core,
    operation: &'static Operation,
    settings: Cow<'a, Settings>,
    begin: Instant,
    left: TimeLeft,
    progress: Progress,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(core: &'a Core, operation: &'static Operation, options: Option<&Options>) -> Self {
        let settings = match options {
            Some(options) => Cow::Owned(core.settings.with(options)),
            None => Cow::Borrowed(&core.settings),
        };
        let begin = core.clock.now();
        let left = TimeLeft::new(begin, settings.deadline);
        let progress = Progress { begun: Some(begin), ..Progress::default() };
        Self { core, operation, settings, begin, left, progress }
    }

    /// Makes the call. With a caller, its access token goes along.
    pub(crate) async fn make(
        &mut self,
        caller: Option<&Caller>,
        request: &Request<'_>,
    ) -> Result<http::Response<Payload>> {
        let span = trace::call(self.core, self.operation);
        let answer = self.repeat(caller, request).instrument(span.clone()).await;
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
    async fn repeat(&mut self, caller: Option<&Caller>, request: &Request<'_>) -> Result<http::Response<Payload>> {
        let is_repeatable = request.is_repeatable();
        let mut stale: Option<Arc<Issued>> = None;
        let mut now = self.begin;
        loop {
            let token = match caller {
                Some(caller) => Some(self.token(caller, stale.as_deref(), &mut now).await?),
                None => None,
            };
            let can_renew = stale.is_none() && caller.is_some_and(|caller| caller.source.can_mint());
            self.progress.attempts += 1;
            let access_token = token.as_ref().map(|token| &token.token);
            let outcome = self.core.attempt(request, access_token, &self.settings, self.left, now).await;
            trace::attempt(&self.progress, &outcome);
            if let Err(Error::Transport(error)) = &outcome {
                // The deadline does not say how far the request had got.
                self.progress.in_doubt |= error.phase() == Phase::Deadline;
            }

            let expired = can_renew && outcome.as_ref().is_ok_and(is_expired);
            if !expired && outcome.as_ref().is_ok_and(|answer| answer.status() == StatusCode::OK) {
                self.core.budget.put_back();
                return outcome;
            }
            if !is_repeatable {
                if let (true, Some(caller)) = (expired, caller) {
                    // This call cannot be sent again, but the next one need not fail for the same token.
                    let _ = self.token(caller, token.as_deref(), &mut now).await;
                }
                return outcome;
            }
            if expired {
                // It was refused for its token, so it was not carried out: sending it again is safe.
                trace::renewing();
                stale = token;
            } else {
                if !(retry::is_safe_again(self.operation, &outcome) && self.may_repeat()) {
                    return outcome;
                }
                let wait = self.wait_after(&outcome);
                if !self.pause(wait).await {
                    return outcome;
                }
            }
            now = self.core.clock.now();
        }
    }

    fn may_repeat(&self) -> bool {
        self.settings.retry.allows_after(self.progress.attempts) && self.core.budget.take()
    }

    /// How long to wait after an outcome before another attempt.
    fn wait_after(&mut self, outcome: &Result<http::Response<Payload>>) -> Duration {
        let clock = &self.core.clock;
        self.progress.in_doubt |= match outcome {
            Ok(answer) => answer.status().is_server_error(),
            Err(Error::Transport(error)) => error.had_left(),
            Err(_) => true,
        };
        let asked = outcome.as_ref().ok().and_then(|answer| retry::retry_after(answer.headers(), clock.now_utc()));
        self.settings.retry.wait(self.progress.attempts, asked, clock.as_ref())
    }

    /// Waits before another attempt, unless the time that is left would pass in waiting.
    async fn pause(&self, wait: Duration) -> bool {
        let clock = &self.core.clock;
        if wait >= self.left.at(clock.now()) {
            return false;
        }
        trace::waiting(wait);
        clock.sleep(wait).await;
        true
    }

    /// A token other than `stale`. `now` moves on when it has to be waited for.
    async fn token(&self, caller: &Caller, stale: Option<&Issued>, now: &mut Instant) -> Result<Arc<Issued>> {
        let here = match stale {
            None => caller.tokens.ready(*now),
            Some(_) => None,
        };
        if let Some(token) = here {
            return Ok(token);
        }
        // What is rare need not make all others larger.
        let token = Box::pin(timeout(self.left.at(*now), caller.token(stale))).await;
        *now = self.core.clock.now();
        token.unwrap_or_else(|_| Err(late(self.operation, Phase::Deadline)))
    }
}

/// Whether the access token was refused, in any of the forms that are known.
fn is_expired(answer: &http::Response<Payload>) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status())
        || status(answer) == Some(Status::TOKEN_EXPIRED)
}

/// The answers that say nothing but a status are small, and only those are looked into.
const PEEK_LIMIT: usize = 16 * 1024;

/// The status in a small answer.
pub(super) fn status(answer: &http::Response<Payload>) -> Option<Status> {
    match answer.body() {
        // What closes after it is the envelope itself, so this is its status, and the most frequent one of all.
        Payload::Whole(body) if body.ends_with(br#","status":0}"#) => Some(Status::OK),
        Payload::Whole(body) => Status::peek(&body[..body.len().min(PEEK_LIMIT)]),
        Payload::Stream(_) => None,
    }
}
