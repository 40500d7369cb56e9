//! Operations of the tag Presence.

use std::time::Duration;

use serde_json::{Value, json};

use crate::fixture::Kandy;

/// Requests the last seen times, and returns the age of each; none for a user who was never seen.
async fn ask(kandy: &Kandy, token: &str, users: &Value) -> Vec<(String, Option<i64>)> {
    let response = kandy.call("last_seen_list", &[("key", token), ("users", &users.to_string())]).await;
    let result = response.result();
    let now = result["server_timestamp"].as_i64().expect("a number");
    assert!(now > 1_700_000_000_000);
    let users = result["users"].as_array().expect("a list").iter();
    users
        .map(|user| {
            let last_seen = user["last_seen"].as_i64().expect("a number");
            let name = user["full_user_id"].as_str().expect("a text").to_owned();
            (name, (last_seen > 0).then_some((now - last_seen) / 1000))
        })
        .collect()
}

#[tokio::test]
async fn requests_update_last_seen() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    // The domain creates this user, and mints a token.
    kandy.post("user_create", &[("key", &domain.token)], &json!({"user_id": "never"})).await;
    kandy.user_token(&domain, "never").await;
    let all = json!(["russ@example.com", "anna@example.com", "never@example.com"]);
    let seen = |russ, anna| {
        vec![
            ("russ@example.com".to_owned(), russ),
            ("anna@example.com".to_owned(), anna),
            ("never@example.com".to_owned(), None),
        ]
    };

    kandy.emulator.advance(Duration::from_secs(60));
    // Disagreement 15: a domain may ask too. That updates no user.
    assert_eq!(ask(&kandy, &domain.token, &all).await, seen(Some(60), Some(60)));
    assert_eq!(ask(&kandy, &russ.token, &all).await, seen(Some(0), Some(60)));
    kandy.emulator.advance(Duration::from_secs(30));
    // Any request counts, also one that is refused.
    kandy.call("device_delete", &[("key", &anna.token)]).await;
    assert_eq!(ask(&kandy, &domain.token, &all).await, seen(Some(30), Some(0)));
    kandy.emulator.advance(Duration::from_secs(10));
    kandy.call("domain_get", &[("key", &anna.token)]).await;
    assert_eq!(ask(&kandy, &domain.token, &all).await, seen(Some(40), Some(0)));

    // An expired token does not count.
    kandy.emulator.advance(Duration::from_secs(2 * 60 * 60));
    kandy.call("device_list", &[("key", &anna.token)]).await;
    let token = kandy.domain_token(&domain.key, &domain.secret).await;
    assert_eq!(ask(&kandy, &token, &json!([anna.full_id])).await, [(anna.full_id, Some(7200))]);
}

#[tokio::test]
async fn unknown_users_are_left_out() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "stranger").await;
    for (users, found) in [
        (json!(["russ@example.com"]), 1),
        (json!(["russ@EXAMPLE.com", "russ@example.com"]), 2),
        // One client sends objects.
        (json!([{"full_user_id": "russ@example.com"}]), 1),
        (json!([stranger.full_id, "nobody@example.com", "russ", "", "@"]), 0),
        (json!([]), 0),
    ] {
        for token in [&russ.token, &domain.token] {
            assert_eq!(ask(&kandy, token, &users).await.len(), found, "{users}");
        }
    }
}

#[tokio::test]
async fn other_json_is_refused() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    let account = kandy.account_token().await;
    let good = r#"["russ@example.com"]"#;
    for (token, users, status) in [
        (&russ.token, good, 0),
        (&russ.token, "", 15),
        (&russ.token, "russ@example.com", 16),
        (&russ.token, r#""russ@example.com""#, 16),
        (&russ.token, "[1]", 16),
        (&russ.token, "[null]", 16),
        (&russ.token, "[{}]", 16),
        (&russ.token, r#"[{"full_user_id": 1}]"#, 16),
        (&account, good, 11),
        (&russ.key, good, 55),
        (&String::new(), good, 15),
    ] {
        let response = kandy.call("last_seen_list", &[("key", token), ("users", users)]).await;
        assert_eq!(response.status(), status, "{users}");
    }
}
