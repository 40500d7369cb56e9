use std::time::Instant;

use bytes::Bytes;
use http::StatusCode;
use kandy_sys::{Operation, hooks::authorise};
use reqwest::Request;
use tokio::time::timeout;
use tracing::Instrument;

use super::{Caller, Core, Options, Settings, TimeLeft, observer::Outcome, peek::is_expired, retry, trace};
use crate::{
    Error, Result,
    auth::Issued,
    error::{Phase, Progress},
};

/// One call: its attempts, the waits between them, and the renewal of its token.
pub(crate) struct Attempts<'a> {
    core: &'a Core,
    operation: &'static Operation,
    settings: Settings,
    begin: Instant,
    left: TimeLeft,
    progress: Progress,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(core: &'a Core, operation: &'static Operation, options: &Options) -> Self {
        let settings = core.settings.with(options);
        let begin = core.clock.now();
        let left = TimeLeft::new(begin, settings.deadline);
        Self { core, operation, settings, begin, left, progress: Progress::default() }
    }

    /// Makes the call. With a caller, its access token goes along.
    pub(crate) async fn make(
        mut self,
        caller: Option<&Caller>,
        request: Request,
    ) -> (Result<http::Response<Bytes>>, Progress) {
        let span = trace::call(self.core, self.operation);
        let answer = self.repeat(caller, request).instrument(span.clone()).await;
        self.progress.elapsed = self.core.clock.now().saturating_duration_since(self.begin);
        let answer = answer.map_err(|error| error.after(self.progress));
        let outcome = Outcome::of(&answer);
        trace::finished(&span, self.operation, &outcome, &self.progress);
        if let Some(observer) = &self.core.observer {
            observer.call_finished(&outcome.call(self.operation, &self.progress));
        }
        (answer, self.progress)
    }

    /// Attempts until one is final: token, attempt, verdict, and again.
    async fn repeat(&mut self, caller: Option<&Caller>, mut request: Request) -> Result<http::Response<Bytes>> {
        let mut stale: Option<Issued> = None;
        loop {
            let token = match caller {
                Some(caller) => Some(self.token(caller, stale.as_ref()).await?),
                None => None,
            };
            // A copy is worth its price only where another attempt may follow.
            let can_renew = stale.is_none() && caller.is_some_and(|caller| caller.source.can_mint());
            let can_repeat = self.settings.retry.allows_after(self.progress.attempts + 1);
            let again = (can_renew || can_repeat).then(|| request.try_clone()).flatten();
            if let Some(token) = &token {
                authorise(&mut request, &token.token);
            }

            self.progress.attempts += 1;
            let outcome = self.core.attempt(self.operation, request, &self.settings, self.left).await;
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
            let Some(again) = again else { return outcome };
            if expired {
                // It was refused for its token, so it was not carried out: sending it again is safe.
                trace::renewing();
                stale = token;
            } else if !(retry::is_safe_again(self.operation, &outcome)
                && self.may_repeat()
                && self.pause(&outcome).await)
            {
                return outcome;
            }
            request = again;
        }
    }

    fn may_repeat(&self) -> bool {
        self.settings.retry.allows_after(self.progress.attempts) && self.core.budget.take()
    }

    /// Waits before another attempt, unless the time that is left would pass in waiting.
    async fn pause(&mut self, outcome: &Result<http::Response<Bytes>>) -> bool {
        let clock = &self.core.clock;
        self.progress.in_doubt |= match outcome {
            Ok(answer) => answer.status().is_server_error(),
            Err(Error::Transport(error)) => error.had_left(),
            Err(_) => true,
        };
        let asked = outcome.as_ref().ok().and_then(|answer| retry::retry_after(answer.headers(), clock.now_utc()));
        let wait = self.settings.retry.wait(self.progress.attempts, asked, clock.as_ref());
        if wait >= self.left.at(clock.now()) {
            return false;
        }
        trace::waiting(wait);
        clock.sleep(wait).await;
        true
    }

    async fn token(&self, caller: &Caller, stale: Option<&Issued>) -> Result<Issued> {
        let left = self.left.at(self.core.clock.now());
        match timeout(left, caller.token(stale)).await {
            Ok(token) => token,
            Err(_) => Err(self.core.late(self.operation, Phase::Deadline)),
        }
    }
}
