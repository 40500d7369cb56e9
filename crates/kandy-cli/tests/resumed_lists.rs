//! Lists that are given again: grown, changed, under another name, or to begin anew. Nobody gets an SMS twice unless that
//! was asked for twice.

mod support;

use std::{fs, process::Stdio};

use kandy_emulator::InjectedFault;

use support::{
    Stage,
    sms_list::{SmsLists, rows},
};

const HEAD: &str = "to,text\n";

/// A list of which three were sent.
fn sent(list: &str) -> Stage {
    let stage = Stage::new();
    stage.write("list.csv", list);
    let sent = stage.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (0, [3, 0, 0]), "{sent:?}");
    stage
}

#[test]
fn a_list_that_has_grown_goes_on_with_its_new_rows() {
    let three = format!("{HEAD}{}", rows(0..3, &[]));
    for (before, after) in [
        (three.clone(), format!("{three}{}", rows(3..5, &[]))),
        // The last line had no end before.
        (three.trim_end().to_owned(), format!("{three}{}", rows(3..5, &[]))),
        (three.clone(), format!("{three}{}", rows(3..5, &[]).trim_end())),
        (three.replace('\n', "\r\n"), format!("{three}{}", rows(3..5, &[])).replace('\n', "\r\n")),
        (
            three.replace("Hello no. 2", "\"no.\n2\""),
            format!("{three}{}", rows(3..5, &[])).replace("Hello no. 2", "\"no.\n2\""),
        ),
    ] {
        let stage = sent(&before);
        stage.write("list.csv", &after);
        let sent = stage.sent("list.csv", &[]);
        assert_eq!((sent.code, sent.counts()), (0, [5, 0, 0]), "{after:?}: {sent:?}");
        sent.says("3 of its rows are already processed, and rows were appended since");
        stage.got_once(0..5);
        // It has grown for good.
        assert_eq!(stage.sent("list.csv", &[]).counts(), [5, 0, 0]);
        stage.write("list.csv", &format!("{}\n{}", after.trim_end(), rows(5..6, &[])).replace("\r\n", "\n"));
        let last = stage.sent("list.csv", &[]);
        match after.contains('\r') {
            true => last.refused("has changed"),
            false => assert_eq!(last.counts(), [6, 0, 0], "{last:?}"),
        }
    }
}

#[test]
fn a_list_of_objects_grows_too() {
    let stage = Stage::new();
    let line = |number: usize| format!("{{\"to\":\"{}\",\"text\":\"Hello\"}}", support::sms_list::phone(number));
    stage.write("list.jsonl", &line(0));
    assert_eq!(stage.sent("list.jsonl", &[]).counts(), [1, 0, 0]);
    stage.write("list.jsonl", &format!("{}\n{}\n", line(0), line(1)));
    assert_eq!(stage.sent("list.jsonl", &[]).counts(), [2, 0, 0]);
    stage.write("list.jsonl", &format!("{}\n{}x\n{}\n", line(0), line(1), line(2)));
    stage.sent("list.jsonl", &[]).refused("an existing row has changed");
    stage.got_once(0..2);
}

#[test]
fn rows_that_are_added_to_an_interrupted_list_are_sent_once() {
    let stage = Stage::new();
    let list = format!("{HEAD}{}", rows(0..10, &[]));
    stage.write("list.csv", &list);
    let stalled = stage.emulator.inject(InjectedFault::stall().on("sms_send").nth(5));
    let mut sending = stage.send("list.csv", &["--concurrency", "1"]);
    sending.until("the fifth is under way", || stage.asked("sms_send") == 5);
    // It is added to while it is sent.
    stage.write("list.csv", &format!("{list}{}", rows(10..12, &[])));
    sending.signal("INT");
    sending.signal("TERM");
    sending.end();
    stage.emulator.remove_fault(stalled);
    let sent = stage.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (5, [11, 0, 1]), "{sent:?}");
    stage.got_once((0..12).filter(|number| *number != 4));
}

#[test]
fn a_list_that_was_changed_is_refused_with_advice_that_sends_nothing_twice() {
    let three = format!("{HEAD}{}", rows(0..3, &[]));
    for (before, after, why) in [
        (three.clone(), three.replace("no. 1", "no. one"), "an existing row has changed"),
        (three.clone(), three.replace("no. 1", "no. 7"), "an existing row has changed"),
        (three.clone(), format!("{HEAD}{}{}", rows(7..8, &[]), rows(0..3, &[])), "an existing row has changed"),
        (three.clone(), format!("{HEAD}{}", rows(0..2, &[])), "the file is shorter than before"),
        (three.trim_end().to_owned(), format!("{}, friend\n", three.trim_end()), "is longer than before"),
        (three.trim_end().to_owned(), format!("{}0\n{}", three.trim_end(), rows(3..4, &[])), "is longer than before"),
    ] {
        let stage = sent(&before);
        let journal = stage.read("list.csv.kandy-sms");
        stage.write("list.csv", &after);
        let refused = stage.sent("list.csv", &[]);
        refused.refused(why);
        refused.says("3 of its rows are processed");
        assert!(!refused.said.contains("--restart"), "{refused:?}");
        assert_eq!(stage.read("list.csv.kandy-sms"), journal);
        // The advice: what is new goes into a file of its own.
        stage.write("new.csv", &format!("{HEAD}{}", rows(3..5, &[])));
        assert_eq!(stage.sent("new.csv", &[]).counts(), [2, 0, 0]);
        stage.got_once(0..5);
    }
}

#[test]
fn to_begin_anew_is_asked_for_twice() {
    let stage = sent(&format!("{HEAD}{}", rows(0..3, &[])));
    let journal = stage.read("list.csv.kandy-sms");
    let refused = stage.sent("list.csv", &["--restart"]);
    refused.refused("list.csv has 3 SMS sent already, and all of them would be sent again. Use --yes");
    assert_eq!(stage.read("list.csv.kandy-sms"), journal);
    stage.got_once(0..3);
    // Neither does it help to change the list or the text.
    stage.write("list.csv", &format!("{HEAD}{}", rows(1..3, &[])));
    stage.sent("list.csv", &["--restart"]).refused("3 SMS sent already");
    stage.sent("list.csv", &["Hello again", "--restart"]).refused("3 SMS sent already");
    stage.got_once(0..3);
    assert_eq!(stage.sent("list.csv", &["--restart", "--yes"]).counts(), [2, 0, 0]);
    assert_eq!(stage.emulator.sms().len(), 5);
    // There is nothing to ask where nothing was sent.
    stage.write("new.csv", &format!("{HEAD}{}", rows(7..8, &[])));
    assert_eq!(stage.sent("new.csv", &["--restart"]).counts(), [1, 0, 0]);
}

/// What may have been sent counts, too.
#[test]
fn to_begin_anew_is_asked_for_where_nothing_is_known() {
    let stage = Stage::new();
    stage.write("list.csv", &format!("{HEAD}{}", rows(0..1, &[])));
    stage.emulator.inject(InjectedFault::close_after_reading().on("sms_send").times(1));
    assert_eq!(stage.sent("list.csv", &[]).counts(), [0, 0, 1]);
    fs::remove_file(stage.folder.path().join("list.unknown.csv")).unwrap();
    stage.sent("list.csv", &["--restart"]).refused("0 SMS sent already, and 1 may have been");
}

/// On a terminal it is asked, and only `yes` is yes.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_the_answer_is_typed() {
    use std::io::{Read, Write};

    for (answer, times) in [("yes", 2), ("y", 1), ("", 1), ("no", 1)] {
        let stage = sent(&format!("{HEAD}{}", rows(0..3, &[])));
        let command = "kandy sms send --user russ --to-file list.csv --restart";
        let mut script = stage.program("script");
        script.args(["-qec", command, "/dev/null"]).env("TERM", "xterm");
        // There may be no `script` here.
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
        assert!(stage.received().values().all(|got| *got == times), "{answer:?}: {text:?}");
    }
}

/// One list has one journal, whichever path leads to it.
#[cfg(unix)]
#[test]
fn another_path_to_a_list_is_the_same_list() {
    use std::os::unix::fs::symlink;

    let stage = Stage::new();
    let folder = stage.folder.path();
    for name in ["lists", "x"] {
        fs::create_dir(folder.join(name)).unwrap();
    }
    stage.write("lists/list.csv", &format!("{HEAD}{}", rows(0..3, &[2])));
    symlink("lists/list.csv", folder.join("link.csv")).unwrap();
    symlink("../link.csv", folder.join("x/link to a link.csv")).unwrap();
    symlink("lists", folder.join("linked folder")).unwrap();
    let absolute = folder.join("lists/list.csv");
    let files =
        ["link.csv", "lists/list.csv", "./x/../lists/list.csv", "x/link to a link.csv", "linked folder/list.csv"];
    for file in files.into_iter().chain([absolute.to_str().unwrap()]) {
        let sent = stage.sent(file, &[]);
        assert_eq!((sent.code, sent.counts()), (8, [2, 1, 0]), "{file}: {sent:?}");
        sent.says("Correct lists/list.failures.csv");
        stage.got_once(0..2);
    }
    let line = "cd x && exec $SEND ../lists/list.csv";
    assert_eq!(support::sms_list::Sent::of(&stage.shell(line).end().0).counts(), [2, 1, 0]);
    stage.got_once(0..2);
    assert_eq!(fs::read_dir(folder.join("lists")).unwrap().count(), 3, "the list, its journal and its failures");
    assert_eq!(fs::read_dir(folder.join("x")).unwrap().count(), 1);
}

/// A journal beside a link is one of an earlier version. To pass it over would send all again.
#[cfg(unix)]
#[test]
fn a_journal_beside_a_link_is_not_passed_over() {
    let stage = sent(&format!("{HEAD}{}", rows(0..3, &[])));
    let folder = stage.folder.path();
    fs::create_dir(folder.join("links")).unwrap();
    std::os::unix::fs::symlink("../list.csv", folder.join("links/today.csv")).unwrap();
    let journal = folder.join("list.csv.kandy-sms");
    fs::rename(&journal, folder.join("links/today.csv.kandy-sms")).unwrap();
    stage.sent("links/today.csv", &[]).refused("Move it to list.csv.kandy-sms");
    stage.got_once(0..3);
    fs::rename(folder.join("links/today.csv.kandy-sms"), journal).unwrap();
    assert_eq!(stage.sent("links/today.csv", &[]).counts(), [3, 0, 0]);
    stage.got_once(0..3);
}

/// The same rows under another name, in the same folder, are most likely the same list.
#[test]
fn a_list_under_another_name_is_recognised() {
    for how in ["hard link", "copy", "moved", "grown copy", "other journal"] {
        let stage = sent(&format!("{HEAD}{}", rows(0..3, &[])));
        let path = |name: &str| stage.folder.path().join(name);
        let (list, other) = (path("list.csv"), path("other.csv"));
        let (mut name, mut options) = ("other.csv", vec![]);
        match how {
            "hard link" => fs::hard_link(&list, &other).unwrap(),
            "copy" => drop(fs::copy(&list, &other).unwrap()),
            "moved" => fs::rename(&list, &other).unwrap(),
            "grown copy" => fs::write(&other, format!("{HEAD}{}", rows(0..5, &[]))).unwrap(),
            _ => (name, options) = ("list.csv", vec!["--journal", "other.journal"]),
        }
        let refused = stage.sent(name, &options);
        refused.refused("3 of them are processed. Use --journal list.csv.kandy-sms to resume");
        stage.sent(name, &[&options[..], &["--restart"]].concat()).refused("3 SMS sent already");
        stage.got_once(0..3);
        // The advice sends what is new and nothing else.
        let sent = stage.sent(name, &["--journal", "list.csv.kandy-sms"]);
        let all = if how == "grown copy" { 5 } else { 3 };
        assert_eq!((sent.code, sent.counts()), (0, [all as u64, 0, 0]), "{how}: {sent:?}");
        stage.got_once(0..all);
    }
    // Another text is another matter, and so are other rows.
    let stage = sent(&format!("{HEAD}{}", rows(0..3, &[])));
    fs::copy(stage.folder.path().join("list.csv"), stage.folder.path().join("other.csv")).unwrap();
    assert_eq!(stage.sent("other.csv", &["Good bye"]).counts(), [3, 0, 0]);
    stage.write("third.csv", &format!("{HEAD}{}", rows(1..4, &[])));
    assert_eq!(stage.sent("third.csv", &[]).counts(), [3, 0, 0]);
}

/// What a version before has written down is not done again.
#[test]
fn a_journal_of_format_1_is_read() {
    let stage = sent(&format!("{HEAD}{}", rows(0..3, &[])));
    let journal = stage.read("list.csv.kandy-sms");
    let head: Vec<_> = journal.lines().take(3).collect();
    let old = format!(
        "{}\n{}\n{}\nb 0\nb 1\nb 2\nb 3\nc 0\nc 1\nc 2\nf 3 120\n",
        head[0].replace("journal 2", "journal 1"),
        head[1],
        head[2]
    );
    // There were four rows then.
    let list = format!("{HEAD}{}", rows(0..4, &[]));
    stage.write("list.csv", &list);
    assert_eq!(stage.sent("list.csv", &[]).counts(), [4, 0, 0]);
    let source = stage.read("list.csv.kandy-sms").lines().find_map(|line| line.strip_prefix("s ")).unwrap().to_owned();
    stage.write("list.csv.kandy-sms", &old.replace(head[1], &format!("source {source}")));
    let theirs = format!("{HEAD}nobody,Hello\n");
    stage.write("list.failures.csv", &theirs);
    let sent = stage.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (8, [3, 1, 0]), "{sent:?}");
    sent.says("Correct list.failures.csv");
    stage.write("list.csv", &format!("{list}{}", rows(4..6, &[4])));
    let sent = stage.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (8, [4, 2, 0]), "{sent:?}");
    sent.says("Correct list.failures.csv and list.failures-2.csv");
    assert_eq!(stage.read("list.failures.csv"), theirs);
    stage.got_once([0, 1, 2, 3, 5]);
    let newer = stage.read("list.csv.kandy-sms").replace("journal 1", "journal 9");
    stage.write("list.csv.kandy-sms", &newer);
    stage.sent("list.csv", &[]).refused("format \"9\", and this version of kandy reads 1 to 2");
}
