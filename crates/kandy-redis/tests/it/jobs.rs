//! Jobs on a real Redis.

use std::time::Duration;

use kandy_outbox::{JobId, JobState, JobStore, JobUpdate, NewJob, NewState, WorkerId, testing};
use kandy_redis::{Redis, RedisJobStore};
use serde_json::value::to_raw_value;

use crate::support::redis_server::RedisServer;

fn job(id: &str) -> NewJob {
    NewJob { id: id.into(), key: id.into(), payload: to_raw_value("text").expect("JSON") }
}

fn ids(ids: &[&str]) -> Vec<JobId> {
    ids.iter().map(|id| JobId::from(*id)).collect()
}

async fn counts(store: &RedisJobStore) -> [u64; 5] {
    let counts = store.counts().await.expect("counted");
    JobState::ALL.map(|state| counts.of(state))
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_store() {
    let Some(server) = RedisServer::start() else { return };
    let redis = server.redis().timeout(Duration::from_secs(30));
    testing::check_store(async |name| RedisJobStore::new(&redis, name).trust_durability()).await;
}

#[tokio::test]
async fn what_a_dead_worker_started_is_unknown_and_the_rest_goes_to_others() {
    let Some(server) = RedisServer::start() else { return };
    let store = RedisJobStore::new(&server.redis().timeout(Duration::from_secs(30)), "dead")
        .trust_durability()
        .dead_after(Duration::from_secs(1));
    let (dead, other) = (WorkerId::random(), WorkerId::random());
    store.add(["a", "b", "c", "d"].map(job).to_vec()).await.expect("added");
    assert_eq!(store.lease(&dead, 3).await.expect("leased").jobs.len(), 3);
    store.start(&dead, ids(&["a", "b"])).await.expect("started");
    // The clock of Redis decides, so the test waits for it.
    let leased = loop {
        let mut jobs = store.lease(&other, 9).await.expect("leased").jobs;
        jobs.retain(|job| job.id.as_str() != "d");
        match jobs.is_empty() {
            true => store.start(&other, ids(&["d"])).await.map(drop).expect("started"),
            false => break jobs,
        }
    };
    assert_eq!(leased.iter().map(|job| job.id.as_str()).collect::<Vec<_>>(), ["c"]);
    assert_eq!(counts(&store).await, [0, 2, 0, 0, 2]);
    // It comes back: it may not start what others have, and the outcome of what it had started is known late.
    assert!(store.start(&dead, ids(&["a", "c"])).await.expect("asked").is_empty());
    let late = JobUpdate { id: "a".into(), state: NewState::Sent, error: None };
    store.update(&dead, vec![late]).await.expect("recorded");
    assert_eq!(counts(&store).await, [0, 2, 1, 0, 1]);
    let unknown = store.jobs(JobState::Unknown, 0, 9).await.expect("listed").jobs;
    assert!(unknown[0].error.as_ref().is_some_and(|error| error.contains("was not heard of")), "{unknown:?}");
}

#[tokio::test]
async fn a_redis_that_could_forget_is_refused() {
    for (options, reason) in [
        (&[][..], Some("set `appendonly yes`")),
        (&["--appendonly", "yes"], Some("set `appendfsync always`")),
        (&["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "allkeys-lru"], Some("noeviction")),
        (&["--appendonly", "yes", "--appendfsync", "always"], None),
    ] {
        let Some(server) = RedisServer::with(options) else { return };
        let store = RedisJobStore::new(&server.redis().timeout(Duration::from_secs(30)), "durable");
        let leased = store.lease(&WorkerId::random(), 1).await;
        match reason {
            Some(reason) => {
                let error = leased.expect_err("refused");
                assert!(error.is_permanent(), "{error}");
                let error = error.to_string();
                assert!(error.contains(reason) && error.contains("trust_durability"), "{error}");
            }
            None => drop(leased.expect("accepted")),
        }
    }
}

#[tokio::test]
async fn trouble_with_redis_is_a_clear_error_and_loses_nothing() {
    let Some(mut server) = RedisServer::with(&["--appendonly", "yes", "--appendfsync", "always"]) else { return };
    // Long, so that a busy machine is no trouble.
    let redis = server.redis().timeout(Duration::from_secs(30));
    let (store, worker) = (RedisJobStore::new(&redis, "trouble"), WorkerId::random());
    store.add(["a", "b"].map(job).to_vec()).await.expect("added");
    store.lease(&worker, 1).await.expect("leased");
    store.start(&worker, ids(&["a"])).await.expect("started");
    server.pause();
    let hasty = RedisJobStore::new(&redis.clone().timeout(Duration::from_millis(50)), "trouble");
    let error = hasty.counts().await.expect_err("it hangs").to_string();
    assert!(error.contains("the outbox trouble failed") && error.contains("did not respond in time"), "{error}");
    server.resume();
    server.restart();
    // It reads its data back first, and says so meanwhile.
    while let Err(error) = store.counts().await {
        assert!(error.to_string().contains("LOADING"), "{error}");
    }
    assert_eq!(counts(&store).await, [1, 1, 0, 0, 0], "what was confirmed is still there");
    let sent = JobUpdate { id: "a".into(), state: NewState::Sent, error: None };
    store.update(&worker, vec![sent]).await.expect("recorded");
    server.command::<()>(&["CONFIG", "SET", "maxmemory", "1"]);
    let error = store.add(vec![job("c")]).await.expect_err("it is full").to_string();
    assert!(error.contains("OOM") && error.contains("maxmemory"), "{error}");
    server.command::<()>(&["CONFIG", "SET", "maxmemory", "0"]);
    assert_eq!(counts(&store).await, [1, 0, 1, 0, 0]);
    server.command::<()>(&["SET", "kandy:jobs:wrong:stream", "text"]);
    let wrong = RedisJobStore::new(&redis, "wrong");
    let error = wrong.add(vec![job("a")]).await.expect_err("another kind");
    assert!(error.is_permanent() && error.to_string().contains("WRONGTYPE"), "{error}");
    let debug = format!("{:?}", RedisJobStore::new(&Redis::open("redis://:s3cret@localhost").expect("a URL"), "x"));
    assert!(!debug.contains("s3cret"), "{debug}");
}
