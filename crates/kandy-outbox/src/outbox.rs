//! [`Outbox`]: adds jobs to a store, and shows them. Depends on `store` and `observer`.

use std::{collections::HashMap, fmt, marker::PhantomData, sync::Arc};

use kandy::Error;
use serde::Serialize;
use serde_json::value::to_raw_value;

use crate::{JobChange, JobCounts, JobId, JobPage, JobState, JobStore, NewJob, OutboxObserver, StoreError};

/// Why an outbox or a worker failed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum OutboxError {
    /// The store failed.
    Store(StoreError),
    /// A payload cannot be written as JSON.
    Payload(Arc<serde_json::Error>),
    /// The service refused a call for a reason that concerns every other one, such as a credential. The jobs stay queued.
    Service(Error),
}

impl fmt::Display for OutboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Payload(error) => write!(f, "the payload of a job cannot be written as JSON: {error}"),
            Self::Service(error) => write!(f, "the worker stopped, because every other job would fail, too: {error}"),
        }
    }
}

impl std::error::Error for OutboxError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => error.source(),
            Self::Payload(error) => error.source(),
            Self::Service(error) => error.source(),
        }
    }
}

impl From<StoreError> for OutboxError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Jobs with payloads of type `P`, which survive the process and are never sent twice.
///
/// Adding a job returns as soon as it is stored; [workers](crate::Worker) send it, in this process or, with a shared store, in
/// another one. Clones share the store.
///
/// ```
/// use kandy_outbox::{FileStore, Outbox};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Text {
///     to: String,
///     text: String,
/// }
///
/// # async fn example(device: kandy::Device) -> Result<(), Box<dyn std::error::Error>> {
/// let outbox = Outbox::new(FileStore::open("texts.outbox")?);
/// let text = Text { to: "+12245556666".into(), text: "Your order is on its way".into() };
/// outbox.add("order-17", &text.to, &text).await?;
///
/// let report = outbox.worker(move |text: Text| device.send_sms(text.to, text.text)).run_until_settled().await?;
/// println!("{} sent, {} unknown", report.sent, report.unknown);
/// # Ok(()) }
/// ```
pub struct Outbox<P> {
    pub(crate) store: Arc<dyn JobStore>,
    pub(crate) observers: Vec<Arc<dyn OutboxObserver>>,
    payload: PhantomData<fn() -> P>,
}

impl<P> Outbox<P> {
    /// Returns the outbox of a store.
    pub fn new(store: impl JobStore) -> Self {
        Self::shared(Arc::new(store))
    }

    /// Returns the outbox of a store that others use, too.
    pub fn shared(store: Arc<dyn JobStore>) -> Self {
        Self { store, observers: Vec::new(), payload: PhantomData }
    }

    /// Returns the store, for another outbox of it.
    pub fn store(&self) -> Arc<dyn JobStore> {
        self.store.clone()
    }

    /// Adds an observer, which sees each change that this outbox and its workers make.
    #[must_use]
    pub fn observer(mut self, observer: impl OutboxObserver) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// Returns how many jobs are in each state.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn counts(&self) -> Result<JobCounts, OutboxError> {
        Ok(self.store.counts().await?)
    }

    /// Returns jobs in a state in the order in which they were added, up to this many, from `begin`: 0, or the
    /// [`next`](JobPage::next) of the page before.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn jobs(&self, state: JobState, begin: u64, most: usize) -> Result<JobPage, OutboxError> {
        Ok(self.store.jobs(state, begin, most).await?)
    }

    /// Queues refused and unknown jobs again, and returns how many: you have found out that they were not sent, or accept that
    /// they may be sent twice.
    ///
    /// # Errors
    ///
    /// If the store fails.
    pub async fn send_again(&self, jobs: impl IntoIterator<Item = JobId>) -> Result<u64, OutboxError> {
        Ok(self.store.requeue(jobs.into_iter().collect()).await?)
    }

    /// Removes the jobs in a state that is [settled](JobState::is_settled), and returns how many. Their ids are forgotten: a job
    /// that is added with such an id is sent again.
    ///
    /// # Errors
    ///
    /// If the store fails, or the state is not settled.
    pub async fn purge(&self, state: JobState) -> Result<u64, OutboxError> {
        Ok(self.store.purge(state).await?)
    }

    pub(crate) fn notify(&self, change: &JobChange<'_>) {
        for observer in &self.observers {
            observer.job_changed(change);
        }
    }
}

impl<P: Serialize> Outbox<P> {
    /// Adds a job, and returns once it is stored durably. Returns false if a job with this id was added before: adding is safe
    /// to repeat.
    ///
    /// Of the jobs with the same `key`, such as the recipient, one is sent after the other, in the order in which they were
    /// added.
    ///
    /// # Errors
    ///
    /// If the payload cannot be written as JSON, or the store fails. After a failure of the store the job may have been added.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the job may have been added. Add it again with the same id.
    pub async fn add(&self, id: impl Into<JobId>, key: impl Into<String>, payload: &P) -> Result<bool, OutboxError> {
        let job = Self::job(id, key, payload)?;
        Ok(self.add_all([job]).await? > 0)
    }

    /// Returns a job, for [`add_all`](Self::add_all).
    ///
    /// # Errors
    ///
    /// If the payload cannot be written as JSON.
    pub fn job(id: impl Into<JobId>, key: impl Into<String>, payload: &P) -> Result<NewJob, OutboxError> {
        let payload = to_raw_value(payload).map_err(|error| OutboxError::Payload(Arc::new(error)))?;
        Ok(NewJob { id: id.into(), key: key.into(), payload })
    }

    /// Adds many jobs, and returns how many were new. The store is asked once for each thousand, which is much faster than one
    /// by one.
    ///
    /// # Errors
    ///
    /// If the store fails. Those before may have been added.
    pub async fn add_all(&self, jobs: impl IntoIterator<Item = NewJob>) -> Result<u64, OutboxError> {
        const AT_ONCE: usize = 1000;
        let (mut jobs, mut added) = (jobs.into_iter(), 0);
        loop {
            let some: Vec<_> = jobs.by_ref().take(AT_ONCE).collect();
            if some.is_empty() {
                return Ok(added);
            }
            let keys: HashMap<_, _> = match self.observers.is_empty() {
                true => HashMap::new(),
                false => some.iter().map(|job| (job.id.clone(), job.key.clone())).collect(),
            };
            let new = self.store.add(some).await?;
            added += new.len() as u64;
            for id in &new {
                if let Some(key) = keys.get(id) {
                    self.notify(&JobChange { id, key, state: JobState::Queued, attempts: 0, error: None });
                }
            }
        }
    }
}

impl<P> Clone for Outbox<P> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), observers: self.observers.clone(), payload: PhantomData }
    }
}

impl<P> fmt::Debug for Outbox<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("store", &self.store).field("observers", &self.observers).finish_non_exhaustive()
    }
}
