//! The help of all commands is a golden file, so that a review shows what users will see.

use std::{fmt::Write, fs};

use crate::fixture::surface;

#[test]
fn surface() {
    let mut actual = String::new();
    for command in surface::walk() {
        // Global options are listed once, at the end.
        let text = without_global_options(&command.text);
        writeln!(actual, "== kandy {}\n{}\n", command.path.join(" "), text.trim_end()).unwrap();
    }
    writeln!(actual, "== kandy help options\n{}", options()).unwrap();
    let file = kandy_checkout::expect_root().join("crates/kandy-cli/tests/surface.txt");
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if std::env::var_os("KANDY_UPDATE_SCENARIOS").is_some() {
        fs::write(&file, actual).unwrap();
        return;
    }
    let difference = similar::TextDiff::from_lines(&expected, &actual).unified_diff().to_string();
    assert!(difference.is_empty(), "{difference}\nKANDY_UPDATE_SCENARIOS=1 writes down what it is now");
}

#[test]
fn every_command_has_an_example() {
    let without: Vec<_> = surface::walk()
        .iter()
        .filter(|command| !command.has_commands && !command.text.contains("\nExample"))
        .map(|command| command.path.join(" "))
        .collect();
    assert!(without.is_empty(), "without an example: {without:?}");
}

#[test]
fn every_command_has_a_man_page() {
    let folder = tempfile::tempdir().unwrap();
    let written = std::process::Command::new(env!("CARGO_BIN_EXE_kandy"))
        .args(["man", "--folder"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(written.status.success() && written.stdout.is_empty());
    for command in surface::walk() {
        let name = ["kandy"].into_iter().chain(command.path.iter().map(String::as_str)).collect::<Vec<_>>().join("-");
        let page = fs::read_to_string(folder.path().join(format!("{name}.1"))).expect(&name);
        assert!(page.contains(".SH SYNOPSIS") && page.contains(".SH DESCRIPTION"), "{name}");
    }
}

/// Each help names the global options in two lines, and `kandy help options` explains each of them.
#[test]
fn help_names_the_global_options() {
    let explained = options();
    for command in surface::walk() {
        let (_, names) = command.text.split_once("\n\nGlobal options: ").expect(&command.text);
        let names = names.split("\n\n").next().unwrap();
        assert!(names.trim_end().lines().count() <= 2, "{names}");
        let (names, _) = names.split_once(" (see `kandy help options`)").expect(names);
        for name in names.split_whitespace() {
            assert!(explained.contains(&format!(" {name}")), "{name} is not explained");
        }
        // Only `kandy emulator` explains its own options at this place.
        assert!(!command.text.contains("\nGlobal options:\n") && !command.text.contains("--show-secrets  "));
        let usage = command.text.lines().find(|line| line.starts_with("Usage: ")).unwrap();
        assert!(usage.contains("[OPTIONS]"), "the usage does not tell of options: {usage}");
    }
    assert!(explained.contains("--no-pager") && explained.contains("--profile"), "{explained}");
}

/// Returns the help of the global options.
fn options() -> String {
    let mut kandy = std::process::Command::new(env!("CARGO_BIN_EXE_kandy"));
    let output = kandy.args(["help", "options"]).env("COLUMNS", "100").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn without_global_options(text: &str) -> String {
    let Some((before, after)) = text.split_once("Global options: --") else { return text.to_owned() };
    let rest = after.split_once("\n\n").map_or("", |(_, rest)| rest);
    format!("{before}{rest}")
}
