use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, watch};

use crate::helper;

/// Holds calls back until they may be answered.
#[derive(Debug, Default)]
pub(super) struct Gate {
    /// How many calls are waited for; none while the gate is open.
    expected: AtomicUsize,
    arrived: AtomicUsize,
    closed: watch::Sender<bool>,
    rest: Notify,
}

impl Gate {
    pub(super) fn hold(&self, number: usize) {
        self.arrived.store(0, Ordering::SeqCst);
        self.closed.send_replace(true);
        self.expected.store(number, Ordering::SeqCst);
    }

    pub(super) fn open(&self) {
        self.expected.store(0, Ordering::SeqCst);
        self.closed.send_replace(false);
    }

    /// Waits until the gate is open. Who is the last that is waited for says so.
    pub(super) async fn pass(&self) {
        let expected = self.expected.load(Ordering::Relaxed);
        if expected == 0 {
            return;
        }
        let mut closed = self.closed.subscribe();
        if self.arrived.fetch_add(1, Ordering::SeqCst) + 1 == expected {
            // Nobody may listen any more: then the process is about to end.
            drop(helper::tell("arrived"));
        }
        drop(closed.wait_for(|closed| !closed).await);
    }

    pub(super) fn send_the_rest(&self) {
        self.rest.notify_one();
    }

    /// Waits until the second half of a list may be sent.
    pub(super) async fn rest(&self) {
        self.rest.notified().await;
    }
}
