//! Thousands of concurrent calls share one access token and one renewal.
//!
//! This binary stays apart from `it`, because the test opens nearly as many sockets as the process may have open files. The
//! emulator runs in a process of its own for the same reason: each side needs a socket for each call.

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

/// Returns how many calls are made: the limit of open files, less a reserve for everything else.
fn call_count() -> usize {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(1024);
    usize::try_from(files.saturating_sub(400)).unwrap_or(usize::MAX).min(10_000)
}

/// The process of the emulator: runs until its standard input ends. As a test of its own it does nothing.
#[test]
fn emulator_process() {
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
        // For each line it prints how many domain tokens were minted, and revokes all tokens.
        println!("minted {}", minted.load(Ordering::Relaxed));
        emulator.revoke_all_tokens();
    }
}

/// The emulator in another process.
struct EmulatorProcess {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
    base_url: String,
}

impl EmulatorProcess {
    fn start() -> Self {
        let mut child = Command::new(env::current_exe().expect("this program"))
            .args(["--exact", "emulator_process", "--nocapture"])
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

    /// Returns what follows `prefix` in the next line that contains it.
    fn line(&mut self, prefix: &str) -> String {
        let lines = self.output.by_ref().lines();
        let found = lines.map_while(Result::ok).find_map(|line| Some(line.split_once(prefix)?.1.trim().to_owned()));
        found.expect("the emulator runs")
    }

    /// Returns how many domain tokens were minted, and revokes all tokens.
    fn minted_then_revoke(&mut self) -> String {
        use std::io::Write as _;
        writeln!(self.child.stdin.as_mut().expect("its input")).expect("it reads");
        self.line("minted ")
    }
}

impl Drop for EmulatorProcess {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Makes all calls concurrently; each must succeed.
async fn call_concurrently(domain: &Domain) {
    let calls = join_all((0..call_count()).map(|_| domain.details().into_future())).await;
    let failed: Vec<_> = calls.iter().filter_map(|call| call.as_ref().err()).take(3).collect();
    assert!(failed.is_empty(), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_calls_mint_one_token_and_renew_it_once() {
    let mut emulator = EmulatorProcess::start();
    // Thousands of simultaneous connections are slow to open.
    let builder = Kandy::builder().connect_timeout(Duration::from_secs(60)).timeout(Duration::from_secs(60));
    let kandy = builder.retry(RetryPolicy::never()).base_url(&emulator.base_url).build().expect("a client");
    let account = kandy.account(DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET);
    let created = account.create_domain("example.com").await.expect("a domain");
    let domain = kandy.domain(created.api_key, created.api_secret);

    call_concurrently(&domain).await;
    assert_eq!(emulator.minted_then_revoke(), "1", "of {} first calls", call_count());
    call_concurrently(&domain).await;
    assert_eq!(emulator.minted_then_revoke(), "2", "of {} calls with an expired token", call_count());
    println!("{} concurrent calls: one token; with an expired token: one renewal", call_count());
}
