//! [`PollInterval`]: the time between two polls. Depends on `clock` only.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::Clock;

/// The shortest interval, so that an inbox never polls without a pause.
const SHORTEST: Duration = Duration::from_millis(1);

/// The time between two polls: the minimum after a poll with new messages, doubling up to the maximum after others.
pub(super) struct PollInterval {
    clock: Arc<dyn Clock>,
    min: Duration,
    max: Duration,
    /// The current interval, before the random part is subtracted; zero before the first poll.
    interval: Duration,
    /// When the last poll ended.
    last: Option<Instant>,
    /// Whether it returned nothing new, so that pushes report what comes next.
    is_caught_up: bool,
}

impl PollInterval {
    pub(super) fn new(clock: Arc<dyn Clock>, min: Duration, max: Duration) -> Self {
        let min = min.max(SHORTEST);
        Self { clock, min, max: max.max(min), interval: Duration::ZERO, last: None, is_caught_up: false }
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// Records that a poll has failed.
    pub(super) fn record_failure(&mut self) {
        self.record_poll(false);
        self.is_caught_up = false;
    }

    /// Records the end of a poll, and whether it returned new messages.
    pub(super) fn record_poll(&mut self, has_new: bool) {
        (self.last, self.is_caught_up) = (Some(self.clock.now()), !has_new);
        self.interval = match has_new {
            true => self.min,
            false => self.interval.saturating_mul(2).clamp(self.min, self.max),
        };
    }

    /// Returns how long to wait until the next poll while messages are pushed, and polls happen as a precaution.
    pub(super) fn time_left_with_push(&self, longest: Duration) -> Duration {
        match self.last {
            // A list may be cut off, and a poll may fail, so that polls go on until one returns nothing new.
            Some(last) if self.is_caught_up => longest.saturating_sub(self.clock.now().saturating_duration_since(last)),
            _ => self.time_left(),
        }
    }

    /// Returns how long to wait until the next poll.
    pub(super) fn time_left(&self) -> Duration {
        let Some(last) = self.last else {
            return Duration::ZERO;
        };
        // Jitter: clients that became idle at the same moment must not poll at the same moment. It shortens only the
        // part above the minimum.
        let spread = self.interval.saturating_sub(self.min).mul_f64(0.5 * self.clock.random().clamp(0.0, 1.0));
        let interval = self.interval.saturating_sub(spread);
        interval.saturating_sub(self.clock.now().saturating_duration_since(last))
    }
}
