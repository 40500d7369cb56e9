//! Deletions ask on a terminal, and need an option without one.

#![cfg(unix)]

use std::process::Stdio;

use kandy_emulator::Emulator;

use crate::fixture::{Fixture, on_terminal::OnTerminal, stderr};

/// Returns how many users, domains and groups there are.
fn counts(fixture: &Fixture) -> (usize, usize, usize) {
    let state = fixture.emulator.state();
    (state.domains, state.users, state.groups)
}

/// As GitHub's `gh` does: without a terminal, `--yes` is required, and nothing is sent before.
#[test]
fn deletion_without_a_terminal_requires_yes() {
    let fixture = Fixture::new();
    let id = "0827a568a9c04c5a977967e56b05dbba";
    for (line, what) in [
        (&["user", "delete", "russ"][..], "user \"russ\""),
        (&["user", "delete", "russ", "anna"], "2 users (\"russ\", \"anna\")"),
        (&["device", "delete", "--user", "russ", id], "device"),
        (&["group", "delete", "--user", "russ", id], "group"),
        (&["contact", "delete", "--user", "russ", id], "contact"),
        (&["session", "delete", "--user", "russ", id], "session"),
        (&["hunt-group", "delete", "support"], "hunt group \"support\""),
        (&["message", "delete", "--user", "russ", "--device", id, id], "message"),
        (&["conversation", "delete", "--user", "russ", "anna@example.com"], "conversation \"anna@example.com\""),
        (&["conversation", "delete-messages", "--user", "russ", "anna@example.com", id], "message"),
        (&["address-book", "delete", "--user", "russ", "--device", id], "all contacts"),
    ] {
        let before = fixture.emulator.requests().len();
        let output = fixture.kandy().args(line).stdin(Stdio::null()).output().unwrap();
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{line:?}: {said}");
        assert!(said.contains(what) && said.contains("nothing was deleted") && said.contains("--yes"), "{said}");
        assert!(output.stdout.is_empty(), "{output:?}");
        assert_eq!(fixture.emulator.requests().len(), before, "{line:?}");
    }
    assert_eq!(counts(&fixture), (1, 2, 0));
    assert!(fixture.kandy().args(["user", "delete", "russ", "-y"]).output().unwrap().status.success());
    assert_eq!(counts(&fixture), (1, 1, 0));
}

/// As Heroku's `--confirm APP`: the name, so that a script with a wrong variable deletes nothing.
#[test]
fn domain_requires_its_name() {
    let fixture = Fixture::new();
    let requests = || fixture.emulator.requests().len();
    for (options, said) in [
        (&[][..], "Use --confirm with the name"),
        (&["--yes"], "--yes is not enough"),
        (&["--confirm", "other.example.com"], "is not the name of the domain to delete"),
        (&["--confirm", "EXAMPLE.com"], "is not the name of the domain to delete"),
        (&["--confirm", ""], "is not the name of the domain to delete"),
        (&["--yes", "--confirm", "other.example.com"], "is not the name of the domain to delete"),
    ] {
        let before = requests();
        let output = fixture.kandy().args(["domain", "delete", "example.com"]).args(options).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{options:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{options:?}: {}", stderr(&output));
        assert_eq!(requests(), before, "{options:?}");
    }
    assert_eq!(counts(&fixture).0, 1);
    let confirmed = ["domain", "delete", "example.com", "--confirm", "example.com"];
    assert!(fixture.kandy().args(confirmed).output().unwrap().status.success());
    assert_eq!(counts(&fixture).0, 0);
}

#[test]
fn deletion_on_a_terminal_asks() {
    // Answers, the exit code, and how many users are left.
    for (keys, code, said, left) in [
        ("y\n", 0, "deleted user \"russ\"", 1),
        ("YES\n", 0, "deleted user \"russ\"", 1),
        ("n\n", 2, "nothing was deleted", 2),
        ("\n", 2, "nothing was deleted", 2),
        ("yesterday\n", 2, "nothing was deleted", 2),
        // Ctrl-D and Ctrl-C.
        ("\u{4}", 2, "nothing was deleted", 2),
        ("\u{3}", 130, "interrupted; nothing was deleted", 2),
    ] {
        let fixture = Fixture::new();
        let line = "kandy user delete russ > stdout; code=$?; cat stdout >&2; exit $code";
        let Some(terminal) = OnTerminal::start(&fixture, 200, line, &[]) else { return };
        let (ended, shown) = terminal.type_at("[y/N]: ", keys).end();
        assert!(shown.contains("Delete user \"russ\" and all that belongs to them: devices"), "{shown}");
        assert!(shown.contains(said), "{keys:?}: {shown}");
        assert_eq!((ended, counts(&fixture).1), (code, left), "{keys:?}: {shown}");
        // The prompt is no data.
        assert_eq!(fixture.read("stdout"), "", "{keys:?}");
    }
}

#[test]
fn domain_on_a_terminal_asks_for_its_name() {
    for (keys, code, left) in
        [("example.com\n", 0, 0), ("y\n", 2, 1), ("example.org\n", 2, 1), ("\u{4}", 2, 1), ("\u{3}", 130, 1)]
    {
        let fixture = Fixture::new();
        let Some(terminal) = OnTerminal::start(&fixture, 200, "kandy domain delete example.com --yes", &[]) else {
            return;
        };
        let (ended, shown) = terminal.type_at("to delete it: ", keys).end();
        assert!(shown.contains("Deletes domain \"example.com\" with its 2 users"), "{shown}");
        assert_eq!((ended, counts(&fixture).0), (code, left), "{keys:?}: {shown}");
    }
}

/// A name of the command line is escaped in the prompt.
#[test]
fn prompt_is_escaped_and_dry_run_asks_nothing() {
    let fixture = Fixture::on(Emulator::start().unwrap(), &["russ"]);
    let line = "kandy contact delete --user russ \"$(printf 'a\\033[2Jb\\nDelete nothing')\"";
    let Some(terminal) = OnTerminal::start(&fixture, 200, line, &[]) else { return };
    let (code, shown) = terminal.type_at("[y/N]: ", "n\n").end();
    assert_eq!(code, 2, "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains("\nDelete nothing"), "{shown:?}");
    let line = "kandy user delete russ --dry-run && kandy domain delete example.com --dry-run";
    let (code, shown) = OnTerminal::start(&fixture, 200, line, &[]).unwrap().end();
    assert!(code == 0 && !shown.contains("[y/N]") && !shown.contains("Type the name"), "{shown}");
    assert_eq!(counts(&fixture), (1, 1, 0));
}
