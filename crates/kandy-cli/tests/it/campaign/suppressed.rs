//! `--suppress`: numbers that get no SMS.

use super::{json, send, send_stdin, texts};
use crate::fixture::{
    Fixture,
    sms_list::{SmsListExt, phone, rows},
    stderr,
};

fn list(count: usize) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("to,text\n{}", rows(0..count, &[])));
    fixture
}

#[test]
fn suppressed_numbers_are_left_out_and_counted() {
    let fixture = list(6);
    fixture.write("opt-outs.txt", &format!("{}\n\n1 224 000 0003\n", phone(1)));
    fixture.write("more.csv", &format!("name,to\nAnn,{}\n", phone(5)));
    let options = ["list.csv", "--suppress", "opt-outs.txt", "--suppress", "more.csv"];
    let sent = send(&fixture, &options);
    assert_eq!((sent.code, sent.counts(), &json(&sent)["suppressed"]), (0, [3, 0, 0], &3.into()), "{sent:?}");
    sent.assert_stderr("3 SMS sent, 3 suppressed\n");
    fixture.assert_sent_once([0, 2, 4]);
    // A resume sends none of them, even if the option is forgotten: the row is done.
    let sent = send(&fixture, &["list.csv"]);
    assert_eq!((sent.code, sent.counts(), &json(&sent)["suppressed"]), (0, [3, 0, 0], &3.into()), "{sent:?}");
    fixture.assert_sent_once([0, 2, 4]);
}

#[test]
fn number_that_is_added_between_runs_is_left_out_of_the_rest() {
    let fixture = list(40);
    fixture.write("opt-outs.txt", &format!("{}\n", phone(0)));
    let options = ["--suppress", "opt-outs.txt", "--concurrency", "1"];
    let mut sending = fixture.send("list.csv", &[&options[..], &["--rate", "20/s"]].concat());
    sending.wait_until("some are sent", || fixture.emulator.sms().len() >= 3);
    sending.signal("INT");
    let stopped = sending.end().0;
    assert_eq!(stopped.status.code(), Some(130), "{}", stderr(&stopped));
    fixture.write("opt-outs.txt", &format!("{}\n{}\n", phone(0), phone(39)));
    let sent = fixture.sent("list.csv", &options);
    assert_eq!((sent.code, sent.counts()), (0, [38, 0, 0]), "{sent:?}");
    fixture.assert_sent_once(1..39);
}

#[test]
fn stream_has_suppressed_numbers() {
    let fixture = list(0);
    fixture.write("opt-outs.txt", &phone(1));
    let list = format!("to,text\n{}", rows(0..3, &[]));
    let sent = send_stdin(&fixture, &list, "--suppress opt-outs.txt");
    assert_eq!((sent.code, sent.counts(), &json(&sent)["suppressed"]), (0, [2, 0, 0], &1.into()), "{sent:?}");
    // What is suppressed needs no text, and repeats nothing.
    let list = format!("to,name\n{0},\n{0},\n{1},Ann\n", phone(1), phone(2));
    let sent = send_stdin(&fixture, &list, "'Hi {name}' --suppress opt-outs.txt");
    assert_eq!((sent.code, sent.counts(), &json(&sent)["suppressed"]), (0, [1, 0, 0], &2.into()), "{sent:?}");
}

/// `<(…)` of a shell is a pipe: it is read once.
#[test]
fn file_may_be_a_pipe() {
    let fixture = list(3);
    let line = format!("mkfifo pipe; (echo to; echo {}) > pipe & $SEND list.csv --suppress pipe", phone(1));
    let (output, _) = fixture.shell(&line).end();
    assert!(output.status.success(), "{}", stderr(&output));
    fixture.assert_sent_once([0, 2]);
}

#[test]
fn file_that_cannot_be_read_stops_the_run() {
    let fixture = list(3);
    fixture.write("bad.txt", "+12245550101\nnobody\n");
    fixture.write("empty.txt", "");
    fixture.write("no-column.csv", "phone\n+12245550101\n");
    std::os::unix::fs::symlink("list.csv", fixture.folder.path().join("link.csv")).unwrap();
    for (file, reason) in [
        (
            "bad.txt",
            "--suppress bad.txt, line 2: \"nobody\" cannot be used: the letter 'n' cannot be part of a phone number",
        ),
        ("empty.txt", "--suppress empty.txt: it is empty"),
        ("no-column.csv", "neither a number on each line nor a column destination or to"),
        ("missing.txt", "--suppress missing.txt: No such file"),
        (".", "--suppress .: it is a folder"),
        ("list.csv", "--suppress list.csv: it is the list itself"),
        ("link.csv", "--suppress link.csv: it is the list itself"),
    ] {
        send(&fixture, &["list.csv", "--suppress", file]).assert_rejected(reason);
        send(&fixture, &["list.csv", "--suppress", file, "--dry-run"]).assert_rejected(reason);
    }
    assert!(fixture.emulator.sms().is_empty() && !fixture.has("list.csv.kandy-sms"));
    let output = fixture.kandy().args(["sms", "send", "+12245550101", "Hi", "--suppress", "bad.txt"]).output().unwrap();
    assert!(stderr(&output).contains("bulk options require --to-file"), "{}", stderr(&output));
}

/// A copy of the list leaves nothing, which the summary says.
#[test]
fn everything_may_be_suppressed() {
    let fixture = list(3);
    fixture.write("copy.csv", &fixture.read("list.csv"));
    let sent = send(&fixture, &["list.csv", "--suppress", "copy.csv"]);
    assert_eq!((sent.code, sent.counts()), (0, [0, 0, 0]), "{sent:?}");
    sent.assert_stderr("0 SMS sent, 3 suppressed");
    assert!(texts(&fixture).is_empty());
}
