//! The armed faults: which of them a request matches, and how often each did.

use kandy_sys::Operation;
use serde::Serialize;

use super::{InjectedFault, Kind, rate::Admitted};

/// A fault that an emulator was told to play, and how often it did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArmedFault {
    /// Its number, by which it can be removed.
    pub id: u64,
    /// The fault.
    pub fault: InjectedFault,
    /// The fault in words.
    pub description: String,
    /// How many requests it could have hit.
    pub matched: u64,
    /// How many requests it hit.
    pub hits: u64,
}

/// All of them, in the order in which they were armed.
#[derive(Default)]
pub(crate) struct Faults {
    armed: Vec<Armed>,
    /// How many there ever were, so that no number is given twice.
    count: u64,
}

/// An armed fault with its counters.
struct Armed {
    shown: ArmedFault,
    /// Used by a rate limit only.
    admitted: Admitted,
}

impl Faults {
    pub(crate) fn arm(&mut self, fault: InjectedFault) -> u64 {
        self.count += 1;
        let description = fault.to_string();
        let shown = ArmedFault { id: self.count, fault, description, matched: 0, hits: 0 };
        self.armed.push(Armed { shown, admitted: Admitted::default() });
        self.count
    }

    pub(crate) fn len(&self) -> usize {
        self.armed.len()
    }

    pub(crate) fn all(&self) -> Vec<ArmedFault> {
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

    /// Whether one of them needs the time of a request.
    pub(crate) fn has_rate_limit(&self) -> bool {
        self.armed.iter().any(|armed| matches!(armed.shown.fault.kind, Kind::RateLimit(_)))
    }

    /// Counts a request to an operation at a time of the emulator's clock, and returns the fault that it triggers, if
    /// any: the first in the order of arming.
    ///
    /// The other faults count the request too, so that each behaves as if it were the only one.
    pub(crate) fn next_match(&mut self, operation: &Operation, now: u64) -> Option<InjectedFault> {
        let mut matched = None;
        for Armed { shown: armed, admitted } in &mut self.armed {
            if !armed.fault.scope.covers(operation) {
                continue;
            }
            armed.matched += 1;
            let is_left = armed.fault.times.is_none_or(|times| armed.hits < times);
            let is_hit = match armed.fault.kind {
                _ if !(is_left && armed.fault.when.hits(armed.matched)) => false,
                Kind::RateLimit(per_second) => !admitted.admit(now, per_second),
                _ => true,
            };
            if matched.is_none() && is_hit {
                armed.hits += 1;
                matched = Some(armed.fault.clone());
            }
        }
        matched
    }
}
