//! Passwords of URLs and tokens appear in no error and in no `Debug`.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use kandy::TokenStore;
use kandy_redis::{EncryptionKey, Redis, RedisTokenStore};

use crate::support::{owner, redis_server::RedisServer};

const CANARY: &str = "canary";

/// Asserts that a text has no secret, and contains the words.
fn check(what: &str, text: &str, words: &[&str]) {
    assert!(!text.contains(CANARY), "{what}: {text}");
    for word in words {
        assert!(text.contains(word), "{what}: no {word:?} in {text}");
    }
}

#[test]
fn urls_show_their_address_alone() {
    for (url, shown) in [
        ("redis://russ:canary@127.0.0.1:1/3", "127.0.0.1:1/3"),
        ("redis://:canary@[::1]:6379", "::1:6379"),
        ("redis+unix:///tmp/none.sock?user=canary&pass=canary", "/tmp/none.sock"),
    ] {
        let redis = Redis::open(url).expect("a URL");
        let store = RedisTokenStore::new(&redis).encrypted(EncryptionKey::new([b'c'; 32]));
        check(url, &format!("{redis:?} {redis:#?}"), &[shown]);
        check(url, &format!("{store:?}"), &[shown, "***"]);
    }
    for url in [
        "",
        "canary",
        "redis:canary",
        "http://russ:canary@host",
        "redis://russ:canary@host/canary",
        "redis://russ:canary@host:99999",
        "redis://russ:canary@",
    ] {
        let error = Redis::open(url).expect_err(url);
        check(url, &format!("{error} {error:?}"), &["cannot use the URL of Redis"]);
    }
}

#[tokio::test]
async fn errors_of_commands_name_the_address_and_repeat_nothing_of_the_server() {
    // A server that repeats what it was sent, as Redis itself does with commands that it does not know.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut buffer) = (stream.expect("a connection"), [0; 4096]);
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]).replace(['\r', '\n'], " ");
                let reply = format!("-ERR unknown command, with args beginning with: {text}\r\n");
                // One for each command that the client sends together.
                if stream.write_all(reply.repeat(4).as_bytes()).is_err() {
                    break;
                }
            }
        }
    });
    let redis = Redis::open(format!("redis://russ:canary@{address}")).expect("a URL");
    let store = RedisTokenStore::new(&redis);
    for error in [
        store.load(&owner("russ")).await.expect_err("refused"),
        store.store(&owner("russ"), &"UAT-canary".into()).await.expect_err("refused"),
        store.unlock(&owner("russ"), "canary").await.expect_err("refused"),
    ] {
        check("a hostile server", &format!("{error} {error:?}"), &[&address.to_string()]);
    }
}

#[tokio::test]
async fn a_command_that_the_server_does_not_know_shows_no_token() {
    let Some(server) = RedisServer::with(&["--rename-command", "SET", "", "--rename-command", "EVALSHA", ""]) else {
        return;
    };
    let store = RedisTokenStore::new(&server.redis());
    for error in [
        store.store(&owner("russ"), &"UAT-canary".into()).await.expect_err("refused"),
        store.unlock(&owner("russ"), "canary").await.expect_err("refused"),
    ] {
        check("a command that is turned off", &format!("{error} {error:?}"), &["with ERR", "EVALSHA"]);
    }
}
