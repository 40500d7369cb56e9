//! `--ca-file`, `KANDY_CA_FILE` and the file of a profile, against an emulator with TLS.

use std::{
    fs,
    process::{Command, Output},
};

use kandy_emulator::{Emulator, Tls};

use crate::fixture::stderr;

/// An emulator with TLS, and a folder with its certificate authority, `ca.pem`, and with another one, `other.pem`.
struct Fixture {
    emulator: Emulator,
    folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let start = || Emulator::builder().tls(Tls::temporary()).start().unwrap();
        let (emulator, folder) = (start(), tempfile::tempdir().unwrap());
        fs::write(folder.path().join("ca.pem"), emulator.ca_certificate().unwrap()).unwrap();
        fs::write(folder.path().join("other.pem"), start().ca_certificate().unwrap()).unwrap();
        Self { emulator, folder }
    }

    /// The variables of a client, without the authority.
    fn variables(&self) -> [(&'static str, String); 3] {
        [
            ("KANDY_BASE_URL", self.emulator.base_url().to_owned()),
            ("KANDY_ACCOUNT_API_KEY", self.emulator.account_key().to_owned()),
            ("KANDY_ACCOUNT_API_SECRET", self.emulator.account_secret().to_owned()),
        ]
    }

    /// A command in the folder, without variables of clients.
    fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kandy"));
        command.current_dir(self.folder.path()).env_clear().args(arguments);
        command.env("KANDY_CONFIG_DIR", self.folder.path().join("config")).env("KANDY_SECRET_STORE", "file");
        command
    }

    fn kandy(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        command.envs(self.variables());
        command
    }
}

const LIST: &[&str] = &["domain", "list", "--quiet"];

#[track_caller]
fn succeeds(output: &Output) {
    assert!(output.status.success(), "{}", stderr(output));
}

#[test]
fn option_variable_and_profile_name_the_file() {
    let fixture = Fixture::new();
    succeeds(&fixture.kandy(LIST).args(["--ca-file", "ca.pem"]).output().unwrap());
    succeeds(&fixture.kandy(LIST).env("KANDY_CA_FILE", "ca.pem").output().unwrap());
    // The option takes precedence.
    succeeds(&fixture.kandy(LIST).args(["--ca-file", "ca.pem"]).env("KANDY_CA_FILE", "other.pem").output().unwrap());
    let login = ["auth", "login", "work", "--from-env"];
    succeeds(&fixture.kandy(&login).env("KANDY_CA_FILE", "ca.pem").output().unwrap());
    // Of another working directory, too.
    let elsewhere = tempfile::tempdir().unwrap();
    for arguments in [&["--profile", "work"][..], &[]] {
        succeeds(&fixture.bare(LIST).args(arguments).current_dir(elsewhere.path()).output().unwrap());
    }
    let config = fs::read_to_string(fixture.folder.path().join("config/config.toml")).unwrap();
    let path = fixture.folder.path().canonicalize().unwrap().join("ca.pem");
    assert!(config.contains(&format!("ca_file = {:?}", path.to_str().unwrap())), "{config}");
    // A profile of a new domain keeps it.
    let create = ["domain", "create", "example.com", "--save-profile", "new", "--quiet", "--ca-file", "ca.pem"];
    succeeds(&fixture.kandy(&create).output().unwrap());
    let users = ["user", "list", "--quiet", "--profile", "new"];
    succeeds(&fixture.bare(&users).current_dir(elsewhere.path()).output().unwrap());
}

#[test]
fn unknown_authority_is_refused_with_the_option_to_use() {
    let fixture = Fixture::new();
    for arguments in [&[][..], &["--ca-file", "other.pem"]] {
        let output = fixture.kandy(LIST).args(arguments).output().unwrap();
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(6), "{text}");
        assert!(text.contains("the TLS handshake with the service failed"), "{text}");
        assert!(text.contains("--ca-file or KANDY_CA_FILE"), "{text}");
    }
    assert!(fixture.emulator.requests().is_empty());
}

#[test]
fn unusable_file_is_named() {
    let fixture = Fixture::new();
    fs::write(
        fixture.folder.path().join("key.pem"),
        "-----BEGIN PRIVATE KEY-----\ns3cret00\n-----END PRIVATE KEY-----\n",
    )
    .unwrap();
    fs::write(fixture.folder.path().join("empty.pem"), "").unwrap();
    for (file, reason) in [
        ("missing.pem", "CA file missing.pem: "),
        (".", "CA file .: "),
        ("key.pem", "CA file key.pem: it has no certificate in PEM form"),
        ("empty.pem", "CA file empty.pem: it has no certificate in PEM form"),
    ] {
        let option = fixture.kandy(LIST).args(["--ca-file", file]).output().unwrap();
        let variable = fixture.kandy(LIST).env("KANDY_CA_FILE", file).output().unwrap();
        for output in [option, variable] {
            let text = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{text}");
            assert!(text.contains(reason) && !text.contains("s3cret"), "{text}");
        }
    }
    assert!(fixture.emulator.requests().is_empty());
}

/// `.env` may come with a folder of a stranger, whose server could then pose as the service.
#[test]
fn authority_from_dot_env_gets_no_credentials_from_elsewhere() {
    let fixture = Fixture::new();
    let dot_env = fixture.folder.path().join(".env");
    fs::write(&dot_env, "KANDY_CA_FILE=ca.pem\n").unwrap();
    let output = fixture.kandy(LIST).output().unwrap();
    let text = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("KANDY_CA_FILE in .env") && text.contains("or use --ca-file"), "{text}");
    assert!(fixture.emulator.requests().is_empty());
    // What the environment and the option say counts.
    succeeds(&fixture.kandy(LIST).args(["--ca-file", "ca.pem"]).output().unwrap());
    succeeds(&fixture.kandy(LIST).env("KANDY_CA_FILE", "ca.pem").output().unwrap());
    // Everything from `.env` goes together.
    let all: String = fixture.variables().iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    fs::write(&dot_env, format!("KANDY_CA_FILE=ca.pem\n{all}")).unwrap();
    succeeds(&fixture.bare(LIST).output().unwrap());
}

#[test]
fn dry_run_shows_curl_the_file() {
    let fixture = Fixture::new();
    let output = fixture.kandy(LIST).args(["--ca-file", "ca.pem", "--dry-run"]).output().unwrap();
    succeeds(&output);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.trim_end().ends_with("--cacert 'ca.pem'"), "{text}");
    let output = fixture.kandy(LIST).arg("--dry-run").output().unwrap();
    assert!(!String::from_utf8(output.stdout).unwrap().contains("--cacert"));
}

/// A machine without certificate authorities, such as a small container.
#[cfg(target_os = "linux")]
#[test]
fn plain_http_needs_no_authorities() {
    let with_tls = Fixture::new();
    let plain = Fixture { emulator: Emulator::builder().start().unwrap(), folder: tempfile::tempdir().unwrap() };
    let without_authorities = |fixture: &Fixture, arguments: &[&str]| {
        let empty = fixture.folder.path().join("empty");
        fs::create_dir_all(&empty).unwrap();
        fixture.kandy(arguments).env("SSL_CERT_DIR", &empty).env("SSL_CERT_FILE", "/dev/null").output().unwrap()
    };
    succeeds(&without_authorities(&plain, LIST));
    succeeds(&without_authorities(&with_tls, &[LIST, &["--ca-file", "ca.pem"]].concat()));

    let output = without_authorities(&with_tls, LIST);
    assert!(!output.status.success());
    let stderr = stderr(&output);
    for part in ["the client: it cannot be used", "certificate", "SSL_CERT_FILE", "--ca-file"] {
        assert!(stderr.contains(part), "no {part} in {stderr}");
    }
}
