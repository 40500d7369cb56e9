//! The state behind its lock.
//!
//! Depends on the parent module. Begin with `SharedState::lock`.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{task, time};

use super::State;

/// How long work in chunks pauses for threads that wait for the lock, and how often between two chunks.
const PAUSE: Duration = Duration::from_millis(1);
const MOST_PAUSES: usize = 10;

/// The state, shared by all requests.
///
/// One lock, because an operation may touch every collection, and a program under test sends little at a time. A division was
/// measured before it was decided against: two and eight states, each with its own lock, among which `user_get` and `user_create`
/// were divided on 2 cores, served as many requests as one, within the noise. `cargo xtask bench emulator` measures beside two
/// emulators, which share nothing, what any division could win at most. What pays is to do less under the lock: bodies are decoded
/// before it, and ids need no system call.
/// Reads change the state as well: the time at which a user was last seen, and sessions that have expired.
pub(crate) struct SharedState {
    state: Mutex<State>,
    /// Number of threads that wait for the lock.
    waiters: AtomicUsize,
}

impl SharedState {
    pub(crate) fn new(state: State) -> Self {
        Self { state: Mutex::new(state), waiters: AtomicUsize::new(0) }
    }

    /// Locks the state.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        // Ignores poisoning, so that one panic does not fail later requests.
        //
        // Counts only contended locks: `try_lock` succeeds for nearly all, and costs no write to a second cache line.
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

    /// Yields between the chunks of long work, until no thread waits for the lock or ten milliseconds have passed.
    ///
    /// The mutex is unfair: a task that locks it again at once gets it before the threads that wait, and they starve
    /// (`long_lists::serves_other_requests_while_listing`). The bound keeps a steady load from stopping the work.
    pub(crate) async fn yield_to_waiters(&self) {
        // First the tasks of this thread, which wait for the runtime and not for the lock, so that `waiters` misses
        // them.
        task::yield_now().await;
        for _ in 0..MOST_PAUSES {
            // Relaxed, because the count is a hint: a missed waiter is served after the next chunk.
            if self.waiters.load(Ordering::Relaxed) == 0 {
                break;
            }
            time::sleep(PAUSE).await;
        }
    }

    /// The same on a thread of its own.
    pub(crate) fn yield_blocking(&self) {
        for _ in 0..MOST_PAUSES {
            if self.waiters.load(Ordering::Relaxed) == 0 {
                break;
            }
            thread::sleep(PAUSE);
        }
    }

    /// Removes the objects of deleted users and domains in chunks, and yields between them.
    pub(crate) async fn purge(self: Arc<Self>) {
        while self.lock().purge_chunk() {
            self.yield_to_waiters().await;
        }
    }
}
