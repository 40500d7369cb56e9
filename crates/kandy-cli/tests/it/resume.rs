//! Running a command again on a list: appended to, changed, renamed, or with --restart. No SMS is sent twice unless
//! confirmed.

use std::{fs, process::Stdio};

use kandy_emulator::InjectedFault;

use crate::fixture::{
    Fixture,
    sms_list::{SmsListExt, rows},
};

const HEAD: &str = "to,text\n";

/// Sends a list of three rows.
fn sent(list: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("list.csv", list);
    let sent = fixture.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (0, [3, 0, 0]), "{sent:?}");
    fixture
}

#[test]
fn appended_rows_are_processed() {
    let three = format!("{HEAD}{}", rows(0..3, &[]));
    for (before, after) in [
        (three.clone(), format!("{three}{}", rows(3..5, &[]))),
        // The last line had no line end before.
        (three.trim_end().to_owned(), format!("{three}{}", rows(3..5, &[]))),
        (three.clone(), format!("{three}{}", rows(3..5, &[]).trim_end())),
        (three.replace('\n', "\r\n"), format!("{three}{}", rows(3..5, &[])).replace('\n', "\r\n")),
        (
            three.replace("Hello no. 2", "\"no.\n2\""),
            format!("{three}{}", rows(3..5, &[])).replace("Hello no. 2", "\"no.\n2\""),
        ),
    ] {
        let fixture = sent(&before);
        fixture.write("list.csv", &after);
        let sent = fixture.sent("list.csv", &[]);
        assert_eq!((sent.code, sent.counts()), (0, [5, 0, 0]), "{after:?}: {sent:?}");
        sent.assert_stderr("3 of its rows are already processed, and rows were appended since");
        fixture.assert_sent_once(0..5);
        // The appended rows are recorded.
        assert_eq!(fixture.sent("list.csv", &[]).counts(), [5, 0, 0]);
        fixture.write("list.csv", &format!("{}\n{}", after.trim_end(), rows(5..6, &[])).replace("\r\n", "\n"));
        let last = fixture.sent("list.csv", &[]);
        match after.contains('\r') {
            true => last.assert_rejected("has changed"),
            false => assert_eq!(last.counts(), [6, 0, 0], "{last:?}"),
        }
    }
}

#[test]
fn appended_json_lines_are_processed() {
    let fixture = Fixture::new();
    let line = |number: usize| format!("{{\"to\":\"{}\",\"text\":\"Hello\"}}", crate::fixture::sms_list::phone(number));
    fixture.write("list.jsonl", &line(0));
    assert_eq!(fixture.sent("list.jsonl", &[]).counts(), [1, 0, 0]);
    fixture.write("list.jsonl", &format!("{}\n{}\n", line(0), line(1)));
    assert_eq!(fixture.sent("list.jsonl", &[]).counts(), [2, 0, 0]);
    fixture.write("list.jsonl", &format!("{}\n{}x\n{}\n", line(0), line(1), line(2)));
    fixture.sent("list.jsonl", &[]).assert_rejected("an existing row has changed");
    fixture.assert_sent_once(0..2);
}

#[test]
fn rows_appended_after_an_interrupt_are_sent_once() {
    let fixture = Fixture::new();
    let list = format!("{HEAD}{}", rows(0..10, &[]));
    fixture.write("list.csv", &list);
    let stalled = fixture.emulator.inject(InjectedFault::stall().on("sms_send").nth(5));
    let mut sending = fixture.send("list.csv", &["--concurrency", "1"]);
    sending.wait_until("the fifth is under way", || fixture.request_count("sms_send") == 5);
    // Append while the run sends.
    fixture.write("list.csv", &format!("{list}{}", rows(10..12, &[])));
    sending.signal("INT");
    sending.signal("TERM");
    sending.end();
    fixture.emulator.remove_fault(stalled);
    let sent = fixture.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (5, [11, 0, 1]), "{sent:?}");
    fixture.assert_sent_once((0..12).filter(|number| *number != 4));
}

#[test]
fn changed_list_is_rejected() {
    let three = format!("{HEAD}{}", rows(0..3, &[]));
    for (before, after, why) in [
        (three.clone(), three.replace("no. 1", "no. one"), "an existing row has changed"),
        (three.clone(), three.replace("no. 1", "no. 7"), "an existing row has changed"),
        (three.clone(), format!("{HEAD}{}{}", rows(7..8, &[]), rows(0..3, &[])), "an existing row has changed"),
        (three.clone(), format!("{HEAD}{}", rows(0..2, &[])), "the file is shorter than before"),
        (three.trim_end().to_owned(), format!("{}, friend\n", three.trim_end()), "is longer than before"),
        (three.trim_end().to_owned(), format!("{}0\n{}", three.trim_end(), rows(3..4, &[])), "is longer than before"),
    ] {
        let fixture = sent(&before);
        let journal = fixture.read("list.csv.kandy-sms");
        fixture.write("list.csv", &after);
        let refused = fixture.sent("list.csv", &[]);
        refused.assert_rejected(why);
        refused.assert_stderr("3 of its rows are processed");
        assert!(!refused.stderr.contains("--restart"), "{refused:?}");
        assert_eq!(fixture.read("list.csv.kandy-sms"), journal);
        // The advice works: new rows go into a separate file.
        fixture.write("new.csv", &format!("{HEAD}{}", rows(3..5, &[])));
        assert_eq!(fixture.sent("new.csv", &[]).counts(), [2, 0, 0]);
        fixture.assert_sent_once(0..5);
    }
}

#[test]
fn restart_needs_confirmation() {
    let fixture = sent(&format!("{HEAD}{}", rows(0..3, &[])));
    let journal = fixture.read("list.csv.kandy-sms");
    let refused = fixture.sent("list.csv", &["--restart"]);
    refused.assert_rejected("list.csv has 3 SMS sent already, and all of them would be sent again. Use --yes");
    assert_eq!(fixture.read("list.csv.kandy-sms"), journal);
    fixture.assert_sent_once(0..3);
    // Changing the list or the text does not avoid the confirmation.
    fixture.write("list.csv", &format!("{HEAD}{}", rows(1..3, &[])));
    fixture.sent("list.csv", &["--restart"]).assert_rejected("3 SMS sent already");
    fixture.sent("list.csv", &["Hello again", "--restart"]).assert_rejected("3 SMS sent already");
    fixture.assert_sent_once(0..3);
    assert_eq!(fixture.sent("list.csv", &["--restart", "--yes"]).counts(), [2, 0, 0]);
    assert_eq!(fixture.emulator.sms().len(), 5);
    // If nothing was sent, there is nothing to confirm.
    fixture.write("new.csv", &format!("{HEAD}{}", rows(7..8, &[])));
    assert_eq!(fixture.sent("new.csv", &["--restart"]).counts(), [1, 0, 0]);
}

/// Unknown rows count as sent.
#[test]
fn restart_with_unknown_rows_needs_confirmation() {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..1, &[])));
    fixture.emulator.inject(InjectedFault::close_after_reading().on("sms_send").times(1));
    assert_eq!(fixture.sent("list.csv", &[]).counts(), [0, 0, 1]);
    fs::remove_file(fixture.folder.path().join("list.unknown.csv")).unwrap();
    fixture.sent("list.csv", &["--restart"]).assert_rejected("0 SMS sent already, and 1 may have been");
}

/// On a terminal the command asks, and accepts only `yes`.
#[cfg(target_os = "linux")]
#[test]
fn restart_asks_on_a_terminal() {
    use std::io::{Read, Write};

    for (answer, times) in [("yes", 2), ("y", 1), ("", 1), ("no", 1)] {
        let fixture = sent(&format!("{HEAD}{}", rows(0..3, &[])));
        let command = "kandy sms send --user russ --to-file list.csv --restart";
        let mut script = fixture.program("script");
        script.args(["-qec", command, "/dev/null"]).env("TERM", "xterm");
        // `script` may not be installed.
        let Ok(mut terminal) = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else { return };
        let (mut typed, mut shown) = (terminal.stdin.take().unwrap(), terminal.stdout.take().unwrap());
        let (mut text, mut piece) = (String::new(), [0; 1000]);
        while !text.contains("3 SMS sent already. Type yes to have all of them sent again: ") {
            let count = shown.read(&mut piece).unwrap();
            assert!(count > 0, "it ended before it asked: {text:?}");
            text.push_str(&String::from_utf8_lossy(&piece[..count]));
        }
        writeln!(typed, "{answer}").unwrap();
        shown.read_to_string(&mut text).unwrap();
        terminal.wait().unwrap();
        assert!(fixture.received().values().all(|got| *got == times), "{answer:?}: {text:?}");
    }
}

/// A list has one journal, whichever path leads to it.
#[cfg(unix)]
#[test]
fn other_path_to_the_list_resumes() {
    use std::os::unix::fs::symlink;

    let fixture = Fixture::new();
    let folder = fixture.folder.path();
    for name in ["lists", "x"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    fixture.write("lists/list.csv", &format!("{HEAD}{}", rows(0..3, &[2])));
    symlink("lists/list.csv", folder.join("link.csv")).unwrap();
    symlink("../link.csv", folder.join("x/link to a link.csv")).unwrap();
    symlink("lists", folder.join("linked folder")).unwrap();
    let absolute = folder.join("lists/list.csv");
    let files =
        ["link.csv", "lists/list.csv", "./x/../lists/list.csv", "x/link to a link.csv", "linked folder/list.csv"];
    for file in files.into_iter().chain([absolute.to_str().unwrap()]) {
        let sent = fixture.sent(file, &[]);
        assert_eq!((sent.code, sent.counts()), (8, [2, 1, 0]), "{file}: {sent:?}");
        sent.assert_stderr("Correct lists/list.failures.csv");
        fixture.assert_sent_once(0..2);
    }
    let line = "cd x && exec $SEND ../lists/list.csv";
    assert_eq!(crate::fixture::sms_list::SendResult::of(&fixture.shell(line).end().0).counts(), [2, 1, 0]);
    fixture.assert_sent_once(0..2);
    assert_eq!(fs::read_dir(folder.join("lists")).unwrap().count(), 3, "the list, its journal and its failures");
    assert_eq!(fs::read_dir(folder.join("x")).unwrap().count(), 1);
}

/// A journal next to a link is that of an earlier version. Ignoring it would send all rows again.
#[cfg(unix)]
#[test]
fn journal_next_to_a_link_is_rejected() {
    let fixture = sent(&format!("{HEAD}{}", rows(0..3, &[])));
    let folder = fixture.folder.path();
    fs::create_dir(folder.join("links")).unwrap();
    std::os::unix::fs::symlink("../list.csv", folder.join("links/today.csv")).unwrap();
    let journal = folder.join("list.csv.kandy-sms");
    fs::rename(&journal, folder.join("links/today.csv.kandy-sms")).unwrap();
    fixture.sent("links/today.csv", &[]).assert_rejected("Move it to list.csv.kandy-sms");
    fixture.assert_sent_once(0..3);
    fs::rename(folder.join("links/today.csv.kandy-sms"), journal).unwrap();
    assert_eq!(fixture.sent("links/today.csv", &[]).counts(), [3, 0, 0]);
    fixture.assert_sent_once(0..3);
}

/// The same rows under another name in the same folder are taken for the same list.
#[test]
fn renamed_list_is_recognized() {
    for how in ["hard link", "copy", "moved", "grown copy", "other journal"] {
        let fixture = sent(&format!("{HEAD}{}", rows(0..3, &[])));
        let path = |name: &str| fixture.folder.path().join(name);
        let (list, other) = (path("list.csv"), path("other.csv"));
        let (mut name, mut options) = ("other.csv", vec![]);
        match how {
            "hard link" => fs::hard_link(&list, &other).unwrap(),
            "copy" => drop(fs::copy(&list, &other).unwrap()),
            "moved" => fs::rename(&list, &other).unwrap(),
            "grown copy" => fs::write(&other, format!("{HEAD}{}", rows(0..5, &[]))).unwrap(),
            _ => (name, options) = ("list.csv", vec!["--journal", "other.journal"]),
        }
        let refused = fixture.sent(name, &options);
        refused.assert_rejected("3 of them are processed. Use --journal list.csv.kandy-sms to resume");
        fixture.sent(name, &[&options[..], &["--restart"]].concat()).assert_rejected("3 SMS sent already");
        fixture.assert_sent_once(0..3);
        // The advice sends only the new rows.
        let sent = fixture.sent(name, &["--journal", "list.csv.kandy-sms"]);
        let all = if how == "grown copy" { 5 } else { 3 };
        assert_eq!((sent.code, sent.counts()), (0, [all as u64, 0, 0]), "{how}: {sent:?}");
        fixture.assert_sent_once(0..all);
    }
    // Another text, or other rows, are another job.
    let fixture = sent(&format!("{HEAD}{}", rows(0..3, &[])));
    fs::copy(fixture.folder.path().join("list.csv"), fixture.folder.path().join("other.csv")).unwrap();
    assert_eq!(fixture.sent("other.csv", &["Good bye"]).counts(), [3, 0, 0]);
    fixture.write("third.csv", &format!("{HEAD}{}", rows(1..4, &[])));
    assert_eq!(fixture.sent("third.csv", &[]).counts(), [3, 0, 0]);
}

/// Rows that an earlier version recorded are not repeated.
#[test]
fn reads_journal_format_1() {
    let fixture = sent(&format!("{HEAD}{}", rows(0..3, &[])));
    let journal = fixture.read("list.csv.kandy-sms");
    let head: Vec<_> = journal.lines().take(3).collect();
    let old = format!(
        "{}\n{}\n{}\nb 0\nb 1\nb 2\nb 3\nc 0\nc 1\nc 2\nf 3 120\n",
        head[0].replace("journal 2", "journal 1"),
        head[1],
        head[2]
    );
    // The journal is of four rows.
    let list = format!("{HEAD}{}", rows(0..4, &[]));
    fixture.write("list.csv", &list);
    assert_eq!(fixture.sent("list.csv", &[]).counts(), [4, 0, 0]);
    let source =
        fixture.read("list.csv.kandy-sms").lines().find_map(|line| line.strip_prefix("s ")).unwrap().to_owned();
    fixture.write("list.csv.kandy-sms", &old.replace(head[1], &format!("source {source}")));
    let theirs = format!("{HEAD}nobody,Hello\n");
    fixture.write("list.failures.csv", &theirs);
    let sent = fixture.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (8, [3, 1, 0]), "{sent:?}");
    sent.assert_stderr("Correct list.failures.csv");
    fixture.write("list.csv", &format!("{list}{}", rows(4..6, &[4])));
    let sent = fixture.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (8, [4, 2, 0]), "{sent:?}");
    sent.assert_stderr("Correct list.failures.csv and list.failures-2.csv");
    assert_eq!(fixture.read("list.failures.csv"), theirs);
    fixture.assert_sent_once([0, 1, 2, 3, 5]);
    let newer = fixture.read("list.csv.kandy-sms").replace("journal 1", "journal 9");
    fixture.write("list.csv.kandy-sms", &newer);
    fixture.sent("list.csv", &[]).assert_rejected("format \"9\", and this version of kandy reads 1 to 2");
}
