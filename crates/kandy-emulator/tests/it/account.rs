//! Operations of the tag Account.

use std::time::Duration;

use kandy_emulator::Emulator;
use serde_json::json;

use crate::fixture::{Kandy, is_credential};

#[tokio::test]
async fn token_needs_key_and_secret() {
    let kandy = Kandy::start();
    assert!(is_credential(&kandy.account_token().await, "AAT"));

    let (key, secret) = (kandy.emulator.account_key(), kandy.emulator.account_secret());
    for (query, status) in [
        (vec![], 15),
        (vec![("account_api_secret", secret)], 15),
        (vec![("key", key)], 15),
        (vec![("key", key), ("account_api_secret", "")], 15),
        (vec![("key", key), ("account_api_secret", "AASwrong")], 55),
        (vec![("key", "AAKwrong"), ("account_api_secret", secret)], 55),
    ] {
        let refused = kandy.call("account_access_token_get", &query).await;
        let http = if status == 55 { 403 } else { 200 };
        assert_eq!((refused.http, refused.status()), (http, status), "{query:?}");
        assert!(refused.json.get("result").is_none());
    }
}

#[tokio::test]
async fn token_expires() {
    let kandy = Kandy::on(Emulator::builder().token_ttl(Duration::from_secs(60)).start().expect("a free port"));
    let token = kandy.account_token().await;
    kandy.emulator.advance(Duration::from_secs(50));
    assert_eq!(kandy.call("domain_list", &[("key", &token)]).await.status(), 0);
    kandy.emulator.advance(Duration::from_secs(10));
    assert_eq!(kandy.call("domain_list", &[("key", &token)]).await.status(), 10);

    let renewed = kandy.account_token().await;
    assert_eq!(kandy.call("domain_list", &[("key", &renewed)]).await.status(), 0);
    kandy.emulator.revoke_all_tokens();
    assert_eq!(kandy.call("domain_list", &[("key", &renewed)]).await.status(), 10);
}

#[tokio::test]
async fn token_is_revoked() {
    let kandy = Kandy::start();
    let (key, secret) = (kandy.emulator.account_key(), kandy.emulator.account_secret());
    let (token, other) = (kandy.account_token().await, kandy.account_token().await);
    let query = [("key", key), ("account_api_secret", secret)];
    let revoke = |token: &str| {
        let token = token.to_owned();
        let kandy = &kandy;
        async move {
            kandy.call("account_access_token_delete", &[query[0], query[1], ("account_access_token", &token)]).await
        }
    };
    assert_eq!(kandy.call("account_access_token_delete", &query).await.status(), 15);
    assert_eq!(revoke("AATunknown").await.status(), 55);
    assert_eq!(revoke(&kandy.domain("example.com").await.token).await.status(), 55, "a token of another level");
    assert_eq!(revoke(&token).await.message(), "success");
    assert_eq!(revoke(&token).await.status(), 0, "it may be repeated");
    assert_eq!(kandy.call("domain_list", &[("key", &token)]).await.status(), 10);
    assert_eq!(kandy.call("domain_list", &[("key", &other)]).await.status(), 0);
}

#[tokio::test]
async fn domain_lifecycle() {
    let kandy = Kandy::start();
    let token = kandy.account_token().await;
    let key = [("key", token.as_str())];
    assert_eq!(kandy.call("domain_list", &key).await.result(), &json!({"domains": []}));

    let body = json!({"domain_name": "Example.com", "project_name": "My project"});
    let created = kandy.post("domain_create", &key, &body).await;
    let (api_key, secret) = (created.text("domain_api_key"), created.text("domain_api_secret"));
    assert!(is_credential(&api_key, "DAK") && is_credential(&secret, "DAS"));
    kandy.domain("another.example.com").await;

    let listed = kandy.call("domain_list", &key).await;
    let domain = &listed.result()["domains"][0];
    let payment = domain["next_recurring_payment"].as_str().expect("a day");
    assert!(payment.len() == 10 && payment.split('-').count() == 3, "{payment}");
    let expected = json!({
        "domain_api_key": api_key,
        "domain_api_secret": secret,
        "domain_name": "example.com",
        "project_name": "My project",
        "account_number": "00000012",
        "account_email": "owner@example.com",
        "number_of_users": "0",
        "next_recurring_payment": payment,
    });
    assert_eq!(domain, &expected);
    assert_eq!(listed.result()["domains"][1]["domain_name"], "another.example.com");

    let deleted = kandy.call("domain_delete", &[key[0], ("domain_api_key", &api_key)]).await;
    assert_eq!((deleted.status(), deleted.message()), (0, "Domain Deleted"));
    assert_eq!(kandy.call("domain_delete", &[key[0], ("domain_api_key", &api_key)]).await.status(), 53);
    assert_eq!(kandy.call("domain_delete", &key).await.status(), 15);
    assert_eq!(kandy.call("domain_list", &key).await.result()["domains"].as_array().map(Vec::len), Some(1));
    assert_eq!(kandy.post("domain_create", &key, &body).await.status(), 0, "the name is free again");
}

#[tokio::test]
async fn taken_or_invalid_domain_name_is_refused() {
    let kandy = Kandy::start();
    kandy.domain("example.com").await;
    let token = kandy.account_token().await;
    for (name, status) in [
        (json!("EXAMPLE.com"), 2001),
        (json!("two words"), 2001),
        (json!("russ@example.com"), 2001),
        (json!("a..b"), 2001),
        (json!("a".repeat(254)), 2001),
        (json!(""), 15),
        (json!(null), 15),
        (json!(["example.org"]), 16),
        (json!(true), 16),
        (json!(42), 0),
    ] {
        let response = kandy.post("domain_create", &[("key", &token)], &json!({"domain_name": name})).await;
        assert_eq!(response.status(), status, "{name}");
    }
    assert_eq!(kandy.post("domain_create", &[("key", &token)], &json!({})).await.status(), 15);
}

#[tokio::test]
async fn deleting_a_domain_deletes_its_contents() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let group = kandy_emulator::NewGroup::new("Friends").owner(&user.full_id);
    kandy.emulator.create_group(group).expect("a group");
    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &domain.key)]).await;

    assert_eq!(kandy.call("user_list", &[("key", &domain.token)]).await.status(), 55);
    assert_eq!(kandy.call("device_list", &[("key", &user.token)]).await.status(), 55);
    let state = kandy.emulator.state();
    assert_eq!((state.domains, state.users, state.devices, state.groups), (0, 0, 0, 0));
}

#[tokio::test]
async fn token_of_another_level_is_refused() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let account = kandy.account_token().await;
    for (operation, right) in [("domain_list", &account), ("user_list", &domain.token), ("device_list", &user.token)] {
        for token in [&account, &domain.token, &user.token] {
            let status = if token == right { 0 } else { 11 };
            assert_eq!(kandy.call(operation, &[("key", token)]).await.status(), status, "{operation} {token}");
        }
        for (key, status) in [("", 15), ("nobody", 55), (domain.key.as_str(), 55), (&user.key, 55)] {
            assert_eq!(kandy.call(operation, &[("key", key)]).await.status(), status, "{operation} {key}");
        }
    }
}
