//! Limits and settings of a bulk call, and items from streams. The service is in memory, on tokio's paused clock.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, StreamExt, stream};
use kandy::{
    CallPool, Device, Error, Phase, RateLimit, RetryPolicy, Sms,
    testing::{MockService, Reply},
};
use tokio::{sync::mpsc, time::Instant};

const SECOND: Duration = Duration::from_secs(1);

fn phone(service: &MockService) -> Device {
    service.client().user_with_token("UAT-token").device("A149")
}

fn sms(number: usize) -> Sms {
    Sms::new(format!("+1224555{number:04}"), "Hello")
}

/// Records when requests arrive, in milliseconds.
fn arrivals(service: &MockService, reply: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Arc<Mutex<Vec<u128>>> {
    let (times, begin) = (Arc::new(Mutex::new(Vec::new())), Instant::now());
    let seen = times.clone();
    service.reply_with("sms_send", move |_| {
        let mut seen = seen.lock().expect("no panic");
        seen.push(begin.elapsed().as_millis());
        reply(seen.len())
    });
    times
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_bulk_is_no_part_of_the_deadlines() {
    let service = MockService::new();
    let times = arrivals(&service, |number| match number {
        // A refusal, whose repetition takes a turn, too.
        3 => Reply::http(429).header("retry-after", "0"),
        _ => Reply::example(),
    });
    let bulk = phone(&service).send_many_sms((0..8).map(sms));
    let bulk = bulk.rate_limit(RateLimit::per_second(1)).deadline(4 * SECOND).concurrency(8);
    let outcomes: Vec<_> = bulk.collect().await;
    assert!(outcomes.iter().all(|outcome| outcome.result.is_ok()), "{outcomes:?}");
    // The refusal slows the client down, too, which delays one by some milliseconds.
    let seconds: Vec<_> = times.lock().expect("no panic").iter().map(|at| (at + 50) / 1000 * 1000).collect();
    assert_eq!(seconds, (0..9).map(|at| at * 1000).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_bulk_and_client_both_hold() {
    for (client, bulk, interval) in [(10, 2, 500), (2, 10, 500)] {
        let service = MockService::new();
        let times = arrivals(&service, |_| Reply::example());
        let kandy = service.builder().rate_limit(RateLimit::per_second(client)).build().expect("a client");
        let device = kandy.user_with_token("UAT-token").device("A149");
        let outcomes = device.send_many_sms((0..6).map(sms)).rate_limit(RateLimit::per_second(bulk));
        assert_eq!(outcomes.filter(|outcome| std::future::ready(outcome.result.is_ok())).count().await, 6);
        assert_eq!(*times.lock().expect("no panic"), (0..6).map(|at| at * interval).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn an_impossible_limit_fails_every_item_and_sends_nothing() {
    let service = MockService::new();
    let outcomes = phone(&service).send_many_sms((0..20).map(sms)).rate_limit(RateLimit::per_second(f64::NAN));
    let outcomes: Vec<_> = outcomes.collect().await;
    assert_eq!(outcomes.len(), 20);
    for outcome in outcomes {
        assert!(
            matches!(&outcome.result, Err(Error::Argument(error)) if error.argument() == "rate_limit"),
            "{outcome:?}"
        );
    }
    let mut pool = CallPool::new(1).rate_limit(RateLimit::per_second(1).burst(0));
    assert_eq!(pool.take_turn(Instant::now().into_std()), None);
    pool.push((), phone(&service).send_sms("+12245556666", "Hello"));
    assert!(matches!(pool.next().await.expect("an outcome").result, Err(Error::Argument(_))));
    assert!(service.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_pool_takes_turns_before_its_calls() {
    let service = MockService::new();
    let times = arrivals(&service, |_| Reply::example());
    let device = phone(&service);
    let mut pool = CallPool::new(4).rate_limit(RateLimit::per_second(1).burst(2));
    let now = || Instant::now().into_std();
    assert_eq!([pool.take_turn(now()), pool.take_turn(now()), pool.take_turn(now())], [None, None, Some(SECOND)]);
    for item in 0..4 {
        pool.push(item, device.send_sms("+12245556666", "Hello"));
    }
    let items: Vec<_> = pool.by_ref().map(|outcome| outcome.item).collect().await;
    // The first two have their turns; the others wait for theirs.
    assert_eq!((items, times.lock().expect("no panic").clone()), (vec![0, 1, 2, 3], vec![0, 0, 1000, 2000]));
    // A call that is not sent gives its turn back.
    tokio::time::advance(60 * SECOND).await;
    assert_eq!([pool.take_turn(now()), pool.take_turn(now())], [None, None]);
    pool.push(4, device.send_sms("no number", "Hello"));
    assert!(matches!(pool.next().await.expect("an outcome").result, Err(Error::Argument(_))));
    // The third turn above was asked for in vain, so this caller counts as late, by 50 ms at most.
    assert_eq!([pool.take_turn(now()), pool.take_turn(now())], [None, Some(Duration::from_millis(950))]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_a_pool_returns_takes_its_turns_only_there() {
    let service = MockService::new();
    let times = arrivals(&service, |_| Reply::example());
    let mut limited = CallPool::new(1).rate_limit(RateLimit::per_second(1));
    let mut unlimited = CallPool::new(1);
    limited.push_with(phone(&service).send_sms("+12245556666", "Hello"), |call| call);
    let call = limited.next().await.expect("an outcome").item;
    call.clone().await.expect("it is sent");
    unlimited.push_with(call, |call| call);
    let call = unlimited.next().await.expect("an outcome").item;
    limited.push_with(call, |call| call);
    assert!(limited.next().await.expect("an outcome").result.is_ok());
    assert_eq!(*times.lock().expect("no panic"), [0, 0, 0, 1000]);
}

#[tokio::test(start_paused = true)]
async fn a_pool_ends_its_waits_for_turns() {
    let service = MockService::new();
    let device = phone(&service);
    let mut pool = CallPool::new(3).rate_limit(RateLimit::per_hour(1));
    for item in 0..3 {
        pool.push(item, device.send_sms("+12245556666", "Hello"));
    }
    assert!(pool.next().await.expect("the first").result.is_ok());
    assert!(pool.next().now_or_never().is_none());
    pool.stop_waiting();
    while let Some(outcome) = pool.next().await {
        let error = outcome.result.expect_err("not sent");
        assert!(error.is_rate_limited() && !error.may_have_been_applied(), "{error}");
        assert!(error.to_string().contains("the rate limit of the bulk call, 1/h, left no turn in time"), "{error}");
    }
    assert!(!pool.is_rate_limited(), "the service refused nothing");
    assert_eq!(service.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_bulk_has_a_policy_a_timeout_and_a_deadline_of_its_own() {
    let service = MockService::new();
    service.reply("sms_send", Reply::failure(Phase::Connect));
    for (attempts, policy) in [(1, RetryPolicy::never()), (5, RetryPolicy::default().attempts(5))] {
        let before = service.requests().len();
        let mut bulk = phone(&service).send_many_sms([sms(0)]).retry(policy);
        let error = bulk.next().await.expect("an outcome").result.expect_err("no connection");
        assert_eq!((error.attempts(), service.requests().len() - before), (attempts, attempts as usize));
    }
    service.reply("sms_send", Reply::success().after(3600 * SECOND));
    let bulk = || phone(&service).send_many_sms([sms(0)]);
    for (mut bulk, phase, limit) in
        [(bulk().timeout(SECOND), Phase::Timeout, SECOND), (bulk().deadline(2 * SECOND), Phase::Deadline, 2 * SECOND)]
    {
        let begin = Instant::now();
        let error = bulk.next().await.expect("an outcome").result.expect_err("too slow");
        assert!(matches!(&error, Error::Transport(error) if error.phase() == phase), "{error}");
        assert_eq!(begin.elapsed(), limit);
    }
}

#[tokio::test(start_paused = true)]
async fn takes_items_from_a_stream_as_concurrency_allows() {
    let service = MockService::new();
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let items = stream::iter(0..20).map(move |number| {
        counter.fetch_add(1, Ordering::Relaxed);
        sms(number)
    });
    let mut outcomes = phone(&service).send_many_sms_from(items).concurrency(4);
    assert_eq!(taken.load(Ordering::Relaxed), 0, "no item before the first poll");
    let mut done = 0;
    while outcomes.next().await.is_some() {
        done += 1;
        let taken = taken.load(Ordering::Relaxed);
        assert!(taken < done + 4, "{taken} taken, {done} done");
    }
    assert_eq!((done, service.requests().len()), (20, 20));
}

#[tokio::test(start_paused = true)]
async fn waits_for_a_stream_that_has_no_item_yet() {
    let service = MockService::new();
    let domain = service.client().domain_with_token("DAK-key", "DAT-token");
    let (sender, receiver) = mpsc::channel::<String>(1);
    let ids = stream::unfold(receiver, |mut receiver| async { Some((receiver.recv().await?, receiver)) });
    let mut outcomes = pin!(domain.create_users_from(ids).in_order());
    assert!(outcomes.next().now_or_never().is_none(), "an empty pool is no end");
    for id in ["russ", "anna"] {
        sender.send(id.to_owned()).await.expect("open");
        let outcome = outcomes.next().await.expect("an outcome");
        assert_eq!((outcome.item.user_id().as_str(), outcome.result.is_ok()), (id, true));
        assert!(outcomes.next().now_or_never().is_none());
    }
    drop(sender);
    assert!(outcomes.next().await.is_none() && outcomes.next().await.is_none());
}
