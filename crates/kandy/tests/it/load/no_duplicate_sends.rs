//! Sends 10,000 SMS and 10,000 group messages while faults of every kind are injected. No message arrives twice, each success
//! has arrived, and each message that has not arrived was reported.
//!
//! `KANDY_MESSAGES=20000` changes the number of each.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use kandy::{Clock, Kandy, Result, RetryPolicy, sys::BoxFuture};
use kandy_emulator::{Emulator, InjectedFault, NewGroup};

use crate::support::{
    emulator::{create_domain, first_device},
    mock_server::closed_port,
};

/// Returns how many messages of each kind are sent.
fn message_count() -> usize {
    std::env::var("KANDY_MESSAGES").map_or(10_000, |count| count.parse().expect("KANDY_MESSAGES is a number"))
}

const CONCURRENCY: usize = 64;

/// A clock whose sleeps return at once: real time, plus the sum of all sleeps.
#[derive(Debug)]
struct SkippingClock(Instant, Mutex<Duration>);

impl Default for SkippingClock {
    fn default() -> Self {
        Self(Instant::now(), Mutex::default())
    }
}

impl Clock for SkippingClock {
    fn now(&self) -> Instant {
        self.0 + self.0.elapsed() + *self.1.lock().expect("no panic")
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        *self.1.lock().expect("no panic") += duration;
        Box::pin(tokio::task::yield_now())
    }
}

/// Injects faults of every kind and phase into an operation; each hits 2 % of the requests.
fn inject_faults(emulator: &Emulator, operation: &str) {
    let frequent = [
        InjectedFault::close_before_reading(),
        InjectedFault::close_during_reading(),
        InjectedFault::close_after_reading(),
        InjectedFault::close_during_response(),
        InjectedFault::truncated_json(),
        InjectedFault::wrong_json(),
        InjectedFault::html_page(),
        InjectedFault::http(401),
        InjectedFault::http(403),
        InjectedFault::http(403).applied(true),
        InjectedFault::html_page().with_http(401).applied(true),
        // A success envelope with HTTP 403.
        InjectedFault::latency(Duration::ZERO).with_http(403),
        InjectedFault::expired_token().with_http(401),
        InjectedFault::http(429),
        InjectedFault::http(429).json_body().retry_after(Duration::from_secs(1)),
        InjectedFault::http(500),
        InjectedFault::http(502),
        InjectedFault::http(500).applied(true),
        InjectedFault::http(503),
        InjectedFault::http(503).retry_after(Duration::from_secs(1)),
        InjectedFault::http(503).retry_after_date(Duration::from_secs(1)),
        InjectedFault::expired_token(),
        InjectedFault::status(12),
    ];
    for (seed, fault) in frequent.into_iter().enumerate() {
        emulator.inject(fault.on(operation).probability(0.02, seed as u64));
    }
    // These last until the timeout, so they are rarer.
    let late = InjectedFault::latency(Duration::from_millis(700));
    for (seed, fault) in [InjectedFault::stall(), InjectedFault::stall_during_response(), late].into_iter().enumerate()
    {
        emulator.inject(fault.on(operation).probability(0.003, 100 + seed as u64));
    }
}

/// Sends all messages, and returns their results in order.
async fn send_all<F: Future<Output = Result<()>>>(send: impl Fn(usize) -> F) -> Vec<Result<()>> {
    let sent = stream::iter(0..message_count()).map(|number| {
        let sent = send(number);
        async move { (number, sent.await) }
    });
    // Unordered, so that a request that stalls does not delay the others.
    let mut outcomes: Vec<_> = sent.buffer_unordered(CONCURRENCY).collect().await;
    outcomes.sort_by_key(|(number, _)| *number);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Compares the results with what arrived.
fn assert_delivered_once(what: &str, outcomes: &[Result<()>], arrived: impl IntoIterator<Item = String>) {
    let mut deliveries: HashMap<String, usize> = HashMap::new();
    for text in arrived {
        *deliveries.entry(text).or_default() += 1;
    }
    let (mut succeeded, mut maybe_applied, mut failed, mut lost, mut false_failures) = (0, 0, 0, 0, 0);
    for (number, outcome) in outcomes.iter().enumerate() {
        let arrived = deliveries.contains_key(&text(number));
        match outcome {
            Ok(()) => {
                succeeded += 1;
                lost += usize::from(!arrived);
            }
            Err(error) if error.may_have_been_applied() => maybe_applied += 1,
            Err(_) => {
                failed += 1;
                false_failures += usize::from(arrived);
            }
        }
    }
    let duplicates = deliveries.values().filter(|count| **count > 1).count();
    println!(
        "{what}: {} sent, {succeeded} succeeded, {maybe_applied} maybe applied, {failed} failed; {} arrived, \
         {duplicates} twice, {lost} lost, {false_failures} arrived although they were reported as failed",
        outcomes.len(),
        deliveries.len(),
    );
    let all = message_count();
    assert_eq!((outcomes.len(), duplicates, lost, false_failures), (all, 0, 0, 0));
    assert!(succeeded > all / 2 && maybe_applied > all / 20 && failed > 0, "the faults had no effect");
}

/// Returns the text of a message, by which it is recognized.
fn text(number: usize) -> String {
    format!("message {number}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sends_no_message_twice_and_loses_none() {
    let emulator = Emulator::start().expect("a free port");
    let client = |base_url: &str| {
        let quick = RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(5));
        let quick = quick.longest_retry_after(Duration::from_millis(5));
        let builder = Kandy::builder().base_url(base_url).timeout(Duration::from_millis(500)).retry(quick);
        // Random refusals are no rate that the client could adapt to, so its waits are skipped.
        builder.clock(SkippingClock::default()).deadline(Duration::from_secs(1_000_000)).build().expect("a client")
    };
    let kandy = client(emulator.base_url());
    let domain = create_domain(&kandy, &emulator).await;
    domain.create_user("russ").await.expect("a user");
    domain.create_user("anna").await.expect("a user");
    let (russ, anna) = (domain.user("russ"), domain.user("anna"));
    let phone = first_device(&russ).await.expect("a device");
    let tablet = first_device(&anna).await.expect("a device");
    // One message in a hundred goes to a port that nothing listens on.
    let port = closed_port();
    let unreachable = client(&format!("http://127.0.0.1:{port}/v1.2")).user_with_token("UAT").device(phone.id());

    inject_faults(&emulator, "sms_send");
    let outcomes = send_all(|number| {
        let device = if number % 100 == 7 { &unreachable } else { &phone };
        device.send_sms("+12245556666", text(number)).into_future()
    });
    assert_delivered_once("SMS", &outcomes.await, emulator.sms().into_iter().map(|sms| sms.text));
    let hits: u64 = emulator.faults().iter().map(|fault| fault.hits).sum();
    assert!(emulator.faults().iter().all(|fault| fault.hits > 0), "{hits} hits");

    inject_faults(&emulator, "group_message_send");
    let group = NewGroup::new("Friends").owner("russ@example.com").member("anna@example.com");
    let group = russ.group(emulator.create_group(group).expect("members exist"));
    let outcomes = send_all(async |number| group.send_message(text(number)).await.map(drop));
    let outcomes = outcomes.await;
    let pending = tablet.pending_messages().await.expect("messages").messages;
    let texts = pending.iter().filter_map(|message| message.content.as_ref()?.text().map(str::to_owned));
    assert_delivered_once("group messages", &outcomes, texts);
}
