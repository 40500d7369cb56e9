//! The state file: read at the start, written while something changes and at the end.

use std::{
    fs,
    io::{BufRead, BufReader, ErrorKind},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use kandy_emulator::{Emulator, SnapshotError};
use serde_json::Value;

use crate::{
    fixture::Kandy,
    snapshot::{assert_same, records},
};

const SEED: &str = r#"{"domains": [{"name": "example.com", "users": [{"user_id": "russ"}]}]}"#;

/// A folder that is deleted when it is dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("kandy-emulator-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&folder).expect("created");
        Self(folder)
    }

    fn state(&self) -> PathBuf {
        self.0.join("state.jsonl")
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).expect("a folder").map(|file| file.expect("a file").file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().expect("UTF-8")).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn start(folder: &Folder) -> Kandy {
    Kandy::on(Emulator::builder().state(folder.state()).start().expect("a state"))
}

fn content(folder: &Folder) -> Vec<Value> {
    records(&fs::read_to_string(folder.state()).expect("a text"))
}

#[tokio::test]
async fn state_survives_restarts() {
    let folder = Folder::new();
    let kandy = start(&folder);
    assert_eq!(content(&folder).len(), 2, "it is written at the start");
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    let expected = records(&kandy.snapshot().await);
    kandy.emulator.stop().expect("written");
    assert_same(&content(&folder), &expected);
    #[cfg(unix)]
    for name in folder.names() {
        let permissions = fs::metadata(folder.0.join(&name)).expect("there").permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&permissions) & 0o777, 0o600, "{name}");
    }

    let kandy = start(&folder);
    assert_eq!(kandy.call("device_list", &[("key", &russ.token)]).await.status(), 0);
    kandy.user(&domain, "anna").await;
    // Dropping writes, too.
    drop(kandy);
    let kandy = start(&folder);
    assert_eq!(kandy.emulator.state().full_user_ids, ["russ@example.com", "anna@example.com"]);
    kandy.emulator.reset();
    kandy.emulator.stop().expect("written");
    assert_eq!(start(&folder).emulator.state().users, 0, "a reset is a change, too");
    assert_eq!(folder.names(), [".state.jsonl.lock", "state.jsonl"]);
}

#[tokio::test]
async fn seed_counts_once() {
    let folder = Folder::new();
    let seeded = || Emulator::builder().seed(SEED.parse().expect("a seed")).state(folder.state()).start();
    let kandy = Kandy::on(seeded().expect("a state"));
    let first = kandy.emulator.seeded()[0].clone();
    let token = kandy.domain_token(first.api_key().expose(), first.api_secret().expose()).await;
    let body = serde_json::json!({"user_id": "anna"});
    kandy.post("user_create", &[("key", &token)], &body).await.result();
    drop(kandy);
    // What is printed and returned is valid, also after a reset, which goes back to the seed.
    let kandy = Kandy::on(seeded().expect("a state"));
    for users in [2, 1] {
        assert_eq!(kandy.emulator.state().users, users);
        let seeded = &kandy.emulator.seeded()[0];
        assert_eq!(seeded.api_key(), first.api_key());
        kandy.domain_token(seeded.api_key().expose(), seeded.api_secret().expose()).await;
        kandy.emulator.reset();
    }
    kandy.emulator.reset_to_nothing();
    drop(kandy);
    let kandy = Kandy::on(seeded().expect("a state"));
    assert!(kandy.emulator.state().users == 0 && kandy.emulator.seeded().is_empty(), "it was deleted");
}

/// The credentials of the account and the lifetime of tokens are settings.
#[tokio::test]
async fn settings_are_no_state() {
    let folder = Folder::new();
    let kandy = start(&folder);
    let token = kandy.account_token().await;
    drop(kandy);
    let text = fs::read_to_string(folder.state()).expect("a text");
    assert!(!text.contains("AAK") && !text.contains("AAS"), "they are not in it");
    let builder = Emulator::builder().state(folder.state()).account("AAKother", "AASother");
    let kandy = Kandy::on(builder.token_ttl(Duration::from_secs(5)).start().expect("a state"));
    assert_eq!(kandy.call("domain_list", &[("key", &token)]).await.status(), 0, "its lifetime is its own");
    let short = kandy.account_token().await;
    kandy.emulator.advance(Duration::from_secs(6));
    assert_eq!(kandy.call("domain_list", &[("key", &short)]).await.status(), 10);
}

#[test]
fn unusable_file_is_refused_at_the_start() {
    let folder = Folder::new();
    let refuse = |path: PathBuf| Emulator::builder().state(path).start().expect_err("refused");
    drop(start(&folder));
    let text = fs::read_to_string(folder.state()).expect("a text");
    for damaged in [&text[..text.len() / 2], "", "{}", "\u{feff}", &text.replace("\"version\":1", "\"version\":9")] {
        fs::write(folder.state(), damaged).expect("written");
        let error = refuse(folder.state());
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
        assert!(error.get_ref().is_some_and(|error| error.is::<SnapshotError>()), "{error}");
        assert!(error.to_string().contains("state.jsonl: line "), "{error}");
        assert_eq!(fs::read_to_string(folder.state()).expect("a text"), damaged, "it is kept");
    }
    fs::write(folder.state(), &text).expect("written");

    let _first = start(&folder);
    let error = refuse(folder.state());
    assert_eq!(error.kind(), ErrorKind::ResourceBusy, "{error}");
    assert!(error.to_string().ends_with("another emulator uses it; stop that one, or name another file"), "{error}");

    assert_eq!(refuse(folder.0.clone()).kind(), ErrorKind::InvalidInput, "a folder");
    assert_eq!(refuse(folder.0.join("missing").join("state")).kind(), ErrorKind::NotFound);
    #[cfg(unix)]
    {
        // A link is followed: the lock is that of the file that it names.
        std::os::unix::fs::symlink(folder.state(), folder.0.join("link")).expect("a link");
        assert_eq!(refuse(folder.0.join("link")).kind(), ErrorKind::ResourceBusy);
        assert_eq!(refuse(PathBuf::from("/dev/null")).kind(), ErrorKind::InvalidInput);
    }
}

/// The last write fails: the file before it stays, and stopping returns the error.
#[cfg(unix)]
#[tokio::test]
async fn failing_write_is_an_error() {
    let folder = Folder::new();
    drop(start(&folder));
    let kandy = start(&folder);
    kandy.domain("example.com").await;
    let before = fs::read(folder.state()).expect("a file");
    // Something that cannot be removed is in the place of the new file.
    fs::create_dir_all(folder.0.join(".state.jsonl.new").join("full")).expect("created");
    let error = kandy.emulator.stop().expect_err("not written");
    assert!(error.to_string().contains("state.jsonl: "), "{error}");
    assert_eq!(fs::read(folder.state()).expect("a file"), before);
}

/// Starts the program.
fn program(folder: &Folder) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    command.env_remove("KANDY_ACCOUNT_API_KEY").env_remove("KANDY_ACCOUNT_API_SECRET");
    command.args(["--listen", "127.0.0.1:0", "--state"]).arg(folder.state());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("started");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
    (child, line.trim().trim_start_matches("Kandy emulator: ").to_owned())
}

/// Killed at any time, the program leaves a whole file, and the next one uses it.
#[tokio::test]
async fn killed_program_leaves_a_whole_file() {
    let folder = Arc::new(Folder::new());
    let mut most_domains = 0;
    for round in 0..3 {
        let (mut child, base_url) = program(&folder);
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let (key, secret) = (kandy_emulator::DEVELOPMENT_ACCOUNT_KEY, kandy_emulator::DEVELOPMENT_ACCOUNT_SECRET);
        let url = format!("{base_url}/accounts/accesstokens?key={key}&account_api_secret={secret}");
        let token: Value = client.get(url).send().await.expect("sent").json().await.expect("JSON");
        let token = token["result"]["account_access_token"].as_str().expect("a token");
        // Until it is written while it runs.
        let (started, before) = (Instant::now(), fs::metadata(folder.state()).expect("there").len());
        for number in 0.. {
            let body = serde_json::json!({"domain_name": format!("d{round}-{number}.example.com")});
            let url = format!("{base_url}/accounts/domains?key={token}");
            client.post(url).json(&body).send().await.expect("sent");
            if fs::metadata(folder.state()).expect("there").len() > before {
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "it is not written");
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        let domains = start(&folder).emulator.state().domains;
        assert!(domains > most_domains, "{domains}");
        most_domains = domains;
    }
}

/// A write that fails while the program runs: it is reported once, the old file stays, and it is tried again.
#[cfg(unix)]
#[tokio::test]
async fn failing_write_is_reported_once_and_repeated() {
    use std::io::Read;

    let folder = Folder::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    command.env_remove("KANDY_ACCOUNT_API_KEY").env_remove("KANDY_ACCOUNT_API_SECRET");
    command.args(["--listen", "127.0.0.1:0", "--state"]).arg(folder.state());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
    let root = line.trim().trim_start_matches("Kandy emulator: ").trim_end_matches("/v1.2").to_owned();
    let before = fs::read(folder.state()).expect("a file");
    let obstacle = folder.0.join(".state.jsonl.new");
    fs::create_dir_all(obstacle.join("full")).expect("created");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let change = async || {
        let body = serde_json::json!({"advance_ms": 1000});
        client.post(format!("{root}/_emulator/clock")).json(&body).send().await.expect("sent");
    };
    change().await;
    let mut stderr = BufReader::new(child.stderr.take().expect("stderr"));
    let mut reported = String::new();
    while !reported.contains("the state is not saved") {
        reported.clear();
        stderr.read_line(&mut reported).expect("a line");
    }
    assert!(reported.contains("state.jsonl: ") && reported.contains("tried again"), "{reported}");
    assert_eq!(fs::read(folder.state()).expect("a file"), before);
    fs::remove_dir_all(&obstacle).expect("removed");
    let started = Instant::now();
    while fs::read(folder.state()).expect("a file") == before {
        // No requests: their lines would fill the pipe, which is not read here.
        tokio::task::yield_now().await;
        assert!(started.elapsed() < Duration::from_secs(60), "it is not tried again");
    }
    // The last write fails: an error, and its exit code.
    fs::create_dir_all(obstacle.join("full")).expect("created");
    change().await;
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill").success());
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).expect("text");
    assert_eq!(child.wait().expect("ended").code(), Some(1), "{rest}");
    assert!(rest.contains("kandy-emulator: ") && rest.contains("state.jsonl: "), "{rest}");
}

/// Of programs that begin at the same time, one gets the file.
#[test]
fn only_one_program_uses_the_file() {
    let folder = Folder::new();
    let mut programs: Vec<_> = (0..4)
        .map(|_| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
            command.args(["--listen", "127.0.0.1:0", "--state"]).arg(folder.state());
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started")
        })
        .collect();
    let first_lines: Vec<_> = programs
        .iter_mut()
        .map(|program| {
            let mut line = String::new();
            BufReader::new(program.stdout.take().expect("stdout")).read_line(&mut line).expect("text");
            line
        })
        .collect();
    assert_eq!(first_lines.iter().filter(|line| line.starts_with("Kandy emulator: ")).count(), 1);
    for (mut program, line) in programs.into_iter().zip(first_lines) {
        if line.is_empty() {
            let output = program.wait_with_output().expect("ended");
            let error = String::from_utf8(output.stderr).expect("text");
            assert_eq!(output.status.code(), Some(1));
            assert!(error.contains("another emulator uses it"), "{error}");
        } else {
            program.kill().expect("killed");
            program.wait().expect("ended");
        }
    }
}
