//! A killed run leaves announced rows without outcome. If the next run stops before it reads them, their journal must
//! be kept, or the run after that would send them again.

#![cfg(unix)]

use std::{
    fs,
    io::Write,
    process::{ChildStdin, Stdio},
    time::Duration,
};

use kandy_emulator::InjectedFault;

use crate::fixture::{
    Fixture,
    running_command::RunningCommand,
    sms_list::{SendResult, SmsListExt, phone, rows},
};

const HEAD: &str = "to,text\n";
const JOURNAL: &str = "stdin.journal";
const UNKNOWN: &str = "stdin.unknown.csv";

/// Starts to send rows from stdin, which stays open.
fn piped(fixture: &Fixture, options: &[&str]) -> (RunningCommand, ChildStdin) {
    let mut command = fixture.kandy();
    command.args(["sms", "send", "--user", "russ", "--json", "--to-file", "-", "--format", "csv"]);
    command.args(["--journal", JOURNAL]).args(options);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut running = RunningCommand { child, most_memory: 0 };
    let stdin = running.child.stdin.take().unwrap();
    (running, stdin)
}

/// Sends all rows from stdin.
fn sent(fixture: &Fixture, rows: &str, options: &[&str]) -> SendResult {
    let (running, mut stdin) = piped(fixture, options);
    // A command that stops early closes stdin.
    drop(stdin.write_all(rows.as_bytes()));
    drop(stdin);
    SendResult::of(&running.end().0)
}

/// Returns the device of russ.
fn device(fixture: &Fixture) -> String {
    let output = fixture.kandy().args(["device", "list", "--user", "russ", "--quiet"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A fault: the next SMS is sent, and its response never arrives.
fn stalled() -> InjectedFault {
    InjectedFault::stall().applied(true).on("sms_send")
}

/// Sends rows 0 to 2 from stdin and kills the run after row 0 was sent.
fn killed_at_the_first_row() -> (Fixture, String) {
    let fixture = Fixture::new();
    let list = format!("{HEAD}{}", rows(0..3, &[]));
    let stall = fixture.emulator.inject(stalled());
    let (mut sending, mut stdin) = piped(&fixture, &["--concurrency", "1"]);
    stdin.write_all(list.as_bytes()).unwrap();
    sending.wait_until("row 0 is sent", || fixture.emulator.sms().len() == 1);
    sending.signal("KILL");
    sending.end();
    fixture.emulator.remove_fault(stall);
    assert!(fixture.read(JOURNAL).ends_with("b 0\n"), "{}", fixture.read(JOURNAL));
    (fixture, list)
}

/// Sends rows 0 to 3 from stdin and kills the run after row 0 was released and row 1 was sent without a response.
///
/// Row 0 is rejected for the rate limit, late enough that row 1 does not wait for it. On an interrupt, row 0 is
/// released at once, and row 1 has a few seconds left for its response.
fn killed_behind_a_released_row() -> (Fixture, String) {
    let fixture = Fixture::new();
    let late = InjectedFault::http(429).retry_after(Duration::from_secs(60)).with_latency(Duration::from_millis(500));
    let limit = fixture.emulator.inject(late.on("sms_send").times(1));
    let (mut sending, mut stdin) = piped(&fixture, &["--concurrency", "2"]);
    stdin.write_all(format!("{HEAD}{}", rows(0..1, &[])).as_bytes()).unwrap();
    sending.wait_until("row 0 is under way", || fixture.request_count("sms_send") == 1);
    let stall = fixture.emulator.inject(stalled());
    stdin.write_all(rows(1..2, &[]).as_bytes()).unwrap();
    sending.wait_until("row 1 is sent", || fixture.emulator.sms().len() == 1);
    sending.signal("INT");
    sending.wait_until("row 0 is released", || fixture.read(JOURNAL).contains("r 0\n"));
    sending.signal("KILL");
    sending.end();
    for failure in [limit, stall] {
        fixture.emulator.remove_fault(failure);
    }
    assert!(fixture.read(JOURNAL).ends_with("b 0\nb 1\nr 0\n"), "it was killed too late: {}", fixture.read(JOURNAL));
    (fixture, format!("{HEAD}{}", rows(0..4, &[])))
}

/// Checks that a run that started no row kept the announced row in the journal.
#[track_caller]
fn assert_announced_row_is_kept(fixture: &Fixture, stopped: &SendResult, code: i32, row: usize) {
    assert_eq!(stopped.code, code, "{stopped:?}");
    assert!(fixture.files().contains(JOURNAL), "the journal is gone: {stopped:?}");
    assert!(fixture.read(JOURNAL).contains(&format!("b {row}\n")), "{}", fixture.read(JOURNAL));
    assert!(!fixture.files().contains(UNKNOWN), "{:?}", fixture.files());
    // A row may have been sent.
    assert!(!stopped.stderr.contains("no rows are processed yet"), "{stopped:?}");
}

/// Checks that the next run lists the announced row and sends all others once, and that the run after it sends nothing.
#[track_caller]
fn assert_rest_is_sent_once(fixture: &Fixture, list: &str, row: usize, all: usize) {
    for _ in 0..2 {
        let rest = sent(fixture, list, &[]);
        assert_eq!((rest.code, rest.counts()), (5, [all as u64 - 1, 0, 1]), "{rest:?}");
        let unknown = fixture.read(UNKNOWN);
        assert!(unknown.lines().count() == 2 && unknown.contains(&phone(row)), "{unknown}");
        fixture.assert_sent_once(0..all);
    }
}

#[test]
fn early_signal_keeps_the_row_unknown() {
    for signal in ["INT", "TERM"] {
        let (fixture, list) = killed_at_the_first_row();
        let length = || fs::metadata(fixture.folder.path().join(JOURNAL)).unwrap().len();
        let before = length();
        let (mut resuming, mut stdin) = piped(&fixture, &[]);
        stdin.write_all(HEAD.as_bytes()).unwrap();
        // Signals are caught before the journal records the file names.
        resuming.wait_until("it waits for rows", || length() > before);
        resuming.signal(signal);
        let stopped = SendResult::of(&resuming.end().0);
        drop(stdin);
        assert_eq!(stopped.counts(), [0, 0, 0], "{signal}: {stopped:?}");
        assert_announced_row_is_kept(&fixture, &stopped, 130, 0);
        stopped.assert_stderr("interrupted; run the same command again to resume");
        assert_rest_is_sent_once(&fixture, &list, 0, 3);
    }
}

/// An error in stdin is found when it is read.
#[test]
fn unreadable_row_keeps_the_row_unknown() {
    let (fixture, list) = killed_at_the_first_row();
    let stopped = sent(&fixture, &format!("{HEAD}\"{}\"x,Hello\n", phone(0)), &[]);
    stopped.assert_stderr("no row from there on was processed");
    assert_announced_row_is_kept(&fixture, &stopped, 1, 0);
    assert_rest_is_sent_once(&fixture, &list, 0, 3);
}

/// Every call would fail, so the run stops at the first, which is before the unknown row.
#[test]
fn rejected_call_keeps_the_row_unknown() {
    for (refusal, code) in [
        (InjectedFault::expired_token().on("sms_send"), 7),
        (InjectedFault::expired_token().with_http(200).on("sms_send"), 7),
        (InjectedFault::http(401).on("user_access_token_get"), 7),
        (InjectedFault::http(500).on("user_access_token_get"), 3),
    ] {
        let (fixture, list) = killed_behind_a_released_row();
        let device = device(&fixture);
        let refused = fixture.emulator.inject(refusal);
        // With --device no lookup precedes the call of the row.
        let stopped = sent(&fixture, &list, &["--concurrency", "1", "--device", &device]);
        fixture.emulator.remove_fault(refused);
        assert_eq!(stopped.counts(), [0, 0, 0], "{stopped:?}");
        assert_announced_row_is_kept(&fixture, &stopped, code, 1);
        assert_rest_is_sent_once(&fixture, &list, 1, 4);
    }
}

#[test]
fn bad_credential_keeps_the_row_unknown() {
    let (mut fixture, list) = killed_behind_a_released_row();
    let device = device(&fixture);
    let right = std::mem::replace(&mut fixture.domain.1, "DAS0".into());
    let stopped = sent(&fixture, &list, &["--concurrency", "1", "--device", &device]);
    assert_eq!(stopped.counts(), [0, 0, 0], "{stopped:?}");
    assert_announced_row_is_kept(&fixture, &stopped, 7, 1);
    fixture.domain.1 = right;
    assert_rest_is_sent_once(&fixture, &list, 1, 4);
}

/// The same for a list in a file; the run stops before it reads rows, because the device cannot be looked up.
#[test]
fn file_input_keeps_the_row_unknown() {
    for (refusal, code) in
        [(InjectedFault::http(401).on("user_access_token_get"), 7), (InjectedFault::http(503).on("device_list"), 3)]
    {
        let fixture = Fixture::new();
        fixture.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[])));
        let stall = fixture.emulator.inject(stalled());
        let mut sending = fixture.send("list.csv", &["--concurrency", "1"]);
        sending.wait_until("row 0 is sent", || fixture.emulator.sms().len() == 1);
        sending.signal("KILL");
        sending.end();
        fixture.emulator.remove_fault(stall);
        let journal = fixture.read("list.csv.kandy-sms");
        let refused = fixture.emulator.inject(refusal);
        let stopped = fixture.sent("list.csv", &[]);
        fixture.emulator.remove_fault(refused);
        assert_eq!((stopped.code, fixture.read("list.csv.kandy-sms")), (code, journal), "{stopped:?}");
        let rest = fixture.sent("list.csv", &[]);
        assert_eq!((rest.code, rest.counts()), (5, [2, 0, 1]), "{rest:?}");
        assert!(fixture.read("list.unknown.csv").contains(&phone(0)));
        fixture.assert_sent_once(0..3);
    }
}
