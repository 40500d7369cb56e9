//! HTTP 401 and 403 without a reason of the service: an SMS is not sent again, and a list stops.

#![cfg(unix)]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    process::Output,
};

use serde_json::Value;

use support::{Stage, process::Running};

/// Refusals that do not say whether the SMS was sent; the first is sent with each.
const IN_DOUBT: [&str; 5] = [
    r#"{"kind":"http","http":403,"applied":true,"operation":"sms_send""#,
    r#"{"kind":"http","http":401,"body":"json","applied":true,"operation":"sms_send""#,
    r#"{"kind":"html_page","http":403,"applied":true,"operation":"sms_send""#,
    r#"{"kind":"latency","latency_ms":0,"http":403,"operation":"sms_send""#,
    r#"{"kind":"truncated_json","http":401,"operation":"sms_send""#,
];

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn send_list(stage: &Stage, options: &[&str]) -> Output {
    let mut command = stage.kandy();
    command.args(["sms", "send", "--user", "russ", "--json", "--to-file", "list.csv"]).args(options);
    Running::start(command).end().0
}

fn phone(number: usize) -> String {
    format!("+1224{number:07}")
}

fn stage(count: usize) -> Stage {
    let stage = Stage::new();
    let mut list = String::from("to,text\n");
    (0..count).for_each(|number| writeln!(list, "{},Hello", phone(number)).unwrap());
    fs::write(stage.folder.path().join("list.csv"), list).unwrap();
    stage
}

fn unknown(stage: &Stage) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path(stage.folder.path().join("list.unknown.csv")).unwrap();
    reader.records().map(|row| row.unwrap()[0].to_owned()).collect()
}

fn received(stage: &Stage) -> BTreeMap<String, usize> {
    let mut received = BTreeMap::new();
    for sms in stage.emulator.sms() {
        *received.entry(sms.destination).or_default() += 1;
    }
    received
}

#[test]
fn one_sms_goes_out_once_and_the_command_says_that_it_may_have() {
    for fault in IN_DOUBT {
        let stage = Stage::new();
        stage.fail(&format!("{fault},\"times\":1}}"));
        let output = stage.kandy().args(["sms", "send", "--user", "russ", "+12245556666", "Hello"]).output().unwrap();
        assert_eq!(output.status.code(), Some(5), "{fault}: {}", stderr(&output));
        assert_eq!(stage.emulator.sms().len(), 1, "{fault}");
        assert!(stderr(&output).contains("check whether the operation was applied"), "{fault}: {}", stderr(&output));
    }
}

#[test]
fn a_list_stops_and_its_row_is_unknown() {
    for fault in IN_DOUBT {
        let stage = stage(30);
        stage.fail(&format!("{fault},\"nth\":4}}"));
        let output = send_list(&stage, &["--concurrency", "1"]);
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
        assert_eq!(output.status.code(), Some(5), "{fault}: {}", stderr(&output));
        assert_eq!([&summary["sent"], &summary["failed"], &summary["unknown"]], [3, 0, 1], "{fault}");
        assert_eq!(unknown(&stage), BTreeSet::from([phone(3)]), "{fault}");
        assert_eq!(stage.emulator.sms().len(), 4, "no further row begins: {fault}");
        let said = stderr(&output);
        assert!(said.contains("list.unknown.csv") && said.contains("run the same command again to resume"), "{said}");

        // The same command goes on with the rest, and leaves the row that is unknown alone.
        let output = send_list(&stage, &[]);
        assert_eq!(output.status.code(), Some(5), "{fault}: {}", stderr(&output));
        let received = received(&stage);
        assert!(received.len() == 30 && received.values().all(|times| *times == 1), "{fault}: {received:?}");
        assert_eq!(unknown(&stage), BTreeSet::from([phone(3)]), "{fault}");
    }
}

#[test]
fn what_is_under_way_when_it_stops_is_settled() {
    let stage = stage(200);
    stage.fail(r#"{"kind":"http","http":403,"applied":true,"operation":"sms_send"}"#);
    let output = send_list(&stage, &["--concurrency", "8"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    let sent = stage.emulator.sms().len();
    assert!((1..=8).contains(&sent), "{sent}");
    assert_eq!(unknown(&stage), received(&stage).into_keys().collect());
}

/// A refusal in the envelope says that nothing was sent: no row is unknown.
#[test]
fn a_refusal_of_the_service_is_not_in_doubt() {
    let stage = stage(30);
    stage.fail(r#"{"kind":"status","status":11,"http":403,"operation":"sms_send"}"#);
    let output = send_list(&stage, &[]);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    assert_eq!([&summary["sent"], &summary["failed"], &summary["unknown"]], [0, 0, 0], "{}", stderr(&output));
    assert!(!stage.folder.path().join("list.unknown.csv").exists());
    stage.fail("{}");
    assert_eq!(send_list(&stage, &[]).status.code(), Some(0));
    assert!(received(&stage).values().all(|times| *times == 1));
}
