//! Files of rows that failed: whoever else has written to them finds them as they were.

mod support;

use std::{collections::BTreeSet, fs, time::Duration};

use kandy_emulator::InjectedFault;

use support::{
    Stage,
    process::Running,
    sms_list::{Sent, SmsLists, phone, rows},
};

const HEAD: &str = "to,text\n";

/// A list of twenty rows, of which the first and the last two fail, sent up to the tenth. The file of failures has one row.
fn interrupted(options: &[&str]) -> Stage {
    let stage = Stage::new();
    stage.write("list.csv", &format!("{HEAD}{}", rows(0..20, &[0, 18, 19])));
    let stalled = stage.emulator.inject(InjectedFault::stall().on("sms_send").nth(10));
    let mut sending = stage.send("list.csv", &[&["--concurrency", "1"], options].concat());
    sending.until("the tenth is under way", || stage.asked("sms_send") == 10);
    sending.signal("INT");
    sending.signal("TERM");
    assert_eq!(Sent::of(&sending.end().0).counts(), [9, 1, 1]);
    stage.emulator.remove_fault(stalled);
    stage
}

#[test]
fn a_file_that_was_left_alone_goes_on() {
    let stage = interrupted(&[]);
    let sent = stage.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (5, [16, 3, 1]), "{sent:?}");
    let failures = stage.read("list.failures.csv");
    assert_eq!(
        failures.lines().map(|line| line.split(['.', ',']).next().unwrap()).collect::<Vec<_>>(),
        ["to", "nobody", "nobody", "nobody"]
    );
    assert!(!stage.files().contains("list.failures-2.csv"));
    stage.got_once((1..18).filter(|number| *number != 10));
}

/// What a kill left to be written is written once, and counts once.
#[test]
fn rows_that_were_announced_and_not_written_are_written_once() {
    for is_written in [false, true] {
        let stage = interrupted(&[]);
        let journal = stage.read("list.csv.kandy-sms");
        assert!(journal.contains("\nk f\n"), "{journal}");
        stage.write("list.csv.kandy-sms", &journal.replacen("\nk f\n", "\n", 1));
        if !is_written {
            stage.write("list.failures.csv", "");
        }
        for _ in 0..3 {
            let sent = stage.sent("list.csv", &[]);
            assert_eq!((sent.code, sent.counts()), (5, [16, 3, 1]), "{is_written}: {sent:?}");
            assert_eq!(stage.read("list.failures.csv").lines().count(), 4);
        }
        assert!(!stage.files().contains("list.failures-2.csv"), "{is_written}");
    }
}

/// What a person has made of it stays, and what fails after that goes elsewhere.
#[test]
fn a_file_that_was_mended_is_left_as_it_is() {
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
        let stage = interrupted(&[]);
        let mended = edit(&stage.read("list.failures.csv"));
        stage.write("list.failures.csv", &mended);
        let sent = stage.sent("list.csv", &[]);
        assert_eq!((sent.code, sent.counts()), (5, [16, 3, 1]), "{how}: {sent:?}");
        assert_eq!(stage.read("list.failures.csv"), mended, "{how}");
        let new = stage.read("list.failures-2.csv");
        assert_eq!(new.lines().count(), 3, "{how}: {new}");
        sent.says("list.failures.csv and list.failures-2.csv");
        // The same command once more writes nothing.
        assert_eq!(stage.sent("list.csv", &[]).counts(), [16, 3, 1]);
        assert_eq!((stage.read("list.failures.csv"), stage.read("list.failures-2.csv")), (mended, new), "{how}");
        stage.got_once((1..18).filter(|number| *number != 10));
    }
}

/// One that was moved away, or given and removed, is made anew.
#[test]
fn a_file_that_is_gone_is_made_anew() {
    let stage = interrupted(&[]);
    fs::rename(stage.folder.path().join("list.failures.csv"), stage.folder.path().join("mine.csv")).unwrap();
    let mine = stage.read("mine.csv");
    assert_eq!(stage.sent("list.csv", &[]).counts(), [16, 3, 1]);
    assert_eq!((stage.read("mine.csv"), stage.read("list.failures.csv").lines().count()), (mine, 3));
}

#[test]
fn what_is_unknown_is_not_mixed_with_what_a_person_wrote() {
    let stage = interrupted(&[]);
    let resolved = format!("{HEAD}{},was called, and has it\n", phone(10));
    stage.write("list.unknown.csv", &resolved);
    stage.emulator.inject(InjectedFault::close_after_reading().on("sms_send").nth(2));
    let sent = stage.sent("list.csv", &["--concurrency", "1"]);
    assert_eq!((sent.code, sent.counts()), (5, [15, 3, 2]), "{sent:?}");
    assert_eq!(stage.read("list.unknown.csv"), resolved);
    assert!(stage.read("list.unknown-2.csv").contains(&phone(12)));
    sent.says("list.unknown.csv and list.unknown-2.csv");
    // Neither is passed over by a run that begins anew.
    fs::remove_file(stage.folder.path().join("list.unknown.csv")).unwrap();
    stage.sent("list.csv", &["--restart", "--yes"]).refused("list.unknown-2.csv has rows of an earlier run");
}

#[test]
fn a_run_with_another_file_of_failures_mixes_nothing() {
    // One that is there is somebody else's: nothing is sent.
    let stage = interrupted(&[]);
    let stale = "to,text,error\n+19990000001,Hello stranger,line 2: old\n";
    stage.write("stale.csv", stale);
    let files = stage.files();
    stage.sent("list.csv", &["--failures", "stale.csv"]).refused("stale.csv already exists");
    assert_eq!((stage.read("stale.csv").as_str(), stage.files()), (stale, files));
    assert_eq!(stage.received().len(), 9);

    // A new one has the rows of this run, and both are named.
    let sent = stage.sent("list.csv", &["--failures", "new.csv"]);
    assert_eq!(sent.counts(), [16, 3, 1]);
    assert_eq!([stage.read("list.failures.csv"), stage.read("new.csv")].map(|text| text.lines().count()), [2, 3]);
    sent.says("list.failures.csv and new.csv");
    stage.got_once((1..18).filter(|number| *number != 10));

    // The one of the run before goes on, whether it is named again or not.
    for again in [&["--failures", "./own.csv"][..], &[]] {
        let stage = interrupted(&["--failures", "own.csv"]);
        assert_eq!(stage.sent("list.csv", again).counts(), [16, 3, 1]);
        assert_eq!(stage.read("own.csv").lines().count(), 4);
        assert!(!stage.files().contains("list.failures.csv"));
    }
}

/// What was there before the first run is never written to.
#[test]
fn a_file_of_somebody_else_stays_as_it_is() {
    for named in [false, true] {
        for kind in ["file", "empty file", "link", "dead link", "folder"] {
            let stage = Stage::new();
            let list = format!("{HEAD}{}", rows(0..3, &[1]));
            stage.write("list.csv", &list);
            stage.write("theirs", "their work\n");
            let place = stage.folder.path().join("list.failures.csv");
            match kind {
                "file" => fs::copy(stage.folder.path().join("theirs"), &place).map(drop),
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
            let sent = stage.sent("list.csv", options);
            if named {
                assert_eq!(sent.code, 2, "{kind}: {sent:?}");
                assert_eq!(stage.received().len(), 0, "{kind}");
                assert!(!stage.files().contains("list.csv.kandy-sms"), "{kind}");
            } else {
                assert_eq!((sent.code, sent.counts()), (8, [2, 1, 0]), "{kind}: {sent:?}");
                sent.says("Correct list.failures-2.csv");
                assert_eq!(stage.read("list.failures-2.csv").lines().count(), 2, "{kind}");
            }
            let after = fs::symlink_metadata(&place).unwrap();
            assert_eq!((after.len(), after.file_type()), (before.len(), before.file_type()), "{kind}");
            assert_eq!(stage.read("theirs"), "their work\n");
            assert!(!stage.files().contains("nowhere"), "{kind}");
        }
    }
}

/// Runs from stdin know nothing of each other, and leave each other's files alone.
#[test]
fn runs_from_stdin_have_files_of_their_own() {
    let stage = Stage::new();
    stage.emulator.inject(InjectedFault::stall().on("sms_send").times(2));
    let mut runs: Vec<Running> = Vec::new();
    for run in 0..2 {
        stage.write(&format!("in{run}"), &format!("{HEAD}{}", rows(run * 10..run * 10 + 3, &[run * 10])));
        let mut one = stage.shell(&format!("exec $SEND - --format csv --concurrency 1 < in{run}"));
        one.until("its first call is under way", || stage.asked("sms_send") == run + 1);
        runs.push(one);
    }
    for (run, one) in runs.into_iter().enumerate() {
        one.signal("INT");
        one.signal("TERM");
        let sent = Sent::of(&one.end().0);
        assert_eq!(sent.counts(), [0, 1, 1], "{run}: {sent:?}");
    }
    stage.write("in2", &format!("{HEAD}{}", rows(20..23, &[20])));
    // What is unknown has to be seen to first.
    Sent::of(&stage.shell("exec $SEND - --format csv < in2").end().0).refused("has rows of an earlier run");
    for name in ["stdin.unknown.csv", "stdin.unknown-2.csv"] {
        fs::remove_file(stage.folder.path().join(name)).unwrap();
    }
    assert_eq!(Sent::of(&stage.shell("exec $SEND - --format csv < in2").end().0).counts(), [2, 1, 0]);
    for (name, number) in [("stdin.failures.csv", 0), ("stdin.failures-2.csv", 10), ("stdin.failures-3.csv", 20)] {
        let failures = stage.read(name);
        assert_eq!(failures.lines().count(), 2, "{failures}");
        assert!(failures.contains(&format!(",Hello no. {number},")), "{name}: {failures}");
    }
}

/// However many of them begin and end at once.
#[test]
fn many_runs_from_stdin_at_once_mix_nothing() {
    const RUNS: usize = 20;
    let stage = Stage::new();
    let runs: Vec<_> = (0..RUNS)
        .map(|run| {
            stage.write(&format!("in{run}"), &format!("{HEAD}{}", rows(run * 2..run * 2 + 2, &[run * 2])));
            stage.shell(&format!("exec $SEND - --format csv < in{run}"))
        })
        .collect();
    for (run, one) in runs.into_iter().enumerate() {
        let sent = Sent::of(&one.end().0);
        assert_eq!((sent.code, sent.counts()), (8, [1, 1, 0]), "{run}: {sent:?}");
        // Each names its own file.
        let name = sent.said.split("Correct ").nth(1).unwrap().split(',').next().unwrap();
        let failures = stage.read(name);
        assert!(failures.contains(&format!(",Hello no. {},", run * 2)), "{name}: {failures}");
        assert_eq!(failures.lines().count(), 2, "{name}: {failures}");
    }
    stage.got_once((0..RUNS).map(|run| run * 2 + 1));
    assert_eq!(stage.files().len(), RUNS * 2, "{:?}", stage.files());
}

/// The same for users, whose second list begins anew.
#[test]
fn an_import_overwrites_nothing() {
    let stage = Stage::empty();
    let import = || stage.kandy().args(["user", "import", "users.csv"]).output().unwrap();
    stage.write("users.csv", "user_id\nanna\nno one\n");
    assert_eq!(import().status.code(), Some(8));
    let failures = stage.read("users.failures.csv").replace("no one", "noone");
    stage.write("users.failures.csv", &failures);
    stage.write("users.csv", "user_id\nbert\nno two\n");
    let again = import();
    assert_eq!(again.status.code(), Some(8));
    assert!(String::from_utf8_lossy(&again.stderr).contains("Correct users.failures-2.csv"), "{again:?}");
    assert_eq!(stage.read("users.failures.csv"), failures);
    assert!(stage.read("users.failures-2.csv").contains("no two"));
}

/// A place that cannot be written to is found before anything is sent, and nothing is left behind.
#[test]
fn a_place_that_cannot_be_used_is_found_before_anything_is_sent() {
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
        let stage = Stage::new();
        fs::create_dir(stage.folder.path().join("folder")).unwrap();
        // Not a row fails.
        stage.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[])));
        let files = stage.files();
        let sent = stage.sent("list.csv", options);
        assert_eq!(sent.code, code, "{options:?}: {sent:?}");
        assert_eq!((stage.asked("sms_send"), stage.files()), (0, files), "{options:?}: {sent:?}");
    }
    let stage = Stage::new();
    stage.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[])));
    assert_eq!(stage.sent("list.csv", &["--failures", "other.csv"]).code, 0);
    assert_eq!(stage.files(), BTreeSet::from(["list.csv".to_owned(), "list.csv.kandy-sms".to_owned()]));
}

/// The same for what other commands write.
#[test]
fn downloads_and_exports_find_out_before_they_ask() {
    let stage = Stage::new();
    let asked = stage.emulator.requests().len();
    fs::create_dir(stage.folder.path().join("folder")).unwrap();
    stage.write("file", "");
    for (place, code) in [("nowhere/x", [2, 1]), ("folder", [2, 1]), ("file/x", [2, 1]), ("file", [2, 2])] {
        let get = ["file", "get", "--user", "russ", "0f0e0d0c-0b0a-4908-8706-050403020100", "-o", place];
        for (arguments, code) in [(&get[..], code[0]), (&["user", "export", place], code[1])] {
            let output = stage.kandy().args(arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        }
    }
    assert_eq!(stage.emulator.requests().len(), asked);
    assert_eq!(stage.files(), BTreeSet::from(["folder".to_owned(), "file".to_owned()]));
}

/// While it runs, the files are there; a kill leaves empty ones, which the next run takes over.
#[cfg(unix)]
#[test]
fn a_kill_leaves_nothing_in_the_way() {
    let stage = Stage::new();
    stage.write("list.csv", &format!("{HEAD}{}", rows(0..3, &[2])));
    let slow = stage.emulator.inject(InjectedFault::latency(Duration::from_secs(60)).on("sms_send"));
    let mut sending = stage.send("list.csv", &["--concurrency", "1"]);
    sending.until("the first is under way", || stage.asked("sms_send") == 1);
    sending.signal("KILL");
    sending.end();
    stage.emulator.remove_fault(slow);
    assert_eq!((stage.read("list.failures.csv"), stage.read("list.unknown.csv")), (String::new(), String::new()));
    let sent = stage.sent("list.csv", &[]);
    assert_eq!((sent.code, sent.counts()), (5, [1, 1, 1]), "{sent:?}");
    assert_eq!(
        [stage.read("list.failures.csv"), stage.read("list.unknown.csv")].map(|text| text.lines().count()),
        [2, 2]
    );
    assert_eq!(stage.files().len(), 4, "{:?}", stage.files());
}
