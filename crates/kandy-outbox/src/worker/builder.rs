//! [`Worker`] with its settings, and [`WorkerReport`]. Depends on `outbox`.

use std::{fmt, time::Duration};

use kandy::{CallBuilder, RateLimit};
use serde::{Serialize, de::DeserializeOwned};

use crate::Outbox;

/// How long a failing store is asked again.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WorkerReport {
    /// Jobs that the service accepted.
    pub sent: u64,
    /// Jobs that were refused.
    pub refused: u64,
    /// Jobs that may have been sent.
    pub unknown: u64,
    /// How often a job was queued again, because it was not sent.
    pub queued_again: u64,
}

/// Sends the jobs of an [`Outbox`].
///
/// Before a call begins, the store has recorded durably that it does. So a job whose worker is killed is
/// [unknown](crate::JobState::Unknown), and not sent twice. While the service cannot be reached, the worker pauses and the jobs stay
/// queued; when a credential is refused or the funds are used up, it stops with an error.
///
/// See [`Outbox`] for an example.
#[must_use = "nothing is sent until it runs"]
pub struct Worker<P, F> {
    pub(super) outbox: Outbox<P>,
    pub(super) call: F,
    pub(super) concurrency: usize,
    pub(super) rate_limit: Option<RateLimit>,
    pub(super) longest_wait: Option<Duration>,
    pub(super) patience: Duration,
    pub(super) ends_when_settled: bool,
}

impl<P: DeserializeOwned + Send + 'static> Outbox<P> {
    /// Returns a worker, which makes the call of each job by `call` and sends it.
    pub fn worker<F, C>(&self, call: F) -> Worker<P, F>
    where
        F: Fn(P) -> C,
        C: CallBuilder<Value: Send + 'static> + Clone + Sync + 'static,
    {
        let outbox = self.clone();
        Worker {
            outbox,
            call,
            concurrency: 8,
            rate_limit: None,
            longest_wait: None,
            patience: PATIENCE,
            ends_when_settled: false,
        }
    }
}

impl<P, F> Worker<P, F> {
    /// Sets the number of calls in flight, at least 1. By default 8.
    pub fn concurrency(self, concurrency: usize) -> Self {
        Self { concurrency: concurrency.max(1), ..self }
    }

    /// Limits the rate at which jobs are sent, in addition to the limit of the client.
    pub fn rate_limit(self, limit: RateLimit) -> Self {
        Self { rate_limit: Some(limit), ..self }
    }

    /// Refuses jobs that were added longer ago than this, such as codes that are of no use an hour later. By default a job waits
    /// for as long as it takes.
    pub fn longest_wait(self, longest: Duration) -> Self {
        Self { longest_wait: Some(longest), ..self }
    }

    /// Sets for how long a failing store is asked again before the worker gives up. By default five minutes. An error that is
    /// [permanent](crate::StoreError::is_permanent) ends it at once.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Ends the worker as soon as every job of the store is settled, too. By default it waits for further jobs.
    pub fn ends_when_settled(self) -> Self {
        Self { ends_when_settled: true, ..self }
    }
}

impl<P, F> fmt::Debug for Worker<P, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("outbox", &self.outbox)
            .field("concurrency", &self.concurrency)
            .field("rate_limit", &self.rate_limit)
            .finish_non_exhaustive()
    }
}
