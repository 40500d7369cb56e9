use std::{collections::BTreeSet, fs};

use super::*;
use crate::bulk::summary::Counts;

/// Opens a journal to write to it.
fn opened(path: &Path, about: &About, restart: bool) -> Result<(Journal, Past)> {
    let (mut journal, past) = Journal::open(path, about, restart)?;
    journal.start(about)?;
    Ok((journal, past))
}

#[test]
fn outcomes_in_any_order_are_few_in_memory() {
    let mut finished = Finished::default();
    for number in [3, 1, 0, 2, 5] {
        finished.insert(number);
    }
    assert_eq!((finished.next, finished.beyond.len()), (4, 1));
    assert!(finished.contains(3) && finished.contains(5) && !finished.contains(4));
}

#[test]
fn what_was_written_is_read_again_but_for_half_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let about = About { what: "sms", source: Some("3 0".into()), target: 1 };
    let (mut journal, past) = opened(&path, &about, false).unwrap();
    assert_eq!(past.finished.next, 0);
    journal.begin([0, 1, 2].into_iter()).unwrap();
    journal.settle(0, Kind::Done, 0);
    journal.settle(2, Kind::Failed, 77);
    assert!(opened(&path, &about, false).is_err(), "one at a time");
    drop(journal);
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{whole}c 1")).unwrap();
    let (journal, past) = opened(&path, &about, false).unwrap();
    assert_eq!(past.begun, BTreeSet::from([1]));
    assert_eq!((past.failures, past.finished.next), (77, 1));
    drop(journal);
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);

    let other = About { source: Some("4 0".into()), ..about };
    let refused = opened(&path, &other, false).unwrap_err();
    assert!(refused.to_string().contains("has changed"), "{refused}");
    let other = About { target: 2, source: Some("3 0".into()), what: "sms" };
    assert!(opened(&path, &other, false).unwrap_err().to_string().contains("elsewhere"));
    assert_eq!(opened(&path, &other, true).unwrap().1.counts, Counts::default());
}

#[test]
fn it_is_as_it_was_until_it_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let about = About { what: "sms", source: None, target: 1 };
    let (mut journal, past) = opened(&path, &about, false).unwrap();
    assert!(past.is_empty());
    journal.settle(0, Kind::Done, 0);
    drop(journal);
    let whole = fs::read_to_string(&path).unwrap();
    assert!(Journal::open(&path, &about, true).unwrap().1.is_empty());
    assert_eq!(fs::read_to_string(&path).unwrap(), whole);
    drop(opened(&path, &about, true).unwrap());
    assert!(opened(&path, &about, false).unwrap().1.is_empty(), "a head alone says that nothing was begun");
}

#[test]
fn what_is_no_journal_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.csv");
    let about = About { what: "import", source: None, target: 1 };
    for text in ["user_id\nruss\nanna\n", "user_id", "kandy", "\n", "\u{ff}"] {
        fs::write(&path, text).unwrap();
        let opened = opened(&path, &about, text.len() % 2 == 0);
        assert_eq!(opened.is_err(), text != "kandy", "{text:?}");
        if text != "kandy" {
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}

/// Wherever it was cut off, it is a journal of less.
#[test]
fn a_journal_may_be_cut_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let about = About { what: "users", source: Some("3 0".into()), target: 1 };
    let (mut journal, _) = opened(&path, &about, false).unwrap();
    for number in 0..20 {
        journal.settle(number, Kind::Done, 0);
    }
    drop(journal);
    let whole = fs::read(&path).unwrap();
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let (_, past) = opened(&path, &about, false).unwrap();
        let lines = whole[..length].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(past.finished.next, lines.saturating_sub(3) as u64);
    }
}
