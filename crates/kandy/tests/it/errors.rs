//! Connection, TLS, timeout, decode and API errors on real sockets: each has its own variant or phase, and none prints a
//! credential.

use std::{error::Error as _, fmt::Write as _, time::Duration};

use kandy::{Error, Kandy, Phase, Status};
use tokio::net::TcpListener;

use crate::support::mock_server::{MockServer, closed_port, json_response};

/// Part of every credential, body and query of these tests.
const CANARY: &str = "c4n4ry";

/// Sends an SMS that must fail, and checks that the error does not print the canary.
async fn send_error(kandy: &Kandy) -> Error {
    let user = kandy.user_with_token(format!("UAT-{CANARY}"));
    let error = user.device("A149").send_sms("+12245556666", CANARY).await.expect_err("an error");
    let mut printed = format!("{error} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        write!(printed, " {error} {error:?}").expect("a text");
        source = error.source();
    }
    assert!(!printed.contains(CANARY), "{printed}");
    assert!(!printed.contains("key="), "{printed}");
    assert!(printed.contains("sms_send"), "{printed}");
    error
}

/// Returns the phase of a transport error.
fn phase(error: &Error) -> Option<Phase> {
    match error {
        Error::Transport(error) => Some(error.phase()),
        _ => None,
    }
}

/// Builds a client.
fn kandy(base_url: String) -> Kandy {
    Kandy::builder().base_url(base_url).build().expect("a client")
}

#[tokio::test]
async fn connection_refused() {
    let port = closed_port();
    let error = send_error(&kandy(format!("http://127.0.0.1:{port}/v1.2"))).await;
    assert_eq!(phase(&error), Some(Phase::Connect), "{error}");
    assert!(error.is_retryable() && !error.may_have_been_applied());
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn server_without_tls() {
    // The mock server waits for an HTTP head; this one responds at once, without TLS.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 no\r\n\r\n").await;
        }
    });
    let error = send_error(&kandy(format!("https://127.0.0.1:{port}/v1.2"))).await;
    assert_eq!(phase(&error), Some(Phase::Tls), "{error}");
    assert!(!error.may_have_been_applied());
}

#[tokio::test]
async fn connection_closed_before_the_response() {
    let server = MockServer::respond_with(|_| Vec::new()).await;
    let error = send_error(&server.kandy).await;
    assert_eq!(phase(&error), Some(Phase::Send), "{error}");
    assert!(error.is_retryable() && error.may_have_been_applied());
    assert_eq!(server.requests().len(), 1, "an SMS is never sent twice");
}

#[tokio::test]
async fn truncated_response() {
    let server = MockServer::respond_with(|request| {
        let mut response = json_response(200, &format!(r#"{{"status": 0, "message": "{CANARY}"}}"#));
        response.truncate(response.len() - 3);
        assert!(!request.body.is_empty());
        // The server keeps the connection open; the header announces that it closes.
        String::from_utf8(response)
            .map(|response| response.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").into_bytes())
            .unwrap_or_default()
    })
    .await;
    let user = server.kandy.user_with_token("UAT");
    let error = user
        .device("A149")
        .send_sms("+12245556666", "x")
        .timeout(Duration::from_millis(200))
        .await
        .expect_err("broken");
    assert!(error.may_have_been_applied(), "{error}");
}

#[tokio::test]
async fn no_response() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let client = Kandy::builder().base_url(format!("http://127.0.0.1:{port}/v1.2")).timeout(Duration::from_millis(50));
    let error = send_error(&client.build().expect("a client")).await;
    assert_eq!(phase(&error), Some(Phase::Timeout), "{error}");
    assert!(error.is_timeout() && error.may_have_been_applied());
    drop(listener);
}

#[tokio::test]
async fn response_without_an_envelope() {
    for (text, path, reason) in [
        (format!("<html>{CANARY}</html>"), "", "it is not JSON"),
        (format!(r#"{{"message": "{CANARY}"}}"#), "", "missing field `status`"),
        (format!(r#"{{"status": "{CANARY}"}}"#), "status", "the value cannot be used"),
        (String::new(), "", "it ends too early"),
        (format!("[\"{CANARY}\"]"), "", "expected an object with `status` and `message`"),
    ] {
        let body = text.clone();
        let server = MockServer::respond_with(move |_| json_response(200, &body)).await;
        let error = send_error(&server.kandy).await;
        let Error::Decode(problem) = &error else { panic!("{text}: {error}") };
        assert_eq!(problem.path(), path, "{text}: {error}");
        assert!(problem.reason().contains(reason), "{text}: {error}");
        assert!(error.may_have_been_applied());
    }
}

#[tokio::test]
async fn response_above_the_body_limit() {
    let server = MockServer::respond_with(|_| json_response(200, &CANARY.repeat(100))).await;
    let limited = Kandy::builder().base_url(server.kandy.base_url()).body_limit(100).build().expect("a client");
    let error = send_error(&limited).await;
    assert!(error.to_string().contains("larger than the limit of 100 bytes"), "{error}");
}

#[tokio::test]
async fn response_of_a_proxy() {
    let server = MockServer::respond_with(|_| json_response(502, &format!("<html>{CANARY}</html>"))).await;
    let error = send_error(&server.kandy).await;
    let Error::Api(api) = &error else { panic!("{error}") };
    assert_eq!((api.http_status(), api.status()), (502, None));
    assert!(error.is_retryable() && error.may_have_been_applied());
}

#[tokio::test]
async fn refusal_with_any_http_status() {
    for http_status in [200, 400, 403, 500] {
        let refused = r#"{"status": 13, "message": "insufficient funds"}"#;
        let server = MockServer::respond_with(move |_| json_response(http_status, refused)).await;
        let error = send_error(&server.kandy).await;
        assert_eq!(error.status(), Some(Status::INSUFFICIENT_FUNDS));
        assert!(error.to_string().contains("insufficient funds"), "{error}");
        assert!(error.to_string().contains("SMS to \"+12245556666\""), "{error}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = MockServer::start().await;
    let target = format!("{}/devices/smss", other.kandy.base_url());
    let server = MockServer::respond_with(move |_| {
        format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n").into_bytes()
    })
    .await;
    let error = send_error(&server.kandy).await;
    assert!(error.to_string().contains("redirects are never followed"), "{error}");
    assert_eq!(other.requests().len(), 0);
    assert_eq!(server.only_request().header("referer"), None);
}

#[test]
fn invalid_base_urls_are_refused() {
    for base_url in
        ["api.kandy.io/v1.2", "http://api.kandy.io/v1.2", "https://a:c4n4ry@b/v1.2", "https://b/v1.2?key=c4n4ry", ""]
    {
        let error = Kandy::builder().base_url(base_url).build().expect_err(base_url);
        assert!(matches!(&error, Error::Argument(argument) if argument.argument() == "base_url"), "{error}");
        assert!(!format!("{error} {error:?}").contains(CANARY), "{error}");
    }
    assert!(Kandy::builder().base_url("http://kandy.internal/v1.2").allow_plain_http().build().is_ok());
}

#[tokio::test]
async fn with_response_returns_the_raw_response_too() {
    let server = MockServer::start().await;
    let domain = server.kandy.domain_with_token("DAK-key", "DAT-token");
    let response = domain.users().with_response().await.expect("a success");
    assert_eq!((response.value.len(), response.http_status), (1, 200));
    assert_eq!(response.headers["content-type"], "application/json");
    assert!(response.body.starts_with(b"{"));
    assert!(!format!("{response:?}").contains("UAK"), "the body is not printed");

    let device = server.kandy.user_with_token("UAT-token").device("A149");
    let error = device.delete_messages(Vec::<kandy::MessageId>::new()).with_response().await.expect_err("nothing sent");
    assert!(error.to_string().contains("nothing had to be sent"), "{error}");
}

/// A result that does not decode as the type of the caller is an error of the response, never one of an argument: the
/// deletions were sent, and what they deleted is gone.
#[tokio::test]
async fn response_as_reports_what_was_sent() {
    #[derive(Debug, serde::Deserialize)]
    struct Missing {
        #[expect(dead_code, reason = "only its absence matters")]
        missing: String,
    }

    let server = MockServer::start().await;
    let user = server.kandy.user_with_token("UAT-token");
    let (device, group, conversation) =
        (user.device("A149"), user.group("834f"), user.conversation("anna@example.com"));
    let ids = ["abc2fa752c3c4edf97de8b0a12f622f0"];
    for (operation, outcome) in [
        ("message_delete", device.delete_messages(ids).response_as::<Missing>().await.map(drop)),
        ("group_member_remove", group.remove_members(["anna@example.com"]).response_as::<Missing>().await.map(drop)),
        (
            "conversation_delete",
            user.delete_conversations(["anna@example.com"]).response_as::<Missing>().await.map(drop),
        ),
        ("conversation_message_delete", conversation.delete_messages(ids).response_as::<Missing>().await.map(drop)),
        ("device_delete", user.delete_device("A149").response_as::<Missing>().await.map(drop)),
    ] {
        let error = outcome.expect_err(operation);
        assert!(matches!(error, Error::Decode(_)), "{operation}: {error}");
        assert_eq!(error.operation(), Some(operation));
        assert!(error.may_have_been_applied(), "{operation}: {error}");
    }
    let sent = server.requests().len();
    let response = device.delete_messages(ids).response_as::<serde_json::Value>().await.expect("deleted");
    assert_eq!((response.value, response.http_status), (serde_json::json!({}), 200));
    let nothing = device.delete_messages(Vec::<kandy::MessageId>::new()).response_as::<serde_json::Value>();
    assert!(matches!(nothing.await, Err(Error::Argument(_))));
    assert_eq!(server.requests().len(), sent + 1);
}
