//! A killed run leaves rows that were begun. The run that resumes it may stop before it reads them: their journal has to
//! stay, because without it the next run sends those rows again.

#![cfg(unix)]

mod support;

use std::{
    fs,
    io::Write,
    process::{ChildStdin, Stdio},
    time::Duration,
};

use kandy_emulator::InjectedFault;

use support::{
    Stage,
    process::Running,
    sms_list::{Sent, SmsLists, phone, rows},
};

const HEAD: &str = "to,text\n";
const JOURNAL: &str = "stdin.journal";
const UNKNOWN: &str = "stdin.unknown.csv";

/// Starts to send rows from stdin, which stays open.
fn piped(stage: &Stage, options: &[&str]) -> (Running, ChildStdin) {
    let mut command = stage.kandy();
    command.args(["sms", "send", "--user", "russ", "--json", "--to-file", "-", "--format", "csv"]);
    command.args(["--journal", JOURNAL]).args(options);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut running = Running { child, most_memory: 0 };
    let stdin = running.child.stdin.take().unwrap();
    (running, stdin)
}

/// Sends all rows from stdin to the end.
fn sent(stage: &Stage, rows: &str, options: &[&str]) -> Sent {
    let (running, mut stdin) = piped(stage, options);
    // A command that stops early does not read all of it.
    drop(stdin.write_all(rows.as_bytes()));
    drop(stdin);
    Sent::of(&running.end().0)
}

/// The device of russ.
fn device(stage: &Stage) -> String {
    let output = stage.kandy().args(["device", "list", "--user", "russ", "--quiet"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The next SMS is sent, and its response never comes.
fn stalled() -> InjectedFault {
    InjectedFault::stall().applied(true).on("sms_send")
}

/// Rows 0 to 2 from stdin, of which row 0 was sent when the run was killed.
fn killed_at_the_first_row() -> (Stage, String) {
    let stage = Stage::new();
    let list = format!("{HEAD}{}", rows(0..3, &[]));
    let stall = stage.emulator.inject(stalled());
    let (mut sending, mut stdin) = piped(&stage, &["--concurrency", "1"]);
    stdin.write_all(list.as_bytes()).unwrap();
    sending.until("row 0 is sent", || stage.emulator.sms().len() == 1);
    sending.signal("KILL");
    sending.end();
    stage.emulator.remove_fault(stall);
    assert!(stage.read(JOURNAL).ends_with("b 0\n"), "{}", stage.read(JOURNAL));
    (stage, list)
}

/// Rows 0 to 3 from stdin: the run was killed when row 0 had been released and row 1 was sent, without a response.
///
/// Row 0 is refused for the rate of requests, late enough that row 1 does not wait for that, too. When the run is
/// interrupted, row 0 is released at once, and row 1 has some seconds left for its response.
fn killed_behind_a_released_row() -> (Stage, String) {
    let stage = Stage::new();
    let late = InjectedFault::http(429).retry_after(Duration::from_secs(60)).with_latency(Duration::from_millis(500));
    let limit = stage.emulator.inject(late.on("sms_send").times(1));
    let (mut sending, mut stdin) = piped(&stage, &["--concurrency", "2"]);
    stdin.write_all(format!("{HEAD}{}", rows(0..1, &[])).as_bytes()).unwrap();
    sending.until("row 0 is under way", || stage.asked("sms_send") == 1);
    let stall = stage.emulator.inject(stalled());
    stdin.write_all(rows(1..2, &[]).as_bytes()).unwrap();
    sending.until("row 1 is sent", || stage.emulator.sms().len() == 1);
    sending.signal("INT");
    sending.until("row 0 is released", || stage.read(JOURNAL).contains("r 0\n"));
    sending.signal("KILL");
    sending.end();
    for failure in [limit, stall] {
        stage.emulator.remove_fault(failure);
    }
    assert!(stage.read(JOURNAL).ends_with("b 0\nb 1\nr 0\n"), "it was killed too late: {}", stage.read(JOURNAL));
    (stage, format!("{HEAD}{}", rows(0..4, &[])))
}

/// What a run that took no row of its own leaves: the journal still has the row that was begun.
#[track_caller]
fn keeps_the_row_in_doubt(stage: &Stage, stopped: &Sent, code: i32, row: usize) {
    assert_eq!(stopped.code, code, "{stopped:?}");
    assert!(stage.files().contains(JOURNAL), "the journal is gone: {stopped:?}");
    assert!(stage.read(JOURNAL).contains(&format!("b {row}\n")), "{}", stage.read(JOURNAL));
    assert!(!stage.files().contains(UNKNOWN), "{:?}", stage.files());
    // A row may have been sent.
    assert!(!stopped.said.contains("no rows are processed yet"), "{stopped:?}");
}

/// The next run lists the row that was begun, sends all others once, and a run after that sends nothing.
#[track_caller]
fn goes_on(stage: &Stage, list: &str, row: usize, all: usize) {
    for _ in 0..2 {
        let rest = sent(stage, list, &[]);
        assert_eq!((rest.code, rest.counts()), (5, [all as u64 - 1, 0, 1]), "{rest:?}");
        let unknown = stage.read(UNKNOWN);
        assert!(unknown.lines().count() == 2 && unknown.contains(&phone(row)), "{unknown}");
        stage.got_once(0..all);
    }
}

#[test]
fn a_signal_before_the_first_row_keeps_the_row_in_doubt() {
    for signal in ["INT", "TERM"] {
        let (stage, list) = killed_at_the_first_row();
        let length = || fs::metadata(stage.folder.path().join(JOURNAL)).unwrap().len();
        let before = length();
        let (mut resuming, mut stdin) = piped(&stage, &[]);
        stdin.write_all(HEAD.as_bytes()).unwrap();
        // It catches signals before it adds the names of its files to the journal.
        resuming.until("it waits for rows", || length() > before);
        resuming.signal(signal);
        let stopped = Sent::of(&resuming.end().0);
        drop(stdin);
        assert_eq!(stopped.counts(), [0, 0, 0], "{signal}: {stopped:?}");
        keeps_the_row_in_doubt(&stage, &stopped, 130, 0);
        stopped.says("interrupted; run the same command again to resume");
        goes_on(&stage, &list, 0, 3);
    }
}

/// Of stdin, what cannot be read is found when it comes.
#[test]
fn an_unreadable_first_row_keeps_the_row_in_doubt() {
    let (stage, list) = killed_at_the_first_row();
    let stopped = sent(&stage, &format!("{HEAD}\"{}\"x,Hello\n", phone(0)), &[]);
    stopped.says("no row from there on was processed");
    keeps_the_row_in_doubt(&stage, &stopped, 1, 0);
    goes_on(&stage, &list, 0, 3);
}

/// Every call would fail, so the run stops at the first one, which is before the row in doubt.
#[test]
fn a_refusal_of_the_first_call_keeps_the_row_in_doubt() {
    for (refusal, code) in [
        (InjectedFault::expired_token().on("sms_send"), 7),
        (InjectedFault::http(401).on("user_access_token_get"), 7),
        (InjectedFault::http(500).on("user_access_token_get"), 3),
    ] {
        let (stage, list) = killed_behind_a_released_row();
        let device = device(&stage);
        let refused = stage.emulator.inject(refusal);
        // A named device is not looked up, so the row's own call is the first one.
        let stopped = sent(&stage, &list, &["--concurrency", "1", "--device", &device]);
        stage.emulator.remove_fault(refused);
        assert_eq!(stopped.counts(), [0, 0, 0], "{stopped:?}");
        keeps_the_row_in_doubt(&stage, &stopped, code, 1);
        goes_on(&stage, &list, 1, 4);
    }
}

#[test]
fn an_unusable_credential_keeps_the_row_in_doubt() {
    let (mut stage, list) = killed_behind_a_released_row();
    let device = device(&stage);
    let right = std::mem::replace(&mut stage.domain.1, "DAS0".into());
    let stopped = sent(&stage, &list, &["--concurrency", "1", "--device", &device]);
    assert_eq!(stopped.counts(), [0, 0, 0], "{stopped:?}");
    keeps_the_row_in_doubt(&stage, &stopped, 7, 1);
    stage.domain.1 = right;
    goes_on(&stage, &list, 1, 4);
}

/// The same for a list in a file, which stops before its rows are read: the device of the user is not known.
#[test]
fn a_list_in_a_file_keeps_its_row_in_doubt() {
    for (refusal, code) in
        [(InjectedFault::http(401).on("user_access_token_get"), 7), (InjectedFault::http(503).on("device_list"), 3)]
    {
        let stage = Stage::new();
        stage.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[])));
        let stall = stage.emulator.inject(stalled());
        let mut sending = stage.send("list.csv", &["--concurrency", "1"]);
        sending.until("row 0 is sent", || stage.emulator.sms().len() == 1);
        sending.signal("KILL");
        sending.end();
        stage.emulator.remove_fault(stall);
        let journal = stage.read("list.csv.kandy-sms");
        let refused = stage.emulator.inject(refusal);
        let stopped = stage.sent("list.csv", &[]);
        stage.emulator.remove_fault(refused);
        assert_eq!((stopped.code, stage.read("list.csv.kandy-sms")), (code, journal), "{stopped:?}");
        let rest = stage.sent("list.csv", &[]);
        assert_eq!((rest.code, rest.counts()), (5, [2, 0, 1]), "{rest:?}");
        assert!(stage.read("list.unknown.csv").contains(&phone(0)));
        stage.got_once(0..3);
    }
}
