//! Opening a channel: where, with what, and every refusal.

use kandy_emulator::Emulator;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use super::client::{ACCEPT, Channel, KEY, ask, read_head};
use crate::fixture::{Kandy, connect, users};

/// The order of the login of kandy.js 2.x: token, limited details, configuration and channel, devices.
#[tokio::test]
async fn login_order_of_a_web_client() {
    let kandy = Kandy::start();
    let (domain, [russ]) = users(&kandy, ["russ"]).await;
    let token = kandy.user_token(&domain, "russ").await;
    let key = [("key", token.as_str())];
    kandy.call("user_limited_get", &key).await.result();
    let configuration = kandy.call("data_channel_configuration_get", &key).await;
    let configuration = configuration.result();
    // It connects to host and port of the configuration, `ws` unless `is_secure`, and sends no path.
    let (host, port) = (configuration["data_server_host"].as_str(), configuration["data_server_port"].as_u64());
    let address = format!("{}:{}", host.expect("a host"), port.expect("a port"));
    let is_secure = kandy.emulator.base_url().starts_with("https");
    assert_eq!((&configuration["is_secure"], address), (&json!(is_secure), crate::faults::address(&kandy.emulator)));
    let mut channel = Channel::open(&kandy.emulator, &token).await;
    channel.send(r#"{"message_type":"ping"}"#).await;
    channel.expect_silence().await;
    let devices = kandy.call("device_list", &key).await;
    assert_eq!(devices.result()["devices"][0]["id"], russ.device);
}

#[tokio::test]
async fn opens_on_the_root_and_on_version_roots() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let token = &russ.token;
    for path in ["/", "//v1.2/", "/v1.1", "/v1.2", "/v1.2/", "/V1.3", "/v1.3/", "/v1%2e2"] {
        // The dossier: early clients send the token alone.
        let mut channel = ask(&kandy.emulator, &format!("{path}?user_access_token={token}")).await.expect(path);
        channel.expect_silence().await;
    }
    let percent_encoded: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
    ask(&kandy.emulator, &format!("/?user_access_token={percent_encoded}")).await.expect("decoded");
    for path in ["/v1.4", "/v1.2/users", "/channel", "/v1.2/users/devices"] {
        let refused = ask(&kandy.emulator, &format!("{path}?user_access_token={token}")).await.expect_err(path);
        assert_ne!(refused.http, 101, "{path}");
    }
    // Without an upgrade, the root is what it was.
    let response = kandy.http.get(kandy.url("?user_access_token=").replace("/v1.2", "/")).send().await.expect("sent");
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn refuses_before_the_upgrade() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let revoked = kandy.user_token(&domain, "anna").await;
    let query = [("key", domain.key.as_str()), ("user_id", &anna.id), ("user_password", &anna.password)];
    let query = [&query[..], &[("user_access_token", revoked.as_str())]].concat();
    kandy.call("user_access_token_delete", &query).await.result();
    let account = kandy.account_token().await;
    for (query, http, status) in [
        (String::new(), 401, 15),
        ("?user_access_token=".to_owned(), 401, 15),
        (format!("?key={}", russ.token), 401, 15),
        ("?user_access_token=UAT00000000000000000000000000000000".to_owned(), 401, 55),
        (format!("?user_access_token={}", domain.token), 401, 11),
        (format!("?user_access_token={account}"), 401, 11),
        (format!("?user_access_token={revoked}"), 401, 10),
        ("?user_access_token=%ff".to_owned(), 400, 14),
    ] {
        let refused = ask(&kandy.emulator, &format!("/{query}")).await.expect_err(&query);
        assert_eq!((refused.http, &refused.json["status"]), (http, &json!(status)), "{query}");
    }
    kandy.emulator.advance(std::time::Duration::from_secs(3600));
    let expired = ask(&kandy.emulator, &format!("/?user_access_token={}", russ.token)).await.expect_err("expired");
    assert_eq!((expired.http, &expired.json["status"]), (401, &json!(10)));
}

/// RFC 6455, section 4.2: version 13, a key of 16 bytes, and `Upgrade` in both headers.
#[tokio::test]
async fn refuses_incomplete_handshakes() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let key = format!("Sec-WebSocket-Key: {KEY}\r\n");
    let whole = format!("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n{key}");
    for (method, version, from, to, http) in [
        ("GET", "1.1", "", "", 101),
        ("GET", "1.1", "keep-alive, Upgrade", "close", 400),
        ("GET", "1.1", "Version: 13", "Version: 8", 426),
        ("GET", "1.1", "Sec-WebSocket-Version: 13\r\n", "", 426),
        ("GET", "1.1", KEY, "short", 400),
        ("GET", "1.1", &key, "", 400),
        ("GET", "1.1", "Upgrade: WebSocket", "Upgrade: h2c", 404),
        ("POST", "1.1", "", "", 404),
        ("GET", "1.0", "", "", 400),
    ] {
        let headers = if from.is_empty() { whole.clone() } else { whole.replace(from, to) };
        let mut connection = connect(&kandy.emulator).await;
        let head = format!("{method} /?user_access_token={} HTTP/{version}\r\nHost: a\r\n{headers}\r\n", russ.token);
        connection.write_all(head.as_bytes()).await.expect("sent");
        let response = read_head(&mut connection).await;
        assert!(response.starts_with(&format!("HTTP/{version} {http} ")), "{method} {from} {to}: {response}");
        assert_eq!(response.contains("sec-websocket-version: 13\r\n"), http == 426, "{response}");
        assert_eq!(response.contains(&format!("sec-websocket-accept: {ACCEPT}\r\n")), http == 101);
    }
}

#[tokio::test]
async fn the_log_shows_the_upgrade_and_no_token() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let _channel = Channel::open(&kandy.emulator, &russ.token).await;
    ask(&kandy.emulator, "/v1.1?user_access_token=UATCANARY").await.expect_err("refused");
    let requests = kandy.emulator.requests();
    let lines: Vec<_> = requests.iter().rev().take(2).map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "GET /v1.1?user_access_token=*** -> 401, status 55",
            "GET /?client_sw_type=js&client_sw_version=2.6.0&user_access_token=*** -> 101",
        ]
    );
}

#[tokio::test]
async fn stopping_closes_channels() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    let mut other = Channel::open(&kandy.emulator, &russ.token).await;
    let emulator = kandy.emulator;
    let stopped = std::thread::spawn(move || drop(emulator));
    assert_eq!(channel.close_code().await, Some(1001));
    // This one is never read: the server does not wait for it.
    stopped.join().expect("it stops");
    assert_eq!(other.close_code().await, Some(1001));
}

#[tokio::test]
async fn a_channel_outlives_the_read_timeout() {
    let timeout = std::time::Duration::from_millis(50);
    let kandy = Kandy::on(Emulator::builder().read_timeout(timeout).start().expect("a free port"));
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    // These two are opened later, and time out one after the other: half a head, and an idle connection after that.
    for _ in 0..6 {
        let mut half = connect(&kandy.emulator).await;
        half.write_all(b"GET").await.expect("sent");
        assert_eq!(crate::faults::read(half).await.head, "");
    }
    channel.expect_silence().await;
    channel.send(Message::Close(None)).await;
    assert_eq!(channel.close_code().await, None);
}
