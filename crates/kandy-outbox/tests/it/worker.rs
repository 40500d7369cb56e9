//! What workers send, and what they do when a call or the store fails.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use kandy::{
    Device, Kandy, Phase, RateLimit, RetryPolicy, Status,
    testing::{MockService, Reply},
};
use kandy_outbox::{
    FileStore, JobChange, JobCounts, JobId, JobPage, JobState, JobStore, JobUpdate, Leased, NewJob, Outbox,
    OutboxError, OutboxObserver, StoreError, StoreResult, WorkerId,
};
use kandy_sys::BoxFuture;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

#[derive(Serialize, Deserialize)]
struct Text {
    to: String,
    text: String,
}

struct Fixture {
    /// Removed at the end.
    _folder: TempDir,
    service: MockService,
    outbox: Outbox<Text>,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::new(FileStore::open(folder.path().join("outbox")).expect("opened"));
        Self { _folder: folder, service: MockService::new(), outbox }
    }

    fn kandy(&self) -> Kandy {
        self.service.builder().retry(RetryPolicy::never()).build().expect("a client")
    }

    fn device(&self) -> Device {
        self.kandy().user_with_token("UAT-token").device("A149")
    }

    async fn add(&self, count: usize) {
        let jobs = (0..count).map(|at| {
            let text = Text { to: format!("+1224555{at:04}"), text: format!("text {at}") };
            Outbox::job(format!("job-{at}"), text.to.clone(), &text).expect("JSON")
        });
        assert_eq!(self.outbox.add_all(jobs).await.expect("added"), count as u64);
    }

    async fn counts(&self) -> [u64; 5] {
        let JobCounts { queued, leased, sent, refused, unknown, .. } = self.outbox.counts().await.expect("counted");
        [queued, leased, sent, refused, unknown]
    }

    /// Returns how many SMS the service was asked to send.
    fn requests(&self) -> usize {
        self.service.requests_of("sms_send").len()
    }
}

macro_rules! worker {
    ($fixture:expr) => {{
        let device = $fixture.device();
        $fixture.outbox.worker(move |text: Text| device.send_sms(text.to, text.text))
    }};
}

#[tokio::test(start_paused = true)]
async fn each_job_is_sent_once_and_its_outcome_is_kept() {
    let fixture = Fixture::new();
    fixture.add(100).await;
    let report = worker!(fixture).concurrency(7).run_until_settled().await.expect("sent");
    assert_eq!((report.sent, report.refused, report.unknown, report.queued_again), (100, 0, 0, 0));
    assert_eq!((fixture.counts().await, fixture.requests()), ([0, 0, 100, 0, 0], 100));
    // Added again, they are known.
    let text = Text { to: "+12245550007".into(), text: "text 7".into() };
    assert!(!fixture.outbox.add("job-7", "+12245550007", &text).await.expect("asked"));
    worker!(fixture).run_until_settled().await.expect("nothing to do");
    assert_eq!(fixture.requests(), 100);
}

#[tokio::test(start_paused = true)]
async fn an_outcome_decides_whether_a_job_is_sent_again() {
    for (what, reply, state, requests) in [
        ("accepted", Reply::success(), JobState::Sent, 1),
        ("refused", Reply::refusal(Status(16), "no such number"), JobState::Refused, 1),
        ("no connection, then one", Reply::failure(Phase::Connect), JobState::Sent, 2),
        ("limited, then not", Reply::http(429), JobState::Sent, 2),
        ("limited for long", Reply::http(429).header("retry-after", "40"), JobState::Sent, 2),
        ("response lost", Reply::failure(Phase::Receive), JobState::Unknown, 1),
        ("timed out", Reply::failure(Phase::Timeout), JobState::Unknown, 1),
        ("failed inside", Reply::http(500), JobState::Unknown, 1),
        ("overloaded", Reply::http(503).header("retry-after", "1"), JobState::Unknown, 1),
    ] {
        let fixture = Fixture::new();
        fixture.add(1).await;
        fixture.service.reply_once("sms_send", reply);
        worker!(fixture).run_until_settled().await.unwrap_or_else(|error| panic!("{what}: {error}"));
        let jobs = fixture.outbox.jobs(state, 0, 9).await.expect("listed").jobs;
        assert_eq!((jobs.len(), fixture.requests()), (1, requests), "{what}");
        assert_eq!(jobs[0].attempts as usize, requests, "{what}");
        assert_eq!(
            jobs[0].error.is_none(),
            state == JobState::Sent && requests == 1 || jobs[0].error.is_none(),
            "{what}"
        );
        // Whatever it is, nothing more is sent by itself.
        worker!(fixture).run_until_settled().await.expect("nothing to do");
        assert_eq!(fixture.requests(), requests, "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_concerns_every_job_stops_the_worker_and_keeps_the_jobs() {
    for (what, operation, reply, counts) in [
        ("no funds", "sms_send", Reply::refusal(Status::INSUFFICIENT_FUNDS, "no funds"), [3, 0, 0, 0, 0]),
        ("a token that is refused", "sms_send", Reply::refusal(Status::TOKEN_EXPIRED, "expired"), [3, 0, 0, 0, 0]),
        ("not known whether it was sent", "sms_send", Reply::http(401), [2, 0, 0, 0, 1]),
        ("a key that is refused", "user_access_token_get", Reply::refusal(Status(4), "no such key"), [3, 0, 0, 0, 0]),
    ] {
        let fixture = Fixture::new();
        fixture.add(3).await;
        fixture.service.reply(operation, reply);
        let device = match operation {
            "sms_send" => fixture.device(),
            _ => fixture.kandy().domain("DAK-key", "DAS-s3cret").user("russ").device("A149"),
        };
        let worker = fixture.outbox.worker(move |text: Text| device.send_sms(text.to, text.text)).concurrency(1);
        let error = worker.run_until_settled().await.expect_err(what);
        assert!(matches!(&error, OutboxError::Service(_)), "{what}: {error}");
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{what}");
        assert_eq!(fixture.counts().await, counts, "{what}");
        // Once it is put right, the rest is sent.
        fixture.service.reply(operation, Reply::example());
        worker!(fixture).run_until_settled().await.expect("sent");
        assert_eq!(fixture.counts().await, [0, 0, counts[0], 0, counts[4]], "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_costs_attempts_and_no_job() {
    let fixture = Fixture::new();
    fixture.add(20).await;
    let begin = tokio::time::Instant::now();
    fixture.service.reply_with("sms_send", move |_| match begin.elapsed() < Duration::from_secs(8 * 3600) {
        true => Reply::failure(Phase::Connect),
        false => Reply::success(),
    });
    let report = worker!(fixture).concurrency(4).run_until_settled().await.expect("sent");
    assert_eq!((report.sent, report.refused, report.unknown), (20, 0, 0));
    // Pauses of up to a minute, with up to four calls between them.
    assert!(fixture.requests() < 8 * 60 * 2 * 4 + 60, "{}", fixture.requests());
}

#[tokio::test(start_paused = true)]
async fn jobs_for_one_recipient_are_sent_in_order_and_one_bad_one_blocks_nobody() {
    let fixture = Fixture::new();
    let sent = Arc::new(Mutex::new(Vec::new()));
    for at in 0..30 {
        let text = Text { to: format!("+1224555000{}", at % 3), text: format!("{at}") };
        fixture.outbox.add(format!("job-{at}"), text.to.clone(), &text).await.expect("added");
    }
    let (seen, device) = (sent.clone(), fixture.device());
    fixture.service.reply_with("sms_send", {
        let count = Mutex::new(0);
        move |_| {
            let mut count = count.lock().expect("no panic");
            *count += 1;
            match *count {
                2 => Reply::refusal(Status(16), "no such number"),
                5 => Reply::failure(Phase::Receive),
                8 => Reply::http(429),
                count => Reply::success().after(Duration::from_millis(count * 7 % 10)),
            }
        }
    });
    let worker = fixture.outbox.worker(move |text: Text| {
        seen.lock().expect("no panic").push(text.text.parse::<usize>().expect("a number"));
        device.send_sms(text.to, text.text)
    });
    let report = worker.concurrency(8).run_until_settled().await.expect("sent");
    assert_eq!((report.sent, report.refused, report.unknown, report.queued_again), (28, 1, 1, 1));
    for recipient in 0..3 {
        let mut own: Vec<_> = sent.lock().expect("no panic").iter().copied().filter(|at| at % 3 == recipient).collect();
        // One of them was sent again after it was refused for the rate.
        own.dedup();
        assert!(own.is_sorted() && own.len() == 10, "{own:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_stopped_ends_in_order_and_one_that_is_dropped_leaves_unknown_jobs() {
    let second = Duration::from_secs(1);
    let fixture = Fixture::new();
    fixture.add(30).await;
    fixture.service.reply("sms_send", Reply::success().after(2 * second));
    let report = worker!(fixture).concurrency(4).run_until(tokio::time::sleep(5 * second)).await.expect("stopped");
    // Four each two seconds, and those in flight at the end of the fifth.
    assert_eq!((report.sent, fixture.counts().await), (12, [18, 0, 12, 0, 0]));
    let running = worker!(fixture).concurrency(4).run_until_settled();
    tokio::time::timeout(second, running).await.expect_err("dropped");
    assert_eq!(fixture.counts().await, [14, 0, 12, 0, 4]);
    worker!(fixture).run_until_settled().await.expect("sent");
    assert_eq!((fixture.counts().await, fixture.requests()), ([0, 0, 26, 0, 4], 30));
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_end_when_it_is_stopped_or_when_all_is_settled() {
    let second = Duration::from_secs(1);
    for (stopped_after, sent) in [(5, 12), (3600, 30)] {
        let fixture = Fixture::new();
        fixture.add(30).await;
        fixture.service.reply("sms_send", Reply::success().after(2 * second));
        let worker = worker!(fixture).concurrency(4).ends_when_settled();
        let begin = tokio::time::Instant::now();
        let report = worker.run_until(tokio::time::sleep(stopped_after * second)).await.expect("ended");
        assert_eq!((report.sent, fixture.counts().await), (sent, [30 - sent, 0, sent, 0, 0]), "{stopped_after} s");
        assert!(begin.elapsed() < 60 * second, "{:?}", begin.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_is_added_wakes_a_worker_that_waits() {
    let fixture = Fixture::new();
    let outbox = fixture.outbox.clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let worker = worker!(fixture).run_until(async { drop(stopped.await) });
    let adding = async move {
        for at in 0..5 {
            let text = Text { to: "+12245550000".into(), text: at.to_string() };
            let begin = tokio::time::Instant::now();
            outbox.add(format!("{at}"), &*text.to, &text).await.expect("added");
            while outbox.counts().await.expect("counted").sent <= at {
                tokio::task::yield_now().await;
            }
            assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
        }
        drop(stop);
    };
    let (report, ()) = tokio::join!(worker, adding);
    assert_eq!(report.expect("stopped").sent, 5);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_spreads_the_jobs() {
    let fixture = Fixture::new();
    fixture.add(31).await;
    let begin = tokio::time::Instant::now();
    worker!(fixture).rate_limit(RateLimit::per_second(10)).run_until_settled().await.expect("sent");
    let elapsed = begin.elapsed();
    assert!(elapsed >= Duration::from_secs(3) && elapsed < Duration::from_secs(4), "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_waited_too_long_or_cannot_be_read_is_refused_and_not_sent() {
    let fixture = Fixture::new();
    fixture.add(2).await;
    let bad: Outbox<u32> = Outbox::shared(fixture.outbox.store());
    bad.add("bad", "bad", &7).await.expect("added");
    let report = worker!(fixture).run_until_settled().await.expect("sent");
    assert_eq!((report.sent, report.refused), (2, 1));
    let refused = fixture.outbox.jobs(JobState::Refused, 0, 9).await.expect("listed").jobs;
    assert!(refused[0].error.as_ref().is_some_and(|error| error.contains("payload cannot be read")), "{refused:?}");
    let text = Text { to: "+12245550000".into(), text: "your code is 1234".into() };
    fixture.outbox.add("late", "late", &text).await.expect("added");
    let report = worker!(fixture).longest_wait(Duration::ZERO).run_until_settled().await.expect("refused");
    assert_eq!((report.refused, fixture.requests()), (1, 2));
}

#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl OutboxObserver for Seen {
    fn job_changed(&self, change: &JobChange<'_>) {
        let JobChange { id, state, attempts, .. } = change;
        self.0.lock().expect("no panic").push(format!("{id} {state} {attempts}"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_sees_each_change() {
    let (seen, mut fixture) = (Seen::default(), Fixture::new());
    fixture.outbox = fixture.outbox.observer(seen.clone());
    fixture.add(2).await;
    fixture.service.reply_once("sms_send", Reply::http(429));
    fixture.service.reply_once("sms_send", Reply::refusal(Status(16), "no"));
    worker!(fixture).concurrency(1).run_until_settled().await.expect("sent");
    let expected = [
        "job-0 queued 0",
        "job-1 queued 0",
        "job-0 leased 1",
        "job-0 queued 1",
        "job-1 leased 1",
        "job-1 refused 1",
        "job-0 leased 2",
        "job-0 sent 2",
    ];
    assert_eq!(*seen.0.lock().expect("no panic"), expected);
}

/// A store that fails while it is told to.
#[derive(Debug)]
struct Failing {
    store: Arc<dyn JobStore>,
    /// The calls that fail, each for so many times.
    fails: Mutex<Vec<(&'static str, u32)>>,
    is_permanent: bool,
    /// Whether it has leases, as a store that other processes share.
    is_shared: bool,
}

impl Failing {
    fn check(&self, call: &'static str) -> StoreResult<()> {
        let mut fails = self.fails.lock().expect("no panic");
        match fails.iter_mut().find(|(name, times)| *name == call && *times > 0) {
            Some((_, times)) => {
                *times -= 1;
                let error = StoreError::new("shared", "connection refused");
                Err(if self.is_permanent { error.permanent() } else { error })
            }
            None => Ok(()),
        }
    }
}

impl JobStore for Failing {
    fn add(&self, jobs: Vec<NewJob>) -> BoxFuture<'_, StoreResult<Vec<JobId>>> {
        self.store.add(jobs)
    }

    fn lease<'a>(&'a self, worker: &'a WorkerId, most: usize) -> BoxFuture<'a, StoreResult<Leased>> {
        Box::pin(async move {
            self.check("lease")?;
            self.store.lease(worker, most).await
        })
    }

    fn start<'a>(&'a self, worker: &'a WorkerId, jobs: Vec<JobId>) -> BoxFuture<'a, StoreResult<Vec<JobId>>> {
        Box::pin(async move {
            // The answer is lost, but not what was asked for.
            let started = self.store.start(worker, jobs).await;
            self.check("start")?;
            started
        })
    }

    fn update<'a>(&'a self, worker: &'a WorkerId, updates: Vec<JobUpdate>) -> BoxFuture<'a, StoreResult<()>> {
        Box::pin(async move {
            self.check("update")?;
            self.store.update(worker, updates).await
        })
    }

    fn requeue(&self, jobs: Vec<JobId>) -> BoxFuture<'_, StoreResult<u64>> {
        self.store.requeue(jobs)
    }

    fn wait(&self, most: Duration) -> BoxFuture<'_, ()> {
        self.store.wait(most)
    }

    fn counts(&self) -> BoxFuture<'_, StoreResult<JobCounts>> {
        Box::pin(async move {
            self.check("counts")?;
            self.store.counts().await
        })
    }

    fn jobs(&self, state: JobState, begin: u64, most: usize) -> BoxFuture<'_, StoreResult<JobPage>> {
        self.store.jobs(state, begin, most)
    }

    fn purge(&self, state: JobState) -> BoxFuture<'_, StoreResult<u64>> {
        self.store.purge(state)
    }

    fn abandon(&self, worker: &WorkerId) {
        self.store.abandon(worker);
    }

    fn lease_time(&self) -> Option<Duration> {
        self.is_shared.then_some(Duration::from_secs(30))
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_for_a_while_loses_nothing_and_sends_nothing_twice() {
    const LONG: u32 = 10_000;
    let cases = [
        (vec![("lease", 9)], true, 20),
        (vec![("start", 3)], true, 20),
        (vec![("update", 9)], true, 20),
        (vec![("counts", 3), ("lease", 1), ("start", 1), ("update", 2)], true, 20),
        // Longer than the patience of the worker: what was sent then is unknown, and nothing else is sent.
        (vec![("update", LONG)], false, 8),
        (vec![("lease", LONG)], false, 0),
        (vec![("start", LONG)], false, 0),
    ];
    for ((fails, ends, sent), is_shared) in cases.into_iter().flat_map(|case| [(case.clone(), false), (case, true)]) {
        let mut fixture = Fixture::new();
        fixture.add(20).await;
        let store = fixture.outbox.store();
        let failing =
            Failing { store: store.clone(), fails: Mutex::new(fails.clone()), is_permanent: false, is_shared };
        let seen = Seen::default();
        fixture.outbox = Outbox::new(failing).observer(seen.clone());
        let outcome = worker!(fixture).patience(Duration::from_secs(12)).run_until_settled().await;
        assert_eq!((outcome.is_ok(), fixture.requests()), (ends, sent), "{fails:?}, {is_shared}: {outcome:?}");
        let stored = seen.0.lock().expect("no panic").iter().filter(|change| change.contains(" sent ")).count();
        assert_eq!(stored, if ends { sent } else { 0 }, "{fails:?}, {is_shared}: an observer sees what is stored");
        if let Err(error) = outcome {
            assert_eq!(error.to_string(), "the outbox shared failed: connection refused");
        }
        // What comes next finishes the rest.
        fixture.outbox = Outbox::shared(store);
        worker!(fixture).run_until_settled().await.expect("sent");
        let counts = fixture.counts().await;
        assert_eq!(
            (counts[2] + counts[4], fixture.requests() as u64),
            (20, counts[2] + if ends { 0 } else { sent as u64 }),
            "{fails:?}, {is_shared}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_that_stays_ends_a_worker_at_once() {
    for call in ["lease", "start"] {
        let mut fixture = Fixture::new();
        fixture.add(2).await;
        let (store, fails) = (fixture.outbox.store(), Mutex::new(vec![(call, 1)]));
        fixture.outbox = Outbox::new(Failing { store, fails, is_permanent: true, is_shared: false });
        let begin = tokio::time::Instant::now();
        worker!(fixture).run_until_settled().await.expect_err("it fails");
        assert_eq!((begin.elapsed(), fixture.requests()), (Duration::ZERO, 0), "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_failed_costs_no_turn_of_the_rate() {
    let mut fixture = Fixture::new();
    fixture.add(2).await;
    let (store, fails) = (fixture.outbox.store(), Mutex::new(vec![("start", 3)]));
    fixture.outbox = Outbox::new(Failing { store, fails, is_permanent: false, is_shared: false });
    let begin = tokio::time::Instant::now();
    let report = worker!(fixture).rate_limit(RateLimit::per_minute(1)).run_until_settled().await.expect("sent");
    let elapsed = begin.elapsed();
    assert!(report.sent == 2 && elapsed < Duration::from_secs(70), "{elapsed:?}");
}
