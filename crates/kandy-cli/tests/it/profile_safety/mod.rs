//! Profiles survive kills, full disks and concurrent changes, and secrets of one service are never sent to another.

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

/// Two services with a domain each, and one folder of profiles.
struct Services {
    fixture: Fixture,
    other: Emulator,
    /// The API key and secret of the domain of the other service.
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

    /// Returns a login with profile `name` at one of the services.
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

    /// Uses a profile. Succeeds for either service, unless its secrets belong to the other.
    fn show(&self, name: &str) -> String {
        let output = self.fixture.kandy().args(["domain", "show", "--quiet", "--profile", name]).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn config(fixture: &Fixture) -> PathBuf {
    fixture.folder.path().join("config")
}

/// Returns the names of the files in the folder of profiles.
fn files(fixture: &Fixture) -> Vec<String> {
    let mut files: Vec<_> =
        fs::read_dir(config(fixture)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    files
}

/// The files of an idle folder after which no process was killed.
const USUAL_FILES: [&str; 3] = ["config.lock", "config.toml", "secrets.toml"];

fn said(output: &Output) -> String {
    format!("{:?} {}", output.status, String::from_utf8_lossy(&output.stderr))
}

/// Runs commands concurrently and returns their outputs.
fn at_once(commands: Vec<Command>) -> Vec<Output> {
    let spawn = |mut command: Command| {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = commands.into_iter().map(spawn).collect();
    children.into_iter().map(|child| child.wait_with_output().unwrap()).collect()
}
