//! Unwritable folders, held locks, and edited files.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::{Command, Stdio},
};

use super::{Services, Stored, USUAL_FILES, config, files, said};
use crate::fixture::Fixture;

const NOBODY: u32 = 65534;

/// Makes a command respect folder permissions, which root bypasses. Returns false if that is not possible.
fn as_a_usual_user(command: &mut Command, folder: &Path) -> bool {
    let is_superuser = chown(folder, Some(NOBODY), Some(NOBODY)).is_ok();
    if is_superuser {
        command.uid(NOBODY).gid(NOBODY);
    }
    let mut probe = Command::new(command.get_program());
    probe.arg("--version").current_dir("/").stdout(Stdio::null());
    if is_superuser {
        probe.uid(NOBODY).gid(NOBODY);
    }
    let can_run = probe.status().is_ok_and(|status| status.success());
    if !can_run {
        eprintln!("skipped: another user cannot run the command from where it is");
    }
    can_run
}

fn own(path: &Path) {
    drop(chown(path, Some(NOBODY), Some(NOBODY)));
}

/// No domain is created, and no credentials are prompted for, if the profile cannot be stored.
#[test]
fn unwritable_folder_is_found_first() {
    for (line, input) in [
        ("domain create two.example.com --save-profile two", ""),
        ("auth login two --stdin", "KANDY_DOMAIN_API_KEY=k\n"),
        ("auth use one", ""),
        ("auth logout one", ""),
    ] {
        let fixture = Fixture::empty();
        let output = fixture.kandy().args(["auth", "login", "one", "--from-env"]).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        let before = fixture.emulator.requests().len();
        let folder = config(&fixture);
        for name in files(&fixture) {
            own(&folder.join(name));
        }
        let mut command = fixture.kandy();
        if !as_a_usual_user(&mut command, &folder) {
            return;
        }
        own(fixture.folder.path());
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
        let mut child = command
            .args(line.split(' '))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
        let output = child.wait_with_output().unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{line}: {said}");
        assert!(said.contains("config") && said.contains("Permission denied"), "{line}: {said}");
        assert_eq!(fixture.emulator.requests().len(), before, "{line}: nothing was sent");
        assert_eq!(files(&fixture), USUAL_FILES, "{line}");
        assert_eq!(Stored::read(&fixture).profiles(), ["one"]);
    }
}

/// Paths that are no folders or cannot be created, and files of other types.
#[test]
fn creates_nothing_if_no_profile_can_be_stored() {
    type Prepare = fn(&Path);
    let cases: [(&str, Prepare); 5] = [
        ("a file", |config| fs::write(config, "").unwrap()),
        ("a link to nowhere below a file", |config| std::os::unix::fs::symlink("/dev/null/x", config).unwrap()),
        ("a folder for config.toml", |config| fs::create_dir_all(config.join("config.toml")).unwrap()),
        ("a folder for secrets.toml", |config| fs::create_dir_all(config.join("secrets.toml")).unwrap()),
        ("a broken secrets.toml", |config| {
            fs::create_dir(config).unwrap();
            fs::write(config.join("secrets.toml"), "s3cret").unwrap();
            fs::set_permissions(config.join("secrets.toml"), fs::Permissions::from_mode(0o600)).unwrap();
        }),
    ];
    for (what, prepare) in cases {
        let fixture = Fixture::empty();
        prepare(&config(&fixture));
        let before = fixture.emulator.requests().len();
        let mut create = fixture.kandy();
        let output = create.args(["domain", "create", "two.example.com", "--save-profile", "two"]).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{what}: {}", said(&output));
        assert!(!said(&output).contains("s3cret"), "{what}: {}", said(&output));
        assert_eq!(fixture.emulator.requests().len(), before, "{what}: nothing was sent");
    }
}

/// A process that waits for the lock reports it, and continues when it is released.
#[test]
fn waits_for_a_held_lock() {
    let fixture = Fixture::empty();
    fs::create_dir(config(&fixture)).unwrap();
    let lock = fs::File::create(config(&fixture).join("config.lock")).unwrap();
    lock.lock().unwrap();
    let mut login = fixture.kandy();
    login.args(["auth", "login", "one", "--from-env", "--no-check"]);
    let mut login = login.stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(login.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert!(line.starts_with("waiting for another kandy process"), "{line}");
    assert!(!config(&fixture).join("config.toml").exists());
    // Readers do not wait.
    let list = fixture.kandy().args(["auth", "list"]).output().unwrap();
    assert!(list.status.success(), "{}", said(&list));
    drop(lock);
    assert!(login.wait().unwrap().success());
    assert_eq!(Stored::read(&fixture).profiles(), ["one"]);
}

/// A base URL that was edited in config.toml gets no secrets of another one.
#[test]
fn secrets_are_sent_to_their_base_url_only() {
    let services = Services::new();
    assert!(services.login("p", false).output().unwrap().status.success());
    let mut stored = Stored::read(&services.fixture);
    stored.config["profiles"]["p"]["base_url"] = services.other.base_url().into();
    stored.write(&services.fixture);
    let before = services.other.requests().len();
    let output = services.fixture.kandy().args(["domain", "show", "--profile", "p"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("the secrets of profile \"p\" are for http"), "{}", said(&output));
    assert_eq!(services.other.requests().len(), before);
    assert!(services.login("p", true).output().unwrap().status.success());
    assert_eq!(services.show("p"), "other.example.com\n");
}

/// Profiles of earlier versions name no entry and no base URL. They work, can be replaced, and can be removed.
#[test]
fn reads_profiles_of_earlier_versions() {
    let services = Services::new();
    for name in ["p", "q"] {
        assert!(services.login(name, name == "q").output().unwrap().status.success());
    }
    let mut stored = Stored::read(&services.fixture);
    for name in ["p", "q"] {
        let profile = stored.config["profiles"][name].as_table_mut().unwrap();
        let entry = profile.remove("secrets").unwrap();
        let mut secrets = stored.secrets.remove(entry.as_str().unwrap()).unwrap();
        secrets.remove("base_url").unwrap();
        stored.secrets.insert(name.to_owned(), secrets);
    }
    stored.write(&services.fixture);
    assert_eq!([services.show("p"), services.show("q")], ["example.com\n", "other.example.com\n"]);
    assert!(services.login("p", true).output().unwrap().status.success());
    assert_eq!([services.show("p"), services.show("q")], ["other.example.com\n"; 2]);
    assert_eq!(Stored::read(&services.fixture).secrets.len(), 2, "the old ones are gone");
    let logout = services.fixture.kandy().args(["auth", "logout", "q"]).output().unwrap();
    assert!(logout.status.success(), "{}", said(&logout));
    Stored::read(&services.fixture).assert_settled();
}
