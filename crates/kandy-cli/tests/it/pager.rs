//! The pager, on a terminal that `script` provides.

#![cfg(target_os = "linux")]

use serde_json::json;

use crate::{
    fixture::{Fixture, canned_service},
    terminal::shown,
};

/// A pager that keeps what it reads, and its environment.
const PAGER: &str = "cat > paged; env > environment";

/// A list that is longer than the terminal.
const LONG: &str = "kandy api --list --quiet";

fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("pager.sh", PAGER);
    fixture
}

#[test]
fn long_output_on_a_terminal_is_paged() {
    for (line, pager, expected) in [
        (LONG, "sh pager.sh", true),
        ("kandy docs profiles", "sh pager.sh", true),
        ("kandy help user import", "sh pager.sh", true),
        // It fits to the terminal.
        ("kandy domain list", "sh pager.sh", false),
        ("kandy docs exit-codes", "sh pager.sh", false),
        ("kandy api --list --quiet --no-pager", "sh pager.sh", false),
        (LONG, "", false),
        (LONG, "cat", false),
        ("kandy api --list --quiet | cat", "sh pager.sh", false),
        ("TERM=dumb kandy api --list --quiet", "sh pager.sh", false),
    ] {
        let fixture = fixture();
        let Some(text) = shown(&fixture, 80, line, &[("KANDY_PAGER", pager)]) else { return };
        assert_eq!(fixture.has("paged"), expected, "{line} with {pager:?}: {text}");
        assert_eq!(text.is_empty(), expected, "{line} with {pager:?}: {text}");
        if expected {
            assert!(fixture.read("paged").lines().count() >= 24, "{line}");
        }
    }
}

/// The source of these defaults is git, which sets them for its pager.
#[test]
fn pager_gets_defaults_and_no_credential() {
    let fixture = fixture();
    let variables = [
        ("PAGER", "sh pager.sh"),
        ("KANDY_USER_PASSWORD", "canary.pass4711"),
        ("kandy_user_password", "canary.pass4711"),
    ];
    let Some(text) = shown(&fixture, 80, &format!("unset KANDY_PAGER; {LONG}"), &variables) else { return };
    let environment = fixture.read("environment");
    assert!(environment.contains("LESS=FRX") && environment.contains("LV=-c"), "{environment}{text}");
    assert!(!environment.to_ascii_uppercase().contains("KANDY_"), "{environment}");
    assert!(!environment.contains("canary") && !environment.contains(&fixture.domain.1), "{environment}");
    drop(shown(&fixture, 80, LONG, &[("KANDY_PAGER", "sh pager.sh"), ("LESS", "-i")]));
    assert!(fixture.read("environment").contains("LESS=-i\n"));
}

#[test]
fn pager_that_ends_early_is_no_error() {
    for pager in ["true", "false", "head -n 1", "sh -c 'exec <&-; sleep 0'"] {
        let fixture = fixture();
        // Longer than any pipe.
        let domains: Vec<_> = (0..20_000)
            .map(|at| json!({"domain_name": format!("{at}.example.com"), "domain_api_key": "a", "domain_api_secret": "b"}))
            .collect();
        let base_url = canned_service::json(&canned_service::success(json!({"domains": domains})));
        let variables =
            [("KANDY_BASE_URL", &*base_url), ("KANDY_ACCOUNT_ACCESS_TOKEN", "token"), ("KANDY_PAGER", pager)];
        let Some(text) = shown(&fixture, 80, "kandy domain list; echo ended with $?", &variables) else { return };
        assert!(text.ends_with("ended with 0\n") && text.lines().count() <= 2, "{pager}: {text}");
    }
}

#[test]
fn pager_that_cannot_be_started_is_a_warning() {
    for (pager, warning) in [
        ("no-such-pager -x", "the pager \"no-such-pager -x\" cannot be started: "),
        ("less 'x", "KANDY_PAGER is not a valid command; printing directly"),
        ("./pager.sh", "cannot be started: "),
    ] {
        let fixture = fixture();
        let Some(text) = shown(&fixture, 80, &format!("{LONG}; echo ended with $?"), &[("KANDY_PAGER", pager)]) else {
            return;
        };
        assert!(text.contains(warning), "{text}");
        assert!(text.contains("\naccount_access_token_get\n") && text.contains("\nverification_"), "{text}");
        assert!(text.ends_with("ended with 0\n"), "{text}");
    }
}

/// A folder of a stranger must not name a program that runs.
#[test]
fn dot_env_names_no_pager() {
    let fixture = fixture();
    fixture.write(".env", "KANDY_PAGER='sh pager.sh'\nexport KANDY_PAGER='sh pager.sh'\nPAGER='sh pager.sh'\n");
    let line = format!("unset KANDY_PAGER; PAGER=cat {LONG}");
    let Some(text) = shown(&fixture, 80, &line, &[]) else { return };
    assert!(text.contains("account_access_token_get") && !fixture.has("paged"), "{text}");
}

#[test]
fn paged_text_is_escaped() {
    let fixture = fixture();
    let domains: Vec<_> = (0..50)
        .map(|at| {
            let name = format!("{at}\u{1b}[2J\u{9b}31m\u{202e}.example.com\u{7}");
            json!({"domain_name": name, "project_name": "x", "domain_api_key": "a", "domain_api_secret": "b"})
        })
        .collect();
    let base_url = canned_service::json(&canned_service::success(json!({"domains": domains})));
    for options in ["", "--json", "--quiet", "--jq '.[].domain_name'"] {
        let variables =
            [("KANDY_BASE_URL", &*base_url), ("KANDY_ACCOUNT_ACCESS_TOKEN", "token"), ("KANDY_PAGER", "sh pager.sh")];
        let Some(text) = shown(&fixture, 80, &format!("kandy domain list {options}"), &variables) else { return };
        assert!(text.is_empty(), "{text}");
        let paged = fixture.read("paged").replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
        assert!(
            paged.contains("[2J") && !paged.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{7}']),
            "{options}: {paged:?}"
        );
    }
}
