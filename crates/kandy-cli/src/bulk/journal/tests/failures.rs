//! Paths that are no journals, and writes that fail.

use super::*;

#[test]
fn unusable_paths_are_not_reported_as_in_use() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("none").join("journal")] {
        let refused = Journal::open(&path, "sms").unwrap_err().to_string();
        assert!(refused.contains("cannot be written: ") && refused.contains("nothing was sent"), "{refused}");
    }
}

/// A journal that another process removed or replaced while it was opened is not that of this run.
#[test]
fn replaced_journal_is_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let file = file::open(&path).unwrap();
    assert!(is_named(&file, &path));
    #[cfg(unix)]
    {
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(is_named(&file, &link));
        fs::rename(&path, folder.path().join("moved")).unwrap();
        assert!(!is_named(&file, &path), "removed");
        fs::write(&path, "").unwrap();
        assert!(!is_named(&file, &path) && !is_named(&file, &link), "replaced");
    }
}

/// The calls of lines that could not be written are not sent, so a failed write must neither lose lines that were
/// committed nor leave a part of its own.
#[cfg(target_os = "linux")]
#[test]
fn failed_write_changes_nothing() {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    for (is_resumed, commits) in [(false, 0), (false, 2), (true, 0), (true, 1)] {
        let memory = memfd_create("journal", MemfdFlags::ALLOW_SEALING).unwrap();
        let file = File::from(memory);
        let mut past = ResumeState::default();
        let mut length = 0;
        if is_resumed {
            (&file).write_all(format!("{}b 0\nb 1\nb", about("sms").head()).as_bytes()).unwrap();
            length = file.metadata().unwrap().len() - 1;
            past.source = about("sms").source;
            past.begun = BTreeSet::from([0, 1]);
        }
        let mut journal = Journal::of(Some(("journal".into(), file.try_clone().unwrap())), length, false);
        let grown = JournalHeader { source: Some("9 5".parse().unwrap()), ..about("sms") };
        journal.start(&grown, &past).unwrap();
        for number in 0..commits {
            journal.commit(&beginning(10 + number), true).unwrap();
        }
        let contents = || {
            let mut text = String::new();
            (&file).rewind().unwrap();
            (&file).read_to_string(&mut text).unwrap();
            text
        };
        let before = contents();
        // Both handles have one position: it must be at the end for the next commit.
        assert_eq!(before.lines().count(), if is_resumed { 6 } else { 3 } + usize::try_from(commits).unwrap());
        // A full disk: nothing can be appended.
        fcntl_add_seals(&file, SealFlags::GROW).unwrap();
        journal.record(7, RowStatus::Done);
        for number in [20, 21] {
            let failed = journal.commit(&beginning(number), true).unwrap_err().to_string();
            assert!(failed.contains("the journal journal cannot be written: "), "{failed}");
            assert_eq!(contents(), before);
            // What was written in part could be taken back, so the next commit may succeed.
            assert_eq!((journal.length, &journal.broken), (before.len() as u64, &None));
        }
        assert_eq!(journal.lines, b"c 7\n", "the outcome is kept for the next commit, the announcements are dropped");
    }
}

/// After a write that could not be taken back, further lines would continue a partial one.
#[test]
fn broken_journal_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    fs::write(&path, "kandy journal 2 sms\n").unwrap();
    // A handle that can neither be written to nor be truncated.
    let mut journal = Journal::of(Some((path.clone(), File::open(&path).unwrap())), 20, false);
    assert!(journal.commit(&beginning(1), true).is_err());
    journal.file = Some((path.clone(), file::open(&path).unwrap()));
    journal.record(0, RowStatus::Done);
    assert!(journal.commit(&beginning(1), true).is_err());
    drop(journal);
    assert_eq!(fs::read_to_string(&path).unwrap(), "kandy journal 2 sms\n");
}

#[test]
fn nothing_is_recorded_without_a_journal() {
    let mut journal = Journal::none();
    assert!(!journal.is_kept());
    journal.record(0, RowStatus::Done);
    journal.commit(&beginning(1), true).unwrap();
    journal.remove().unwrap();
}
