//! What the tests of the command have in common.

#![allow(dead_code, reason = "each test uses a part of it")]

pub(crate) mod leaf;
pub(crate) mod place;
pub(crate) mod process;
pub(crate) mod scenario;
pub(crate) mod sms_list;
pub(crate) mod surface;

use std::{
    io::{Read, Write},
    path::Path,
    process::Command,
};

use kandy_emulator::Emulator;

/// An emulator with a domain, and what a command needs to know of it.
pub(crate) struct Stage {
    pub(crate) emulator: Emulator,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) domain: (String, String),
}

impl Stage {
    /// A domain in which there are russ and anna. Like every new user they have one device.
    pub(crate) fn new() -> Self {
        Self::with(&["russ", "anna"])
    }

    /// A domain without users.
    pub(crate) fn empty() -> Self {
        Self::with(&[])
    }

    /// A domain with users.
    pub(crate) fn with(users: &[&str]) -> Self {
        let emulator = Emulator::start().expect("an emulator");
        let domain = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let kandy = kandy::Kandy::builder().base_url(emulator.base_url()).build().unwrap();
            let account = kandy.account(emulator.account_key(), emulator.account_secret());
            let created = account.create_domain("example.com").await.unwrap();
            let domain = kandy.domain(created.api_key.clone(), created.api_secret.clone());
            for user in users {
                domain.create_user(*user).country_code("US").await.unwrap();
            }
            (created.api_key.expose().to_owned(), created.api_secret.expose().to_owned())
        });
        Self { emulator, folder: tempfile::tempdir().unwrap(), domain }
    }

    /// A program in the folder of the stage, with an environment that has the credentials and nothing of this machine.
    pub(crate) fn program(&self, program: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_kandy"));
        let path = std::env::join_paths(
            [binary.parent().unwrap().to_owned()]
                .into_iter()
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        );
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .env("PATH", path.unwrap())
            .env("LANG", "C.UTF-8")
            .env("HOME", self.folder.path())
            .env("KANDY_CONFIG_DIR", self.folder.path().join("config"))
            // No test depends on a keyring of the machine.
            .env("KANDY_SECRET_STORE", "file")
            .env("KANDY_BASE_URL", self.emulator.base_url())
            .env("KANDY_ACCOUNT_API_KEY", self.emulator.account_key())
            .env("KANDY_ACCOUNT_API_SECRET", self.emulator.account_secret())
            .env("KANDY_DOMAIN_API_KEY", &self.domain.0)
            .env("KANDY_DOMAIN_API_SECRET", &self.domain.1);
        command
    }

    /// Makes the emulator fail, as its README says in JSON; `{}` ends that.
    pub(crate) fn fail(&self, failure: &str) {
        if failure == "{}" {
            return self.emulator.clear_faults();
        }
        let address = self.emulator.base_url().trim_start_matches("http://").split('/').next().unwrap();
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        let length = failure.len();
        let request = format!(
            "POST /_emulator/faults HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{failure}"
        );
        connection.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{failure}: {answer}");
    }

    /// The command itself.
    pub(crate) fn kandy(&self) -> Command {
        self.program(env!("CARGO_BIN_EXE_kandy"))
    }
}
