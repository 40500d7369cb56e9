//! Bulk calls: one outcome for each item, bounded concurrency, and no duplicate requests.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures_util::{Stream, StreamExt};
use kandy::{CallPool, Error, NewUser, Sms};
use serde_json::Value;

use crate::support::mock_server::{MockServer, RecordedRequest, json_response, response};

/// Returns a text of the JSON body of a request.
fn member(request: &RecordedRequest, pointer: &str) -> String {
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    body.pointer(pointer).and_then(Value::as_str).expect(pointer).to_owned()
}

/// Starts a server that creates users, and refuses ids that begin with `taken`.
async fn user_server() -> MockServer {
    MockServer::respond_with(|request| {
        let taken = request.operation().id == "user_create" && member(request, "/user_id").starts_with("taken");
        match taken {
            true => json_response(200, r#"{"status":50,"message":"user already exists"}"#),
            false => json_response(200, request.operation().example),
        }
    })
    .await
}

#[tokio::test]
async fn returns_an_outcome_and_the_item_for_each_item() {
    let server = user_server().await;
    let domain = server.kandy.domain_with_token("DAK-key", "DAT-token");
    let ids: Vec<String> =
        (0..100).map(|at| if at % 10 == 3 { format!("taken{at}") } else { format!("user{at}") }).collect();
    let users = ids.clone().into_iter().map(|id| NewUser::new(id).country_code("US"));
    let bad = [NewUser::new("no@good")];

    let outcomes: Vec<_> = domain.create_users(users.chain(bad)).concurrency(7).collect().await;

    let by_position: BTreeMap<_, _> = outcomes.iter().map(|outcome| (outcome.position, outcome)).collect();
    assert_eq!(by_position.len(), 101, "one for each item");
    for (position, outcome) in by_position {
        let id = ids.get(position).map_or("no@good", String::as_str);
        assert_eq!(outcome.item.user_id().as_str(), id);
        match (&outcome.result, id) {
            (Err(Error::Argument(_)), "no@good") => {}
            (Err(error), id) if id.starts_with("taken") => assert!(error.is_already_exists(), "{error}"),
            (result, _) => assert!(result.is_ok(), "{id}: {result:?}"),
        }
    }
    let mut sent: Vec<String> = server.requests().iter().map(|request| member(request, "/user_id")).collect();
    sent.sort();
    let mut expected = ids;
    expected.sort();
    assert_eq!(sent, expected, "each valid item is sent once");
}

#[tokio::test]
async fn in_order_returns_outcomes_in_order() {
    let server = user_server().await;
    let domain = server.kandy.domain_with_token("DAK-key", "DAT-token");
    let ids = (0..50).map(|at| format!("user{at}"));
    let outcomes = domain.create_users(ids).concurrency(5).in_order();
    let positions: Vec<_> = outcomes.map(|outcome| outcome.position).collect().await;
    assert!(positions.iter().copied().eq(0..50), "{positions:?}");
}

#[tokio::test]
async fn takes_items_only_as_concurrency_allows() {
    for in_order in [false, true] {
        let server = user_server().await;
        let domain = server.kandy.domain_with_token("DAK-key", "DAT-token");
        let taken = Arc::new(AtomicUsize::new(0));
        let counter = taken.clone();
        let ids = (0..20).map(move |at| {
            counter.fetch_add(1, Ordering::Relaxed);
            format!("user{at}")
        });
        let mut outcomes = domain.create_users(ids).concurrency(4);
        if in_order {
            outcomes = outcomes.in_order();
        }
        assert_eq!(taken.load(Ordering::Relaxed), 0, "no item before the first poll");
        let mut done = 0;
        while outcomes.next().await.is_some() {
            done += 1;
            let taken = taken.load(Ordering::Relaxed);
            assert!(taken < done + 4, "{taken} taken, {done} done");
        }
        assert_eq!(done, 20);
    }
}

#[tokio::test]
async fn does_not_resend_an_sms_that_may_have_been_applied() {
    let server = MockServer::respond_with(|request| match member(request, "/message/destination").ends_with('7') {
        true => Vec::new(),
        false => json_response(200, request.operation().example),
    })
    .await;
    let device = server.kandy.user_with_token("UAT-token").device("A149");
    let all = (0..40).map(|at| Sms::new(format!("+1224555{at:04}"), "Hello").from("+11234567890"));
    let outcomes: Vec<_> = device.send_many_sms(all).concurrency(8).collect().await;
    assert_eq!(outcomes.len(), 40);
    for outcome in &outcomes {
        let is_lost = outcome.item.to().ends_with('7');
        let maybe_applied = outcome.result.as_ref().is_err_and(Error::may_have_been_applied);
        assert_eq!((outcome.result.is_err(), maybe_applied), (is_lost, is_lost), "{outcome:?}");
    }
    let mut sent: Vec<String> =
        server.requests().iter().map(|request| member(request, "/message/destination")).collect();
    let requests = sent.len();
    sent.sort();
    sent.dedup();
    assert_eq!((sent.len(), requests), (40, 40), "each is sent once");
    assert!(server.requests().iter().all(|request| member(request, "/message/source") == "+11234567890"));
}

#[tokio::test]
async fn starts_no_call_after_a_drop() {
    let server = user_server().await;
    let domain = server.kandy.domain_with_token("DAK-key", "DAT-token");
    let mut outcomes = domain.create_users((0..1000).map(|at| format!("user{at}"))).concurrency(3);
    // Starts three calls, and is dropped before a response can arrive.
    let first = poll_fn(|context| Poll::Ready(std::pin::Pin::new(&mut outcomes).poll_next(context))).await;
    assert!(first.is_pending());
    assert_eq!(
        format!("{outcomes:?}"),
        "Bulk { pool: CallPool { concurrency: 3, pushed: 3, in_flight: 3, .. }, has_items: true }"
    );
    drop(outcomes);
    let user = domain.create_user("last").await.expect("created");
    assert!(user.user_id.is_some());
    assert!(server.requests().len() <= 4, "{}", server.requests().len());
}

#[tokio::test]
async fn ends_at_once_without_items() {
    let server = user_server().await;
    let domain = server.kandy.domain_with_token("DAK-key", "DAT-token");
    let mut outcomes = domain.create_users(Vec::<String>::new()).concurrency(0);
    assert!(outcomes.next().await.is_none() && outcomes.next().await.is_none());
}

#[tokio::test]
async fn a_pool_sends_items_as_they_come() {
    let server = user_server().await;
    let domain = server.kandy.domain_with_token("DAK-key", "DAT-token");
    let mut pool = CallPool::new(2);
    assert!(pool.is_empty() && pool.next().await.is_none());
    for item in ["russ", "anna"] {
        assert!(pool.room() > 0);
        pool.push(item, domain.create_user(item));
    }
    assert_eq!((pool.room(), pool.len()), (0, 2));
    let mut outcomes = vec![pool.next().await.expect("an outcome")];
    assert_eq!(pool.room(), 1);
    pool.push("bert", domain.create_user("bert"));
    while let Some(outcome) = pool.next().await {
        outcomes.push(outcome);
    }
    outcomes.sort_by_key(|outcome| outcome.position);
    for (position, (outcome, item)) in outcomes.iter().zip(["russ", "anna", "bert"]).enumerate() {
        assert_eq!((outcome.position, outcome.item), (position, item));
        assert!(outcome.result.is_ok(), "{outcome:?}");
    }
    assert!(!pool.is_rate_limited());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_pool_in_order_keeps_the_order_of_calls_before_and_after() {
    let server = user_server().await;
    let domain = server.kandy.domain_with_token("DAK-key", "DAT-token");
    let mut pool = CallPool::new(9);
    (0..5).for_each(|item| pool.push(item, domain.create_user(format!("user{item}"))));
    let mut pool = pool.in_order();
    (5..9).for_each(|item| pool.push(item, domain.create_user(format!("user{item}"))));
    let items: Vec<_> = pool.map(|outcome| outcome.item).collect().await;
    assert_eq!(items, (0..9).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_pool_ends_its_waits_for_the_rate_limit() {
    let server = MockServer::respond_with(|_| response(429, "retry-after: 1000\r\n", "")).await;
    let domain = server.kandy.domain_with_token("DAK-key", "DAT-token");
    let mut pool = CallPool::new(3);
    for item in 0..3 {
        let call = domain.create_user(format!("user{item}")).deadline(Duration::from_secs(20));
        pool.push(item, call);
    }
    // Each call is refused once, and then waits longer than this test may take.
    while server.requests().is_empty() || !pool.is_rate_limited() {
        tokio::select! {
            biased;
            outcome = pool.next() => panic!("{outcome:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    pool.stop_waiting();
    while let Some(outcome) = pool.next().await {
        let error = outcome.result.expect_err("refused");
        assert!(error.is_rate_limited() && !error.may_have_been_applied(), "{error}");
    }
    assert!(pool.is_empty());
}
