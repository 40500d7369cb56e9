//! HTTP 429: refused, not in doubt, repeated when the service allows it, and all calls of a client slow down.

mod support;

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use futures_util::StreamExt;
use kandy::{Clock, Domain, Error, Kandy, KandyBuilder, RetryBudget, RetryPolicy, Sms, sys::BoxFuture};
use kandy_emulator::{Emulator, InjectedFault};
use support::failing::failing;

fn refused(http_status: u16, header: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {http_status} X\r\n{header}content-length: {length}\r\n\r\n{body}").into_bytes()
}

const SEVEN: &str = "retry-after: 7\r\n";

/// Bodies that a refusal of the rate comes with.
const BODIES: [&str; 5] = [
    "",
    "Too Many Requests",
    r#"{"message":"API rate limit exceeded"}"#,
    r#"{"status":12,"message":"usage quota exceeded"}"#,
    "<html>slow down</html>",
];

#[tokio::test]
async fn a_send_is_repeated_after_it_was_refused_for_the_rate() {
    for body in BODIES {
        for (header, waits) in [
            (SEVEN, vec![7_000]),
            ("retry-after: Sun, 06 Nov 1994 08:49:46 GMT\r\n", vec![9_000]),
            ("retry-after: 86400\r\n", vec![30_000]),
            ("", vec![200]),
            ("retry-after: soon\r\n", vec![200]),
        ] {
            let (recorder, kandy, clock) = failing(vec![refused(429, header, body)], |builder| builder).await;
            let device = kandy.user_with_token("UAT-token").device("A149");
            device.send_sms("+12245556666", "Hello").await.unwrap_or_else(|error| panic!("{body}: {error}"));
            assert_eq!((recorder.requests().len(), clock.waits()), (2, waits), "{header} {body}");
        }
    }
}

#[tokio::test]
async fn every_kind_of_call_is_repeated() {
    let once = || failing(vec![refused(429, "", "")], |builder| builder);
    let (recorder, kandy, _) = once().await;
    kandy.domain_with_token("DAK-key", "DAT-token").create_user("russ").await.expect("created");
    assert_eq!(recorder.requests().len(), 2);
    let (recorder, kandy, _) = once().await;
    kandy.user_with_token("UAT-token").devices().await.expect("a list");
    assert_eq!(recorder.requests().len(), 2);
    let (recorder, kandy, _) = once().await;
    kandy.user_with_token("UAT-token").raw().device_list().await.expect("an answer");
    assert_eq!(recorder.requests().len(), 2);
    // The token that a send needs.
    let (recorder, kandy, _) = once().await;
    let device = kandy.domain("DAK-key", "DAS-secret").user("russ").device("A149");
    device.send_message("anna@example.com", "Hello").await.expect("sent");
    let ids: Vec<_> = recorder.requests().iter().map(|request| request.operation().id).collect();
    assert_eq!(ids, ["user_access_token_get", "user_access_token_get", "message_send"]);
}

#[tokio::test]
async fn refusals_of_the_rate_use_up_neither_attempts_nor_budget() {
    let budget = RetryBudget::new(2);
    let shared = budget.clone();
    let mut failures = vec![refused(429, "", ""); 8];
    // These do count, and there may be two of them.
    failures.insert(3, refused(503, "", ""));
    failures.insert(6, refused(503, "", ""));
    let (recorder, kandy, _) = failing(failures, |builder| builder.retry_budget(shared)).await;
    kandy.user_with_token("UAT-token").devices().await.expect("the eleventh attempt");
    assert_eq!((recorder.requests().len(), budget.left()), (11, 0));
}

#[tokio::test]
async fn the_deadline_bounds_it() {
    let always = || vec![refused(429, "retry-after: 20\r\n", ""); 99];
    let (recorder, kandy, clock) = failing(always(), |builder| builder).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    // The last thirty seconds, or here a quarter of the deadline, are left for an attempt.
    let send = device.send_sms("+12245556666", "Hello").deadline(Duration::from_secs(64));
    let error = send.await.expect_err("no time for a fourth attempt");
    assert!(error.is_rate_limited() && !error.may_have_been_applied() && error.is_retryable(), "{error}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(20)));
    assert_eq!((error.attempts(), recorder.requests().len(), clock.waits()), (3, 3, vec![20_000, 20_000]));

    // The next call cannot wait for its turn either, and sends nothing.
    let next = device.send_sms("+12245556666", "Hello").deadline(Duration::from_secs(10));
    let error = next.await.expect_err("its turn comes too late");
    assert!(error.is_rate_limited() && !error.may_have_been_applied() && error.is_retryable(), "{error}");
    assert_eq!((error.attempts(), recorder.requests().len()), (0, 3), "{error}");
    assert!(error.to_string().contains("limits the rate of requests"), "{error}");
}

#[tokio::test]
async fn the_policy_bounds_it_too() {
    let always = || vec![refused(429, SEVEN, ""); 99];
    let (recorder, kandy, clock) = failing(always(), |builder| builder.retry(RetryPolicy::never())).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    for _ in 0..2 {
        let error = device.send_sms("+12245556666", "Hello").await.expect_err("refused");
        assert!(error.is_rate_limited() && error.retry_after() == Some(Duration::from_secs(7)), "{error}");
    }
    assert_eq!((recorder.requests().len(), clock.waits().len()), (2, 0), "it waits for nothing");

    let bounded = RetryPolicy::default().longest_rate_limit_wait(Duration::from_secs(15));
    let (recorder, kandy, clock) = failing(always(), |builder| builder.retry(bounded)).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    let error = device.send_sms("+12245556666", "Hello").await.expect_err("refused");
    assert!(error.is_rate_limited(), "{error}");
    assert_eq!((recorder.requests().len(), clock.waits()), (3, vec![7_000, 7_000]));
    let short = RetryPolicy::default().longest_retry_after(Duration::from_secs(1));
    let (_recorder, kandy, clock) = failing(vec![refused(429, SEVEN, "")], |builder| builder.retry(short)).await;
    kandy.user_with_token("UAT-token").devices().await.expect("the second attempt");
    assert_eq!(clock.waits(), [1_000]);
}

#[tokio::test]
async fn all_calls_of_a_client_wait() {
    let (_recorder, kandy, clock) = failing(vec![refused(429, SEVEN, "")], |builder| builder).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    let sent = device.send_sms("+12245556666", "Hello").retry(RetryPolicy::never()).await;
    assert!(sent.is_err_and(|error| error.is_rate_limited()));
    kandy.domain_with_token("DAK-key", "DAT-token").users().await.expect("a list");
    assert_eq!(clock.waits(), [7_000], "before its first attempt");
    device.send_sms("+12245556666", "Hello").await.expect("sent");
    assert_eq!(clock.waits().len(), 2, "and then at the allowed pace");
}

#[tokio::test]
async fn a_success_that_is_called_a_refusal_is_in_doubt() {
    let success = r#"{"status":0,"message":"success"}"#;
    let (recorder, kandy, _) = failing(vec![refused(429, SEVEN, success)], |builder| builder).await;
    let device = kandy.user_with_token("UAT-token").device("A149");
    let error = device.send_sms("+12245556666", "Hello").await.expect_err("in doubt");
    assert!(error.may_have_been_applied() && !error.is_rate_limited(), "{error}");
    assert_eq!(recorder.requests().len(), 1);
}

/// How much faster than real time these tests run.
const SPEED: u32 = 20;

/// A clock that goes faster than real time.
#[derive(Clone, Debug)]
struct Fast(Instant, SystemTime);

impl Clock for Fast {
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

/// An emulator, a domain on it, and the clock of both.
async fn limited(set_up: impl FnOnce(KandyBuilder) -> KandyBuilder) -> (Arc<Emulator>, Domain, Fast) {
    let emulator = Arc::new(Emulator::start().expect("a free port"));
    let clock = Fast(Instant::now(), SystemTime::now());
    let (weak, begin) = (Arc::downgrade(&emulator), Instant::now());
    // The clock of the emulator goes as fast, in small steps.
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
    let kandy = set_up(builder).build().expect("a client");
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").await.expect("a domain");
    (emulator, kandy.domain(&created.api_key, &created.api_secret), clock)
}

fn rate_limited(outcomes: &[kandy::BulkOutcome<kandy::NewUser, kandy::CreatedUser>]) -> Vec<String> {
    outcomes.iter().filter_map(|outcome| outcome.result.as_ref().err().map(ToString::to_string)).take(3).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_users_are_created_under_a_limit_of_twenty_a_second() {
    const USERS: usize = 200;
    let limit = || InjectedFault::rate_limit(20).on("user_create");
    for (limit, concurrency) in [
        (limit().retry_after(Duration::from_secs(1)), 32),
        (limit(), 32),
        (limit().text_body(), 8),
        (limit().json_body().retry_after_date(Duration::from_secs(1)), 8),
        (limit(), 100),
    ] {
        let (emulator, domain, clock) = limited(|builder| builder).await;
        emulator.inject(limit.clone());
        let begin = clock.now();
        let outcomes = domain.create_users((0..USERS).map(|number| format!("user{number}"))).concurrency(concurrency);
        let outcomes: Vec<_> = outcomes.collect().await;
        assert_eq!((outcomes.len(), rate_limited(&outcomes)), (USERS, Vec::new()), "{limit}");
        let took = clock.now() - begin;
        let armed = &emulator.faults()[0];
        println!("{limit}, {concurrency} at a time: {took:?}, {} of {} refused", armed.hits, armed.matched);
        assert_eq!(armed.matched - armed.hits, USERS as u64, "each once");
        // The limit itself takes nine seconds.
        assert!(took < Duration::from_secs(40), "{limit}: {took:?}");
        assert!(armed.hits < USERS as u64, "{limit}: {} refused", armed.hits);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_is_not_written_off_while_others_get_through() {
    // The whole takes much longer than any one call may.
    let deadline = Duration::from_secs(5);
    let (emulator, domain, clock) = limited(|builder| builder.deadline(deadline)).await;
    emulator.inject(InjectedFault::rate_limit(2).on("user_create"));
    let begin = clock.now();
    let outcomes: Vec<_> =
        domain.create_users((0..60).map(|number| format!("user{number}"))).concurrency(60).collect().await;
    assert_eq!((outcomes.len(), rate_limited(&outcomes)), (60, Vec::new()));
    assert!(clock.now() - begin > 4 * deadline, "{:?}", clock.now() - begin);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bulk_that_is_refused_altogether_ends() {
    let (emulator, domain, _) = limited(|builder| builder.deadline(Duration::from_secs(5))).await;
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
