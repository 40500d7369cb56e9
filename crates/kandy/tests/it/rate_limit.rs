//! HTTP 429: the operation was not applied, the call is retried, and all calls of the client slow down.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use futures_util::StreamExt;
use kandy::{Clock, Domain, Error, Kandy, KandyBuilder, RetryBudget, RetryPolicy, Sms, sys::BoxFuture};
use kandy_emulator::{Emulator, InjectedFault};

use crate::support::{emulator::create_domain, failing_server::failing_server, mock_server::response};

const SEVEN: &str = "retry-after: 7\r\n";

/// Bodies of responses with HTTP 429.
const BODIES: [&str; 5] = [
    "",
    "Too Many Requests",
    r#"{"message":"API rate limit exceeded"}"#,
    r#"{"status":12,"message":"usage quota exceeded"}"#,
    "<html>slow down</html>",
];

#[tokio::test]
async fn retries_a_send_after_429() {
    for body in BODIES {
        for (header, waits) in [
            (SEVEN, vec![7_000]),
            ("retry-after: Sun, 06 Nov 1994 08:49:46 GMT\r\n", vec![9_000]),
            ("retry-after: 86400\r\n", vec![30_000]),
            ("", vec![200]),
            ("retry-after: soon\r\n", vec![200]),
        ] {
            let (server, kandy, clock) = failing_server(vec![response(429, header, body)], |builder| builder).await;
            let device = kandy.user_with_token("UAT-token").device("A149");
            device.send_sms("+12245556666", "Hello").await.unwrap_or_else(|error| panic!("{body}: {error}"));
            assert_eq!((server.requests().len(), clock.waits()), (2, waits), "{header} {body}");
        }
    }
}

#[tokio::test]
async fn retries_every_kind_of_call_after_429() {
    let once = || failing_server(vec![response(429, "", "")], |builder| builder);
    let (server, kandy, _) = once().await;
    kandy.domain_with_token("DAK-key", "DAT-token").create_user("russ").await.expect("created");
    assert_eq!(server.requests().len(), 2);
    let (server, kandy, _) = once().await;
    kandy.user_with_token("UAT-token").devices().await.expect("a list");
    assert_eq!(server.requests().len(), 2);
    let (server, kandy, _) = once().await;
    kandy.user_with_token("UAT-token").raw().device_list().await.expect("a response");
    assert_eq!(server.requests().len(), 2);
    // The request that mints the token of a send.
    let (server, kandy, _) = once().await;
    let device = kandy.domain("DAK-key", "DAS-secret").user("russ").device("A149");
    device.send_message("anna@example.com", "Hello").await.expect("sent");
    assert_eq!(server.operation_ids(), ["user_access_token_get", "user_access_token_get", "message_send"]);
}

#[tokio::test]
async fn a_429_counts_neither_as_attempt_nor_against_the_budget() {
    let budget = RetryBudget::new(2);
    let shared = budget.clone();
    let mut failures = vec![response(429, "", ""); 8];
    // These count, and the budget allows two of them.
    failures.insert(3, response(503, "", ""));
    failures.insert(6, response(503, "", ""));
    let (server, kandy, _) = failing_server(failures, |builder| builder.retry_budget(shared)).await;
    kandy.user_with_token("UAT-token").devices().await.expect("the eleventh attempt");
    assert_eq!((server.requests().len(), budget.left()), (11, 0));
}

#[tokio::test]
async fn the_deadline_bounds_the_waits() {
    let always = || vec![response(429, "retry-after: 20\r\n", ""); 99];
    let (server, kandy, clock) = failing_server(always(), |builder| builder).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    // No wait extends into the last thirty seconds, or here the last quarter of the deadline: an attempt needs them.
    let send = device.send_sms("+12245556666", "Hello").deadline(Duration::from_secs(64));
    let error = send.await.expect_err("no time for a fourth attempt");
    assert!(error.is_rate_limited() && !error.may_have_been_applied() && error.is_retryable(), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(20)));
    assert_eq!((error.attempts(), server.requests().len(), clock.waits()), (3, 3, vec![20_000, 20_000]));

    // The next call would wait longer than its deadline, so it fails without a request.
    let next = device.send_sms("+12245556666", "Hello").deadline(Duration::from_secs(10));
    let error = next.await.expect_err("the wait exceeds the deadline");
    assert!(error.is_rate_limited() && !error.may_have_been_applied() && error.is_retryable(), "{error}");
    assert_eq!((error.attempts(), server.requests().len()), (0, 3), "{error}");
    assert!(error.to_string().contains("limits the rate of requests"), "{error}");
}

#[tokio::test]
async fn the_retry_policy_bounds_the_waits() {
    let always = || vec![response(429, SEVEN, ""); 99];
    let (server, kandy, clock) = failing_server(always(), |builder| builder.retry(RetryPolicy::never())).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    for _ in 0..2 {
        let error = device.send_sms("+12245556666", "Hello").await.expect_err("refused");
        assert!(error.is_rate_limited() && error.retry_after() == Some(Duration::from_secs(7)), "{error}");
    }
    assert_eq!((server.requests().len(), clock.waits().len()), (2, 0), "no wait");

    let bounded = RetryPolicy::default().longest_rate_limit_wait(Duration::from_secs(15));
    let (server, kandy, clock) = failing_server(always(), |builder| builder.retry(bounded)).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    let error = device.send_sms("+12245556666", "Hello").await.expect_err("refused");
    assert!(error.is_rate_limited(), "{error}");
    assert_eq!((server.requests().len(), clock.waits()), (3, vec![7_000, 7_000]));
    let short = RetryPolicy::default().longest_retry_after(Duration::from_secs(1));
    let (_server, kandy, clock) = failing_server(vec![response(429, SEVEN, "")], |builder| builder.retry(short)).await;
    kandy.user_with_token("UAT-token").devices().await.expect("the second attempt");
    assert_eq!(clock.waits(), [1_000]);
}

#[tokio::test]
async fn a_429_delays_all_calls_of_the_client() {
    let (_server, kandy, clock) = failing_server(vec![response(429, SEVEN, "")], |builder| builder).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    let sent = device.send_sms("+12245556666", "Hello").retry(RetryPolicy::never()).await;
    assert!(sent.is_err_and(|error| error.is_rate_limited()));
    kandy.domain_with_token("DAK-key", "DAT-token").users().await.expect("a list");
    assert_eq!(clock.waits(), [7_000], "before its first attempt");
    device.send_sms("+12245556666", "Hello").await.expect("sent");
    assert_eq!(clock.waits().len(), 2, "and then at the permitted rate");
}

#[tokio::test]
async fn a_429_with_a_success_envelope_may_have_been_applied() {
    let success = r#"{"status":0,"message":"success"}"#;
    let (server, kandy, _) = failing_server(vec![response(429, SEVEN, success)], |builder| builder).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    let error = device.send_sms("+12245556666", "Hello").await.expect_err("an error");
    assert!(error.may_have_been_applied() && !error.is_rate_limited(), "{error}");
    assert_eq!(server.requests().len(), 1);
}

/// How much faster than real time the clocks of these tests run.
const SPEED: u32 = 20;

/// A clock that runs [`SPEED`] times faster than real time.
#[derive(Clone, Debug)]
struct FastClock(Instant, SystemTime);

impl Clock for FastClock {
    fn now(&self) -> Instant {
        self.0 + self.0.elapsed() * SPEED
    }

    fn now_utc(&self) -> SystemTime {
        self.1 + self.0.elapsed() * SPEED
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration / SPEED))
    }
}

/// Starts an emulator with a domain; its clock and that of the client run fast.
async fn start_fast(configure: impl FnOnce(KandyBuilder) -> KandyBuilder) -> (Arc<Emulator>, Domain, FastClock) {
    let emulator = Arc::new(Emulator::start().expect("a free port"));
    let clock = FastClock(Instant::now(), SystemTime::now());
    let (weak, begin) = (Arc::downgrade(&emulator), Instant::now());
    // Advances the clock of the emulator at the same speed, in small steps.
    std::thread::spawn(move || {
        let mut passed = Duration::ZERO;
        while let Some(emulator) = weak.upgrade() {
            let step = begin.elapsed() - passed;
            emulator.advance(step * (SPEED - 1));
            passed += step;
            drop(emulator);
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let builder = Kandy::builder().base_url(emulator.base_url()).clock(clock.clone());
    let kandy = configure(builder).build().expect("a client");
    let domain = create_domain(&kandy, &emulator).await;
    (emulator, domain, clock)
}

/// Returns the first errors of a bulk call.
fn first_errors(outcomes: &[kandy::BulkOutcome<kandy::NewUser, kandy::CreatedUser>]) -> Vec<String> {
    outcomes.iter().filter_map(|outcome| outcome.result.as_ref().err().map(ToString::to_string)).take(3).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bulk_creation_succeeds_under_a_rate_limit() {
    const USERS: usize = 200;
    let limit = || InjectedFault::rate_limit(20).on("user_create");
    for (limit, concurrency) in [
        (limit().retry_after(Duration::from_secs(1)), 32),
        (limit(), 32),
        (limit().text_body(), 8),
        (limit().json_body().retry_after_date(Duration::from_secs(1)), 8),
        (limit(), 100),
    ] {
        let (emulator, domain, clock) = start_fast(|builder| builder).await;
        emulator.inject(limit.clone());
        let begin = clock.now();
        let outcomes = domain.create_users((0..USERS).map(|number| format!("user{number}"))).concurrency(concurrency);
        let outcomes: Vec<_> = outcomes.collect().await;
        assert_eq!((outcomes.len(), first_errors(&outcomes)), (USERS, Vec::new()), "{limit}");
        let took = clock.now() - begin;
        let armed = &emulator.faults()[0];
        println!("{limit}, {concurrency} in flight: {took:?}, {} of {} refused", armed.hits, armed.matched);
        assert_eq!(armed.matched - armed.hits, USERS as u64, "each is created once");
        // The limit itself takes nine seconds.
        assert!(took < Duration::from_secs(40), "{limit}: {took:?}");
        assert!(armed.hits < USERS as u64, "{limit}: {} refused", armed.hits);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bulk_retries_limited_items_while_others_succeed() {
    // All items together take much longer than the deadline of one call.
    let deadline = Duration::from_secs(5);
    let (emulator, domain, clock) = start_fast(|builder| builder.deadline(deadline)).await;
    emulator.inject(InjectedFault::rate_limit(2).on("user_create"));
    let begin = clock.now();
    let outcomes: Vec<_> =
        domain.create_users((0..60).map(|number| format!("user{number}"))).concurrency(60).collect().await;
    assert_eq!((outcomes.len(), first_errors(&outcomes)), (60, Vec::new()));
    assert!(clock.now() - begin > 4 * deadline, "{:?}", clock.now() - begin);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bulk_ends_when_every_item_is_refused() {
    let (emulator, domain, _) = start_fast(|builder| builder.deadline(Duration::from_secs(5))).await;
    let russ = domain.create_user("russ").await.expect("a user");
    let device = domain.user("russ").device(russ.full_user_id.expect("an id").as_str());
    emulator.inject(InjectedFault::http(429).on("sms_send"));
    let all = (0..20).map(|number| Sms::new(format!("+1224{number:07}"), "Hello"));
    let outcomes: Vec<_> = device.send_many_sms(all).collect().await;
    assert_eq!(outcomes.len(), 20);
    for outcome in outcomes {
        let error = outcome.result.expect_err("refused");
        assert!(error.is_rate_limited() && !error.may_have_been_applied(), "{error}");
        assert!(matches!(error, Error::Api(_) | Error::Transport(_)));
    }
}
