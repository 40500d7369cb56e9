//! Redis restarted, stopped, paused, full, with another password and with other data: clear errors, and calls go on.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::{Duration, Instant},
};

use kandy::{Kandy, TokenLock, TokenOwner, TokenStore, sys::operation::Level};
use kandy_emulator::Emulator;
use kandy_redis::{Error, Redis, RedisTokenStore};

use crate::support::{owner, redis_server::RedisServer};

const MINUTE: Duration = Duration::from_secs(60);
/// The timeout of a store whose server hangs.
const SHORT: Duration = Duration::from_millis(100);

/// Returns the error of Redis in that of a store.
fn of_redis(error: kandy::StoreError) -> Error {
    *error.downcast().expect("an error of this crate")
}

/// A client with a store calls the service, and returns how many tokens it minted for that.
async fn calls_go_on(what: &str, redis: &Redis) -> usize {
    let emulator = Emulator::start().expect("a free port");
    let builder = Kandy::builder().base_url(emulator.base_url()).token_store(RedisTokenStore::new(redis));
    let account = builder.build().expect("a client").account(emulator.account_key(), emulator.account_secret());
    account.domains().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    emulator.revoke_all_tokens();
    account.domains().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    emulator.requests().iter().filter(|request| request.operation == Some("account_access_token_get")).count()
}

#[tokio::test]
async fn a_restarted_redis_is_connected_to_again() {
    let Some(mut server) = RedisServer::start() else { return };
    let store = RedisTokenStore::new(&server.redis());
    store.store(&owner("russ"), &"UAT1".into()).await.expect("stored");
    server.restart();
    assert_eq!(store.load(&owner("russ")).await.expect("connected again"), None);
    server.restart();
    assert!(
        matches!(store.lock(&owner("russ"), MINUTE).await, Ok(TokenLock::Granted(_))),
        "and loads its scripts again"
    );
    server.stop();
    let error = of_redis(store.load(&owner("russ")).await.expect_err("stopped"));
    assert!(error.is_unreachable() && error.code().is_none(), "{error}");
    assert!(error.to_string().starts_with("cannot load a token at Redis /tmp/"), "{error}");
    assert_eq!(calls_go_on("stopped", &server.redis()).await, 2);
    server.restart();
    assert_eq!(store.load(&owner("russ")).await.expect("connected again"), None);
}

#[tokio::test]
async fn a_paused_redis_costs_its_timeout_and_no_call() {
    let Some(server) = RedisServer::start() else { return };
    let redis = server.redis().timeout(SHORT);
    let store = RedisTokenStore::new(&redis);
    store.store(&owner("russ"), &"UAT1".into()).await.expect("stored");
    server.pause();
    let begin = Instant::now();
    // The first with a connection, the second without one.
    for _ in 0..2 {
        let error = of_redis(store.load(&owner("russ")).await.expect_err("it hangs"));
        assert!(error.is_unreachable() && error.to_string().contains("did not respond in time"), "{error}");
    }
    assert_eq!(calls_go_on("paused", &redis).await, 2);
    assert!(begin.elapsed() < Duration::from_secs(20), "each access ends: {:?}", begin.elapsed());
    server.resume();
    let token = store.load(&owner("russ")).await.expect("connected again").expect("nothing is lost");
    assert_eq!(token.expose(), "UAT1");
}

#[tokio::test]
async fn a_lock_whose_holder_died_delays_a_call_until_it_ends() {
    let Some(server) = RedisServer::start() else { return };
    let emulator = Emulator::start().expect("a free port");
    let account_owner = TokenOwner::new(emulator.base_url(), Level::Account, emulator.account_key());
    let lock = format!("kandy:token:{}:lock", account_owner.fingerprint());
    let _: () = server.command(&["SET", &lock, "of a process that was killed", "PX", "300"]);
    let begin = Instant::now();
    let kandy = Kandy::builder().base_url(emulator.base_url()).token_store(RedisTokenStore::new(&server.redis()));
    let account = kandy.build().expect("a client").account(emulator.account_key(), emulator.account_secret());
    account.domains().await.expect("minted after the lock");
    assert!(begin.elapsed() >= Duration::from_millis(290), "{:?}", begin.elapsed());
    assert_eq!(server.command::<i64>(&["EXISTS", &lock]), 0, "the own lock is ended");
}

#[tokio::test]
async fn a_connection_that_died_without_a_sign_is_replaced() {
    // As behind a firewall that forgets connections: the first one is silent after its handshake, the others work.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("a connection");
            thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut buffer) {
                    let text = String::from_utf8_lossy(&buffer[..length]);
                    let handshake = "+OK\r\n".repeat(text.matches("SETINFO").count());
                    let token = if number > 0 && text.contains("GETRANGE") { "$4\r\nUAT1\r\n" } else { "" };
                    stream.write_all(format!("{handshake}{token}").as_bytes()).expect("it reads");
                }
            });
        }
    });
    let redis = Redis::open(format!("redis://{address}")).expect("a URL").timeout(5 * SHORT);
    let store = RedisTokenStore::new(&redis);
    let error = of_redis(store.load(&owner("russ")).await.expect_err("silent"));
    assert!(error.is_unreachable(), "{error}");
    assert!(store.load(&owner("russ")).await.expect("another connection").is_some());
}

#[tokio::test]
async fn refusals_of_redis_are_named_and_calls_go_on() {
    for (what, options, url, code, words) in [
        ("full", &["--maxmemory", "1"][..], "", "OOM", "maxmemory"),
        ("a password", &["--requirepass", "secret"], "", "NOAUTH", "password"),
        ("another password", &["--requirepass", "secret"], "?pass=wrong", "WRONGPASS", "password"),
        ("the password", &["--requirepass", "secret"], "?pass=secret", "", ""),
        ("another user", &[], "?user=russ&pass=wrong", "WRONGPASS", "user name"),
        ("a replica", &["--replicaof", "127.0.0.1", "1"], "", "READONLY", "primary"),
        ("no scripts", &["--rename-command", "EVALSHA", ""], "", "", ""),
    ] {
        let Some(server) = RedisServer::with(options) else { return };
        let redis = Redis::open(format!("{}{url}", server.url())).expect("a URL");
        let store = RedisTokenStore::new(&redis);
        match store.store(&owner("russ"), &"UAT1".into()).await.map_err(of_redis) {
            Ok(()) => assert_eq!(code, "", "{what}"),
            Err(error) => {
                assert_eq!(error.code(), Some(code), "{what}: {error}");
                assert!(error.to_string().contains(words) && !error.is_unreachable(), "{what}: {error}");
            }
        }
        assert_eq!(calls_go_on(what, &redis).await, 2, "{what}");
    }
}

#[tokio::test]
async fn data_of_another_kind_is_named_and_replaced() {
    let Some(server) = RedisServer::start() else { return };
    let store = RedisTokenStore::new(&server.redis());
    let key = format!("kandy:token:{}", owner("russ").fingerprint());
    let _: i64 = server.command(&["RPUSH", &key, "x"]);
    let error = of_redis(store.load(&owner("russ")).await.expect_err("a list"));
    assert_eq!(error.code(), Some("WRONGTYPE"), "{error}");
    store.store(&owner("russ"), &"UAT1".into()).await.expect("replaced");
    assert!(store.load(&owner("russ")).await.expect("a token").is_some());
    let _: i64 = server.command(&["RPUSH", &format!("{key}:lock"), "x"]);
    let error = of_redis(store.lock(&owner("russ"), MINUTE).await.expect_err("a list"));
    assert_eq!(error.code(), Some("WRONGTYPE"), "{error}");
}

#[tokio::test]
async fn an_address_that_nothing_listens_at_is_named() {
    for (url, reason) in [
        ("redis://127.0.0.1:1", "connection refused"),
        ("redis+unix:///tmp/kandy-redis-none.sock", "entity not found"),
        ("redis://none.invalid", ""),
    ] {
        let store = RedisTokenStore::new(&Redis::open(url).expect("a URL"));
        let error = of_redis(store.load(&owner("russ")).await.expect_err("nothing listens"));
        let address = url.rsplit("//").next().unwrap_or_default();
        assert!(error.is_unreachable() && error.to_string().contains(address), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}
