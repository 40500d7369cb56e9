//! `GET /_emulator/events`: each request, as soon as it is handled.

use kandy_emulator::Emulator;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
};

use crate::{
    faults::address,
    fixture::{Kandy, admin_response},
};

/// How many requests the emulator keeps.
const KEPT: usize = 10_000;

/// A stream of events.
struct Events {
    response: reqwest::Response,
    read: String,
}

/// An event.
#[derive(Debug)]
struct Event {
    name: String,
    id: Option<u64>,
    data: Value,
}

impl Events {
    async fn open(kandy: &Kandy, query: &str, last: Option<u64>) -> Self {
        let mut request = kandy.http.get(kandy.admin_url(&format!("events{query}")));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut events = Self { response, read: String::new() };
        assert_eq!(events.block().await.as_deref(), Some(": connected"));
        events
    }

    /// Reads up to the next empty line; `None` at the end.
    async fn block(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.read.find("\n\n") {
                let rest = self.read.split_off(end + 2);
                let mut block = std::mem::replace(&mut self.read, rest);
                block.truncate(end);
                return Some(block);
            }
            let chunk = self.response.chunk().await.expect("a chunk")?;
            self.read.push_str(std::str::from_utf8(&chunk).expect("whole characters"));
        }
    }

    async fn next(&mut self) -> Event {
        let block = self.block().await.expect("an event");
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        Event {
            name: field("event").expect("a name").to_owned(),
            id: field("id").map(|id| id.parse().expect("a number")),
            data: serde_json::from_str(field("data").expect("data")).expect("JSON"),
        }
    }
}

#[tokio::test]
async fn requests_and_changes_arrive_in_order_and_masked() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let mut events = Events::open(&kandy, "", None).await;
    let user = kandy.user(&domain, "russ").await;
    kandy.call("device_list", &[("key", &user.token)]).await;
    kandy.emulator.advance(std::time::Duration::from_secs(1));
    let clock = kandy.http.post(kandy.admin_url("clock")).json(&json!({"advance_ms": 1}));
    assert_eq!(admin_response(clock).await.0, 200);
    // What only reads, and what is refused, is no event.
    admin_response(kandy.http.get(kandy.admin_url("state"))).await;
    admin_response(kandy.http.post(kandy.admin_url("clock")).json(&json!({"wrong": 1}))).await;
    kandy.call("device_list", &[("key", "UAT-unknown")]).await;

    let mut seen = Vec::new();
    let mut last = 0;
    while seen.last().is_none_or(|(_, status)| *status != json!(15) && *status != json!(55)) {
        let event = events.next().await;
        let id = event.id.expect("an id");
        assert!(id > last, "{event:?}");
        last = id;
        let text = event.data.to_string();
        assert!(!text.contains(&user.token) && !text.contains("UAT-unknown"), "{text}");
        assert!(event.data["time"].as_u64() > Some(1_700_000_000_000) && event.data["duration_us"].is_u64(), "{text}");
        assert!(event.name == "change" || event.name == "request", "{event:?}");
        let what = event.data["operation"].as_str().unwrap_or(event.data["path"].as_str().expect("a path"));
        seen.push((what.to_owned(), event.data["status"].clone()));
    }
    let last_three: Vec<_> = seen.iter().rev().take(3).rev().map(|(what, _)| what.as_str()).collect();
    assert_eq!(last_three, ["device_list", "/_emulator/clock", "device_list"]);

    // The log has the same, with the same ids.
    let (_, log) = admin_response(kandy.http.get(kandy.admin_url("requests"))).await;
    let logged = log["requests"].as_array().expect("a list");
    assert_eq!(logged.last().expect("a request")["id"], json!(last));
}

#[tokio::test]
async fn a_client_that_connects_again_misses_nothing() {
    let kandy = Kandy::start();
    let token = kandy.account_token().await;
    let call = async || drop(kandy.call("domain_list", &[("key", &token)]).await);
    let mut events = Events::open(&kandy, "", None).await;
    call().await;
    let first = events.next().await.id.expect("an id");
    drop(events);
    for _ in 0..3 {
        call().await;
    }
    for (query, last) in
        [(String::new(), Some(first)), (format!("?after={first}"), None), ("?after=1".to_owned(), Some(first))]
    {
        let mut events = Events::open(&kandy, &query, last).await;
        for number in 1..=3 {
            assert_eq!(events.next().await.id, Some(first + number), "{query}");
        }
        call().await;
        assert!(events.next().await.id > Some(first + 3), "{query}");
    }
    // Of an emulator that was restarted, or of none.
    for wrong in ["?after=x", "?after=-1", "?after="] {
        let request = kandy.http.get(kandy.admin_url(&format!("events{wrong}")));
        assert_eq!(admin_response(request).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn the_log_and_the_sms_are_read_in_pages() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let from = [("key", user.token.as_str()), ("device_id", user.device.as_str())];
    for number in 0..3 {
        let message = json!({"destination": format!("+1224555666{number}"), "message": {"text": "Hello"}});
        kandy.post("sms_send", &from, &json!({"message": message})).await;
    }
    let get = async |path: &str| admin_response(kandy.http.get(kandy.admin_url(path))).await;
    let (_, all) = get("requests").await;
    let all = all["requests"].as_array().expect("a list");
    let (_, last) = get("requests?last=2").await;
    assert_eq!(last["requests"].as_array().expect("a list"), &all[all.len() - 2..]);
    let (_, before) = get(&format!("requests?last=2&before={}", last["requests"][0]["id"])).await;
    assert_eq!(before["requests"].as_array().expect("a list"), &all[all.len() - 4..all.len() - 2]);
    let (_, sms) = get("sms?last=1").await;
    assert_eq!(sms["sms"].as_array().map(Vec::len), Some(1));
    assert_eq!(sms["sms"][0]["destination"], json!("+12245556662"));
    for wrong in ["requests?last=x", "requests?before=-1", "sms?last="] {
        assert_eq!(get(wrong).await.0, 400, "{wrong}");
    }
}

/// A client that does not read costs nothing, and learns what it missed.
#[tokio::test]
async fn a_slow_client_is_told_how_many_it_missed() {
    let kandy = Kandy::start();
    let token = kandy.account_token().await;
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let server = address(&kandy.emulator).parse().expect("an address");
    let mut slow = socket.connect(server).await.expect("a connection");
    slow.write_all(b"GET /_emulator/events HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").await.expect("sent");
    let mut head = [0; 512];
    assert!(slow.read(&mut head).await.expect("a response") > 0);
    // The first ones fill the buffers of the sockets, and the others the log.
    let long = "x".repeat(250);
    let mut query = vec![("key", token.as_str())];
    query.extend((0..30).map(|_| ("long", long.as_str())));
    let (filling, calls) = (1000, 1000 + KEPT + 100);
    for number in 0..calls {
        kandy.call("domain_list", if number < filling { &query } else { &query[..1] }).await;
    }
    let mut text = String::new();
    let mut buffer = vec![0; 1 << 16];
    let mut events = 0;
    let mut dropped = 0;
    while events + dropped < calls {
        let count = slow.read(&mut buffer).await.expect("read");
        assert!(count > 0, "the stream ended");
        text.push_str(std::str::from_utf8(&buffer[..count]).expect("ASCII"));
        while let Some(end) = text.find("\n\n") {
            let block: String = text.drain(..end + 2).collect();
            if block.contains("event: request\n") {
                events += 1;
            }
            if let Some(at) = block.find(r#"{"count":"#) {
                let count: String = block[at + 9..].chars().take_while(char::is_ascii_digit).collect();
                dropped += count.parse::<usize>().expect("a number");
            }
        }
    }
    assert_eq!(events + dropped, calls);
    assert!(dropped > 0, "the buffers hold {events} events");
}

#[tokio::test]
async fn a_reset_is_an_event_and_what_it_removed_is_not_missed() {
    let kandy = Kandy::start();
    let token = kandy.account_token().await;
    let mut events = Events::open(&kandy, "", None).await;
    kandy.call("domain_list", &[("key", &token)]).await;
    let before = events.next().await.id.expect("an id");
    drop(events);
    kandy.call("domain_list", &[("key", &token)]).await;
    assert_eq!(admin_response(kandy.http.post(kandy.admin_url("reset"))).await.0, 200);
    let mut events = Events::open(&kandy, "", Some(before)).await;
    let event = events.next().await;
    assert_eq!((event.name.as_str(), &event.data["path"]), ("change", &json!("/_emulator/reset")), "{event:?}");
}

#[tokio::test]
async fn stopping_the_emulator_ends_the_stream() {
    let kandy = Kandy::start();
    let mut events = Events::open(&kandy, "", None).await;
    let stopped = tokio::task::spawn_blocking(move || drop(kandy));
    assert!(matches!(events.block().await, None | Some(_)));
    stopped.await.expect("it stops");
}

/// As every other endpoint below `/_emulator`.
#[tokio::test]
async fn no_page_of_another_origin_may_read_it() {
    let emulator = Emulator::start().expect("a free port");
    let url = emulator.base_url().replace("/v1.2", "/_emulator/events");
    let client = reqwest::Client::new();
    for (name, value) in
        [("origin", "https://example.com"), ("sec-fetch-site", "cross-site"), ("host", "evil.example.com")]
    {
        let response = client.get(&url).header(name, value).send().await.expect("a response");
        assert_eq!(response.status(), 403, "{name}");
    }
}
