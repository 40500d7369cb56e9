//! [`Starter`]: spawns the task of a channel when the channel is first used. Depends on `task`.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::AbortHandle;
use tracing::Instrument as _;

use super::task::Task;
use crate::pipeline::trace;

/// Spawns the task of a channel. Shared by the channel and the frames that are to be sent on it.
pub(super) struct Starter(Mutex<State>);

enum State {
    /// Boxed, because it is large.
    Idle(Box<Task>),
    Running(AbortHandle),
    /// The channel was dropped.
    Ended,
}

impl Starter {
    pub(super) fn new(task: Task) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State::Idle(Box::new(task)))))
    }

    /// Changes the task, unless it is running.
    pub(super) fn configure(&self, change: impl FnOnce(&mut Task)) {
        if let State::Idle(task) = &mut *self.state() {
            change(task);
        }
    }

    /// Spawns the task, unless it was spawned before or the channel was dropped.
    pub(super) fn start(&self) {
        let mut state = self.state();
        if matches!(*state, State::Idle(_))
            && let State::Idle(task) = std::mem::replace(&mut *state, State::Ended)
        {
            *state = State::Running(tokio::spawn(task.run().instrument(trace::channel())).abort_handle());
        }
    }

    /// Ends the task.
    pub(super) fn end(&self) {
        if let State::Running(task) = std::mem::replace(&mut *self.state(), State::Ended) {
            task.abort();
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Each change is one assignment, so that a panic leaves no partial state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
