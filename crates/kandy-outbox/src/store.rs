//! [`JobStore`]: the trait of stores that keep jobs. Depends on `job`.

use std::{fmt, sync::Arc, time::Duration};

use kandy_sys::BoxFuture;

use crate::{JobCounts, JobId, JobPage, JobState, JobUpdate, Leased, NewJob, WorkerId};

/// Why a store cannot do what it was asked for. It names the store, without credentials.
///
/// ```
/// use kandy_outbox::StoreError;
///
/// let error = StoreError::new("outbox.journal", "the disk is full");
/// assert_eq!(error.to_string(), "the outbox outbox.journal failed: the disk is full");
/// ```
#[derive(Clone, Debug)]
pub struct StoreError {
    store: String,
    reason: Arc<dyn std::error::Error + Send + Sync>,
    is_permanent: bool,
}

impl StoreError {
    /// Returns the error of a store with this name.
    pub fn new(store: impl Into<String>, reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { store: store.into(), reason: reason.into().into(), is_permanent: false }
    }

    /// Returns the same error as one that stays until somebody changes something, such as a wrong password: a worker ends with it
    /// at once, and does not try again.
    ///
    /// ```
    /// use kandy_outbox::StoreError;
    ///
    /// assert!(StoreError::new("spring", "the password is wrong").permanent().is_permanent());
    /// ```
    #[must_use = "it returns the changed error"]
    pub fn permanent(self) -> Self {
        Self { is_permanent: true, ..self }
    }

    /// Whether trying again is of no use until somebody changes something.
    pub fn is_permanent(&self) -> bool {
        self.is_permanent
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the outbox {} failed: {}", self.store, self.reason)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        // Its own text is part of this one.
        self.reason.source()
    }
}

/// The result of a call of a store.
pub type StoreResult<T> = Result<T, StoreError>;

/// Keeps jobs, so that they survive the process.
///
/// A job goes from *queued* to *leased*, when a worker takes it, and from there to *sent*, *refused* or *unknown*, or back to
/// *queued*. A worker [starts](Self::start) a job before it sends it. The store answers for two promises:
///
/// - What a call returned with success survives the process, and where it says *durably*, a power failure.
/// - A job that was started is never leased again, unless its worker put it back. When the worker dies, the job becomes
///   *unknown*; one that was only leased becomes *queued*.
///
/// Of the jobs with the same key only one may be leased at a time, in the order in which they were added; one that is queued again goes
/// before those that still wait behind another. The feature `testing`
/// has the tests that each store passes.
pub trait JobStore: fmt::Debug + Send + Sync + 'static {
    /// Adds jobs durably, all or none. Leaves out those whose id it knows. Returns the ids of those that were added.
    fn add(&self, jobs: Vec<NewJob>) -> BoxFuture<'_, StoreResult<Vec<JobId>>>;

    /// Leases queued jobs that are due, up to this many, in the order in which they were added. A worker asks for more only when it
    /// has started or given back what it has, so what it was given and did not start may be returned again: that response was lost.
    fn lease<'a>(&'a self, worker: &'a WorkerId, most: usize) -> BoxFuture<'a, StoreResult<Leased>>;

    /// Records durably that the worker is about to send jobs that it has leased. Returns those that it may send: of the others
    /// the lease was lost. After an error the worker has sent none of them, and may ask again.
    fn start<'a>(&'a self, worker: &'a WorkerId, jobs: Vec<JobId>) -> BoxFuture<'a, StoreResult<Vec<JobId>>>;

    /// Records what became of jobs of this worker. A job that became unknown meanwhile gets its late outcome; for any other job
    /// that the worker does not have, nothing changes.
    fn update<'a>(&'a self, worker: &'a WorkerId, updates: Vec<JobUpdate>) -> BoxFuture<'a, StoreResult<()>>;

    /// Queues refused and unknown jobs again: the caller has found out that they were not sent, or accepts that they may be sent
    /// twice. Returns how many were queued.
    fn requeue(&self, jobs: Vec<JobId>) -> BoxFuture<'_, StoreResult<u64>>;

    /// Waits until there may be a job to lease, at most this long.
    fn wait(&self, most: Duration) -> BoxFuture<'_, ()>;

    /// Returns how many jobs are in each state.
    fn counts(&self) -> BoxFuture<'_, StoreResult<JobCounts>>;

    /// Returns jobs in a state in the order in which they were added, up to this many, from `begin`: 0, or the
    /// [`next`](JobPage::next) of the page before.
    fn jobs(&self, state: JobState, begin: u64, most: usize) -> BoxFuture<'_, StoreResult<JobPage>>;

    /// Removes settled jobs in a state, and forgets their ids. Returns how many were removed.
    fn purge(&self, state: JobState) -> BoxFuture<'_, StoreResult<u64>>;

    /// Tells that a worker has ended without settling its jobs, such as one whose future was dropped. It does not block. A store
    /// that finds out by itself need not do anything.
    fn abandon(&self, worker: &WorkerId) {
        let _ = worker;
    }

    /// Keeps the leases of a worker. Called every third of the [lease time](Self::lease_time).
    fn renew<'a>(&'a self, worker: &'a WorkerId) -> BoxFuture<'a, StoreResult<()>> {
        let _ = worker;
        Box::pin(async { Ok(()) })
    }

    /// How long a worker keeps its jobs without renewing its leases. `None` if it need not.
    fn lease_time(&self) -> Option<Duration> {
        None
    }
}
