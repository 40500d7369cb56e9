//! A consumer that is killed again and again loses nothing, and sees little twice.

#![cfg(unix)]

use std::{
    collections::{HashMap, HashSet},
    env,
    io::{BufRead, BufReader, Write},
    os::unix::process::ExitStatusExt,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use kandy::{Device, Kandy};
use kandy_emulator::Emulator;
use tokio::time::timeout;

const MESSAGES: usize = 10_000;
const KILLS: usize = 20;
/// What one kill may make come again: what was dealt with since the last request to delete, which is made with
/// each tenth acknowledgement.
const IN_FLIGHT: usize = 10;
/// The text of the message after all others.
const LAST: &str = "last";

/// Where the consumer finds its base URL, token and device; without it, it is not meant.
const CONSUMER: &str = "KANDY_INBOX_CONSUMER";
/// What stands before the id of a message on a consumer's line.
const HANDLED: &str = "handled ";

const SIGKILL: i32 = 9;

/// Far longer than a message takes to come.
const PATIENCE: Duration = Duration::from_secs(20);

/// The process that is killed: this test, alone, in another process.
#[tokio::test]
async fn consumer() {
    let Ok(place) = env::var(CONSUMER) else { return };
    let place: Vec<&str> = place.split(' ').collect();
    let [base_url, token, device_id] = place[..] else { panic!("three words") };
    let kandy = Kandy::builder().base_url(base_url).build().expect("a client");
    let mut inbox = kandy.user_with_token(token).device(device_id).messages().stream();
    // The test harness may have begun a line.
    tell("\n");
    // If the last message is lost, this ends all the same.
    while let Some(message) = timeout(PATIENCE, inbox.try_next()).await.expect("the last message").expect("a message") {
        tell(&format!("{HANDLED}{}\n", message.id.as_ref().expect("an id")));
        message.ack().await.expect("acknowledged");
        if message.content.as_ref().and_then(|content| content.text()) == Some(LAST) {
            break;
        }
    }
    inbox.close().await.expect("closed");
}

/// Writes a line that outlives the process: it is with the system, and in one piece.
fn tell(line: &str) {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush()).expect("a pipe");
}

/// Runs a consumer, kills it once it has dealt with `kill_after` messages, and answers all that it dealt with.
fn run_consumer(place: &str, kill_after: Option<usize>) -> (Vec<String>, ExitStatus) {
    let mut child: Child = Command::new(env::current_exe().expect("this test"))
        .args(["--exact", "consumer", "--nocapture"])
        .env(CONSUMER, place)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a consumer");
    let mut handled = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("a pipe")).lines() {
        let line = line.expect("a text");
        let Some(id) = line.strip_prefix(HANDLED) else { continue };
        handled.push(id.to_owned());
        if Some(handled.len()) == kill_after {
            // What it has told already is still read.
            child.kill().expect("a process");
        }
    }
    (handled, child.wait().expect("an end"))
}

/// Chance that is the same in each run.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

async fn fill(from: &Device, to: &str) -> HashSet<String> {
    let texts = (1..MESSAGES).map(|number| format!("message {number}"));
    let sent = futures_util::stream::iter(texts).map(|text| from.send_message(to, text).into_future());
    let mut ids: HashSet<String> = sent.buffer_unordered(64).map(|id| id.expect("sent").to_string()).collect().await;
    ids.insert(from.send_message(to, LAST).await.expect("sent").to_string());
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_consumer_is_killed() {
    let started = Instant::now();
    let emulator = Emulator::start().expect("a free port");
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").await.expect("created");
    let domain = kandy.domain(created.api_key, created.api_secret);
    domain.create_user("anna").await.expect("created");
    let anna = domain.user("anna");
    let device = anna.device(anna.devices().await.expect("devices").swap_remove(0).device_id);

    let sent = fill(&device, "anna@example.com").await;
    assert_eq!(sent.len(), MESSAGES);
    let filled = started.elapsed();

    let place =
        format!("{} {} {}", emulator.base_url(), anna.access_token().await.expect("a token").expose(), device.id());
    let mut times: HashMap<String, usize> = HashMap::new();
    let mut seed = 20;
    for _ in 0..KILLS {
        // From the first message on, and never as far as the last one.
        let kill_after = 1 + random(&mut seed) % (MESSAGES / KILLS - 50);
        let place = place.clone();
        let run = tokio::task::spawn_blocking(move || run_consumer(&place, Some(kill_after)));
        let (handled, status) = run.await.expect("no panic");
        assert_eq!(status.signal(), Some(SIGKILL), "{status}");
        handled.into_iter().for_each(|id| *times.entry(id).or_default() += 1);
    }
    let run = tokio::task::spawn_blocking(move || run_consumer(&place, None));
    let (handled, status) = run.await.expect("no panic");
    assert!(status.success(), "{status}");
    handled.into_iter().for_each(|id| *times.entry(id).or_default() += 1);

    let losses = sent.iter().filter(|id| !times.contains_key(*id)).count();
    let duplicates = times.values().sum::<usize>() - times.len();
    println!(
        "{MESSAGES} messages, {KILLS} kills, {} handled, {losses} lost, {duplicates} duplicates of at most {}, \
         filled in {filled:?}, {:?} in all",
        times.len(),
        KILLS * IN_FLIGHT,
        started.elapsed(),
    );
    assert_eq!(losses, 0);
    assert_eq!(times.len(), MESSAGES, "nothing was handled that was not sent");
    assert!(duplicates <= KILLS * IN_FLIGHT, "{duplicates}");
    assert!(duplicates > 0, "no kill hit anything in flight, so nothing was tried");
    assert!(device.pending_messages().await.expect("messages").messages.is_empty());
}
