//! Paths that are no journals. What failed writes leave behind is tested with `JournalFile`, which this is built on.

use super::*;

#[test]
fn unusable_paths_are_not_reported_as_in_use() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("none").join("journal")] {
        let refused = Journal::open(&path, "sms").unwrap_err().to_string();
        assert!(refused.contains("cannot be written: ") && refused.contains("nothing was sent"), "{refused}");
    }
}

#[test]
fn nothing_is_recorded_without_a_journal() {
    let mut journal = Journal::none();
    assert!(!journal.is_kept());
    journal.record(0, RowStatus::Done);
    journal.commit(&beginning(1), true).unwrap();
    journal.remove().unwrap();
}
