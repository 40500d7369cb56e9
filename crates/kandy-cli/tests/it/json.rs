//! `--json NAMES`, `--json` with `--jq`, and the JSON of commands that change something.

use serde_json::{Value, json};

use crate::fixture::{Fixture, stderr};

fn lines(fixture: &Fixture, line: &[&str]) -> (Option<i32>, String, String) {
    let output = fixture.kandy().args(line).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout.clone()).unwrap(), stderr(&output))
}

/// The forms of `gh`, and those that this command had before: they keep their meaning.
#[test]
fn names_are_a_separate_argument_where_nothing_else_is_meant() {
    let fixture = Fixture::new();
    let ids = "[{\"user_id\":\"russ\"},\n{\"user_id\":\"anna\"}]\n";
    for (line, expected) in [
        (&["user", "list", "--json=user_id"][..], ids),
        (&["user", "list", "--json", "user_id"], ids),
        (&["--json", "user_id", "user", "list"], ids),
        (&["user", "--json", "user_id", "list"], ids),
        (
            &["user", "show", "russ", "--json", "user_id,user_country_code"],
            "{\"user_country_code\":\"1\",\"user_id\":\"russ\"}\n",
        ),
        (&["user", "show", "--json=user_id", "russ"], "{\"user_id\":\"russ\"}\n"),
        (&["user", "list", "--json", "user_id", "--jq", ".[0]"], "{\"user_id\":\"russ\"}\n"),
        (&["user", "list", "--jq", "map(keys) | add | unique", "--json=user_id"], "[\"user_id\"]\n"),
        (&["user", "list", "--jq", ".[0].user_id"], "russ\n"),
        (&["user", "list", "--json", "--jq", ".[1].user_id"], "anna\n"),
    ] {
        let (code, stdout, stderr) = lines(&fixture, line);
        assert_eq!((code, stdout.as_str()), (Some(0), expected), "{line:?}: {stderr}");
    }
    // The argument after `--json` is the user, as ever.
    let (code, stdout, stderr) = lines(&fixture, &["user", "show", "--json", "russ"]);
    let user: Value = serde_json::from_str(&stdout).expect(&stderr);
    assert_eq!((code, &user["user_id"], user.as_object().unwrap().len() > 3), (Some(0), &json!("russ"), true));
    for line in [
        // No names: the error is that of the line as it is.
        &["user", "list", "--json", "a b"][..],
        &["user", "list", "--json", "user_id", "more"],
        &["user", "list", "--json", "--bogus"],
        &["user", "list", "--", "--json", "user_id"],
        &["user", "list", "--json", "user_id", "--json", "user_id"],
        &["user", "list", "--json=", "user_id"],
    ] {
        let (code, stdout, stderr) = lines(&fixture, line);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{line:?}");
        assert!(stderr.starts_with("error: "), "{line:?}: {stderr}");
    }
}

/// The error lists the known names, and nothing is sent.
#[test]
fn unknown_names_are_refused_before_anything_is_sent() {
    let fixture = Fixture::new();
    let before = fixture.emulator.requests().len();
    for (line, known) in [
        (&["user", "list", "--json", "user_id,nothing"][..], "user_country_code"),
        (&["user", "list", "--json=nothing", "--jq", "."], "user_country_code"),
        (&["domain", "show", "--json=nothing"], "domain_name"),
        (&["sms", "send", "--user", "russ", "+12245556666", "Hello", "--json=nothing"], "destination, outcome, source"),
        (&["user", "profile", "update", "--user", "russ", "--status-text", "x", "--json=nothing"], "message, result"),
        (&["auth", "use", "work", "--json=nothing"], "message, result"),
        (&["docs", "--json=nothing"], "about, topic"),
        (&["version", "--json=nothing"], "commit, date, version"),
    ] {
        let (code, stdout, stderr) = lines(&fixture, line);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{line:?}: {stderr}");
        assert!(stderr.contains("have no field \"nothing\"; the fields are ") && stderr.contains(known), "{stderr}");
    }
    let sent: Vec<_> = fixture.emulator.requests()[before..].iter().map(ToString::to_string).collect();
    assert!(sent.iter().all(|request| request.contains("accesstoken") || request.starts_with("GET")), "{sent:?}");
}

#[test]
fn changes_are_json() {
    let fixture = Fixture::new();
    for (line, expected) in [
        (
            &["sms", "send", "--user", "russ", "+12245556666", "Hello", "--from", "+11234567890"][..],
            json!({"destination": "+12245556666", "source": "+11234567890", "outcome": "sent"}),
        ),
        (
            &["sms", "send", "--user", "russ", "+12245556666", "Hello"],
            json!({"destination": "+12245556666", "source": null, "outcome": "sent"}),
        ),
        (
            &["verify", "send", "4034932232", "--country-code", "US"],
            json!({"message": "sent a code to \"4034932232\"", "result": {}}),
        ),
    ] {
        let (code, stdout, stderr) = lines(&fixture, &[line, &["--json"]].concat());
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{line:?}: {stdout}");
        let printed: Value = serde_json::from_str(&stdout).expect(&stdout);
        assert_eq!(printed, expected, "{line:?}");
        // Without it, the status is on stderr, as before.
        let (code, stdout, stderr) = lines(&fixture, line);
        assert!(code == Some(0) && stdout.is_empty() && stderr.starts_with("sent "), "{line:?}: {stdout}{stderr}");
        let (_, stdout, stderr) = lines(&fixture, &[line, &["--quiet"]].concat());
        assert!(stdout.is_empty() && stderr.is_empty(), "{line:?}: {stdout}{stderr}");
    }
}
