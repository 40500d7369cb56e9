//! The failures that wait for their request.

use kandy_sys::Operation;
use serde::Serialize;

use super::{Failure, Kind, rate::Admitted};

/// A failure that an emulator was told to play, and how often it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArmedFailure {
    /// Its number, by which it can be removed.
    pub id: u64,
    /// The failure.
    pub failure: Failure,
    /// The failure in words.
    pub description: String,
    /// How many requests it could have hit.
    pub matched: u64,
    /// How many requests it hit.
    pub hits: u64,
}

/// All of them, in the order in which they were armed.
#[derive(Default)]
pub(crate) struct Failures {
    armed: Vec<Armed>,
    /// How many there ever were, so that no number is given twice.
    count: u64,
}

/// A failure with what it has to remember.
struct Armed {
    shown: ArmedFailure,
    /// For a rate limit alone.
    admitted: Admitted,
}

impl Failures {
    pub(crate) fn arm(&mut self, failure: Failure) -> u64 {
        self.count += 1;
        let description = failure.to_string();
        let shown = ArmedFailure { id: self.count, failure, description, matched: 0, hits: 0 };
        self.armed.push(Armed { shown, admitted: Admitted::default() });
        self.count
    }

    pub(crate) fn len(&self) -> usize {
        self.armed.len()
    }

    pub(crate) fn all(&self) -> Vec<ArmedFailure> {
        self.armed.iter().map(|armed| armed.shown.clone()).collect()
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.armed.len();
        self.armed.retain(|armed| armed.shown.id != id);
        self.armed.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.armed.clear();
    }

    /// Whether one of them needs to know the time of a request.
    pub(crate) fn has_rate_limit(&self) -> bool {
        self.armed.iter().any(|armed| matches!(armed.shown.failure.kind, Kind::RateLimit(_)))
    }

    /// The failure that hits a request to an operation at this time of the emulator, if one does: the first that was
    /// armed.
    ///
    /// The others count the request all the same, so that what one does depends on no other.
    pub(crate) fn next_match(&mut self, operation: &Operation, now: u64) -> Option<Failure> {
        let mut struck = None;
        for Armed { shown: armed, admitted } in &mut self.armed {
            if !armed.failure.scope.covers(operation) {
                continue;
            }
            armed.matched += 1;
            let is_left = armed.failure.times.is_none_or(|times| armed.hits < times);
            let is_hit = match armed.failure.kind {
                _ if !(is_left && armed.failure.when.hits(armed.matched)) => false,
                Kind::RateLimit(per_second) => !admitted.admit(now, per_second),
                _ => true,
            };
            if struck.is_none() && is_hit {
                armed.hits += 1;
                struck = Some(armed.failure.clone());
            }
        }
        struck
    }
}
