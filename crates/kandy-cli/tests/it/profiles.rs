//! Profiles: permissions, links and prompts.

#![cfg(target_os = "linux")]

use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::fixture::Fixture;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn profile_files_are_private() {
    let fixture = Fixture::new();
    let login = fixture.program("sh").args(["-c", "umask 0; kandy auth login --from-env"]).output().unwrap();
    assert!(login.status.success(), "{}", String::from_utf8_lossy(&login.stderr));
    let folder = fixture.folder.path().join("config");
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("config.toml")), 0o600);
    assert_eq!(mode(&folder.join("secrets.toml")), 0o600);
    assert_eq!(mode(&folder.join("config.lock")), 0o600);
    assert_eq!(fs::metadata(folder.join("config.lock")).unwrap().len(), 0);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3, "nothing is left beside them");
    let config = fs::read_to_string(folder.join("config.toml")).unwrap();
    for secret in
        [fixture.emulator.account_key(), fixture.emulator.account_secret(), &fixture.domain.0, &fixture.domain.1]
    {
        assert!(!config.contains(secret));
    }
}

/// Links are kept and their targets replaced, because users keep such files in a repository. Links of another user are
/// rejected: see the tests of `private_file::replace`.
#[test]
fn symbolic_links_are_kept() {
    let fixture = Fixture::new();
    let folder = fixture.folder.path().join("config");
    let elsewhere = fixture.folder.path().join("elsewhere");
    fs::create_dir(&folder).unwrap();
    fs::create_dir(&elsewhere).unwrap();
    // A relative link to a file, and an absolute link to a missing one.
    fs::write(elsewhere.join("config"), "").unwrap();
    symlink("../elsewhere/config", folder.join("config.toml")).unwrap();
    symlink(elsewhere.join("secrets"), folder.join("secrets.toml")).unwrap();
    for arguments in ["auth login one --from-env", "auth login two --from-env", "auth login two --from-env --force"] {
        let login = fixture.kandy().args(arguments.split(' ')).output().unwrap();
        assert!(login.status.success(), "{}", String::from_utf8_lossy(&login.stderr));
    }
    let show = fixture.kandy().args(["domain", "show", "--quiet", "--profile", "two"]).output().unwrap();
    assert_eq!(String::from_utf8(show.stdout).unwrap(), "example.com\n");
    assert_eq!(mode(&elsewhere.join("config")), 0o600);
    assert_eq!(mode(&elsewhere.join("secrets")), 0o600);
    assert!(fs::read_to_string(elsewhere.join("secrets")).unwrap().contains(&fixture.domain.1));

    // The last logout keeps the link.
    let logout = fixture.kandy().args(["auth", "logout", "--all"]).output().unwrap();
    assert!(logout.status.success(), "{}", String::from_utf8_lossy(&logout.stderr));
    for name in ["config.toml", "secrets.toml"] {
        assert!(fs::symlink_metadata(folder.join(name)).unwrap().is_symlink(), "{name}");
    }
    assert!(!fs::read_to_string(elsewhere.join("secrets")).unwrap().contains(&fixture.domain.1));
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 2, "nothing is left beside them");
}

/// A command on a terminal that `script` provides.
struct AtTerminal {
    script: Child,
    /// The terminal device.
    terminal: String,
    shown: String,
}

impl AtTerminal {
    fn start(fixture: &Fixture, line: &str) -> Option<Self> {
        let mut command = fixture.program("script");
        command.args(["-q", "-e", "-c", &format!("tty; {line}"), "/dev/null"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        command.env_remove("KANDY_BASE_URL").env("SHELL", "/bin/sh");
        let Ok(script) = command.spawn() else {
            eprintln!("skipped: there is no script(1) here, which plays a terminal");
            return None;
        };
        let mut terminal = Self { script, terminal: String::new(), shown: String::new() };
        terminal.wait_for("\n");
        terminal.terminal = terminal.shown.trim().to_owned();
        Some(terminal)
    }

    fn wait_for(&mut self, text: &str) {
        let seen = self.shown.len();
        let stdout = self.script.stdout.as_mut().unwrap();
        let mut byte = [0];
        while !self.shown[seen..].ends_with(text) {
            assert_eq!(stdout.read(&mut byte).unwrap(), 1, "no {text:?} in {:?}", self.shown);
            self.shown.push(char::from(byte[0]));
        }
    }

    /// Waits for a prompt and types an answer.
    fn answer(&mut self, prompt: &str, answer: &str) {
        self.wait_for(prompt);
        self.script.stdin.as_mut().unwrap().write_all(format!("{answer}\n").as_bytes()).unwrap();
    }

    /// Waits until echo is off, and types a secret.
    fn answer_secretly(&mut self, prompt: &str, answer: &str) {
        self.wait_for(prompt);
        let begun = Instant::now();
        loop {
            let stty = Command::new("stty").args(["-a", "-F", &self.terminal]).output().unwrap();
            if String::from_utf8_lossy(&stty.stdout).contains(" -echo ") {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "the terminal shows what is typed at {prompt:?}");
        }
        self.script.stdin.as_mut().unwrap().write_all(format!("{answer}\n").as_bytes()).unwrap();
    }

    /// Returns the output and whether the command succeeded.
    fn end(mut self) -> (String, bool) {
        let mut rest = Vec::new();
        self.script.stdout.take().unwrap().read_to_end(&mut rest).unwrap();
        let status = self.script.wait().unwrap();
        (self.shown + &String::from_utf8_lossy(&rest), status.success())
    }
}

#[test]
fn prompts_do_not_echo_secrets() {
    let fixture = Fixture::new();
    let Some(mut terminal) = AtTerminal::start(&fixture, "kandy auth login mine") else { return };
    terminal.answer("Base URL [https://api.kandy.io/v1.2]: ", fixture.emulator.base_url());
    terminal.answer_secretly("Account API key: ", "");
    terminal.answer_secretly("Domain API key: ", &fixture.domain.0);
    terminal.answer_secretly("Domain API secret: ", &fixture.domain.1);
    terminal.answer("User id: ", "");
    let (shown, done) = terminal.end();
    assert!(done, "{shown}");
    assert!(shown.contains("domain: works"), "{shown}");
    assert!(!shown.contains(&fixture.domain.0) && !shown.contains(&fixture.domain.1), "{shown}");
    let show = fixture.kandy().args(["domain", "show", "--quiet", "--profile", "mine"]).output().unwrap();
    assert_eq!(String::from_utf8(show.stdout).unwrap(), "example.com\n");

    // Replacing a profile asks for confirmation.
    let Some(mut terminal) = AtTerminal::start(&fixture, "kandy auth login mine") else { return };
    terminal.answer("Replace profile \"mine\"? [y/N]: ", "");
    let (shown, done) = terminal.end();
    assert!(!done && shown.contains("Use --force to replace it"), "{shown}");
}
