//! Lists under a rate limit (HTTP 429): a row that is refused for it waits, and is never failed and never unknown.

#![cfg(unix)]

mod support;

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    io::{BufRead, BufReader},
    process::Output,
    thread,
};

use serde_json::Value;

use support::{Stage, process::Running};

/// A stage with a list of so many users.
fn users(count: usize) -> Stage {
    let stage = Stage::empty();
    let mut list = String::from("user_id,user_country_code\n");
    for number in 0..count {
        writeln!(list, "user{number},US").unwrap();
    }
    fs::write(stage.folder.path().join("users.csv"), list).unwrap();
    stage
}

/// A stage with a list of so many phone numbers.
fn numbers(count: usize) -> Stage {
    let stage = Stage::new();
    let mut list = String::from("to,text\n");
    for number in 0..count {
        writeln!(list, "+1224{number:07},Hello").unwrap();
    }
    fs::write(stage.folder.path().join("list.csv"), list).unwrap();
    stage
}

fn run(stage: &Stage, arguments: &[&str]) -> Running {
    let mut command = stage.kandy();
    command.args(arguments).arg("--json");
    Running::start(command)
}

const IMPORT: [&str; 3] = ["user", "import", "users.csv"];
const SEND: [&str; 6] = ["sms", "send", "--user", "russ", "--to-file", "list.csv"];

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The exit code, and of the summary what is done, failed and unknown.
fn came_to(output: &Output) -> (i32, [u64; 3]) {
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)));
    let count = |name: &str| summary[name].as_u64();
    let done = count("created").or(count("sent")).unwrap();
    (output.status.code().unwrap(), [done, count("failed").unwrap(), count("unknown").unwrap()])
}

/// How often each number got an SMS.
fn received(stage: &Stage) -> BTreeMap<String, usize> {
    let mut received = BTreeMap::new();
    for sms in stage.emulator.sms() {
        *received.entry(sms.destination).or_default() += 1;
    }
    received
}

/// How many requests of an operation there were.
fn requests(stage: &Stage, id: &str) -> usize {
    stage.emulator.requests().iter().filter(|request| request.operation == Some(id)).count()
}

fn two_hundred_users(fault: &str) {
    let stage = users(200);
    stage.fail(fault);
    let (output, _) = run(&stage, &IMPORT).end();
    assert_eq!(came_to(&output), (0, [200, 0, 0]), "{fault}: {}", stderr(&output));
    assert_eq!(stage.emulator.state().users, 200, "{fault}");
    let armed = &stage.emulator.faults()[0];
    assert!(armed.hits > 0 && armed.hits < 200, "{fault}: {} of {} refused", armed.hits, armed.matched);
}

#[test]
fn two_hundred_users_under_twenty_a_second_with_retry_after() {
    two_hundred_users(r#"{"kind":"rate_limit","per_second":20,"retry_after_seconds":1,"operation":"user_create"}"#);
}

#[test]
fn two_hundred_users_under_twenty_a_second_without_retry_after() {
    two_hundred_users(r#"{"kind":"rate_limit","per_second":20,"operation":"user_create"}"#);
}

#[test]
fn two_hundred_users_under_twenty_a_second_with_a_text() {
    two_hundred_users(r#"{"kind":"rate_limit","per_second":20,"body":"text","operation":"user_create"}"#);
}

#[test]
fn two_hundred_users_under_twenty_a_second_of_everything_with_json() {
    two_hundred_users(r#"{"kind":"rate_limit","per_second":20,"body":"json","retry_after_seconds":1}"#);
}

#[test]
fn each_number_gets_its_sms_once() {
    let stage = numbers(60);
    stage.fail(r#"{"kind":"rate_limit","per_second":10,"operation":"sms_send"}"#);
    let (output, _) = run(&stage, &SEND).end();
    assert_eq!(came_to(&output), (0, [60, 0, 0]), "{}", stderr(&output));
    let received = received(&stage);
    assert!(received.len() == 60 && received.values().all(|times| *times == 1), "{received:?}");
}

/// Reads what a command says until it says that the rate is limited.
fn until_limited(sending: &mut Running) {
    let mut lines = BufReader::new(sending.child.stderr.take().unwrap()).lines();
    let told = lines.by_ref().find(|line| line.as_ref().unwrap().contains("limits the rate of requests"));
    assert!(told.is_some(), "it ended without saying so");
    // What else it says must find a reader.
    thread::spawn(move || lines.count());
}

/// A service that lets nothing through is no row's fault.
#[test]
fn a_list_that_is_refused_altogether_waits_until_it_is_interrupted() {
    for (fault, signals, concurrency) in [
        (r#"{"kind":"http","http":429,"retry_after_seconds":30,"operation":"sms_send"}"#, &["INT"][..], "8"),
        (r#"{"kind":"http","http":429,"body":"text","operation":"sms_send"}"#, &["TERM"], "8"),
        (r#"{"kind":"http","http":429,"body":"json","operation":"sms_send"}"#, &["INT"], "1"),
        // The second signal ends it at once, while the row waits.
        (r#"{"kind":"http","http":429,"retry_after_seconds":30,"operation":"sms_send"}"#, &["INT", "TERM"], "1"),
    ] {
        let stage = numbers(20);
        stage.fail(fault);
        let mut sending = run(&stage, &[&SEND[..], &["--concurrency", concurrency]].concat());
        until_limited(&mut sending);
        for signal in signals {
            sending.signal(signal);
        }
        let (output, _) = sending.end();
        assert_eq!(came_to(&output), (130, [0, 0, 0]), "{fault}");
        assert!(stage.emulator.sms().is_empty());
        for file in ["list.failures.csv", "list.unknown.csv"] {
            assert!(!stage.folder.path().join(file).exists(), "{fault}: {file}");
        }

        stage.fail("{}");
        let (output, _) = run(&stage, &SEND).end();
        assert_eq!(came_to(&output), (0, [20, 0, 0]), "{fault}: {}", stderr(&output));
        assert!(received(&stage).values().all(|times| *times == 1));
    }
}

#[test]
fn one_sms_is_repeated_as_well() {
    let stage = Stage::new();
    stage.fail(r#"{"kind":"http","http":429,"retry_after_seconds":1,"operation":"sms_send","times":2}"#);
    let output = stage.kandy().args(["sms", "send", "--user", "russ", "+12245556666", "Hello"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!((stage.emulator.sms().len(), requests(&stage, "sms_send")), (1, 3));
}
