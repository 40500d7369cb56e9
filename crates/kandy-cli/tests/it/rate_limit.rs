//! Lists under a rate limit (HTTP 429): a rejected row waits, and is never failed or unknown.

#![cfg(unix)]

use std::{
    fmt::Write,
    fs,
    io::{BufRead, BufReader},
    process::Output,
    thread,
};

use serde_json::Value;

use crate::fixture::{Fixture, running_command::RunningCommand, sms_list::SmsListExt, stderr};

/// Returns a fixture with a list of users.
fn users(count: usize) -> Fixture {
    let fixture = Fixture::empty();
    let mut list = String::from("user_id,user_country_code\n");
    for number in 0..count {
        writeln!(list, "user{number},US").unwrap();
    }
    fs::write(fixture.folder.path().join("users.csv"), list).unwrap();
    fixture
}

/// Returns a fixture with a list of phone numbers.
fn numbers(count: usize) -> Fixture {
    let fixture = Fixture::new();
    let mut list = String::from("to,text\n");
    for number in 0..count {
        writeln!(list, "+1224{number:07},Hello").unwrap();
    }
    fs::write(fixture.folder.path().join("list.csv"), list).unwrap();
    fixture
}

fn run(fixture: &Fixture, arguments: &[&str]) -> RunningCommand {
    let mut command = fixture.kandy();
    command.args(arguments).arg("--json");
    RunningCommand::start(command)
}

const IMPORT: [&str; 3] = ["user", "import", "users.csv"];
const SEND: [&str; 6] = ["sms", "send", "--user", "russ", "--to-file", "list.csv"];

/// Returns the exit code, and the numbers of done, failed and unknown rows.
fn exit_code_and_summary(output: &Output) -> (i32, [u64; 3]) {
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)));
    let count = |name: &str| summary[name].as_u64();
    let done = count("created").or(count("sent")).unwrap();
    (output.status.code().unwrap(), [done, count("failed").unwrap(), count("unknown").unwrap()])
}

/// Returns the number of requests of an operation.
fn requests(fixture: &Fixture, id: &str) -> usize {
    fixture.emulator.requests().iter().filter(|request| request.operation == Some(id)).count()
}

fn two_hundred_users(fault: &str) {
    let fixture = users(200);
    fixture.fail(fault);
    let (output, _) = run(&fixture, &IMPORT).end();
    assert_eq!(exit_code_and_summary(&output), (0, [200, 0, 0]), "{fault}: {}", stderr(&output));
    assert_eq!(fixture.emulator.state().users, 200, "{fault}");
    let armed = &fixture.emulator.faults()[0];
    assert!(armed.hits > 0 && armed.hits < 200, "{fault}: {} of {} refused", armed.hits, armed.matched);
}

#[test]
fn import_obeys_retry_after() {
    two_hundred_users(r#"{"kind":"rate_limit","per_second":20,"retry_after_seconds":1,"operation":"user_create"}"#);
}

#[test]
fn import_backs_off_without_retry_after() {
    two_hundred_users(r#"{"kind":"rate_limit","per_second":20,"operation":"user_create"}"#);
}

#[test]
fn import_backs_off_for_a_text_body() {
    two_hundred_users(r#"{"kind":"rate_limit","per_second":20,"body":"text","operation":"user_create"}"#);
}

#[test]
fn import_backs_off_for_a_limit_on_all_operations() {
    two_hundred_users(r#"{"kind":"rate_limit","per_second":20,"body":"json","retry_after_seconds":1}"#);
}

#[test]
fn sms_are_sent_once() {
    let fixture = numbers(60);
    fixture.fail(r#"{"kind":"rate_limit","per_second":10,"operation":"sms_send"}"#);
    let (output, _) = run(&fixture, &SEND).end();
    assert_eq!(exit_code_and_summary(&output), (0, [60, 0, 0]), "{}", stderr(&output));
    let received = fixture.received();
    assert!(received.len() == 60 && received.values().all(|times| *times == 1), "{received:?}");
}

/// Reads stderr until it reports the rate limit.
fn until_limited(sending: &mut RunningCommand) {
    let mut lines = BufReader::new(sending.child.stderr.take().unwrap()).lines();
    let told = lines.by_ref().find(|line| line.as_ref().unwrap().contains("limits the rate of requests"));
    assert!(told.is_some(), "it ended without saying so");
    // Keep reading, so that the command does not block on a full pipe.
    thread::spawn(move || lines.count());
}

/// A limit on every request is no failure of a row.
#[test]
fn limited_list_waits_until_interrupted() {
    for (fault, signals, concurrency) in [
        (r#"{"kind":"http","http":429,"retry_after_seconds":30,"operation":"sms_send"}"#, &["INT"][..], "8"),
        (r#"{"kind":"http","http":429,"body":"text","operation":"sms_send"}"#, &["TERM"], "8"),
        (r#"{"kind":"http","http":429,"body":"json","operation":"sms_send"}"#, &["INT"], "1"),
        // The second signal exits at once, while the row waits.
        (r#"{"kind":"http","http":429,"retry_after_seconds":30,"operation":"sms_send"}"#, &["INT", "TERM"], "1"),
    ] {
        let fixture = numbers(20);
        fixture.fail(fault);
        let mut sending = run(&fixture, &[&SEND[..], &["--concurrency", concurrency]].concat());
        until_limited(&mut sending);
        for signal in signals {
            sending.signal(signal);
        }
        let (output, _) = sending.end();
        assert_eq!(exit_code_and_summary(&output), (130, [0, 0, 0]), "{fault}");
        assert!(fixture.emulator.sms().is_empty());
        for file in ["list.failures.csv", "list.unknown.csv"] {
            assert!(!fixture.folder.path().join(file).exists(), "{fault}: {file}");
        }

        fixture.fail("{}");
        let (output, _) = run(&fixture, &SEND).end();
        assert_eq!(exit_code_and_summary(&output), (0, [20, 0, 0]), "{fault}: {}", stderr(&output));
        assert!(fixture.received().values().all(|times| *times == 1));
    }
}

#[test]
fn single_sms_is_retried() {
    let fixture = Fixture::new();
    fixture.fail(r#"{"kind":"http","http":429,"retry_after_seconds":1,"operation":"sms_send","times":2}"#);
    let output = fixture.kandy().args(["sms", "send", "--user", "russ", "+12245556666", "Hello"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!((fixture.emulator.sms().len(), requests(&fixture, "sms_send")), (1, 3));
}
