//! 10,000 messages to a receiver that fails in every way, while the forwarder is killed twenty times: each message is
//! delivered at least once, none is deleted before its 2xx status, and the order of each sender is kept.

use std::{
    collections::{HashMap, HashSet},
    io::{BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
    time::Instant,
};

use futures_util::StreamExt;
use kandy::FullUserId;
use percent_encoding::percent_decode_str;

use super::{Answer, Inbox, LONG_TIMEOUT, Receiver, Running, SECRET, http::Request};

const SENDERS: usize = 20;
const EACH: usize = 500;
const KILLS: usize = 20;
/// One in this many starts of the forwarder finds the receiver closed.
const CLOSED_EVERY: usize = 4;

/// What the receiver and the proxy saw.
#[derive(Default)]
struct Seen {
    /// The ids of the messages whose requests got a 2xx status.
    accepted: HashSet<String>,
    /// The number of the last message of each sender that was accepted for the first time.
    last: HashMap<usize, usize>,
    /// The number of answers of each kind.
    answers: HashMap<&'static str, usize>,
    duplicates: usize,
    deletions: usize,
    /// What must not happen.
    faults: Vec<String>,
}

type Shared = Arc<(Mutex<Seen>, Condvar)>;

/// Returns pseudorandom numbers, the same in each run.
fn random(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

/// Returns a receiver that accepts most requests, and fails in every way that a request can.
fn receiver(shared: &Shared) -> Receiver {
    let (shared, mut seed) = (shared.clone(), 15);
    Receiver::start(move |request| {
        request.verify(SECRET);
        let (kind, answer) = match random(&mut seed) % 1000 {
            0..3 => ("slow", Answer::Stall),
            3..20 => ("500", Answer::status("500 Internal Server Error")),
            20..30 => ("429", Answer::with("429 Too Many Requests", "retry-after: 1\r\n")),
            30..40 => ("cut", Answer::cut()),
            _ => ("200", Answer::status("200 OK")),
        };
        let (seen, changed) = &*shared;
        let mut seen = seen.lock().unwrap();
        *seen.answers.entry(kind).or_default() += 1;
        if kind == "200" {
            accept(&mut seen, request);
            changed.notify_all();
        }
        answer
    })
}

/// Records a request that is about to get a 2xx status.
fn accept(seen: &mut Seen, request: &Request) {
    let message = request.json();
    if !seen.accepted.insert(message["UUID"].as_str().unwrap().to_owned()) {
        seen.duplicates += 1;
        return;
    }
    let text = request.text();
    let (sender, number) = text.split_once('-').unwrap();
    let number: usize = number.parse().unwrap();
    let before = seen.last.insert(sender.parse().unwrap(), number).unwrap_or(0);
    if number != before + 1 {
        seen.faults.push(format!("{text} was delivered after {before}"));
    }
}

/// Returns the address of a proxy of the emulator that checks each deletion.
fn proxy(emulator: &str, ids: HashSet<String>, shared: &Shared) -> String {
    let upstream = emulator.trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = emulator.replace(&upstream, &listener.local_addr().unwrap().to_string());
    let (ids, shared) = (Arc::new(ids), shared.clone());
    thread::spawn(move || {
        for connection in listener.incoming() {
            let (upstream, ids, shared) = (upstream.clone(), ids.clone(), shared.clone());
            // A client that is killed does not fail the test.
            thread::spawn(move || pass_on(&connection.unwrap(), &upstream, &ids, &shared).ok());
        }
    });
    base_url
}

fn pass_on(client: &TcpStream, upstream: &str, ids: &HashSet<String>, shared: &Shared) -> std::io::Result<()> {
    let mut server = TcpStream::connect(upstream)?;
    let (mut from, mut to) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || std::io::copy(&mut from, &mut to));
    let mut reader = BufReader::new(client.try_clone()?);
    while let Some(request) = Request::read(&mut reader)? {
        if request.head.starts_with("DELETE ") {
            let line = percent_decode_str(request.head.lines().next().unwrap()).decode_utf8_lossy().into_owned();
            let mut seen = shared.0.lock().unwrap();
            for id in line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| ids.contains(*word)) {
                seen.deletions += 1;
                if !seen.accepted.contains(id) {
                    seen.faults.push(format!("{id} was deleted before it was delivered"));
                }
            }
        }
        server.write_all(request.head.as_bytes())?;
        server.write_all(&request.body)?;
    }
    server.shutdown(std::net::Shutdown::Write)
}

/// Sends all messages, and returns their ids.
fn fill(inbox: &Inbox) -> HashSet<String> {
    inbox.runtime.block_on(async {
        let from_each = inbox.senders.iter().enumerate().map(async |(sender, device)| {
            let mut ids = Vec::new();
            for number in 1..=EACH {
                let sent = device.send_message(FullUserId::from("anna@example.com"), format!("{sender}-{number}"));
                ids.push(sent.await.unwrap().to_string());
            }
            ids
        });
        futures_util::stream::iter(from_each)
            .buffer_unordered(SENDERS)
            .flat_map(futures_util::stream::iter)
            .collect()
            .await
    })
}

/// Waits until this many messages were accepted.
fn wait_for(shared: &Shared, accepted: usize) {
    let (seen, changed) = &**shared;
    let (_seen, waited) =
        changed.wait_timeout_while(seen.lock().unwrap(), LONG_TIMEOUT, |seen| seen.accepted.len() < accepted).unwrap();
    assert!(!waited.timed_out(), "nothing is delivered any more");
}

/// Starts the forwarder.
fn start(inbox: &Inbox, url: &str, base_url: &str, options: &[&str]) -> Running {
    let mut command = inbox.watch(url, options);
    command.env("KANDY_BASE_URL", base_url).args(["--concurrency", "16", "--max-attempts", "1000000"]);
    command.args(["--retry-max-wait", "20ms", "--forward-timeout", "500ms", "--max-interval", "50ms"]);
    Running::start(command)
}

#[test]
fn loses_nothing_when_both_sides_fail() {
    let started = Instant::now();
    let inbox = Inbox::new(SENDERS);
    let ids = fill(&inbox);
    assert_eq!(ids.len(), SENDERS * EACH);
    let filled = started.elapsed();

    let shared = Shared::default();
    let mut receiver = receiver(&shared);
    let base_url = proxy(inbox.fixture.emulator.base_url(), ids.clone(), &shared);
    let mut seed = 20;
    for kill in 0..KILLS {
        let is_closed = kill % CLOSED_EVERY == 0;
        let before = shared.0.lock().unwrap().accepted.len();
        let target = before + 1 + random(&mut seed) % (SENDERS * EACH / KILLS - 10);
        let url = receiver.url();
        if is_closed {
            receiver.close();
        }
        let mut watch = start(&inbox, &url, &base_url, &[]);
        if is_closed {
            watch.wait_for("no connection: Connection refused");
            receiver.open();
        }
        wait_for(&shared, target);
        watch.kill();
    }
    let mut watch = start(&inbox, &receiver.url(), &base_url, &["--until-empty"]);
    let (status, stderr) = watch.end();
    assert_eq!(status.code(), Some(0), "{stderr}");

    let seen = shared.0.lock().unwrap();
    println!(
        "{} messages, {KILLS} kills, {} accepted, {} duplicates, {} deletions, answers {:?}, filled in {filled:?}, \
         {:?} in all",
        ids.len(),
        seen.accepted.len(),
        seen.duplicates,
        seen.deletions,
        seen.answers,
        started.elapsed(),
    );
    assert_eq!(seen.faults, [""; 0]);
    assert_eq!(seen.accepted, ids, "each is delivered");
    assert!(
        ["200", "429", "500", "cut", "slow"].iter().all(|kind| seen.answers.contains_key(kind)),
        "{:?}",
        seen.answers
    );
    assert!(seen.duplicates > 0, "no kill hit a message in flight");
    assert!(seen.deletions >= ids.len(), "the proxy saw {} deletions", seen.deletions);
    assert_eq!(inbox.waiting(), [""; 0]);
}
