//! No credential gets out, whichever command runs, wherever the credential came from, and whatever goes wrong.
//!
//! Credentials that are easy to recognise are given in every way that there is; then all commands run, as the help lists
//! them, against emulators that answer well, badly or not at all. None of the credentials, nor any other that has the form
//! of one, may be in stdout, in stderr, in the list of processes, or in a file that is not made for secrets.

#![cfg(unix)]

mod support;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    io::{Read, Write as _},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex},
    time::{Duration, Instant},
};

use kandy_emulator::{Emulator, Failure, NewGroup};
use support::leaf::{Leaf, leaves};

/// Commands that are not run, and why.
const EXCEPT: &[(&str, &str)] =
    &[("emulator", "it serves until it is stopped, and has no credentials but public ones")];

/// Arguments for commands whose help does not say by itself what is needed.
const ARGUMENTS: &[(&str, &str)] = &[
    ("auth login", "new --from-env"),
    ("auth logout", "one"),
    ("auth use", "one"),
    ("domain create", "new.example.com --save-profile new"),
    ("message watch", "--until-empty"),
    ("user create", "someone --country-code US"),
];

const ACCOUNT: (&str, &str) = ("canary-account-key", "canary-account-secret");
const PASSWORD: &str = "canary.pass4711";
const WRONG: &str = "canary-wrong-secret";

/// How long a command may take. What waits for more to come is ended then.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where credentials come from.
#[derive(Clone, Copy, Debug)]
enum Way {
    Environment,
    DotEnv,
    Files,
    /// A profile that was made from the environment.
    Profile,
    /// A profile that was read from stdin.
    Stdin,
    /// Access tokens instead of keys.
    Tokens,
}

const WAYS: [Way; 5] = [Way::Environment, Way::DotEnv, Way::Files, Way::Profile, Way::Stdin];

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum World {
    Good,
    WrongSecret,
    /// Every second request fails like this.
    Fails(usize),
    Nowhere,
}

/// The ways in which an emulator fails.
fn failures() -> [Failure; 3] {
    [Failure::http(500), Failure::close_after_reading(), Failure::wrong_json()]
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

/// An emulator with a domain, two users, and credentials that are easy to recognise.
struct Place {
    emulator: Emulator,
    domain: (String, String),
    /// A group that both are in.
    group: String,
    /// Access tokens of the account, the domain and the user.
    tokens: [String; 3],
    /// The files of the profiles, by the ways that make them.
    profiles: [Vec<(String, String)>; 2],
}

impl Place {
    fn new() -> Self {
        let emulator = Emulator::builder().account(ACCOUNT.0, ACCOUNT.1).start().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (domain, tokens) = runtime.block_on(async {
            let kandy = kandy::Kandy::builder().base_url(emulator.base_url()).build().unwrap();
            let account = kandy.account(ACCOUNT.0, ACCOUNT.1);
            let created = account.create_domain("example.com").await.unwrap();
            let domain = kandy.domain(created.api_key.clone(), created.api_secret.clone());
            for user_id in ["russ", "anna"] {
                domain.create_user(user_id).country_code("US").password(PASSWORD).await.unwrap();
            }
            let tokens = [
                account.access_token().await.unwrap().expose().to_owned(),
                domain.access_token().await.unwrap().expose().to_owned(),
                domain.user("russ").access_token().await.unwrap().expose().to_owned(),
            ];
            ((created.api_key.expose().to_owned(), created.api_secret.expose().to_owned()), tokens)
        });
        let group = NewGroup::new("crew").owner("russ@example.com").member("anna@example.com");
        let group = emulator.create_group(group).unwrap();
        let mut place = Self { emulator, domain, group, tokens, profiles: Default::default() };
        place.profiles = [place.log_in(&["--from-env"], true), place.log_in(&["--stdin"], false)];
        place
    }

    /// What stands for a value of the command line, by the name that the help has for it.
    fn value(&self, name: &str) -> String {
        match name.to_ascii_uppercase().as_str() {
            "TO" | "FULL_USER_ID" => "anna@example.com",
            "GROUP_ID" => &self.group,
            "MESSAGE_ID" | "CONTENT_ID" => "0f0e0d0c-0b0a-4908-8706-050403020100",
            "N" | "COUNT" | "SIZE" => "1",
            name if name.contains("FILE") || name.contains("PATH") => "token.txt",
            name if name.contains("USER") => "anna",
            name if name.contains("DEVICE") => "0123456789ABCDEF0123456789ABCDEF",
            name if name.contains("DURATION") => "1s",
            name if name.contains("COUNTRY") => "US",
            name if name.contains("PHONE") || name.contains("NUMBER") => "2025550123",
            name if name.contains("URL") => "https://example.com",
            _ => "example",
        }
        .to_owned()
    }

    /// What a login writes, which must not say what it was given.
    fn log_in(&self, options: &[&str], in_environment: bool) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = kandy(folder.path());
        command.args(["auth", "login", "one", "--verbose"]).args(options);
        command.env("KANDY_BASE_URL", self.emulator.base_url());
        let settings = self.settings(World::Good, Way::Environment);
        if in_environment {
            command.envs(settings.clone());
        }
        let lines: String = settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        let ended = run(command, &lines);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(leaks(&ended.stdout, &[]).chain(leaks(&ended.stderr, &[])).next(), None, "{}", ended.stderr);
        let config = folder.path().join("config");
        assert_eq!(fs::metadata(config.join("secrets.toml")).unwrap().permissions().mode() & 0o777, 0o600);
        let files = ["config.toml", "secrets.toml"].map(|name| {
            let text = fs::read_to_string(config.join(name)).unwrap();
            assert_eq!(name == "secrets.toml", text.contains(PASSWORD), "{name}");
            (name.to_owned(), text)
        });
        files.into()
    }

    /// The variables that say everything.
    fn settings(&self, world: World, way: Way) -> Vec<(&'static str, String)> {
        let base_url = match world {
            World::Nowhere => "http://127.0.0.1:9/v1.2",
            _ => self.emulator.base_url(),
        };
        let secret = |right: &str| if world == World::WrongSecret { WRONG.to_owned() } else { right.to_owned() };
        let mut settings = vec![
            ("KANDY_BASE_URL", base_url.to_owned()),
            ("KANDY_USER_ID", "russ".to_owned()),
            ("KANDY_DOMAIN_API_KEY", self.domain.0.clone()),
        ];
        match way {
            Way::Tokens => {
                let [account, domain, user] = self.tokens.clone();
                settings.push(("KANDY_ACCOUNT_ACCESS_TOKEN", account));
                settings.push(("KANDY_DOMAIN_ACCESS_TOKEN", domain));
                settings.push(("KANDY_USER_ACCESS_TOKEN", user));
            }
            _ => {
                settings.push(("KANDY_ACCOUNT_API_KEY", ACCOUNT.0.to_owned()));
                settings.push(("KANDY_ACCOUNT_API_SECRET", secret(ACCOUNT.1)));
                settings.push(("KANDY_DOMAIN_API_SECRET", secret(&self.domain.1)));
                settings.push(("KANDY_USER_PASSWORD", secret(PASSWORD)));
            }
        }
        settings
    }

    /// Gives a command its credentials.
    fn give(&self, command: &mut Command, folder: &Path, world: World, way: Way) {
        let settings = self.settings(world, way);
        // Users delete tokens and set passwords from this file.
        fs::write(folder.join("token.txt"), &self.tokens[2]).unwrap();
        match way {
            Way::Environment | Way::Tokens => drop(command.envs(settings)),
            Way::DotEnv => {
                let lines: String = settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
                fs::write(folder.join(".env"), lines).unwrap();
            }
            Way::Files => {
                for (name, value) in settings {
                    let file = format!("{name}.txt");
                    fs::write(folder.join(&file), value).unwrap();
                    command.env(format!("{name}_FILE"), file);
                }
            }
            Way::Profile | Way::Stdin => {
                let config = folder.join("config");
                fs::create_dir(&config).unwrap();
                let files = &self.profiles[usize::from(matches!(way, Way::Stdin))];
                for (name, text) in files {
                    let mut text = text.clone();
                    if world == World::WrongSecret {
                        for right in [ACCOUNT.1, &self.domain.1, PASSWORD] {
                            text = text.replace(right, WRONG);
                        }
                    }
                    if world == World::Nowhere {
                        text = text.replace(self.emulator.base_url(), "http://127.0.0.1:9/v1.2");
                    }
                    fs::write(config.join(name), text).unwrap();
                    fs::set_permissions(config.join(name), fs::Permissions::from_mode(0o600)).unwrap();
                }
            }
        }
    }
}

/// The command in a folder, with nothing of this machine.
fn kandy(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy"));
    command.current_dir(folder).env_clear().env("HOME", folder).env("LANG", "C.UTF-8");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("KANDY_CONFIG_DIR", folder.join("config")).env("KANDY_SECRET_STORE", "file");
    command
}

/// What a command came to.
struct Ended {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    /// What the list of processes says of it.
    process: String,
}

/// Runs a command to its end, or for as long as there is patience.
fn run(mut command: Command, input: &str) -> Ended {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let process = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap_or_default();
    // Who does not read it is gone already.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    std::thread::scope(|scope| {
        let stdout = scope.spawn(|| text_of(stdout));
        let stderr = scope.spawn(|| text_of(stderr));
        let code = wait(&mut child);
        let process = String::from_utf8_lossy(&process).into_owned();
        Ended { code, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap(), process }
    })
}

fn text_of(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn wait(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            return child.wait().unwrap().code();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The credentials in a text: those that were given, and all that look like one of the emulator.
fn leaks<'a>(text: &'a str, given: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let canaries = [ACCOUNT.0, ACCOUNT.1, PASSWORD, WRONG];
    let known = canaries.into_iter().chain(given.iter().copied()).filter(|canary| text.contains(canary));
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    known.chain(words.filter(|word| {
        matches!(word.as_bytes(), [b'A' | b'D' | b'U', b'A', b'K' | b'S' | b'T', digits @ ..]
            if digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit))
    }))
}

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
        place.emulator.fail(failure.every(2));
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
    let known = ARGUMENTS.iter().find(|(name, _)| *name == leaf.name);
    let arguments = match known {
        Some((_, arguments)) => arguments.split_whitespace().map(str::to_owned).collect(),
        None => leaf.arguments(|name| place.value(name)),
    };
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
