//! [`Run`]: the loop of a worker. It leases jobs, starts them, sends them, and records what became of them.
//!
//! ```text
//! run        the loop
//!   fill     leases jobs, and starts those whose turn it is: that is stored before their calls begin
//!   finish   what the outcome of a call means for its job
//!   save     records it
//! ```

use std::{
    collections::VecDeque,
    future::{Future, pending},
    mem,
    pin::pin,
    time::Duration,
};

use futures_util::{FutureExt as _, future::join};
use kandy::{CallBuilder, CallPool};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep_until};

use super::builder::{Worker, WorkerReport};
use crate::{
    Job, JobChange, JobState, JobUpdate, Leased, NewState, OutboxError, StoreError, StoreResult, WorkerId,
    verdict::{Then, Verdict},
};

/// How long a worker waits for jobs before it looks by itself.
const LOOK: Duration = Duration::from_secs(1);

/// The bounds of the pause after a failure that concerns all jobs.
const MIN_PAUSE: Duration = Duration::from_millis(500);
const MAX_PAUSE: Duration = Duration::from_secs(60);

impl<P, F, C> Worker<P, F>
where
    P: DeserializeOwned + Send + 'static,
    F: Fn(P) -> C,
    C: CallBuilder<Value: Send + 'static> + Clone + Sync + 'static,
{
    /// Sends jobs until every job of the store is settled.
    ///
    /// # Errors
    ///
    /// [`OutboxError::Service`] if every other job would fail, too, and [`OutboxError::Store`] if the store fails for longer than
    /// the [`patience`](Self::patience) of the worker. What could not be recorded is unknown.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, jobs in flight become unknown. To end in order, use [`run_until`](Self::run_until).
    pub async fn run_until_settled(self) -> Result<WorkerReport, OutboxError> {
        self.ends_when_settled().run_until(pending()).await
    }

    /// Sends jobs until `stop` is ready; then it begins no more, waits for the calls in flight and records their outcomes. With
    /// [`ends_when_settled`](Self::ends_when_settled) it may end before.
    ///
    /// # Errors
    ///
    /// Those of [`run_until_settled`](Self::run_until_settled).
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, jobs in flight become unknown.
    pub async fn run_until(self, stop: impl Future<Output = ()>) -> Result<WorkerReport, OutboxError> {
        Run::new(self).run(stop).await
    }
}

/// A worker while it runs.
struct Run<P, F, C: CallBuilder> {
    worker: Worker<P, F>,
    id: WorkerId,
    in_flight: CallPool<Job, C::Value>,
    /// Jobs that are leased and not started.
    leased: VecDeque<Job>,
    /// Outcomes that are not stored yet.
    unsaved: Vec<(Job, JobUpdate)>,
    report: WorkerReport,
    /// When the next queued job is due, if the store said so.
    next_due: Option<Instant>,
    /// When the next turn under the rate limit is, if a job waits for it.
    next_turn: Option<Instant>,
    /// Until when nothing is begun.
    paused_until: Option<Instant>,
    /// Failures in a row that concern all jobs.
    failures: u32,
    /// Since when the store fails.
    store_fails_since: Option<Instant>,
    /// When the leases are renewed.
    renew_at: Option<Instant>,
    /// Why the run ends.
    error: Option<OutboxError>,
    is_ending: bool,
}

/// What a job that was not settled by its worker is left to.
impl<P, F, C: CallBuilder> Drop for Run<P, F, C> {
    fn drop(&mut self) {
        self.worker.outbox.store.abandon(&self.id);
    }
}

impl<P, F, C> Run<P, F, C>
where
    P: DeserializeOwned + Send + 'static,
    F: Fn(P) -> C,
    C: CallBuilder<Value: Send + 'static> + Clone + Sync + 'static,
{
    fn new(worker: Worker<P, F>) -> Self {
        let in_flight = CallPool::new(worker.concurrency);
        let in_flight = match worker.rate_limit {
            Some(limit) => in_flight.rate_limit(limit),
            None => in_flight,
        };
        Self {
            worker,
            id: WorkerId::random(),
            in_flight,
            leased: VecDeque::new(),
            unsaved: Vec::new(),
            report: WorkerReport::default(),
            next_due: None,
            next_turn: None,
            paused_until: None,
            failures: 0,
            store_fails_since: None,
            renew_at: None,
            error: None,
            is_ending: false,
        }
    }

    async fn run(mut self, stop: impl Future<Output = ()>) -> Result<WorkerReport, OutboxError> {
        let mut stop = pin!(stop.fuse());
        loop {
            self.save().await;
            if self.is_ending && self.in_flight.is_empty() && self.unsaved.is_empty() {
                break;
            }
            self.renew().await;
            let is_taking = !self.is_ending && self.paused_until.is_none() && self.unsaved.is_empty();
            if is_taking && self.fill().await {
                continue;
            }
            let is_idle = self.in_flight.is_empty() && self.leased.is_empty() && self.unsaved.is_empty();
            if is_taking && is_idle && self.worker.ends_when_settled && self.is_settled().await {
                break;
            }
            // The store has failed for too long meanwhile.
            if self.is_ending && self.in_flight.is_empty() && self.paused_until.is_none() {
                continue;
            }
            let waits_for_jobs = is_taking && self.paused_until.is_none() && self.leased.is_empty();
            let (store, look) = (self.worker.outbox.store.clone(), self.longest_look());
            tokio::select! {
                biased;
                () = &mut stop => self.end(),
                () = reached(self.paused_until) => self.paused_until = None,
                () = reached(self.next_turn) => self.next_turn = None,
                () = reached(self.renew_at) => {}
                Some(outcome) = self.in_flight.next(), if !self.in_flight.is_empty() => {
                    // All outcomes that are ready are stored together: one write for many jobs.
                    let mut next = Some(outcome);
                    while let Some(outcome) = next {
                        self.finish(outcome.item, outcome.result.map(drop));
                        next = self.in_flight.next().now_or_never().flatten();
                    }
                }
                () = store.wait(look), if waits_for_jobs && self.in_flight.room() > 0 => {}
            }
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => Ok(self.report),
        }
    }

    /// Begins no more jobs, and gives back those that were not started.
    fn end(&mut self) {
        self.is_ending = true;
        (self.paused_until, self.next_turn) = (None, None);
        self.in_flight.stop_waiting();
        let released = self.leased.drain(..);
        self.unsaved.extend(released.map(|job| {
            let update = JobUpdate { id: job.id.clone(), state: NewState::Queued(Duration::ZERO), error: None };
            (job, update)
        }));
    }

    /// Leases jobs as far as there is room, and sends those whose turn it is. Returns whether any was sent.
    async fn fill(&mut self) -> bool {
        let room = self.in_flight.room();
        if self.leased.is_empty() && room > 0 {
            let leased = self.worker.outbox.store.lease(&self.id, room).await;
            if !self.take(leased) {
                return false;
            }
            self.store_fails_since = None;
        }
        let now = Instant::now();
        let (turns, wait) = self.in_flight.take_turns(room.min(self.leased.len()), now.into_std());
        self.next_turn = wait.map(|wait| now + wait);
        if turns == 0 {
            return false;
        }
        let ready: Vec<_> = self.leased.drain(..turns).collect();
        let ids = ready.iter().map(|job| job.id.clone()).collect();
        let started = self.worker.outbox.store.start(&self.id, ids).await;
        let Some(started) = self.stored(started) else {
            // None was sent: they are asked for again.
            ready.into_iter().rev().for_each(|job| self.leased.push_front(job));
            return false;
        };
        self.store_fails_since = None;
        let mut is_sending = false;
        for job in ready {
            if started.contains(&job.id) {
                is_sending |= self.send(job);
            }
        }
        is_sending || !self.unsaved.is_empty()
    }

    /// Takes jobs that were leased. Returns false if the store failed.
    fn take(&mut self, leased: StoreResult<Leased>) -> bool {
        let Some(leased) = self.stored(leased) else { return false };
        self.next_due = leased.next_due.map(|wait| Instant::now() + wait);
        self.leased = leased.jobs.into();
        true
    }

    /// Sends a job that was started. Returns whether it is in flight.
    fn send(&mut self, mut job: Job) -> bool {
        job.attempts += 1;
        self.notify(&job, JobState::Leased, None);
        let age = job.added.elapsed().unwrap_or_default();
        if let Some(longest) = self.worker.longest_wait.filter(|longest| age > *longest) {
            self.settle(job, NewState::Refused, Some(format!("it waited longer than {longest:?}")));
            return false;
        }
        match serde_json::from_str::<P>(job.payload.get()) {
            Ok(payload) => {
                let call = (self.worker.call)(payload);
                self.in_flight.push(job, call);
                true
            }
            Err(error) => {
                self.settle(job, NewState::Refused, Some(format!("its payload cannot be read: {error}")));
                false
            }
        }
    }

    /// Decides what the outcome of a call means for its job.
    fn finish(&mut self, job: Job, result: kandy::Result<()>) {
        let Err(error) = result else {
            self.failures = 0;
            return self.settle(job, NewState::Sent, None);
        };
        let Verdict { mut state, then } = Verdict::of(&error);
        match then {
            Then::GoOn => self.failures = 0,
            Then::Pause => {
                self.failures += 1;
                let pause = backoff(self.failures);
                self.paused_until = self.paused_until.max(Some(Instant::now() + pause)).filter(|_| !self.is_ending);
            }
            Then::Stop => {
                self.end();
                self.error.get_or_insert_with(|| OutboxError::Service(error.clone()));
            }
        }
        // A job that is refused for the rate again and again waits longer each time.
        if let NewState::Queued(wait) = state
            && then == Then::GoOn
        {
            state = NewState::Queued(wait.max(backoff(job.attempts)));
        }
        self.settle(job, state, Some(error.to_string()));
    }

    fn settle(&mut self, job: Job, state: NewState, error: Option<String>) {
        match state {
            NewState::Sent => self.report.sent += 1,
            NewState::Refused => self.report.refused += 1,
            NewState::Unknown => self.report.unknown += 1,
            NewState::Queued(_) => self.report.queued_again += 1,
        }
        let update = JobUpdate { id: job.id.clone(), state, error };
        self.unsaved.push((job, update));
    }

    /// Stores the outcomes, and leases the next jobs. After a failure they are stored later.
    async fn save(&mut self) {
        if self.unsaved.is_empty() || self.paused_until.is_some() && self.store_fails_since.is_some() {
            return;
        }
        let store = &self.worker.outbox.store;
        let update = store.update(&self.id, self.unsaved.iter().map(|(_, update)| update.clone()).collect());
        let room = self.in_flight.room();
        let is_taking = !self.is_ending && self.paused_until.is_none() && self.leased.is_empty() && room > 0;
        // A store that other processes share is a round trip away, and waits for its disk: it is asked both at once. No job
        // is started before the outcomes are stored.
        let (saved, leased) = match is_taking && store.lease_time().is_some() {
            true => join(update, store.lease(&self.id, room).map(Some)).await,
            false => (update.await, None),
        };
        if let Some(leased) = leased {
            self.take(leased);
        }
        if self.stored(saved).is_some() {
            self.store_fails_since = None;
            for (job, JobUpdate { state, error, .. }) in mem::take(&mut self.unsaved) {
                self.notify(&job, state.state(), error.as_deref());
            }
        }
    }

    async fn renew(&mut self) {
        let Some(lease) = self.worker.outbox.store.lease_time() else { return };
        let now = Instant::now();
        if self.renew_at.is_none_or(|at| at <= now) {
            self.renew_at = Some(now + lease / 3);
            let renewed = self.worker.outbox.store.renew(&self.id).await;
            self.stored(renewed);
        }
    }

    async fn is_settled(&mut self) -> bool {
        let counts = self.worker.outbox.store.counts().await;
        self.stored(counts).is_some_and(|counts| counts.is_settled())
    }

    /// Takes the result of a store. After a failure the worker pauses, and gives up once its patience is over.
    fn stored<T>(&mut self, result: StoreResult<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.store_failed(error);
                None
            }
        }
    }

    fn store_failed(&mut self, error: StoreError) {
        let now = Instant::now();
        let since = *self.store_fails_since.get_or_insert(now);
        if error.is_permanent() || now - since >= self.worker.patience {
            self.end();
            // What is not stored by now is unknown to whoever opens the store next, which is true.
            self.unsaved.clear();
            self.error.get_or_insert(error.into());
            return;
        }
        self.paused_until = Some(now + LOOK.min(self.worker.patience - (now - since)));
    }

    fn notify(&self, job: &Job, state: JobState, error: Option<&str>) {
        let Job { id, key, attempts, .. } = job;
        self.worker.outbox.notify(&JobChange { id, key, state, attempts: *attempts, error });
    }

    /// Returns how long the worker waits for jobs before it looks by itself.
    fn longest_look(&self) -> Duration {
        self.next_due.map_or(LOOK, |due| due.saturating_duration_since(Instant::now()).min(LOOK))
    }
}

/// Returns the wait after this many failures in a row: longer each time, and spread, so that workers do not come back together.
fn backoff(failures: u32) -> Duration {
    let longest = MIN_PAUSE.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(MAX_PAUSE);
    let random = f64::from(uuid::Uuid::new_v4().as_fields().0) / f64::from(u32::MAX);
    longest.mul_f64((1.0 + random) / 2.0)
}

/// Waits until an instant; forever without one.
async fn reached(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
}
