//! Stopping the emulator ends stalled, delayed and unfinished requests.

use std::time::Duration;

use kandy_emulator::{Emulator, InjectedFault};
use serde_json::json;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    sync::mpsc,
    time::{self, Instant},
};

use crate::{
    faults::{address, on, read, sms},
    fixture::{Kandy, User},
};

/// An emulator that reports each request once it was handled.
async fn observed() -> (Kandy, User, mpsc::UnboundedReceiver<Option<&'static str>>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let builder = Emulator::builder().on_request(move |request| {
        let _ = sender.send(request.injected);
    });
    let (kandy, user) = on(builder.start().expect("a free port")).await;
    (kandy, user, receiver)
}

async fn wait_for(observed: &mut mpsc::UnboundedReceiver<Option<&'static str>>, kind: &str) {
    while observed.recv().await.expect("it goes on") != Some(kind) {}
}

/// Stopping the emulator ends stalled and delayed responses at once.
#[tokio::test]
async fn stalls_until_stopped() {
    for (fault, applied, half) in [
        (InjectedFault::stall(), false, false),
        (InjectedFault::stall().applied(true), true, false),
        (InjectedFault::stall_during_response(), true, true),
        (InjectedFault::stall_during_response().applied(false), false, true),
        (InjectedFault::latency(Duration::from_secs(3600)).with_http(599), true, false),
    ] {
        let (kandy, user, mut observed) = observed().await;
        let kind = fault.kind();
        kandy.emulator.inject(fault.on("sms_send"));
        let mut connection = TcpStream::connect(address(&kandy.emulator)).await.expect("a connection");
        connection.write_all(&sms(&user, usize::MAX)).await.expect("sent");
        wait_for(&mut observed, kind).await;
        assert_eq!(kandy.emulator.sms().len(), usize::from(applied), "{kind}");
        let begin = Instant::now();
        let stopped = tokio::task::spawn_blocking(move || drop(kandy));
        let response = read(connection).await;
        stopped.await.expect("it stops");
        assert!(begin.elapsed() < Duration::from_secs(5), "{kind}: {:?}", begin.elapsed());
        match (kind, half) {
            (_, true) => {
                assert_eq!((response.http(), response.content_length()), (Some(200), Some(2 * response.body.len())))
            }
            ("latency", _) => assert_eq!(response.http(), Some(599), "a delayed response is sent"),
            _ => assert_eq!((response.head.as_str(), response.end), ("", None), "{kind}"),
        }
    }
}

/// No task stays on the caller's runtime: of stalled requests, of unread ones, and of half-sent ones.
#[tokio::test]
async fn stopping_ends_every_fault() {
    let server = Emulator::builder().bind().await.expect("a free port");
    let base_url = server.base_url().to_owned();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let running = tokio::spawn(server.run(async { drop(stopped.await) }));

    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let tool = format!("{}/_emulator/faults", base_url.trim_end_matches("/v1.2"));
    for fault in [
        json!({"kind": "stall", "operation": "sms_send"}),
        json!({"kind": "stall_during_response", "operation": "device_list"}),
        json!({"kind": "latency", "latency_ms": 3_600_000, "operation": "device_delete"}),
        json!({"kind": "huge_body", "bytes": 1_000_000_000_000_u64, "operation": "group_get"}),
    ] {
        let armed = client.post(&tool).json(&fault).send().await.expect("a response");
        assert_eq!(armed.status(), 200, "{fault}");
    }
    drop(client);
    let address = base_url.trim_start_matches("http://").trim_end_matches("/v1.2");
    let mut connections = Vec::new();
    for request in [
        "POST /v1.2/devices/smss HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\n{}",
        "GET /v1.2/users/devices HTTP/1.1\r\nhost: a\r\n\r\n",
        "DELETE /v1.2/users/devices HTTP/1.1\r\nhost: a\r\n\r\n",
        "GET /v1.2/users/chatgroups/chatgroup HTTP/1.1\r\nhost: a\r\n\r\n",
        "POST /v1.2/users/devices HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{",
        "POST /v1.2/users/de",
    ] {
        let mut connection = TcpStream::connect(address).await.expect("a connection");
        connection.write_all(request.as_bytes()).await.expect("sent");
        connections.push(connection);
    }
    // The two that return a body have begun to send it.
    for at in [1, 3] {
        connections[at].readable().await.expect("the beginning of a response");
    }
    let begin = Instant::now();
    stop.send(()).expect("it runs");
    running.await.expect("no panic").expect("it ended well");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let all_ended = async {
        while alive() > before {
            tokio::task::yield_now().await;
        }
    };
    time::timeout(Duration::from_secs(5), all_ended).await.expect("no task is left");
}
