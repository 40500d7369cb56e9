//! `--dry-run` of every command sends nothing and shows the request.

#![cfg(unix)]

use std::{fmt::Write, fs};

use crate::fixture::{
    canary::{CanaryFixture, Condition, CredentialSource, kandy, run},
    leaf_command::leaf_commands,
};

/// Commands that send no request.
const LOCAL: [&str; 17] = [
    "emulator",
    "auth login",
    "auth logout",
    "auth list",
    "auth status",
    "auth use",
    "schema",
    "completions",
    "man",
    "docs",
    "help",
    "version",
    "api",
    // A dry run of a list counts the rows and shows no request.
    "user import",
    "user update",
    "contact import",
    // It sends a frame: see `dry_run_connects_to_nothing`.
    "session data send",
];

/// Arguments for commands that validate them.
const ARGUMENTS: [(&str, &str); 5] = [
    ("account token delete", "--token-file any.txt"),
    ("domain token delete", "--token-file any.txt"),
    ("sms send", "+12245556666 Hello"),
    ("group update", "0827a568a9c04c5a977967e56b05dbba --name Friends"),
    ("address-book upload", "contacts.json"),
];

#[test]
fn sends_nothing_and_shows_every_request() {
    let fixture = CanaryFixture::new();
    let folder = tempfile::tempdir().unwrap();
    let before = fixture.emulator.requests().len();
    let mut wrong = String::new();
    let mut shown = 0;
    for leaf in leaf_commands(&|| kandy(folder.path())) {
        if LOCAL.contains(&leaf.name.as_str()) {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let mut command = kandy(folder.path());
        fixture.give(&mut command, folder.path(), Condition::Healthy, CredentialSource::Environment);
        let arguments = match ARGUMENTS.iter().find(|(name, _)| *name == leaf.name) {
            Some((_, arguments)) => arguments.split_whitespace().map(str::to_owned).collect(),
            None => leaf.usual_arguments(|name| fixture.value(name)),
        };
        for (name, text) in [("any.txt", "any"), ("contacts.json", r#"[{"numbers": ["+14055671234"]}]"#)] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        command.args(leaf.name.split_whitespace()).args(&arguments).arg("--dry-run");
        let ended = run(command, "123456\n");
        let is_shown = ended.stdout.contains("key=***") && ended.stdout.contains("curl --config -");
        let is_refused = ended.code == Some(2) && ended.stderr.contains("--dry-run");
        match ended.code {
            Some(0) if is_shown => shown += 1,
            _ if is_refused => {}
            code => writeln!(wrong, "kandy {} {arguments:?}: {code:?}\n{}{}", leaf.name, ended.stdout, ended.stderr)
                .unwrap(),
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(shown > 80, "{shown}");
    let sent: Vec<_> = fixture.emulator.requests()[before..].iter().map(ToString::to_string).collect();
    assert_eq!(sent, [""; 0]);
}
