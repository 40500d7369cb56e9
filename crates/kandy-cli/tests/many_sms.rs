//! Many SMS: whatever happens, nobody gets one twice.

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    process::Output,
    time::Duration,
};

use kandy_emulator::InjectedFault;
use serde_json::Value;

use support::{Stage, process::Running};

/// A stage with a list of so many numbers.
fn stage(count: usize) -> Stage {
    let stage = Stage::new();
    let mut list = String::from("to,text\n");
    for number in 0..count {
        writeln!(list, "{},\"Hello,\nno. {number}\"", phone(number)).unwrap();
    }
    fs::write(stage.folder.path().join("list.csv"), list).unwrap();
    stage
}

fn phone(number: usize) -> String {
    format!("+1224{number:07}")
}

fn send(stage: &Stage, file: &str, options: &[&str]) -> Running {
    let mut command = stage.kandy();
    command.args(["sms", "send", "--user", "russ", "--json", "--to-file", file]).args(options);
    Running::start(command)
}

/// How often each number got an SMS.
fn received(stage: &Stage) -> BTreeMap<String, usize> {
    let mut received = BTreeMap::new();
    for sms in stage.emulator.sms() {
        *received.entry(sms.destination).or_default() += 1;
    }
    received
}

/// The numbers in a file of rows.
fn numbers(stage: &Stage, file: &str) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path(stage.folder.path().join(file)).unwrap();
    reader.records().map(|row| row.unwrap()[0].to_owned()).collect()
}

fn came_to(output: &Output) -> (i32, Value) {
    let summary = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)));
    (output.status.code().unwrap(), summary)
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn after_a_kill_no_number_gets_it_twice() {
    const ALL: usize = 300;
    let stage = stage(ALL);
    let slow = stage.emulator.inject(InjectedFault::latency(Duration::from_millis(20)).on("sms_send"));
    let mut sending = send(&stage, "list.csv", &[]);
    sending.until("a part is sent", || stage.emulator.sms().len() >= ALL / 3);
    sending.signal("KILL");
    sending.end();
    stage.emulator.remove_fault(slow);

    let (output, _) = send(&stage, "list.csv", &[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 5, "{}", stderr(&output));
    let unknown = numbers(&stage, "list.unknown.csv");
    assert!((1..=8).contains(&unknown.len()), "{unknown:?}");
    assert_eq!(summary["unknown"], unknown.len());
    assert_eq!(summary["sent"], ALL - unknown.len());
    let got = received(&stage);
    assert!(got.values().all(|times| *times == 1), "{got:?}");
    for number in (0..ALL).map(phone) {
        assert!(got.contains_key(&number) || unknown.contains(&number), "{number}");
    }

    // The same again sends nothing, and says the same.
    let (output, _) = send(&stage, "list.csv", &[]).end();
    assert_eq!(came_to(&output).0, 5);
    assert_eq!(received(&stage), got);
    // Whoever wants it can have those sent that are unknown.
    let (output, _) = send(&stage, "list.unknown.csv", &[]).end();
    assert_eq!(came_to(&output).0, 0, "{}", stderr(&output));
    assert_eq!(received(&stage).len(), ALL);
}

#[test]
fn what_gets_no_answer_is_listed_and_not_sent_again() {
    let stage = stage(50);
    stage.emulator.inject(InjectedFault::close_after_reading().on("sms_send").nth(3));
    stage.emulator.inject(InjectedFault::http(500).on("sms_send").nth(7));
    stage.emulator.inject(InjectedFault::status(16).on("sms_send").nth(9));
    let (output, _) = send(&stage, "list.csv", &["--concurrency", "1"]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 5, "{}", stderr(&output));
    assert_eq!([&summary["sent"], &summary["failed"], &summary["unknown"]], [47, 1, 2]);
    assert_eq!(numbers(&stage, "list.unknown.csv"), BTreeSet::from([phone(2), phone(6)]));
    assert_eq!(numbers(&stage, "list.failures.csv"), BTreeSet::from([phone(8)]));
    assert!(stderr(&output).contains("list.unknown.csv"), "{}", stderr(&output));
    assert!(received(&stage).values().all(|times| *times == 1));

    // To begin anew there must be nothing unknown that nobody saw to. What is refused changes nothing, however often.
    let journal = fs::read(stage.folder.path().join("list.csv.kandy-sms")).unwrap();
    let refused = |options: &[&str]| {
        let (output, _) = send(&stage, "list.csv", options).end();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("list.unknown.csv has rows of an earlier run"), "{}", stderr(&output));
    };
    refused(&["--restart"]);
    assert_eq!(fs::read(stage.folder.path().join("list.csv.kandy-sms")).unwrap(), journal);
    fs::remove_file(stage.folder.path().join("list.csv.kandy-sms")).unwrap();
    refused(&[]);
    refused(&[]);
    assert_eq!(numbers(&stage, "list.unknown.csv"), BTreeSet::from([phone(2), phone(6)]));
    assert_eq!(stage.emulator.sms().len(), 48);
}

#[test]
fn no_file_is_two_things() {
    let stage = stage(2);
    let list = fs::read(stage.folder.path().join("list.csv")).unwrap();
    for options in [
        ["--failures", "./list.csv"],
        ["--failures", "list.unknown.csv"],
        ["--failures", "./list.csv.kandy-sms"],
        ["--journal", "list.failures.csv"],
        ["--journal", "./list.unknown.csv"],
    ] {
        let (output, _) = send(&stage, "list.csv", &options).end();
        assert_eq!(output.status.code(), Some(2), "{options:?}: {}", stderr(&output));
    }
    assert_eq!(fs::read(stage.folder.path().join("list.csv")).unwrap(), list);
    assert_eq!(stage.emulator.sms().len(), 0);
}

/// Whoever does not read the numbers to their end has them sent all the same.
#[cfg(unix)]
#[test]
fn it_goes_on_when_nobody_listens() {
    let stage = stage(40);
    stage.emulator.inject(InjectedFault::status(16).on("sms_send").nth(39));
    let line = "kandy sms send --to-file list.csv --user russ --quiet --concurrency 1 --failures pipe; echo $? >&2";
    let output = stage.program("sh").args(["-c", &format!("mkfifo pipe; ({line}) | head -n 1")]).output().unwrap();
    assert_eq!(stderr(&output).lines().last(), Some("8"), "{}", stderr(&output));
    assert_eq!(stage.emulator.sms().len(), 39);
    assert!(
        !fs::metadata(stage.folder.path().join("pipe")).unwrap().is_file(),
        "what is no file is not replaced by one"
    );
}

#[test]
fn ctrl_c_twice_leaves_what_is_under_way_unknown() {
    let stage = stage(20);
    stage.emulator.inject(InjectedFault::stall().on("sms_send").nth(20));
    let mut sending = send(&stage, "list.csv", &[]);
    let asked = || stage.emulator.requests().iter().filter(|request| request.operation == Some("sms_send")).count();
    sending.until("all others are sent", || stage.emulator.sms().len() == 19 && asked() == 20);
    sending.signal("INT");
    sending.signal("TERM");
    let (output, _) = sending.end();
    let (_, summary) = came_to(&output);
    assert_eq!([&summary["sent"], &summary["unknown"]], [19, 1]);
    // There was nothing left to begin, so what counts is what is unknown.
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    assert_eq!(numbers(&stage, "list.unknown.csv").len(), 1);
}

#[test]
fn a_service_that_answers_nothing_stops_it() {
    let stage = stage(100);
    stage.emulator.inject(InjectedFault::http(502).on("sms_send"));
    let (output, _) = send(&stage, "list.csv", &["--concurrency", "2"]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 5, "{}", stderr(&output));
    assert!(summary["unknown"].as_u64().unwrap() <= 14, "{summary}");

    stage.emulator.clear_faults();
    let (output, _) = send(&stage, "list.csv", &[]).end();
    let (_, after) = came_to(&output);
    assert_eq!(after["unknown"], summary["unknown"]);
    assert_eq!(received(&stage).len() as u64, 100 - summary["unknown"].as_u64().unwrap());
}

#[test]
fn what_surely_was_not_sent_is_sent_later() {
    let stage = stage(100);
    let broke = stage.emulator.inject(InjectedFault::status(13).on("sms_send").every(40));
    let (output, _) = send(&stage, "list.csv", &[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!(code, 3, "{}", stderr(&output));
    assert_eq!([&summary["failed"], &summary["unknown"]], [0, 0], "there is no money left, which is no row's fault");

    stage.emulator.remove_fault(broke);
    let (output, _) = send(&stage, "list.csv", &[]).end();
    let (code, summary) = came_to(&output);
    assert_eq!((code, summary["sent"].as_u64()), (0, Some(100)), "{}", stderr(&output));
    assert!(received(&stage).values().all(|times| *times == 1));
    assert_eq!(received(&stage).len(), 100);
}
