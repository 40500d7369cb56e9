//! How a channel is opened: where, with which request, and what is no channel (dossier, section 2).

use std::time::Duration;

use kandy::Error;
use serde_json::{Value, json};

use super::{connected, ended, lost, open};
use crate::support::{
    channel_server::{ChannelServer, Upgrade},
    mock_server::{json_response, response},
};

#[tokio::test]
async fn the_request_is_that_of_other_clients() {
    let mut server = ChannelServer::start().await;
    let mut channel = server.kandy.user_with_token("UAT +/&=%ü").channel().client_software("js 2", "2.6.0&x=1");
    let (upgrade, ()) = tokio::join!(server.upgrade(), async {
        assert!(futures_util::FutureExt::now_or_never(channel.next()).is_none());
    });
    let request = &upgrade.request;
    assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/"));
    let expected =
        "/?client_sw_type=js%202&client_sw_version=2.6.0%26x%3D1&user_access_token=UAT%20%2B%2F%26%3D%25%C3%BC";
    assert_eq!(request.target, expected);
    let mut headers: Vec<_> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    headers.sort_unstable();
    let expected = ["accept", "connection", "host", "sec-websocket-key", "sec-websocket-version", "upgrade"];
    headers.retain(|name| *name != "user-agent");
    assert_eq!(headers, expected, "no cookie, no origin, no referrer, no subprotocol, no extension");
    assert_eq!(request.header("connection").map(str::to_ascii_lowercase).as_deref(), Some("upgrade"));
    assert_eq!(request.header("upgrade"), Some("websocket"));
    assert_eq!(request.header("sec-websocket-version"), Some("13"));
    let key = request.header("sec-websocket-key").expect("a key").to_owned();
    assert_eq!(key.len(), 24, "16 bytes in base64");
    upgrade.respond(response(503, "", "")).await;
    lost(&mut channel).await;
    assert_ne!(server.upgrade().await.request.header("sec-websocket-key"), Some(key.as_str()));

    let mut channel = server.user.channel();
    assert!(futures_util::FutureExt::now_or_never(channel.next()).is_none());
    let request = loop {
        // The first channel goes on trying.
        let upgrade = server.upgrade().await;
        if upgrade.token() == "UAT-1" {
            break upgrade.request;
        }
    };
    assert_eq!(request.parameter("client_sw_type"), Some("js"));
    assert_eq!(request.parameter("client_sw_version"), Some(env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn the_host_is_read_in_each_form() {
    for (host, is_port_in_host) in [
        ("127.0.0.1", false),
        (" 127.0.0.1 ", false),
        ("http://127.0.0.1", false),
        ("https://127.0.0.1/", false),
        ("ws://127.0.0.1/path?x=y#z", false),
        ("www.127.0.0.1", false),
        ("http://www.127.0.0.1/v1.2", false),
        ("localhost", false),
        // The port of its own member is preferred.
        ("127.0.0.1:1", false),
        ("127.0.0.1:PORT", true),
        ("http://127.0.0.1:PORT/x", true),
        ("localhost:PORT", true),
    ] {
        let ports = match is_port_in_host {
            true => vec![json!(0), Value::Null, json!("missing")],
            false => vec![json!("own"), json!("own as text")],
        };
        for given in ports {
            let mut server = ChannelServer::start().await;
            let own = server.rest().configuration["data_server_port"].clone();
            let mut configuration = json!({"is_secure": false, "data_server_port": given});
            configuration["data_server_host"] = host.replace("PORT", &own.to_string()).into();
            match given.as_str() {
                Some("own") => configuration["data_server_port"] = own,
                Some("own as text") => configuration["data_server_port"] = own.to_string().into(),
                Some(_) => drop(configuration.as_object_mut().expect("an object").remove("data_server_port")),
                None => {}
            }
            server.rest().configuration = configuration;
            drop(open(&mut server).await);
        }
    }
}

#[tokio::test]
async fn an_address_that_would_send_the_token_elsewhere_is_refused() {
    for (configuration, reason) in [
        (json!({"data_server_host": "192.0.2.1", "is_secure": false}), "plain HTTP"),
        (json!({"data_server_host": "http://kandy.example", "is_secure": false}), "plain HTTP"),
        (json!({"data_server_host": "127.0.0.1.example.com", "is_secure": false}), "plain HTTP"),
        (json!({"data_server_host": "user@127.0.0.1", "is_secure": false}), "not a host"),
        (json!({"data_server_host": "127.0.0.1:secret@example.com", "is_secure": true}), "not a host"),
        (
            json!({"data_server_host": "127.0.0.1:1@example.com", "data_server_port": 5, "is_secure": true}),
            "not a host",
        ),
        (json!({"data_server_host": "example.com?x=y", "is_secure": true}), "not a host"),
        (json!({"data_server_host": "example.com#x", "is_secure": true}), "not a host"),
        (json!({"data_server_host": "example.com\\x", "is_secure": true}), "not a host"),
        (json!({"data_server_host": "[::1]x", "is_secure": true}), "not a host"),
        (json!({"data_server_host": "[::1", "is_secure": true}), "not a"),
        (json!({"data_server_host": "127.0.0.1:x", "is_secure": false}), "not a host"),
        (json!({"data_server_host": "exa mple", "is_secure": true}), "not a URL"),
        (json!({"data_server_host": "127.0.0.1", "data_server_port": 65536, "is_secure": false}), "not a URL"),
        (json!({"data_server_host": "127.0.0.1", "data_server_port": -1, "is_secure": false}), "not a URL"),
    ] {
        let server = ChannelServer::start().await;
        server.rest().configuration = configuration.clone();
        let error = ended(&mut server.user.channel()).await;
        let Error::Argument(argument) = &error else { panic!("{configuration}: {error:?}") };
        assert_eq!(argument.argument(), "data_server_host", "{configuration}");
        assert!(argument.reason().contains(reason), "{configuration}: {error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        assert_eq!(server.waiting_upgrades(), 0);
    }
    // Without a host, which a later configuration may have.
    for host in [Value::Null, json!(""), json!("https://"), json!("/v1.2"), json!("www.")] {
        let server = ChannelServer::start().await;
        server.rest().configuration["data_server_host"] = host.clone();
        let (wait, error) = lost(&mut server.user.channel()).await;
        assert!(matches!(error, Error::Decode(_)) && wait.is_zero(), "{host}: {error:?}");
    }
}

#[tokio::test]
async fn plain_http_to_another_machine_can_be_allowed_and_tls_is_the_default() {
    // No server there: the test is which error ends the attempt.
    let server = ChannelServer::configured(|builder| builder.allow_plain_http()).await;
    server.rest().configuration["data_server_host"] = "kandy.invalid".into();
    let (_, error) = lost(&mut server.user.channel()).await;
    assert!(matches!(error, Error::Transport(_)), "{error:?}");

    for is_secure in [Value::Null, json!(true), json!("missing")] {
        let server = ChannelServer::start().await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        server.rest().configuration["data_server_port"] = listener.local_addr().expect("an address").port().into();
        server.rest().configuration["is_secure"] = is_secure.clone();
        if is_secure == "missing" {
            server.rest().configuration.as_object_mut().expect("an object").remove("is_secure");
        }
        let mut channel = server.user.channel();
        let ((_, error), first) = tokio::join!(lost(&mut channel), async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            tokio::io::AsyncReadExt::read_u8(&mut stream).await.expect("a byte")
        });
        assert_eq!(first, 0x16, "{is_secure}: the first byte of a TLS handshake; {error:?}");
    }
}

/// A response to a request for a channel, which may depend on the request.
type Answer = fn(&Upgrade) -> Vec<u8>;

/// Returns a response of the upgrade with other header lines than it should have.
fn upgrade_with(lines: &str) -> Vec<u8> {
    format!("HTTP/1.1 101 Switching Protocols\r\n{lines}\r\n").into_bytes()
}

#[tokio::test]
async fn a_response_that_is_no_upgrade_is_a_failed_attempt() {
    let table: [(&str, Answer); 21] = [
        ("another key", |_| {
            upgrade_with(
                "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n",
            )
        }),
        ("the key of the request", |upgrade| {
            let key = upgrade.request.header("sec-websocket-key").expect("a key");
            upgrade_with(&format!("connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {key}\r\n"))
        }),
        ("no key", |_| upgrade_with("connection: upgrade\r\nupgrade: websocket\r\n")),
        ("no upgrade", |upgrade| {
            upgrade_with(&format!("connection: upgrade\r\nsec-websocket-accept: {}\r\n", upgrade.accept_key()))
        }),
        ("no connection", |upgrade| {
            upgrade_with(&format!("upgrade: websocket\r\nsec-websocket-accept: {}\r\n", upgrade.accept_key()))
        }),
        ("another protocol", |upgrade| {
            let key = upgrade.accept_key();
            upgrade_with(&format!("connection: upgrade\r\nupgrade: h2c\r\nsec-websocket-accept: {key}\r\n"))
        }),
        ("an extension", |upgrade| {
            let key = upgrade.accept_key();
            upgrade_with(&format!(
                "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {key}\r\n\
                 sec-websocket-extensions: permessage-deflate\r\n"
            ))
        }),
        ("a subprotocol", |upgrade| {
            let key = upgrade.accept_key();
            upgrade_with(&format!(
                "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {key}\r\n\
                 sec-websocket-protocol: chat\r\n"
            ))
        }),
        ("success", |_| json_response(200, r#"{"status": 0, "message": "success", "result": {}}"#)),
        ("a page", |_| response(200, "content-type: text/html\r\n", "<html>log in</html>")),
        ("nothing", |_| response(204, "", "")),
        ("a redirect", |_| response(302, "location: http://127.0.0.1:1/\r\n", "")),
        ("not found", |_| response(404, "", "")),
        ("not allowed", |_| response(405, "", "")),
        ("another version", |_| response(426, "sec-websocket-version: 8\r\n", "")),
        ("an error", |_| response(500, "", "<html>")),
        ("an overloaded service", |_| json_response(503, r#"{"status": 1, "message": "internal error"}"#)),
        ("HTTP/1.0", |_| b"HTTP/1.0 200 OK\r\n\r\n".to_vec()),
        ("endless headers", |_| [b"HTTP/1.1 101 X\r\n".to_vec(), b"x: y\r\n".repeat(100_000)].concat()),
        ("no HTTP", |_| b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()),
        ("nothing at all", |_| Vec::new()),
    ];
    for (name, answer) in table {
        let mut server = ChannelServer::start().await;
        let mut channel = server.user.channel();
        let ((wait, error), ()) = tokio::join!(lost(&mut channel), async {
            let mut upgrade = server.upgrade().await;
            let bytes = answer(&upgrade);
            // Written in pieces, as the client may close the connection before the end.
            drop(tokio::io::AsyncWriteExt::write_all(&mut upgrade.stream, &bytes).await);
        });
        assert_eq!(wait, Duration::ZERO, "{name}");
        assert!(error.is_retryable() || error.status().is_none(), "{name}: {error:?}");
        assert_eq!(error.operation(), Some("data_channel_configuration_get"), "{name}: {error:?}");
        let text = format!("{error} {error:?}");
        assert!(!text.contains("UAT-1") && !text.contains("user_access_token"), "{name}: {text}");
        drop(server.accept().await);
        connected(&mut channel).await;
    }
}

#[tokio::test]
async fn a_response_in_other_spelling_is_an_upgrade() {
    let mut server = ChannelServer::start().await;
    let mut channel = server.user.channel();
    let ((), _stream) = tokio::join!(connected(&mut channel), async {
        let mut upgrade = server.upgrade().await;
        let key = upgrade.accept_key();
        let response = upgrade_with(&format!(
            "CONNECTION: keep-alive, UpGrade\r\nuPGRADE: WebSocket\r\nSec-Websocket-Accept:   {key}  \r\nServer: x\r\n"
        ));
        tokio::io::AsyncWriteExt::write_all(&mut upgrade.stream, &response).await.expect("sent");
        upgrade.stream
    });
}

#[tokio::test]
async fn a_server_that_stalls_is_given_up_after_the_timeout() {
    let short = Duration::from_millis(50);
    for begin in ["", "HTTP/1.1 101 X\r\n", "HTTP/1.1 503 X\r\ncontent-length: 9\r\n\r\nabc"] {
        let mut server = ChannelServer::configured(|builder| builder.connect_timeout(short).timeout(short)).await;
        let mut channel = server.user.channel();
        let ((_, error), _upgrade) = tokio::join!(lost(&mut channel), async {
            let mut upgrade = server.upgrade().await;
            tokio::io::AsyncWriteExt::write_all(&mut upgrade.stream, begin.as_bytes()).await.expect("sent");
            upgrade
        });
        assert!(error.is_timeout(), "{begin}: {error:?}");
    }
}

#[tokio::test]
async fn an_endless_refusal_is_cut_off() {
    let mut server = ChannelServer::start().await;
    let mut channel = server.user.channel();
    let ((_, error), ()) = tokio::join!(lost(&mut channel), async {
        let mut upgrade = server.upgrade().await;
        let head = b"HTTP/1.1 503 X\r\ncontent-type: application/json\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut upgrade.stream, head).await.expect("sent");
        // Ends only because the client closes the connection.
        while tokio::io::AsyncWriteExt::write_all(&mut upgrade.stream, &[b' '; 65536]).await.is_ok() {}
    });
    assert!(matches!(error, Error::Api(_)), "{error:?}");
}
