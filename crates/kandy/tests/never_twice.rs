//! Sending twice is worse than failing: 10,000 SMS and 10,000 group messages through every kind of failure. What is in
//! the outbox is there once, what succeeded is there, and what is missing was reported.
//!
//! `KANDY_MESSAGES=20000` sends another number of each.

use std::{
    collections::HashMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use kandy::{Clock, Kandy, Result, RetryPolicy, sys::BoxFuture};
use kandy_emulator::{Emulator, InjectedFault, NewGroup};

/// How many messages of each kind are sent.
fn messages() -> usize {
    std::env::var("KANDY_MESSAGES").map_or(10_000, |count| count.parse().expect("KANDY_MESSAGES is a number"))
}

const CONCURRENCY: usize = 64;

/// Real time, and all that was slept on it without waiting.
#[derive(Debug)]
struct Skipping(Instant, Mutex<Duration>);

impl Default for Skipping {
    fn default() -> Self {
        Self(Instant::now(), Mutex::default())
    }
}

impl Clock for Skipping {
    fn now(&self) -> Instant {
        self.0 + self.0.elapsed() + *self.1.lock().expect("no panic")
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        *self.1.lock().expect("no panic") += duration;
        Box::pin(tokio::task::yield_now())
    }
}

/// Arms every kind of failure at every phase for an operation; each hits one request in some dozens.
fn arm(emulator: &Emulator, operation: &str) {
    let often = [
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
        // The envelope of a success.
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
    for (seed, failure) in often.into_iter().enumerate() {
        emulator.inject(failure.on(operation).probability(0.02, seed as u64));
    }
    // These take until the time is up, so they are fewer.
    let late = InjectedFault::latency(Duration::from_millis(700));
    for (seed, failure) in
        [InjectedFault::stall(), InjectedFault::stall_during_response(), late].into_iter().enumerate()
    {
        emulator.inject(failure.on(operation).probability(0.003, 100 + seed as u64));
    }
}

/// Sends all messages, and answers what each came to.
async fn send_all<F: Future<Output = Result<()>>>(send: impl Fn(usize) -> F) -> Vec<Result<()>> {
    let sent = stream::iter(0..messages()).map(|number| {
        let sent = send(number);
        async move { (number, sent.await) }
    });
    // Unordered, so that one that stalls does not keep the others waiting.
    let mut outcomes: Vec<_> = sent.buffer_unordered(CONCURRENCY).collect().await;
    outcomes.sort_by_key(|(number, _)| *number);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

/// Holds what was sent against what arrived.
fn hold(what: &str, outcomes: &[Result<()>], arrived: impl IntoIterator<Item = String>) {
    let mut times: HashMap<String, usize> = HashMap::new();
    for text in arrived {
        *times.entry(text).or_default() += 1;
    }
    let (mut succeeded, mut in_doubt, mut failed, mut lost, mut false_failures) = (0, 0, 0, 0, 0);
    for (number, outcome) in outcomes.iter().enumerate() {
        let arrived = times.contains_key(&text(number));
        match outcome {
            Ok(()) => {
                succeeded += 1;
                lost += usize::from(!arrived);
            }
            Err(error) if error.may_have_been_applied() => in_doubt += 1,
            Err(_) => {
                failed += 1;
                false_failures += usize::from(arrived);
            }
        }
    }
    let twice = times.values().filter(|times| **times > 1).count();
    println!(
        "{what}: {} sent, {succeeded} succeeded, {in_doubt} in doubt, {failed} failed; {} arrived, {twice} twice, {lost} \
         lost, {false_failures} arrived although they were said to have failed",
        outcomes.len(),
        times.len(),
    );
    let all = messages();
    assert_eq!((outcomes.len(), twice, lost, false_failures), (all, 0, 0, 0));
    assert!(succeeded > all / 2 && in_doubt > all / 20 && failed > 0, "the failures did hit");
}

fn text(number: usize) -> String {
    format!("message {number}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_sent_twice_and_nothing_is_lost() {
    let emulator = Emulator::start().expect("a free port");
    let client = |base_url: &str| {
        let quick = RetryPolicy::default().backoff(Duration::from_millis(1), Duration::from_millis(5));
        let quick = quick.longest_retry_after(Duration::from_millis(5));
        let builder = Kandy::builder().base_url(base_url).timeout(Duration::from_millis(500)).retry(quick);
        // Refusals at random are no rate that one could keep to: without waiting, it is not slow either.
        builder.clock(Skipping::default()).deadline(Duration::from_secs(1_000_000)).build().expect("a client")
    };
    let kandy = client(emulator.base_url());
    let created = kandy.account(emulator.account_key(), emulator.account_secret()).create_domain("example.com").await;
    let created = created.expect("a domain");
    let domain = kandy.domain(&created.api_key, &created.api_secret);
    domain.create_user("russ").await.expect("a user");
    domain.create_user("anna").await.expect("a user");
    let (russ, anna) = (domain.user("russ"), domain.user("anna"));
    let phone = russ.device(russ.devices().await.expect("devices").remove(0).device_id);
    let tablet = anna.device(anna.devices().await.expect("devices").remove(0).device_id);
    // Some go where nobody listens.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let nowhere = client(&format!("http://127.0.0.1:{port}/v1.2")).user_with_token("UAT").device(phone.id());

    arm(&emulator, "sms_send");
    let outcomes = send_all(|number| {
        let device = if number % 100 == 7 { &nowhere } else { &phone };
        device.send_sms("+12245556666", text(number)).into_future()
    });
    hold("SMS", &outcomes.await, emulator.sms().into_iter().map(|sms| sms.text));
    let hits: u64 = emulator.faults().iter().map(|failure| failure.hits).sum();
    assert!(emulator.faults().iter().all(|failure| failure.hits > 0), "{hits} hits");

    arm(&emulator, "group_message_send");
    let group = NewGroup::new("Friends").owner("russ@example.com").member("anna@example.com");
    let group = russ.group(emulator.create_group(group).expect("members exist"));
    let outcomes = send_all(async |number| group.send_message(text(number)).await.map(drop));
    let outcomes = outcomes.await;
    let pending = tablet.pending_messages().await.expect("messages").messages;
    let texts = pending.iter().filter_map(|message| message.content.as_ref()?.text().map(str::to_owned));
    hold("group messages", &outcomes, texts);
}
