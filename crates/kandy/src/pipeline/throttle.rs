//! [`Throttle`]: the rate at which attempts begin: that of the client's own limit, and that which the service accepts.
//! Depends on `clock` and `error`.
//!
//! Begin reading at [`Throttle`]: the retry loop calls [`turn`](Throttle::turn) before an attempt, and
//! [`refused`](Throttle::refused) or [`accepted`](Throttle::accepted) after it. [`limiter`] has a limit that the caller
//! has set, [`pacing`] adapts the rate to the service; both keep their turns in a [`schedule`] and hand them out by a
//! [`queue`]. [`shared_limit`] is a limit that processes share, which keeps its turns elsewhere.

mod limiter;
mod pacing;
mod queue;
mod rate_limit;
mod schedule;
mod shared_limit;

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub(crate) use limiter::{ItemLimit, Limiter};
use pacing::Pacing;
use queue::Queue;
pub use rate_limit::RateLimit;
pub use shared_limit::SharedRateLimit;

use crate::{Clock, Result};

/// Limits the rate of all attempts of a client: by the limit of the client and the one that it shares with other processes,
/// if it has them, and by pacing while the service limits the rate of requests (HTTP 429, or HTTP 503 with `Retry-After`).
///
/// The first refusal turns pacing on: attempts then begin one after another, at a current rate. With HTTP 429 all later
/// attempts wait for as long as the service asks, too. The rate doubles each second until the next refusal; that halves
/// it, and from then on it grows slowly, up to the limit of the client. Pacing ends a minute after the last refusal.
/// Without a limit and until the first refusal an attempt costs one relaxed load.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    /// Whether attempts wait for turns at all: there is a limit, or attempts are paced.
    active: AtomicBool,
    /// The limit of the client.
    own: Option<Limiter>,
    /// The limit that it shares with other processes.
    shared: Option<Arc<dyn SharedRateLimit>>,
    pacing: Mutex<Option<Pacing>>,
    /// The number of refusals so far.
    refusals: AtomicU64,
    /// Attempts that wait for the service.
    queue: Queue,
}

impl Throttle {
    /// Returns the throttle of a client with a limit of its own and one that it shares with other processes, or without
    /// them.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`](crate::Error::Argument) if a limit cannot be used.
    pub(crate) fn new(limit: Option<RateLimit>, shared: Option<Arc<dyn SharedRateLimit>>) -> Result<Self> {
        let own = limit.map(Limiter::new).transpose()?;
        if let Some(shared) = &shared {
            shared.limit().interval()?;
        }
        Ok(Self { active: AtomicBool::new(own.is_some() || shared.is_some()), own, shared, ..Self::default() })
    }

    /// Whether attempts wait for turns: for the limit of the client, or for the service.
    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed)
    }

    /// Whether attempts are paced, because the service limits their rate.
    pub(crate) fn is_pacing(&self) -> bool {
        self.pacing().is_some()
    }

    /// Returns how often the service has refused an attempt for its rate. Once the number changes, attempts have to wait
    /// for the service again.
    pub(crate) fn refusals(&self) -> u64 {
        // Relaxed: what it guards is behind the lock of the pacing.
        self.refusals.load(Ordering::Relaxed)
    }

    /// Returns the limit of the client.
    pub(crate) fn own(&self) -> Option<&Limiter> {
        self.own.as_ref()
    }

    /// Returns the limit that the client shares with other processes.
    pub(crate) fn shared(&self) -> Option<&dyn SharedRateLimit> {
        self.shared.as_deref()
    }

    /// Whether there is a limit of the caller.
    fn is_limited(&self) -> bool {
        self.own.is_some() || self.shared.is_some()
    }

    /// Returns the lowest rate that the caller allows, if there is a limit.
    fn lowest_rate(&self) -> Option<f64> {
        let limits = [self.own.as_ref().map(Limiter::limit), self.shared.as_ref().map(|shared| shared.limit())];
        limits.into_iter().flatten().map(|limit| limit.rate()).reduce(f64::min)
    }

    /// Records that an attempt that began at `begun` was refused for its rate at `now`. `wait` returns how long all
    /// attempts wait after this many refusals in a row. Returns how long the next attempt has to wait.
    pub(crate) fn refused(&self, begun: Instant, now: Instant, wait: impl FnOnce(u32) -> Duration) -> Duration {
        let mut state = self.pacing();
        let pacing = match &mut *state {
            // The first refusal only turns pacing on.
            None => state.insert(Pacing::starting(now, self.lowest_rate())),
            Some(pacing) => {
                pacing.count_refusal(begun, now);
                pacing
            }
        };
        let wait = pacing.hold(now, wait);
        self.active.store(true, Ordering::Relaxed);
        self.refusals.fetch_add(1, Ordering::Relaxed);
        wait
    }

    /// Records that the service asked at `now` for fewer requests (HTTP 503 with `Retry-After`), in response to an
    /// attempt that began at `begun`: the rate of all attempts falls. That is no proof that nothing was applied, and it
    /// may concern one operation only, so no other attempt waits for the time that the service asks for.
    pub(crate) fn slowed(&self, begun: Instant, now: Instant) {
        self.refused(begun, now, |_| Duration::ZERO);
    }

    /// Records that a paced attempt was not refused for its rate: the rate grows.
    pub(crate) fn accepted(&self, now: Instant) {
        if let Some(pacing) = &mut *self.pacing() {
            pacing.grow(now);
        }
    }

    /// Waits until the service admits an attempt, as far as is known, and returns how long it waited. `None` if it may
    /// not begin within `left`: see [`Queue::turn`].
    pub(crate) async fn turn(&self, clock: &dyn Clock, left: Duration) -> Option<Duration> {
        self.queue.turn(clock, left, |arrival, now| self.take_turn(arrival, now)).await
    }

    /// Admits an attempt and returns `None`, or returns the time until one may begin.
    fn take_turn(&self, arrival: Instant, now: Instant) -> Option<Duration> {
        let mut state = self.pacing();
        let pacing = state.as_mut()?;
        if pacing.is_over(now) {
            *state = None;
            self.active.store(self.is_limited(), Ordering::Relaxed);
            return None;
        }
        pacing.take(arrival, now)
    }

    fn pacing(&self) -> MutexGuard<'_, Option<Pacing>> {
        self.pacing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
