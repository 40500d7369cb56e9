//! Limits that the caller sets, of a client: every attempt takes a turn, the deadline bounds the wait, and the service
//! can slow the client down further. The service is in memory, on tokio's paused clock, so time is exact and nothing
//! waits.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{FutureExt, StreamExt, future::join_all};
use kandy::{
    CallEvent, Device, Error, Kandy, Observer, Phase, RateLimit, RetryPolicy, Sms,
    sys::Content,
    testing::{MockService, Reply},
};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

/// The requests of a service in memory: their operations, and when they began in milliseconds.
#[derive(Clone)]
struct Arrivals {
    begin: Instant,
    seen: Arc<Mutex<Vec<(&'static str, u128)>>>,
}

impl Arrivals {
    /// Records the requests of these operations, which `reply` answers.
    fn record(
        service: &MockService,
        operations: &[&str],
        reply: impl Fn(usize, Duration) -> Reply + Clone + Send + Sync + 'static,
    ) -> Self {
        let arrivals = Self { begin: Instant::now(), seen: Arc::default() };
        for operation in operations {
            let (arrivals, reply) = (arrivals.clone(), reply.clone());
            service.reply_with(operation, move |request| {
                let at = arrivals.begin.elapsed();
                let number = {
                    let mut seen = arrivals.seen.lock().expect("no panic");
                    seen.push((request.operation().id, at.as_millis()));
                    seen.len()
                };
                reply(number, at)
            });
        }
        arrivals
    }

    fn seen(&self) -> Vec<(&'static str, u128)> {
        self.seen.lock().expect("no panic").clone()
    }

    fn times(&self) -> Vec<u128> {
        self.seen().into_iter().map(|(_, at)| at).collect()
    }
}

fn limited(service: &MockService, limit: RateLimit) -> Kandy {
    service.builder().rate_limit(limit).build().expect("a client")
}

fn phone(kandy: &Kandy) -> Device {
    kandy.user_with_token("UAT-token").device("A149")
}

async fn send(device: &Device) -> kandy::Result<()> {
    device.send_sms("+12245556666", "Hello").await
}

#[tokio::test(start_paused = true)]
async fn calls_retries_and_mints_of_all_handles_take_turns() {
    let service = MockService::new();
    let limit = RateLimit::per_second(10);
    let operations = ["sms_send", "user_list", "domain_access_token_get", "user_access_token_get"];
    // The third request is a retry of the second.
    let arrivals = Arrivals::record(&service, &operations, |number, _| match number {
        2 => Reply::failure(Phase::Connect),
        _ => Reply::example(),
    });
    let kandy = limited(&service, limit);
    let domain = kandy.clone().domain("DAK-key", "DAS-secret");
    let quick = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
    domain.users().retry(quick).await.expect("users");
    send(&domain.user("russ").device("A149")).await.expect("sent");
    // A policy without retries obeys the limit, too.
    phone(&kandy).send_sms("+12245556666", "Hello").retry(RetryPolicy::never()).await.expect("sent");
    assert_eq!(
        arrivals.seen(),
        [
            ("domain_access_token_get", 0),
            ("user_list", 100),
            ("user_list", 200),
            ("user_access_token_get", 300),
            ("sms_send", 400),
            ("sms_send", 500),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn bursts_begin_at_once_and_idle_time_is_not_saved_up() {
    for (limit, expected) in [
        (RateLimit::per_second(10), [0, 100, 200, 60_000, 60_100, 60_200]),
        (RateLimit::per_second(10).burst(2), [0, 0, 100, 60_000, 60_000, 60_100]),
        (RateLimit::per_second(10).burst(50), [0, 0, 0, 60_000, 60_000, 60_000]),
        (RateLimit::per_minute(60), [0, 1_000, 2_000, 60_000, 61_000, 62_000]),
    ] {
        let service = MockService::new();
        let arrivals = Arrivals::record(&service, &["sms_send"], |_, _| Reply::example());
        let device = phone(&limited(&service, limit));
        join_all((0..3).map(|_| send(&device))).await;
        tokio::time::advance(Duration::from_secs(60) - arrivals.begin.elapsed()).await;
        join_all((0..3).map(|_| send(&device))).await;
        assert_eq!(arrivals.times(), expected, "{limit}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_cannot_begin_in_time_is_not_sent() {
    let service = MockService::new();
    let device = phone(&limited(&service, RateLimit::per_minute(1)));
    send(&device).await.expect("the first");
    let begin = Instant::now();
    let call = device.send_sms("+12245556666", "Hello").deadline(30 * SECOND);
    let error = call.await.expect_err("its turn is in a minute");
    assert_eq!(begin.elapsed(), Duration::ZERO, "that is known at once");
    let Error::Transport(transport) = &error else { panic!("{error}") };
    assert_eq!((transport.phase(), transport.rate_limit()), (Phase::Throttled, Some("the client, 1/min")));
    assert!(error.is_rate_limited() && error.is_retryable() && !error.may_have_been_applied(), "{error}");
    assert_eq!((error.attempts(), service.requests_of("sms_send").len()), (0, 1));
    assert_eq!(
        error.to_string(),
        "sms_send on SMS to \"+12245556666\": the rate limit of the client, 1/min, left no turn in time; nothing was \
         sent; send fewer at a time, or raise the limit or the deadline"
    );
    // It took no turn: the next call has the one after a minute.
    let call = device.send_sms("+12245556666", "Hello").deadline(120 * SECOND);
    call.await.expect("sent");
    assert_eq!(begin.elapsed(), 60 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn calls_behind_others_in_the_queue_end_at_their_deadline() {
    let service = MockService::new();
    let device = phone(&limited(&service, RateLimit::per_second(1)));
    let begin = Instant::now();
    let calls = (0..20).map(|_| device.send_sms("+12245556666", "Hello").deadline(8 * SECOND).into_future());
    let outcomes = join_all(calls).await;
    // A quarter of the deadline is left for the attempt.
    let sent = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!((sent, service.requests_of("sms_send").len()), (6, 6));
    for error in outcomes.into_iter().filter_map(Result::err) {
        assert!(error.is_rate_limited() && !error.may_have_been_applied(), "{error}");
    }
    assert!(begin.elapsed() <= 8 * SECOND, "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn calls_begin_in_order_and_a_dropped_one_gives_its_turn_up() {
    let service = MockService::new();
    let order = Arc::new(Mutex::new(Vec::new()));
    service.reply_with("sms_send", {
        let (order, begin) = (order.clone(), Instant::now());
        move |request| {
            let Content::Json(body) = request.content() else { panic!("no JSON") };
            let body: serde_json::Value = serde_json::from_slice(body).expect("JSON");
            let text = body["message"]["message"]["text"].as_str().expect("a text").to_owned();
            order.lock().expect("no panic").push((text, begin.elapsed().as_secs()));
            Reply::example()
        }
    });
    let device = phone(&limited(&service, RateLimit::per_second(1)));
    device.send_sms("+12245556666", "0").await.expect("the first does not wait");
    let mut calls: Vec<_> =
        (1..6).map(|number| device.send_sms("+12245556666", number.to_string()).into_future()).collect();
    for call in &mut calls {
        assert!(call.now_or_never().is_none());
    }
    // The head of the queue, and one within it.
    drop((calls.remove(3), calls.remove(0)));
    join_all(calls).await;
    let expected = [("0", 0), ("2", 1), ("3", 2), ("5", 3)].map(|(text, at)| (text.to_owned(), at));
    assert_eq!(*order.lock().expect("no panic"), expected);
}

#[tokio::test(start_paused = true)]
async fn a_429_slows_a_limited_client_down_and_it_recovers_to_its_limit() {
    let service = MockService::new();
    let refused = |number: usize, _| match number {
        20 => Reply::http(429).header("retry-after", "3"),
        _ => Reply::example(),
    };
    let arrivals = Arrivals::record(&service, &["sms_send"], refused);
    let device = phone(&limited(&service, RateLimit::per_second(10)));
    let outcomes: Vec<_> = device.send_many_sms((0..400).map(|_| Sms::new("+12245556666", "Hello"))).collect().await;
    assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()));
    let times = arrivals.times();
    let gap = |at: usize| times[at] - times[at - 1];
    assert_eq!((gap(19), gap(20)), (100, 3_000), "the service asks for three seconds");
    assert!((150..=200).contains(&gap(22)), "half of the rate: {}", gap(22));
    let growing: Vec<_> = (22..times.len()).map(gap).collect();
    assert!(growing.iter().all(|gap| (99..=201).contains(gap)), "never above the limit: {growing:?}");
    let full = times.iter().position(|at| *at > times[20] + 11_000).expect("later");
    assert!((100..=101).contains(&gap(full)), "at full speed again: {}", gap(full));
    let at_five = times.iter().position(|at| *at > times[20] + 5_000).expect("later");
    assert!(gap(at_five) > 120, "it recovers slowly: {}", gap(at_five));
}

#[tokio::test(start_paused = true)]
async fn a_503_with_retry_after_slows_down_and_repeats_nothing() {
    for (header, is_slowed) in [(Some("5"), true), (None, false)] {
        let service = MockService::new();
        let arrivals = Arrivals::record(&service, &["sms_send"], move |number, _| match (number, header) {
            (1, Some(after)) => Reply::http(503).header("retry-after", after),
            (1, None) => Reply::http(503),
            _ => Reply::example(),
        });
        let device = phone(&service.client());
        let error = send(&device).await.expect_err("a failure");
        assert!(error.may_have_been_applied() && !error.is_rate_limited(), "{error}");
        assert_eq!(arrivals.times(), [0], "it may have been sent, so it is not repeated");
        join_all((0..5).map(|_| send(&device))).await;
        let times = arrivals.times();
        if !is_slowed {
            assert_eq!(times, [0; 6]);
            continue;
        }
        // None waits five seconds; the rate of ten a second doubles within a second.
        assert_eq!((times[1], times[2]), (100, 200));
        let gaps: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.iter().all(|gap| (70..=100).contains(gap)), "{times:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_sms_at_a_thousand_a_second_hold_the_rate() {
    let service = MockService::new();
    let arrivals = Arrivals::record(&service, &["sms_send"], |_, _| Reply::example());
    let device = phone(&limited(&service, RateLimit::per_second(1000)));
    let all = (0..10_000).map(|_| Sms::new("+12245556666", "Hello"));
    let outcomes: Vec<_> = device.send_many_sms(all).concurrency(64).collect().await;
    assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()));
    let times = arrivals.times();
    let took = times[9_999] - times[0];
    assert!((9_900..=10_100).contains(&took), "{took} ms");
    for (number, second) in times.chunks(1000).enumerate() {
        let took = second[999] - second[0];
        assert!((980..=1_020).contains(&took), "second {number}: {took} ms");
    }
}

/// A service that allows 20 requests in each second, as a gateway does that counts by the second.
#[tokio::test(start_paused = true)]
async fn few_requests_are_refused_by_a_service_that_allows_fewer() {
    for (limit, retry_after) in [(None, true), (None, false), (Some(50), true), (Some(20), false), (Some(1000), true)] {
        let service = MockService::new();
        let (allowed, refused) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(0)));
        let counts = (allowed.clone(), refused.clone());
        let arrivals = Arrivals::record(&service, &["sms_send"], move |_, at| {
            let mut allowed = counts.0.lock().expect("no panic");
            if allowed.iter().filter(|second| **second == at.as_secs()).count() < 20 {
                allowed.push(at.as_secs());
                return Reply::example();
            }
            *counts.1.lock().expect("no panic") += usize::from(at >= SECOND);
            match retry_after {
                true => Reply::http(429).header("retry-after", "1"),
                false => Reply::http(429),
            }
        });
        let builder = service.builder();
        let builder = match limit {
            Some(limit) => builder.rate_limit(RateLimit::per_second(limit)),
            None => builder,
        };
        let device = phone(&builder.build().expect("a client"));
        let all = (0..1_000).map(|_| Sms::new("+12245556666", "Hello"));
        let outcomes: Vec<_> = device.send_many_sms(all).concurrency(32).collect().await;
        assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()));
        let later = arrivals.times().iter().filter(|at| **at >= 1_000).count();
        let refused = *refused.lock().expect("no panic");
        let took = arrivals.begin.elapsed();
        println!("{limit:?}, Retry-After {retry_after}: {refused} of {later} refused, in {took:?}");
        assert!(refused * 20 <= later, "{limit:?}, {retry_after}: {refused} of {later}");
        // The service itself takes fifty seconds.
        assert!(took < 90 * SECOND, "{limit:?}, {retry_after}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_observer_sees_the_wait() {
    #[derive(Clone, Debug, Default)]
    struct Waits(Arc<Mutex<Vec<(u128, u128)>>>);
    impl Observer for Waits {
        fn call_finished(&self, call: &CallEvent<'_>) {
            let event = (call.rate_limit_wait.as_millis(), call.elapsed.as_millis());
            self.0.lock().expect("no panic").push(event);
        }
    }
    let (service, waits) = (MockService::new(), Waits::default());
    service.reply("sms_send", Reply::success().after(Duration::from_millis(30)));
    let kandy =
        service.builder().rate_limit(RateLimit::per_second(10)).observer(waits.clone()).build().expect("a client");
    let device = phone(&kandy);
    join_all((0..3).map(|_| send(&device))).await;
    // An item of a bulk waits before its call begins.
    let all = (0..2).map(|_| Sms::new("+12245556666", "Hello"));
    let bulk = device.send_many_sms(all).rate_limit(RateLimit::per_second(1));
    assert_eq!(bulk.collect::<Vec<_>>().await.len(), 2);
    let expected = [(0, 30), (100, 130), (200, 230), (70, 100), (1_000, 30)];
    assert_eq!(*waits.0.lock().expect("no panic"), expected);
}

#[test]
fn impossible_limits_are_argument_errors() {
    for limit in [
        RateLimit::per_second(0),
        RateLimit::per_second(-1),
        RateLimit::per_second(f64::NAN),
        RateLimit::per_second(f64::INFINITY),
        RateLimit::per_second(1e9),
        RateLimit::per_minute(1e-300),
        RateLimit::per_second(1).burst(0),
        RateLimit::per_second(1).burst(u32::MAX),
    ] {
        let error = Kandy::builder().rate_limit(limit).build().expect_err("impossible");
        let Error::Argument(argument) = &error else { panic!("{error}") };
        assert_eq!(argument.argument(), "rate_limit", "{error}");
        assert!(argument.reason().contains("is not possible; use"), "{error}");
    }
    // The slowest and the fastest.
    for limit in [RateLimit::per_hour(0.05), RateLimit::per_second(1_000_000).burst(1_000_000)] {
        Kandy::builder().rate_limit(limit).build().expect("possible");
    }
}
