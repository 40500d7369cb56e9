//! GET deletes nothing.

use http::Method;
use kandy_sys::{
    OPERATIONS,
    operation::{Credential, Level},
};
use serde_json::json;

use super::row::Setup;
use crate::fixture::{envelope, text_message};

/// Disagreement 2 for every operation: one client sends GET where DELETE is meant.
#[tokio::test]
async fn get_deletes_nothing() {
    let setup = Setup::new().await;
    let Setup { kandy, account, domain, russ, anna, group, .. } = &setup;
    let session = kandy.post("session_create", &[("key", &russ.token)], &json!({})).await.text("session_id");
    let from = [("key", anna.token.as_str()), ("device_id", &anna.device)];
    kandy.post("message_send", &from, &text_message(&russ.full_id, "1")).await;
    let state = || {
        let mut state = kandy.emulator.state();
        // GET mints tokens on some of the paths, and none may be lost.
        let tokens = std::mem::take(&mut state.live_tokens);
        state.now_ms = 0;
        (state, tokens)
    };

    let deletions = OPERATIONS.iter().filter(|operation| operation.method == Method::DELETE);
    for operation in deletions {
        let before = state();
        let key = match operation.credential() {
            Credential::AccessToken(Level::Account) => account.as_str(),
            Credential::AccessToken(Level::Domain) => &domain.token,
            Credential::AccessToken(Level::User) => &russ.token,
            Credential::ApiKey(Level::Account) => kandy.emulator.account_key(),
            Credential::ApiKey(_) => &domain.key,
        };
        let query = [
            ("key", key),
            ("account_api_secret", kandy.emulator.account_secret()),
            ("account_access_token", account),
            ("domain_api_key", &domain.key),
            ("domain_api_secret", &domain.secret),
            ("domain_access_token", &domain.token),
            ("user_api_key", &russ.key),
            ("user_id", "russ"),
            ("user_password", &russ.password),
            ("user_access_token", &russ.token),
            ("device_id", &russ.device),
            ("messages", r#"["1"]"#),
            ("group_id", group),
            ("members", r#"["anna@example.com"]"#),
            ("session_id", &session),
        ];
        let body = json!({"session_id": session, "full_user_id": anna.full_id});
        let response = envelope(kandy.http.get(kandy.url(operation.path)).query(&query).json(&body)).await;
        assert!([200, 405].contains(&response.http), "{operation}: {}", response.json);
        let after = state();
        assert!(before.0 == after.0 && before.1 <= after.1, "{operation}: {before:?} {after:?}");
    }
    assert_eq!(kandy.messages(&russ.token, &russ.device).await.len(), 1);
    let members = kandy.call("group_get", &[("key", &russ.token), ("group_id", group)]).await;
    assert_eq!(members.result()["members"].as_array().map(Vec::len), Some(1));
}
