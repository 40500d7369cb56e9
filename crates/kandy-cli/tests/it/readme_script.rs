//! Runs the script of the README.

use std::{fs, process::Command};

use crate::fixture::Fixture;

/// The maximum number of lines.
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
    // The environment has a domain already; the profile of the script takes precedence.
    let mut bash = fixture.program("bash");
    let output = bash.arg("-c").arg(script).output().unwrap();
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("1000 users"), "{stdout}\n{stderr}");
    assert!(stdout.contains("Good morning"), "{stdout}\n{stderr}");
    // The script cleans up: only the domain of the fixture is left.
    let state = fixture.emulator.state();
    assert_eq!((state.domains, state.users, state.groups), (1, 0, 0), "{state:?}");
}
