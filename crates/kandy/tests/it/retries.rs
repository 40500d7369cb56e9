//! Which failures are retried, after which wait, and how often; on a clock that never waits.

use std::time::Duration;

use kandy::{Error, Kandy, Phase, RetryBudget, RetryPolicy, Status, sys::OPERATIONS};

use crate::support::{
    clock::TestClock,
    coverage,
    failing_server::failing_server,
    handles::{device, user},
    mock_server::{closed_port, json_response, response},
};

/// Returns a response without an envelope.
fn error_response(status: u16, headers: &str) -> Vec<u8> {
    response(status, headers, "no")
}

/// Returns a response that is shorter than its `Content-Length`.
fn truncated() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n{".to_vec()
}

/// Reports the operations that the committed table lacks: the comparison of snapshots shows only lines.
fn assert_in_table(table: &std::path::Path) {
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        return;
    }
    let committed = std::fs::read_to_string(table).expect("the committed table");
    // Padded like the table, where a long id leaves no space before the method.
    let has = |operation: &kandy::sys::Operation| {
        let row = format!("{:<32}{:<8}", operation.id, operation.method.as_str());
        committed.lines().any(|line| line.starts_with(&row))
    };
    let report = |operation| {
        coverage::lacks(
            operation,
            "row in the table of retried operations",
            &format!("openapi/chapters/{}.yaml", coverage::chapter(operation)),
            "`x-kandy-idempotent`, if its method does not imply whether it may be retried, and run `cargo xtask generate`",
            "INSTA_UPDATE=always cargo test -p kandy --test it retries::table, and read the difference",
        )
    };
    coverage::assert_none(&OPERATIONS.iter().filter(|one| !has(one)).map(report).collect::<Vec<_>>());
}

#[test]
fn table_of_retried_operations() {
    let mut table = String::new();
    for operation in OPERATIONS {
        let when = match operation.idempotent {
            true => "repeated",
            false => "repeated only if the request did not leave",
        };
        table += &format!("{:<32}{:<8}{when}\n", operation.id, operation.method.as_str());
    }
    // The default folder of insta is the checkout that compiled the test.
    let tables = kandy_checkout::expect_root().join("crates/kandy/tests/it/snapshots/tables");
    assert_in_table(&tables.join("repeated.snap"));
    insta::with_settings!({prepend_module_to_snapshot => false, snapshot_path => tables, omit_expression => true}, {
        insta::assert_snapshot!("repeated", table);
    });
}

#[tokio::test]
async fn retries_a_read_until_it_succeeds() {
    for failure in [
        error_response(408, ""),
        error_response(429, ""),
        error_response(500, ""),
        error_response(502, ""),
        error_response(503, ""),
        error_response(504, ""),
        Vec::new(),
        truncated(),
    ] {
        // The mock server keeps the connection open, so a truncated response stalls until the timeout.
        let (server, kandy, clock) =
            failing_server(vec![failure.clone(), failure], |builder| builder.timeout(Duration::from_millis(500))).await;
        user(&kandy).devices().await.expect("the third attempt");
        assert_eq!(server.requests().len(), 3);
        assert_eq!(clock.waits(), [200, 400]);
    }
}

#[tokio::test]
async fn returns_the_last_error() {
    let (server, kandy, _) = failing_server(vec![error_response(503, ""); 9], |builder| builder).await;
    let error = user(&kandy).devices().await.expect_err("three failures");
    assert_eq!((server.requests().len(), error.attempts()), (3, 3));
    assert_eq!(error.elapsed(), Duration::from_millis(600));
    assert!(error.to_string().contains("after 3 attempts in 600 ms"), "{error}");
}

#[tokio::test]
async fn does_not_retry_a_send_that_may_have_been_applied() {
    for failure in [
        error_response(408, ""),
        error_response(500, ""),
        error_response(502, ""),
        error_response(503, ""),
        error_response(503, "retry-after: 1\r\n"),
        Vec::new(),
        truncated(),
    ] {
        let (server, kandy, clock) =
            failing_server(vec![failure], |builder| builder.timeout(Duration::from_millis(500))).await;
        let device = device(&kandy);
        let error = device.send_sms("+12245556666", "Hello").await.expect_err("an error");
        assert!(error.may_have_been_applied(), "{error}");
        assert_eq!((server.requests().len(), clock.waits().len()), (1, 0));
        device.send_message("anna@example.com", "Hello").await.expect("the next call succeeds");
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn retries_a_send_without_a_connection() {
    let port = closed_port();
    let clock = TestClock::new(0.5);
    let builder = Kandy::builder().base_url(format!("http://127.0.0.1:{port}/v1.2")).clock(clock.clone());
    let kandy = builder.build().expect("a client");
    let error = device(&kandy).send_sms("+12245556666", "Hello").await.expect_err("connection refused");
    assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::Connect), "{error}");
    assert_eq!((error.attempts(), error.may_have_been_applied()), (3, false));
    assert_eq!(clock.waits(), [100, 200], "the clock draws half of the backoff");
}

#[tokio::test]
async fn does_not_retry_a_refusal() {
    for refusal in [
        json_response(200, r#"{"status": 53, "message": "no"}"#),
        json_response(200, r#"{"status": 1, "message": "no"}"#),
        json_response(404, r#"{"status": 18, "message": "no"}"#),
        json_response(426, "{}"),
        json_response(200, "<html>"),
    ] {
        let (server, kandy, _) = failing_server(vec![refusal], |builder| builder).await;
        user(&kandy).devices().await.expect_err("refused");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn not_found_after_a_retried_deletion_may_have_been_applied() {
    let gone = json_response(200, r#"{"status": 53, "message": "device does not exist"}"#);
    let (_server, kandy, _) = failing_server(vec![Vec::new(), gone], |builder| builder).await;
    let error = user(&kandy).delete_device("A149").await.expect_err("it is gone");
    assert!(error.is_not_found() && error.may_have_been_applied(), "{error}");
    assert_eq!((error.status(), error.attempts()), (Some(Status::DOES_NOT_EXIST), 2));
}

#[tokio::test]
async fn waits_as_retry_after_demands() {
    for (header, waits) in [
        ("retry-after: 7\r\n", [7_000]),
        ("retry-after: Sun, 06 Nov 1994 08:49:46 GMT\r\n", [9_000]),
        ("retry-after: 86400\r\n", [30_000]),
        ("retry-after: soon\r\n", [200]),
    ] {
        let (_server, kandy, clock) = failing_server(vec![error_response(503, header)], |builder| builder).await;
        user(&kandy).devices().await.expect("the second attempt");
        assert_eq!(clock.waits(), waits, "{header}");
    }
    let short = RetryPolicy::default().longest_retry_after(Duration::from_secs(1));
    let (_server, kandy, clock) =
        failing_server(vec![error_response(429, "retry-after: 7\r\n")], |builder| builder.retry(short)).await;
    user(&kandy).devices().await.expect("the second attempt");
    assert_eq!(clock.waits(), [1_000]);
}

#[tokio::test]
async fn a_client_and_a_call_can_set_the_policy() {
    let many = RetryPolicy::default().attempts(5).backoff(Duration::from_millis(10), Duration::from_millis(25));
    let (server, kandy, clock) = failing_server(vec![error_response(503, ""); 99], |builder| builder.retry(many)).await;
    user(&kandy).devices().await.expect_err("five failures");
    assert_eq!((server.requests().len(), clock.waits()), (5, vec![10, 20, 25, 25]));
    user(&kandy).devices().retry(RetryPolicy::never()).await.expect_err("one failure");
    assert_eq!(server.requests().len(), 6);

    let (server, kandy, _) =
        failing_server(vec![error_response(503, ""); 99], |builder| builder.retry(RetryPolicy::never())).await;
    user(&kandy).devices().await.expect_err("one failure");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn the_budget_bounds_retries_during_an_outage() {
    let budget = RetryBudget::new(5);
    let shared = budget.clone();
    let (server, kandy, _) =
        failing_server(vec![error_response(503, ""); 25], |builder| builder.retry_budget(shared)).await;
    for _ in 0..20 {
        user(&kandy).devices().await.expect_err("an outage");
    }
    assert_eq!((server.requests().len(), budget.left()), (25, 0));
    for _ in 0..10 {
        user(&kandy).devices().await.expect("it is over");
    }
    assert_eq!(budget.left(), 1);
}

#[tokio::test]
async fn the_deadline_bounds_the_waits() {
    let (server, kandy, clock) =
        failing_server(vec![error_response(503, "retry-after: 20\r\n"); 9], |builder| builder).await;
    let error = user(&kandy).devices().deadline(Duration::from_secs(30)).await.expect_err("no time for a third");
    assert_eq!((server.requests().len(), clock.waits()), (2, vec![20_000]));
    assert_eq!((error.attempts(), error.elapsed()), (2, Duration::from_secs(20)));
}

#[tokio::test]
async fn retries_a_raw_call() {
    let (server, kandy, _) = failing_server(vec![error_response(503, "")], |builder| builder).await;
    user(&kandy).raw().device_list().await.expect("the second attempt");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn retries_minting_for_a_send() {
    let (server, kandy, _) = failing_server(vec![error_response(503, "")], |builder| builder).await;
    let device = kandy.domain("DAK-key", "DAS-secret").user("russ").device("A149");
    device.send_sms("+12245556666", "Hello").await.expect("the second mint succeeds");
    assert_eq!(server.operation_ids(), ["user_access_token_get", "user_access_token_get", "sms_send"]);
}

#[tokio::test]
async fn retries_what_is_not_idempotent_only_when_asked_to() {
    let failures = [Vec::new(), error_response(500, ""), error_response(503, "")];
    for failure in &failures {
        let exists = json_response(200, r#"{"status":50,"message":"user already exists"}"#);
        let (server, kandy, _) = failing_server(vec![failure.clone(), exists], |builder| builder).await;
        let create = kandy.domain_with_token("DAK-key", "DAT-token").create_user("russ");
        let error = create.clone().retry(RetryPolicy::default().retry_non_idempotent()).await.expect_err("it exists");
        assert!(error.is_already_exists(), "{error}");
        assert_eq!((server.requests().len(), error.attempts()), (2, 2));

        let (server, kandy, _) = failing_server(vec![failure.clone()], |builder| builder).await;
        let error = kandy.domain_with_token("DAK-key", "DAT-token").create_user("russ").await.expect_err("in doubt");
        assert!(error.may_have_been_applied(), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
}
