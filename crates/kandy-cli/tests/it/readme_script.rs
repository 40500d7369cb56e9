//! The script of the README, run as it stands there.

use std::{fs, process::Command};

use crate::fixture::Fixture;

/// What is promised of it.
const LINES: usize = 25;

#[test]
fn script_runs_and_cleans_up() {
    if Command::new("bash").arg("--version").output().is_err() {
        println!("not tried: there is no bash here");
        return;
    }
    let readme = fs::read_to_string(kandy_checkout::expect_root().join("crates/kandy-cli/README.md")).unwrap();
    let (_, rest) = readme.split_once("```bash\n").expect("a script");
    let (script, _) = rest.split_once("```").expect("its end");
    assert!(script.lines().count() <= LINES, "{} lines", script.lines().count());
    let fixture = Fixture::empty();
    // There is a domain among its variables already, which the profile of the script comes before.
    let mut bash = fixture.program("bash");
    let output = bash.arg("-c").arg(script).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("1000 users"), "{stdout}\n{stderr}");
    assert!(stdout.contains("Good morning"), "{stdout}\n{stderr}");
    // It cleans up: what is left is the domain that was there before.
    let state = fixture.emulator.state();
    assert_eq!((state.domains, state.users, state.groups), (1, 0, 0), "{state:?}");
}
