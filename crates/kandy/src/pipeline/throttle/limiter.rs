//! [`Limiter`]: a [`RateLimit`] that attempts share, and [`ItemLimit`], what one item of a bulk call knows of it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use super::{queue::Queue, rate_limit::RateLimit, schedule::Schedule};
use crate::{Clock, Result};

/// A limit that the caller has set, with the turns that are taken.
#[derive(Debug)]
pub(crate) struct Limiter {
    limit: RateLimit,
    schedule: Mutex<Schedule>,
    queue: Queue,
}

impl Limiter {
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) if the limit cannot be used.
    pub(crate) fn new(limit: RateLimit) -> Result<Self> {
        let schedule = Schedule::new(limit.interval()?, limit.burst_size());
        Ok(Self { limit, schedule: Mutex::new(schedule), queue: Queue::default() })
    }

    pub(crate) fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Waits for a turn and takes it: see [`Queue::turn`].
    pub(crate) async fn turn(&self, clock: &dyn Clock, left: Duration) -> Option<Duration> {
        self.queue.turn(clock, left, |arrival, now| self.schedule().take(arrival, now)).await
    }

    /// Takes a turn and returns `None`, or returns the time until there is one: see [`Schedule::take`].
    pub(crate) fn try_turn(&self, arrival: Instant, now: Instant) -> Option<Duration> {
        self.schedule().take(arrival, now)
    }

    /// Gives back a turn with which nothing was begun.
    pub(crate) fn give_back(&self) {
        self.schedule().give_back();
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The limit of a bulk call for one of its items. The turn of its first attempt is taken before the call begins, so that
/// the deadline of the call does not include that wait.
#[derive(Debug)]
pub(crate) struct ItemLimit {
    pub(crate) limiter: Arc<Limiter>,
    /// Whether a turn is taken that no attempt has used yet.
    has_turn: AtomicBool,
    /// How long the item waited for it.
    waited: Mutex<Duration>,
}

impl ItemLimit {
    /// Returns the limit for an item; `has_turn` if a turn is taken for it.
    pub(crate) fn new(limiter: Arc<Limiter>, has_turn: bool) -> Self {
        Self { limiter, has_turn: AtomicBool::new(has_turn), waited: Mutex::default() }
    }

    /// Waits for a turn, unless there is one.
    pub(crate) async fn wait(&self, clock: &dyn Clock) {
        // Relaxed: one task uses the item, and the flag guards no other data.
        if self.has_turn.load(Ordering::Relaxed) {
            return;
        }
        let begin = clock.now();
        let waited = self.limiter.turn(clock, Duration::MAX).await.unwrap_or_default();
        *self.waited() = waited.max(clock.now().saturating_duration_since(begin));
        self.has_turn.store(true, Ordering::Relaxed);
    }

    /// Uses the turn that is taken. Returns how long the item waited for it; `None` if there is none.
    pub(crate) fn use_turn(&self) -> Option<Duration> {
        self.has_turn.swap(false, Ordering::Relaxed).then(|| std::mem::take(&mut *self.waited()))
    }

    /// Gives the turn back that no attempt has used.
    pub(crate) fn end(&self) {
        if self.has_turn.swap(false, Ordering::Relaxed) {
            self.limiter.give_back();
        }
    }

    fn waited(&self) -> MutexGuard<'_, Duration> {
        self.waited.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ItemLimit {
    fn drop(&mut self) {
        self.end();
    }
}
