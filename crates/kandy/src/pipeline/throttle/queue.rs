//! [`Queue`]: lets attempts take their turns in the order in which they came. Depends on `clock` only.

use std::time::{Duration, Instant};

use crate::Clock;

/// Attempts that wait for their turns. The head waits for its turn, the others for the head.
///
/// tokio's mutex is fair, so attempts begin in order, and one that is dropped leaves the queue (tests
/// `a_dropped_turn_leaves_the_queue` and `turns_are_taken_in_order`).
#[derive(Debug, Default)]
pub(super) struct Queue(tokio::sync::Mutex<()>);

impl Queue {
    /// Waits until `take` admits the attempt, and returns how long the head of the queue waited. `None` if it may not
    /// begin within `left`; at the head of the queue that is known without waiting.
    ///
    /// `take` gets the time of arrival and the time now. It returns `None` to admit the attempt, or the time until it
    /// may.
    pub(super) async fn turn(
        &self,
        clock: &dyn Clock,
        left: Duration,
        mut take: impl FnMut(Instant, Instant) -> Option<Duration>,
    ) -> Option<Duration> {
        let arrival = clock.now();
        let _head = self.0.lock().await;
        let mut waited = Duration::ZERO;
        loop {
            let now = clock.now();
            // The clock of a test may stand still while it sleeps, so the waits count, too.
            let passed = now.saturating_duration_since(arrival).max(waited);
            if passed > left {
                return None;
            }
            let Some(wait) = take(arrival, now) else { return Some(waited) };
            // Without a deadline, a clock that stands still would never admit it.
            let is_stuck = left == Duration::MAX && !waited.is_zero() && now == arrival;
            if is_stuck {
                return Some(waited);
            }
            if wait >= left.saturating_sub(passed) {
                return None;
            }
            clock.sleep(wait).await;
            waited = waited.saturating_add(wait);
        }
    }
}
