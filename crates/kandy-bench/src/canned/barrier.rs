//! Holds calls back until all of them have arrived.
//!
//! Depends on `helper`. Begin with `Barrier::pass`.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Notify, watch};

use crate::helper;

/// Holds calls back, until all expected ones have arrived and the parent process opens it.
#[derive(Debug, Default)]
pub(super) struct Barrier {
    /// Number of expected calls; 0 while the barrier is open.
    expected: AtomicUsize,
    arrived: AtomicUsize,
    closed: watch::Sender<bool>,
    rest: Notify,
}

impl Barrier {
    pub(super) fn hold(&self, number: usize) {
        self.arrived.store(0, Ordering::SeqCst);
        self.closed.send_replace(true);
        self.expected.store(number, Ordering::SeqCst);
    }

    pub(super) fn open(&self) {
        self.expected.store(0, Ordering::SeqCst);
        self.closed.send_replace(false);
    }

    /// Waits until the barrier is open. The last expected call reports its arrival.
    pub(super) async fn pass(&self) {
        let expected = self.expected.load(Ordering::Relaxed);
        if expected == 0 {
            return;
        }
        let mut closed = self.closed.subscribe();
        if self.arrived.fetch_add(1, Ordering::SeqCst) + 1 == expected {
            // An error means that the parent process has exited.
            drop(helper::print_line("arrived"));
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
