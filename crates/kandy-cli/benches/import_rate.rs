//! Measures `kandy user import` against a program that only runs `create_users(…)` of the SDK with the same
//! concurrency. Each runs in a process of its own, against the same emulator, in turns.
//!
//! ```text
//! cargo bench -p kandy-cli --bench import_rate              20,000 users, five rounds
//! cargo bench -p kandy-cli --bench import_rate -- 100000 3
//! ```

use std::{
    env,
    fmt::Write,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use kandy::{Kandy, NewUser};
use kandy_emulator::Emulator;

const CONCURRENCY: usize = 32;

/// Tells this program to run as the plain one.
const PLAIN: &str = "KANDY_BENCH_PLAIN";

fn main() {
    if let Ok(list) = env::var(PLAIN) {
        return plain(Path::new(&list));
    }
    let mut numbers = env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let users = numbers.next().unwrap_or(20_000);
    let rounds = numbers.next().unwrap_or(5).max(1);
    let emulator = Emulator::start().expect("an emulator");
    let folder = tempfile::tempdir().expect("a folder");
    let list = folder.path().join("users.csv");
    let mut text = String::from("user_id,user_country_code,user_email\n");
    for number in 0..users {
        writeln!(text, "user{number},US,user{number}@example.com").expect("memory");
    }
    fs::write(&list, text).expect("a list");
    let (mut plain, mut import) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let this = env::current_exe().expect("this program");
        plain.push(rate(users, Command::new(this).env(PLAIN, &list), &emulator, &format!("plain{round}.example.com")));
        let mut kandy = Command::new(env!("CARGO_BIN_EXE_kandy"));
        kandy.args(["user", "import", "--quiet", "--concurrency", &CONCURRENCY.to_string()]).arg(&list);
        kandy.stdout(Stdio::null()).env("KANDY_CONFIG_DIR", folder.path());
        import.push(rate(users, &mut kandy, &emulator, &format!("import{round}.example.com")));
    }
    assert_eq!(emulator.state().users, users * rounds * 2);
    let (plain, import) = (median(plain), median(import));
    println!("plain SDK   {plain:>8.0} users/s");
    println!("kandy       {import:>8.0} users/s   {:.1} %", import / plain * 100.0);
}

/// Runs a program with a domain of its own.
fn rate(users: usize, program: &mut Command, emulator: &Emulator, name: &str) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let domain = runtime.block_on(async {
        let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
        let account = kandy.account(emulator.account_key(), emulator.account_secret());
        account.create_domain(name).await.expect("a domain")
    });
    program
        .env("KANDY_BASE_URL", emulator.base_url())
        .env("KANDY_DOMAIN_API_KEY", domain.api_key.expose())
        .env("KANDY_DOMAIN_API_SECRET", domain.api_secret.expose());
    let began = Instant::now();
    assert!(program.status().expect("a process").success(), "{name}");
    let rate = users as f64 / began.elapsed().as_secs_f64();
    println!("{name:<24} {rate:>8.0} users/s");
    rate
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// The SDK alone: reads the list while it sends, and records nothing.
fn plain(list: &Path) {
    let variable = |name| env::var(name).expect(name);
    let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let kandy = Kandy::builder().base_url(variable("KANDY_BASE_URL")).build().expect("a client");
        let domain = kandy.domain(variable("KANDY_DOMAIN_API_KEY"), variable("KANDY_DOMAIN_API_SECRET"));
        let rows = csv::Reader::from_path(list).expect("the list").into_records().map(|row| {
            let row = row.expect("a row");
            NewUser::new(&row[0]).country_code(&row[1]).email(&row[2])
        });
        let mut outcomes = domain.create_users(rows).concurrency(CONCURRENCY);
        while let Some(outcome) = outcomes.next().await {
            outcome.result.expect("a user");
        }
    });
}
