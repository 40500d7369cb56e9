//! The turns of a call: how it waits for the limits of the client, of its bulk call and of the service.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::time::timeout;

use super::{RetryLoop, rate_limited::RateLimited};
use crate::{
    Result,
    error::Phase,
    pipeline::{
        attempt_error::{limit_error, shared_limit_error, timeout_error},
        throttle::{ItemLimit, Limiter, SharedRateLimit},
    },
};

impl RetryLoop<'_> {
    /// Returns how long the call may still wait for the rate limit of the service. That leaves time for the attempt
    /// itself: one that the deadline cuts off may have been applied, and would be in doubt only because it waited.
    pub(super) fn left_for_throttle(&self) -> Duration {
        let settings = self.settings();
        let waited = self.rate_limit.as_ref().map_or(Duration::ZERO, |waits| waits.for_service);
        settings.retry.rate_limit_wait(self.left_for_turn(), waited)
    }

    /// Returns how long the call may still wait for a limit of the caller.
    fn left_for_turn(&self) -> Duration {
        let settings = self.settings();
        let waited = self.rate_limit.as_ref().map_or(Duration::ZERO, |waits| waits.for_service + waits.for_limits);
        let limit = settings.time_limit.duration();
        let for_attempt = settings.timeout.min(limit / 4);
        // The clock of a test may stand still while it sleeps, so waits count twice.
        let left = self.deadline.left(self.inner.clock.now()).min(limit.saturating_sub(waited));
        left.saturating_sub(for_attempt)
    }

    /// Returns the limit of the bulk call that this call is an item of.
    pub(super) fn item_limit(&self) -> Option<&Arc<ItemLimit>> {
        self.settings.as_ref().and_then(|settings| settings.item_limit.as_ref())
    }

    /// Waits until all limits admit another attempt, and takes its turns. Returns the time then, and whether the attempt
    /// is paced by the service. Fetches the token first if there is none: minting takes turns of its own, and an attempt
    /// begins at its turn.
    pub(super) async fn take_turns(&mut self, stale: Option<u64>, mut now: Instant) -> Result<(Instant, bool)> {
        let has_token = self.rate_limit.as_ref().is_some_and(|rate_limit| rate_limit.token.is_some());
        if !has_token && let Err(tokens) = self.with_cached_token(stale, now, |_| ()) {
            let token = self.fetch_token(tokens, stale, &mut now).await?;
            self.rate_limit.get_or_insert_default().token = Some(token);
        }
        let throttle = &self.inner.throttle;
        let mut is_paced = self.wait_for_service(&mut now).await?;
        let refusals = throttle.refusals();
        let turns = self.take_own_turns(&mut now).await;
        // While the call waited for its turns, the service may have refused others: then it has to be asked again.
        let again = match &turns {
            Ok(()) if throttle.refusals() != refusals => self.wait_for_service(&mut now).await,
            _ => Ok(false),
        };
        if turns.is_ok() && again.is_err() {
            self.give_turns_back();
        }
        turns?;
        is_paced |= again?;
        Ok((now, is_paced))
    }

    /// Waits until the service admits another attempt, as far as is known. Returns whether attempts are paced.
    async fn wait_for_service(&mut self, now: &mut Instant) -> Result<bool> {
        let inner = self.inner;
        if !(self.settings().retry.repeats() && inner.throttle.is_pacing()) {
            return Ok(false);
        }
        let left = self.left_for_throttle();
        let turn = timeout(left, inner.throttle.turn(inner.clock.as_ref(), left)).await;
        let Ok(Some(waited)) = turn else { return Err(timeout_error(self.operation, Phase::Throttled)) };
        let waited = self.since(now, waited);
        self.count_wait(waited, |waits| &mut waits.for_service);
        Ok(true)
    }

    /// Takes a turn of each limit of the caller.
    async fn take_own_turns(&mut self, now: &mut Instant) -> Result<()> {
        let item_limit = self.item_limit().cloned();
        if let Some(limit) = &item_limit {
            match limit.use_turn() {
                Some(waited) => self.count_wait(waited, |waits| &mut waits.before),
                None => self.take_turn(&limit.limiter, "the bulk call", now).await?,
            }
        }
        let turns = self.take_turns_of_client(now).await;
        if let (Err(_), Some(limit)) = (&turns, item_limit) {
            limit.limiter.give_back();
        }
        turns
    }

    /// Takes a turn of each limit of the client: last of the shared one, whose turns cannot be given back.
    async fn take_turns_of_client(&mut self, now: &mut Instant) -> Result<()> {
        let throttle = &self.inner.throttle;
        if let Some(own) = throttle.own() {
            self.take_turn(own, "the client", now).await?;
        }
        let Some(shared) = throttle.shared() else { return Ok(()) };
        let turn = self.take_shared_turn(shared, now).await;
        if let (Err(_), Some(own)) = (&turn, throttle.own()) {
            own.give_back();
        }
        turn
    }

    /// Reserves a turn under the limit that processes share, and waits for it.
    async fn take_shared_turn(&mut self, shared: &dyn SharedRateLimit, now: &mut Instant) -> Result<()> {
        let left = self.left_for_turn();
        let wait = match timeout(left, shared.reserve(left)).await {
            Ok(Ok(Some(wait))) if wait <= left => wait,
            Ok(Err(error)) => return Err(shared_limit_error(self.operation, error)),
            _ => return Err(limit_error(Some(self.operation), "all processes together", shared.limit())),
        };
        if !wait.is_zero() {
            self.inner.clock.sleep(wait).await;
        }
        let waited = self.since(now, wait);
        self.count_wait(waited, |waits| &mut waits.for_limits);
        Ok(())
    }

    /// Waits for a turn under a limit of the caller. `whose` limit it is, for the error.
    async fn take_turn(&mut self, limiter: &Limiter, whose: &str, now: &mut Instant) -> Result<()> {
        let left = self.left_for_turn();
        let turn = timeout(left, limiter.turn(self.inner.clock.as_ref(), left)).await;
        let Ok(Some(waited)) = turn else { return Err(limit_error(Some(self.operation), whose, limiter.limit())) };
        let waited = self.since(now, waited);
        self.count_wait(waited, |waits| &mut waits.for_limits);
        Ok(())
    }

    /// Gives back the turns of an attempt that did not begin. That of a shared limit is lost, which lowers the rate for a
    /// moment: to return it would take another access to its store.
    pub(super) fn give_turns_back(&self) {
        let item_limit = self.item_limit().map(|limit| &*limit.limiter);
        item_limit.into_iter().chain(self.inner.throttle.own()).for_each(Limiter::give_back);
    }

    /// Returns how long a wait took that began at `now`, at least `waited`, and updates `now`.
    fn since(&self, now: &mut Instant, waited: Duration) -> Duration {
        let after = self.inner.clock.now();
        let waited = waited.max(after.saturating_duration_since(*now));
        *now = after;
        waited
    }

    fn count_wait(&mut self, waited: Duration, place: impl FnOnce(&mut RateLimited) -> &mut Duration) {
        if !waited.is_zero() {
            *place(self.rate_limit.get_or_insert_default()) += waited;
        }
    }
}
