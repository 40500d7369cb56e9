//! Connections with TLS, from the handshake to the faults.

use std::{
    error::Error,
    io::ErrorKind,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use kandy_emulator::{Emulator, InjectedFault, Tls};
use reqwest::{Client, StatusCode, Url};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

use crate::{
    faults::{address, read},
    fixture::{Kandy, tls_client, trusting, users},
};

const SHORT_TIMEOUT: Duration = Duration::from_millis(250);
const LONG_TIMEOUT: Duration = Duration::from_secs(30);

const HEALTH: &[u8] = b"GET /_emulator/health HTTP/1.1\r\nHost: a\r\n\r\n";

fn start(tls: Tls) -> Emulator {
    Emulator::builder().tls(tls).start().expect("a free port")
}

/// The address of the emulator, and the URL of an endpoint at this host.
fn at(emulator: &Emulator, host: &str) -> (SocketAddr, Url) {
    let address: SocketAddr = address(emulator).parse().expect("an address");
    (address, format!("https://{host}:{}/_emulator/health", address.port()).parse().expect("a URL"))
}

/// The texts of an error and of its causes.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

/// Clients have the host of the service built in (`api.kandy.io`), or name the machine.
#[tokio::test]
async fn certificate_is_valid_for_every_name_of_the_emulator() {
    let emulator = start(Tls::temporary().name("Kandy.Lan").name("emulator").name("192.0.2.7"));
    for host in [
        "127.0.0.1",
        "localhost",
        "api.kandy.io",
        "kandy.lan",
        "emulator",
        "a.example",
        "api.kandy.io.example",
        "kandy.io",
    ] {
        let (address, url) = at(&emulator, host);
        let response = trusting(&emulator).resolve(host, address).build().expect("a client").get(url).send().await;
        match host {
            "a.example" | "api.kandy.io.example" | "kandy.io" => {
                let text = chain(&response.expect_err(host));
                assert!(text.contains("not valid for name"), "{host}: {text}");
            }
            _ => assert_eq!(response.expect(host).status(), 200),
        }
    }
    // Addresses that this machine may not have are checked by name.
    let config = tls_client(emulator.ca_certificate().expect("TLS"));
    for (ip, is_named) in [("192.0.2.7", true), ("::1", true), ("192.0.2.8", false), ("127.0.0.2", false)] {
        let tcp = TcpStream::connect(address(&emulator)).await.expect("a connection");
        let name = ServerName::from(ip.parse::<IpAddr>().expect("an address"));
        let connected = TlsConnector::from(Arc::clone(&config)).connect(name, tcp).await;
        assert_eq!(connected.is_ok(), is_named, "{ip}");
    }
}

#[tokio::test]
async fn certificate_names_the_address_that_is_listened_on() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let listen = (Ipv6Addr::LOCALHOST, 0).into();
    let emulator = Emulator::builder().listen(listen).tls(Tls::temporary()).start().expect("a free port");
    assert!(emulator.base_url().starts_with("https://[::1]:"), "{}", emulator.base_url());
    let url = emulator.base_url().replace("/v1.2", "/_emulator/health");
    assert_eq!(trusting(&emulator).build().expect("a client").get(url).send().await.expect("a response").status(), 200);

    // All addresses: the URL names the one of the loopback interface.
    let emulator = Emulator::builder().listen(([0, 0, 0, 0], 0).into()).tls(Tls::temporary()).start().expect("started");
    assert!(emulator.base_url().starts_with("https://127.0.0.1:"), "{}", emulator.base_url());
}

#[tokio::test]
async fn client_without_the_authority_refuses_the_certificate() {
    let emulator = start(Tls::temporary());
    let (_, url) = at(&emulator, "127.0.0.1");
    let other = start(Tls::temporary());
    for client in [Client::builder().no_proxy(), trusting(&other)] {
        let error = client.build().expect("a client").get(url.clone()).send().await.expect_err("refused");
        assert!(error.is_connect() && chain(&error).contains("certificate"), "{}", chain(&error));
    }
}

#[tokio::test]
async fn urls_and_configurations_name_tls() {
    let kandy = Kandy::start_tls();
    let base_url = kandy.emulator.base_url();
    assert!(base_url.starts_with("https://127.0.0.1:"), "{base_url}");
    assert_eq!(kandy.emulator.base_url_of("v1.3"), Some(base_url.replace("/v1.2", "/v1.3")));
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let configuration = kandy.call("data_channel_configuration_get", &[("key", &russ.token)]).await;
    assert_eq!(configuration.result()["is_secure"], true, "{}", configuration.json);
    assert_eq!(configuration.result()["data_server_port"], kandy.port());

    let plain = Kandy::on(Emulator::start().expect("a free port"));
    assert_eq!((plain.emulator.ca_certificate(), plain.emulator.ca_file()), (None, None));
}

/// A client that is configured with `http://` gets a response that tells the URL.
#[tokio::test]
async fn plain_http_is_refused_with_the_url() {
    let emulator = start(Tls::temporary());
    let (_, mut url) = at(&emulator, "127.0.0.1");
    url.set_scheme("http").expect("a scheme");
    let client = Client::builder().no_proxy().build().expect("a client");
    let large = vec![b'x'; 500_000];
    for request in [client.get(url.clone()), client.post(url.clone()).body("{}"), client.post(url).body(large)] {
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()["content-type"], "text/plain; charset=utf-8");
        let text = response.text().await.expect("a body");
        assert_eq!(text, format!("This port speaks TLS: use {}\n", emulator.base_url()));
    }
    // A head without an end gets the same; more than a megabyte is not read.
    let mut connection = TcpStream::connect(address(&emulator)).await.expect("a connection");
    let endless = vec![b'A'; 64 * 1024];
    let sent = async { while connection.write_all(&endless).await.is_ok() {} };
    timeout(LONG_TIMEOUT, sent).await.expect("it is closed");
    assert!(emulator.requests().is_empty(), "no request reached the API");
}

/// A client that connects and sends nothing, or half a handshake, is disconnected.
#[tokio::test]
async fn handshake_times_out() {
    let emulator = Emulator::builder().tls(Tls::temporary()).read_timeout(SHORT_TIMEOUT).start().expect("a free port");
    // The header of a record of TLS with 512 bytes, and plain HTTP.
    for part in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n\r\n"] {
        let mut connection = TcpStream::connect(address(&emulator)).await.expect("a connection");
        connection.write_all(part).await.expect("sent");
        let mut end = Vec::new();
        drop(timeout(LONG_TIMEOUT, connection.read_to_end(&mut end)).await.expect("it ends by itself"));
    }
    // One byte at a time does not extend the time.
    let (mut reader, mut writer) = TcpStream::connect(address(&emulator)).await.expect("a connection").into_split();
    let trickle = async {
        writer.write_all(b"\x16\x03\x01\x02\x00").await.expect("sent");
        let mut pause = tokio::time::interval(SHORT_TIMEOUT / 10);
        while writer.write_all(b"\x01").await.is_ok() {
            pause.tick().await;
        }
    };
    let mut end = Vec::new();
    let ended = async { drop(reader.read_to_end(&mut end).await) };
    timeout(LONG_TIMEOUT, async { tokio::join!(trickle, ended) }).await.expect("it ends by itself");
}

/// A request that never comes after the handshake, and half a request, are ended by the read timeout, too.
#[tokio::test]
async fn incomplete_request_times_out_after_the_handshake() {
    let emulator = Emulator::builder().tls(Tls::temporary()).read_timeout(SHORT_TIMEOUT).start().expect("a free port");
    for part in ["", "GET /_emulator/health HTTP/1.1\r\n"] {
        let mut connection = crate::fixture::connect(&emulator).await;
        connection.write_all(part.as_bytes()).await.expect("sent");
        let mut end = Vec::new();
        drop(timeout(LONG_TIMEOUT, connection.read_to_end(&mut end)).await.expect("it ends by itself"));
        assert!(end.is_empty());
    }
}

/// Stalled and malformed handshakes neither block other clients nor the end of the emulator.
#[tokio::test]
async fn other_handshakes_do_not_disturb() {
    let emulator = start(Tls::temporary());
    let mut idle = Vec::new();
    for at in 0..200 {
        let mut connection = TcpStream::connect(address(&emulator)).await.expect("a connection");
        let part: &[u8] = match at % 5 {
            0 => b"",
            1 => b"\x16\x03\x01\x02\x00\x01",
            2 => b"\x16\x03\x01\xff\xff\xff\xff\xff\xff",
            3 => b"\x80\x2e\x01\x03\x01",
            _ => b"\0\0\0\0\0\0\0\0",
        };
        connection.write_all(part).await.expect("sent");
        idle.push(connection);
    }
    let (_, url) = at(&emulator, "127.0.0.1");
    let client = trusting(&emulator).build().expect("a client");
    assert_eq!(client.get(url).send().await.expect("a response").status(), 200);
    let begin = Instant::now();
    tokio::task::spawn_blocking(move || drop(emulator)).await.expect("it stops");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

/// The server negotiates HTTP/1.1; a client that speaks HTTP/2 only is refused in the handshake.
#[tokio::test]
async fn negotiates_http_1_1_only() {
    let emulator = start(Tls::temporary());
    for (offered, expected) in [
        (&["http/1.1"][..], Some("http/1.1")),
        (&["h2", "http/1.1"], Some("http/1.1")),
        (&["h2"], None),
        (&[], Some("")),
    ] {
        let mut config = Arc::unwrap_or_clone(tls_client(emulator.ca_certificate().expect("TLS")));
        config.alpn_protocols = offered.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let tcp = TcpStream::connect(address(&emulator)).await.expect("a connection");
        let name = ServerName::try_from("localhost").expect("a name");
        let connected = TlsConnector::from(Arc::new(config)).connect(name, tcp).await;
        let negotiated = connected.ok().map(|stream| {
            String::from_utf8(stream.get_ref().1.alpn_protocol().unwrap_or_default().to_vec()).expect("text")
        });
        assert_eq!(negotiated.as_deref(), expected, "{offered:?}");
    }
}

/// A reset is one of the socket, without the alert that ends TLS; a close ends the socket without it, too.
#[tokio::test]
async fn faults_end_the_socket() {
    for (fault, end) in [
        (InjectedFault::close_before_reading(), ErrorKind::ConnectionReset),
        (InjectedFault::close_after_reading(), ErrorKind::UnexpectedEof),
        (InjectedFault::close_during_response(), ErrorKind::UnexpectedEof),
    ] {
        let kandy = Kandy::start_tls();
        let kind = fault.kind();
        kandy.emulator.inject(fault);
        let mut connection = crate::fixture::connect(&kandy.emulator).await;
        let request = b"GET /v1.2/users/devices?key=x HTTP/1.1\r\nHost: a\r\n\r\n";
        connection.write_all(request).await.expect("sent");
        let mut bytes = Vec::new();
        let ended = connection.read_to_end(&mut bytes).await.expect_err("no proper end");
        assert_eq!(ended.kind(), end, "{kind}");
        assert_eq!(bytes.is_empty(), kind != "close_during_response", "{kind}");
    }
}

/// Without a fault, the end of a connection is announced, so that a client knows that it has everything.
#[tokio::test]
async fn proper_end_is_announced() {
    let emulator = start(Tls::temporary());
    let mut connection = crate::fixture::connect(&emulator).await;
    connection.write_all(b"GET /_emulator/health HTTP/1.0\r\n\r\n").await.expect("sent");
    let mut bytes = Vec::new();
    connection.read_to_end(&mut bytes).await.expect("an announced end");
    assert!(bytes.starts_with(b"HTTP/1.0 200 "), "{}", String::from_utf8_lossy(&bytes));
}

/// Stalled responses end with the emulator, also one whose client does not read and whose socket is full.
#[tokio::test]
async fn stopping_ends_stalled_responses() {
    let kandy = Kandy::start_tls();
    kandy.emulator.inject(InjectedFault::stall().on("device_list"));
    kandy.emulator.inject(InjectedFault::huge_body(1_000_000_000_000).on("device_delete"));
    let mut connections = Vec::new();
    for request in ["GET /v1.2/users/devices", "DELETE /v1.2/users/devices"] {
        let mut connection = crate::fixture::connect(&kandy.emulator).await;
        let request = format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n");
        connection.write_all(request.as_bytes()).await.expect("sent");
        connections.push(connection);
    }
    // The second has begun.
    let mut byte = [0];
    connections[1].read_exact(&mut byte).await.expect("the beginning of a response");
    let begin = Instant::now();
    tokio::task::spawn_blocking(move || drop(kandy)).await.expect("it stops");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    for connection in connections {
        timeout(LONG_TIMEOUT, read(connection)).await.expect("it ends");
    }
}

/// No task stays on the caller's runtime when a server with TLS ends.
#[tokio::test]
async fn no_task_outlives_the_server() {
    let server = Emulator::builder().tls(Tls::temporary()).bind().await.expect("a free port");
    let authority = server.base_url().trim_start_matches("https://").trim_end_matches("/v1.2").to_owned();
    let config = tls_client(server.ca_certificate().expect("TLS"));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let running = tokio::spawn(server.run(async { drop(stopped.await) }));
    let name = ServerName::try_from("localhost").expect("a name");
    let mut idle =
        TlsConnector::from(config).connect(name, TcpStream::connect(&*authority).await.expect("a connection"));
    let mut idle = (&mut idle).await.expect("a handshake");
    idle.write_all(HEALTH).await.expect("sent");
    let mut byte = [0];
    idle.read_exact(&mut byte).await.expect("a response");
    let mut half = TcpStream::connect(&*authority).await.expect("a connection");
    half.write_all(b"\x16\x03\x01").await.expect("sent");
    stop.send(()).expect("it runs");
    running.await.expect("no panic").expect("it ended well");
    let all_ended = async {
        while alive() > before {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), all_ended).await.expect("no task is left");
}
