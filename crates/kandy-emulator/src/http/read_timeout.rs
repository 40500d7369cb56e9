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

use tokio::time::{Instant, Sleep, sleep_until};

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
    /// The phase that the connection waits in, and when that has taken too long.
    waiting: Option<(Phase, Instant)>,
    /// Never later than the end of `waiting`, and mostly earlier: it is registered once and moved when it fires, because
    /// to register it for each request would take a lock of the runtime twice.
    timer: Option<Pin<Box<Sleep>>>,
}

impl ReadTimeout {
    pub(crate) fn new(after: Duration) -> Self {
        Self { after, waiting: None, timer: None }
    }

    /// Called when bytes arrive. Bytes of a head do not reset the timeout: a client that sends one byte at a time would
    /// keep the connection open (`half_open::slow_head_times_out`).
    pub(crate) fn on_bytes(&mut self, phase: &SharedPhase) {
        if phase.arrived() {
            self.waiting = None;
        }
    }

    /// Ready once the client has taken too long. Called when the socket has nothing to read.
    pub(crate) fn poll(&mut self, phase: &SharedPhase, cx: &mut Context<'_>) -> Poll<()> {
        let phase = phase.get();
        let limit = match phase {
            // The body has a timeout of its own, and the response may take any time.
            Phase::Handling | Phase::Upgraded => {
                self.waiting = None;
                return Poll::Pending;
            }
            Phase::Head => self.after,
            Phase::Idle => self.after * IDLE_READ_TIMEOUTS,
        };
        let end = match self.waiting {
            // Set on a new phase only: this is polled on every wakeup, and each would extend the limit.
            Some((set_for, end)) if set_for == phase => end,
            _ => self.waiting.insert((phase, Instant::now() + limit)).1,
        };
        // Created on the first wait: a client that sends its request at once needs no timer.
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(end)));
        if timer.deadline() > end {
            timer.as_mut().reset(end);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= end {
                return Poll::Ready(());
            }
            timer.as_mut().reset(end);
        }
        Poll::Pending
    }
}
