//! Counts the requests of a rate limit.
//!
//! Depends on nothing. Begin with `Admitted::admit`.

use std::collections::VecDeque;

/// The requests that a rate limit admitted in the last second.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    /// Their times in milliseconds of the emulator's clock. At most as many as the limit, because refused requests are
    /// not stored.
    times: VecDeque<u64>,
}

const SECOND: u64 = 1000;

impl Admitted {
    /// Admits a request, unless `per_second` were admitted in the second before `now`. A sliding window: with fixed
    /// seconds, twice the limit could pass around the boundary.
    pub(super) fn admit(&mut self, now: u64, per_second: u32) -> bool {
        while self.times.front().is_some_and(|earliest| earliest.saturating_add(SECOND) <= now) {
            self.times.pop_front();
        }
        let has_room = self.times.len() < usize::try_from(per_second).unwrap_or(usize::MAX);
        if has_room {
            self.times.push_back(now);
        }
        has_room
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_any_one_second() {
        let mut admitted = Admitted::default();
        let mut admit = |now: u64| (0..5).filter(|_| admitted.admit(now, 3)).count();
        assert_eq!(admit(1_000), 3);
        assert_eq!(admit(1_999), 0);
        assert_eq!(admit(2_000), 3);
        assert_eq!(admit(2_500), 0);
        assert_eq!(admit(10_000), 3);
    }

    #[test]
    fn refused_requests_do_not_count() {
        let mut admitted = Admitted::default();
        assert!(admitted.admit(0, 1));
        assert!((0..10).all(|tenth| !admitted.admit(tenth * 100, 1)));
        assert!(admitted.admit(1_000, 1));
    }
}
