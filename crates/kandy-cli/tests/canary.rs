//! No credential gets out, whichever command runs, wherever the credential came from, and whatever goes wrong.
//!
//! Credentials that are easy to recognise are given in every way that there is; then all commands run, as the help lists
//! them, against emulators that answer well, badly or not at all. None of the credentials, nor any other that has the form
//! of one, may be in stdout, in stderr, in the list of processes, or in a file that is not made for secrets.

#![cfg(unix)]

mod support;

use std::{
    collections::BTreeSet,
    fmt::Write,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{LazyLock, Mutex},
};

use kandy_emulator::InjectedFault;
use support::{
    leaf::{Leaf, leaves},
    place::{Place, WAYS, Way, World, kandy, leaks, run},
};

/// Commands that are not run, and why.
const EXCEPT: &[(&str, &str)] =
    &[("emulator", "it serves until it is stopped, and has no credentials but public ones")];

/// The ways in which an emulator fails.
fn failures() -> [InjectedFault; 3] {
    [InjectedFault::http(500), InjectedFault::close_after_reading(), InjectedFault::wrong_json()]
}

/// What each command goes through.
const RUNS: [(World, Option<Way>, &[&str]); 10] = [
    (World::Good, None, &[]),
    (World::Good, None, &["--verbose", "--json"]),
    (World::Good, None, &["--dry-run", "--verbose"]),
    (World::Good, Some(Way::Tokens), &["--verbose"]),
    (World::WrongSecret, None, &["--verbose"]),
    (World::Fails(0), None, &["--verbose"]),
    (World::Fails(0), Some(Way::Tokens), &["--json"]),
    (World::Fails(1), None, &["--verbose"]),
    (World::Fails(2), None, &["--verbose", "--json"]),
    (World::Nowhere, None, &["--verbose"]),
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
    let leaves = leaves(&|| kandy(folder.path()));
    assert!(leaves.len() > 20, "{}", leaves.len());
    let good = Place::new();
    let failing = failures().map(|failure| {
        let place = Place::new();
        place.emulator.inject(failure.every(2));
        place
    });
    let jobs: Vec<_> = leaves
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
                    let Some((leaf, turn, (world, way, options))) = queue.lock().unwrap().pop() else { break };
                    let place = match world {
                        World::Fails(failure) => &failing[*failure],
                        _ => &good,
                    };
                    let way = way.unwrap_or(WAYS[turn % WAYS.len()]);
                    look(leaf, place, *world, way, options, &leaked);
                }
            });
        }
    });
    leaked.into_inner().unwrap()
});

/// Runs a command, and looks for credentials wherever it may have put them.
fn look(leaf: &Leaf, place: &Place, world: World, way: Way, options: &[&str], leaked: &Mutex<Leaked>) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = kandy(folder.path());
    place.give(&mut command, folder.path(), world, way);
    let before = files(folder.path());
    let arguments = leaf.usual_arguments(|name| place.value(name));
    command.args(leaf.name.split_whitespace()).args(&arguments).args(options).args(["--timeout", "2s"]);
    let ended = run(command, "canary.pass4711\n");

    let given = [place.domain.0.as_str(), &place.domain.1, &place.tokens[0], &place.tokens[1], &place.tokens[2]];
    let what = format!("kandy {} {} {} ({world:?}, {way:?})", leaf.name, arguments.join(" "), options.join(" "));
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
    for (place, text) in [("stderr", &ended.stderr), ("the list of processes", &ended.process)] {
        for leak in leaks(text, &given) {
            writeln!(leaked.elsewhere, "{what}: {leak} in {place}").unwrap();
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
fn every_command_runs() {
    assert_eq!(LEAKED.unusable, "");
    assert!(LEAKED.done * 4 > LEAKED.runs, "only {} of {} came to an end", LEAKED.done, LEAKED.runs);
}

#[test]
fn no_credential_is_said() {
    assert_eq!(LEAKED.elsewhere, "");
}

/// Answers have credentials in them, which only `--show-secrets` shows.
#[test]
fn no_credential_is_among_the_data() {
    assert_eq!(LEAKED.answers, "");
}

/// A command that others wrote sees the message, and no credential.
#[test]
fn what_watch_executes_sees_no_credential() {
    let folder = tempfile::tempdir().unwrap();
    let help = kandy(folder.path()).args(["message", "watch", "-h"]).output().unwrap();
    if !String::from_utf8_lossy(&help.stdout).contains("--exec") {
        eprintln!("skipped: there is no `kandy message watch --exec` yet");
        return;
    }
    let place = Place::new();
    for way in WAYS {
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            let mut command = kandy(folder.path());
            drop(fs::remove_dir_all(folder.path().join("config")));
            place.give(&mut command, folder.path(), World::Good, way);
            command.args(arguments);
            run(command, "")
        };
        let sent = run(&["message", "send", "--user", "anna", "russ@example.com", "hello"]);
        assert_eq!(sent.code, Some(0), "{}", sent.stderr);
        let script = "env; tr '\\0' ' ' < /proc/self/cmdline; cat; ps -ef";
        let seen = run(&["message", "watch", "--user", "russ", "--count", "1", "--exec", script]);
        assert!(seen.stdout.contains("KANDY_MESSAGE_ID="), "{way:?}: {} {}", seen.stdout, seen.stderr);
        let given = [place.domain.0.as_str(), &place.domain.1];
        let leaked: Vec<_> = leaks(&seen.stdout, &given).chain(leaks(&seen.stderr, &given)).collect();
        assert!(leaked.is_empty(), "{way:?}: {leaked:?} in {}", seen.stdout);
    }
}
