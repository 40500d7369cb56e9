use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::Clock;

/// What an interval has at least, so that an inbox never asks without a pause.
const FLOOR: Duration = Duration::from_millis(1);

/// How long it is from one look to the next.
pub(super) struct PollInterval {
    clock: Arc<dyn Clock>,
    min: Duration,
    max: Duration,
    /// From the last look to the next, before chance; zero before the first.
    interval: Duration,
    last: Option<Instant>,
}

impl PollInterval {
    pub(super) fn new(clock: Arc<dyn Clock>, min: Duration, max: Duration) -> Self {
        let min = min.max(FLOOR);
        Self { clock, min, max: max.max(min), interval: Duration::ZERO, last: None }
    }

    pub(super) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    /// A look is over, and something new came or did not.
    pub(super) fn looked(&mut self, came: bool) {
        self.last = Some(self.clock.now());
        self.interval = match came {
            true => self.min,
            false => self.interval.saturating_mul(2).clamp(self.min, self.max),
        };
    }

    /// How long to wait from now on.
    pub(super) fn rest(&self) -> Duration {
        let Some(last) = self.last else {
            return Duration::ZERO;
        };
        // Many who were idle together are not to ask together. What chance takes off leaves the minimum whole.
        let spread = self.interval.saturating_sub(self.min).mul_f64(0.5 * self.clock.random().clamp(0.0, 1.0));
        let interval = self.interval.saturating_sub(spread);
        interval.saturating_sub(self.clock.now().saturating_duration_since(last))
    }
}
