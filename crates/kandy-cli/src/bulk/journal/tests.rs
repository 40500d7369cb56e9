//! Tests of the journal.

mod failures;

use std::{collections::BTreeSet, fs};

use super::*;
use crate::bulk::{fingerprint::Fingerprint, outcome::Counts};

fn about(what: &'static str) -> JournalHeader {
    JournalHeader { what, source: Some("3 0".parse().unwrap()), target: 1 }
}

/// Opens a journal for writing.
fn opened(path: &Path, about: &JournalHeader) -> Result<(Journal, ResumeState)> {
    let (mut journal, past) = Journal::open(path, about.what)?;
    journal.start(about, &past)?;
    Ok((journal, past))
}

/// Returns a fingerprint of so many bytes.
fn bytes(length: usize) -> Fingerprint {
    let mut fingerprint = Fingerprint::default();
    fingerprint.add(&vec![b'x'; length]);
    fingerprint
}

#[test]
fn reads_all_but_a_partial_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, past) = opened(&path, &about("sms")).unwrap();
    assert!(!past.finished.contains(0));
    journal.declare(RejectedKind::Failures, Some(&folder.path().join("list of\nfailures%.csv")));
    journal.commit(&[0, 1, 2].map(beginning).concat(), true).unwrap();
    journal.record(0, RowStatus::Done);
    journal.commit(&announcement(RejectedKind::Failures, &bytes(77), &[(2, RowStatus::Failed)]), true).unwrap();
    assert!(opened(&path, &about("sms")).is_err(), "one at a time");
    drop(journal);
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}c 1")).unwrap();
    let (journal, past) = opened(&path, &about("sms")).unwrap();
    assert_eq!(past.begun, BTreeSet::from([1]));
    assert_eq!([0, 1, 2, 3].map(|number| past.finished.contains(number)), [true, false, true, false]);
    assert_eq!(past.counts, Counts { done: 1, failed: 1, ..Counts::default() });
    let [file] = &past.files[..] else { panic!("{:?}", past.files) };
    assert_eq!((file.written, file.before, file.rows), (bytes(77), bytes(0), 1));
    assert!(file.is_at(&folder.path().join("list of\nfailures%.csv")), "{:?}", file.place);
    drop(journal);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    let refused = Journal::open(&path, "import").unwrap_err();
    assert!(refused.to_string().contains("is the journal of another command, \"sms\""), "{refused}");
}

/// A kill between the journal and the file leaves rows that are not processed.
#[test]
fn announced_unwritten_rows_are_not_processed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, _) = opened(&path, &about("sms")).unwrap();
    journal.declare(RejectedKind::Failures, Some(&folder.path().join("f.csv")));
    journal.declare(RejectedKind::Unknown, Some(&folder.path().join("u.csv")));
    journal.commit(&[0, 1, 2, 3].map(beginning).concat(), true).unwrap();
    let rows = [(0, RowStatus::Failed), (1, RowStatus::Failed)];
    journal.commit(&announcement(RejectedKind::Failures, &bytes(5), &rows[..1]), true).unwrap();
    journal.commit(&announcement(RejectedKind::Failures, &bytes(9), &rows[1..]), true).unwrap();
    journal.commit(&announcement(RejectedKind::Unknown, &bytes(4), &[(2, RowStatus::Unknown)]), true).unwrap();
    drop(journal);

    let (mut journal, mut past) = Journal::open(&path, "sms").unwrap();
    assert_eq!(past.begun, BTreeSet::from([3]));
    past.withdraw(0);
    past.withdraw(1);
    assert_eq!([0, 1, 2].map(|number| past.finished.contains(number)), [true, false, false]);
    // A row that was surely not sent is released; one that may have been sent stays begun.
    assert_eq!(past.begun, BTreeSet::from([2, 3]));
    assert_eq!(past.counts, Counts { failed: 1, ..Counts::default() });
    assert_eq!([&past.files[0], &past.files[1]].map(|file| file.written), [bytes(5), bytes(0)]);

    // The same when the run itself noticed the failure.
    journal.start(&about("sms"), &past).unwrap();
    journal.withdraw(RejectedKind::Failures);
    journal.withdraw(RejectedKind::Unknown);
    drop(journal);
    let (mut journal, past) = Journal::open(&path, "sms").unwrap();
    assert_eq!((&past.begun, past.counts.failed), (&BTreeSet::from([2, 3]), 1));

    // Confirmed rows are recorded, whatever happened to the file since.
    journal.start(&about("sms"), &past).unwrap();
    journal.commit(&announcement(RejectedKind::Failures, &bytes(9), &rows[1..]), true).unwrap();
    journal.confirm(RejectedKind::Failures);
    drop(journal);
    let (_, mut past) = Journal::open(&path, "sms").unwrap();
    past.withdraw(0);
    assert_eq!((past.files[0].before, past.counts.failed), (bytes(9), 2));
}

#[test]
fn last_declared_file_is_current() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, _) = opened(&path, &about("sms")).unwrap();
    for (name, row) in [("a", 0), ("b", 1), ("a", 2)] {
        journal.declare(RejectedKind::Failures, Some(&folder.path().join(name)));
        let written = bytes(usize::try_from(row).unwrap() + 1);
        journal.commit(&announcement(RejectedKind::Failures, &written, &[(row, RowStatus::Failed)]), true).unwrap();
    }
    drop(journal);
    let (_, past) = Journal::open(&path, "sms").unwrap();
    let files: Vec<_> = past.files.iter().map(|file| (file.rows, file.is_at(&folder.path().join("a")))).collect();
    assert_eq!(files, [(1, false), (2, true)]);
}

#[test]
fn opening_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, past) = opened(&path, &about("sms")).unwrap();
    assert!(past.is_empty());
    journal.record(0, RowStatus::Done);
    drop(journal);
    let whole = fs::read_to_string(&path).unwrap();
    assert!(!Journal::open(&path, "sms").unwrap().1.is_empty());
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    let (mut journal, _) = Journal::open(&path, "sms").unwrap();
    journal.start(&about("sms"), &ResumeState::default()).unwrap();
    drop(journal);
    assert!(opened(&path, &about("sms")).unwrap().1.is_empty(), "a head alone says that nothing was begun");

    // A journal that was opened and not used is removed.
    let other = folder.path().join("other");
    drop(Journal::open(&other, "sms").unwrap());
    assert!(!other.exists());
    fs::write(&other, "").unwrap();
    drop(Journal::open(&other, "sms").unwrap());
    assert!(other.exists(), "it was there before");
}

#[test]
fn grown_list_is_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, _) = opened(&path, &about("sms")).unwrap();
    journal.record(0, RowStatus::Done);
    drop(journal);
    let grown = JournalHeader { source: Some("9 5".parse().unwrap()), ..about("sms") };
    drop(opened(&path, &grown).unwrap());
    let (_, past) = Journal::open(&path, "sms").unwrap();
    assert_eq!((past.source, past.counts.done), (grown.source, 1));
}

#[test]
fn other_files_are_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.csv");
    for text in ["user_id\nruss\nanna\n", "user_id", "kandy", "\n", "\u{ff}"] {
        fs::write(&path, text).unwrap();
        let opened = opened(&path, &about("import"));
        assert_eq!(opened.is_err(), text != "kandy", "{text:?}");
        if text != "kandy" {
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}

#[test]
fn other_journal_formats_are_read_or_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    fs::write(&path, "kandy journal 1 sms\nsource 3 0\ntarget 1\nb 0\nb 1\nb 2\nb 3\nc 0\nf 1 70\nu 2 80\n").unwrap();
    let (journal, past) = Journal::open(&path, "sms").unwrap();
    assert_eq!(past.counts, Counts { done: 1, failed: 1, unknown: 1, existing: 0, suppressed: 0 });
    assert_eq!(past.begun, BTreeSet::from([3]));
    assert!(past.files.iter().all(|file| file.place == FileLocation::NotRecorded && file.rows == 1));
    drop(journal);
    fs::write(&path, "kandy journal 3 sms\nsource 3 0\ntarget 1\nq 0\n").unwrap();
    let refused = Journal::open(&path, "sms").unwrap_err().to_string();
    assert!(refused.contains("format \"3\"") && refused.contains("reads 1 to 2"), "{refused}");
    for damaged in ["source x\n", "source 3 0\ntarget 1\nw f 1\n", "source 3 0\ntarget 1\nc x\n", "source 3 0\nc 1\n"] {
        fs::write(&path, format!("kandy journal 2 sms\n{damaged}")).unwrap();
        let refused = Journal::open(&path, "sms").unwrap_err().to_string();
        assert!(refused.contains("damaged in line"), "{damaged:?}: {refused}");
    }
}

/// A journal that was cut anywhere is a journal of fewer rows.
#[test]
fn journal_is_readable_when_cut_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let about = about("users");
    let (mut journal, _) = opened(&path, &about).unwrap();
    for number in 0..20 {
        journal.record(number, RowStatus::Done);
    }
    drop(journal);
    let whole = fs::read(&path).unwrap();
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let (_, past) = opened(&path, &about).unwrap();
        let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count();
        let settled = lines.saturating_sub(3) as u64;
        assert_eq!(past.counts.done, settled);
        assert!((0..20).all(|number| past.finished.contains(number) == (number < settled)));
    }
}

/// What each line says of a row, and what the next run does with the row.
#[test]
fn outcomes_of_rows_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, _) = opened(&path, &about("sms")).unwrap();
    assert!(journal.is_kept());
    journal.declare(RejectedKind::Unknown, Some(&folder.path().join("u.csv")));
    journal.commit(&[0, 1, 2, 3, 4, 5, 6].map(beginning).concat(), true).unwrap();
    journal.record(0, RowStatus::Done);
    journal.record(1, RowStatus::Existing);
    journal.record(8, RowStatus::Suppressed);
    // It was not sent after all, so the next run may send it.
    journal.release(2);
    let unknown = [(3, RowStatus::Unknown), (4, RowStatus::Unknown), (5, RowStatus::Unknown)];
    journal.commit(&announcement(RejectedKind::Unknown, &bytes(30), &unknown), true).unwrap();
    drop(journal);

    let (mut journal, past) = Journal::open(&path, "sms").unwrap();
    assert_eq!(past.counts, Counts { done: 1, existing: 1, failed: 0, unknown: 3, suppressed: 1 });
    assert_eq!(past.begun, BTreeSet::from([6]));
    let finished: Vec<u64> = (0..9).filter(|number| past.finished.contains(*number)).collect();
    assert_eq!(finished, [0, 1, 3, 4, 5, 8]);
    assert_eq!(past.in_doubt(), 4, "three with unknown outcome and one without any");
    assert_eq!((past.files[0].rows, past.files[0].is_unconfirmed()), (3, true));

    journal.start(&about("sms"), &past).unwrap();
    journal.confirm(RejectedKind::Unknown);
    let more = [(6, RowStatus::Unknown), (7, RowStatus::Unknown)];
    journal.commit(&announcement(RejectedKind::Unknown, &bytes(50), &more), true).unwrap();
    drop(journal);
    let (mut journal, mut past) = Journal::open(&path, "sms").unwrap();
    assert_eq!((past.files[0].rows, past.files[0].is_unconfirmed()), (5, true));
    // The rows of the last announcement alone are missing in the file.
    past.withdraw(0);
    assert_eq!((past.files[0].rows, past.files[0].is_unconfirmed()), (3, false));
    assert_eq!((past.begun.clone(), past.in_doubt()), (BTreeSet::from([6, 7]), 5));
    journal.start(&about("sms"), &past).unwrap();
    journal.confirm(RejectedKind::Unknown);
    journal.remove().unwrap();
    assert!(!path.exists(), "the journal of a finished job");
}

/// A copy of a list finds the journal of the original by its contents.
#[test]
fn peek_reads_only_the_journals_of_the_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, _) = opened(&path, &about("sms")).unwrap();
    journal.record(4, RowStatus::Done);
    journal.commit(&beginning(5), true).unwrap();
    let past = Journal::peek(&path, "sms").expect("a journal in use is readable");
    assert_eq!((past.counts.done, past.begun.clone(), past.target), (1, BTreeSet::from([5]), 1));
    drop(journal);
    let whole = fs::read_to_string(&path).unwrap();
    assert!(Journal::peek(&path, "import").is_none());
    for text in ["", "to\n1\n", "kandy", "kandy journal 2 sms\nsource 3 0\n", "kandy journal 2 sms\nsource x\n"] {
        fs::write(&path, text).unwrap();
        assert!(Journal::peek(&path, "sms").is_none(), "{text:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::write(&path, format!("{whole}q 1\n")).unwrap();
    assert!(Journal::peek(&path, "sms").is_none(), "damaged");
    assert!(Journal::peek(folder.path(), "sms").is_none());
    assert!(Journal::peek(&folder.path().join("none"), "sms").is_none());
}

#[test]
fn files_of_format_1_are_counted_by_kind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let lines = "b 0\nb 1\nb 2\nb 3\nf 0 70\nf 1 80\nu 2 80\nf 3 90\n";
    fs::write(&path, format!("kandy journal 1 sms\nsource -\ntarget 1\nfile f -\n{lines}")).unwrap();
    let (_, past) = Journal::open(&path, "sms").unwrap();
    assert_eq!(past.counts, Counts { failed: 3, unknown: 1, ..Counts::default() });
    let mut files: Vec<_> = past.files.iter().map(|file| (file.which.letter(), file.rows, &file.place)).collect();
    files.sort_by_key(|(letter, rows, _)| (*letter, *rows));
    let unrecorded = &FileLocation::NotRecorded;
    assert_eq!(files, [('f', 0, &FileLocation::Device), ('f', 3, unrecorded), ('u', 1, unrecorded)]);
}
