//! [`Counter`]: counts what a worker did, and shows it.

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kandy::RateLimit;
use kandy_outbox::{JobChange, JobState, OutboxObserver};

use crate::{bulk::Progress, context::Context};

/// Counts what this worker did.
#[derive(Clone)]
pub(super) struct Counter(Arc<Counts>);

struct Counts {
    sent: AtomicU64,
    failed: AtomicU64,
    unknown: AtomicU64,
    progress: Mutex<Progress>,
}

impl Counter {
    pub(super) fn new(context: &Context, limit: Option<RateLimit>) -> Self {
        let progress = Progress::new("rows", None, limit, context.has_progress()).into();
        Self(Arc::new(Counts { sent: 0.into(), failed: 0.into(), unknown: 0.into(), progress }))
    }

    pub(super) fn counts(&self) -> [u64; 3] {
        // Relaxed: they are read when the worker has ended.
        [&self.0.sent, &self.0.failed, &self.0.unknown].map(|count| count.load(Ordering::Relaxed))
    }

    /// Prints to stderr, above the progress bar.
    pub(super) fn eprint(&self, what: impl fmt::Display) {
        self.progress().eprint(what);
    }

    /// Ends the progress bar, and returns how long it was shown.
    pub(super) fn end(&self) -> Duration {
        let progress = self.progress();
        progress.end();
        progress.elapsed()
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.0.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OutboxObserver for Counter {
    fn job_changed(&self, change: &JobChange<'_>) {
        let count = match change.state {
            JobState::Sent => &self.0.sent,
            JobState::Refused => &self.0.failed,
            JobState::Unknown => &self.0.unknown,
            JobState::Queued | JobState::Leased => return,
        };
        count.fetch_add(1, Ordering::Relaxed);
        let failed = self.0.failed.load(Ordering::Relaxed);
        self.progress().add(0, failed);
    }
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Counter").field(&self.counts()).finish()
    }
}
