//! Errors name the chapter and its line.

use std::{collections::BTreeMap, fs, process::Command};

use crate::support::{committed_chapters, copy, read};
use xtask::{Source, chapters, generate};

/// The number of the line that has a text, counted from 1.
fn line(text: &str, part: &str) -> usize {
    let found = text.lines().position(|line| line.contains(part));
    found.unwrap_or_else(|| panic!("no {part:?} in it")) + 1
}

/// Returns the error of the generator for changed chapters.
fn generation_error(change: impl FnOnce(&mut BTreeMap<String, String>)) -> String {
    let mut changed = committed_chapters();
    change(&mut changed);
    assert_ne!(changed, committed_chapters(), "nothing is changed");
    match chapters::merge(changed).and_then(|source| generate(&source)) {
        Ok(_) => panic!("it is accepted"),
        Err(error) => error.to_string(),
    }
}

/// Replaces the first occurrence in a chapter.
fn replace(chapters: &mut BTreeMap<String, String>, name: &str, from: &str, to: &str) {
    let text = chapters.get_mut(name).expect("the chapter");
    *text = text.replacen(from, to, 1);
}

/// The line of a chapter that a text begins on.
fn first_line(name: &str, text: &str) -> usize {
    line(&committed_chapters()[name], text.lines().next().expect("a line"))
}

#[track_caller]
fn assert_starts(error: &str, file: &str, number: usize) {
    assert!(error.starts_with(&format!("openapi/chapters/{file}.yaml:{number}: ")), "line {number}: {error}");
}

#[test]
fn invalid_yaml() {
    let changes = [
        ("presence", "      summary: List when users were last seen", "      summary: \"List when"),
        ("presence", "      tags: [Presence]", "      tags: [Presence"),
        ("device", "      operationId: sms_send", "      operationId: sms: send"),
        ("domain", "      operationId: user_get", "\t  operationId: user_get"),
        ("v1_3", "components:", "components: {}}"),
    ];
    for (name, from, to) in changes {
        let at = first_line(name, from);
        let error = generation_error(|chapters| replace(chapters, name, from, to));
        let file = format!("openapi/chapters/{name}.yaml:");
        let rest = error.strip_prefix(&file).unwrap_or_else(|| panic!("{name}: {error}"));
        let number: usize = rest.split(':').next().and_then(|number| number.parse().ok()).expect(&error);
        // YAML notices an open quote or bracket where the next thing makes no sense, never before it.
        assert!(number >= at, "{name}, line {at}: {error}");
        assert!(error.contains("not valid YAML") || error.contains("no place"), "{error}");
    }
    let at = first_line("device", "      operationId: sms_send");
    let error = generation_error(|chapters| {
        replace(chapters, "device", "      operationId: sms_send", "      operationId: a: b")
    });
    assert_starts(&error, "device", at);
}

/// A change of the text of a chapter, and a part of the expected error.
type Damage = (fn(&str) -> String, &'static str);

/// A chapter that is damaged as a whole is an error too, so its operations are not lost.
#[test]
fn damaged_chapter() {
    let changes: [Damage; 5] = [
        (|text| format!("\u{feff}{text}"), "byte order mark"),
        (|_| String::new(), "no `paths`"),
        (|text| text.replacen("\npaths:\n", "\n#paths:\n", 1), "no `paths`"),
        (|text| format!("{text}---\n{text}"), "declared"),
        (|text| format!("{text}---\n"), "document"),
    ];
    for (change, reason) in changes {
        let error = generation_error(|chapters| {
            let text = chapters.get_mut("presence").expect("there");
            *text = change(text);
        });
        assert!(error.starts_with("openapi/chapters/presence.yaml:") && error.contains(reason), "{error}");
    }
    // Windows line endings change nothing.
    let mut chapters = committed_chapters();
    let text = chapters.get_mut("presence").expect("there");
    *text = text.replace('\n', "\r\n");
    let source = chapters::merge(chapters).expect("chapters");
    assert!(source.text() == read(xtask::SPEC), "the published spec is another one");
}

#[test]
fn duplicate_key() {
    let summary = "      summary: List when users were last seen\n";
    let error = generation_error(|chapters| replace(chapters, "presence", summary, &summary.repeat(2)));
    assert!(error.starts_with("openapi/chapters/presence.yaml:"), "{error}");
    assert!(error.contains("duplicate") && error.contains("summary"), "{error}");
}

#[test]
fn duplicate_path() {
    let chapters = committed_chapters();
    let (device, user) = (&chapters["device"], &chapters["user"]);
    let first = line(device, "  /devices/smss:");
    // In the same chapter, in another one, and in quotes.
    let error = generation_error(|chapters| {
        let text = chapters.get_mut("device").expect("there");
        *text = text.replacen("\ncomponents:", "\n  /devices/smss:\n    get: {}\n\ncomponents:", 1);
    });
    assert!(error.contains(&format!("declared at openapi/chapters/device.yaml:{first} already")), "{error}");
    assert_starts(&error, "device", line(device, "components:"));
    for path in ["/devices/smss", "\"/devices/smss\"", "'/devices/smss'"] {
        let error = generation_error(|chapters| {
            let text = chapters.get_mut("user").expect("there");
            *text = text.replacen("paths:\n", &format!("paths:\n  {path}:\n    get: {{}}\n"), 1);
        });
        // The chapter of devices comes after that of users.
        assert_starts(&error, "device", first);
        let second = line(user, "paths:") + 1;
        assert!(error.contains(&format!("openapi/chapters/user.yaml:{second}")), "{error}");
        assert!(error.contains("path `/devices/smss`") && error.contains("one chapter"), "{error}");
    }
}

#[test]
fn duplicate_method_tag_and_component() {
    let chapters = committed_chapters();
    let error = generation_error(|chapters| {
        let text = chapters.get_mut("presence").expect("there");
        *text = text.replacen("\ncomponents:", "    get:\n      summary: Again\n\ncomponents:", 1);
    });
    let first = line(&chapters["presence"], "operationId: last_seen_list");
    assert!(error.contains("operation `GET /users/presence/last_seen`"), "{error}");
    assert!(error.contains(&format!("openapi/chapters/presence.yaml:{first} ")), "{error}");

    let error = generation_error(|chapters| replace(chapters, "presence", "  - name: Presence", "  - name: Device"));
    assert!(error.contains("tag `Device`") && error.contains("presence.yaml:2"), "{error}");
    assert!(error.starts_with("openapi/chapters/device.yaml:2: "), "{error}");

    let error = generation_error(|chapters| replace(chapters, "presence", "    LastSeenList:", "    Sender:"));
    assert!(error.contains("`Sender` in components/schemas"), "{error}");
    assert!(error.matches("openapi/chapters/").count() == 2, "{error}");
}

#[test]
fn duplicate_operation_id() {
    let chapters = committed_chapters();
    let at = |name: &str, id: &str| format!("openapi/chapters/{name}.yaml:{}", line(&chapters[name], id));
    // In the same chapter, in another one, and in one of another version.
    let cases = [
        ("device", "sms_send", "device", "message_send"),
        ("device", "sms_send", "presence", "last_seen_list"),
        ("domain", "user_get", "v1_3", "provisioned_user_get"),
    ];
    for (kept_in, kept, changed_in, changed) in cases {
        let (kept_id, changed_id) = (format!("operationId: {kept}\n"), format!("operationId: {changed}\n"));
        let expected = [at(kept_in, kept_id.trim()), at(changed_in, changed_id.trim())];
        let error = generation_error(|chapters| replace(chapters, changed_in, &changed_id, &kept_id));
        for place in &expected {
            assert!(error.contains(place.as_str()), "no {place} in {error}");
        }
        assert!(error.contains(kept) && error.contains("twice") && error.contains("rename"), "{error}");
    }
}

#[test]
fn rejected_operation() {
    type Case = (&'static str, &'static str, &'static str, &'static str);
    let cases: [Case; 4] = [
        (
            "device",
            "      operationId: sms_send\n      tags: [Device]",
            "      operationId: sms_send\n      tags: [Devices]",
            "tag `Devices`",
        ),
        (
            "presence",
            "      operationId: last_seen_list\n",
            "      operationId: last_seen_list\n      deprecated: true\n",
            "`deprecated`",
        ),
        ("presence", "      operationId: last_seen_list\n", "      operationId: lastSeenList\n", "snake_case"),
        ("presence", "    LastSeenList:\n", "    LastSeenList:\n      maxProperties: 4\n", "`maxProperties`"),
    ];
    for (name, from, to, reason) in cases {
        let at = first_line(name, from);
        let error = generation_error(|chapters| replace(chapters, name, from, to));
        assert_starts(&error, name, at);
        assert!(error.contains(reason), "{error}");
    }
}

/// Lines that are in no chapter have no location of a chapter.
#[test]
fn published_spec_has_its_own_lines() {
    let text = read(xtask::SPEC);
    let sms = "  /devices/smss:\n";
    let twice = text.replacen(sms, &format!("{sms}    put: {{}}\n{sms}"), 1);
    assert_ne!(text, twice);
    let error = Source::published(&twice).expect_err("it is rejected").to_string();
    let first = line(&text, sms.trim_end());
    assert!(error.starts_with(&format!("openapi/kandy.yaml:{}: ", first + 2)), "{error}");
    assert!(error.contains(&format!("openapi/kandy.yaml:{first} already")) && error.contains("duplicate"), "{error}");

    for (text, number) in [("openapi: [", 2), ("openapi: 3.0.3\na: b: c\n", 2)] {
        let error =
            Source::published(text).and_then(|source| generate(&source)).err().expect("it is rejected").to_string();
        assert!(error.contains("spec: "), "{error}");
        assert!(
            error.starts_with(&format!("openapi/kandy.yaml:{number}: ")) || number == 2 && error.contains("line"),
            "{error}"
        );
    }
}

/// The command stops before it writes anything.
#[test]
fn command_names_the_line_and_writes_nothing() {
    let clone = tempfile::tempdir().expect("a folder");
    let root = kandy_checkout::expect_root();
    for path in ["Cargo.toml", "openapi", "xtask/Cargo.toml", "xtask/src"] {
        copy(&root.join(path), &clone.path().join(path));
    }
    let chapter = clone.path().join("openapi/chapters/presence.yaml");
    let text = fs::read_to_string(&chapter).expect("a text");
    fs::write(&chapter, text.replacen("last_seen: 1449034490000", "last_seen: [yesterday]", 1)).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output =
        command.current_dir(clone.path()).env_remove("CARGO_MANIFEST_DIR").arg("generate").output().expect("runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    let number = line(&text, "operationId: last_seen_list");
    assert!(error.starts_with(&format!("error: openapi/chapters/presence.yaml:{number}: last_seen_list ")), "{error}");
    assert!(error.contains("`result.users[0].last_seen`"), "{error}");
    assert!(output.stdout.is_empty() && !clone.path().join("crates").exists());
}
