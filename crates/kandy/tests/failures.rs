//! What goes wrong on the way, on real sockets: each failure is told from the others, and none of them shows a
//! credential.

mod support;

use std::{error::Error as _, fmt::Write as _, time::Duration};

use kandy::{Error, Kandy, Phase, Status};
use support::{Recorder, json};
use tokio::net::TcpListener;

/// In every credential, every body and every query of these tests.
const CANARY: &str = "c4n4ry";

/// Sends an SMS, which must fail, and checks that nothing that the error prints has the canary in it.
async fn failure(kandy: &Kandy) -> Error {
    let user = kandy.user_with_token(format!("UAT-{CANARY}"));
    let error = user.device("A149").send_sms("+12245556666", CANARY).await.expect_err("a failure");
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

fn phase(error: &Error) -> Option<Phase> {
    match error {
        Error::Transport(error) => Some(error.phase()),
        _ => None,
    }
}

fn kandy(base_url: String) -> Kandy {
    Kandy::builder().base_url(base_url).build().expect("a client")
}

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").await.and_then(|l| l.local_addr()).expect("a free port").port();
    let error = failure(&kandy(format!("http://127.0.0.1:{port}/v1.2"))).await;
    assert_eq!(phase(&error), Some(Phase::Connect), "{error}");
    assert!(error.is_retryable() && !error.may_have_been_applied());
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn the_other_side_does_not_speak_tls() {
    // The recorder would wait for the end of an HTTP head; this one answers at once, and not in TLS.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 no\r\n\r\n").await;
        }
    });
    let error = failure(&kandy(format!("https://127.0.0.1:{port}/v1.2"))).await;
    assert_eq!(phase(&error), Some(Phase::Tls), "{error}");
    assert!(!error.may_have_been_applied());
}

#[tokio::test]
async fn the_connection_closes_before_an_answer() {
    let recorder = Recorder::answering(|_| Vec::new()).await;
    let error = failure(&recorder.kandy).await;
    assert_eq!(phase(&error), Some(Phase::Send), "{error}");
    assert!(error.is_retryable() && error.may_have_been_applied());
    assert_eq!(recorder.requests().len(), 1, "an SMS is never sent twice");
}

#[tokio::test]
async fn the_answer_breaks_off() {
    let recorder = Recorder::answering(|request| {
        let mut answer = json(200, &format!(r#"{{"status": 0, "message": "{CANARY}"}}"#));
        answer.truncate(answer.len() - 3);
        assert!(!request.body.is_empty());
        // The recorder keeps the connection; a length that is too large would stall, so it says to close.
        String::from_utf8(answer)
            .map(|a| a.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n").into_bytes())
            .unwrap_or_default()
    })
    .await;
    let user = recorder.kandy.user_with_token("UAT");
    let error = user
        .device("A149")
        .send_sms("+12245556666", "x")
        .timeout(Duration::from_millis(200))
        .await
        .expect_err("broken");
    assert!(error.may_have_been_applied(), "{error}");
}

#[tokio::test]
async fn no_answer_comes() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let client = Kandy::builder().base_url(format!("http://127.0.0.1:{port}/v1.2")).timeout(Duration::from_millis(50));
    let error = failure(&client.build().expect("a client")).await;
    assert_eq!(phase(&error), Some(Phase::Timeout), "{error}");
    assert!(error.is_timeout() && error.may_have_been_applied());
    drop(listener);
}

#[tokio::test]
async fn an_answer_that_is_not_the_envelope() {
    for (answer, path, reason) in [
        (format!("<html>{CANARY}</html>"), "", "it is not JSON"),
        (format!(r#"{{"message": "{CANARY}"}}"#), "", "missing field `status`"),
        (format!(r#"{{"status": "{CANARY}"}}"#), "status", "the value cannot be used"),
        (String::new(), "", "it ends too early"),
        (format!("[\"{CANARY}\"]"), "", "expected a map"),
    ] {
        let body = answer.clone();
        let recorder = Recorder::answering(move |_| json(200, &body)).await;
        let error = failure(&recorder.kandy).await;
        let Error::Decode(problem) = &error else { panic!("{answer}: {error}") };
        assert_eq!(problem.path(), path, "{answer}: {error}");
        assert!(problem.reason().contains(reason), "{answer}: {error}");
        assert!(error.may_have_been_applied());
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large() {
    let recorder = Recorder::answering(|_| json(200, &CANARY.repeat(100))).await;
    let limited = Kandy::builder().base_url(recorder.kandy.base_url()).body_limit(100).build().expect("a client");
    let error = failure(&limited).await;
    assert!(error.to_string().contains("larger than the limit of 100 bytes"), "{error}");
}

#[tokio::test]
async fn a_proxy_answers_instead_of_the_service() {
    let recorder = Recorder::answering(|_| json(502, &format!("<html>{CANARY}</html>"))).await;
    let error = failure(&recorder.kandy).await;
    let Error::Api(api) = &error else { panic!("{error}") };
    assert_eq!((api.http_status(), api.status()), (502, None));
    assert!(error.is_retryable() && error.may_have_been_applied());
}

#[tokio::test]
async fn the_service_refuses_in_both_forms() {
    for http_status in [200, 400, 403, 500] {
        let refused = r#"{"status": 13, "message": "insufficient funds"}"#;
        let recorder = Recorder::answering(move |_| json(http_status, refused)).await;
        let error = failure(&recorder.kandy).await;
        assert_eq!(error.status(), Some(Status::INSUFFICIENT_FUNDS));
        assert!(error.to_string().contains("insufficient funds"), "{error}");
        assert!(error.to_string().contains("SMS to \"+12245556666\""), "{error}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Recorder::start().await;
    let target = format!("{}/devices/smss", elsewhere.kandy.base_url());
    let recorder = Recorder::answering(move |_| {
        format!("HTTP/1.1 302 Found\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n").into_bytes()
    })
    .await;
    let error = failure(&recorder.kandy).await;
    assert!(error.to_string().contains("redirects are never followed"), "{error}");
    assert_eq!(elsewhere.requests().len(), 0);
    assert_eq!(recorder.only().header("referer"), None);
}

#[test]
fn a_base_url_that_cannot_be_used_is_refused() {
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
async fn the_raw_answer_is_there_beside_the_typed_one() {
    let recorder = Recorder::start().await;
    let domain = recorder.kandy.domain_with_token("DAK-key", "DAT-token");
    let answer = domain.users().with_response().await.expect("a success");
    assert_eq!((answer.value.len(), answer.http_status), (1, 200));
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(answer.body.starts_with(b"{"));
    assert!(!format!("{answer:?}").contains("UAK"), "the body is not printed");

    let device = recorder.kandy.user_with_token("UAT-token").device("A149");
    let error = device.delete_messages(Vec::<kandy::MessageId>::new()).with_response().await.expect_err("nothing sent");
    assert!(error.to_string().contains("nothing had to be sent"), "{error}");
}
