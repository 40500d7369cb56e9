//! [`Throttle`]: adapts the rate of attempts to the rate limit of the service. Depends on `clock` only.
//!
//! Begin reading at [`Throttle`]: the retry loop calls [`turn`](Throttle::turn) before an attempt, and
//! [`refused`](Throttle::refused) or [`accepted`](Throttle::accepted) after it.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::Clock;

/// Limits the rate of all attempts of a client while the service limits the rate of requests (HTTP 429).
///
/// The first refusal makes all later attempts wait for as long as the service asks, and turns pacing on: attempts then
/// begin one after another, at a current rate. The rate doubles each second until the next refusal; that halves it,
/// and from then on it grows slowly. Pacing ends a minute after the last refusal. Until the first refusal an attempt
/// costs one relaxed load.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    /// Whether attempts are paced. All other fields matter only while this is set.
    active: AtomicBool,
    pacing: Mutex<Option<Pacing>>,
    /// Locked by the attempt at the head of the queue. tokio's mutex is fair, so attempts begin in order, and one that
    /// is dropped leaves the queue (test `a_dropped_turn_leaves_the_queue`).
    queue: tokio::sync::Mutex<()>,
}

/// The current rate, and what it is adapted by.
#[derive(Debug)]
struct Pacing {
    /// Attempts per second.
    rate: f64,
    /// How much the rate grows in a second; `None` until the first cut: the rate then doubles each second.
    recovery: Option<f64>,
    /// Refusals since the last accepted attempt. Attempts that were in flight together count once.
    refusals: u32,
    /// When the next attempt may begin.
    next: Instant,
    /// When a refusal was counted last. Refusals of attempts that began before are not counted again.
    last_counted: Instant,
    /// When the rate was halved last, or pacing began.
    last_cut: Instant,
    /// When an attempt was refused last.
    last_refusal: Instant,
    /// When the rate grew last.
    last_growth: Instant,
}

/// The rate that pacing begins with, in attempts per second.
const INITIAL_RATE: f64 = 10.0;

/// The lowest rate. For a lower limit the service sends `Retry-After`, or refuses until the backoff is long enough.
const MIN_RATE: f64 = 1.0;

/// The seconds after which a halved rate has doubled again.
const RECOVERY_SECONDS: f64 = 10.0;

/// The shortest time from one halving to the next. A service that counts requests per second refuses until its second
/// is over, at any rate, so that these refusals say nothing about the halved rate.
const MIN_CUT_INTERVAL: Duration = Duration::from_secs(1);

/// How much delay of attempts that begin late is made up for by shorter intervals.
const MAX_CATCH_UP: Duration = Duration::from_millis(50);

/// The time from the last refusal to the end of pacing.
const END_AFTER: Duration = Duration::from_secs(60);

/// The longest wait: adding it to an `Instant` does not overflow, and it exceeds every deadline in practice.
const MAX_WAIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// The most time between two accepted attempts that counts for growth, so that an unused rate does not grow.
const MAX_GROWTH_TIME: Duration = Duration::from_secs(1);

impl Throttle {
    /// Whether attempts are paced.
    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed)
    }

    /// Records that an attempt that began at `begun` was refused at `now`. `wait` returns how long all attempts wait
    /// after this many refusals in a row. Returns how long the next attempt has to wait.
    pub(crate) fn refused(&self, begun: Instant, now: Instant, wait: impl FnOnce(u32) -> Duration) -> Duration {
        let mut state = self.pacing();
        let is_first = state.is_none();
        let pacing = state.get_or_insert_with(|| Pacing::starting(now));
        // The first refusal only turns pacing on. A later one counts once for all attempts that were in flight when it
        // came: each would halve the rate otherwise (test
        // `a_refusal_halves_the_rate_once_for_attempts_in_flight`).
        if !is_first && begun >= pacing.last_counted {
            pacing.refusals = pacing.refusals.saturating_add(1);
            pacing.last_counted = now;
            if now.saturating_duration_since(pacing.last_cut) >= MIN_CUT_INTERVAL {
                pacing.rate = (pacing.rate / 2.0).max(MIN_RATE);
                pacing.recovery = Some(pacing.rate / RECOVERY_SECONDS);
                pacing.last_cut = now;
                pacing.last_growth = now;
            }
        }
        pacing.last_refusal = now;
        let wait = wait(pacing.refusals).min(MAX_WAIT);
        pacing.next = pacing.next.max(now + pacing.interval()).max(now + wait);
        self.active.store(true, Ordering::Relaxed);
        pacing.next.saturating_duration_since(now)
    }

    /// Records that a paced attempt was not refused for its rate: the rate grows.
    pub(crate) fn accepted(&self, now: Instant) {
        let mut pacing = self.pacing();
        let Some(pacing) = pacing.as_mut() else { return };
        let passed = now.saturating_duration_since(pacing.last_growth).min(MAX_GROWTH_TIME).as_secs_f64();
        pacing.last_growth = now;
        pacing.refusals = 0;
        match pacing.recovery {
            Some(recovery) => pacing.rate += recovery * passed,
            None => pacing.rate *= passed.exp2(),
        }
    }

    /// Waits until an attempt may begin, and returns how long it waited. `None` if it may not begin within `left`; at
    /// the head of the queue that is known without waiting.
    pub(crate) async fn turn(&self, clock: &dyn Clock, left: Duration) -> Option<Duration> {
        let begin = clock.now();
        let _head = self.queue.lock().await;
        let mut waited = Duration::ZERO;
        loop {
            let now = clock.now();
            let Some(wait) = self.take_turn(now) else { return Some(waited) };
            // The clock of a test may stand still while it sleeps, so the waits count, too.
            let passed = now.saturating_duration_since(begin).max(waited);
            if wait >= left.saturating_sub(passed) {
                return None;
            }
            clock.sleep(wait).await;
            waited += wait;
        }
    }

    /// Admits an attempt and returns `None`, or returns the time until one may begin.
    fn take_turn(&self, now: Instant) -> Option<Duration> {
        let mut state = self.pacing();
        let pacing = state.as_mut()?;
        if now >= pacing.next && now.saturating_duration_since(pacing.last_refusal) >= END_AFTER {
            *state = None;
            self.active.store(false, Ordering::Relaxed);
            return None;
        }
        if now < pacing.next {
            return Some(pacing.next.saturating_duration_since(now));
        }
        // Each attempt reserves an interval. An idle client has no claim to the intervals that it did not use, so
        // `next` is at most `MAX_CATCH_UP` in the past.
        let earliest = now.checked_sub(MAX_CATCH_UP).unwrap_or(now);
        pacing.next = pacing.next.max(earliest) + pacing.interval();
        None
    }

    fn pacing(&self) -> MutexGuard<'_, Option<Pacing>> {
        self.pacing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pacing {
    /// Returns the state after the first refusal.
    fn starting(now: Instant) -> Self {
        let (rate, recovery, refusals) = (INITIAL_RATE, None, 1);
        Self {
            rate,
            recovery,
            refusals,
            next: now,
            last_counted: now,
            last_cut: now,
            last_refusal: now,
            last_growth: now,
        }
    }

    /// Returns the time from one attempt to the next.
    fn interval(&self) -> Duration {
        Duration::from_secs_f64(self.rate.max(MIN_RATE).recip())
    }
}

#[cfg(test)]
mod tests;
