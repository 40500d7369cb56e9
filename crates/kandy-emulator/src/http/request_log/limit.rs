//! Limits how many requests are kept in full in each second, so that a load of many thousands is not slowed by the copies.
//!
//! Depends on nothing. Begin with `ExchangeLimit`.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

/// How many in each second.
const PER_SECOND: u64 = 1000;
/// What a second is multiplied by, so that it is in one integer with a number.
const SECOND: u64 = 1 << 16;

/// Counts the requests of the current second that are kept in full.
pub(crate) struct ExchangeLimit {
    started: Instant,
    /// The second since the start, and the number in it.
    kept: AtomicU64,
}

impl ExchangeLimit {
    pub(crate) fn new(started: Instant) -> Self {
        Self { started, kept: AtomicU64::new(0) }
    }

    /// Whether a request that began then is kept, too. Of several at the same time some may not be counted, which does not matter.
    pub(crate) fn allows(&self, began: Instant) -> bool {
        let second = began.saturating_duration_since(self.started).as_secs();
        let kept = self.kept.load(Ordering::Relaxed);
        let number = if kept / SECOND == second { kept % SECOND } else { 0 };
        if number >= PER_SECOND {
            return false;
        }
        self.kept.store(second * SECOND + number + 1, Ordering::Relaxed);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_second_has_its_number() {
        let start = Instant::now();
        let limit = ExchangeLimit::new(start);
        for (second, requests, allowed) in [(0, 1500, 1000), (1, 10, 10), (1, 1000, 990), (100_000, 1001, 1000)] {
            let began = start + Duration::from_millis(second * 1000 + 999);
            assert_eq!((0..requests).filter(|_| limit.allows(began)).count(), allowed, "second {second}");
        }
    }
}
