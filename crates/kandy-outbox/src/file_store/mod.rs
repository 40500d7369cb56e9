//! [`FileStore`]: jobs in one file, for one process.
//!
//! ```text
//! kandy outbox 1
//! q {"id":"order-17","key":"+12245556666","at":1790000000000,"payload":{…}}     added: job 0
//! b 1790000000100 0 1       begun: the calls of jobs 0 and 1 are about to be sent
//! d 1790000000200 0         done: job 0 was sent
//! x 1790000000200 1 "…"     refused, and why
//! u 1790000000200 2 "…"     unknown, and why
//! a 1790000000200 3 500 "…" queued again, after so many milliseconds, and why
//! p 1790000000300 2         queued again by the caller
//! t 4 2                     job 4, of an outbox that was purged, was started twice before
//! ```
//!
//! Jobs are numbered from 0 in the order in which they were added. In memory each takes about 300 bytes: its payload stays
//! in the file. A job that has a `b` and nothing after it was started by a process that was killed, so it is unknown.
//!
//! [`index`] holds what is known of the jobs, `lines` the format. Depends on `store` and `journal_file`.

mod index;
mod jobs_file;
mod lines;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use kandy_sys::BoxFuture;
use tokio::sync::Notify;

use self::jobs_file::JobsFile;
use crate::{
    JobCounts, JobId, JobPage, JobState, JobStore, JobUpdate, Leased, NewJob, StoreError, StoreResult, WorkerId,
};

/// Keeps jobs in one file, which only its owner can read. One process at a time has it open.
///
/// ```
/// use kandy_outbox::{FileStore, Outbox};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("outbox");
/// let outbox: Outbox<String> = Outbox::new(FileStore::open(&path)?);
/// // A second process would send everything twice.
/// assert!(FileStore::open(&path).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FileStore {
    file: Arc<Mutex<JobsFile>>,
    path: PathBuf,
    changed: Notify,
}

impl FileStore {
    /// Opens the file, or creates it. Jobs that were started and have no outcome become [unknown](JobState::Unknown).
    ///
    /// # Errors
    ///
    /// If another process has it open, if it is no outbox or is damaged, or if it cannot be read and written.
    pub fn open(path: impl AsRef<Path>) -> StoreResult<Self> {
        let path = path.as_ref();
        let file = JobsFile::open(path)?;
        Ok(Self { file: Arc::new(Mutex::new(file)), path: path.to_owned(), changed: Notify::new() })
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Uses the file in a thread in which waiting for the disk blocks nobody. The work is done even if the future is dropped.
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut JobsFile) -> StoreResult<T> + Send + 'static,
    ) -> BoxFuture<'_, StoreResult<T>> {
        let file = self.file.clone();
        Box::pin(async move {
            let working = tokio::task::spawn_blocking(move || work(&mut lock(&file)));
            working.await.unwrap_or_else(|error| Err(StoreError::new(self.path.display().to_string(), error)))
        })
    }

    /// Uses the file like [`run`](Self::run), and wakes the workers that wait for jobs.
    fn change<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut JobsFile) -> StoreResult<T> + Send + 'static,
    ) -> BoxFuture<'_, StoreResult<T>> {
        let working = self.run(work);
        Box::pin(async move {
            let done = working.await;
            self.wake();
            done
        })
    }

    fn wake(&self) {
        self.changed.notify_waiters();
        // And a worker that is about to wait.
        self.changed.notify_one();
    }
}

fn lock(file: &Mutex<JobsFile>) -> MutexGuard<'_, JobsFile> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl JobStore for FileStore {
    fn add(&self, jobs: Vec<NewJob>) -> BoxFuture<'_, StoreResult<Vec<JobId>>> {
        self.change(move |file| file.add(jobs))
    }

    fn lease<'a>(&'a self, worker: &'a WorkerId, most: usize) -> BoxFuture<'a, StoreResult<Leased>> {
        let worker = worker.clone();
        self.run(move |file| file.lease(&worker, most))
    }

    fn start<'a>(&'a self, worker: &'a WorkerId, jobs: Vec<JobId>) -> BoxFuture<'a, StoreResult<Vec<JobId>>> {
        let worker = worker.clone();
        self.run(move |file| file.start(&worker, jobs))
    }

    fn update<'a>(&'a self, worker: &'a WorkerId, updates: Vec<JobUpdate>) -> BoxFuture<'a, StoreResult<()>> {
        let worker = worker.clone();
        self.change(move |file| file.update(&worker, &updates))
    }

    fn requeue(&self, jobs: Vec<JobId>) -> BoxFuture<'_, StoreResult<u64>> {
        self.change(move |file| file.requeue(&jobs))
    }

    fn wait(&self, most: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move { drop(tokio::time::timeout(most, self.changed.notified()).await) })
    }

    fn counts(&self) -> BoxFuture<'_, StoreResult<JobCounts>> {
        Box::pin(async { Ok(lock(&self.file).counts()) })
    }

    fn jobs(&self, state: JobState, begin: u64, most: usize) -> BoxFuture<'_, StoreResult<JobPage>> {
        self.run(move |file| file.jobs(state, begin, most))
    }

    fn purge(&self, state: JobState) -> BoxFuture<'_, StoreResult<u64>> {
        self.change(move |file| file.purge(state))
    }

    fn abandon(&self, worker: &WorkerId) {
        lock(&self.file).abandon(worker);
        self.wake();
    }
}
