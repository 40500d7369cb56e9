//! [`Reconnect`]: when a channel that was lost is opened again. Depends on `clock`.

use std::time::Duration;

use crate::Clock;

/// The bound of the second wait; the first is zero.
const FIRST_BOUND: Duration = Duration::from_secs(1);
/// The highest bound.
const LONGEST: Duration = Duration::from_secs(60);
/// After this long a connection counts as healthy, and the waits begin again with zero.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);
/// The longest wait that the service can ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(3600);

/// The waits between attempts: the first attempt follows at once, and each further one after a random time up to a bound
/// that doubles ("full jitter").
#[derive(Debug, Default)]
pub(super) struct Reconnect {
    /// The number of waits since the last healthy connection.
    waits: u32,
}

impl Reconnect {
    /// Records how long a connection lasted.
    pub(super) fn connection_ended(&mut self, lasted: Duration) {
        if lasted >= HEALTHY_AFTER {
            self.waits = 0;
        }
    }

    /// Returns the wait before the next attempt. The service may ask for a longer one.
    pub(super) fn wait(&mut self, clock: &dyn Clock, asked: Option<Duration>) -> Duration {
        let bound = match self.waits {
            0 => Duration::ZERO,
            // At most 31, so that the shift does not overflow.
            waits => FIRST_BOUND.saturating_mul(1 << (waits - 1).min(31)).min(LONGEST),
        };
        self.waits = self.waits.saturating_add(1);
        bound.mul_f64(clock.random().clamp(0.0, 1.0)).max(asked.unwrap_or_default().min(LONGEST_ASKED))
    }
}
