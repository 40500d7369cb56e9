//! A process that reads a pushed inbox is killed twenty times while its channel fails in every way: no message is lost,
//! and only those are redelivered that were in flight.
//!
//! `KANDY_SEED=7` selects other faults and other moments of the kills, `KANDY_MESSAGES=20000` the number of messages.

use std::{collections::BTreeMap, os::unix::process::ExitStatusExt, process::ExitStatus, sync::Arc, time::Instant};

use kandy_emulator::{ArmedFault, InjectedFault};

use super::{
    super::handled::LAST,
    consumer, faults,
    log::{IN_FLIGHT, Log},
    senders::Senders,
};
use crate::support::emulator::TestDomain;

const KILLS: usize = 20;
const SIGKILL: i32 = 9;

/// The number of messages after which the emulator ends all channels. A stalled channel answers Pings, so that nothing else
/// would end it before its process ends.
const DROP_EVERY: usize = 1_000;

/// The error of a channel that was found dead by its silence.
const SILENT: &str = "nothing arrived for 75 s";

/// Returns the number in an environment variable.
fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |number| number.parse().expect("a number"))
}

/// Returns pseudorandom numbers, the same in each run with the same seed.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

/// The two sides of the consumers: who sends, and what they report.
struct Harness {
    test: TestDomain,
    senders: Senders,
    log: Log,
    /// The arguments of a consumer.
    consumer: String,
}

impl Harness {
    /// Runs a consumer. Each new message that it reports permits another one to be sent.
    async fn run_consumer(self: &Arc<Self>, kill_after: Option<usize>) -> ExitStatus {
        let running = self.clone();
        let run = tokio::task::spawn_blocking(move || {
            consumer::run(&running.consumer, kill_after, |report| {
                if running.log.record(report) {
                    running.senders.permit_one();
                    if running.log.reported().handled.len().is_multiple_of(DROP_EVERY) {
                        running.test.emulator.drop_channels(None);
                    }
                }
            })
        });
        let status = run.await.expect("no panic");
        self.log.end_run(kill_after.is_some());
        status
    }

    /// Waits until all messages so far are handled.
    async fn all_handled(&self) {
        let sent = self.senders.sent();
        let is_so = |id| self.log.reported().handled.contains_key(id);
        self.log.wait_until("all messages", || sent.iter().all(is_so)).await;
    }

    /// Makes the channel half-open, and waits until the consumer has found out by its silence. Then sends the last
    /// message.
    async fn end_half_open(&self) {
        let emulator = &self.test.emulator;
        self.all_handled().await;
        emulator.clear_faults();
        let before = self.log.reported().states.len();
        // A stalled channel would push nothing.
        emulator.drop_channels(None);
        emulator.inject(InjectedFault::half_open_channel().times(1));
        while emulator.faults()[0].hits == 0 {
            self.senders.send_one("silence").await;
            self.all_handled().await;
        }
        let is_found = || self.log.reported().states[before..].iter().any(|state| state.contains(SILENT));
        self.log.wait_until(SILENT, is_found).await;
        self.senders.send_one(LAST).await;
    }

    /// Checks that no message is lost, and few are redelivered.
    fn check(&self, messages: usize, faults: &[ArmedFault], started: Instant) {
        let (sent, reported) = (self.senders.sent(), self.log.reported());
        let losses = sent.iter().filter(|id| !reported.handled.contains_key(*id)).count();
        let duplicates = reported.handled.values().sum::<usize>() - reported.handled.len();
        let of_state = |part: &str| reported.states.iter().filter(|state| state.contains(part)).count();
        let mut hits = BTreeMap::<_, u64>::new();
        faults.iter().for_each(|armed| *hits.entry(armed.fault.kind()).or_default() += armed.hits);
        println!(
            "{} messages, {} pushes, {KILLS} kills, {losses} lost, {duplicates} duplicates, {} of them pushed twice, of at most {}; channels: {} lost, \
             {} of them found silent; faults: {hits:?}; {:?}",
            sent.len(),
            faults[0].matched,
            reported.repeated,
            KILLS * IN_FLIGHT + reported.repeated,
            of_state("not connected"),
            of_state(SILENT),
            started.elapsed(),
        );
        assert_eq!(losses, 0);
        assert_eq!(reported.handled.len(), sent.len(), "a message was handled that was not sent");
        let (repeated, pushed_twice) = (reported.repeated, hits["duplicate_push"]);
        assert!(duplicates <= KILLS * IN_FLIGHT + repeated, "{duplicates}");
        assert!(repeated as u64 <= pushed_twice, "{repeated} messages were not in flight, {pushed_twice} pushed twice");
        assert!(duplicates > 0, "no kill hit a message in flight");
        assert!(faults[0].matched as usize > messages / 4, "most messages were not pushed, but polled");
        assert!(hits.values().all(|hits| *hits > 0), "{hits:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn loses_no_message_when_killed_under_faults() {
    let started = Instant::now();
    let (messages, seed) = (setting("KANDY_MESSAGES", 10_000), setting("KANDY_SEED", 20));
    println!("repeat with KANDY_SEED={seed}");
    let test = TestDomain::start().await;
    let (anna, device) = test.create_user("anna").await;
    let token = anna.access_token().await.expect("a token");
    let consumer = format!("{} {} {}", test.emulator.base_url(), token.expose(), device.id());
    faults::inject_all(&test.emulator, seed as u64);
    let senders = Senders::create(&test).await;
    let harness = Arc::new(Harness { test, senders, log: Log::default(), consumer });

    let sending = tokio::spawn({
        let senders = harness.senders.clone();
        async move { senders.send_all(messages).await }
    });
    let mut random_state = seed as u64;
    for _ in 0..KILLS {
        // At least one message, and never the last one.
        let kill_after = 1 + random(&mut random_state) % (messages / KILLS - 50);
        let status = harness.run_consumer(Some(kill_after)).await;
        assert_eq!(status.signal(), Some(SIGKILL), "{status}");
    }
    let end = async {
        sending.await.expect("no panic");
        let faults = harness.test.emulator.faults();
        harness.end_half_open().await;
        faults
    };
    let (status, faults) = tokio::join!(harness.run_consumer(None), end);
    assert!(status.success(), "{status}");

    harness.check(messages, &faults, started);
    assert!(device.pending_messages().await.expect("messages").messages.is_empty());
}
