//! Closes connections whose client sends nothing, half a head, or no next request.
//!
//! The connection polls the timer, because it alone sees bytes arrive. The handler sets the phase, which says what
//! bytes are expected.

use std::{
    future::Future,
    pin::Pin,
    sync::atomic::{AtomicU8, Ordering},
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::{Instant, Sleep, sleep};

use crate::limits::IDLE_READ_TIMEOUTS;

/// The bytes that a connection waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Phase {
    /// The head of a request: the connection is new, or a part of the head has arrived.
    Head,
    /// Nothing: a request is being handled. The handler bounds the time that its body takes.
    Handling,
    /// The next request.
    Idle,
    /// The frames of a channel, which may be silent for as long as it is open.
    Upgraded,
}

/// The phase of a connection, which the handler changes and the connection reads.
#[derive(Debug, Default)]
pub(crate) struct SharedPhase(AtomicU8);

impl SharedPhase {
    pub(crate) fn set(&self, phase: Phase) {
        self.0.store(phase as u8, Ordering::Release);
    }

    fn get(&self) -> Phase {
        match self.0.load(Ordering::Acquire) {
            phase if phase == Phase::Handling as u8 => Phase::Handling,
            phase if phase == Phase::Idle as u8 => Phase::Idle,
            phase if phase == Phase::Upgraded as u8 => Phase::Upgraded,
            _ => Phase::Head,
        }
    }

    /// Called when bytes arrive. Returns whether they begin the next request.
    fn arrived(&self) -> bool {
        // From `Idle` only: bytes that arrive while a request is handled, such as its body, leave the phase as it is.
        let (idle, head) = (Phase::Idle as u8, Phase::Head as u8);
        self.0.compare_exchange(idle, head, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// The timer of a connection.
#[derive(Debug)]
pub(crate) struct ReadTimeout {
    after: Duration,
    /// The timer, and the phase that it was set for.
    timer: Option<(Phase, Pin<Box<Sleep>>)>,
}

impl ReadTimeout {
    pub(crate) fn new(after: Duration) -> Self {
        Self { after, timer: None }
    }

    /// Called when bytes arrive. Bytes of a head do not reset the timer: a client that sends one byte at a time would
    /// keep the connection open (`half_open::slow_head_times_out`).
    pub(crate) fn on_bytes(&mut self, phase: &SharedPhase) {
        if phase.arrived() {
            self.timer = None;
        }
    }

    /// Ready once the client has taken too long. Called when the socket has nothing to read.
    pub(crate) fn poll(&mut self, phase: &SharedPhase, cx: &mut Context<'_>) -> Poll<()> {
        let phase = phase.get();
        let limit = match phase {
            // The body has a timeout of its own, and the response may take any time.
            Phase::Handling | Phase::Upgraded => {
                self.timer = None;
                return Poll::Pending;
            }
            Phase::Head => self.after,
            Phase::Idle => self.after * IDLE_READ_TIMEOUTS,
        };
        // Created on the first wait: a client that sends its request at once needs no timer.
        let (set_for, timer) = self.timer.get_or_insert_with(|| (phase, Box::pin(sleep(limit))));
        // Reset only on a new phase: this is polled on every wakeup, and each reset would extend the limit.
        if *set_for != phase {
            *set_for = phase;
            timer.as_mut().reset(Instant::now() + limit);
        }
        timer.as_mut().poll(cx)
    }
}
