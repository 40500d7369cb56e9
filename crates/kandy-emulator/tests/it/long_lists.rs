//! Lists that are sent in several pages.

use kandy_emulator::InjectedFault;
use reqwest::{Response, header};
use serde_json::{Value, json};

use crate::fixture::{Domain, Kandy};

/// More bytes than sockets and buffers hold while the client does not read.
const MANY: usize = 600;

/// A domain of users with long names, and the list of them, of which the first chunk has arrived.
async fn half_read(kandy: &Kandy) -> (Domain, Response, Vec<u8>) {
    let domain = kandy.domain("example.com").await;
    let name = "x".repeat(40_000);
    for number in 0..MANY {
        let user = json!({"user_id": format!("user{number}"), "user_first_name": name});
        kandy.post("user_create", &[("key", &domain.token)], &user).await.result();
    }
    let mut list = kandy.request("user_list", &[("key", &domain.token)]).send().await.expect("a response");
    let first = list.chunk().await.expect("a part").expect("not the end");
    (domain, list, first.to_vec())
}

/// Reads the rest of the list, and returns the user ids.
async fn user_ids(mut list: Response, mut body: Vec<u8>) -> Vec<String> {
    while let Some(part) = list.chunk().await.expect("a part") {
        body.extend_from_slice(&part);
    }
    let json: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!((&json["status"], &json["message"]), (&json!(0), &json!("success")));
    let users = json["result"]["users"].as_array().expect("a list");
    users.iter().map(|user| user["user_id"].as_str().expect("an id").to_owned()).collect()
}

fn numbered(numbers: impl Iterator<Item = usize>) -> Vec<String> {
    numbers.map(|number| format!("user{number}")).collect()
}

#[tokio::test]
async fn serves_other_requests_while_listing() {
    let kandy = Kandy::start();
    let (domain, list, first) = half_read(&kandy).await;
    assert!(list.headers().get(header::CONTENT_LENGTH).is_none());
    assert_eq!(kandy.emulator.requests().last().expect("the list").status, Some(0));

    // The users change while the list is sent, but those that stay are listed exactly once.
    for number in [0, MANY - 2] {
        let query = [("key", domain.token.as_str()), ("user_id", &format!("user{number}"))];
        let token = kandy.user_token(&domain, query[1].1).await;
        let query = [("key", domain.token.as_str()), ("user_access_token", &token)];
        let key = kandy.call("user_get", &query).await.result()["user"]["user_api_key"].as_str().map(str::to_owned);
        kandy.call("user_delete", &[("key", &key.expect("a key"))]).await.result();
    }
    let late = kandy.user(&domain, "late").await;
    kandy.call("device_list", &[("key", &late.token)]).await.result();

    let expected = numbered((0..MANY).filter(|number| *number != MANY - 2));
    assert_eq!(user_ids(list, first).await, expected);
}

#[tokio::test]
async fn list_ends_when_its_domain_is_deleted() {
    let kandy = Kandy::start();
    let (domain, list, first) = half_read(&kandy).await;
    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &domain.key)]).await;
    assert_eq!((kandy.emulator.state().users, kandy.emulator.state().devices), (0, 0));
    let listed = user_ids(list, first).await;
    assert!((1..MANY).contains(&listed.len()), "{}", listed.len());
    assert_eq!(listed, numbered(0..listed.len()));
}

#[tokio::test]
async fn list_has_nothing_created_after_a_reset() {
    let kandy = Kandy::start();
    let (_, list, first) = half_read(&kandy).await;
    kandy.emulator.reset();
    let domain = kandy.domain("example.com").await;
    for number in 0..MANY {
        kandy.post("user_create", &[("key", &domain.token)], &json!({"user_id": format!("new{number}")})).await;
    }
    let listed = user_ids(list, first).await;
    assert_eq!(listed, numbered(0..listed.len()));
}

#[tokio::test]
async fn disconnected_client_leaks_nothing() {
    let kandy = Kandy::start();
    let (domain, list, _) = half_read(&kandy).await;
    drop(list);
    assert_eq!(kandy.emulator.state().users, MANY);
    kandy.call("domain_get", &[("key", &domain.token), ("domain_api_key", &domain.key)]).await.result();
}

/// A domain whose list of users takes some pages.
async fn some_pages(kandy: &Kandy) -> Domain {
    let domain = kandy.domain("example.com").await;
    for number in 0..400 {
        let user = json!({"user_id": format!("user{number}"), "user_last_name": "[] \"Müller\""});
        kandy.post("user_create", &[("key", &domain.token)], &user).await.result();
    }
    domain
}

async fn bytes(kandy: &Kandy, operation: &str, token: &str) -> (Option<u64>, Vec<u8>) {
    let response = kandy.request(operation, &[("key", token)]).send().await.expect("a response");
    let length = response.headers().get(header::CONTENT_LENGTH);
    let length = length.map(|length| length.to_str().expect("ASCII").parse().expect("a number"));
    (length, response.bytes().await.expect("a body").to_vec())
}

/// Where the list in a response begins.
const USERS: &[u8] = br#","users":["#;

#[tokio::test]
async fn long_list_equals_short_list() {
    let kandy = Kandy::start();
    let domain = kandy.domain("empty.example.com").await;
    let (length, empty) = bytes(&kandy, "user_list", &domain.token).await;
    let (before, after) = (&empty[..empty.len() - "]}}".len()], "]}}".as_bytes());
    assert!(before.ends_with(br#""result":{"users":["#) && empty.ends_with(after));
    assert_eq!(length, Some(empty.len() as u64));

    let domain = some_pages(&kandy).await;
    let (length, long) = bytes(&kandy, "user_list", &domain.token).await;
    assert_eq!(length, None);
    let mut expected = before.to_vec();
    for number in 0..400 {
        let token = kandy.user_token(&domain, &format!("user{number}")).await;
        let query = [("key", domain.token.as_str()), ("user_access_token", &token)];
        let one = kandy.request("user_get", &query).send().await.expect("a response").bytes().await.expect("a body");
        // The user stands in the response twice: as `user`, and as the one entry of `users`.
        let start = one.windows(USERS.len()).position(|part| part == USERS).expect("a list") + USERS.len();
        let one = &one[start..one.len() - "]}}".len()];
        expected.extend_from_slice(if number == 0 { b"" } else { b"," });
        expected.extend_from_slice(one);
    }
    expected.extend_from_slice(after);
    assert_eq!(String::from_utf8(long).expect("text"), String::from_utf8(expected).expect("text"));
}

#[tokio::test]
async fn fault_applies_to_the_whole_list() {
    let kandy = Kandy::start();
    let domain = some_pages(&kandy).await;
    let (_, whole) = bytes(&kandy, "user_list", &domain.token).await;

    kandy.emulator.inject(InjectedFault::truncated_json().on("user_list").times(1));
    let (length, half) = bytes(&kandy, "user_list", &domain.token).await;
    assert_eq!((length, &half[..]), (Some(half.len() as u64), &whole[..whole.len() / 2]));

    kandy.emulator.inject(InjectedFault::wrong_content_type().on("user_list").times(1));
    assert_eq!(bytes(&kandy, "user_list", &domain.token).await, (Some(whole.len() as u64), whole.clone()));

    kandy.emulator.inject(InjectedFault::huge_body(1_000_000).on("user_list").times(1));
    let (_, huge) = bytes(&kandy, "user_list", &domain.token).await;
    assert!(huge.len() == 1_000_000 && huge.starts_with(&whole[..whole.len() - 1]));
}

#[tokio::test]
async fn search_visits_every_user() {
    let kandy = Kandy::start();
    let domain = some_pages(&kandy).await;
    for number in 0..400 {
        kandy.post("user_create", &[("key", &domain.token)], &json!({"user_id": format!("other{number}")})).await;
    }
    let token = kandy.user_token(&domain, "user0").await;
    for (text, found) in [("other", 400), ("r39", 22), ("r399", 2), ("nobody", 0)] {
        let query = [("key", token.as_str()), ("search_string", text)];
        let response = kandy.call("directory_search_by_user_id", &query).await;
        assert_eq!(response.result()["contacts"].as_array().map(Vec::len), Some(found), "{text}");
    }
}
