//! Files for rejected rows: edits by users and other programs are never overwritten.

use std::{collections::BTreeSet, fs, time::Duration};

use kandy_emulator::InjectedFault;

use crate::fixture::{
    Fixture,
    running_command::RunningCommand,
    sms_list::{SendResult, SmsListExt, phone, rows},
};

const HEAD: &str = "to,text\n";

/// A list of twenty rows, interrupted at the tenth. The first and the last two rows fail, so the file has one row.
fn interrupted(options: &[&str]) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..20, &[0, 18, 19])));
    let stalled = fixture.emulator.inject(InjectedFault::stall().on("sms_send").nth(10));
    let mut sending = fixture.send("list.csv", &[&["--concurrency", "1"], options].concat());
    sending.wait_until("the tenth is under way", || fixture.request_count("sms_send") == 10);
    sending.signal("INT");
    sending.signal("TERM");
    assert_eq!(SendResult::of(&sending.end().0).counts(), [9, 1, 1]);
    fixture.emulator.remove_fault(stalled);
    fixture
}

#[test]
fn unchanged_file_is_appended_to() {
    let fixture = interrupted(&[]);
    let sent = fixture.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (5, [16, 3, 1]), "{sent:?}");
    let failures = fixture.read("list.failures.csv");
    assert_eq!(
        failures.lines().map(|line| line.split(['.', ',']).next().unwrap()).collect::<Vec<_>>(),
        ["to", "nobody", "nobody", "nobody"]
    );
    assert!(!fixture.files().contains("list.failures-2.csv"));
    fixture.assert_sent_once((1..18).filter(|number| *number != 10));
}

/// Rows that a kill left unwritten are written once and counted once.
#[test]
fn announced_rows_are_written_once() {
    for is_written in [false, true] {
        let fixture = interrupted(&[]);
        let journal = fixture.read("list.csv.kandy-sms");
        assert!(journal.contains("\nk f\n"), "{journal}");
        fixture.write("list.csv.kandy-sms", &journal.replacen("\nk f\n", "\n", 1));
        if !is_written {
            fixture.write("list.failures.csv", "");
        }
        for _ in 0..3 {
            let sent = fixture.sent("list.csv", &[]);
            assert_eq!((sent.code, sent.counts()), (5, [16, 3, 1]), "{is_written}: {sent:?}");
            assert_eq!(fixture.read("list.failures.csv").lines().count(), 4);
        }
        assert!(!fixture.files().contains("list.failures-2.csv"), "{is_written}");
    }
}

/// An edited file is kept, and later failures go to another one.
#[test]
fn edited_file_is_not_written_to() {
    type Edit = fn(&str) -> String;
    let edits: [(&str, Edit); 6] = [
        ("longer", |failures| failures.replace("nobody", &phone(0))),
        ("as long", |failures| failures.replace("nobody", "+11111")),
        ("shorter", |failures| failures.replace("nobody", "+1")),
        ("a row more", |failures| format!("{failures}{},Hello,\n", phone(99))),
        ("half a row more", |failures| format!("{failures}{}", phone(99))),
        ("empty", |_| String::new()),
    ];
    for (how, edit) in edits {
        let fixture = interrupted(&[]);
        let mended = edit(&fixture.read("list.failures.csv"));
        fixture.write("list.failures.csv", &mended);
        let sent = fixture.sent("list.csv", &[]);
        assert_eq!((sent.code, sent.counts()), (5, [16, 3, 1]), "{how}: {sent:?}");
        assert_eq!(fixture.read("list.failures.csv"), mended, "{how}");
        let new = fixture.read("list.failures-2.csv");
        assert_eq!(new.lines().count(), 3, "{how}: {new}");
        sent.assert_stderr("list.failures.csv and list.failures-2.csv");
        // Running the same command again writes nothing.
        assert_eq!(fixture.sent("list.csv", &[]).counts(), [16, 3, 1]);
        assert_eq!((fixture.read("list.failures.csv"), fixture.read("list.failures-2.csv")), (mended, new), "{how}");
        fixture.assert_sent_once((1..18).filter(|number| *number != 10));
    }
}

/// A file that was moved away or removed is created again.
#[test]
fn removed_file_is_created_again() {
    let fixture = interrupted(&[]);
    fs::rename(fixture.folder.path().join("list.failures.csv"), fixture.folder.path().join("mine.csv")).unwrap();
    let mine = fixture.read("mine.csv");
    assert_eq!(fixture.sent("list.csv", &[]).counts(), [16, 3, 1]);
    assert_eq!((fixture.read("mine.csv"), fixture.read("list.failures.csv").lines().count()), (mine, 3));
}

#[test]
fn unknown_rows_are_not_added_to_an_edited_file() {
    let fixture = interrupted(&[]);
    let resolved = format!("{HEAD}{},was called, and has it\n", phone(10));
    fixture.write("list.unknown.csv", &resolved);
    fixture.emulator.inject(InjectedFault::close_after_reading().on("sms_send").nth(2));
    let sent = fixture.sent("list.csv", &["--concurrency", "1"]);
    assert_eq!((sent.code, sent.counts()), (5, [15, 3, 2]), "{sent:?}");
    assert_eq!(fixture.read("list.unknown.csv"), resolved);
    assert!(fixture.read("list.unknown-2.csv").contains(&phone(12)));
    sent.assert_stderr("list.unknown.csv and list.unknown-2.csv");
    // A run with --restart overwrites neither of them.
    fs::remove_file(fixture.folder.path().join("list.unknown.csv")).unwrap();
    fixture.sent("list.csv", &["--restart", "--yes"]).assert_rejected("list.unknown-2.csv has rows of an earlier run");
}

#[test]
fn other_failures_option_mixes_nothing() {
    // An existing file belongs to something else: nothing is sent.
    let fixture = interrupted(&[]);
    let stale = "to,text,error\n+19990000001,Hello stranger,line 2: old\n";
    fixture.write("stale.csv", stale);
    let files = fixture.files();
    fixture.sent("list.csv", &["--failures", "stale.csv"]).assert_rejected("stale.csv already exists");
    assert_eq!((fixture.read("stale.csv").as_str(), fixture.files()), (stale, files));
    assert_eq!(fixture.received().len(), 9);

    // A new file has the rows of this run, and both are named.
    let sent = fixture.sent("list.csv", &["--failures", "new.csv"]);
    assert_eq!(sent.counts(), [16, 3, 1]);
    assert_eq!([fixture.read("list.failures.csv"), fixture.read("new.csv")].map(|text| text.lines().count()), [2, 3]);
    sent.assert_stderr("list.failures.csv and new.csv");
    fixture.assert_sent_once((1..18).filter(|number| *number != 10));

    // The file of the previous run is continued, whether it is named again or not.
    for again in [&["--failures", "./own.csv"][..], &[]] {
        let fixture = interrupted(&["--failures", "own.csv"]);
        assert_eq!(fixture.sent("list.csv", again).counts(), [16, 3, 1]);
        assert_eq!(fixture.read("own.csv").lines().count(), 4);
        assert!(!fixture.files().contains("list.failures.csv"));
    }
}

/// A file that existed before the first run is never written to.
#[test]
fn foreign_file_is_not_overwritten() {
    for named in [false, true] {
        for kind in ["file", "empty file", "link", "dead link", "folder"] {
            let fixture = Fixture::new();
            let list = format!("{HEAD}{}", rows(0..3, &[1]));
            fixture.write("list.csv", &list);
            fixture.write("theirs", "their work\n");
            let place = fixture.folder.path().join("list.failures.csv");
            match kind {
                "file" => fs::copy(fixture.folder.path().join("theirs"), &place).map(drop),
                "empty file" => fs::write(&place, ""),
                "folder" => fs::create_dir(&place),
                _ if cfg!(not(unix)) => continue,
                #[cfg(unix)]
                "link" => std::os::unix::fs::symlink("theirs", &place),
                #[cfg(unix)]
                _ => std::os::unix::fs::symlink("nowhere", &place),
                #[cfg(not(unix))]
                _ => unreachable!(),
            }
            .unwrap();
            let before = fs::symlink_metadata(&place).unwrap();
            let options: &[&str] = if named { &["--failures", "list.failures.csv"] } else { &[] };
            let sent = fixture.sent("list.csv", options);
            if named {
                assert_eq!(sent.code, 2, "{kind}: {sent:?}");
                assert_eq!(fixture.received().len(), 0, "{kind}");
                assert!(!fixture.files().contains("list.csv.kandy-sms"), "{kind}");
            } else {
                assert_eq!((sent.code, sent.counts()), (8, [2, 1, 0]), "{kind}: {sent:?}");
                sent.assert_stderr("Correct list.failures-2.csv");
                assert_eq!(fixture.read("list.failures-2.csv").lines().count(), 2, "{kind}");
            }
            let after = fs::symlink_metadata(&place).unwrap();
            assert_eq!((after.len(), after.file_type()), (before.len(), before.file_type()), "{kind}");
            assert_eq!(fixture.read("theirs"), "their work\n");
            assert!(!fixture.files().contains("nowhere"), "{kind}");
        }
    }
}

/// Runs from stdin are independent, and keep each other's files.
#[test]
fn stdin_runs_have_their_own_files() {
    let fixture = Fixture::new();
    fixture.emulator.inject(InjectedFault::stall().on("sms_send").times(2));
    let mut runs: Vec<RunningCommand> = Vec::new();
    for run in 0..2 {
        fixture.write(&format!("in{run}"), &format!("{HEAD}{}", rows(run * 10..run * 10 + 3, &[run * 10])));
        let mut one = fixture.shell(&format!("exec $SEND - --format csv --concurrency 1 < in{run}"));
        one.wait_until("its first call is under way", || fixture.request_count("sms_send") == run + 1);
        runs.push(one);
    }
    for (run, one) in runs.into_iter().enumerate() {
        one.signal("INT");
        one.signal("TERM");
        let sent = SendResult::of(&one.end().0);
        assert_eq!(sent.counts(), [0, 1, 1], "{run}: {sent:?}");
    }
    fixture.write("in2", &format!("{HEAD}{}", rows(20..23, &[20])));
    // A file with unknown rows must be moved away first.
    SendResult::of(&fixture.shell("exec $SEND - --format csv < in2").end().0)
        .assert_rejected("has rows of an earlier run");
    for name in ["stdin.unknown.csv", "stdin.unknown-2.csv"] {
        fs::remove_file(fixture.folder.path().join(name)).unwrap();
    }
    assert_eq!(SendResult::of(&fixture.shell("exec $SEND - --format csv < in2").end().0).counts(), [2, 1, 0]);
    for (name, number) in [("stdin.failures.csv", 0), ("stdin.failures-2.csv", 10), ("stdin.failures-3.csv", 20)] {
        let failures = fixture.read(name);
        assert_eq!(failures.lines().count(), 2, "{failures}");
        assert!(failures.contains(&format!(",Hello no. {number},")), "{name}: {failures}");
    }
}

/// Many runs start and end concurrently.
#[test]
fn concurrent_stdin_runs_mix_nothing() {
    const RUNS: usize = 20;
    let fixture = Fixture::new();
    let runs: Vec<_> = (0..RUNS)
        .map(|run| {
            fixture.write(&format!("in{run}"), &format!("{HEAD}{}", rows(run * 2..run * 2 + 2, &[run * 2])));
            fixture.shell(&format!("exec $SEND - --format csv < in{run}"))
        })
        .collect();
    for (run, one) in runs.into_iter().enumerate() {
        let sent = SendResult::of(&one.end().0);
        assert_eq!((sent.code, sent.counts()), (8, [1, 1, 0]), "{run}: {sent:?}");
        // Each run names its own file.
        let name = sent.stderr.split("Correct ").nth(1).unwrap().split(',').next().unwrap();
        let failures = fixture.read(name);
        assert!(failures.contains(&format!(",Hello no. {},", run * 2)), "{name}: {failures}");
        assert_eq!(failures.lines().count(), 2, "{name}: {failures}");
    }
    fixture.assert_sent_once((0..RUNS).map(|run| run * 2 + 1));
    assert_eq!(fixture.files().len(), RUNS * 2, "{:?}", fixture.files());
}

/// The same for an import, whose second list starts over.
#[test]
fn import_overwrites_nothing() {
    let fixture = Fixture::empty();
    let import = || fixture.kandy().args(["user", "import", "users.csv"]).output().unwrap();
    fixture.write("users.csv", "user_id\nanna\nno one\n");
    assert_eq!(import().status.code(), Some(8));
    let failures = fixture.read("users.failures.csv").replace("no one", "noone");
    fixture.write("users.failures.csv", &failures);
    fixture.write("users.csv", "user_id\nbert\nno two\n");
    let again = import();
    assert_eq!(again.status.code(), Some(8));
    assert!(String::from_utf8_lossy(&again.stderr).contains("Correct users.failures-2.csv"), "{again:?}");
    assert_eq!(fixture.read("users.failures.csv"), failures);
    assert!(fixture.read("users.failures-2.csv").contains("no two"));
}

/// An unwritable path is found before anything is sent, and no file is left.
#[test]
fn unwritable_path_is_found_before_sending() {
    let long = "x".repeat(300);
    for (options, code) in [
        (&["--failures", "nowhere/failures.csv"][..], 2),
        (&["--failures", "folder"], 2),
        (&["--failures", "list.csv/failures.csv"], 2),
        (&["--failures", &long], 2),
        (&["--journal", "nowhere/journal"], 1),
        (&["--journal", "folder"], 1),
        (&["--journal", "/dev/null"], 2),
        (&["--journal", &long], 1),
        (&["--journal", "list.csv/journal"], 1),
    ] {
        let fixture = Fixture::new();
        fs::create_dir(fixture.folder.path().join("folder")).unwrap();
        // No row fails.
        fixture.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[])));
        let files = fixture.files();
        let sent = fixture.sent("list.csv", options);
        assert_eq!(sent.code, code, "{options:?}: {sent:?}");
        assert_eq!((fixture.request_count("sms_send"), fixture.files()), (0, files), "{options:?}: {sent:?}");
    }
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[])));
    assert_eq!(fixture.sent("list.csv", &["--failures", "other.csv"]).code, 0);
    assert_eq!(fixture.files(), BTreeSet::from(["list.csv".to_owned(), "list.csv.kandy-sms".to_owned()]));
}

/// The same for other commands that write files.
#[test]
fn unwritable_path_is_found_before_a_download() {
    let fixture = Fixture::new();
    let asked = fixture.emulator.requests().len();
    fs::create_dir(fixture.folder.path().join("folder")).unwrap();
    fixture.write("file", "");
    for (place, code) in [("nowhere/x", [2, 1]), ("folder", [2, 2]), ("file/x", [2, 1]), ("file", [2, 2])] {
        let get = ["file", "get", "--user", "russ", "0f0e0d0c-0b0a-4908-8706-050403020100", "-o", place];
        for (arguments, code) in [(&get[..], code[0]), (&["user", "export", place], code[1])] {
            let output = fixture.kandy().args(arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        }
    }
    assert_eq!(fixture.emulator.requests().len(), asked);
    assert_eq!(fixture.files(), BTreeSet::from(["folder".to_owned(), "file".to_owned()]));
}

/// The files exist during a run; a kill leaves empty ones, which the next run reuses.
#[cfg(unix)]
#[test]
fn kill_leaves_no_obstacle() {
    let fixture = Fixture::new();
    fixture.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[2])));
    let slow = fixture.emulator.inject(InjectedFault::latency(Duration::from_secs(60)).on("sms_send"));
    let mut sending = fixture.send("list.csv", &["--concurrency", "1"]);
    sending.wait_until("the first is under way", || fixture.request_count("sms_send") == 1);
    sending.signal("KILL");
    sending.end();
    fixture.emulator.remove_fault(slow);
    assert_eq!((fixture.read("list.failures.csv"), fixture.read("list.unknown.csv")), (String::new(), String::new()));
    let sent = fixture.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (5, [1, 1, 1]), "{sent:?}");
    assert_eq!(
        [fixture.read("list.failures.csv"), fixture.read("list.unknown.csv")].map(|text| text.lines().count()),
        [2, 2]
    );
    assert_eq!(fixture.files().len(), 4, "{:?}", fixture.files());
}
