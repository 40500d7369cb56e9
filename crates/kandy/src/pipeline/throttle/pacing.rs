//! [`Pacing`]: the rate that the service accepts, as far as its refusals tell. Depends on nothing.

use std::time::{Duration, Instant};

use super::schedule::Schedule;

/// The current rate, and what it is adapted by.
#[derive(Debug)]
pub(super) struct Pacing {
    /// Attempts per second.
    pub(super) rate: f64,
    /// How much the rate grows in a second; `None` until the first cut: the rate then doubles each second.
    recovery: Option<f64>,
    /// The highest rate: that of the client's own limit.
    max_rate: f64,
    /// Refusals since the last accepted attempt. Attempts that were in flight together count once.
    refusals: u32,
    /// When attempts may begin.
    schedule: Schedule,
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

/// The time from the last refusal to the end of pacing.
pub(super) const END_AFTER: Duration = Duration::from_secs(60);

/// The longest wait: adding it to an `Instant` does not overflow, and it exceeds every deadline in practice.
pub(super) const MAX_WAIT: Duration = Duration::from_secs(365 * 24 * 3600);

/// The most time between two accepted attempts that counts for growth, so that an unused rate does not grow.
const MAX_GROWTH_TIME: Duration = Duration::from_secs(1);

impl Pacing {
    /// Returns the state after the first refusal. `limit` is the rate of the client's own limit, if it has one.
    pub(super) fn starting(now: Instant, limit: Option<f64>) -> Self {
        // A low limit of the client tells about which rate the service accepts: half of it, then, and no doubling.
        let half = limit.map(|limit| limit / 2.0).filter(|half| *half <= INITIAL_RATE);
        let rate = half.unwrap_or(INITIAL_RATE);
        Self {
            rate,
            recovery: half.map(|half| half / RECOVERY_SECONDS),
            max_rate: limit.unwrap_or(f64::INFINITY),
            refusals: 1,
            schedule: Schedule::new(interval(rate), 1),
            last_counted: now,
            last_cut: now,
            last_refusal: now,
            last_growth: now,
        }
    }

    /// Counts a refusal of an attempt that began at `begun`: once for all attempts that were in flight when it came, as
    /// each would halve the rate otherwise (test `a_refusal_halves_the_rate_once_for_attempts_in_flight`).
    pub(super) fn count_refusal(&mut self, begun: Instant, now: Instant) {
        if begun < self.last_counted {
            return;
        }
        self.refusals = self.refusals.saturating_add(1);
        self.last_counted = now;
        if now.saturating_duration_since(self.last_cut) >= MIN_CUT_INTERVAL {
            self.set_rate((self.rate / 2.0).max(MIN_RATE.min(self.rate)));
            self.recovery = Some(self.rate / RECOVERY_SECONDS);
            self.last_cut = now;
            self.last_growth = now;
        }
    }

    /// Lets no attempt begin within the time that `wait` returns for the refusals in a row. Returns how long the next
    /// one has to wait.
    pub(super) fn hold(&mut self, now: Instant, wait: impl FnOnce(u32) -> Duration) -> Duration {
        self.last_refusal = now;
        let wait = wait(self.refusals).min(MAX_WAIT).max(interval(self.rate));
        self.schedule.hold(now + wait);
        self.schedule.next().map_or(wait, |next| next.saturating_duration_since(now))
    }

    /// Records that an attempt was not refused: the rate grows.
    pub(super) fn grow(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.last_growth).min(MAX_GROWTH_TIME).as_secs_f64();
        self.last_growth = now;
        self.refusals = 0;
        let rate = match self.recovery {
            Some(recovery) => self.rate + recovery * passed,
            None => self.rate * passed.exp2(),
        };
        self.set_rate(rate.min(self.max_rate));
    }

    /// Whether the last refusal is so long ago that pacing ends.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.schedule.next().is_none_or(|next| now >= next)
            && now.saturating_duration_since(self.last_refusal) >= END_AFTER
    }

    /// Takes a turn: see [`Schedule::take`].
    pub(super) fn take(&mut self, arrival: Instant, now: Instant) -> Option<Duration> {
        self.schedule.take(arrival, now)
    }

    fn set_rate(&mut self, rate: f64) {
        self.rate = rate;
        self.schedule.set_interval(interval(rate));
    }
}

/// Returns the time from one attempt to the next.
fn interval(rate: f64) -> Duration {
    Duration::try_from_secs_f64(rate.recip()).unwrap_or(MAX_WAIT).min(MAX_WAIT)
}
