//! The state behind its lock.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{task, time};

use super::State;

/// The state, shared by all requests.
pub(crate) struct SharedState {
    state: Mutex<State>,
    /// How many threads wait for the lock.
    waiters: AtomicUsize,
}

impl SharedState {
    pub(crate) fn new(state: State) -> Self {
        Self { state: Mutex::new(state), waiters: AtomicUsize::new(0) }
    }

    /// Locks the state.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // Ignores poisoning, so that one panic does not fail later requests.
        match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => {
                self.waiters.fetch_add(1, Ordering::Relaxed);
                let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                self.waiters.fetch_sub(1, Ordering::Relaxed);
                state
            }
        }
    }

    /// Yields between the chunks of long work, until no thread waits for the lock: the mutex is unfair, and a task that
    /// locks it again at once starves the waiters. Returns after ten milliseconds also when there are waiters, so that
    /// the work ends.
    pub(crate) async fn yield_to_waiters(&self) {
        const PAUSE: Duration = Duration::from_millis(1);
        const MOST_PAUSES: usize = 10;
        task::yield_now().await;
        for _ in 0..MOST_PAUSES {
            if self.waiters.load(Ordering::Relaxed) == 0 {
                break;
            }
            time::sleep(PAUSE).await;
        }
    }

    /// Removes what deleted users and domains left, chunk by chunk, and yields between the chunks.
    pub(crate) async fn purge(self: Arc<Self>) {
        while self.lock().purge_chunk() {
            self.yield_to_waiters().await;
        }
    }
}
