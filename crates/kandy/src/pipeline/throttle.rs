use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use crate::Clock;

/// Slows down all attempts of a client while the service limits their rate (HTTP 429).
///
/// The first refusal makes all later attempts wait for as long as the service asks, and turns pacing on: attempts then
/// begin one after another, at an allowed rate. The rate doubles each second until the next refusal; that halves it,
/// and from then on it recovers slowly. Pacing ends a minute after the last refusal. Until the first refusal an attempt
/// costs one relaxed load.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    /// Whether attempts are paced. All other fields matter only while this is set.
    active: AtomicBool,
    pace: Mutex<Option<Pace>>,
    /// Held by the one attempt that waits for its turn. This mutex is fair, so attempts begin in the order they came,
    /// and one that is dropped leaves the queue.
    queue: tokio::sync::Mutex<()>,
}

/// How fast attempts may begin.
#[derive(Debug)]
struct Pace {
    /// Attempts per second.
    rate: f64,
    /// How much the rate grows in a second; until it was reduced for the first time it doubles instead.
    recovery: Option<f64>,
    /// How many refusals there were since an attempt was accepted last, those that were under way together counted once.
    refusals: u32,
    /// When the next attempt may begin.
    next: Instant,
    /// When a refusal was counted last. Attempts that began before it tell nothing new.
    counted: Instant,
    /// When the rate was halved last, or pacing began.
    halved: Instant,
    /// When an attempt was refused last.
    refused: Instant,
    /// When the rate was adapted to an accepted attempt last.
    grown: Instant,
}

/// The rate that pacing begins with, in attempts per second.
const FIRST_RATE: f64 = 10.0;

/// The lowest rate. A service that allows less says so by `Retry-After`, or refuses until the backoff is long enough.
const LOWEST_RATE: f64 = 1.0;

/// In how many seconds a rate that was halved recovers.
const RECOVERY_SECONDS: f64 = 10.0;

/// How much time there is at least from one halving to the next. A service that counts by the second goes on refusing
/// for as long after it was asked too much, however few the attempts are.
const SHORTEST_CUT: Duration = Duration::from_secs(1);

/// For how long attempts that begin late may catch up.
const CATCH_UP: Duration = Duration::from_millis(50);

/// How long after the last refusal pacing ends.
const END: Duration = Duration::from_secs(60);

/// Far more than anybody waits, and little enough to be added to any time.
const LONGEST_WAIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// The most time between two accepted attempts that the rate grows by: without use it does not grow.
const LONGEST_GROWTH: Duration = Duration::from_secs(1);

impl Throttle {
    /// Whether attempts are paced.
    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed)
    }

    /// An attempt that began at `begun` was refused at `now`. No other begins before the time has passed that `wait` has
    /// for this many refusals in a row. Returns how long the next one has to wait.
    pub(crate) fn refused(&self, begun: Instant, now: Instant, wait: impl FnOnce(u32) -> Duration) -> Duration {
        let mut state = self.pace();
        let is_first = state.is_none();
        let pace = state.get_or_insert_with(|| Pace::starting(now));
        if !is_first && begun >= pace.counted {
            pace.refusals = pace.refusals.saturating_add(1);
            pace.counted = now;
            if now.saturating_duration_since(pace.halved) >= SHORTEST_CUT {
                pace.rate = (pace.rate / 2.0).max(LOWEST_RATE);
                pace.recovery = Some(pace.rate / RECOVERY_SECONDS);
                pace.halved = now;
                pace.grown = now;
            }
        }
        pace.refused = now;
        let wait = wait(pace.refusals).min(LONGEST_WAIT);
        pace.next = pace.next.max(now + pace.interval()).max(now + wait);
        self.active.store(true, Ordering::Relaxed);
        pace.next.saturating_duration_since(now)
    }

    /// The service did not refuse a paced attempt for its rate.
    pub(crate) fn accepted(&self, now: Instant) {
        let mut pace = self.pace();
        let Some(pace) = pace.as_mut() else { return };
        let passed = now.saturating_duration_since(pace.grown).min(LONGEST_GROWTH).as_secs_f64();
        pace.grown = now;
        pace.refusals = 0;
        match pace.recovery {
            Some(recovery) => pace.rate += recovery * passed,
            None => pace.rate *= passed.exp2(),
        }
    }

    /// Waits until an attempt may begin, and returns how long it waited. `None` if its turn does not come within `left`,
    /// which is noticed before waiting once it is at the head of the queue.
    pub(crate) async fn turn(&self, clock: &dyn Clock, left: Duration) -> Option<Duration> {
        let begin = clock.now();
        let _head = self.queue.lock().await;
        let mut waited = Duration::ZERO;
        loop {
            let now = clock.now();
            let Some(wait) = self.take_turn(now) else { return Some(waited) };
            // A clock of a test may not move while it sleeps.
            let passed = now.saturating_duration_since(begin).max(waited);
            if wait >= left.saturating_sub(passed) {
                return None;
            }
            clock.sleep(wait).await;
            waited += wait;
        }
    }

    /// Lets an attempt begin, or returns how long it is until one may.
    fn take_turn(&self, now: Instant) -> Option<Duration> {
        let mut state = self.pace();
        let pace = state.as_mut()?;
        if now >= pace.next && now.saturating_duration_since(pace.refused) >= END {
            *state = None;
            self.active.store(false, Ordering::Relaxed);
            return None;
        }
        if now < pace.next {
            return Some(pace.next.saturating_duration_since(now));
        }
        let earliest = now.checked_sub(CATCH_UP).unwrap_or(now);
        pace.next = pace.next.max(earliest) + pace.interval();
        None
    }

    fn pace(&self) -> MutexGuard<'_, Option<Pace>> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pace {
    /// The pace after the first refusal.
    fn starting(now: Instant) -> Self {
        let (rate, recovery, refusals) = (FIRST_RATE, None, 1);
        Self { rate, recovery, refusals, next: now, counted: now, halved: now, refused: now, grown: now }
    }

    /// The time from one attempt to the next.
    fn interval(&self) -> Duration {
        Duration::from_secs_f64(self.rate.max(LOWEST_RATE).recip())
    }
}

#[cfg(test)]
mod tests;
