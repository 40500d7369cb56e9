//! Operations of the tag Domain.

use serde_json::{Value, json};

use crate::fixture::{Kandy, is_credential, text_message};

#[tokio::test]
async fn token_is_minted_and_revoked() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    assert!(is_credential(&domain.token, "DAT"));
    let other = kandy.domain("example.org").await;
    let credentials = [("key", domain.key.as_str()), ("domain_api_secret", &domain.secret)];
    for (query, status) in [
        (vec![credentials[1]], 15),
        (vec![credentials[0]], 15),
        (vec![credentials[0], ("domain_api_secret", &other.secret)], 55),
        (vec![("key", domain.token.as_str()), credentials[1]], 55),
    ] {
        assert_eq!(kandy.call("domain_access_token_get", &query).await.status(), status, "{query:?}");
    }

    assert_eq!(kandy.call("domain_access_token_delete", &credentials).await.status(), 15);
    for (token, status) in [(&other.token, 55), (&domain.token, 0)] {
        let query = [credentials[0], credentials[1], ("domain_access_token", token)];
        assert_eq!(kandy.call("domain_access_token_delete", &query).await.status(), status);
    }
    assert_eq!(kandy.call("user_list", &[("key", &domain.token)]).await.status(), 10);
    assert_eq!(kandy.call("user_list", &[("key", &other.token)]).await.status(), 0);
}

#[tokio::test]
async fn details_count_users() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    kandy.user(&domain, "russ").await;
    let query = [("key", domain.token.as_str()), ("domain_api_key", &domain.key)];
    let details = kandy.call("domain_get", &query).await;
    assert_eq!(details.result()["domain"]["number_of_users"], "1");
    assert_eq!(details.result()["domain"]["domain_name"], domain.name.as_str());

    let other = kandy.domain("example.org").await;
    for (key, status) in [(other.key.as_str(), 11), ("DAKnobody", 53), ("", 15)] {
        assert_eq!(kandy.call("domain_get", &[query[0], ("domain_api_key", key)]).await.status(), status, "{key}");
    }
}

#[tokio::test]
async fn second_form_of_details_needs_three_parameters() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let other = kandy.domain("example.org").await;
    let (key, secret) = (("key", domain.key.as_str()), ("domain_api_secret", domain.secret.as_str()));
    for (query, status) in [
        (vec![key, secret, ("domain_access_token", domain.token.as_str())], 0),
        (vec![key, secret], 15),
        (vec![key, ("domain_access_token", &domain.token)], 15),
        (vec![key, ("domain_api_secret", &other.secret), ("domain_access_token", &domain.token)], 55),
        (vec![key, secret, ("domain_access_token", &other.token)], 11),
        (vec![key, secret, ("domain_access_token", "nothing")], 55),
    ] {
        assert_eq!(kandy.call("domain_get", &query).await.status(), status, "{query:?}");
    }
    kandy.emulator.revoke_all_tokens();
    let query = [key, secret, ("domain_access_token", &domain.token)];
    assert_eq!(kandy.call("domain_get", &query).await.status(), 10);
}

#[tokio::test]
async fn creates_user_with_credentials() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let body = json!({
        "user_id": "russ",
        "user_country_code": "+1",
        "user_first_name": "Russ",
        "user_last_name": "Ä. \u{0} \"",
        "user_email": "russ@example.org",
        "user_password": "abcdef12",
    });
    let created = kandy.post("user_create", &[("key", &domain.token)], &body).await;
    let (key, secret) = (created.text("user_api_key"), created.text("user_api_secret"));
    assert!(is_credential(&key, "UAK") && is_credential(&secret, "UAS"));
    let expected = json!({
        "user_id": "russ",
        "user_password": "abcdef12",
        "full_user_id": "russ@example.com",
        "domain_name": "example.com",
        "user_api_key": key,
        "user_api_secret": secret,
    });
    assert_eq!(created.result(), &expected);

    let user = json!({
        "user_api_key": key,
        "user_api_secret": secret,
        "user_id": "russ",
        "domain_name": "example.com",
        "full_user_id": "russ@example.com",
        "user_country_code": "1",
        "user_first_name": "Russ",
        "user_last_name": "Ä. \u{0} \"",
        "user_email": "russ@example.org",
    });
    let listed = kandy.call("user_list", &[("key", &domain.token)]).await;
    assert_eq!(listed.result(), &json!({"users": [user]}));
    let details = kandy.call("user_get", &[("key", &domain.token), ("user_api_key", &key)]).await;
    assert_eq!(details.result(), &json!({"user": user, "users": [user]}));
}

#[tokio::test]
async fn creates_user_by_phone_number() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let key = [("key", domain.token.as_str())];
    let body = json!({"user_phone_number": "3524096582", "user_country_code": "US"});
    let created = kandy.post("user_create_by_phone_number", &key, &body).await;
    assert_eq!(created.text("full_user_id"), "13524096582@example.com");
    let password = created.text("user_password");
    assert!(password.len() == 14 && password.bytes().all(|digit| digit.is_ascii_hexdigit()), "{password}");
    let listed = kandy.call("user_list", &key).await;
    let user = &listed.result()["users"][0];
    assert_eq!(user["user_id"], "13524096582");
    assert_eq!((&user["user_phone_number"], &user["user_country_code"]), (&json!("3524096582"), &json!("1")));
    assert_eq!(user["user_password"], Value::Null);

    for (number, country, status) in [
        (json!("3524096582"), json!("+1"), 50),
        (json!(3_524_096_583_i64), json!(1), 0),
        (json!("35240a6582"), json!("US"), 16),
        (json!("123"), json!("US"), 16),
        (json!("3524096582"), json!("XX"), 54),
        (json!("3524096582"), json!(null), 15),
        (json!(""), json!("US"), 15),
        (json!({}), json!("US"), 16),
    ] {
        let body = json!({"user_phone_number": number, "user_country_code": country});
        assert_eq!(kandy.post("user_create_by_phone_number", &key, &body).await.status(), status, "{body}");
    }
}

#[tokio::test]
async fn invalid_user_is_refused() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    kandy.user(&domain, "russ").await;
    for (body, status) in [
        (json!({"user_id": "russ"}), 50),
        (json!({"user_id": "anna@example.com"}), 51),
        (json!({"user_id": ""}), 51),
        (json!({"user_id": "an na"}), 51),
        (json!({"user_id": "an\u{0}na"}), 51),
        (json!({"user_id": "a".repeat(129)}), 51),
        (json!({}), 15),
        (json!({"user_id": []}), 16),
        (json!({"user_id": "anna", "user_country_code": "USA"}), 54),
        (json!({"user_id": "anna", "user_password": "short1"}), 52),
        (json!({"user_id": "anna", "user_password": "no digits"}), 52),
        (json!({"user_id": "anna", "user_email": {}}), 16),
        (json!({"user_id": "Russ"}), 0),
        (json!({"user_id": "anna", "user_password": "", "user_country_code": ""}), 0),
    ] {
        let response = kandy.post("user_create", &[("key", &domain.token)], &body).await;
        assert_eq!((response.http, response.status()), (200, status), "{body}");
        assert!(!response.message().contains("short1"), "it repeats a password");
    }
    let other = kandy.domain("example.org").await;
    let response = kandy.post("user_create", &[("key", &other.token)], &json!({"user_id": "russ"})).await;
    assert_eq!(response.text("full_user_id"), "russ@example.org");
}

#[tokio::test]
async fn lists_users_in_creation_order() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let ids = ["zoe", "anna", "mia", "bert"];
    for id in ids {
        kandy.user(&domain, id).await;
    }
    let listed = kandy.call("user_list", &[("key", &domain.token)]).await;
    let users = listed.result()["users"].as_array().expect("a list").clone();
    assert_eq!(users.iter().map(|user| user["user_id"].as_str().expect("an id")).collect::<Vec<_>>(), ids);
}

#[tokio::test]
async fn user_details_need_a_name() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "russ").await;
    let key = ("key", domain.token.as_str());
    for (query, status) in [
        (vec![key, ("user_access_token", russ.token.as_str())], 0),
        (vec![key, ("user_api_key", &russ.key), ("user_access_token", &russ.token)], 0),
        (vec![key, ("user_api_key", &anna.key), ("user_access_token", &russ.token)], 16),
        (vec![key, ("user_api_key", &stranger.key)], 53),
        (vec![key, ("user_access_token", &stranger.token)], 53),
        (vec![key, ("user_access_token", "UATnobody")], 53),
        (vec![key], 15),
        (vec![("key", russ.token.as_str()), ("user_api_key", &russ.key)], 11),
    ] {
        assert_eq!(kandy.call("user_get", &query).await.status(), status, "{query:?}");
    }
}

#[tokio::test]
async fn deleting_a_user_deletes_its_contents() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let group = kandy_emulator::NewGroup::new("Friends").owner(&russ.full_id).member(&anna.full_id);
    let group = kandy.emulator.create_group(group).expect("a group");
    let other = kandy.domain("example.org").await;
    let key = ("key", domain.token.as_str());
    for (query, status) in [
        (vec![key], 15),
        (vec![key, ("user_id", "russ")], 15),
        (vec![key, ("user_id", "russ"), ("user_password", "wrong123")], 55),
        (vec![key, ("user_id", "nobody"), ("user_password", "wrong123")], 53),
        (vec![key, ("user_id", "a@b"), ("user_password", "wrong123")], 51),
        (vec![key, ("user_api_key", "UAKnobody")], 53),
        (vec![("key", other.token.as_str()), ("user_api_key", &russ.key)], 53),
        (vec![("key", anna.key.as_str()), ("user_api_key", &russ.key)], 11),
        (vec![key, ("user_api_key", &russ.key)], 0),
        (vec![key, ("user_api_key", &russ.key)], 53),
    ] {
        let response = kandy.call("user_delete", &query).await;
        assert_eq!(response.status(), status, "{query:?}");
        assert!(status != 0 || response.message() == "User Deleted");
    }
    assert_eq!(kandy.call("device_list", &[("key", &russ.token)]).await.status(), 55);
    let state = kandy.emulator.state();
    assert_eq!((state.users, state.devices, state.groups), (1, 1, 1));
    let details = kandy.call("group_get", &[("key", &anna.token), ("group_id", &group)]).await;
    // A group needs an owner.
    assert_eq!(details.result()["owners"], json!([{"full_user_id": "anna@example.com", "muted": false}]));

    kandy.call("user_delete", &[key, ("user_api_key", &anna.key)]).await;
    assert_eq!(kandy.emulator.state().groups, 0, "a group without anybody");
    kandy.user(&domain, "russ").await;
}

#[tokio::test]
async fn anonymous_user_is_a_normal_user() {
    let kandy = Kandy::start();
    let (domain, other) = (kandy.domain("example.com").await, kandy.domain("example.org").await);
    let anna = kandy.user(&domain, "anna").await;
    kandy.user(&domain, "anonymous-2").await;
    let by_token = ("anonymous_user_get", domain.token.as_str());
    let by_key = ("anonymous_user_get_by_api_key", domain.key.as_str());
    for ((operation, key), name) in [(by_token, "anonymous-1"), (by_key, "anonymous-3"), (by_token, "anonymous-4")] {
        let guest = kandy.call(operation, &[("key", key)]).await;
        assert_eq!((guest.text("user_name"), guest.text("domain_name")), (name.to_owned(), "example.com".to_owned()));
        assert_eq!(guest.text("full_user_id"), format!("{name}@example.com"));

        let token = guest.text("user_access_token");
        assert!(is_credential(&token, "UAT"));
        let devices = kandy.call("device_list", &[("key", &token)]).await;
        let device = devices.result()["devices"][0]["id"].as_str().expect("a first device");
        let from = [("key", token.as_str()), ("device_id", device)];
        assert_eq!(kandy.post("message_send", &from, &text_message(&anna.full_id, name)).await.status(), 0);

        let password = guest.text("user_password");
        let by_password = [("key", domain.key.as_str()), ("user_id", name), ("user_password", password.as_str())];
        assert_eq!(kandy.call("user_access_token_get", &by_password).await.status(), 0);
    }
    let senders = kandy.messages(&anna.token, &anna.device).await;
    let senders: Vec<_> =
        senders.iter().map(|message| message["sender"]["user_id"].as_str().expect("a name")).collect();
    assert_eq!(senders, ["anonymous-1", "anonymous-3", "anonymous-4"]);
    let users = kandy.call("user_list", &[("key", &domain.token)]).await;
    assert_eq!(users.result()["users"].as_array().map(Vec::len), Some(5), "they are listed");

    // They are deleted like other users, and their names are not reused.
    let key = users.result()["users"][4]["user_api_key"].as_str().expect("a key").to_owned();
    kandy.call("user_delete", &[("key", &domain.token), ("user_api_key", &key)]).await;
    assert_eq!(kandy.call(by_token.0, &[("key", by_token.1)]).await.text("user_name"), "anonymous-5");
    assert_eq!(kandy.call(by_token.0, &[("key", &other.token)]).await.text("user_name"), "anonymous-1");

    for (operation, key, status) in [
        (by_token.0, "", 15),
        (by_token.0, domain.key.as_str(), 55),
        (by_token.0, &anna.token, 11),
        (by_key.0, "", 15),
        (by_key.0, &domain.token, 55),
        (by_key.0, &anna.key, 55),
    ] {
        assert_eq!(kandy.call(operation, &[("key", key)]).await.status(), status, "{operation}");
    }
}

#[tokio::test]
async fn limited_details_have_no_credentials() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let limited = kandy.call("domain_limited_get", &[("key", &domain.token)]).await;
    let mut whole =
        kandy.call("domain_get", &[("key", &domain.token), ("domain_api_key", &domain.key)]).await.result().clone();
    let members = whole["domain"].as_object_mut().expect("an object");
    assert!(members.remove("domain_api_key").is_some() && members.remove("domain_api_secret").is_some());
    assert_eq!(limited.result(), &whole);
    assert_eq!(kandy.call("domain_limited_get", &[("key", &domain.key)]).await.status(), 55);
}

#[tokio::test]
async fn looks_up_country_code() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let key = ("key", domain.token.as_str());
    for (query, country, code) in [
        (vec![key], "US", "1"),
        (vec![key, ("MCC", "310")], "US", "1"),
        (vec![key, ("MCC", "255")], "UA", "380"),
        (vec![key, ("MCC", "262")], "DE", "49"),
        (vec![key, ("MCC", "")], "US", "1"),
    ] {
        let found = kandy.call("country_code_get", &query).await;
        assert_eq!(found.result(), &json!({"country_code": code, "country": country}), "{query:?}");
    }
    for mcc in ["999", "31", "310 ", "US", "-310"] {
        assert_eq!(kandy.call("country_code_get", &[key, ("MCC", mcc)]).await.status(), 53, "{mcc}");
    }
}
