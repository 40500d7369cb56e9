//! Many processes at one Redis and one service.

use std::{
    env,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use futures_util::future::join_all;
use kandy::{Account, AttemptEvent, CallEvent, Kandy, KandyBuilder, Observer, RateLimit};
use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, Emulator};
use kandy_redis::{Redis, RedisRateLimit, RedisTokenStore};

use crate::support::{
    process::{Process, report, wait_for_begin},
    redis_server::RedisServer,
};

/// Starts processes that run a test of this module, and waits until they are ready.
fn start(count: usize, test: &str, emulator: &Emulator, server: &RedisServer) -> Vec<Process> {
    let url = server.url();
    let variables = [("KANDY_TEST_BASE_URL", emulator.base_url()), ("KANDY_TEST_REDIS", url.as_str())];
    let mut processes: Vec<_> = (0..count).map(|_| Process::start(test, &variables)).collect();
    processes.iter_mut().for_each(|process| assert_eq!(process.line(), "ready"));
    processes
}

/// In a process: returns the server, and a client that shares its tokens. `None` in a test of its own.
fn in_process() -> Option<(Redis, KandyBuilder)> {
    let (base_url, url) = (env::var("KANDY_TEST_BASE_URL").ok()?, env::var("KANDY_TEST_REDIS").ok()?);
    let redis = Redis::open(url).expect("a URL");
    let builder = Kandy::builder().base_url(base_url).token_store(RedisTokenStore::new(&redis));
    Some((redis, builder))
}

fn account(builder: KandyBuilder) -> Account {
    builder.build().expect("a client").account(DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET)
}

/// Returns how many tokens were minted.
fn mints(emulator: &Emulator) -> usize {
    emulator.requests().iter().filter(|request| request.operation == Some("account_access_token_get")).count()
}

/// A process that calls the service in each step. As a test of its own it does nothing.
#[tokio::test]
async fn caller() {
    let Some((_, builder)) = in_process() else { return };
    let account = account(builder);
    report("ready");
    loop {
        wait_for_begin();
        match account.domains().await {
            Ok(_) => report("called"),
            Err(error) => report(&error.to_string()),
        }
    }
}

#[test]
fn a_hundred_processes_make_one_token_request() {
    let Some(server) = RedisServer::start() else { return };
    let emulator = Emulator::start().expect("a free port");
    let mut processes = start(100, "processes::caller", &emulator, &server);
    for (what, minted) in [("starting at once", 1), ("meeting an expired token", 2), ("with a token", 2)] {
        processes.iter_mut().for_each(Process::begin);
        processes.iter_mut().for_each(|process| assert_eq!(process.line(), "called", "{what}"));
        assert_eq!(mints(&emulator), minted, "{what}");
        if minted == 1 {
            emulator.revoke_all_tokens();
        }
    }
}

/// The rate that the processes share, and how many calls each of them makes.
const RATE: u32 = 100;
const CALLS: usize = 30;

/// Keeps when attempts began, in microseconds of the wall clock, which the processes of a machine share.
#[derive(Clone, Debug, Default)]
struct Begun(Arc<Mutex<Vec<u128>>>);

impl Observer for Begun {
    fn call_finished(&self, _: &CallEvent<'_>) {}

    fn attempt_finished(&self, attempt: &AttemptEvent<'_>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        self.0.lock().expect("no panic").push((now - attempt.elapsed).as_micros());
    }
}

/// A process that makes its calls at once, under the shared limit, and reports when their attempts began. As a test of its
/// own it does nothing.
#[tokio::test]
async fn sender() {
    let Some((redis, builder)) = in_process() else { return };
    let begun = Begun::default();
    let limit = RedisRateLimit::new(&redis, "sms", RateLimit::per_second(RATE));
    let account = account(builder.shared_rate_limit(limit).observer(begun.clone()));
    report("ready");
    wait_for_begin();
    for outcome in join_all((0..CALLS).map(|_| account.domains().send())).await {
        outcome.expect("a turn");
    }
    let times: Vec<_> = begun.0.lock().expect("no panic").iter().map(u128::to_string).collect();
    report(&times.join(" "));
}

#[test]
fn ten_processes_keep_to_one_rate() {
    let Some(server) = RedisServer::start() else { return };
    let emulator = Emulator::start().expect("a free port");
    let mut processes = start(10, "processes::sender", &emulator, &server);
    processes.iter_mut().for_each(Process::begin);
    let mut times: Vec<u128> = Vec::new();
    for process in &mut processes {
        times.extend(process.line().split(' ').map(|time| time.parse::<u128>().expect("a time")));
    }
    times.sort_unstable();
    assert_eq!((times.len(), emulator.requests().len(), mints(&emulator)), (301, 301, 1));
    let interval = 1_000_000 / u128::from(RATE);
    // An attempt may begin late, as a busy machine lets it, and the one at the end of the window in time: a window is then
    // shorter than its turns by that. The turns themselves are judged exactly, in `rate_limit`.
    let late = 300_000;
    for window in times.windows(201) {
        let took = window[200] - window[0];
        assert!(took + late >= 200 * interval, "200 turns in {took} µs");
    }
    let took = times[300] - times[0];
    println!("300 turns in {} ms: {:.2} a second", took / 1000, 300.0 * 1e6 / took as f64);
}
