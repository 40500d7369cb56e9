//! Each public future says what dropping it means, and what it says holds.

use std::{fs, path::Path, time::Duration};

use kandy::{
    Error, Sms,
    testing::{MockService, Reply},
};

/// The source files below a folder.
fn sources(folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => sources(&path, files),
            false => files.push(fs::read_to_string(path).expect("text")),
        }
    }
}

#[test]
fn every_public_function_that_returns_a_future_documents_it() {
    let mut files = Vec::new();
    sources(&kandy_checkout::expect_root().join("crates/kandy/src"), &mut files);
    let mut functions = 0;
    for file in files {
        let mut docs = String::new();
        for line in file.lines().map(str::trim) {
            match line {
                _ if line.starts_with("///") => docs.push_str(line),
                _ if line.starts_with("#[") => {}
                _ => {
                    let is_async = line.starts_with("pub async fn");
                    if is_async || line.starts_with("pub fn") && line.contains("-> impl Future<") {
                        assert!(docs.contains("# Cancel safety"), "{line} does not say what dropping its future means");
                        functions += 1;
                    }
                    docs.clear();
                }
            }
        }
    }
    assert!(functions > 15, "{functions}");
}

#[tokio::test(start_paused = true)]
async fn dropping_a_call_begins_no_other_attempt() {
    let service = MockService::new();
    service.reply("user_list", Reply::http(503));
    let domain = service.client().domain_with_token("DAK", "DAT");
    let first = domain.users().deadline(Duration::from_secs(3600)).send();
    // The first attempt fails at once, and the wait before the second is cancelled.
    assert!(futures_util::FutureExt::now_or_never(first).is_none());
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(service.requests_of("user_list").len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_before_the_future_is_polled() {
    let service = MockService::new();
    let phone = service.client().user_with_token("UAT").device("A149");
    drop(phone.send_sms("+12245556666", "Hello").send());
    drop(phone.send_many_sms([Sms::new("+12245556666", "Hello")]));
    assert!(service.requests().is_empty());
}

/// Builders become futures that can be spawned, joined and put into sets.
#[tokio::test]
async fn calls_can_be_spawned_and_joined() -> Result<(), Error> {
    let service = MockService::new();
    let phone = service.client().user_with_token("UAT").device("A149");
    tokio::spawn(phone.send_sms("+12245556666", "Hello").send()).await.expect("no panic")?;
    let calls = (0..3).map(|_| phone.send_sms("+12245556666", "Hello").send());
    futures_util::future::try_join_all(calls).await?;
    let mut set = tokio::task::JoinSet::new();
    set.spawn(phone.pending_messages().send());
    set.join_next().await.expect("a task").expect("no panic")?;
    assert_eq!(service.requests_of("sms_send").len(), 4);
    Ok(())
}

/// A stream whose `next` was dropped yields every item.
#[tokio::test(start_paused = true)]
async fn dropping_next_loses_no_item() {
    let service = MockService::new();
    let users = serde_json::json!({"users": [{"user_id": "russ", "domain_name": "example.com"}]});
    service.reply("user_list", Reply::result(users).after(Duration::from_secs(20)));
    service.reply("sms_send", Reply::success().after(Duration::from_secs(20)));
    let kandy = service.client();

    let mut list = kandy.domain_with_token("DAK", "DAT").users().stream();
    let mut bulk = kandy.user_with_token("UAT").device("A149").send_many_sms([Sms::new("+12245556666", "Hello")]);
    let second = Duration::from_secs(1);
    for _ in 0..3 {
        assert!(tokio::time::timeout(second, list.next()).await.is_err());
        assert!(tokio::time::timeout(second, bulk.next()).await.is_err());
    }
    assert!(list.next().await.expect("an item").is_ok());
    assert!(bulk.next().await.expect("an outcome").result.is_ok());
    assert_eq!(service.requests().len(), 2);
}
