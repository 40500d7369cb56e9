//! Many processes at one Redis and one service.

use std::env;

use kandy::Kandy;
use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, Emulator};
use kandy_redis::{Redis, RedisTokenStore};

use crate::support::{
    process::{Process, report, wait_for_begin},
    redis_server::RedisServer,
};

/// Processes at once.
const PROCESSES: usize = 100;

/// One of them: calls the service in each step. As a test of its own it does nothing.
#[tokio::test]
async fn caller() {
    let (Ok(base_url), Ok(url)) = (env::var("KANDY_TEST_BASE_URL"), env::var("KANDY_TEST_REDIS")) else { return };
    let redis = Redis::open(url).expect("a URL");
    let kandy = Kandy::builder().base_url(base_url).token_store(RedisTokenStore::new(&redis));
    let account = kandy.build().expect("a client").account(DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET);
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
    let url = server.url();
    let variables = [("KANDY_TEST_BASE_URL", emulator.base_url()), ("KANDY_TEST_REDIS", url.as_str())];
    let mut processes: Vec<_> = (0..PROCESSES).map(|_| Process::start("processes::caller", &variables)).collect();
    processes.iter_mut().for_each(|process| assert_eq!(process.line(), "ready"));
    for (what, minted) in [("starting at once", 1), ("meeting an expired token", 2), ("with a token", 2)] {
        processes.iter_mut().for_each(Process::begin);
        processes.iter_mut().for_each(|process| assert_eq!(process.line(), "called", "{what}"));
        let mints = |request: &&kandy_emulator::LoggedRequest| request.operation == Some("account_access_token_get");
        assert_eq!(emulator.requests().iter().filter(mints).count(), minted, "{what}");
        if minted == 1 {
            emulator.revoke_all_tokens();
        }
    }
}
