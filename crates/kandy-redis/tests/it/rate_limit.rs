//! The limit that processes share: its turns by the clock of Redis, and its failures. Its rate with real processes is in
//! `processes`.

use std::time::Duration;

use futures_util::future::join_all;
use kandy::{Error, Kandy, Phase, RateLimit, SharedRateLimit};
use kandy_emulator::Emulator;
use kandy_redis::{Redis, RedisRateLimit, RedisTokenStore};

use crate::support::redis_server::RedisServer;

const HOUR: Duration = Duration::from_secs(3600);
const KEY: &str = "kandy:limit:sms";

fn limit(redis: &Redis, limit: RateLimit) -> RedisRateLimit {
    RedisRateLimit::new(redis, "sms", limit)
}

/// Reserves a turn within an hour, and returns the wait in microseconds.
async fn reserve(limit: &RedisRateLimit) -> Option<u128> {
    limit.reserve(HOUR).await.expect("Redis works").map(|wait| wait.as_micros())
}

/// Returns the code with which Redis refused to reserve a turn.
async fn refusal(limit: &RedisRateLimit) -> Option<String> {
    let error = limit.reserve(HOUR).await.expect_err("refused");
    let error = error.downcast::<kandy_redis::Error>().expect("an error of this crate");
    error.code().map(str::to_owned)
}

/// Returns the clock of Redis, in microseconds.
fn now(server: &RedisServer) -> u64 {
    let (seconds, microseconds): (u64, u64) = server.command(&["TIME"]);
    seconds * 1_000_000 + microseconds
}

/// Returns the time of the next turn.
fn next(server: &RedisServer) -> u64 {
    server.command(&["GET", KEY])
}

#[tokio::test]
async fn turns_of_all_clients_together_keep_to_the_rate() {
    let Some(server) = RedisServer::start() else { return };
    for (rate, interval) in [
        (RateLimit::per_second(100), 10_000),
        (RateLimit::per_second(3), 333_334),
        (RateLimit::per_minute(600), 100_000),
        (RateLimit::per_second(10).burst(20), 100_000),
    ] {
        let _: () = server.command(&["FLUSHALL"]);
        let clients: Vec<_> = (0..10).map(|_| limit(&server.redis(), rate)).collect();
        let before = now(&server);
        let waits = join_all(clients.iter().flat_map(|client| (0..30).map(move |_| reserve(client)))).await;
        let after = now(&server);
        // Reserved faster than they pass, so that they follow each other: the last one ends 300 intervals after the first.
        let end = before + 300 * interval..=after + 300 * interval;
        assert!(end.contains(&next(&server)), "{rate}: {} is not in {end:?}", next(&server));
        let last = next(&server);
        reserve(&clients[0]).await.expect("a turn");
        assert_eq!(next(&server) - last, interval, "{rate}: rounded up, never faster");
        let at_once = waits.iter().filter(|wait| **wait == Some(0)).count();
        let burst = rate.burst_size() as usize;
        let passed = usize::try_from((after - before) / interval).expect("small");
        assert!((burst..=burst + passed).contains(&at_once), "{rate}: {at_once} at once");
        let mut waits: Vec<_> = waits.into_iter().flatten().filter(|wait| *wait > 0).collect();
        waits.sort_unstable();
        let longest = waits.last().copied().unwrap_or_default();
        assert!(longest <= u128::from(interval) * (300 - u128::from(rate.burst_size())), "{rate}: {longest}");
    }
}

#[tokio::test]
async fn a_turn_depends_on_the_state_the_burst_and_the_longest_wait() {
    let Some(server) = RedisServer::start() else { return };
    let second = RateLimit::per_second(1);
    for (what, state, rate, longest, wait) in [
        ("the first", None, second, 0, Some(0)),
        ("long after the last", Some(-60_000_000), second, 0, Some(0)),
        ("soon after the last", Some(60_000_000), second, 61, Some(60)),
        ("too soon", Some(60_000_000), second, 59, None),
        ("within the burst", Some(60_000_000), second.burst(61), 0, Some(0)),
        ("after the burst", Some(60_000_000), second.burst(31), 60, Some(30)),
        ("a rate of a day", None, RateLimit::per_hour(0.05), 0, Some(0)),
    ] {
        let _: () = server.command(&["FLUSHALL"]);
        let before = now(&server);
        if let Some(offset) = state {
            let _: () = server.command(&["SET", KEY, &before.checked_add_signed(offset).expect("a time").to_string()]);
        }
        let stored: Option<u64> = server.command(&["GET", KEY]);
        let turn = limit(&server.redis(), rate).reserve(Duration::from_secs(longest)).await.expect("Redis works");
        // Time has passed since it was read, so the wait is a little shorter.
        let rounded_up = turn.map(|turn| turn.as_micros().div_ceil(1_000_000));
        let passed = u128::from((now(&server) - before).div_ceil(1_000_000));
        let expected = wait.map(|wait: u128| wait.saturating_sub(passed)..=wait);
        assert_eq!(expected.is_some(), turn.is_some(), "{what}: {turn:?}");
        assert!(expected.is_none_or(|expected| expected.contains(&rounded_up.unwrap_or_default())), "{what}: {turn:?}");
        if turn.is_none() {
            assert_eq!(server.command::<Option<u64>>(&["GET", KEY]), stored, "{what}: nothing is reserved");
        } else {
            // It expires a second after it says anything.
            let (left, next) = (server.command::<u64>(&["PTTL", KEY]), next(&server));
            assert!(now(&server) + left * 1000 >= next && left <= 24 * 3_600_000 + 1_100, "{what}: {left}");
        }
    }
}

#[tokio::test]
async fn names_and_prefixes_are_apart() {
    let Some(server) = RedisServer::start() else { return };
    let hour = RateLimit::per_hour(1);
    assert_eq!(reserve(&limit(&server.redis(), hour)).await, Some(0));
    for (what, other, is_apart) in [
        ("the same", limit(&server.redis(), hour), false),
        ("another name", RedisRateLimit::new(&server.redis(), "chat", hour), true),
        ("another prefix", limit(&server.redis().prefix("other"), hour), true),
    ] {
        assert_eq!(reserve(&other).await == Some(0), is_apart, "{what}");
    }
}

#[tokio::test]
async fn after_a_restart_without_data_turns_go_on_behind_the_own_ones() {
    let Some(mut server) = RedisServer::start() else { return };
    let minute = RateLimit::per_minute(1);
    let limit = limit(&server.redis(), minute);
    for _ in 0..3 {
        reserve(&limit).await.expect("a turn");
    }
    let before = next(&server);
    server.restart();
    reserve(&limit).await.expect("connected again");
    assert_eq!(next(&server), before + 60_000_000);
    // A process that starts now goes on behind it.
    reserve(&RedisRateLimit::new(&server.redis(), "sms", minute)).await.expect("a turn");
    assert_eq!(next(&server), before + 120_000_000);
}

#[tokio::test]
async fn other_data_at_the_key_is_named_and_kept() {
    let Some(server) = RedisServer::start() else { return };
    for command in [&["RPUSH", KEY, "x"][..], &["SET", KEY, "x"], &["SET", KEY, ""], &["SET", KEY, "12 monkeys"]] {
        let _: () = server.command(&["FLUSHALL"]);
        let _: kandy_redis::redis::Value = server.command(command);
        let limit = limit(&server.redis(), RateLimit::per_second(1));
        assert_eq!(refusal(&limit).await.as_deref(), Some("WRONGTYPE"), "{command:?}");
        assert_eq!(server.command::<i64>(&["EXISTS", KEY]), 1, "{command:?}");
    }
}

/// Calls the service, and returns the error and the requests that it got.
async fn call(redis: &Redis, rate: RateLimit, deadline: Duration) -> (kandy::Result<()>, usize) {
    let emulator = Emulator::start().expect("a free port");
    let builder = Kandy::builder().base_url(emulator.base_url()).shared_rate_limit(limit(redis, rate));
    let account = builder.deadline(deadline).build().expect("a client");
    let account = account.account(emulator.account_key(), emulator.account_secret());
    let result = account.domains().await.map(drop);
    (result, emulator.requests().len())
}

#[tokio::test]
async fn without_redis_nothing_is_sent() {
    for (what, options, url, words) in [
        ("stopped", &[][..], "", "check the address"),
        ("paused", &[], "", "did not respond in time"),
        ("full", &["--maxmemory", "1"], "", "OOM"),
        ("with a password", &["--requirepass", "secret"], "", "NOAUTH"),
        ("with another password", &["--requirepass", "secret"], "?pass=wrong", "WRONGPASS"),
        ("a replica", &["--replicaof", "127.0.0.1", "1"], "", "READONLY"),
        ("without scripts", &["--rename-command", "EVALSHA", ""], "", "EVALSHA"),
    ] {
        let Some(mut server) = RedisServer::with(options) else { return };
        let redis = Redis::open(format!("{}{url}", server.url())).expect("a URL").timeout(Duration::from_millis(200));
        match what {
            "stopped" => server.stop(),
            "paused" => server.pause(),
            _ => {}
        }
        let (result, sent) = call(&redis, RateLimit::per_second(100), HOUR).await;
        let error = result.expect_err(what);
        assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::SharedLimit), "{what}: {error}");
        assert!(error.to_string().contains(words) && error.to_string().contains("at Redis /tmp/"), "{what}: {error}");
        assert!(error.is_retryable() && !error.may_have_been_applied(), "{what}: {error}");
        assert_eq!(sent, 0, "{what}");
        match what {
            "stopped" => server.restart(),
            "paused" => server.resume(),
            _ => continue,
        }
        let (result, sent) = call(&redis, RateLimit::per_second(100), HOUR).await;
        assert!(result.is_ok() && sent == 2, "{what}, and back again: {result:?}");
    }
}

#[tokio::test]
async fn a_turn_beyond_the_deadline_is_left_to_others() {
    let Some(server) = RedisServer::start() else { return };
    reserve(&limit(&server.redis(), RateLimit::per_minute(1))).await.expect("a turn");
    let before = next(&server);
    let (result, sent) = call(&server.redis(), RateLimit::per_minute(1), Duration::from_secs(20)).await;
    let error = result.expect_err("the next is in a minute");
    assert!(error.is_rate_limited() && error.to_string().contains("all processes together, 1/min"), "{error}");
    assert_eq!((sent, next(&server)), (0, before));
}

#[test]
fn blocking_clients_share_tokens_and_limits() {
    let Some(server) = RedisServer::start() else { return };
    let emulator = Emulator::start().expect("a free port");
    // Built where no runtime is running: they connect on the thread of each client.
    let redis = server.redis();
    for calls in 1..=3 {
        let builder = Kandy::builder().base_url(emulator.base_url()).token_store(RedisTokenStore::new(&redis));
        let builder = builder.shared_rate_limit(limit(&redis, RateLimit::per_hour(1).burst(10)));
        let kandy = builder.build_blocking().expect("a client");
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        account.domains().send().unwrap_or_else(|error| panic!("client {calls}: {error}"));
        assert_eq!(emulator.requests().len(), calls + 1, "one request for the token, and one for each call");
    }
}
