//! When rows begin. A test sets the clock of the wall by an offset of its zone, as POSIX writes it in `TZ`.

use std::{
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use super::send;
use crate::fixture::{
    Fixture,
    running_command::RunningCommand,
    sms_list::{SendResult, SmsListExt, rows},
    stderr,
};

const DAY: i64 = 24 * 60 * 60;

fn list(count: usize) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("to,text\n{}", rows(0..count, &[])));
    fixture
}

/// Returns a zone in which it is now this second of the day.
fn zone(second: i64) -> String {
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    // POSIX counts west of Greenwich, and allows up to a day.
    let west = (now - second).rem_euclid(DAY);
    format!("XXX{}:{:02}:{:02}", west / 3600, west / 60 % 60, west % 60)
}

fn at(hour: i64, minute: i64, second: i64) -> i64 {
    (hour * 60 + minute) * 60 + second
}

/// Begins to send a list; stderr goes to a file, so that a test can read it meanwhile.
fn begin(fixture: &Fixture, second: i64, options: &str) -> RunningCommand {
    let mut command = fixture.program("sh");
    let line = format!("exec kandy sms send --user russ --json --to-file list.csv {options} 2> err.txt");
    command.args(["-c", &line]).env("TZ", zone(second));
    RunningCommand::start(command)
}

fn said(fixture: &Fixture, what: &str) -> bool {
    fixture.has("err.txt") && fixture.read("err.txt").contains(what)
}

#[test]
fn run_waits_for_the_window_and_is_interrupted() {
    for (second, window, until) in [
        (at(7, 0, 0), "--not-before 09:00 --not-after 18:00", "09:00:00"),
        (at(19, 0, 0), "--not-before 9:00 --not-after 18:00", "09:00:00"),
        (at(12, 0, 0), "--not-before 22:00 --not-after 06:00", "22:00:00"),
        (at(18, 0, 0), "--not-after 18:00", "00:00:00"),
    ] {
        let fixture = list(3);
        let mut waiting = begin(&fixture, second, window);
        waiting.wait_until("it says until when", || said(&fixture, &format!(" {until} ")));
        assert!(said(&fixture, "kandy: waiting until 20"), "{}", fixture.read("err.txt"));
        waiting.signal("INT");
        let (output, _) = waiting.end();
        assert_eq!(output.status.code(), Some(130), "{}", fixture.read("err.txt"));
        assert!(said(&fixture, "interrupted; no rows are processed yet"), "{}", fixture.read("err.txt"));
        assert!(!said(&fixture, "waiting for the calls in progress"), "there are none");
        assert_eq!(fixture.request_count("sms_send"), 0);
        // Within the window it sends at once.
        let sent = fixture.sent("list.csv", &[]);
        assert_eq!(sent.counts(), [3, 0, 0], "{sent:?}");
    }
}

#[test]
fn run_begins_when_the_window_opens() {
    let fixture = list(5);
    let mut waiting = begin(&fixture, at(8, 59, 58), "--not-before 09:00 --not-after 18:00");
    waiting.wait_until("it waits", || said(&fixture, "09:00:00"));
    assert_eq!(fixture.request_count("sms_send"), 0);
    let (output, _) = waiting.end();
    let sent = SendResult::of(&output);
    assert_eq!((sent.code, sent.counts()), (0, [5, 0, 0]), "{sent:?}");
    fixture.assert_sent_once(0..5);
}

/// All rows were checked before the wait: those that are read after it must be the same.
#[test]
fn list_that_is_edited_during_the_wait_is_not_sent() {
    for (edited, counts) in [("to,text\n+12249999999,Other\n", None), ("", None), ("+", Some([300, 0, 0]))] {
        let fixture = list(300);
        let mut waiting = begin(&fixture, at(8, 59, 57), "--not-before 09:00");
        waiting.wait_until("it waits", || said(&fixture, "09:00:00"));
        match edited {
            "+" => fixture.write("list.csv", &format!("{}{}", fixture.read("list.csv"), rows(300..301, &[]))),
            edited => fixture.write("list.csv", edited),
        }
        let sent = SendResult::of(&waiting.end().0);
        match counts {
            Some(counts) => assert_eq!((sent.code, sent.counts()), (0, counts), "{sent:?}"),
            None => {
                assert_eq!((sent.code, sent.counts()), (1, [0, 0, 0]), "{sent:?}");
                assert!(said(&fixture, "list.csv was changed while the run waited; no further row was sent"));
                assert_eq!(fixture.request_count("sms_send"), 0);
            }
        }
    }
}

/// The window closes while rows wait for their turn under the rate; the next run keeps to it, too.
#[test]
fn no_row_begins_after_the_window() {
    let fixture = list(500);
    let window = "--not-before 09:00 --not-after 18:00 --rate 20/s";
    let mut sending = begin(&fixture, at(17, 59, 57), window);
    sending.wait_until("some are sent", || fixture.request_count("sms_send") > 0);
    sending.wait_until("the window is closed", || said(&fixture, " 09:00:00 "));
    sending.wait_until("the last one is done", || fixture.emulator.sms().len() == fixture.request_count("sms_send"));
    let count = fixture.emulator.sms().len();
    // Three seconds at 20 per second.
    assert!((1..=70).contains(&count), "{count}");
    sending.signal("INT");
    assert_eq!(sending.end().0.status.code(), Some(130), "{}", fixture.read("err.txt"));
    assert_eq!(fixture.emulator.sms().len(), count);

    let mut resumed = begin(&fixture, at(18, 0, 10), window);
    resumed.wait_until("it waits", || said(&fixture, " 09:00:00 "));
    resumed.signal("KILL");
    resumed.end();
    assert_eq!(fixture.emulator.sms().len(), count);
    // Neither the interrupt nor the kill leaves a row unknown.
    let sent = fixture.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (0, [500, 0, 0]), "{sent:?}");
    fixture.assert_sent_once(0..500);
}

/// Rows that the service refused for its rate are sent again within the window only, and a kill in the night leaves
/// none of them unknown.
#[test]
fn delayed_rows_wait_for_the_window() {
    let fixture = list(4);
    fixture.fail(r#"{"kind":"http","http":429,"retry_after_seconds":3,"operation":"sms_send"}"#);
    let mut sending = begin(&fixture, at(17, 59, 56), "--not-before 09:00 --not-after 18:00");
    sending.wait_until("the window is closed", || said(&fixture, " 09:00:00 "));
    assert!(said(&fixture, "HTTP 429"), "{}", fixture.read("err.txt"));
    let count = fixture.request_count("sms_send");
    assert!(count > 0 && fixture.emulator.sms().is_empty(), "{count}");
    let released = || fixture.read("list.csv.kandy-sms").lines().filter(|line| line.starts_with("r ")).count() >= 4;
    sending.wait_until("the journal announces none of them", released);
    sending.signal("KILL");
    sending.end();
    fixture.fail("{}");
    let sent = fixture.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (0, [4, 0, 0]), "{sent:?}");
}

#[test]
fn start_is_a_date_and_a_time() {
    let fixture = list(2);
    // A time that has passed begins at once: the same command resumes.
    let sent = fixture.sent("list.csv", &["--at", "2020-01-01T09:00:00Z"]);
    assert_eq!((sent.code, sent.counts()), (0, [2, 0, 0]), "{sent:?}");

    let fixture = list(2);
    let mut waiting = begin(&fixture, 0, "--at 2999-12-31T23:30 --time-zone UTC --not-after 23:00");
    waiting.wait_until("it says until when", || said(&fixture, "waiting until 3000-01-01 00:00:00 UTC; Ctrl-C stops"));
    waiting.signal("TERM");
    assert_eq!(waiting.end().0.status.code(), Some(130));
    assert_eq!(fixture.request_count("sms_send"), 0);
}

/// A list that is done does not wait for the next day.
#[test]
fn finished_list_does_not_wait() {
    let fixture = list(2);
    assert_eq!(fixture.sent("list.csv", &[]).counts(), [2, 0, 0]);
    let (output, _) = begin(&fixture, at(7, 0, 0), "--not-before 09:00 --not-after 18:00").end();
    assert_eq!(SendResult::of(&output).counts(), [2, 0, 0], "{}", fixture.read("err.txt"));
    assert!(!said(&fixture, "waiting"), "{}", fixture.read("err.txt"));
}

#[test]
fn impossible_times_are_refused() {
    let fixture = list(1);
    for (options, reason) in [
        (&["--not-before", "9"][..], "it is not a time such as 09:00"),
        (&["--not-after", "24:00"], "it is not a time such as 09:00"),
        (
            &["--not-before", "09:00", "--not-after", "09:00", "--time-zone", "UTC"],
            "are both 09:00, so no row may ever begin",
        ),
        (&["--not-before", "09:00", "--not-before", "10:00"], "cannot be used multiple times"),
        (&["--not-before", "09:00", "--time-zone", "Nowhere/City"], "this machine knows no time zone of that name"),
        (&["--time-zone", "UTC"], "--time-zone requires --not-before, --not-after or --at"),
        (&["--at", "soon", "--time-zone", "UTC"], "is not a date and a time"),
    ] {
        send(&fixture, &[&["list.csv"], options].concat()).assert_rejected(reason);
    }
    let one = |options: &[&str]| {
        let mut command: Command = fixture.kandy();
        command.args(["sms", "send", "+12245556666", "Hello"]).args(options).output().unwrap()
    };
    for options in [
        &["--not-before", "09:00"][..],
        &["--not-after", "09:00"],
        &["--at", "2026-11-28T09:00"],
        &["--time-zone", "UTC"],
        &["--template"],
        &["--no-template"],
        &["--allow-duplicates"],
    ] {
        let output = one(options);
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        assert!(stderr(&output).contains("bulk options require --to-file"), "{options:?}: {}", stderr(&output));
    }
    assert!(fixture.emulator.sms().is_empty());
}
