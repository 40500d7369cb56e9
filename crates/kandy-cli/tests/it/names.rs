//! Devices by name, and user ids without the domain.

#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt, process::Output};

use serde_json::{Value, json};

use crate::fixture::{Fixture, canned_service, stderr};

const PHONE: &str = "00000000000000000000000000000001";
const TABLET: &str = "00000000000000000000000000000002";
const OLD: &str = "00000000000000000000000000000003";

/// A service whose every response lists these devices.
fn service(devices: &Value) -> String {
    canned_service::json(&canned_service::success(json!({"devices": devices, "messages": []})))
}

/// Devices in the live spelling of the dossier.
fn devices() -> Value {
    json!([
        {"id": TABLET, "name": "Tablet", "registrationTimestamp": "2016-12-10T18:30:53.597"},
        {"id": PHONE, "name": "phone", "registrationTimestamp": "2016-12-11T18:30:53.597"},
        {"id": OLD, "name": "phone", "registrationTimestamp": "2015-12-10T18:30:53.597"},
        {"id": "my-own-id", "name": "TABLET"},
        {"id": "strange", "name": "a\u{1b}[2J\nb"},
        // Its name is the id of another device: an id always wins.
        {"id": "last", "name": "my-own-id", "registrationTimestamp": "2016-12-11T18:30:53.597"},
    ])
}

fn run(fixture: &Fixture, base_url: &str, arguments: &[&str]) -> Output {
    let mut command = fixture.kandy();
    command.env("KANDY_BASE_URL", base_url).env("KANDY_USER_ACCESS_TOKEN", "token").args(arguments);
    command.output().unwrap()
}

#[test]
fn device_is_found_by_name_or_as_the_newest() {
    let fixture = Fixture::empty();
    let all = service(&devices());
    let undated = service(&json!([{"id": PHONE, "name": "phone"}]));
    let none = service(&json!([]));
    for (base_url, name, code, said) in [
        (&all, "Tablet", 0, format!("device \"Tablet\" is {TABLET}")),
        (&all, "TABLET", 0, "device \"TABLET\" is my-own-id".to_owned()),
        (&all, "my-own-id", 0, "no messages".to_owned()),
        // Of two that were registered at the same time, the last one.
        (&all, "newest", 0, "device \"newest\" is last".to_owned()),
        (
            &all,
            "phone",
            2,
            format!("several devices \"phone\". Select one with its id: \"phone\" ({PHONE}), \"phone\" ({OLD})"),
        ),
        (&all, "tablet", 2, "several devices \"tablet\"".to_owned()),
        (&all, "fridge", 4, format!("no device \"fridge\". Its devices: \"Tablet\" ({TABLET}), \"phone\" ({PHONE})")),
        (&all, "a\u{1b}[2J", 4, r#"no device "a\u{1b}[2J""#.to_owned()),
        (&undated, "newest", 4, format!("Select one with its name or id: \"phone\" ({PHONE})")),
        (&undated, "PHONE", 0, format!("device \"PHONE\" is {PHONE}")),
        (&none, "phone", 4, "nor any other".to_owned()),
        (&none, "newest", 2, "The user has no device".to_owned()),
    ] {
        let output = run(&fixture, base_url, &["message", "list", "--device", name]);
        assert_eq!(output.status.code(), Some(code), "{name}: {}", stderr(&output));
        let said_all = stderr(&output);
        assert!(said_all.contains(&said), "{name}: no {said} in {said_all}");
        assert!(!said_all.contains('\u{1b}') && output.stdout.is_empty(), "{said_all}");
    }
    let several = stderr(&run(&fixture, &all, &["message", "list"]));
    assert!(several.contains(&format!("Select one with --device: \"Tablet\" ({TABLET}), \"phone\"")), "{several}");
}

#[test]
fn device_id_needs_no_lookup() {
    let fixture = Fixture::new();
    let requests = |arguments: &[&str]| {
        let before = fixture.emulator.requests().len();
        let output = fixture.kandy().args(arguments).output().unwrap();
        let requests = fixture.emulator.requests();
        let names: Vec<_> = requests[before..].iter().filter_map(|request| request.operation).collect();
        (names, output)
    };
    let list = ["message", "list", "--user", "russ", "--device"];
    for id in ["A149EBB9A69D4E66B62D26FBDEF440C5", "4d405f6d-fd98-42a3-89d5-b45d65a9dfd0"] {
        let (names, _) = requests(&[&list[..], &[id]].concat());
        assert_eq!(names, ["user_access_token_get", "message_list"], "{id}");
    }
    let (names, output) = requests(&[&list[..], &["default"]].concat());
    assert_eq!(names, ["user_access_token_get", "device_list", "message_list"], "{}", stderr(&output));
    // A dry run looks nothing up.
    let (names, output) = requests(&[&list[..], &["default", "--dry-run"]].concat());
    assert_eq!(names, [""; 0]);
    assert!(stderr(&output).contains("the id of device \"default\" is looked up first"), "{}", stderr(&output));
    // What is deleted is named with its id.
    let (_, output) = requests(&["device", "delete", "--user", "anna", "default", "--yes"]);
    let said = stderr(&output);
    let id = said.split(['(', ')']).nth(1).unwrap_or_default();
    assert!(id.len() == 32 && said.contains(&format!("deleted device \"default\" ({id})")), "{said}");
}

#[test]
fn user_id_is_completed_with_the_domain() {
    let fixture = Fixture::new();
    let group = fixture.kandy().args(["group", "create", "--user", "russ", "Friends", "--quiet"]).output().unwrap();
    let group = String::from_utf8(group.stdout).unwrap();
    let group = group.trim();
    let said = "\"anna\" is anna@example.com";
    let mut lookups = Vec::new();
    for line in [
        &["message", "send", "--user", "russ", "anna", "hello"][..],
        &["group", "member", "add", "--user", "russ", group, "anna"],
        &["group", "member", "mute", "--user", "russ", group, "anna"],
        &["group", "member", "remove", "--user", "russ", group, "anna"],
        &["contact", "create", "--user", "russ", "anna", "--nickname", "Annie"],
        &["user", "wake-up", "--user", "russ", "anna"],
        &["user", "last-seen", "--user", "russ", "anna"],
        &["user", "profile", "show", "--user", "russ", "anna"],
        &["domain", "last-seen", "anna", "russ@example.com"],
        &["conversation", "messages", "--user", "russ", "anna"],
    ] {
        let before = fixture.emulator.requests().len();
        let output = fixture.kandy().args(line).output().unwrap();
        assert!(output.status.success() && stderr(&output).contains(said), "{line:?}: {}", stderr(&output));
        let requests = fixture.emulator.requests();
        let names = requests[before..].iter().filter_map(|request| request.operation);
        lookups.extend(names.filter(|name| ["user_limited_get", "domain_get"].contains(name)));
    }
    // The domain is looked up once.
    assert_eq!(lookups, ["user_limited_get"]);
    let got = fixture.kandy().args(["message", "list", "--user", "anna", "--jq", ".[].message.text"]).output().unwrap();
    assert!(String::from_utf8_lossy(&got.stdout).contains("hello"), "{got:?}");
    // The dry run shows the id.
    let send = ["message", "send", "--user", "russ", "anna", "hello", "--dry-run"];
    let output = fixture.kandy().args(send).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(r#""destination": "anna@example.com""#), "{output:?}");
    // What has a domain, or cannot be a user id, is used as it is.
    for (to, said) in [
        ("anna@other.example.com", "other.example.com"),
        ("", "`to` cannot be used"),
        ("an na", "`to` cannot be used"),
        ("anna@", "`to` cannot be used"),
    ] {
        let output = fixture.kandy().args(["message", "send", "--user", "russ", to, "hello"]).output().unwrap();
        let all = stderr(&output);
        assert!(!output.status.success() && all.contains(said) && !all.contains(&format!("{to}@example.com")), "{all}");
    }
}

/// The cache has the name of the domain, and no credential. What it cannot be is not used.
#[test]
fn remembered_domain_is_private_and_checked() {
    let fixture = Fixture::new();
    let dry = ["message", "send", "--user", "russ", "anna", "hello", "--dry-run"];
    let destination = || {
        let output = fixture.kandy().args(dry).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().find(|line| line.contains("destination")).unwrap().trim().to_owned()
    };
    // A dry run sends nothing, so it does not know the domain.
    assert_eq!(destination(), r#""destination": "anna@DOMAIN_NAME","#);
    assert!(fixture.kandy().args(&dry[..6]).output().unwrap().status.success());
    assert_eq!(destination(), r#""destination": "anna@example.com","#);
    let cache = fixture.folder.path().join("config/cache");
    let files: Vec<_> = fs::read_dir(&cache).unwrap().map(|file| file.unwrap().path()).collect();
    let [file] = files.as_slice() else { panic!("{files:?}") };
    assert_eq!(fs::read_to_string(file).unwrap(), "example.com");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(file), mode(&cache)), (0o600, 0o700));
    assert!(!file.to_string_lossy().contains(&fixture.domain.0));
    for bad in ["", "a@b", "evil.example.com\n", "x y", &"a".repeat(256)] {
        fs::write(file, bad).unwrap();
        assert_eq!(destination(), r#""destination": "anna@DOMAIN_NAME","#, "{bad:?}");
    }
    fs::write(file, "example.com").unwrap();
    fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(destination(), r#""destination": "anna@DOMAIN_NAME","#);
    // Another credential has a cache of its own.
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
    let output = fixture.kandy().args(dry).env("KANDY_DOMAIN_API_KEY", "other").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("anna@DOMAIN_NAME"), "{output:?}");
    // Without a place for it, the domain is looked up each time.
    fs::remove_dir_all(&cache).unwrap();
    fs::write(&cache, "not a folder").unwrap();
    assert!(fixture.kandy().args(&dry[..6]).output().unwrap().status.success());
}
