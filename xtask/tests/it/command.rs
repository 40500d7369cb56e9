//! The command line of xtask.

use std::process::{Command, Output};

fn xtask(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(arguments).output().expect("the command runs")
}

#[test]
fn check_accepts_the_committed_files() {
    let output = xtask(&["generate", "--check"]);
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    // The generated code, the published spec, its two copies for the emulator, and the table of coverage.
    let blocking = xtask::blocking::generate(&kandy_checkout::expect_root()).expect("the blocking API").len();
    let expected = crate::support::output_count() + 2 + 2 + blocking;
    assert_eq!(shown.lines().filter(|line| line.ends_with("is up to date")).count(), expected, "{shown}");
    assert!(shown.contains("openapi/COVERAGE.md is up to date"), "{shown}");
}

#[test]
fn wrong_usage_prints_the_usage() {
    for arguments in
        [&[][..], &["generat"], &["generate", "--chek"], &["--check"], &["generate", "--check", "more"], &["coverage"]]
    {
        let output = xtask(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("Usage: cargo xtask generate"), "{arguments:?}");
    }
}
