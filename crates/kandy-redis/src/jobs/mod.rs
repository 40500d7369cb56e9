//! [`RedisJobStore`]: the jobs of an outbox, shared by the workers of many machines. Depends on `connection`.
//!
//! Each method is one script, so that it happens as a whole or not at all, by the clock of Redis. The keys, below
//! `PREFIX:jobs:NAME`:
//!
//! ```text
//! job:ID         a hash: key, payload, state, attempts, error, times, worker, and its entry in the stream
//! stream         a stream of ids that may be leased; workers read it as consumers of one group
//! key:KEY        a list of the jobs with a key that are not settled; only the first is in the stream
//! due            jobs that wait for their time, by that time
//! state:STATE    jobs in a state, by number
//! workers        workers, by the time when they were last heard of
//! held:WORKER    jobs that a worker has
//! last           the number of the last job
//! ```

use std::{
    collections::HashSet,
    fmt,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use kandy::sys::BoxFuture;
use kandy_outbox::{
    Job, JobCounts, JobId, JobPage, JobRecord, JobState, JobStore, JobUpdate, Leased, NewJob, NewState, StoreError,
    StoreResult, WorkerId,
};
use redis::{Cmd, FromRedisValue, Script, ScriptInvocation};
use serde_json::value::RawValue;
use tokio::time::sleep;

use crate::{Error, Redis};

/// How long a worker keeps its jobs without being heard of, by default.
const LEASE: Duration = Duration::from_secs(30);

/// How often a waiting worker looks for jobs.
const LOOK: Duration = Duration::from_millis(200);

/// Why a job is unknown whose worker died.
const WORKER_DIED: &str = "its worker was not heard of any more while it was being sent";

macro_rules! script {
    ($name:ident, $file:literal) => {
        static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!(include_str!("common.lua"), include_str!($file))));
    };
}

script!(ADD, "add.lua");
script!(LEASE_JOBS, "lease.lua");
script!(START, "start.lua");
script!(UPDATE, "update.lua");
script!(REQUEUE, "requeue.lua");
script!(LIST, "list.lua");
script!(PURGE, "purge.lua");
script!(COUNTS, "counts.lua");

/// Keeps the jobs of an [`Outbox`](kandy_outbox::Outbox) on Redis, for workers on any number of machines.
///
/// ```
/// use kandy_outbox::Outbox;
/// use kandy_redis::{Redis, RedisJobStore};
///
/// let redis = Redis::open("redis://127.0.0.1:6379")?;
/// let outbox: Outbox<String> = Outbox::new(RedisJobStore::new(&redis, "spring-campaign"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A worker that is not heard of for the [lease time](Self::dead_after) counts as dead: what it had started becomes *unknown*, and the
/// rest goes to others. If it comes back, it sends nothing that was taken from it, and the late outcome of a call is recorded.
///
/// # Durability
///
/// That nothing is sent twice depends on what Redis remembers when it is restarted. So a worker asks Redis for its settings, and
/// refuses to send unless each write is on disk before it is confirmed: `appendonly yes` and `appendfsync always`. Where these
/// settings cannot be read, as with some hosted servers, or where you accept that an SMS may be sent twice after a crash of Redis,
/// use [`trust_durability`](Self::trust_durability). Redis must not evict keys: `maxmemory-policy noeviction`, the default.
#[derive(Clone)]
pub struct RedisJobStore {
    redis: Redis,
    name: Arc<str>,
    base: Arc<str>,
    lease: Duration,
    /// Whether the durability is known to be sufficient, or trusted.
    is_durable: Arc<AtomicBool>,
}

impl RedisJobStore {
    /// Returns the store of this name at a server, and does not connect yet.
    pub fn new(redis: &Redis, name: impl AsRef<str>) -> Self {
        let name = name.as_ref();
        let base = redis.key(&["jobs", name]).into();
        Self { redis: redis.clone(), name: name.into(), base, lease: LEASE, is_durable: Arc::default() }
    }

    /// Sets after how long a worker that is not heard of counts as dead. By default 30 seconds; at least one. A call that is in flight
    /// for longer is safe: its worker is heard of meanwhile.
    #[must_use = "it returns the changed store"]
    pub fn dead_after(self, lease: Duration) -> Self {
        Self { lease: lease.max(Duration::from_secs(1)), ..self }
    }

    /// Sends without asking Redis whether it keeps what it confirms: see [durability](Self#durability).
    #[must_use = "it returns the changed store"]
    pub fn trust_durability(self) -> Self {
        Self { is_durable: Arc::new(AtomicBool::new(true)), ..self }
    }

    fn failed(&self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
        StoreError::new(&*self.name, error)
    }

    /// Returns the error of an access to Redis.
    fn error(&self, error: Error) -> StoreError {
        let is_permanent = matches!(error.code(), Some("WRONGPASS" | "NOAUTH" | "NOPERM" | "WRONGTYPE"));
        let error = self.failed(error);
        if is_permanent { error.permanent() } else { error }
    }

    async fn run<T: FromRedisValue + Send>(
        &self,
        action: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> StoreResult<T> {
        self.redis.script(action, script).await.map_err(|error| self.error(error))
    }

    /// Checks that Redis has on disk what it confirms.
    async fn check_durability(&self) -> StoreResult<()> {
        // Relaxed: it guards no other memory.
        if self.is_durable.load(Ordering::Relaxed) {
            return Ok(());
        }
        for (setting, needed) in [("appendonly", "yes"), ("appendfsync", "always"), ("maxmemory-policy", "noeviction")]
        {
            let mut command = Cmd::new();
            command.arg("CONFIG").arg("GET").arg(setting);
            let found = self.redis.command::<Vec<String>>("read the durability", &command).await;
            let found = match found {
                Ok(found) => found.into_iter().nth(1).unwrap_or_default(),
                // `LOADING` and the like pass.
                Err(error) if matches!(error.code(), Some("ERR" | "NOPERM")) => {
                    return Err(self.failed(
                        "Redis does not tell whether it keeps what it confirms; if it does, use `trust_durability`",
                    ));
                }
                Err(error) => return Err(self.error(error)),
            };
            if found != needed {
                let reason = format!(
                    "Redis has `{setting} {found}`, so that jobs could be sent twice or lost after a restart: set `{setting} {needed}`, or \
                     accept that with `trust_durability`"
                );
                return Err(self.failed(reason).permanent());
            }
        }
        self.is_durable.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn payload(&self, json: &str) -> StoreResult<Box<RawValue>> {
        RawValue::from_string(json.to_owned()).map_err(|error| self.failed(format!("a payload is no JSON: {error}")))
    }
}

impl fmt::Debug for RedisJobStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisJobStore")
            .field("redis", &self.redis)
            .field("name", &self.name)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

impl JobStore for RedisJobStore {
    fn add(&self, jobs: Vec<NewJob>) -> BoxFuture<'_, StoreResult<Vec<JobId>>> {
        Box::pin(async move {
            let mut script = ADD.key(&*self.base);
            // Tells a request that is repeated after its response was lost from another one.
            script.arg(uuid::Uuid::new_v4().simple().to_string());
            let mut ids = HashSet::new();
            for job in jobs.iter().filter(|job| ids.insert(&job.id)) {
                script.arg(job.id.as_str()).arg(&job.key).arg(job.payload.get());
            }
            let added: Vec<String> = self.run("add jobs", &script).await?;
            Ok(added.into_iter().map(JobId::from).collect())
        })
    }

    fn lease<'a>(&'a self, worker: &'a WorkerId, most: usize) -> BoxFuture<'a, StoreResult<Leased>> {
        Box::pin(async move {
            self.check_durability().await?;
            let mut script = LEASE_JOBS.key(&*self.base);
            script.arg(worker.as_str()).arg(most).arg(milliseconds(self.lease)).arg(WORKER_DIED);
            let (next, fields) =
                split(self.run("lease jobs", &script).await?).ok_or_else(|| self.failed(UNREADABLE))?;
            let mut jobs = Vec::new();
            for job in fields.chunks_exact(5) {
                let [id, key, payload, attempts, at] = job else { continue };
                jobs.push(Job {
                    id: id.as_str().into(),
                    key: key.clone(),
                    payload: self.payload(payload)?,
                    attempts: attempts.parse().unwrap_or_default(),
                    added: time(at),
                });
            }
            Ok(Leased { jobs, next_due: u64::try_from(next).ok().map(Duration::from_millis) })
        })
    }

    fn start<'a>(&'a self, worker: &'a WorkerId, jobs: Vec<JobId>) -> BoxFuture<'a, StoreResult<Vec<JobId>>> {
        Box::pin(async move {
            let mut script = START.key(&*self.base);
            script.arg(worker.as_str());
            for id in &jobs {
                script.arg(id.as_str());
            }
            let started: Vec<String> = self.run("start jobs", &script).await?;
            Ok(started.into_iter().map(JobId::from).collect())
        })
    }

    fn update<'a>(&'a self, worker: &'a WorkerId, updates: Vec<JobUpdate>) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            let mut script = UPDATE.key(&*self.base);
            script.arg(worker.as_str());
            for JobUpdate { id, state, error } in &updates {
                let wait = match state {
                    NewState::Queued(wait) => milliseconds(*wait),
                    _ => 0,
                };
                let error = error.as_deref().unwrap_or_default();
                script.arg(id.as_str()).arg(state.state().as_str()).arg(wait).arg(error);
            }
            self.run::<i64>("record what became of jobs", &script).await.map(drop)
        })
    }

    fn requeue(&self, jobs: Vec<JobId>) -> BoxFuture<'_, StoreResult<u64>> {
        Box::pin(async move {
            let mut script = REQUEUE.key(&*self.base);
            for id in &jobs {
                script.arg(id.as_str());
            }
            self.run("queue jobs again", &script).await
        })
    }

    fn wait(&self, most: Duration) -> BoxFuture<'_, ()> {
        // A blocking read would hold up all others of the connection.
        Box::pin(sleep(most.min(LOOK)))
    }

    fn counts(&self) -> BoxFuture<'_, StoreResult<JobCounts>> {
        Box::pin(async move {
            let mut script = COUNTS.key(&*self.base);
            for state in JobState::ALL {
                script.arg(state.as_str());
            }
            let found: Vec<u64> = self.run("count jobs", &script).await?;
            let mut counts = JobCounts::default();
            for (state, count) in JobState::ALL.into_iter().zip(found) {
                *counts.of_mut(state) = count;
            }
            Ok(counts)
        })
    }

    fn jobs(&self, state: JobState, begin: u64, most: usize) -> BoxFuture<'_, StoreResult<JobPage>> {
        Box::pin(async move {
            let mut script = LIST.key(&*self.base);
            script.arg(state.as_str()).arg(begin).arg(most);
            let (next, fields) = split(self.run("list jobs", &script).await?).ok_or_else(|| self.failed(UNREADABLE))?;
            let mut jobs = Vec::new();
            for job in fields.chunks_exact(7) {
                let [id, key, attempts, added, changed, error, payload] = job else { continue };
                let new = NewJob { id: id.as_str().into(), key: key.clone(), payload: self.payload(payload)? };
                let mut record = JobRecord::new(new, time(added));
                record.state = state;
                record.attempts = attempts.parse().unwrap_or_default();
                record.changed = time(changed);
                record.error = Some(error.clone()).filter(|error| !error.is_empty());
                jobs.push(record);
            }
            Ok(JobPage { jobs, next: u64::try_from(next).ok() })
        })
    }

    fn purge(&self, state: JobState) -> BoxFuture<'_, StoreResult<u64>> {
        Box::pin(async move {
            if !state.is_settled() {
                return Err(self.failed(format!("{state} jobs cannot be purged: they are not settled")));
            }
            let mut all = 0;
            loop {
                let mut script = PURGE.key(&*self.base);
                script.arg(state.as_str());
                let removed: u64 = self.run("remove jobs", &script).await?;
                if removed == 0 {
                    return Ok(all);
                }
                all += removed;
            }
        })
    }

    fn renew<'a>(&'a self, worker: &'a WorkerId) -> BoxFuture<'a, StoreResult<()>> {
        // Starting nothing says that the worker is alive.
        Box::pin(async move { self.start(worker, Vec::new()).await.map(drop) })
    }

    fn lease_time(&self) -> Option<Duration> {
        Some(self.lease)
    }
}

const UNREADABLE: &str = "the response of Redis cannot be read";

/// Splits a response into its number and the texts that follow.
fn split(response: Vec<redis::Value>) -> Option<(i64, Vec<String>)> {
    let mut values = response.into_iter();
    let number = redis::from_redis_value(values.next()?).ok()?;
    let texts = values.map(|value| redis::from_redis_value(value).ok()).collect::<Option<_>>()?;
    Some((number, texts))
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX >> 12)
}

fn time(milliseconds: &str) -> SystemTime {
    let since = Duration::from_millis(milliseconds.parse().unwrap_or_default());
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}
