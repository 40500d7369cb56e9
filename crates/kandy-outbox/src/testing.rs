//! The tests that every [`JobStore`] passes.
//!
//! ```
//! # use kandy_outbox::{FileStore, testing};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! testing::check_store(async |name| FileStore::open(folder.path().join(name)).unwrap()).await;
//! # Ok(()) }
//! ```

use std::time::Duration;

use serde_json::value::to_raw_value;

use crate::{JobCounts, JobId, JobState, JobStore, JobUpdate, NewJob, NewState, WorkerId};

/// Checks that a store keeps the promises of [`JobStore`]. `open` returns an empty store of a name, which is a word.
///
/// # Panics
///
/// If the store breaks a promise, or fails.
pub async fn check_store<S: JobStore>(open: impl AsyncFn(&'static str) -> S) {
    adds_each_id_once(&open("ids").await).await;
    leases_in_order(&open("order").await).await;
    sends_one_of_a_key_at_a_time(&open("keys").await).await;
    settles_what_a_worker_has(&open("settle").await).await;
    queues_again(&open("again").await).await;
    lists_and_purges(&open("purge").await).await;
    leaves_nothing_to_an_ended_worker(&open("ended").await).await;
}

fn job(id: &str, key: &str) -> NewJob {
    let payload = to_raw_value(&serde_json::json!({"to": key, "text": "a\n\"text\" \u{202e}"})).expect("JSON");
    NewJob { id: id.into(), key: key.into(), payload }
}

async fn add(store: &dyn JobStore, jobs: &[(&str, &str)]) -> Vec<String> {
    let added = store.add(jobs.iter().map(|(id, key)| job(id, key)).collect()).await.expect("added");
    added.into_iter().map(|id| id.to_string()).collect()
}

/// Leases jobs, and returns their ids.
async fn lease(store: &dyn JobStore, worker: &WorkerId, most: usize) -> Vec<String> {
    let leased = store.lease(worker, most).await.expect("leased");
    leased.jobs.into_iter().map(|job| job.id.to_string()).collect()
}

async fn start(store: &dyn JobStore, worker: &WorkerId, ids: &[&str]) -> Vec<String> {
    let started = store.start(worker, ids.iter().map(|id| JobId::from(*id)).collect()).await.expect("started");
    started.into_iter().map(|id| id.to_string()).collect()
}

async fn update(store: &dyn JobStore, worker: &WorkerId, id: &str, state: NewState) {
    let error = (state != NewState::Sent).then(|| format!("the error of {id}"));
    store.update(worker, vec![JobUpdate { id: id.into(), state, error }]).await.expect("updated");
}

async fn counts(store: &dyn JobStore) -> [u64; 5] {
    let JobCounts { queued, leased, sent, refused, unknown } = store.counts().await.expect("counted");
    [queued, leased, sent, refused, unknown]
}

async fn adds_each_id_once(store: &dyn JobStore) {
    assert_eq!(add(store, &[("a", "1"), ("b", "2"), ("a", "3")]).await, ["a", "b"], "an id that is given twice");
    assert_eq!(add(store, &[("b", "2"), ("c", "3")]).await, ["c"], "an id that is known");
    assert_eq!(add(store, &[]).await, [""; 0]);
    let worker = WorkerId::random();
    lease(store, &worker, 1).await;
    start(store, &worker, &["a"]).await;
    update(store, &worker, "a", NewState::Sent).await;
    assert_eq!(add(store, &[("a", "1")]).await, [""; 0], "the id of a job that was sent");
    assert_eq!(counts(store).await, [2, 0, 1, 0, 0]);
}

async fn leases_in_order(store: &dyn JobStore) {
    let (one, other) = (WorkerId::random(), WorkerId::random());
    assert!(lease(store, &one, 8).await.is_empty());
    let jobs: Vec<_> = (0..20).map(|at| (format!("job-{at}"), format!("key-{at}"))).collect();
    let jobs: Vec<_> = jobs.iter().map(|(id, key)| (id.as_str(), key.as_str())).collect();
    add(store, &jobs).await;
    let leased = store.lease(&one, 3).await.expect("leased");
    let ids: Vec<_> = leased.jobs.iter().map(|job| job.id.as_str()).collect();
    assert_eq!(ids, ["job-0", "job-1", "job-2"]);
    let expected = job("job-0", "key-0");
    let first = &leased.jobs[0];
    assert_eq!((first.payload.get(), &*first.key, first.attempts), (expected.payload.get(), "key-0", 0));
    assert_eq!(lease(store, &other, 2).await, ["job-3", "job-4"], "a job is leased once");
    assert_eq!(counts(store).await, [15, 5, 0, 0, 0]);
}

async fn sends_one_of_a_key_at_a_time(store: &dyn JobStore) {
    let worker = WorkerId::random();
    add(store, &[("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a")]).await;
    for (expected, end) in [
        (&["a1", "b1"][..], NewState::Queued(Duration::ZERO)),
        (&["a1"], NewState::Unknown),
        (&["a2"], NewState::Refused),
        (&["a3"], NewState::Sent),
    ] {
        assert_eq!(lease(store, &worker, 8).await, expected);
        start(store, &worker, expected).await;
        assert!(lease(store, &worker, 8).await.is_empty());
        update(store, &worker, expected[0], end).await;
        if expected.len() > 1 {
            update(store, &worker, expected[1], NewState::Sent).await;
        }
    }
    assert_eq!(counts(store).await, [0, 0, 2, 1, 1]);
    // One that is queued again goes before those that were added later, but not beside them.
    add(store, &[("a4", "a")]).await;
    assert_eq!(lease(store, &worker, 8).await, ["a4"]);
    assert_eq!(store.requeue(vec!["a1".into()]).await.expect("queued"), 1);
    start(store, &worker, &["a4"]).await;
    assert!(lease(store, &worker, 8).await.is_empty());
    update(store, &worker, "a4", NewState::Sent).await;
    assert_eq!(lease(store, &worker, 8).await, ["a1"]);
}

async fn settles_what_a_worker_has(store: &dyn JobStore) {
    let (one, other) = (WorkerId::random(), WorkerId::random());
    add(store, &[("a", "1"), ("b", "2"), ("c", "3")]).await;
    lease(store, &one, 2).await;
    assert!(
        start(store, &other, &["a", "c", "nobody"]).await.is_empty(),
        "what a worker has not leased it may not send"
    );
    assert_eq!(start(store, &one, &["a", "b"]).await, ["a", "b"]);
    update(store, &other, "a", NewState::Sent).await;
    update(store, &other, "nobody", NewState::Sent).await;
    assert_eq!(counts(store).await, [1, 2, 0, 0, 0], "what a worker does not have it does not change");
    update(store, &one, "a", NewState::Refused).await;
    update(store, &one, "b", NewState::Unknown).await;
    let refused = store.jobs(JobState::Refused, 0, 9).await.expect("listed").jobs;
    assert_eq!((refused.len(), refused[0].error.as_deref(), refused[0].attempts), (1, Some("the error of a"), 1));
    assert!(refused[0].changed >= refused[0].added);
    assert_eq!(counts(store).await, [1, 0, 0, 1, 1]);
}

async fn queues_again(store: &dyn JobStore) {
    let worker = WorkerId::random();
    add(store, &[("a", "1"), ("b", "2")]).await;
    lease(store, &worker, 1).await;
    start(store, &worker, &["a"]).await;
    update(store, &worker, "a", NewState::Queued(Duration::from_secs(3600))).await;
    let leased = store.lease(&worker, 8).await.expect("leased");
    assert_eq!(leased.jobs.len(), 1, "a job that waits is passed by");
    let due = leased.next_due.expect("one waits");
    assert!(due > Duration::from_secs(3500) && due <= Duration::from_secs(3600), "{due:?}");
    start(store, &worker, &["b"]).await;
    update(store, &worker, "b", NewState::Unknown).await;
    assert!(lease(store, &worker, 8).await.is_empty(), "an unknown job is not sent again by itself");
    let asked = ["a", "b", "nobody"].map(JobId::from).to_vec();
    assert_eq!(store.requeue(asked).await.expect("queued"), 1, "only settled jobs are queued again");
    let leased = store.lease(&worker, 8).await.expect("leased").jobs;
    assert_eq!((leased.len(), leased[0].id.as_str(), leased[0].attempts), (1, "b", 1));
    start(store, &worker, &["b"]).await;
    update(store, &worker, "b", NewState::Sent).await;
    assert_eq!(store.requeue(vec!["b".into()]).await.expect("asked"), 0, "a sent job is not sent again");
}

async fn lists_and_purges(store: &dyn JobStore) {
    let worker = WorkerId::random();
    add(store, &[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "5")]).await;
    lease(store, &worker, 4).await;
    start(store, &worker, &["a", "b", "c", "d"]).await;
    for id in ["a", "b", "c"] {
        update(store, &worker, id, NewState::Sent).await;
    }
    update(store, &worker, "d", NewState::Unknown).await;
    let (mut ids, mut begin) = (Vec::new(), Some(0));
    while let Some(from) = begin {
        let page = store.jobs(JobState::Sent, from, 2).await.expect("listed");
        assert!(page.jobs.len() <= 2);
        ids.extend(page.jobs.into_iter().map(|job| job.id.to_string()));
        begin = page.next;
    }
    assert_eq!(ids, ["a", "b", "c"]);
    for state in [JobState::Queued, JobState::Leased] {
        store.purge(state).await.expect_err("jobs that are not settled stay");
    }
    assert_eq!(store.purge(JobState::Sent).await.expect("purged"), 3);
    assert_eq!(store.purge(JobState::Sent).await.expect("purged"), 0);
    assert_eq!(counts(store).await, [1, 0, 0, 0, 1]);
    let unknown = store.jobs(JobState::Unknown, 0, 9).await.expect("listed").jobs;
    assert_eq!((unknown[0].id.as_str(), unknown[0].attempts), ("d", 1));
    assert_eq!(unknown[0].error.as_deref(), Some("the error of d"));
    assert_eq!(add(store, &[("a", "1"), ("d", "4")]).await, ["a"], "a purged id is forgotten");
    assert_eq!(lease(store, &worker, 9).await, ["e", "a"]);
}

async fn leaves_nothing_to_an_ended_worker(store: &dyn JobStore) {
    // A store with leases finds out by itself, which its own tests show.
    if store.lease_time().is_some() {
        return;
    }
    let worker = WorkerId::random();
    add(store, &[("a", "1"), ("b", "2")]).await;
    lease(store, &worker, 2).await;
    start(store, &worker, &["a"]).await;
    store.abandon(&worker);
    assert_eq!(counts(store).await, [1, 0, 0, 0, 1], "what was started is unknown, and the rest is queued");
    assert!(start(store, &worker, &["b"]).await.is_empty(), "a worker that has ended starts nothing");
    assert!(lease(store, &worker, 2).await.is_empty());
    update(store, &worker, "a", NewState::Sent).await;
    assert_eq!(counts(store).await, [1, 0, 1, 0, 0], "an outcome that comes late is known");
}
