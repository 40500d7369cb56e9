//! `POST /_emulator/tokens`, by which the page calls the API at each level.

use serde_json::{Value, json};

use crate::fixture::{Kandy, admin_response, users};

async fn mint(kandy: &Kandy, body: &Value) -> (u16, Value) {
    admin_response(kandy.http.post(kandy.admin_url("tokens")).json(body)).await
}

#[tokio::test]
async fn a_token_of_each_level_is_accepted_at_that_level_only() {
    let kandy = Kandy::start();
    let _ = users(&kandy, ["russ", "anna"]).await;
    let calls = [("account", "domain_list"), ("domain", "user_list"), ("user", "device_list")];
    for (level, owner) in [
        ("account", json!({"account": true})),
        ("domain", json!({"domain_name": "Example.com"})),
        ("user", json!({"full_user_id": "russ@EXAMPLE.com"})),
    ] {
        let (http, minted) = mint(&kandy, &owner).await;
        assert_eq!((http, minted.as_object().map(serde_json::Map::len)), (200, Some(1)), "{owner}");
        let token = minted[format!("{level}_access_token")].as_str().expect("a token");
        for (allowed, operation) in calls {
            let response = kandy.call(operation, &[("key", token)]).await;
            assert_eq!(response.status() == 0, allowed == level, "{operation} with the token of {level}");
        }
        assert!(kandy.emulator.requests().iter().all(|request| !request.to_string().contains(token)));
    }
}

#[tokio::test]
async fn a_token_has_exactly_one_owner_who_exists() {
    let kandy = Kandy::start();
    let _ = users(&kandy, ["russ", "anna"]).await;
    for (owner, reason) in [
        (json!({}), "give one of these: full_user_id, domain_name, or account"),
        (json!({"account": false}), "give one of these"),
        (json!({"account": true, "domain_name": "example.com"}), "give one of these"),
        (json!({"domain_name": "example.com", "full_user_id": "russ@example.com"}), "give one of these"),
        (json!({"account": false, "full_user_id": "russ@example.com"}), "give one of these"),
        (json!({"full_user_id": "nobody@example.com"}), "user does not exist"),
        (json!({"full_user_id": "russ"}), "user does not exist"),
        (json!({"domain_name": "example.org"}), "domain does not exist"),
        (json!({"account": "true"}), "request body is not as documented"),
        (json!({"user": "russ@example.com"}), "request body is not as documented"),
    ] {
        let (http, refusal) = mint(&kandy, &owner).await;
        assert_eq!(http, 400, "{owner}");
        let message = refusal["message"].as_str().expect("a message");
        assert!(message.contains(reason), "{owner}: {message}");
    }
}
