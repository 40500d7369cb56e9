//! [`Starter`]: spawns the task of a channel when the channel is first used. Depends on `task`.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinHandle;
use tracing::Instrument as _;

use super::task::Task;
use crate::pipeline::trace;

/// Spawns the task of a channel. Shared by the channel and the frames that are to be sent on it.
pub(super) struct Starter(Mutex<State>);

enum State {
    /// Boxed, because it is large.
    Idle(Box<Task>),
    Running(JoinHandle<()>),
    /// The channel was dropped or closed.
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
            *state = State::Running(tokio::spawn(task.run().instrument(trace::channel())));
        }
    }

    /// Lets no task be spawned any more. Returns the one that is running.
    pub(super) fn end(&self) -> Option<JoinHandle<()>> {
        match std::mem::replace(&mut *self.state(), State::Ended) {
            State::Running(task) => Some(task),
            State::Idle(_) | State::Ended => None,
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        // Each change is one assignment, so that a panic leaves no partial state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
