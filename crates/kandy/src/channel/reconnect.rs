//! [`Reconnect`]: when a channel that was lost is opened again. Depends on `clock`.

use std::time::{Duration, Instant};

use crate::Clock;

/// The bound of the second wait; the first is zero.
const FIRST_BOUND: Duration = Duration::from_secs(1);
/// The highest bound.
const LONGEST: Duration = Duration::from_secs(60);
/// After this long a connection counts as healthy, and the waits begin again with zero.
const HEALTHY_AFTER: Duration = Duration::from_secs(60);

/// The waits between attempts: the first attempt follows at once, and each further one after a random time up to a bound
/// that doubles ("full jitter").
#[derive(Debug, Default)]
pub(super) struct Reconnect {
    /// The number of waits since the last healthy connection.
    waits: u32,
}

impl Reconnect {
    /// Returns the wait before the next attempt, after a connection that lasted from `connected` until now, or after an
    /// attempt that failed. The service may ask for a longer one.
    pub(super) fn wait(&mut self, clock: &dyn Clock, connected: Option<Instant>, asked: Option<Duration>) -> Duration {
        if connected.is_some_and(|connected| clock.now().saturating_duration_since(connected) >= HEALTHY_AFTER) {
            self.waits = 0;
        }
        let bound = match self.waits {
            0 => Duration::ZERO,
            // At most 31, so that the shift does not overflow.
            waits => FIRST_BOUND.saturating_mul(1 << (waits - 1).min(31)).min(LONGEST),
        };
        self.waits = self.waits.saturating_add(1);
        bound.mul_f64(clock.random().clamp(0.0, 1.0)).max(asked.unwrap_or_default())
    }
}
