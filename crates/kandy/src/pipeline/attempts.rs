use std::time::{Duration, Instant};

use http::StatusCode;
use kandy_sys::{Operation, Upload, hooks::authorise, operation::Body};
use reqwest::Request;
use tokio::time::timeout;
use tracing::Instrument;

use super::{
    Caller, Core, Options, Payload, Settings, TimeLeft, core::late, observer::Outcome, peek::is_expired, retry, trace,
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
    settings: Settings,
    /// The file that goes along, if it does and can be read again.
    upload: Option<Upload>,
    begin: Instant,
    left: TimeLeft,
    progress: Progress,
}

impl<'a> Attempts<'a> {
    pub(crate) fn new(core: &'a Core, operation: &'static Operation, options: &Options) -> Self {
        let settings = core.settings.with(options);
        let begin = core.clock.now();
        let left = TimeLeft::new(begin, settings.deadline);
        let upload = options.upload.clone().filter(Upload::is_repeatable);
        Self { core, operation, settings, upload, begin, left, progress: Progress::default() }
    }

    /// Makes the call. With a caller, its access token goes along.
    pub(crate) async fn make(
        mut self,
        caller: Option<&Caller>,
        request: Request,
    ) -> (Result<http::Response<Payload>>, Progress) {
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
    async fn repeat(&mut self, caller: Option<&Caller>, mut request: Request) -> Result<http::Response<Payload>> {
        let mut stale: Option<Issued> = None;
        loop {
            let token = match caller {
                Some(caller) => Some(self.token(caller, stale.as_ref()).await?),
                None => None,
            };
            // A copy is worth its price only where another attempt may follow.
            let can_renew = stale.is_none() && caller.is_some_and(|caller| caller.source.can_mint());
            let can_repeat = self.settings.retry.allows_after(self.progress.attempts + 1);
            let again = (can_renew || can_repeat).then(|| self.copy(&request)).flatten();
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
            let Some(again) = again else {
                if let (true, Some(caller)) = (expired, caller) {
                    // This call cannot be sent again, but the next one need not fail for the same token.
                    let _ = self.token(caller, token.as_ref()).await;
                }
                return outcome;
            };
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
            request = again;
        }
    }

    /// The same request once more, unless it carries a file that can be read once only.
    fn copy(&self, request: &Request) -> Option<Request> {
        if let Some(copy) = request.try_clone() {
            return Some(copy);
        }
        let (Body::File(part), Some(upload)) = (self.operation.body, &self.upload) else { return None };
        let mut copy = Request::new(request.method().clone(), request.url().clone());
        *copy.headers_mut() = request.headers().clone();
        *copy.body_mut() = Some(upload.form(part));
        Some(copy)
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

    async fn token(&self, caller: &Caller, stale: Option<&Issued>) -> Result<Issued> {
        let left = self.left.at(self.core.clock.now());
        match timeout(left, caller.token(stale)).await {
            Ok(token) => token,
            Err(_) => Err(late(self.operation, Phase::Deadline)),
        }
    }
}
