//! [`Schedule`]: when attempts may begin at a rate. Depends on nothing.

use std::time::{Duration, Instant};

/// A token bucket, kept as the time of the next turn (the "generic cell rate algorithm"): integers, so that a rate holds
/// exactly however many turns are taken.
#[derive(Debug)]
pub(super) struct Schedule {
    /// The time from one turn to the next.
    interval: Duration,
    /// How far before its time a turn may be taken: one interval less than a burst.
    early: Duration,
    /// The time of the next turn; `None` before the first.
    next: Option<Instant>,
    /// How late the last turn was taken.
    late: Duration,
}

/// How much delay of attempts that begin late is made up for by shorter intervals. Timers end up to two milliseconds
/// late, and later on a busy machine.
const MAX_CATCH_UP: Duration = Duration::from_millis(50);

impl Schedule {
    pub(super) fn new(interval: Duration, burst: u32) -> Self {
        let early = interval.saturating_mul(burst.saturating_sub(1));
        Self { interval, early, next: None, late: Duration::ZERO }
    }

    /// Takes a turn and returns `None`, or returns the time until there is one. `arrival` is when the attempt asked
    /// first.
    ///
    /// An attempt that arrived before its turn has its turn in time even if it begins late, so the next turn is not
    /// delayed. One that arrived after it begins a new row: unused turns are lost, but for a burst.
    pub(super) fn take(&mut self, arrival: Instant, now: Instant) -> Option<Duration> {
        let next = self.next.unwrap_or(arrival);
        // After a turn that was taken late, the next attempt arrives late, too, if it waits for the one before.
        let is_in_time = arrival.saturating_duration_since(next) <= self.late;
        let turn = if is_in_time { next } else { arrival };
        let wait = turn.saturating_duration_since(now).saturating_sub(self.early);
        if !wait.is_zero() {
            return Some(wait);
        }
        let turn = now.checked_sub(MAX_CATCH_UP).map_or(turn, |earliest| turn.max(earliest));
        self.late = now.saturating_duration_since(turn);
        self.next = Some(turn + self.interval);
        None
    }

    /// Gives back a turn that was taken.
    pub(super) fn give_back(&mut self) {
        self.next = self.next.and_then(|next| next.checked_sub(self.interval));
    }

    /// Lets no attempt begin before `until`.
    pub(super) fn hold(&mut self, until: Instant) {
        if self.next.is_none_or(|next| next < until) {
            (self.next, self.late) = (Some(until), Duration::ZERO);
        }
    }

    /// Changes the time between turns from the next one on.
    pub(super) fn set_interval(&mut self, interval: Duration) {
        self.interval = interval;
    }

    /// Returns the time of the next turn.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }
}
