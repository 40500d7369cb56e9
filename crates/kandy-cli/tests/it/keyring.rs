//! An unavailable keyring: the command reports it quickly, and falls back to a file where it may.
//!
//! There is no keyring on test machines; a keyring in memory is tested beside the code.

#![cfg(all(unix, not(target_os = "macos")))]

use std::{
    fs,
    io::Read,
    os::unix::{fs::PermissionsExt, net::UnixListener},
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use crate::fixture::Fixture;

/// Fails a test that hangs.
const LONG_TIMEOUT: Duration = Duration::from_secs(30);

fn kandy(fixture: &Fixture, bus: &str) -> Command {
    let mut command = fixture.kandy();
    command.env_remove("KANDY_SECRET_STORE").env("DBUS_SESSION_BUS_ADDRESS", bus);
    command
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Returns the address of a bus that accepts connections and never responds.
fn silent_bus(folder: &Path) -> String {
    let path = folder.join("bus");
    let listener = UnixListener::bind(&path).unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            std::thread::spawn(move || {
                let mut read = Vec::new();
                connection.unwrap().read_to_end(&mut read).unwrap();
            });
        }
    });
    format!("unix:path={}", path.display())
}

fn falls_back(bus: impl Fn(&Path) -> String, why: &str) {
    let fixture = Fixture::new();
    let bus = bus(fixture.folder.path());
    let before = Instant::now();
    let output = kandy(&fixture, &bus).args(["auth", "login", "one", "--from-env"]).output().unwrap();
    assert!(before.elapsed() < LONG_TIMEOUT, "{:?}", before.elapsed());
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("the keyring cannot be used: "), "{said}");
    assert!(said.contains(why), "{said}");
    let secrets = fixture.folder.path().join("config/secrets.toml");
    assert!(
        said.contains(&format!("the secrets are stored in {}, which only you can read", secrets.display())),
        "{said}"
    );
    assert_eq!(fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o600);

    // From then on secrets are read from the file, without contacting the keyring.
    let show = kandy(&fixture, &bus).args(["domain", "show", "--quiet", "--profile", "one"]).output().unwrap();
    assert_eq!(String::from_utf8(show.stdout.clone()).unwrap(), "example.com\n", "{}", stderr(&show));
}

#[test]
fn silent_bus_falls_back_to_a_file() {
    falls_back(silent_bus, "no response within 2s");
}

#[test]
fn missing_bus_falls_back_to_a_file() {
    falls_back(|folder| format!("unix:path={}", folder.join("nowhere").display()), "");
}

#[test]
fn requested_keyring_does_not_fall_back() {
    let fixture = Fixture::new();
    let bus = format!("unix:path={}", fixture.folder.path().join("nowhere").display());
    for (options, variable) in [(&["--store", "keyring"][..], ""), (&[], "keyring")] {
        let mut login = kandy(&fixture, &bus);
        login.args(["auth", "login", "one", "--from-env"]).args(options).env("KANDY_SECRET_STORE", variable);
        let output = login.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("the secrets cannot be stored in the keyring"), "{}", stderr(&output));
    }
    // Only the empty lock file exists.
    let files = fs::read_dir(fixture.folder.path().join("config")).unwrap().map(|entry| entry.unwrap());
    let files: Vec<_> = files.map(|file| (file.file_name(), file.metadata().unwrap().len())).collect();
    assert_eq!(files, [("config.lock".into(), 0)]);
}

/// A profile whose secrets are in the keyring cannot be used without it.
#[test]
fn only_the_named_store_is_read() {
    let fixture = Fixture::new();
    let bus = silent_bus(fixture.folder.path());
    let login = fixture.kandy().args(["auth", "login", "one", "--from-env"]).output().unwrap();
    assert!(login.status.success(), "{}", stderr(&login));
    let config = fixture.folder.path().join("config/config.toml");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace(r#"store = "file""#, r#"store = "keyring""#)).unwrap();

    let show = kandy(&fixture, &bus).args(["domain", "show", "--profile", "one"]).output().unwrap();
    assert_eq!(show.status.code(), Some(1));
    let said = stderr(&show);
    assert!(said.contains("from the keyring: no response within 2s"), "{said}");
    assert!(said.contains("`kandy auth login one --force --store file`"), "{said}");

    // A failed removal is reported.
    let logout = kandy(&fixture, &bus).args(["auth", "logout", "one"]).output().unwrap();
    assert_eq!(logout.status.code(), Some(1));
    assert!(stderr(&logout).contains("nothing was removed"), "{}", stderr(&logout));
    let list = kandy(&fixture, &bus).args(["auth", "list", "--quiet"]).output().unwrap();
    assert_eq!(String::from_utf8(list.stdout).unwrap(), "one\n");
}
