//! Output on a terminal, which `script` provides. Skipped where it is not installed.

#![cfg(target_os = "linux")]

use std::process::Command;

use serde_json::json;

use crate::fixture::{Fixture, canned_service};

const BOLD: &str = "\u{1b}[1m";

/// Runs a line on a terminal of this width and returns its output.
pub(crate) fn shown(fixture: &Fixture, columns: u16, line: &str, variables: &[(&str, &str)]) -> Option<String> {
    if Command::new("script").arg("--version").output().is_err() {
        println!("not tried: there is no script(1) here");
        return None;
    }
    let line = format!("stty cols {columns} rows 24; {line}");
    let mut script = fixture.program("script");
    script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").envs(variables.iter().copied());
    let output = script.stdin(std::process::Stdio::null()).output().unwrap();
    Some(String::from_utf8(output.stdout).unwrap().replace('\r', ""))
}

#[test]
fn prints_a_table_with_a_header() {
    let fixture = Fixture::new();
    let Some(text) = shown(&fixture, 80, "kandy domain list", &[]) else { return };
    assert!(text.contains(&format!("{BOLD}domain_name")), "{text:?}");
    assert!(text.contains("\nexample.com"), "{text:?}");
    let Some(text) = shown(&fixture, 80, "kandy domain list", &[("NO_COLOR", "1")]) else { return };
    assert!(text.contains("domain_name") && !text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn table_fits_the_terminal_width() {
    let fixture = Fixture::new();
    let Some(text) = shown(&fixture, 60, "kandy group list --user russ; kandy device list --user russ", &[]) else {
        return;
    };
    let widest =
        text.lines().map(|line| line.replace(BOLD, "").replace("\u{1b}[0m", "").chars().count()).max().unwrap();
    assert!((30..=60).contains(&widest), "{text}");
    assert!(text.contains("no groups"), "{text}");
}

#[test]
fn indents_json() {
    let fixture = Fixture::new();
    let Some(text) = shown(&fixture, 80, "kandy domain show --json", &[]) else { return };
    assert!(text.contains("\n  \"domain_name\": \"example.com\""), "{text}");
}

/// Values and ids whose widths overflow 16 bits.
#[test]
fn truncates_long_values() {
    let fixture = Fixture::new();
    for wide in ["x".repeat(65_534), "x".repeat(6_000), "北".repeat(40_000)] {
        let domain = |name: &str, project: &str| {
            json!({
                "domain_name": name, "project_name": project, "domain_api_key": "key", "domain_api_secret": "secret",
            })
        };
        for domains in [json!([domain("one.example.com", &wide)]), json!([domain(&wide, "one"), domain("two", "two")])]
        {
            let base_url = canned_service::json(&canned_service::success(json!({"domains": domains})));
            let variables = [("KANDY_BASE_URL", &*base_url), ("KANDY_ACCOUNT_ACCESS_TOKEN", "token")];
            for columns in [40, 80] {
                let Some(text) = shown(&fixture, columns, "kandy domain list; echo ended with $?", &variables) else {
                    return;
                };
                let text = text.replace(BOLD, "").replace("\u{1b}[0m", "");
                assert!(text.ends_with("ended with 0\n") && text.contains("one"), "{text}");
                let widest = text.lines().map(|line| line.chars().map(|c| 1 + usize::from(c == '北')).sum()).max();
                assert!(widest <= Some(usize::from(columns)), "{text}");
                // A terminal of 6,000 columns shows all of it.
                assert_eq!(text.matches('…').count(), usize::from(wide.len() > 6_000 || columns == 40), "{text}");
            }
        }
    }
}
