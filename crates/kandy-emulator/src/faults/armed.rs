//! The armed faults: which of them a request matches, and how often each did.
//!
//! Depends on the types of the parent module and on `rate`. Begin with `Faults::next_match`.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use kandy_sys::Operation;
use serde::Serialize;

use super::{ChannelEvent, InjectedFault, Kind, rate::Admitted};

/// An armed fault, and how often it was triggered.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ArmedFault {
    /// The id to remove it by.
    pub id: u64,
    /// The fault.
    pub fault: InjectedFault,
    /// The fault as one line of text.
    pub description: String,
    /// Number of requests to the operations of the fault.
    pub matched: u64,
    /// Number of requests that triggered it.
    pub hits: u64,
}

/// The armed faults, in the order of arming.
#[derive(Default)]
pub(crate) struct Faults {
    armed: Vec<Armed>,
    /// The last id. An id is never reused, so that a late removal cannot remove another fault.
    count: u64,
    /// Whether there is one, to be read without the lock around this.
    is_any: Arc<AtomicBool>,
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
        self.publish();
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
        self.publish();
        self.armed.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.armed.clear();
        self.publish();
    }

    /// Whether a fault is armed, which is kept up to date.
    pub(crate) fn is_any(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_any)
    }

    fn publish(&self) {
        self.is_any.store(!self.armed.is_empty(), Ordering::Release);
    }

    /// Returns whether a fault needs the time of a request.
    pub(crate) fn has_rate_limit(&self) -> bool {
        self.armed.iter().any(|armed| matches!(armed.shown.fault.kind, Kind::RateLimit(_)))
    }

    /// Counts a request to an operation at a time of the emulator's clock, and returns the fault that it triggers: the
    /// first match in the order of arming.
    pub(crate) fn next_match(&mut self, operation: &Operation, now: u64) -> Option<InjectedFault> {
        self.next(|fault| fault.channel_event().is_none() && fault.scope.covers(operation), now)
    }

    /// Counts an event of a channel, and returns the fault that it triggers.
    pub(crate) fn next_channel_match(&mut self, event: ChannelEvent) -> Option<InjectedFault> {
        self.next(|fault| fault.channel_event() == Some(event), 0)
    }

    fn next(&mut self, covers: impl Fn(&InjectedFault) -> bool, now: u64) -> Option<InjectedFault> {
        let mut matched = None;
        // Every fault counts every request, also after the first match. Its `nth` and `every` then refer to the
        // requests of the client, and not to those that other faults left over
        // (`fault_matching::first_match_wins_and_all_count`).
        for Armed { shown: armed, admitted } in &mut self.armed {
            if !covers(&armed.fault) {
                continue;
            }
            armed.matched += 1;
            let is_left = armed.fault.times.is_none_or(|times| armed.hits < times);
            let is_hit = match armed.fault.kind {
                // First, so that a rate limit that does not apply to this request admits nothing.
                _ if !(is_left && armed.fault.when.triggers(armed.matched)) => false,
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
