//! What a client sees of each failure on command, and what has become of what it asked for.

use std::{io::ErrorKind, time::Duration};

use kandy_emulator::{Emulator, InjectedFault};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::{self, Instant},
};

use crate::common::{Kandy, User};

/// What came back on a connection until it ended.
struct Seen {
    head: String,
    body: Vec<u8>,
    /// How the connection ended, if not properly.
    end: Option<ErrorKind>,
}

impl Seen {
    fn http(&self) -> Option<u16> {
        self.head.split(' ').nth(1).map(|http| http.parse().expect("a number"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn promised(&self) -> Option<usize> {
        self.header("content-length").map(|length| length.parse().expect("a length"))
    }
}

fn address(emulator: &Emulator) -> String {
    emulator.base_url().trim_start_matches("http://").trim_end_matches("/v1.2").to_owned()
}

async fn read(mut connection: TcpStream) -> Seen {
    let mut bytes = Vec::new();
    let end = connection.read_to_end(&mut bytes).await.err().map(|error| error.kind());
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let body = bytes.split_off(at);
    Seen { head: String::from_utf8(bytes).expect("a head in ASCII"), body, end }
}

/// The request of an SMS.
fn sms(user: &User, sent: usize) -> Vec<u8> {
    let body = json!({"message": {"destination": "12245556666", "message": {"text": "Hello"}}}).to_string();
    let head = format!(
        "POST /v1.2/devices/smss?key={}&device_id={} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        user.token,
        user.device,
        body.len()
    );
    format!("{head}{}", &body[..sent.min(body.len())]).into_bytes()
}

async fn send(kandy: &Kandy, request: &[u8]) -> Seen {
    let mut connection = TcpStream::connect(address(&kandy.emulator)).await.expect("a connection");
    connection.write_all(request).await.expect("sent");
    read(connection).await
}

async fn start() -> (Kandy, User) {
    on(Emulator::start().expect("a free port")).await
}

async fn on(emulator: Emulator) -> (Kandy, User) {
    let kandy = Kandy::on(emulator);
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    (kandy, user)
}

/// What is seen of a failure, whether the SMS was sent, and what the log has to say.
async fn play(failure: InjectedFault) -> (Seen, bool, String) {
    let (kandy, user) = start().await;
    kandy.emulator.inject(failure.on("sms_send"));
    let seen = send(&kandy, &sms(&user, usize::MAX)).await;
    let armed = &kandy.emulator.faults()[0];
    assert_eq!((armed.matched, armed.hits), (1, 1), "{armed:?}");
    let line = kandy.emulator.requests().last().expect("it was logged").to_string();
    let (_, outcome) = line.split_once(" -> ").expect("what became of it");
    // The connection is gone; the emulator is not, and without the failure all is well.
    kandy.emulator.clear_faults();
    let sent = kandy.emulator.sms().len();
    assert_eq!(send(&kandy, &sms(&user, usize::MAX)).await.json()["status"], 0);
    assert_eq!(kandy.emulator.sms().len(), sent + 1);
    (seen, sent == 1, outcome.to_owned())
}

#[tokio::test]
async fn connections_are_reset_before_the_request_is_read() {
    for failure in [InjectedFault::close_before_reading(), InjectedFault::close_during_reading()] {
        for failure in [failure.clone(), failure.applied(true)] {
            let outcome = format!("no answer (sms_send) [{} on command]", failure.kind());
            let (seen, applied, log) = play(failure).await;
            assert_eq!((seen.head.as_str(), seen.end), ("", Some(ErrorKind::ConnectionReset)), "{outcome}");
            assert_eq!((applied, log), (false, outcome));
        }
    }
}

/// Of a body that is not sent, or not to its end, nothing is waited for.
#[tokio::test]
async fn a_reset_does_not_wait_for_the_body() {
    for (failure, sent) in [(InjectedFault::close_before_reading(), 0), (InjectedFault::close_during_reading(), 5)] {
        let (kandy, user) = start().await;
        kandy.emulator.inject(failure.on("sms_send"));
        let seen = send(&kandy, &sms(&user, sent)).await;
        // Where nothing is left unread, some systems end the connection properly before they reset it.
        assert!(seen.head.is_empty() && seen.end.is_some(), "{:?}", seen.end);
        assert!(kandy.emulator.sms().is_empty());
    }
}

#[tokio::test]
async fn an_operation_without_a_body_is_reset_too() {
    for failure in [InjectedFault::close_before_reading(), InjectedFault::close_during_reading()] {
        let (kandy, user) = start().await;
        kandy.emulator.inject(failure.on("device_delete"));
        let request = format!(
            "DELETE /v1.2/users/devices?key={}&device_id={} HTTP/1.1\r\nhost: a\r\n\r\n",
            user.token, user.device
        );
        let seen = send(&kandy, request.as_bytes()).await;
        assert_eq!((seen.head.as_str(), seen.end), ("", Some(ErrorKind::ConnectionReset)));
        assert_eq!(kandy.emulator.state().devices, 1);
    }
}

#[tokio::test]
async fn connections_are_closed_after_the_request_is_applied() {
    let (seen, applied, log) = play(InjectedFault::close_after_reading()).await;
    assert_eq!((seen.head.as_str(), seen.end, applied), ("", None, true));
    assert_eq!(log, "no answer (sms_send) [close_after_reading on command]");
    let (seen, applied, _) = play(InjectedFault::close_after_reading().applied(false)).await;
    assert_eq!((seen.head.as_str(), seen.end, applied), ("", None, false));
}

#[tokio::test]
async fn connections_are_closed_during_the_answer() {
    for applied in [true, false] {
        let (seen, sent, _) = play(InjectedFault::close_during_response().applied(applied)).await;
        assert_eq!((seen.http(), seen.end, sent), (Some(200), None, applied));
        let promised = seen.promised().expect("a length");
        assert!(promised > 30 && seen.body.len() == promised / 2, "{} of {promised}", seen.body.len());
    }
}

#[tokio::test]
async fn statuses_are_answered() {
    for (failure, http, status, message, applied) in [
        (InjectedFault::status(10), 200, 10, "failure on command", false),
        (InjectedFault::status(4711).with_http(403), 403, 4711, "failure on command", false),
        (InjectedFault::status(500).applied(true), 200, 500, "failure on command", true),
        (InjectedFault::expired_token(), 200, 10, "access token expired", false),
        (InjectedFault::expired_token().with_http(401), 401, 10, "access token expired", false),
    ] {
        let log = format!("{http}, status {status} (sms_send) [{} on command]", failure.kind());
        let (seen, sent, logged) = play(failure).await;
        assert_eq!((seen.http(), sent, logged), (Some(http), applied, log));
        assert_eq!(seen.json(), json!({"status": status, "message": message}));
        assert_eq!(seen.header("content-type"), Some("application/json"));
    }
}

#[tokio::test]
async fn http_statuses_are_answered_without_a_body() {
    for http in [200, 204, 304, 429, 500, 502, 503, 599] {
        let (seen, sent, log) = play(InjectedFault::http(http)).await;
        assert_eq!((seen.http(), seen.body.len(), seen.end, sent), (Some(http), 0, None, false));
        assert_eq!(log, format!("{http} (sms_send) [http on command]"));
        assert_eq!((seen.header("content-type"), seen.header("retry-after")), (None, None));
    }
    assert!(play(InjectedFault::http(503).applied(true)).await.1, "it was carried out");
}

#[tokio::test]
async fn it_is_said_when_to_come_again() {
    let failure = InjectedFault::http(503).retry_after(Duration::from_millis(1500));
    assert_eq!(play(failure).await.0.header("retry-after"), Some("2"));
    let failure = InjectedFault::status(10).retry_after(Duration::ZERO);
    assert_eq!(play(failure).await.0.header("retry-after"), Some("0"));

    // A date is one of the emulator's clock, which is also that of the header beside it.
    let (kandy, user) = start().await;
    kandy.emulator.advance(Duration::from_secs(50 * 24 * 60 * 60));
    kandy.emulator.inject(InjectedFault::http(503).retry_after_date(Duration::from_secs(60)).on("sms_send"));
    let seen = send(&kandy, &sms(&user, usize::MAX)).await;
    let moment = |name| httpdate(seen.header(name).expect("a date"));
    let (date, after) = (moment("date"), moment("retry-after"));
    assert!((60..=61).contains(&(after - date)), "{date} {after}");
    assert!(kandy.emulator.state().now_ms / 1000 - date < 60);
}

/// Seconds since 1970 of a date in HTTP's form.
fn httpdate(date: &str) -> u64 {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let parts: Vec<_> = date.trim_end_matches(" GMT").split([' ', ',']).filter(|part| !part.is_empty()).collect();
    let [_, day, month, year, clock] = parts[..] else { panic!("{date}") };
    let month = months.iter().position(|name| *name == month).expect("a month") + 1;
    let text = format!("{year}-{month:02}-{day}T{clock}Z");
    let moment = humantime::parse_rfc3339(&text).expect("a moment");
    moment.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs()
}

#[tokio::test]
async fn answers_are_spoilt() {
    for applied in [true, false] {
        let (seen, sent, _) = play(InjectedFault::truncated_json().applied(applied)).await;
        assert_eq!((seen.http(), sent, seen.promised()), (Some(200), applied, Some(seen.body.len())));
        assert!(seen.body.starts_with(b"{\"") && seen.json().is_null());

        let (seen, sent, _) = play(InjectedFault::wrong_json().applied(applied)).await;
        assert_eq!((seen.http(), seen.json(), sent), (Some(200), json!({"unexpected": true}), applied));

        let (seen, sent, _) = play(InjectedFault::wrong_content_type().applied(applied)).await;
        assert_eq!((seen.header("content-type"), seen.json()["status"].as_i64()), (Some("text/plain"), Some(0)));
        assert_eq!(sent, applied);

        let (seen, sent, _) = play(InjectedFault::huge_body(1_000_000).applied(applied)).await;
        assert_eq!((seen.promised(), seen.header("transfer-encoding")), (None, Some("chunked")));
        assert!(seen.body.len() > 1_000_000 && sent == applied);

        let (seen, sent, _) = play(InjectedFault::html_page().with_http(502).applied(applied)).await;
        assert_eq!((seen.http(), sent), (Some(502), applied));
    }
    let (seen, sent, log) = play(InjectedFault::html_page()).await;
    assert_eq!((seen.http(), sent, log.as_str()), (Some(200), false, "200 (sms_send) [html_page on command]"));
    assert_eq!(seen.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(seen.body.starts_with(b"<!DOCTYPE html>"));
}

#[tokio::test]
async fn a_huge_answer_is_a_right_one() {
    let (kandy, user) = start().await;
    kandy.emulator.inject(InjectedFault::huge_body(3_000_000).on("device_list"));
    let answer = kandy.request("device_list", &[("key", &user.token)]).send().await.expect("an answer");
    let text = answer.text().await.expect("all of it");
    assert_eq!(text.len(), 3_000_000);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&json["status"], &json["result"]["devices"][0]["id"]), (&json!(0), &json!(user.device)));
}

#[tokio::test]
async fn late_answers_come() {
    let (kandy, user) = start().await;
    let latency = Duration::from_millis(30);
    kandy.emulator.inject(InjectedFault::latency(latency).on("sms_send").nth(1));
    kandy.emulator.inject(InjectedFault::http(503).with_latency(latency).on("sms_send").nth(2));
    for http in [200, 503] {
        let begin = Instant::now();
        assert_eq!(send(&kandy, &sms(&user, usize::MAX)).await.http(), Some(http));
        assert!(begin.elapsed() >= latency);
    }
    assert_eq!(kandy.emulator.sms().len(), 1);
}

/// An emulator that tells when a request has been carried out, or not.
async fn observed() -> (Kandy, User, mpsc::UnboundedReceiver<Option<&'static str>>) {
    let (tell, told) = mpsc::unbounded_channel();
    let builder = Emulator::builder().on_request(move |request| {
        let _ = tell.send(request.injected);
    });
    let (kandy, user) = on(builder.start().expect("a free port")).await;
    (kandy, user, told)
}

async fn told(observed: &mut mpsc::UnboundedReceiver<Option<&'static str>>, kind: &str) {
    while observed.recv().await.expect("it goes on") != Some(kind) {}
}

/// Whoever stops the emulator ends what would never end, and at once.
#[tokio::test]
async fn it_stalls_until_it_stops() {
    for (failure, applied, half) in [
        (InjectedFault::stall(), false, false),
        (InjectedFault::stall().applied(true), true, false),
        (InjectedFault::stall_during_response(), true, true),
        (InjectedFault::stall_during_response().applied(false), false, true),
        (InjectedFault::latency(Duration::from_secs(3600)).with_http(599), true, false),
    ] {
        let (kandy, user, mut observed) = observed().await;
        let kind = failure.kind();
        kandy.emulator.inject(failure.on("sms_send"));
        let mut connection = TcpStream::connect(address(&kandy.emulator)).await.expect("a connection");
        connection.write_all(&sms(&user, usize::MAX)).await.expect("sent");
        told(&mut observed, kind).await;
        assert_eq!(kandy.emulator.sms().len(), usize::from(applied), "{kind}");
        let begin = Instant::now();
        let stopped = tokio::task::spawn_blocking(move || drop(kandy));
        let seen = read(connection).await;
        stopped.await.expect("it stops");
        assert!(begin.elapsed() < Duration::from_secs(5), "{kind}: {:?}", begin.elapsed());
        match (kind, half) {
            (_, true) => assert_eq!((seen.http(), seen.promised()), (Some(200), Some(2 * seen.body.len()))),
            ("latency", _) => assert_eq!(seen.http(), Some(599), "what was late comes at last"),
            _ => assert_eq!((seen.head.as_str(), seen.end), ("", None), "{kind}"),
        }
    }
}

/// Nothing is left on the caller's runtime: neither what stalls, nor what is not read, nor what is half sent.
#[tokio::test]
async fn nothing_is_left_when_it_has_ended() {
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
        let armed = client.post(&tool).json(&fault).send().await.expect("an answer");
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
    // Those that answer something have begun to.
    for at in [1, 3] {
        connections[at].readable().await.expect("the beginning of an answer");
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

/// Sends one SMS more than a rate limit lets through in a second, on however slow a machine.
async fn beyond(limit: InjectedFault) -> (Kandy, User, Seen) {
    const LET_THROUGH: usize = 2;
    loop {
        let (kandy, user) = start().await;
        kandy.emulator.inject(limit.clone().on("sms_send"));
        let begin = Instant::now();
        for _ in 0..LET_THROUGH {
            assert_eq!(send(&kandy, &sms(&user, usize::MAX)).await.http(), Some(200));
        }
        let seen = send(&kandy, &sms(&user, usize::MAX)).await;
        if begin.elapsed() < Duration::from_millis(900) {
            assert_eq!(kandy.emulator.sms().len(), LET_THROUGH, "what is refused is not carried out");
            return (kandy, user, seen);
        }
    }
}

#[tokio::test]
async fn a_rate_limit_refuses_what_goes_beyond_it() {
    let limit = || InjectedFault::rate_limit(2);
    for (limit, retry_after, content_type, body) in [
        (limit(), None, None, ""),
        (limit().retry_after(Duration::from_secs(1)).text_body(), Some("1"), Some("text/plain"), "The request was"),
        (limit().json_body(), None, Some("application/json"), "{\"error\""),
    ] {
        let (kandy, user, seen) = beyond(limit).await;
        assert_eq!((seen.http(), seen.header("retry-after")), (Some(429), retry_after));
        assert_eq!(seen.header("content-type"), content_type);
        assert!(std::str::from_utf8(&seen.body).expect("a text").starts_with(body));
        assert_eq!(seen.json()["status"], Value::Null, "it is no envelope");

        // Its second is one of the emulator's clock.
        kandy.emulator.advance(Duration::from_secs(1));
        assert_eq!(send(&kandy, &sms(&user, usize::MAX)).await.http(), Some(200));
        let armed = &kandy.emulator.faults()[0];
        assert_eq!((armed.matched, armed.hits), (4, 1));
    }
}

#[tokio::test]
async fn a_rate_limit_may_be_refused_otherwise() {
    let (_, _, seen) =
        beyond(InjectedFault::rate_limit(2).with_http(503).retry_after_date(Duration::from_secs(2))).await;
    assert_eq!(seen.http(), Some(503));
    assert!(seen.header("retry-after").is_some_and(|date| date.ends_with("GMT")), "{}", seen.head);
}

#[tokio::test]
async fn a_refusal_has_the_body_that_was_asked_for() {
    let (seen, applied, _) = play(InjectedFault::http(403).text_body().applied(true)).await;
    assert_eq!((seen.http(), seen.header("content-type"), applied), (Some(403), Some("text/plain"), true));
    let (seen, ..) = play(InjectedFault::http(401).json_body()).await;
    assert_eq!((seen.http(), seen.json()["error"].as_str()), (Some(401), Some("refused")));
}
