//! What a person sees at a terminal, which `script` plays. Where there is none, that is said and not tried.

#![cfg(target_os = "linux")]

mod support;

use std::process::Command;

use support::Stage;

const BOLD: &str = "\u{1b}[1m";

/// What a line typed at a terminal of so many columns shows.
fn shown(stage: &Stage, columns: u16, line: &str, variables: &[(&str, &str)]) -> Option<String> {
    if Command::new("script").arg("--version").output().is_err() {
        println!("not tried: there is no script(1) here");
        return None;
    }
    let line = format!("stty cols {columns} rows 24; {line}");
    let mut script = stage.program("script");
    script.args(["-qec", &line, "/dev/null"]).env("TERM", "xterm").envs(variables.iter().copied());
    let output = script.stdin(std::process::Stdio::null()).output().unwrap();
    Some(String::from_utf8(output.stdout).unwrap().replace('\r', ""))
}

#[test]
fn a_list_is_a_table_with_a_head() {
    let stage = Stage::new();
    let Some(text) = shown(&stage, 80, "kandy domain list", &[]) else { return };
    assert!(text.contains(&format!("{BOLD}domain_name")), "{text:?}");
    assert!(text.contains("\nexample.com"), "{text:?}");
    let Some(text) = shown(&stage, 80, "kandy domain list", &[("NO_COLOR", "1")]) else { return };
    assert!(text.contains("domain_name") && !text.contains('\u{1b}'), "{text:?}");
}

#[test]
fn a_table_is_as_wide_as_the_terminal() {
    let stage = Stage::new();
    let Some(text) = shown(&stage, 60, "kandy group list --user russ; kandy device list --user russ", &[]) else {
        return;
    };
    let widest =
        text.lines().map(|line| line.replace(BOLD, "").replace("\u{1b}[0m", "").chars().count()).max().unwrap();
    assert!((30..=60).contains(&widest), "{text}");
    assert!(text.contains("no groups"), "{text}");
}

#[test]
fn json_is_laid_out() {
    let stage = Stage::new();
    let Some(text) = shown(&stage, 80, "kandy domain show --json", &[]) else { return };
    assert!(text.contains("\n  \"domain_name\": \"example.com\""), "{text}");
}
