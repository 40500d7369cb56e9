//! Each target with a few thousand inputs, on every run of the tests.

use kandy_fuzz::{TARGETS, run};

/// Gives a target inputs, of which a fair share must be understood and a fair share must not: otherwise only one half
/// of what can go wrong is tried.
fn takes(name: &str, inputs: u64) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let reached = run(target, 1, inputs).unwrap_or_else(|finding| panic!("{finding}"));
    assert_eq!(reached.inputs, inputs);
    assert!((5.0..95.0).contains(&reached.percent()), "{} % of the inputs are understood", reached.percent());
}

#[test]
fn envelope() {
    takes("envelope", 4000);
}

#[test]
fn list() {
    takes("list", 4000);
}

#[test]
fn problem() {
    takes("problem", 4000);
}

#[test]
fn pending_messages() {
    takes("pending_messages", 4000);
}

#[test]
fn error_body() {
    takes("error_body", 4000);
}

#[test]
fn emulator_request() {
    takes("emulator_request", 6000);
}

#[test]
fn no_target_is_left_out() {
    let source = include_str!("short.rs");
    for target in TARGETS {
        assert!(source.contains(&format!("takes(\"{}\"", target.name)), "{}", target.name);
        let programs = include_str!("../fuzz/Cargo.toml");
        assert!(programs.contains(&format!("name = \"{}\"", target.name)), "{}", target.name);
    }
}
