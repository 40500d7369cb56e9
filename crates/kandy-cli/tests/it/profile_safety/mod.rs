//! Profiles survive whatever happens to the processes that change them, and the secrets of one service never go to another.

#![cfg(target_os = "linux")]

mod concurrent;
mod killed;
mod stored;
mod unwritable;

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output, Stdio},
};

use crate::fixture::Fixture;
use kandy_emulator::Emulator;
use stored::Stored;

/// Two services, each with a domain of its own, and one folder of profiles.
struct Services {
    fixture: Fixture,
    other: Emulator,
    /// The key and the secret of the domain of the other service.
    other_domain: (String, String),
}

impl Services {
    fn new() -> Self {
        let other = Emulator::start().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let created = runtime.block_on(async {
            let kandy = kandy::Kandy::builder().base_url(other.base_url()).build().unwrap();
            kandy.account(other.account_key(), other.account_secret()).create_domain("other.example.com").await.unwrap()
        });
        let other_domain = (created.api_key.expose().to_owned(), created.api_secret.expose().to_owned());
        Self { fixture: Fixture::empty(), other, other_domain }
    }

    /// A login with profile `name` at the first service or at the other one.
    fn login(&self, name: &str, at_other: bool) -> Command {
        let mut command = self.fixture.kandy();
        command.env_remove("KANDY_ACCOUNT_API_KEY").env_remove("KANDY_ACCOUNT_API_SECRET");
        if at_other {
            command.env("KANDY_BASE_URL", self.other.base_url());
            command.env("KANDY_DOMAIN_API_KEY", &self.other_domain.0);
            command.env("KANDY_DOMAIN_API_SECRET", &self.other_domain.1);
        }
        command.args(["auth", "login", name, "--from-env", "--force", "--no-check"]);
        command
    }

    /// Uses a profile. It works whichever service it is for, unless its secrets are those of another.
    fn show(&self, name: &str) -> String {
        let output = self.fixture.kandy().args(["domain", "show", "--quiet", "--profile", name]).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn config(fixture: &Fixture) -> PathBuf {
    fixture.folder.path().join("config")
}

/// The names of the files in the folder of profiles.
fn files(fixture: &Fixture) -> Vec<String> {
    let mut files: Vec<_> =
        fs::read_dir(config(fixture)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    files
}

/// All files there are when no command runs, and none was killed.
const USUAL_FILES: [&str; 3] = ["config.lock", "config.toml", "secrets.toml"];

fn said(output: &Output) -> String {
    format!("{:?} {}", output.status, String::from_utf8_lossy(&output.stderr))
}

/// Runs commands at once, and returns what they came to.
fn at_once(commands: Vec<Command>) -> Vec<Output> {
    let spawn = |mut command: Command| {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = commands.into_iter().map(spawn).collect();
    children.into_iter().map(|child| child.wait_with_output().unwrap()).collect()
}
