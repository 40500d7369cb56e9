//! What a file keeps, and what it is protected from.

use std::{fs, path::Path};

use kandy_outbox::{FileStore, JobState, JobStore, JobUpdate, NewJob, NewState, WorkerId, testing};
use serde_json::value::to_raw_value;
use tempfile::TempDir;

fn job(id: &str) -> NewJob {
    NewJob { id: id.into(), key: id.into(), payload: to_raw_value("text").expect("JSON") }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

fn open(path: &Path) -> FileStore {
    FileStore::open(path).unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn it_keeps_the_promises_of_a_store() {
    let folder = folder();
    testing::check_store(async |name| open(&folder.path().join(name))).await;
}

/// Adds four jobs: one sent, one started without an outcome, one leased only, and one queued.
async fn left_behind(path: &Path) {
    let (store, worker) = (open(path), WorkerId::random());
    store.add(["sent", "started", "leased", "queued"].map(job).to_vec()).await.expect("added");
    store.lease(&worker, 3).await.expect("leased");
    store.start(&worker, vec!["sent".into(), "started".into()]).await.expect("started");
    let sent = JobUpdate { id: "sent".into(), state: NewState::Sent, error: None };
    store.update(&worker, vec![sent]).await.expect("updated");
}

#[tokio::test]
async fn what_was_started_is_unknown_after_the_process_ended() {
    let folder = folder();
    let path = folder.path().join("outbox");
    left_behind(&path).await;
    for _ in 0..2 {
        let store = open(&path);
        let counts = store.counts().await.expect("counted");
        assert_eq!((counts.queued, counts.leased, counts.sent, counts.unknown), (2, 0, 1, 1));
        let unknown = store.jobs(JobState::Unknown, 0, 9).await.expect("listed").jobs;
        assert_eq!(unknown[0].id.as_str(), "started");
        assert_eq!(unknown[0].error.as_deref(), Some("the program ended while it was being sent"));
        let leased = store.lease(&WorkerId::random(), 9).await.expect("leased").jobs;
        let ids: Vec<_> = leased.iter().map(|job| job.id.as_str()).collect();
        assert_eq!(ids, ["leased", "queued"]);
    }
}

/// A process can be killed after any byte that it wrote.
#[tokio::test]
async fn a_file_that_ends_anywhere_loses_nothing_that_was_stored_before() {
    let folder = folder();
    let path = folder.path().join("outbox");
    left_behind(&path).await;
    let whole = fs::read(&path).expect("there");
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("written");
        let store = open(&path);
        let text = String::from_utf8_lossy(&whole[..length]).into_owned();
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        let lines =
            |kind: char| complete.lines().filter(move |line| line.starts_with([kind]) && line[1..].starts_with(' '));
        let counts = store.counts().await.expect("counted");
        let started: u64 = lines('b').map(|line| line.split(' ').count() as u64 - 2).sum();
        let sent = lines('d').count() as u64;
        assert_eq!(counts.all(), lines('q').count() as u64, "{text}");
        assert_eq!((counts.sent, counts.unknown), (sent, started - sent), "{text}");
        // And it can be used as before.
        assert_eq!(store.add(vec![job("new")]).await.expect("added").len(), 1);
        drop(store);
        assert_eq!(open(&path).counts().await.expect("counted").all(), counts.all() + 1);
    }
}

#[tokio::test]
async fn a_file_that_is_no_outbox_or_is_damaged_is_left_as_it_is() {
    let folder = folder();
    let path = folder.path().join("outbox");
    left_behind(&path).await;
    let whole = fs::read_to_string(&path).expect("there");
    for (contents, reason) in [
        ("name,number\n".to_owned(), "it is not a journal"),
        ("kandy journal 2 sms\n".to_owned(), "it is not a journal"),
        ("kandy outbox 2\n".to_owned(), "use the version that wrote it"),
        ("kandy outbox 1 \n".to_owned(), "use the version that wrote it"),
        (whole.replace("d ", "y "), "it is damaged in line 7"),
        (whole.replace("\"payload\"", "\"payl\""), "it is damaged in line 2"),
        // A job that does not exist, and one that is started twice.
        (format!("{whole}b 1 9\n"), "it is damaged in line 8"),
        (format!("{whole}b 1 2\nb 1 2\n"), "it is damaged in line 9"),
        (format!("{whole}\n"), "it is damaged in line 8"),
    ] {
        fs::write(&path, &contents).expect("written");
        let error = FileStore::open(&path).expect_err("refused").to_string();
        assert!(error.contains(reason) && error.contains(&path.display().to_string()), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("there"), contents);
    }
}

#[tokio::test]
async fn one_process_has_the_file_and_only_its_owner_reads_it() {
    let folder = folder();
    let path = folder.path().join("outbox");
    let store = open(&path);
    let error = FileStore::open(&path).expect_err("in use").to_string();
    assert!(error.contains("another process is using it"), "{error}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        std::os::unix::fs::symlink(&path, folder.path().join("link")).expect("a link");
        FileStore::open(folder.path().join("link")).expect_err("the same file");
    }
    drop(store);
    open(&path);
    for unusable in [folder.path().to_owned(), folder.path().join("missing/outbox")] {
        FileStore::open(&unusable).expect_err("no file");
    }
}

#[tokio::test]
async fn a_payload_without_an_end_is_refused_and_adds_nothing() {
    let folder = folder();
    let store = open(&folder.path().join("outbox"));
    let long = NewJob { payload: to_raw_value(&"x".repeat(2 << 20)).expect("JSON"), ..job("long") };
    let error = store.add(vec![job("short"), long]).await.expect_err("too long").to_string();
    assert!(error.contains("job \"long\" is longer than 1 MiB"), "{error}");
    assert_eq!(store.counts().await.expect("counted").all(), 0);
}

#[tokio::test]
async fn a_purged_file_stays_locked_and_leaves_no_other() {
    let folder = folder();
    let path = folder.path().join("outbox");
    left_behind(&path).await;
    let store = open(&path);
    assert_eq!(store.purge(JobState::Sent).await.expect("purged"), 1);
    FileStore::open(&path).expect_err("in use");
    let files: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").map(|file| file.expect("a file").file_name()).collect();
    assert_eq!(files, ["outbox"]);
    // What is added from now on is in the new file.
    store.add(vec![job("new")]).await.expect("added");
    drop(store);
    let counts = open(&path).counts().await.expect("counted");
    assert_eq!((counts.queued, counts.unknown, counts.all()), (3, 1, 4));
}

#[tokio::test]
async fn a_clock_that_was_wrong_holds_no_job_back() {
    let folder = folder();
    let path = folder.path().join("outbox");
    // Written in 1970, and in the year 2286; both wait for a minute.
    for (at, is_due) in [(1_u64, true), (9_999_999_999_999, false)] {
        let text = format!(
            "kandy outbox 1\nq {{\"id\":\"a\",\"key\":\"a\",\"at\":{at},\"payload\":1}}\nb {at} 0\na {at} 0 60000 \"limited\"\n"
        );
        fs::write(&path, text).expect("written");
        let leased = open(&path).lease(&WorkerId::random(), 9).await.expect("leased");
        assert_eq!(leased.jobs.len(), usize::from(is_due), "{at}");
        assert_eq!(leased.next_due.is_some_and(|due| due <= std::time::Duration::from_secs(60)), !is_due, "{leased:?}");
    }
}
