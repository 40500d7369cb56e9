//! What is left in the file after failed writes, and which files are left alone.

use super::*;

const HEAD: &str = "mark 1\n";

fn lines(journal: &mut JournalFile) -> Vec<String> {
    let mut lines = Vec::new();
    journal.for_each_line(|_, line| lines.push(String::from_utf8_lossy(line).into_owned())).unwrap();
    lines
}

/// A process can be killed after any byte that it wrote.
#[test]
fn a_partial_line_is_ignored_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    for partial in ["", "ro", "row 8"] {
        fs::write(&path, format!("{HEAD}row 7\n{partial}")).unwrap();
        let mut journal = JournalFile::open(&path, "mark ").unwrap();
        assert_eq!(lines(&mut journal), ["mark 1", "row 7"]);
        assert_eq!(journal.length(), 13);
        journal.start(journal.length(), "row 9\n").unwrap();
        assert_eq!(journal.next_offset(), 19);
        journal.add(format_args!("row 10"));
        assert_eq!(journal.next_offset(), 26);
        drop(journal);
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{HEAD}row 7\nrow 9\nrow 10\n"), "{partial}");
    }
}

#[test]
fn other_files_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    for contents in ["number,name\n", "mar k", "Mark 1\n"] {
        fs::write(&path, contents).unwrap();
        assert!(matches!(JournalFile::open(&path, "mark "), Err(JournalError::NotAJournal)), "{contents}");
        assert!(JournalFile::peek(&path, "mark ").is_none());
        assert_eq!(fs::read_to_string(&path).unwrap(), contents);
    }
    // What a process left that was killed while it wrote the head.
    for contents in ["", "ma", "mark "] {
        fs::write(&path, contents).unwrap();
        drop(JournalFile::open(&path, "mark ").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), contents, "a file that was there before is not removed");
    }
    fs::remove_file(&path).unwrap();
    drop(JournalFile::open(&path, "mark ").unwrap());
    assert!(!path.exists(), "one that was created and not used is removed");
    for path in [folder.path().to_owned(), folder.path().join("none/journal")] {
        assert!(matches!(JournalFile::open(&path, "mark "), Err(JournalError::Io(_))));
    }
}

#[test]
fn one_process_writes_and_others_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut journal = JournalFile::open(&path, "mark ").unwrap();
    journal.start(0, HEAD).unwrap();
    assert!(matches!(JournalFile::open(&path, "mark "), Err(JournalError::InUse)));
    let mut text = String::new();
    JournalFile::peek(&path, "mark ").unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(text, HEAD);
    journal.add(format_args!("row 1"));
    journal.remove().unwrap();
    assert!(!path.exists());
}

/// A process that got in while a file is replaced would repeat what this one does.
#[test]
fn a_renamed_file_is_locked_in_its_new_place_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (path, new) = (folder.path().join("journal"), folder.path().join("journal.new"));
    let mut old = JournalFile::open(&path, "mark ").unwrap();
    old.start(0, HEAD).unwrap();
    let mut journal = JournalFile::open(&new, "mark ").unwrap();
    journal.start(0, HEAD).unwrap();
    journal.rename(&path).unwrap();
    assert_eq!((journal.path(), new.exists()), (&*path, false));
    drop(old);
    assert!(matches!(JournalFile::open(&path, "mark "), Err(JournalError::InUse)));
    journal.add(format_args!("row 1"));
    drop(journal);
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{HEAD}row 1\n"));
}

/// A journal that another process removed or replaced while it was opened is not that of this one.
#[test]
fn a_replaced_file_is_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let file = File::create(&path).unwrap();
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

/// What lines announce that could not be written is not done, so a failed write must neither lose lines that were committed
/// nor leave a part of its own.
#[cfg(target_os = "linux")]
#[test]
fn a_failed_write_changes_nothing() {
    use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};

    for commits in [0, 2] {
        let file = File::from(memfd_create("journal", MemfdFlags::ALLOW_SEALING).unwrap());
        let mut journal = JournalFile::of(Path::new("journal"), file.try_clone().unwrap(), 0, false);
        journal.start(0, HEAD).unwrap();
        for number in 0..commits {
            journal.commit(&format!("row {number}\n"), true).unwrap();
        }
        let contents = || {
            let mut text = String::new();
            (&file).rewind().unwrap();
            (&file).read_to_string(&mut text).unwrap();
            text
        };
        // Both handles have one position: it must be at the end for the next commit.
        let before = contents();
        assert_eq!(before.lines().count(), 1 + commits);
        // A full disk: nothing can be appended.
        fcntl_add_seals(&file, SealFlags::GROW).unwrap();
        journal.add(format_args!("done 7"));
        for number in [20, 21] {
            assert!(matches!(journal.commit(&format!("row {number}\n"), true), Err(JournalError::Io(_))));
            assert_eq!(contents(), before);
            // What was written in part could be taken back, so the next commit may succeed.
            assert_eq!((journal.length, &journal.broken), (before.len() as u64, &None));
        }
        assert_eq!(
            journal.lines, b"done 7\n",
            "the outcome is kept for the next commit, the announcements are dropped"
        );
    }
}

/// After a write that could not be taken back, further lines would continue a partial one.
#[test]
fn a_broken_journal_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    fs::write(&path, HEAD).unwrap();
    // A handle that can neither be written to nor be truncated.
    let mut journal = JournalFile::of(&path, File::open(&path).unwrap(), HEAD.len() as u64, false);
    assert!(matches!(journal.commit("row 1\n", true), Err(JournalError::Io(_))));
    journal.file = File::options().write(true).open(&path).unwrap();
    journal.add(format_args!("row 2"));
    assert!(matches!(journal.commit("", true), Err(JournalError::Broken(_))));
    drop(journal);
    assert_eq!(fs::read_to_string(&path).unwrap(), HEAD);
}

#[test]
fn errors_say_what_is_wrong() {
    let full = || io::Error::from(io::ErrorKind::StorageFull);
    for (error, text) in [
        (JournalError::InUse, "another process is using it".to_owned()),
        (JournalError::NotAJournal, "it is not a journal".to_owned()),
        (full().into(), full().to_string()),
        (JournalError::Broken("the disk is gone".into()), "the disk is gone".to_owned()),
    ] {
        let has_source = matches!(error, JournalError::Io(_));
        assert_eq!((error.to_string(), std::error::Error::source(&error).is_some()), (text, has_source));
    }
}

#[cfg(unix)]
#[test]
fn a_file_system_without_locks_is_told_from_one_that_fails() {
    let no_locks = if cfg!(target_os = "linux") { 37 } else { 77 };
    for (error, expected) in [
        (io::Error::from(io::ErrorKind::Unsupported), true),
        (io::Error::from_raw_os_error(no_locks), true),
        (io::Error::from(io::ErrorKind::PermissionDenied), false),
        (io::Error::from_raw_os_error(5), false),
    ] {
        assert_eq!(has_no_locks(&error), expected, "{error}");
    }
}
