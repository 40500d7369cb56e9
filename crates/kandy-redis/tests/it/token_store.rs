//! Tokens and locks at a Redis that works.

use std::time::Duration;

use kandy::{Secret, TokenLock, TokenStore};
use kandy_redis::{EncryptionKey, RedisTokenStore};

use crate::support::{owner, redis_server::RedisServer};

const MINUTE: Duration = Duration::from_secs(60);

/// Returns a plain store, and an encrypted one.
fn stores(server: &RedisServer) -> [(&'static str, RedisTokenStore); 2] {
    let store = || RedisTokenStore::new(&server.redis());
    [("plain", store()), ("encrypted", store().encrypted(EncryptionKey::new([7; 32])))]
}

/// Returns the key of the tokens of an owner.
fn key(user_id: &str) -> String {
    format!("kandy:token:{}", owner(user_id).fingerprint())
}

async fn load(store: &RedisTokenStore, user_id: &str) -> Option<String> {
    store.load(&owner(user_id)).await.expect("Redis works").map(|token| token.expose().to_owned())
}

#[tokio::test]
async fn tokens_are_kept_by_owner_and_removed_only_if_they_are_still_the_same() {
    let Some(server) = RedisServer::start() else { return };
    for (what, store) in stores(&server) {
        let _: () = server.command(&["FLUSHALL"]);
        let (russ, anna) = (owner("russ"), owner("anna"));
        assert_eq!(load(&store, "russ").await, None, "{what}");
        store.store(&russ, &"UAT1".into()).await.expect("stored");
        assert_eq!((load(&store, "russ").await.as_deref(), load(&store, "anna").await), (Some("UAT1"), None), "{what}");
        store.store(&russ, &"UAT2".into()).await.expect("stored");
        for (owner, refused, left) in
            [(&russ, "UAT1", Some("UAT2")), (&anna, "UAT2", Some("UAT2")), (&russ, "UAT2", None)]
        {
            store.invalidate(owner, &refused.into()).await.expect("compared");
            assert_eq!(load(&store, "russ").await.as_deref(), left, "{what}: {refused}");
        }
    }
}

#[tokio::test]
async fn tokens_and_locks_end_by_themselves() {
    let Some(server) = RedisServer::start() else { return };
    let store = RedisTokenStore::new(&server.redis());
    for (ttl, from, to) in [
        (None, 86_000_000, 86_400_000),
        (Some(MINUTE), 50_000, 60_000),
        (Some(Duration::MAX), 315_000_000_000, 315_360_000_000),
    ] {
        let store = ttl.map_or(store.clone(), |ttl| store.clone().ttl(ttl));
        store.store(&owner("russ"), &"UAT1".into()).await.expect("stored");
        let left: i64 = server.command(&["PTTL", &key("russ")]);
        assert!((from..=to).contains(&left), "{ttl:?}: {left}");
    }
    store.clone().ttl(Duration::ZERO).store(&owner("anna"), &"UAT1".into()).await.expect("Redis takes no zero");
    store.lock(&owner("russ"), MINUTE).await.expect("locked");
    let left: i64 = server.command(&["PTTL", &format!("{}:lock", key("russ"))]);
    assert!((50_000..=60_000).contains(&left), "{left}");
}

#[tokio::test]
async fn one_process_holds_a_lock_and_only_that_one_ends_it() {
    let Some(server) = RedisServer::start() else { return };
    let (one, other) = (RedisTokenStore::new(&server.redis()), RedisTokenStore::new(&server.redis()));
    let russ = owner("russ");
    let Ok(TokenLock::Granted(id)) = one.lock(&russ, MINUTE).await else { panic!("it is free") };
    assert_eq!(other.lock(&russ, MINUTE).await.expect("Redis works"), TokenLock::Taken);
    assert!(matches!(other.lock(&owner("anna"), MINUTE).await, Ok(TokenLock::Granted(_))), "that of another owner");
    other.unlock(&russ, "of another process").await.expect("compared");
    assert_eq!(other.lock(&russ, MINUTE).await.expect("Redis works"), TokenLock::Taken);
    one.unlock(&russ, &id).await.expect("ended");
    assert!(matches!(other.lock(&russ, MINUTE).await, Ok(TokenLock::Granted(_))));
}

#[tokio::test]
async fn prefixes_and_databases_are_apart() {
    let Some(server) = RedisServer::start() else { return };
    let other = kandy_redis::Redis::open(format!("{}?db=1", server.url())).expect("a URL");
    let store = RedisTokenStore::new(&server.redis());
    store.store(&owner("russ"), &"UAT1".into()).await.expect("stored");
    for (what, redis, expected) in [
        ("the same", server.redis().prefix("kandy"), Some("UAT1")),
        ("another prefix", server.redis().prefix("other"), None),
        ("another database", other, None),
    ] {
        assert_eq!(load(&RedisTokenStore::new(&redis), "russ").await.as_deref(), expected, "{what}");
    }
}

#[tokio::test]
async fn what_is_no_token_of_this_owner_and_key_counts_as_none_and_is_replaced() {
    let Some(server) = RedisServer::start() else { return };
    let [(_, plain), (_, encrypted)] = stores(&server);
    let other_key = RedisTokenStore::new(&server.redis()).encrypted(EncryptionKey::new([8; 32]));
    encrypted.store(&owner("anna"), &"UAT-anna".into()).await.expect("stored");
    for (what, store) in [("plain", &plain), ("encrypted", &encrypted)] {
        for value in ["", "\u{1}", "\u{1}short", "line\nbreak", &"x".repeat(20_000)] {
            let _: () = server.command(&["SET", &key("russ"), value]);
            assert_eq!(load(store, "russ").await, None, "{what}: {:.20}", value);
        }
    }
    for (what, writer, reader) in [
        ("with the key for a plain token", &plain, &encrypted),
        ("without the key", &encrypted, &plain),
        ("with another key", &encrypted, &other_key),
    ] {
        writer.store(&owner("russ"), &"UAT1".into()).await.expect("stored");
        assert_eq!(load(reader, "russ").await, None, "{what}");
        // A token that this process does not know is not removed by it.
        reader.invalidate(&owner("russ"), &"UAT1".into()).await.expect("compared");
        assert_eq!(load(writer, "russ").await.as_deref(), Some("UAT1"), "{what}");
        reader.store(&owner("russ"), &"UAT2".into()).await.expect("replaced");
        assert_eq!(load(reader, "russ").await.as_deref(), Some("UAT2"), "{what}");
    }
    let _: i64 = server.command(&["COPY", &key("anna"), &key("russ"), "REPLACE"]);
    assert_eq!(load(&encrypted, "russ").await, None, "a token that was copied from another owner");
    assert_eq!(load(&encrypted, "anna").await.as_deref(), Some("UAT-anna"));
}

#[tokio::test]
async fn an_encrypted_token_cannot_be_read_in_redis() {
    let Some(server) = RedisServer::start() else { return };
    for (what, store) in stores(&server) {
        let secret = Secret::from("UAT-canary-of-the-token");
        store.store(&owner("russ"), &secret).await.expect("stored");
        let value: Vec<u8> = server.command(&["GET", &key("russ")]);
        assert_eq!(String::from_utf8_lossy(&value).contains("canary"), what == "plain", "{what}");
    }
}
