//! A process that reads an inbox is killed twenty times: no message is lost, and few are redelivered.

use std::{
    collections::{HashMap, HashSet},
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    process::{ExitStatus, Stdio},
    time::Instant,
};

use futures_util::StreamExt;
use kandy::Device;

use super::handled::{HANDLED, LAST, device_in, handle_all};
use crate::support::{child_process::run_test, emulator::TestDomain};

const MESSAGES: usize = 10_000;
const KILLS: usize = 20;
/// The most redeliveries of one kill: the messages since the last deletion, which each tenth acknowledgement sends.
const IN_FLIGHT: usize = 10;

/// Environment variable with the base URL, token and device of the consumer. Without it, [`consumer`] does nothing.
const CONSUMER: &str = "KANDY_INBOX_CONSUMER";

const SIGKILL: i32 = 9;

/// The process that is killed. As a test of its own it does nothing.
#[tokio::test]
async fn consumer() {
    if let Some(device) = device_in(CONSUMER, |builder| builder) {
        handle_all(device.messages().stream()).await;
    }
}

/// Runs a consumer, and kills it after `kill_after` messages. Returns the ids that it handled.
fn run_consumer(arguments: &str, kill_after: Option<usize>) -> (Vec<String>, ExitStatus) {
    let mut child = run_test("load::killed_consumer::consumer")
        .env(CONSUMER, arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a consumer");
    let mut handled = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        let line = line.expect("a text");
        let Some(id) = line.strip_prefix(HANDLED) else { continue };
        handled.push(id.to_owned());
        if Some(handled.len()) == kill_after {
            // The loop still reads the lines that it has printed.
            child.kill().expect("a process");
        }
    }
    (handled, child.wait().expect("an end"))
}

/// Returns pseudorandom numbers, the same in each run.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

/// Sends all messages, and returns their ids.
async fn fill(from: &Device, to: &str) -> HashSet<String> {
    let texts = (1..MESSAGES).map(|number| format!("message {number}"));
    let sent = futures_util::stream::iter(texts).map(|text| from.send_message(to, text).into_future());
    let mut ids: HashSet<String> = sent.buffer_unordered(64).map(|id| id.expect("sent").to_string()).collect().await;
    ids.insert(from.send_message(to, LAST).await.expect("sent").to_string());
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn loses_no_message_when_killed() {
    let started = Instant::now();
    let test = TestDomain::start().await;
    let (anna, device) = test.create_user("anna").await;

    let sent = fill(&device, "anna@example.com").await;
    assert_eq!(sent.len(), MESSAGES);
    let filled = started.elapsed();

    let token = anna.access_token().await.expect("a token");
    let arguments = format!("{} {} {}", test.emulator.base_url(), token.expose(), device.id());
    let mut deliveries: HashMap<String, usize> = HashMap::new();
    let mut seed = 20;
    for _ in 0..KILLS {
        // At least one message, and never the last one.
        let kill_after = 1 + random(&mut seed) % (MESSAGES / KILLS - 50);
        let arguments = arguments.clone();
        let run = tokio::task::spawn_blocking(move || run_consumer(&arguments, Some(kill_after)));
        let (handled, status) = run.await.expect("no panic");
        assert_eq!(status.signal(), Some(SIGKILL), "{status}");
        handled.into_iter().for_each(|id| *deliveries.entry(id).or_default() += 1);
    }
    let run = tokio::task::spawn_blocking(move || run_consumer(&arguments, None));
    let (handled, status) = run.await.expect("no panic");
    assert!(status.success(), "{status}");
    handled.into_iter().for_each(|id| *deliveries.entry(id).or_default() += 1);

    let losses = sent.iter().filter(|id| !deliveries.contains_key(*id)).count();
    let duplicates = deliveries.values().sum::<usize>() - deliveries.len();
    println!(
        "{MESSAGES} messages, {KILLS} kills, {} handled, {losses} lost, {duplicates} duplicates of at most {}, \
         filled in {filled:?}, {:?} in all",
        deliveries.len(),
        KILLS * IN_FLIGHT,
        started.elapsed(),
    );
    assert_eq!(losses, 0);
    assert_eq!(deliveries.len(), MESSAGES, "a message was handled that was not sent");
    assert!(duplicates <= KILLS * IN_FLIGHT, "{duplicates}");
    assert!(duplicates > 0, "no kill hit a message in flight");
    assert!(device.pending_messages().await.expect("messages").messages.is_empty());
}
