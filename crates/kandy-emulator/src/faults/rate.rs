//! Counts the requests of a rate limit.

use std::collections::VecDeque;

/// The requests that a rate limit let through in the last second.
#[derive(Debug, Default)]
pub(super) struct Admitted {
    /// When they came, in milliseconds of the emulator's clock; never more than the limit allows.
    times: VecDeque<u64>,
}

const SECOND: u64 = 1000;

impl Admitted {
    /// Lets a request through that comes at this time, unless so many came in the second before it.
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
    fn so_many_in_any_one_second() {
        let mut admitted = Admitted::default();
        let mut admit = |now: u64| (0..5).filter(|_| admitted.admit(now, 3)).count();
        assert_eq!(admit(1_000), 3);
        assert_eq!(admit(1_999), 0);
        assert_eq!(admit(2_000), 3);
        assert_eq!(admit(2_500), 0);
        assert_eq!(admit(10_000), 3);
    }

    #[test]
    fn what_is_refused_does_not_count() {
        let mut admitted = Admitted::default();
        assert!(admitted.admit(0, 1));
        assert!((0..10).all(|tenth| !admitted.admit(tenth * 100, 1)));
        assert!(admitted.admit(1_000, 1));
    }
}
