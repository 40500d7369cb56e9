//! What a client sees of each injected fault, and whether the operation was applied.

use std::{io::ErrorKind, time::Duration};

use kandy_emulator::{Emulator, InjectedFault};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    time::Instant,
};

use crate::fixture::{Kandy, User, connect};

/// The bytes of a connection until its end.
pub(crate) struct RawResponse {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// The error that ended the connection; none for a proper close.
    pub(crate) end: Option<ErrorKind>,
}

impl RawResponse {
    pub(crate) fn http(&self) -> Option<u16> {
        self.head.split(' ').nth(1).map(|http| http.parse().expect("a number"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    pub(crate) fn content_length(&self) -> Option<usize> {
        self.header("content-length").map(|length| length.parse().expect("a length"))
    }
}

pub(crate) fn address(emulator: &Emulator) -> String {
    let base_url = emulator.base_url();
    base_url.trim_start_matches("http://").trim_start_matches("https://").trim_end_matches("/v1.2").to_owned()
}

pub(crate) async fn read(mut connection: impl AsyncRead + Unpin) -> RawResponse {
    let mut bytes = Vec::new();
    let end = connection.read_to_end(&mut bytes).await.err().map(|error| error.kind());
    // TLS reports the end of the socket, unless the server has announced it.
    let end = end.filter(|kind| *kind != ErrorKind::UnexpectedEof);
    let at = bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
    let body = bytes.split_off(at);
    RawResponse { head: String::from_utf8(bytes).expect("a head in ASCII"), body, end }
}

/// A request that sends an SMS, cut after `sent` bytes of its body.
pub(crate) fn sms(user: &User, sent: usize) -> Vec<u8> {
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

pub(crate) async fn send(kandy: &Kandy, request: &[u8]) -> RawResponse {
    let mut connection = connect(&kandy.emulator).await;
    connection.write_all(request).await.expect("sent");
    read(connection).await
}

pub(crate) async fn start() -> (Kandy, User) {
    with_user(Kandy::start()).await
}

pub(crate) async fn on(emulator: Emulator) -> (Kandy, User) {
    with_user(Kandy::on(emulator)).await
}

async fn with_user(kandy: Kandy) -> (Kandy, User) {
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    (kandy, user)
}

/// Injects a fault into an SMS. Returns the response, whether the SMS was sent, and the outcome in the request log.
async fn inject_into_sms(fault: InjectedFault) -> (RawResponse, bool, String) {
    let (kandy, user) = start().await;
    kandy.emulator.inject(fault.on("sms_send"));
    let response = send(&kandy, &sms(&user, usize::MAX)).await;
    let armed = &kandy.emulator.faults()[0];
    assert_eq!((armed.matched, armed.hits), (1, 1), "{armed:?}");
    let line = kandy.emulator.requests().last().expect("it was logged").to_string();
    let (_, outcome) = line.split_once(" -> ").expect("what became of it");
    // Only the connection has ended: without the fault the emulator serves the next request.
    kandy.emulator.clear_faults();
    let sent = kandy.emulator.sms().len();
    assert_eq!(send(&kandy, &sms(&user, usize::MAX)).await.json()["status"], 0);
    assert_eq!(kandy.emulator.sms().len(), sent + 1);
    (response, sent == 1, outcome.to_owned())
}

#[tokio::test]
async fn resets_before_reading() {
    for fault in [InjectedFault::close_before_reading(), InjectedFault::close_during_reading()] {
        for fault in [fault.clone(), fault.applied(true)] {
            let outcome = format!("no response (sms_send) [injected: {}]", fault.kind());
            let (response, applied, log) = inject_into_sms(fault).await;
            assert_eq!((response.head.as_str(), response.end), ("", Some(ErrorKind::ConnectionReset)), "{outcome}");
            assert_eq!((applied, log), (false, outcome));
        }
    }
}

/// A body that is not sent, or only in part, is not waited for.
#[tokio::test]
async fn reset_does_not_wait_for_the_body() {
    for (fault, sent) in [(InjectedFault::close_before_reading(), 0), (InjectedFault::close_during_reading(), 5)] {
        let (kandy, user) = start().await;
        kandy.emulator.inject(fault.on("sms_send"));
        let response = send(&kandy, &sms(&user, sent)).await;
        // Without unread bytes some systems send FIN before RST.
        assert!(response.head.is_empty() && response.end.is_some(), "{:?}", response.end);
        assert!(kandy.emulator.sms().is_empty());
    }
}

#[tokio::test]
async fn resets_operation_without_a_body() {
    for fault in [InjectedFault::close_before_reading(), InjectedFault::close_during_reading()] {
        let (kandy, user) = start().await;
        kandy.emulator.inject(fault.on("device_delete"));
        let request = format!(
            "DELETE /v1.2/users/devices?key={}&device_id={} HTTP/1.1\r\nhost: a\r\n\r\n",
            user.token, user.device
        );
        let response = send(&kandy, request.as_bytes()).await;
        assert_eq!((response.head.as_str(), response.end), ("", Some(ErrorKind::ConnectionReset)));
        assert_eq!(kandy.emulator.state().devices, 1);
    }
}

#[tokio::test]
async fn closes_after_reading() {
    let (response, applied, log) = inject_into_sms(InjectedFault::close_after_reading()).await;
    assert_eq!((response.head.as_str(), response.end, applied), ("", None, true));
    assert_eq!(log, "no response (sms_send) [injected: close_after_reading]");
    let (response, applied, _) = inject_into_sms(InjectedFault::close_after_reading().applied(false)).await;
    assert_eq!((response.head.as_str(), response.end, applied), ("", None, false));
}

#[tokio::test]
async fn closes_during_response() {
    for applied in [true, false] {
        let (response, sent, _) = inject_into_sms(InjectedFault::close_during_response().applied(applied)).await;
        assert_eq!((response.http(), response.end, sent), (Some(200), None, applied));
        let promised = response.content_length().expect("a length");
        assert!(promised > 30 && response.body.len() == promised / 2, "{} of {promised}", response.body.len());
    }
}

#[tokio::test]
async fn returns_status() {
    for (fault, http, status, message, applied) in [
        (InjectedFault::status(10), 200, 10, "injected fault", false),
        (InjectedFault::status(4711).with_http(403), 403, 4711, "injected fault", false),
        (InjectedFault::status(500).applied(true), 200, 500, "injected fault", true),
        (InjectedFault::expired_token(), 403, 10, "access token expired", false),
        (InjectedFault::expired_token().with_http(401), 401, 10, "access token expired", false),
    ] {
        let log = format!("{http}, status {status} (sms_send) [injected: {}]", fault.kind());
        let (response, sent, logged) = inject_into_sms(fault).await;
        assert_eq!((response.http(), sent, logged), (Some(http), applied, log));
        assert_eq!(response.json(), json!({"status": status, "message": message}));
        assert_eq!(response.header("content-type"), Some("application/json; charset=utf-8"));
    }
}

#[tokio::test]
async fn returns_http_status_without_body() {
    for http in [200, 204, 304, 429, 500, 502, 503, 599] {
        let (response, sent, log) = inject_into_sms(InjectedFault::http(http)).await;
        assert_eq!((response.http(), response.body.len(), response.end, sent), (Some(http), 0, None, false));
        assert_eq!(log, format!("{http} (sms_send) [injected: http]"));
        assert_eq!((response.header("content-type"), response.header("retry-after")), (None, None));
    }
    assert!(inject_into_sms(InjectedFault::http(503).applied(true)).await.1, "it was carried out");
}

#[tokio::test]
async fn returns_retry_after() {
    let fault = InjectedFault::http(503).retry_after(Duration::from_millis(1500));
    assert_eq!(inject_into_sms(fault).await.0.header("retry-after"), Some("2"));
    let fault = InjectedFault::status(10).retry_after(Duration::ZERO);
    assert_eq!(inject_into_sms(fault).await.0.header("retry-after"), Some("0"));

    // The date, and the header `Date`, are of the emulator's clock.
    let (kandy, user) = start().await;
    kandy.emulator.advance(Duration::from_secs(50 * 24 * 60 * 60));
    kandy.emulator.inject(InjectedFault::http(503).retry_after_date(Duration::from_secs(60)).on("sms_send"));
    let response = send(&kandy, &sms(&user, usize::MAX)).await;
    let moment = |name| httpdate(response.header(name).expect("a date"));
    let (date, after) = (moment("date"), moment("retry-after"));
    assert!((60..=61).contains(&(after - date)), "{date} {after}");
    assert!(kandy.emulator.state().now_ms / 1000 - date < 60);
}

/// Parses an HTTP date to seconds since 1970.
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
async fn corrupts_response() {
    for applied in [true, false] {
        let (response, sent, _) = inject_into_sms(InjectedFault::truncated_json().applied(applied)).await;
        assert_eq!((response.http(), sent, response.content_length()), (Some(200), applied, Some(response.body.len())));
        assert!(response.body.starts_with(b"{\"") && response.json().is_null());

        let (response, sent, _) = inject_into_sms(InjectedFault::wrong_json().applied(applied)).await;
        assert_eq!((response.http(), response.json(), sent), (Some(200), json!({"unexpected": true}), applied));

        let (response, sent, _) = inject_into_sms(InjectedFault::wrong_content_type().applied(applied)).await;
        assert_eq!(
            (response.header("content-type"), response.json()["status"].as_i64()),
            (Some("text/plain"), Some(0))
        );
        assert_eq!(sent, applied);

        let (response, sent, _) = inject_into_sms(InjectedFault::huge_body(1_000_000).applied(applied)).await;
        assert_eq!((response.content_length(), response.header("transfer-encoding")), (None, Some("chunked")));
        assert!(response.body.len() > 1_000_000 && sent == applied);

        let (response, sent, _) = inject_into_sms(InjectedFault::html_page().with_http(502).applied(applied)).await;
        assert_eq!((response.http(), sent), (Some(502), applied));
    }
    let (response, sent, log) = inject_into_sms(InjectedFault::html_page()).await;
    assert_eq!((response.http(), sent, log.as_str()), (Some(200), false, "200 (sms_send) [injected: html_page]"));
    assert_eq!(response.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(response.body.starts_with(b"<!DOCTYPE html>"));
}

#[tokio::test]
async fn huge_body_is_valid() {
    let (kandy, user) = start().await;
    kandy.emulator.inject(InjectedFault::huge_body(3_000_000).on("device_list"));
    let response = kandy.request("device_list", &[("key", &user.token)]).send().await.expect("a response");
    let text = response.text().await.expect("all of it");
    assert_eq!(text.len(), 3_000_000);
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&json["status"], &json["result"]["devices"][0]["id"]), (&json!(0), &json!(user.device)));
}

#[tokio::test]
async fn delays_response() {
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

#[tokio::test]
async fn refusal_has_the_given_body() {
    let (response, applied, _) = inject_into_sms(InjectedFault::http(403).text_body().applied(true)).await;
    assert_eq!((response.http(), response.header("content-type"), applied), (Some(403), Some("text/plain"), true));
    let (response, ..) = inject_into_sms(InjectedFault::http(401).json_body()).await;
    assert_eq!((response.http(), response.json()["error"].as_str()), (Some(401), Some("refused")));
}
