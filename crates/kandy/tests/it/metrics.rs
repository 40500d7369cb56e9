//! `Kandy::metrics` and observers: what a client holds at a moment, and what its observers learn.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
};

use futures_util::FutureExt;
use kandy::{AttemptEvent, CallEvent, Kandy, Observer, RetryBudget, RetryPolicy, sys::operation::Level};
use kandy_emulator::{Emulator, InjectedFault};

use crate::support::{
    clock::TestClock,
    mock_server::{MockServer, json_response, response},
};

/// Starts a server that responds to each request with the example of its operation, and to `operation` with `special`.
async fn server(operation: &'static str, special: Vec<u8>) -> MockServer {
    MockServer::respond_with(move |request| match request.operation().id == operation {
        true => special.clone(),
        false => json_response(200, request.operation().example),
    })
    .await
}

fn client(server: &MockServer) -> kandy::KandyBuilder {
    Kandy::builder().base_url(server.kandy.base_url()).clock(TestClock::new(0.5))
}

#[tokio::test]
async fn calls_in_flight_are_counted_until_they_end_in_any_way() {
    #[derive(Debug)]
    struct Panics;

    impl Observer for Panics {
        fn call_finished(&self, _: &CallEvent<'_>) {
            panic!("in an observer");
        }
    }

    let in_flight = |kandy: &Kandy| kandy.metrics().calls_in_flight;
    for (what, special, succeeds) in [
        ("a success", json_response(200, r#"{"status":0,"result":{"domains":[]}}"#), true),
        ("a refusal", json_response(403, r#"{"status":11,"message":"no"}"#), false),
        ("an outage", response(503, "", ""), false),
        ("a response that cannot be decoded", json_response(200, "[]"), false),
        ("a broken connection", Vec::new(), false),
    ] {
        let server = server("domain_list", special).await;
        let kandy = client(&server).build().expect("a client");
        let account = kandy.account_with_token("AAT-token");
        assert_eq!(in_flight(&kandy), 0, "{what}");
        let mut call = pin!(async { account.domains().await });
        assert!((&mut call).now_or_never().is_none(), "{what}");
        assert_eq!(in_flight(&kandy.clone()), 1, "{what}: clones share the count");
        assert_eq!(call.await.is_ok(), succeeds, "{what}");
        assert_eq!(in_flight(&kandy), 0, "{what}");
    }

    let emulator = Emulator::start().expect("a free port");
    emulator.inject(InjectedFault::stall());
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let mut calls: Vec<_> = (0..3).map(|_| Box::pin(async { account.domains().await })).collect();
    for call in &mut calls {
        assert!(call.now_or_never().is_none());
    }
    assert_eq!(in_flight(&kandy), 4, "three calls, and the one that mints their token");
    calls.pop();
    assert_eq!(in_flight(&kandy), 3, "one call is cancelled");
    calls.clear();
    assert_eq!(in_flight(&kandy), 0, "all are cancelled, and with them the request for a token");

    let server = server("none", Vec::new()).await;
    let kandy = client(&server).observer(Panics).build().expect("a client");
    let account = kandy.account_with_token("AAT-token");
    let call = tokio::spawn(async move { account.domains().await });
    assert!(call.await.expect_err("a panic").is_panic());
    assert_eq!(in_flight(&kandy), 0, "the observer panicked");
}

#[tokio::test]
async fn tokens_are_counted_for_each_handle_that_holds_one() {
    let server = server("none", Vec::new()).await;
    let kandy = client(&server).build().expect("a client");
    let cached = || kandy.metrics().tokens_cached;
    let domain = kandy.domain("DAK-key", "DAS-secret");
    assert_eq!(cached(), 0, "nothing is minted yet");
    domain.users().await.expect("a list");
    let clone = domain.clone();
    clone.users().await.expect("a list");
    assert_eq!(cached(), 1, "clones of a handle share its token");
    let user = domain.user("russ");
    user.devices().await.expect("a list");
    assert_eq!(cached(), 2);
    let given = kandy.user_with_token("UAT-token");
    assert_eq!(cached(), 3, "a token that is given");
    domain.revoke_access_token().await.expect("revoked");
    assert_eq!(cached(), 2, "a revoked token is forgotten");
    drop((user, given));
    assert_eq!(cached(), 0, "the handles are dropped");
}

#[tokio::test]
async fn the_retries_that_are_left_are_those_of_the_budget() {
    let server = server("domain_list", response(503, "", "")).await;
    let (budget, policy) = (RetryBudget::new(5), RetryPolicy::default().attempts(3));
    let kandy = client(&server).retry_budget(budget).retry(policy).build().expect("a client");
    let account = kandy.account_with_token("AAT-token");
    for left in [5, 3, 1, 0, 0] {
        assert_eq!(kandy.metrics().retries_left, left);
        account.domains().await.expect_err("an outage");
    }
}

/// Records each event as text, with its own name.
#[derive(Debug)]
struct Recorder(&'static str, Arc<Mutex<Vec<String>>>);

impl Observer for Recorder {
    fn call_finished(&self, call: &CallEvent<'_>) {
        let minted = call.minted_level().map_or(String::new(), |level: Level| format!(" mints for the {level}"));
        let doubt = if call.may_have_been_applied() { " in doubt" } else { "" };
        let wait = call.rate_limit_wait.as_millis();
        let kind = call.outcome.error_type().unwrap_or("ok".into());
        let text = format!("{}: {} {kind}{doubt}{minted} waited {wait} ms", self.0, call.operation.id);
        self.1.lock().expect("no panic").push(text);
    }

    fn attempt_finished(&self, attempt: &AttemptEvent<'_>) {
        let AttemptEvent { number, server_address, .. } = attempt;
        let kind = attempt.outcome.error_type().unwrap_or("ok".into());
        let text = format!("{}: {} attempt {number} at {server_address} {kind}", self.0, attempt.operation.id);
        assert!(attempt.server_port > 0);
        self.1.lock().expect("no panic").push(text);
    }
}

#[tokio::test]
async fn every_observer_is_notified_in_the_order_of_their_addition() {
    let events = Arc::<Mutex<Vec<String>>>::default();
    let server = server("none", Vec::new()).await;
    let shared = Arc::new(Recorder("second", events.clone()));
    let builder = client(&server).observer(Recorder("first", events.clone())).observer(shared.clone());
    let kandy = builder.build().expect("a client");
    kandy.domain("DAK-key", "DAS-secret").users().await.expect("a list");
    let expected = [
        "first: domain_access_token_get attempt 1 at 127.0.0.1 ok",
        "second: domain_access_token_get attempt 1 at 127.0.0.1 ok",
        "first: domain_access_token_get ok mints for the domain waited 0 ms",
        "second: domain_access_token_get ok mints for the domain waited 0 ms",
        "first: user_list attempt 1 at 127.0.0.1 ok",
        "second: user_list attempt 1 at 127.0.0.1 ok",
        "first: user_list ok waited 0 ms",
        "second: user_list ok waited 0 ms",
    ];
    assert_eq!(*events.lock().expect("no panic"), expected);
}

#[tokio::test]
async fn an_observer_learns_whether_a_failed_call_may_have_been_applied() {
    for (special, is_sms, expected) in [
        (json_response(200, r#"{"status":0}"#), true, "ok"),
        (response(500, "", ""), true, "500 in doubt"),
        (json_response(500, r#"{"status":1,"message":"failed"}"#), true, "500 in doubt"),
        (json_response(200, r#"{"status":1,"message":"failed"}"#), true, "refused in doubt"),
        (json_response(200, r#"{"status":13,"message":"no credit"}"#), true, "refused"),
        (json_response(403, r#"{"status":13,"message":"no credit"}"#), true, "403"),
        (response(502, "", "<html>"), true, "502 in doubt"),
        (Vec::new(), true, "send in doubt"),
        (response(500, "", ""), false, "500"),
        (Vec::new(), false, "send"),
    ] {
        let operation = if is_sms { "sms_send" } else { "device_list" };
        let events = Arc::<Mutex<Vec<String>>>::default();
        let server = server(operation, special).await;
        let builder = client(&server).observer(Recorder("it", events.clone())).retry(RetryPolicy::never());
        let user = builder.build().expect("a client").user_with_token("UAT-token");
        let failed = match is_sms {
            true => user.device("A149").send_sms("+12245556666", "Hello").await.err(),
            false => user.devices().await.err(),
        };
        let last = events.lock().expect("no panic").pop().expect("an event");
        assert_eq!(last, format!("it: {operation} {expected} waited 0 ms"));
        let in_doubt = failed.is_some_and(|error| error.may_have_been_applied());
        assert_eq!(last.contains("in doubt"), in_doubt, "as the error tells: {last}");
    }
}

#[tokio::test]
async fn an_observer_learns_how_long_a_call_waited_for_the_rate_limit() {
    let events = Arc::<Mutex<Vec<String>>>::default();
    let refusals = Mutex::new(0);
    let server = MockServer::respond_with(move |request| {
        let mut refusals = refusals.lock().expect("no panic");
        *refusals += 1;
        match *refusals {
            1 => response(429, "retry-after: 7\r\n", ""),
            _ => json_response(200, request.operation().example),
        }
    })
    .await;
    let kandy = client(&server).observer(Recorder("it", events.clone())).build().expect("a client");
    kandy.account_with_token("AAT-token").domains().await.expect("the second attempt");
    let expected = [
        "it: domain_list attempt 1 at 127.0.0.1 429",
        "it: domain_list attempt 2 at 127.0.0.1 ok",
        "it: domain_list ok waited 7000 ms",
    ];
    assert_eq!(*events.lock().expect("no panic"), expected);
}
