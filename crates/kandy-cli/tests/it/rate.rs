//! `--rate`: rows begin at the given rate, and a row that waits for its turn is not under way.

#![cfg(unix)]

use std::time::{Duration, Instant};

use crate::fixture::{
    Fixture,
    running_command::RunningCommand,
    sms_list::{SendResult, SmsListExt, rows},
    stderr,
};

const HEAD: &str = "to,text\n";

/// Returns a fixture with a list of this many numbers; those of `bad` are refused without a call.
fn list(count: usize, bad: &[usize]) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..count, bad)));
    fixture
}

fn send(fixture: &Fixture, options: &[&str]) -> RunningCommand {
    let mut command = fixture.kandy();
    command.args(["sms", "send", "--user", "russ", "--json", "--to-file", "list.csv"]).args(options);
    RunningCommand::start(command)
}

#[test]
fn rows_are_sent_at_the_rate() {
    let fixture = list(30, &[]);
    let begin = Instant::now();
    let sent = SendResult::of(&send(&fixture, &["--rate", "50/s", "--concurrency", "30"]).end().0);
    assert_eq!((sent.code, sent.counts()), (0, [30, 0, 0]), "{sent:?}");
    // 29 intervals of 20 ms. How much longer it takes depends on the machine.
    assert!(begin.elapsed() >= Duration::from_millis(580), "{:?}", begin.elapsed());
    fixture.assert_sent_once(0..30);
}

#[test]
fn user_import_has_a_rate_too() {
    let fixture = Fixture::empty();
    let users: String = (0..10).map(|number| format!("user{number},US\n")).collect();
    fixture.write("users.csv", &format!("user_id,user_country_code\n{users}"));
    let begin = Instant::now();
    let output = fixture.kandy().args(["user", "import", "users.csv", "--rate", "1200/min"]).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(begin.elapsed() >= Duration::from_millis(450), "{:?}", begin.elapsed());
    assert_eq!(fixture.emulator.state().users, 10);
}

/// A row waits for a turn before it is checked, and leaves the turn to the next one if it is rejected.
#[test]
fn rows_that_are_rejected_without_a_call_take_no_turn() {
    let bad: Vec<_> = (0..20).filter(|number| *number != 19).collect();
    let fixture = list(20, &bad);
    let sent = SendResult::of(&send(&fixture, &["--rate", "1/h"]).end().0);
    assert_eq!(sent.counts(), [1, 19, 0], "{sent:?}");
    fixture.assert_sent_once([19]);
}

/// Neither a signal nor a kill makes a row unknown that only waits for its turn.
#[test]
fn interrupt_releases_rows_that_wait_for_the_rate() {
    for signal in ["INT", "KILL"] {
        let fixture = list(6, &[]);
        let mut sending = send(&fixture, &["--rate", "1/h", "--concurrency", "4"]);
        // The journal is written before the call, and its outcome after that.
        sending.wait_until("the first is sent", || fixture.emulator.sms().len() == 1);
        sending.wait_until("its outcome is recorded", || {
            fixture.files().iter().any(|name| name.ends_with(".kandy-sms") && fixture.read(name).contains('0'))
        });
        sending.signal(signal);
        let ended = sending.end().0;
        if signal == "INT" {
            let sent = SendResult::of(&ended);
            assert_eq!((sent.code, sent.counts()), (130, [1, 0, 0]), "{sent:?}");
        }
        // The rate is no part of what identifies the run.
        let sent = fixture.sent("list.csv", &["--rate", "1000/s"]);
        let [done, failed, unknown] = sent.counts();
        // A kill may come between the response and its record: of the first row, but of no other.
        let most = u64::from(signal == "KILL");
        assert!(failed == 0 && unknown <= most && done + unknown == 6, "{signal}: {sent:?}");
        assert_eq!(fixture.emulator.sms().len(), 6, "{signal}");
        assert!(fixture.received().values().all(|times| *times == 1), "{signal}");
    }
}

#[test]
fn a_rate_goes_together_with_the_limit_of_the_service() {
    let fixture = list(30, &[]);
    fixture.fail(r#"{"kind":"rate_limit","per_second":15,"operation":"sms_send"}"#);
    let sent = SendResult::of(&send(&fixture, &["--rate", "200/s"]).end().0);
    assert_eq!((sent.code, sent.counts()), (0, [30, 0, 0]), "{sent:?}");
    fixture.assert_sent_once(0..30);
}

#[test]
fn refuses_what_is_no_rate() {
    let fixture = list(1, &[]);
    for (rate, reason) in [
        ("0/s", "a rate of 0/s is not possible"),
        ("2000000/s", "a rate of 2000000/s is not possible"),
        ("-1/s", "it is not a rate such as 10/s"),
        ("10", "it is not a rate such as 10/s"),
        ("NaN/s", "it is not a rate such as 10/s"),
        ("1e9/s", "it is not a rate such as 10/s"),
        ("10/day", "it is not a rate such as 10/s"),
        ("", "it is not a rate such as 10/s"),
    ] {
        let (output, _) = send(&fixture, &[&format!("--rate={rate}")]).end();
        assert_eq!(output.status.code(), Some(2), "{rate}");
        assert!(stderr(&output).contains(reason), "{rate}: {}", stderr(&output));
    }
    let output = fixture.kandy().args(["sms", "send", "+12245556666", "Hello", "--rate", "1/s"]).output().unwrap();
    assert!(stderr(&output).contains("bulk options require --to-file"), "{}", stderr(&output));
    assert!(fixture.emulator.sms().is_empty());
}
