//! What is repeated, when, and how often; without waiting.

#[path = "support/coverage.rs"]
mod coverage;
mod support;

use std::time::Duration;

use kandy::{Device, Error, Kandy, Phase, RetryBudget, RetryPolicy, Status, User, sys::OPERATIONS};
use support::{clock::TestClock, failing::failing, json};

fn user(kandy: &Kandy) -> User {
    kandy.user_with_token("UAT-token")
}

fn device(kandy: &Kandy) -> Device {
    user(kandy).device("A149")
}

fn refused(http_status: u16, header: &str) -> Vec<u8> {
    format!("HTTP/1.1 {http_status} X\r\n{header}content-length: 2\r\n\r\nno").into_bytes()
}

/// An answer that promises more than it brings.
fn broken() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n{".to_vec()
}

/// Reports the operations that the committed table lacks; the comparison of the tables shows lines only.
fn assert_in_table(table: &std::path::Path) {
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        return;
    }
    let committed = std::fs::read_to_string(table).expect("the committed table");
    // In the same columns as in the table, where a long id leaves no space before the method.
    let has = |operation: &kandy::sys::Operation| {
        let row = format!("{:<32}{:<8}", operation.id, operation.method.as_str());
        committed.lines().any(|line| line.starts_with(&row))
    };
    let report = |operation| {
        coverage::lacks(
            operation,
            "row in the table of what is repeated",
            &format!("openapi/chapters/{}.yaml", coverage::chapter(operation)),
            "`x-kandy-idempotent`, if its method says the wrong thing about repeating it, and run `cargo xtask generate`",
            "INSTA_UPDATE=always cargo test -p kandy --test retries the_whole_table, and read the difference",
        )
    };
    coverage::assert_none(&OPERATIONS.iter().filter(|one| !has(one)).map(report).collect::<Vec<_>>());
}

#[test]
fn the_whole_table() {
    let mut table = String::new();
    for operation in OPERATIONS {
        let when = match operation.idempotent {
            true => "repeated",
            false => "repeated only if the request did not leave",
        };
        table += &format!("{:<32}{:<8}{when}\n", operation.id, operation.method.as_str());
    }
    // Where insta looks by itself is where the test was compiled.
    let tables = kandy_checkout::expect_root().join("crates/kandy/tests/snapshots/tables");
    assert_in_table(&tables.join("repeated.snap"));
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => tables, omit_expression => true}, {
        insta::assert_snapshot!("repeated", table);
    });
}

#[tokio::test]
async fn a_read_is_repeated_until_it_succeeds() {
    for failure in [
        refused(408, ""),
        refused(429, ""),
        refused(500, ""),
        refused(502, ""),
        refused(503, ""),
        refused(504, ""),
        Vec::new(),
        broken(),
    ] {
        // What the recorder breaks off stalls until the attempt times out.
        let (recorder, kandy, clock) =
            failing(vec![failure.clone(), failure], |builder| builder.timeout(Duration::from_millis(500))).await;
        user(&kandy).devices().await.expect("the third attempt");
        assert_eq!(recorder.requests().len(), 3);
        assert_eq!(clock.waits(), [200, 400]);
    }
}

#[tokio::test]
async fn in_the_end_the_last_failure_is_told() {
    let (recorder, kandy, _) = failing(vec![refused(503, ""); 9], |builder| builder).await;
    let error = user(&kandy).devices().await.expect_err("three failures");
    assert_eq!((recorder.requests().len(), error.attempts()), (3, 3));
    assert_eq!(error.elapsed(), Duration::from_millis(600));
    assert!(error.to_string().contains("after 3 attempts in 600 ms"), "{error}");
}

#[tokio::test]
async fn a_send_is_not_repeated_once_it_has_left() {
    for failure in [
        refused(408, ""),
        refused(500, ""),
        refused(502, ""),
        refused(503, ""),
        refused(503, "retry-after: 1\r\n"),
        Vec::new(),
        broken(),
    ] {
        let (recorder, kandy, clock) =
            failing(vec![failure], |builder| builder.timeout(Duration::from_millis(500))).await;
        let device = device(&kandy);
        let error = device.send_sms("+12245556666", "Hello").await.expect_err("a failure");
        assert!(error.may_have_been_applied(), "{error}");
        assert_eq!((recorder.requests().len(), clock.waits().len()), (1, 0));
        device.send_message("anna@example.com", "Hello").await.expect("the next one goes well");
        assert_eq!(recorder.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_send_is_repeated_while_there_is_no_connection() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let clock = TestClock::new(0.5);
    let builder = Kandy::builder().base_url(format!("http://127.0.0.1:{port}/v1.2")).clock(clock.clone());
    let kandy = builder.build().expect("a client");
    let error = device(&kandy).send_sms("+12245556666", "Hello").await.expect_err("nobody listens");
    assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::Connect), "{error}");
    assert_eq!((error.attempts(), error.may_have_been_applied()), (3, false));
    assert_eq!(clock.waits(), [100, 200], "half of the bound, as chance would have it");
}

#[tokio::test]
async fn a_refusal_is_not_repeated() {
    for answer in [
        json(200, r#"{"status": 53, "message": "no"}"#),
        json(200, r#"{"status": 1, "message": "no"}"#),
        json(404, r#"{"status": 18, "message": "no"}"#),
        json(426, "{}"),
        json(200, "<html>"),
    ] {
        let (recorder, kandy, _) = failing(vec![answer], |builder| builder).await;
        user(&kandy).devices().await.expect_err("refused");
        assert_eq!(recorder.requests().len(), 1);
    }
}

#[tokio::test]
async fn what_was_deleted_in_doubt_says_so() {
    let gone = json(200, r#"{"status": 53, "message": "device does not exist"}"#);
    let (_recorder, kandy, _) = failing(vec![Vec::new(), gone], |builder| builder).await;
    let error = user(&kandy).delete_device("A149").await.expect_err("it is gone");
    assert!(error.is_not_found() && error.may_have_been_applied(), "{error}");
    assert_eq!((error.status(), error.attempts()), (Some(Status::DOES_NOT_EXIST), 2));
}

#[tokio::test]
async fn the_service_says_how_long_to_wait() {
    for (header, waits) in [
        ("retry-after: 7\r\n", [7_000]),
        ("retry-after: Sun, 06 Nov 1994 08:49:46 GMT\r\n", [9_000]),
        ("retry-after: 86400\r\n", [30_000]),
        ("retry-after: soon\r\n", [200]),
    ] {
        let (_recorder, kandy, clock) = failing(vec![refused(503, header)], |builder| builder).await;
        user(&kandy).devices().await.expect("the second attempt");
        assert_eq!(clock.waits(), waits, "{header}");
    }
    let short = RetryPolicy::default().longest_retry_after(Duration::from_secs(1));
    let (_recorder, kandy, clock) =
        failing(vec![refused(429, "retry-after: 7\r\n")], |builder| builder.retry(short)).await;
    user(&kandy).devices().await.expect("the second attempt");
    assert_eq!(clock.waits(), [1_000]);
}

#[tokio::test]
async fn the_policy_is_set_for_a_client_or_for_a_call() {
    let many = RetryPolicy::default().attempts(5).backoff(Duration::from_millis(10), Duration::from_millis(25));
    let (recorder, kandy, clock) = failing(vec![refused(503, ""); 99], |builder| builder.retry(many)).await;
    user(&kandy).devices().await.expect_err("five failures");
    assert_eq!((recorder.requests().len(), clock.waits()), (5, vec![10, 20, 25, 25]));
    user(&kandy).devices().retry(RetryPolicy::never()).await.expect_err("one failure");
    assert_eq!(recorder.requests().len(), 6);

    let (recorder, kandy, _) = failing(vec![refused(503, ""); 99], |builder| builder.retry(RetryPolicy::never())).await;
    user(&kandy).devices().await.expect_err("one failure");
    assert_eq!(recorder.requests().len(), 1);
}

#[tokio::test]
async fn an_outage_is_not_multiplied() {
    let budget = RetryBudget::new(5);
    let shared = budget.clone();
    let (recorder, kandy, _) = failing(vec![refused(503, ""); 25], |builder| builder.retry_budget(shared)).await;
    for _ in 0..20 {
        user(&kandy).devices().await.expect_err("an outage");
    }
    assert_eq!((recorder.requests().len(), budget.left()), (25, 0));
    for _ in 0..10 {
        user(&kandy).devices().await.expect("it is over");
    }
    assert_eq!(budget.left(), 1);
}

#[tokio::test]
async fn a_deadline_bounds_the_waits() {
    let (recorder, kandy, clock) = failing(vec![refused(503, "retry-after: 20\r\n"); 9], |builder| builder).await;
    let error = user(&kandy).devices().deadline(Duration::from_secs(30)).await.expect_err("no time for a third");
    assert_eq!((recorder.requests().len(), clock.waits()), (2, vec![20_000]));
    assert_eq!((error.attempts(), error.elapsed()), (2, Duration::from_secs(20)));
}

#[tokio::test]
async fn a_raw_call_is_repeated_too() {
    let (recorder, kandy, _) = failing(vec![refused(503, "")], |builder| builder).await;
    user(&kandy).raw().device_list().await.expect("the second attempt");
    assert_eq!(recorder.requests().len(), 2);
}

#[tokio::test]
async fn minting_is_repeated_for_a_send() {
    let (recorder, kandy, _) = failing(vec![refused(503, "")], |builder| builder).await;
    let device = kandy.domain("DAK-key", "DAS-secret").user("russ").device("A149");
    device.send_sms("+12245556666", "Hello").await.expect("the token came the second time");
    let ids: Vec<_> = recorder.requests().iter().map(|request| request.operation().id).collect();
    assert_eq!(ids, ["user_access_token_get", "user_access_token_get", "sms_send"]);
}
