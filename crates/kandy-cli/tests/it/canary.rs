//! No credential leaks, whichever command runs, wherever the credential comes from, and whatever fails.
//!
//! Recognizable credentials are passed in every supported way; then every command of the help runs against emulators
//! that respond correctly, with errors, or not at all. No credential, and no text with the format of one, may appear in
//! stdout, stderr, the process list, or a file that is not made for secrets.

#![cfg(unix)]

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{LazyLock, Mutex},
};

use crate::fixture::{
    canary::{CREDENTIAL_SOURCES, CanaryFixture, Condition, CredentialSource, kandy, leaks, run},
    leaf_command::{LeafCommand, leaf_commands},
};
use kandy_emulator::InjectedFault;

/// Commands that are not run, with the reason.
const EXCEPT: &[(&str, &str)] =
    &[("emulator", "it serves until it is stopped, and has no credentials but public ones")];

/// Commands that print no JSON with `--json`, with the reason.
const WITHOUT_JSON: [(&str, &str); 5] = [
    ("completions", "a script"),
    ("help", "the help"),
    ("man", "a man page"),
    ("message watch", "a line for each message, of which there may be none"),
    ("file get", "the file"),
];

/// The faults of the emulator.
fn failures() -> [InjectedFault; 3] {
    [InjectedFault::http(500), InjectedFault::close_after_reading(), InjectedFault::wrong_json()]
}

/// The conditions under which each command runs.
const RUNS: [(Condition, Option<CredentialSource>, &[&str]); 10] = [
    (Condition::Healthy, None, &[]),
    (Condition::Healthy, None, &["--verbose", "--json"]),
    (Condition::Healthy, None, &["--dry-run", "--verbose"]),
    (Condition::Healthy, Some(CredentialSource::Tokens), &["--verbose"]),
    (Condition::WrongSecret, None, &["--verbose"]),
    (Condition::Fails(0), None, &["--verbose"]),
    (Condition::Fails(0), Some(CredentialSource::Tokens), &["--json"]),
    (Condition::Fails(1), None, &["--verbose"]),
    (Condition::Fails(2), None, &["--verbose", "--json"]),
    (Condition::Unreachable, None, &["--verbose"]),
];

/// What leaked during all runs.
#[derive(Default)]
struct Leaked {
    /// In data on stdout.
    answers: String,
    /// Anywhere else.
    elsewhere: String,
    /// Commands that rejected their arguments.
    unusable: String,
    /// Commands that succeeded with `--json` and printed none.
    without_json: String,
    runs: usize,
    done: usize,
}

/// Runs every command once, for all tests.
static LEAKED: LazyLock<Leaked> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let leaf_commands = leaf_commands(&|| kandy(folder.path()));
    assert!(leaf_commands.len() > 20, "{}", leaf_commands.len());
    let good = CanaryFixture::new();
    let failing = failures().map(|failure| {
        let fixture = CanaryFixture::new();
        fixture.emulator.inject(failure.every(2));
        fixture
    });
    let jobs: Vec<_> = leaf_commands
        .iter()
        .enumerate()
        .filter(|(_, leaf)| EXCEPT.iter().all(|(name, _)| *name != leaf.name))
        .flat_map(|(at, leaf)| RUNS.iter().enumerate().map(move |(run, job)| (leaf, at + run, job)))
        .collect();
    let (queue, leaked) = (Mutex::new(jobs), Mutex::new(Leaked::default()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                loop {
                    let Some((leaf, turn, (condition, source, options))) = queue.lock().unwrap().pop() else { break };
                    let fixture = match condition {
                        Condition::Fails(failure) => &failing[*failure],
                        _ => &good,
                    };
                    let source = source.unwrap_or(CREDENTIAL_SOURCES[turn % CREDENTIAL_SOURCES.len()]);
                    look(leaf, fixture, *condition, source, options, &leaked);
                }
            });
        }
    });
    leaked.into_inner().unwrap()
});

/// Runs a command and searches its output and files for credentials.
fn look(
    leaf: &LeafCommand,
    fixture: &CanaryFixture,
    condition: Condition,
    source: CredentialSource,
    options: &[&str],
    leaked: &Mutex<Leaked>,
) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = kandy(folder.path());
    fixture.give(&mut command, folder.path(), condition, source);
    let before = files(folder.path());
    let arguments = leaf.usual_arguments(|name| fixture.value(name));
    command.args(leaf.name.split_whitespace()).args(&arguments).args(options).args(["--timeout", "2s"]);
    let ended = run(command, "canary.pass4711\n");

    let given =
        [fixture.domain.0.as_str(), &fixture.domain.1, &fixture.tokens[0], &fixture.tokens[1], &fixture.tokens[2]];
    let what = format!("kandy {} {} {} ({condition:?}, {source:?})", leaf.name, arguments.join(" "), options.join(" "));
    let data = ended.code == Some(0) && !options.contains(&"--dry-run");
    let mut leaked = leaked.lock().unwrap();
    leaked.runs += 1;
    leaked.done += usize::from(ended.code == Some(0));
    // A given credential may have the format of the emulator, too.
    let shown: BTreeSet<_> = leaks(&ended.stdout, &given).collect();
    for leak in shown {
        let to = if data { &mut leaked.answers } else { &mut leaked.elsewhere };
        writeln!(to, "{what}: {leak} in stdout").unwrap();
    }
    let values: Result<Vec<serde_json::Value>, _> =
        serde_json::Deserializer::from_str(&ended.stdout).into_iter().collect();
    if data
        && options.contains(&"--json")
        && WITHOUT_JSON.iter().all(|(name, _)| *name != leaf.name)
        && !values.is_ok_and(|values| !values.is_empty())
    {
        writeln!(leaked.without_json, "{what}: {}", ended.stdout).unwrap();
    }
    for (fixture, text) in [("stderr", &ended.stderr), ("the list of processes", &ended.process)] {
        for leak in leaks(text, &given) {
            writeln!(leaked.elsewhere, "{what}: {leak} in {fixture}").unwrap();
        }
    }
    for (path, text) in files(folder.path()) {
        let is_for_secrets = path.ends_with("secrets.toml") || before.iter().any(|(before, _)| *before == path);
        if is_for_secrets && !path.ends_with("config.toml") {
            continue;
        }
        for leak in leaks(&text, &given) {
            writeln!(leaked.elsewhere, "{what}: {leak} in {path}").unwrap();
        }
    }
    if let Ok(secrets) = fs::metadata(folder.path().join("config/secrets.toml"))
        && secrets.permissions().mode() & 0o777 != 0o600
    {
        writeln!(leaked.elsewhere, "{what}: others can read secrets.toml").unwrap();
    }
    if ended.stderr.contains("\nUsage: kandy") || ended.stderr.contains("panicked") {
        writeln!(leaked.unusable, "{what}: {}", ended.stderr).unwrap();
    }
}

/// Returns all files below a folder with their contents.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            found.push((path.display().to_string(), text));
        }
    }
    found
}

/// A command whose arguments cannot be derived from its help needs an entry in `ARGUMENTS`.
#[test]
fn every_leaf_command_runs() {
    assert_eq!(LEAKED.unusable, "");
    assert!(LEAKED.done * 4 > LEAKED.runs, "only {} of {} came to an end", LEAKED.done, LEAKED.runs);
}

#[test]
fn every_command_has_json() {
    assert_eq!(LEAKED.without_json, "");
}

#[test]
fn stderr_has_no_credential() {
    assert_eq!(LEAKED.elsewhere, "");
}

/// Responses contain credentials, which only `--show-secrets` prints.
#[test]
fn stdout_has_no_credential() {
    assert_eq!(LEAKED.answers, "");
}

/// A command of `--exec` gets the message and no credential.
#[test]
fn watch_child_gets_no_credential() {
    let folder = tempfile::tempdir().unwrap();
    let help = kandy(folder.path()).args(["message", "watch", "-h"]).output().unwrap();
    if !String::from_utf8_lossy(&help.stdout).contains("--exec") {
        eprintln!("skipped: there is no `kandy message watch --exec` yet");
        return;
    }
    let fixture = CanaryFixture::new();
    for source in CREDENTIAL_SOURCES {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let mut command = kandy(folder.path());
            drop(fs::remove_dir_all(folder.path().join("config")));
            fixture.give(&mut command, folder.path(), Condition::Healthy, source);
            command.args(arguments);
            run(command, "")
        };
        let sent = run(&["message", "send", "--user", "anna", "russ@example.com", "hello"]);
        assert_eq!(sent.code, Some(0), "{}", sent.stderr);
        let script = "env; tr '\\0' ' ' < /proc/self/cmdline; cat; ps -ef";
        let seen = run(&["message", "watch", "--user", "russ", "--count", "1", "--exec", script]);
        assert!(seen.stdout.contains("KANDY_MESSAGE_ID="), "{source:?}: {} {}", seen.stdout, seen.stderr);
        let given = [fixture.domain.0.as_str(), &fixture.domain.1];
        let leaked: Vec<_> = leaks(&seen.stdout, &given).chain(leaks(&seen.stderr, &given)).collect();
        assert!(leaked.is_empty(), "{source:?}: {leaked:?} in {}", seen.stdout);
    }
}
