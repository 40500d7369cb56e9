//! HTTP 401 and 403 without a status of the service: an SMS is not repeated, and a list stops.

#![cfg(unix)]

use std::{collections::BTreeSet, fmt::Write, fs, process::Output};

use serde_json::Value;

use crate::fixture::{
    Fixture,
    running_command::RunningCommand,
    sms_list::{SmsListExt, phone},
    stderr,
};

/// Responses that do not tell whether the SMS was sent; each is used for the first SMS.
const IN_DOUBT: [&str; 5] = [
    r#"{"kind":"http","http":403,"applied":true,"operation":"sms_send""#,
    r#"{"kind":"http","http":401,"body":"json","applied":true,"operation":"sms_send""#,
    r#"{"kind":"html_page","http":403,"applied":true,"operation":"sms_send""#,
    r#"{"kind":"latency","latency_ms":0,"http":403,"operation":"sms_send""#,
    r#"{"kind":"truncated_json","http":401,"operation":"sms_send""#,
];

fn send_list(fixture: &Fixture, options: &[&str]) -> Output {
    let mut command = fixture.kandy();
    command.args(["sms", "send", "--user", "russ", "--json", "--to-file", "list.csv"]).args(options);
    RunningCommand::start(command).end().0
}

fn fixture(count: usize) -> Fixture {
    let fixture = Fixture::new();
    let mut list = String::from("to,text\n");
    (0..count).for_each(|number| writeln!(list, "{},Hello", phone(number)).unwrap());
    fs::write(fixture.folder.path().join("list.csv"), list).unwrap();
    fixture
}

fn unknown(fixture: &Fixture) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path(fixture.folder.path().join("list.unknown.csv")).unwrap();
    reader.records().map(|row| row.unwrap()[0].to_owned()).collect()
}

#[test]
fn single_sms_is_sent_once_and_reported_unknown() {
    for fault in IN_DOUBT {
        let fixture = Fixture::new();
        fixture.fail(&format!("{fault},\"times\":1}}"));
        let output = fixture.kandy().args(["sms", "send", "--user", "russ", "+12245556666", "Hello"]).output().unwrap();
        assert_eq!(output.status.code(), Some(5), "{fault}: {}", stderr(&output));
        assert_eq!(fixture.emulator.sms().len(), 1, "{fault}");
        assert!(stderr(&output).contains("check whether the operation was applied"), "{fault}: {}", stderr(&output));
    }
}

#[test]
fn list_stops_with_an_unknown_row() {
    for fault in IN_DOUBT {
        let fixture = fixture(30);
        fixture.fail(&format!("{fault},\"nth\":4}}"));
        let output = send_list(&fixture, &["--concurrency", "1"]);
        let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
        assert_eq!(output.status.code(), Some(5), "{fault}: {}", stderr(&output));
        assert_eq!([&summary["sent"], &summary["failed"], &summary["unknown"]], [3, 0, 1], "{fault}");
        assert_eq!(unknown(&fixture), BTreeSet::from([phone(3)]), "{fault}");
        assert_eq!(fixture.emulator.sms().len(), 4, "no further row begins: {fault}");
        let said = stderr(&output);
        assert!(said.contains("list.unknown.csv") && said.contains("run the same command again to resume"), "{said}");

        // The same command processes the rest and does not repeat the unknown row.
        let output = send_list(&fixture, &[]);
        assert_eq!(output.status.code(), Some(5), "{fault}: {}", stderr(&output));
        let received = fixture.received();
        assert!(received.len() == 30 && received.values().all(|times| *times == 1), "{fault}: {received:?}");
        assert_eq!(unknown(&fixture), BTreeSet::from([phone(3)]), "{fault}");
    }
}

#[test]
fn calls_in_flight_are_recorded_at_a_stop() {
    let fixture = fixture(200);
    fixture.fail(r#"{"kind":"http","http":403,"applied":true,"operation":"sms_send"}"#);
    let output = send_list(&fixture, &["--concurrency", "8"]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    let sent = fixture.emulator.sms().len();
    assert!((1..=8).contains(&sent), "{sent}");
    assert_eq!(unknown(&fixture), fixture.received().into_keys().collect());
}

/// A rejection in the envelope proves that nothing was sent: no row is unknown.
#[test]
fn rejection_with_a_reason_is_not_unknown() {
    let fixture = fixture(30);
    fixture.fail(r#"{"kind":"status","status":11,"http":403,"operation":"sms_send"}"#);
    let output = send_list(&fixture, &[]);
    let summary: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(&output)));
    assert_eq!([&summary["sent"], &summary["failed"], &summary["unknown"]], [0, 0, 0], "{}", stderr(&output));
    assert!(!fixture.folder.path().join("list.unknown.csv").exists());
    fixture.fail("{}");
    assert_eq!(send_list(&fixture, &[]).status.code(), Some(0));
    assert!(fixture.received().values().all(|times| *times == 1));
}
