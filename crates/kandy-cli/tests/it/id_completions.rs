//! Ids of users and devices complete in the shell.

#![cfg(unix)]

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::Command,
    time::{Duration, Instant, SystemTime},
};

use serde_json::json;

use crate::{
    completions,
    fixture::{Fixture, canned_service, stderr},
};

/// Returns the candidates that a command prints for the end of a line.
#[track_caller]
fn proposed_by(command: Command, line: &str) -> Vec<String> {
    completions::proposed_by(command, &line.split(' ').collect::<Vec<_>>())
}

fn proposed(fixture: &Fixture, line: &str) -> Vec<String> {
    proposed_by(fixture.kandy(), line)
}

fn cache_files(fixture: &Fixture) -> Vec<PathBuf> {
    let files = fs::read_dir(fixture.folder.path().join("config/cache"));
    files.into_iter().flatten().map(|file| file.unwrap().path()).collect()
}

#[test]
fn users_and_devices_are_candidates() {
    let fixture = Fixture::with(&["russ", "anna", "annika"]);
    for (line, expected) in [
        ("kandy user show an", &["anna", "annika"][..]),
        ("kandy user show x", &[]),
        ("kandy user delete russ ann", &["anna", "annika"]),
        ("kandy device list --user r", &["russ"]),
        ("kandy device list -u r", &["russ"]),
        ("kandy group member add --user russ 1 ann", &["anna", "annika"]),
        ("kandy user last-seen r", &["russ"]),
        ("kandy message list --user russ --device n", &["newest"]),
        ("kandy message list --user russ --device d", &["default"]),
        ("kandy device delete --user russ d", &["default"]),
        // A new user has no known id.
        ("kandy user create an", &[]),
    ] {
        assert_eq!(proposed(&fixture, line), expected, "{line}");
    }
    let ids = proposed(&fixture, "kandy message list --user anna --device ");
    assert!(ids.iter().any(|id| id.len() == 32), "{ids:?}");
}

#[test]
fn candidates_are_cached_for_a_minute_without_credentials() {
    let fixture = Fixture::with(&["russ"]);
    let requests = || fixture.emulator.requests().len();
    let before = requests();
    assert_eq!(proposed(&fixture, "kandy user show r"), ["russ"]);
    assert!(requests() > before);
    let before = requests();
    assert_eq!(proposed(&fixture, "kandy user show r"), ["russ"]);
    assert_eq!(proposed(&fixture, "kandy user show x"), [""; 0]);
    assert_eq!(requests(), before, "the cache is used");
    let files = cache_files(&fixture);
    let [file] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(file).unwrap(), r#"[{"value":"russ","help":null}]"#);
    assert!(!file.to_string_lossy().contains(&fixture.domain.0));
    // One that is too old, of the future, broken, or readable by others is not used.
    let set_time = |time| fs::File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
    let (now, minute) = (SystemTime::now(), Duration::from_secs(61));
    for spoil in [
        &(|| set_time(now - minute)) as &dyn Fn(),
        &|| set_time(now + minute * 60),
        &|| fs::write(file, "no JSON").unwrap(),
        &|| fs::write(file, vec![b' '; 2 * 1024 * 1024]).unwrap(),
        &|| fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap(),
        &|| {
            fs::remove_file(file).unwrap();
            assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
        },
    ] {
        spoil();
        let before = requests();
        assert_eq!(proposed(&fixture, "kandy user show r"), ["russ"]);
        assert!(requests() > before, "the service is asked again");
    }
    // Another domain has another cache.
    let mut other = fixture.kandy();
    other.env("KANDY_DOMAIN_API_KEY", "other");
    assert_eq!(proposed_by(other, "kandy user show r"), [""; 0]);
}

/// Characters that a shell or a terminal interprets are in no candidate.
#[test]
fn hostile_ids_are_no_candidates() {
    let fixture = Fixture::empty();
    let hostile =
        ["$(reboot)", "`reboot`", "a;reboot", "a b", "a\nb", "a\u{1b}[2J", "\u{202e}a", "-rf", "~", "a'b", "", "*"];
    let mut users: Vec<_> = hostile.iter().map(|id| json!({"user_id": id})).collect();
    users.push(json!({"user_id": "anna"}));
    let devices: Vec<_> =
        hostile.iter().map(|id| json!({"id": id, "name": id})).chain([json!({"id": "b1", "name": "a$b"})]).collect();
    let base_url = canned_service::json(&canned_service::success(json!({"users": users, "devices": devices})));
    let kandy = || {
        let mut command = fixture.kandy();
        command.env("KANDY_BASE_URL", &base_url).env("KANDY_DOMAIN_ACCESS_TOKEN", "token");
        command.env("KANDY_USER_ACCESS_TOKEN", "token");
        command
    };
    // From the service, and from the cache.
    for _ in 0..2 {
        assert_eq!(proposed_by(kandy(), "kandy user show a"), ["anna"]);
        let all = proposed_by(kandy(), "kandy user show ");
        assert!(all.iter().all(|word| word == "anna" || word.starts_with("--")), "{all:?}");
        assert_eq!(proposed_by(kandy(), "kandy message list --device "), ["b1", "newest"]);
    }
    // A cache that was edited by hand.
    for file in cache_files(&fixture) {
        fs::write(file, r#"[{"value":"$(reboot)","help":"\u001b"},{"value":"carl","help":"\u001b[2J"}]"#).unwrap();
    }
    assert_eq!(proposed_by(kandy(), "kandy user show c"), ["carl"]);
    assert_eq!(proposed_by(kandy(), "kandy user show $"), [""; 0]);
}

#[test]
fn completion_neither_waits_nor_reports_errors() {
    let fixture = Fixture::empty();
    // It accepts connections and never responds.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}/v1.2", silent.local_addr().unwrap());
    for (variable, value) in [
        ("KANDY_BASE_URL", silent.as_str()),
        ("KANDY_BASE_URL", "http://127.0.0.1:1/v1.2"),
        ("KANDY_BASE_URL", "nonsense"),
        ("KANDY_DOMAIN_API_SECRET", "wrong"),
        ("KANDY_DOMAIN_API_KEY", ""),
        ("KANDY_PROFILE", "missing"),
        ("KANDY_CA_FILE", "missing.pem"),
    ] {
        let mut command = fixture.kandy();
        command.env(variable, value);
        let began = Instant::now();
        assert_eq!(proposed_by(command, "kandy user show r"), [""; 0], "{variable}={value}");
        assert!(began.elapsed() < Duration::from_secs(10), "{variable}={value}: {:?}", began.elapsed());
    }
    assert_eq!(cache_files(&fixture), [""; 0].map(PathBuf::from));
}

/// A folder with a `.env` of a stranger must not decide whom a press of the tab key contacts.
#[test]
fn base_url_of_dot_env_is_not_asked() {
    let fixture = Fixture::with(&["russ"]);
    let (key, secret) = &fixture.domain;
    let settings = format!(
        "KANDY_BASE_URL={}\nKANDY_DOMAIN_API_KEY={key}\nKANDY_DOMAIN_API_SECRET={secret}\n",
        fixture.emulator.base_url()
    );
    fixture.write(".env", &settings);
    let kandy = || {
        let mut command = fixture.kandy();
        for name in ["BASE_URL", "DOMAIN_API_KEY", "DOMAIN_API_SECRET"] {
            command.env_remove(format!("KANDY_{name}"));
        }
        command
    };
    let listed = kandy().args(["user", "list", "--quiet"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "russ\n", "{}", stderr(&listed));
    let before = fixture.emulator.requests().len();
    assert_eq!(proposed_by(kandy(), "kandy user show r"), [""; 0]);
    assert_eq!(fixture.emulator.requests().len(), before);
}

#[test]
fn shells_complete_ids() {
    let fixture = Fixture::with(&["russ", "anna"]);
    let bash = "source <(kandy completions bash); COMP_WORDS=(kandy user show r); COMP_CWORD=3; COMP_TYPE=9
        _clap_complete_kandy kandy r show; echo ${COMPREPLY[@]}";
    let fish = "kandy completions fish | source; complete -C 'kandy user show r' | string split -f1 \\t";
    // The function that the script registers, with a `_describe` that prints what it is given.
    let zsh = "autoload -U compinit; compinit -u; source <(kandy completions zsh)
        _describe() { local -a all; all=(${(P)${@[-1]}}); print -l $all }
        words=(kandy user show r); CURRENT=4; _clap_dynamic_completer_kandy";
    for (shell, script) in [("bash", bash), ("fish", fish), ("zsh", zsh)] {
        if Command::new(shell).arg("--version").output().is_err() {
            println!("not tried: there is no {shell} here");
            continue;
        }
        let output = fixture.program(shell).args(["-c", script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "russ", "{shell}: {output:?}");
    }
}
