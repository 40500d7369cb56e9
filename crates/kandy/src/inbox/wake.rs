//! [`Wake`]: ends the wait of an inbox for its next poll, when the data channel reports something. Depends on `clock`.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use futures_util::future;
use tokio::sync::Notify;

use crate::Clock;

/// What the stream of an inbox tells its running cycle. Without push nothing sets any of it.
#[derive(Debug, Default)]
pub(super) struct Wake {
    /// Whether the inbox has a data channel.
    is_used: bool,
    /// Whether messages are pushed at the moment.
    is_pushed: AtomicBool,
    /// How often a poll was asked for.
    asked: AtomicU64,
    /// How many of these requests a poll has covered that has ended.
    covered: AtomicU64,
    /// Whether to delete the acknowledged messages now.
    flush: AtomicBool,
    changed: Notify,
}

/// Why a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Woken {
    Poll,
    Flush,
}

impl Wake {
    pub(super) fn new(is_used: bool) -> Self {
        Self { is_used, ..Self::default() }
    }

    pub(super) fn is_pushed(&self) -> bool {
        self.is_pushed.load(Ordering::Relaxed)
    }

    /// Makes the stream look after an acknowledgement, which may have come from another task.
    pub(super) fn acknowledged(&self) {
        if self.is_used {
            self.changed.notify_one();
        }
    }

    /// Returns how often a poll was asked for: a poll that begins now covers these requests.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Records that a poll has ended, which covers these requests. Not when it begins: a poll that is dropped covers none.
    pub(super) fn cover(&self, asked: u64) {
        self.covered.store(asked, Ordering::Relaxed);
    }

    /// Whether a poll that covers these requests has ended.
    pub(super) fn is_covered(&self, asked: u64) -> bool {
        self.covered.load(Ordering::Relaxed) >= asked
    }

    /// Waits until the next poll is due, or asked for, or a deletion is. `poll` and `push` are the times from `begin`
    /// until it is due while messages are not pushed, and while they are.
    pub(super) async fn wait(&self, clock: &dyn Clock, begin: Instant, poll: Duration, push: Duration) -> Woken {
        loop {
            if !self.is_covered(self.asked()) {
                return Woken::Poll;
            }
            if self.flush.swap(false, Ordering::Relaxed) {
                return Woken::Flush;
            }
            let due = if self.is_pushed() { push } else { poll };
            let left = due.saturating_sub(clock.now().saturating_duration_since(begin));
            if left.is_zero() {
                return Woken::Poll;
            }
            let changed = std::pin::pin!(self.changed.notified());
            future::select(changed, clock.sleep(left)).await;
        }
    }
}

#[cfg(feature = "push")]
impl Wake {
    /// Asks for a poll. Returns how often it was asked for one.
    pub(super) fn ask_for_poll(&self) -> u64 {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
        self.changed.notify_one();
        asked
    }

    /// Asks for the deletion of what is acknowledged. Returns whether that was not asked for before.
    pub(super) fn ask_for_flush(&self) -> bool {
        let is_new = !self.flush.swap(true, Ordering::Relaxed);
        if is_new {
            self.changed.notify_one();
        }
        is_new
    }

    /// Sets whether messages are pushed. Returns whether that is a change.
    pub(super) fn set_pushed(&self, is_pushed: bool) -> bool {
        let is_change = self.is_pushed.swap(is_pushed, Ordering::Relaxed) != is_pushed;
        if is_change {
            self.changed.notify_one();
        }
        is_change
    }
}
