//! No credential gets out, whichever command runs, wherever the credential came from, and whatever goes wrong.
//!
//! Credentials that are easy to recognise are given in every way that there is; then all commands run, as the help lists
//! them, against emulators that answer well, badly or not at all. None of the credentials, nor any other that has the form
//! of one, may be in stdout, in stderr, in the list of processes, or in a file that is not made for secrets.

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

/// Commands that are not run, and why.
const EXCEPT: &[(&str, &str)] =
    &[("emulator", "it serves until it is stopped, and has no credentials but public ones")];

/// The ways in which an emulator fails.
fn failures() -> [InjectedFault; 3] {
    [InjectedFault::http(500), InjectedFault::close_after_reading(), InjectedFault::wrong_json()]
}

/// What each command goes through.
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

/// What leaked while all commands ran.
#[derive(Default)]
struct Leaked {
    /// Among the data that was answered.
    answers: String,
    /// Anywhere else.
    elsewhere: String,
    /// Commands that do not take the arguments they were given.
    unusable: String,
    runs: usize,
    done: usize,
}

/// Runs everything once, for all tests.
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

/// Runs a command, and looks for credentials wherever it may have put them.
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
    // One that was given may look like one of the emulator too.
    let shown: BTreeSet<_> = leaks(&ended.stdout, &given).collect();
    for leak in shown {
        let to = if data { &mut leaked.answers } else { &mut leaked.elsewhere };
        writeln!(to, "{what}: {leak} in stdout").unwrap();
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

/// All files below a folder, and what is in them.
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

/// Commands that take no arguments as their help has them are of no use here: give them some in `ARGUMENTS`.
#[test]
fn every_leaf_command_runs() {
    assert_eq!(LEAKED.unusable, "");
    assert!(LEAKED.done * 4 > LEAKED.runs, "only {} of {} came to an end", LEAKED.done, LEAKED.runs);
}

#[test]
fn stderr_has_no_credential() {
    assert_eq!(LEAKED.elsewhere, "");
}

/// Answers have credentials in them, which only `--show-secrets` shows.
#[test]
fn stdout_has_no_credential() {
    assert_eq!(LEAKED.answers, "");
}

/// A command that others wrote sees the message, and no credential.
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
