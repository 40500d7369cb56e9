//! Tokens under stress: thousands of calls at the same moment, over real sockets. The emulator is in a process of its
//! own, because either side needs a socket for each call.

use std::{
    env,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use kandy::{Domain, Kandy, RetryPolicy};
use kandy_emulator::{DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, Emulator};

/// As many calls as there may be open files, but for some that are needed otherwise.
fn storm_size() -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    usize::try_from(files.saturating_sub(400)).unwrap_or(usize::MAX).min(10_000)
}

/// The process of the emulator: runs until its input ends. As a test of its own it does nothing.
#[test]
fn the_emulator() {
    if env::var("KANDY_TEST_EMULATOR").is_err() {
        return;
    }
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let minted = Arc::new(AtomicUsize::new(0));
    let count = minted.clone();
    let emulator = Emulator::builder().on_request(move |request| {
        count.fetch_add(usize::from(request.operation == Some("domain_access_token_get")), Ordering::Relaxed);
    });
    let emulator = emulator.start().expect("a free port");
    println!("at {}", emulator.base_url());
    let mut commands = std::io::stdin().lock().lines();
    while let Some(Ok(_)) = commands.next() {
        // Each line asks how many tokens of domains were minted, and revokes them all.
        println!("minted {}", minted.load(Ordering::Relaxed));
        emulator.revoke_all_tokens();
    }
}

struct Process {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    base_url: String,
}

impl Process {
    fn start() -> Self {
        let mut child = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "the_emulator", "--nocapture"])
            .env("KANDY_TEST_EMULATOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        let mut process = Self { child, output, base_url: String::new() };
        process.base_url = process.line("at ");
        process
    }

    /// What follows `begin` in the next line that has it.
    fn line(&mut self, begin: &str) -> String {
        let lines = self.output.by_ref().lines();
        let found = lines.map_while(Result::ok).find_map(|line| Some(line.split_once(begin)?.1.trim().to_owned()));
        found.expect("the emulator goes on")
    }

    /// How many tokens of domains were minted; and revokes all that there are.
    fn minted(&mut self) -> String {
        use std::io::Write as _;
        writeln!(self.child.stdin.as_mut().expect("its input")).expect("it listens");
        self.line("minted ")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Makes many calls at the same moment; all must succeed.
async fn storm(domain: &Domain) {
    let calls = join_all((0..storm_size()).map(|_| domain.details().into_future())).await;
    let failed: Vec<_> = calls.iter().filter_map(|call| call.as_ref().err()).take(3).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_calls_makes_one_token_and_one_renewal() {
    let mut emulator = Process::start();
    // Thousands of connections at once take their time.
    let patient = Kandy::builder().connect_timeout(Duration::from_secs(60)).timeout(Duration::from_secs(60));
    let patient = patient.retry(RetryPolicy::never()).base_url(&emulator.base_url).build().expect("a client");
    let account = patient.account(DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET);
    let created = account.create_domain("example.com").await.expect("a domain");
    let domain = patient.domain(created.api_key, created.api_secret);

    storm(&domain).await;
    assert_eq!(emulator.minted(), "1", "of {} first calls", storm_size());
    storm(&domain).await;
    assert_eq!(emulator.minted(), "2", "of {} calls with an expired token", storm_size());
    println!("{} calls at once: one token; with an expired token: one renewal", storm_size());
}
