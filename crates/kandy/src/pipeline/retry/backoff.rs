//! [`Backoff`]: exponential backoff with full jitter. Depends on nothing.

use std::time::Duration;

/// Exponential backoff: the bound doubles with each attempt, and each wait is random between zero and its bound ("full
/// jitter").
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Backoff {
    pub(super) first: Duration,
    pub(super) longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(200), longest: Duration::from_secs(10) }
    }
}

impl Backoff {
    /// Returns how long to wait after the `attempt`th attempt; `random` is between 0 and 1.
    pub(super) fn wait(&self, attempt: u32, random: f64) -> Duration {
        // At most 31, so that the shift does not overflow.
        let doublings = attempt.saturating_sub(1).min(31);
        let bound = self.first.saturating_mul(1 << doublings).min(self.longest);
        bound.mul_f64(random.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_its_bound() {
        let backoff = Backoff { first: Duration::from_millis(100), longest: Duration::from_millis(700) };
        let waits: Vec<u128> = (1..=5).map(|attempt| backoff.wait(attempt, 1.0).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 700, 700]);
        assert_eq!(backoff.wait(u32::MAX, 1.0).as_millis(), 700);
        assert_eq!(backoff.wait(2, 0.0), Duration::ZERO);
        assert_eq!(backoff.wait(2, 0.5).as_millis(), 100);
    }
}
