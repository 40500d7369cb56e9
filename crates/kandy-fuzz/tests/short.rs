//! Runs each target with a few thousand inputs.

use kandy_fuzz::{TARGETS, run};

/// Runs a target. Between 5 % and 95 % of the inputs have to be accepted, so that both outcomes are tested.
fn check(name: &str, inputs: u64) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target");
    let stats = run(target, 1, inputs).unwrap_or_else(|finding| panic!("{finding}"));
    assert_eq!(stats.inputs, inputs);
    assert!((5.0..95.0).contains(&stats.percent()), "{} % of the inputs are accepted", stats.percent());
}

#[test]
fn envelope() {
    check("envelope", 4000);
}

#[test]
fn list() {
    check("list", 4000);
}

#[test]
fn decode_error() {
    check("decode_error", 4000);
}

#[test]
fn pending_messages() {
    check("pending_messages", 4000);
}

#[test]
fn channel_frame() {
    check("channel_frame", 4000);
}

#[test]
fn error_body() {
    check("error_body", 4000);
}

#[test]
fn emulator_request() {
    check("emulator_request", 6000);
}

#[test]
fn every_target_is_tested() {
    let source = include_str!("short.rs");
    for target in TARGETS {
        assert!(source.contains(&format!("check(\"{}\"", target.name)), "{}", target.name);
        let programs = include_str!("../fuzz/Cargo.toml");
        assert!(programs.contains(&format!("name = \"{}\"", target.name)), "{}", target.name);
    }
}
