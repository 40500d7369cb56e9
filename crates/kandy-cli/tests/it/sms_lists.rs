//! `kandy sms send --to-file`: no number receives an SMS twice, whatever happens.

use std::{collections::BTreeSet, fmt::Write, fs, time::Duration};

use crate::fixture::{
    Fixture, exit_code_and_summary,
    running_command::RunningCommand,
    sms_list::{SmsListExt, phone},
    stderr,
};
use kandy_emulator::InjectedFault;

/// Returns a fixture with a list of numbers.
fn fixture(count: usize) -> Fixture {
    let fixture = Fixture::new();
    let mut list = String::from("to,text\n");
    for number in 0..count {
        writeln!(list, "{},\"Hello,\nno. {number}\"", phone(number)).unwrap();
    }
    fs::write(fixture.folder.path().join("list.csv"), list).unwrap();
    fixture
}

fn send(fixture: &Fixture, file: &str, options: &[&str]) -> RunningCommand {
    let mut command = fixture.kandy();
    command.args(["sms", "send", "--user", "russ", "--json", "--to-file", file]).args(options);
    RunningCommand::start(command)
}

/// Returns the numbers in a file of rows.
fn numbers(fixture: &Fixture, file: &str) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path(fixture.folder.path().join(file)).unwrap();
    reader.records().map(|row| row.unwrap()[0].to_owned()).collect()
}

#[test]
fn kill_sends_nothing_twice() {
    const ALL: usize = 300;
    let fixture = fixture(ALL);
    let slow = fixture.emulator.inject(InjectedFault::latency(Duration::from_millis(20)).on("sms_send"));
    let mut sending = send(&fixture, "list.csv", &[]);
    sending.wait_until("a part is sent", || fixture.emulator.sms().len() >= ALL / 3);
    sending.signal("KILL");
    sending.end();
    fixture.emulator.remove_fault(slow);

    let (output, _) = send(&fixture, "list.csv", &[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 5, "{}", stderr(&output));
    let unknown = numbers(&fixture, "list.unknown.csv");
    assert!((1..=8).contains(&unknown.len()), "{unknown:?}");
    assert_eq!(summary["unknown"], unknown.len());
    assert_eq!(summary["sent"], ALL - unknown.len());
    let got = fixture.received();
    assert!(got.values().all(|times| *times == 1), "{got:?}");
    for number in (0..ALL).map(phone) {
        assert!(got.contains_key(&number) || unknown.contains(&number), "{number}");
    }

    // Running the same command again sends nothing and reports the same.
    let (output, _) = send(&fixture, "list.csv", &[]).end();
    assert_eq!(exit_code_and_summary(&output).0, 5);
    assert_eq!(fixture.received(), got);
    // A user can decide to send the unknown rows.
    let (output, _) = send(&fixture, "list.unknown.csv", &[]).end();
    assert_eq!(exit_code_and_summary(&output).0, 0, "{}", stderr(&output));
    assert_eq!(fixture.received().len(), ALL);
}

#[test]
fn unanswered_rows_are_listed_and_not_resent() {
    let fixture = fixture(50);
    fixture.emulator.inject(InjectedFault::close_after_reading().on("sms_send").nth(3));
    fixture.emulator.inject(InjectedFault::http(500).on("sms_send").nth(7));
    fixture.emulator.inject(InjectedFault::status(16).on("sms_send").nth(9));
    let (output, _) = send(&fixture, "list.csv", &["--concurrency", "1"]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 5, "{}", stderr(&output));
    assert_eq!([&summary["sent"], &summary["failed"], &summary["unknown"]], [47, 1, 2]);
    assert_eq!(numbers(&fixture, "list.unknown.csv"), BTreeSet::from([phone(2), phone(6)]));
    assert_eq!(numbers(&fixture, "list.failures.csv"), BTreeSet::from([phone(8)]));
    assert!(stderr(&output).contains("list.unknown.csv"), "{}", stderr(&output));
    assert!(fixture.received().values().all(|times| *times == 1));

    // --restart is rejected while there are unknown rows. A rejected run changes nothing.
    let journal = fs::read(fixture.folder.path().join("list.csv.kandy-sms")).unwrap();
    let refused = |options: &[&str]| {
        let (output, _) = send(&fixture, "list.csv", options).end();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("list.unknown.csv has rows of an earlier run"), "{}", stderr(&output));
    };
    refused(&["--restart"]);
    assert_eq!(fs::read(fixture.folder.path().join("list.csv.kandy-sms")).unwrap(), journal);
    fs::remove_file(fixture.folder.path().join("list.csv.kandy-sms")).unwrap();
    refused(&[]);
    refused(&[]);
    assert_eq!(numbers(&fixture, "list.unknown.csv"), BTreeSet::from([phone(2), phone(6)]));
    assert_eq!(fixture.emulator.sms().len(), 48);
}

#[test]
fn paths_must_differ() {
    let fixture = fixture(2);
    let list = fs::read(fixture.folder.path().join("list.csv")).unwrap();
    for options in [
        ["--failures", "./list.csv"],
        ["--failures", "list.unknown.csv"],
        ["--failures", "./list.csv.kandy-sms"],
        ["--journal", "list.failures.csv"],
        ["--journal", "./list.unknown.csv"],
    ] {
        let (output, _) = send(&fixture, "list.csv", &options).end();
        assert_eq!(output.status.code(), Some(2), "{options:?}: {}", stderr(&output));
    }
    assert_eq!(fs::read(fixture.folder.path().join("list.csv")).unwrap(), list);
    assert_eq!(fixture.emulator.sms().len(), 0);
}

/// Closing stdout does not stop the run.
#[cfg(unix)]
#[test]
fn closed_stdout_does_not_stop_the_run() {
    let fixture = fixture(40);
    fixture.emulator.inject(InjectedFault::status(16).on("sms_send").nth(39));
    let line = "kandy sms send --to-file list.csv --user russ --quiet --concurrency 1 --failures pipe; echo $? >&2";
    let output = fixture.program("sh").args(["-c", &format!("mkfifo pipe; ({line}) | head -n 1")]).output().unwrap();
    assert_eq!(stderr(&output).lines().last(), Some("8"), "{}", stderr(&output));
    assert_eq!(fixture.emulator.sms().len(), 39);
    assert!(
        !fs::metadata(fixture.folder.path().join("pipe")).unwrap().is_file(),
        "what is no file is not replaced by one"
    );
}

#[test]
fn second_ctrl_c_leaves_calls_unknown() {
    let fixture = fixture(20);
    fixture.emulator.inject(InjectedFault::stall().on("sms_send").nth(20));
    let mut sending = send(&fixture, "list.csv", &[]);
    let asked = || fixture.emulator.requests().iter().filter(|request| request.operation == Some("sms_send")).count();
    // Wait for the journal: on a busy machine the signals could come before the last response is read.
    let recorded = || fixture.read("list.csv.kandy-sms").lines().filter(|line| line.starts_with("c ")).count();
    sending.wait_until("all others are recorded", || asked() == 20 && recorded() == 19);
    assert_eq!(fixture.emulator.sms().len(), 19);
    sending.signal("INT");
    sending.signal("TERM");
    let (output, _) = sending.end();
    let (_, summary) = exit_code_and_summary(&output);
    assert_eq!([&summary["sent"], &summary["unknown"]], [19, 1]);
    // No row was left to start, so the exit code reports the unknown rows.
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert_eq!(numbers(&fixture, "list.unknown.csv").len(), 1);
}

#[test]
fn unresponsive_service_stops_the_run() {
    let fixture = fixture(100);
    fixture.emulator.inject(InjectedFault::http(502).on("sms_send"));
    let (output, _) = send(&fixture, "list.csv", &["--concurrency", "2"]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 5, "{}", stderr(&output));
    assert!(summary["unknown"].as_u64().unwrap() <= 14, "{summary}");

    fixture.emulator.clear_faults();
    let (output, _) = send(&fixture, "list.csv", &[]).end();
    let (_, after) = exit_code_and_summary(&output);
    assert_eq!(after["unknown"], summary["unknown"]);
    assert_eq!(fixture.received().len() as u64, 100 - summary["unknown"].as_u64().unwrap());
}

#[test]
fn rejected_connections_are_retried_later() {
    let fixture = fixture(100);
    let broke = fixture.emulator.inject(InjectedFault::status(13).on("sms_send").every(40));
    let (output, _) = send(&fixture, "list.csv", &[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!(code, 3, "{}", stderr(&output));
    assert_eq!([&summary["failed"], &summary["unknown"]], [0, 0], "there is no money left, which is no row's fault");

    fixture.emulator.remove_fault(broke);
    let (output, _) = send(&fixture, "list.csv", &[]).end();
    let (code, summary) = exit_code_and_summary(&output);
    assert_eq!((code, summary["sent"].as_u64()), (0, Some(100)), "{}", stderr(&output));
    assert!(fixture.received().values().all(|times| *times == 1));
    assert_eq!(fixture.received().len(), 100);
}
