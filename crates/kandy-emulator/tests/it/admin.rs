//! The endpoints below `/_emulator`.

use kandy_emulator::Emulator;
use kandy_sys::OPERATIONS;
use serde_json::{Value, json};

use crate::fixture::{Kandy, admin_response, text_message};

impl Kandy {
    async fn get(&self, name: &str) -> Value {
        let (http, json) = admin_response(self.http.get(self.admin_url(name))).await;
        assert_eq!(http, 200, "{json}");
        json
    }

    async fn send_json(&self, name: &str, body: Value) -> (u16, Value) {
        admin_response(self.http.post(self.admin_url(name)).json(&body)).await
    }
}

#[tokio::test]
async fn summary_and_reset() {
    let kandy = Kandy::start();
    assert_eq!(kandy.get("health").await, json!({"status": "ok"}));
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let from = [("key", russ.token.as_str()), ("device_id", russ.device.as_str())];
    kandy.post("message_send", &from, &text_message(&anna.full_id, "1")).await;
    kandy
        .post("sms_send", &from, &json!({"message": {"destination": "12245556666", "message": {"text": "Hello"}}}))
        .await;
    let (http, group) = kandy.send_json("groups", json!({"name": "Friends", "owners": [russ.full_id]})).await;
    assert!(http == 200 && group["group_id"].is_string(), "{group}");

    kandy.post("session_create", &[("key", &russ.token)], &json!({})).await;

    let mut state = kandy.get("state").await;
    assert!(state["now_ms"].take().as_u64() > Some(1_700_000_000_000));
    if let Some(bytes) = state.as_object_mut().and_then(|state| state.remove("memory_bytes")) {
        assert!(bytes.as_u64() > Some(1024 * 1024), "{bytes}");
    }
    let expected = json!({
        "now_ms": null,
        "token_ttl_ms": 3_600_000,
        "domains": 1,
        "users": 2,
        "devices": 2,
        "groups": 1,
        "sessions": 1,
        "contents": 0,
        "live_tokens": 4,
        "pending_messages": 1,
        "sms": 1,
        "domain_names": ["example.com"],
        "full_user_ids": ["russ@example.com", "anna@example.com"],
        "group_names": ["Friends"],
    });
    assert_eq!(state, expected);
    let sms = json!({
        "sender": "russ@example.com",
        "source": null,
        "destination": "+12245556666",
        "destination_as_sent": "12245556666",
        "text": "Hello",
        "encoding": "GSM-7",
        "segments": 1,
        "device_id": russ.device,
    });
    assert_eq!(kandy.get("sms").await, json!({"sms": [sms]}));

    assert_eq!(kandy.send_json("reset", json!({})).await.0, 200);
    let state = kandy.emulator.state();
    assert_eq!(
        (state.domains, state.users, state.devices, state.groups, state.live_tokens, state.sms),
        (0, 0, 0, 0, 0, 0)
    );
    assert!(kandy.emulator.requests().is_empty());
    assert_eq!(kandy.call("device_list", &[("key", &russ.token)]).await.status(), 55);
    kandy.account_token().await;
}

#[tokio::test]
async fn clock_advances() {
    let kandy = Kandy::start();
    let token = kandy.account_token().await;
    let before = kandy.emulator.state().now_ms;
    let (_, clock) = kandy.send_json("clock", json!({"advance_ms": 3_600_000})).await;
    assert!(clock["now_ms"].as_u64() >= Some(before + 3_600_000), "{clock}");
    assert_eq!(kandy.call("domain_list", &[("key", &token)]).await.status(), 10);
    for body in [
        json!({"advance_ms": -1}),
        json!({"advance_ms": "CANARY"}),
        json!({}),
        json!([]),
        json!({"advance_ms": 1, "more": 1}),
    ] {
        let (http, response) = kandy.send_json("clock", body).await;
        assert_eq!((http, &response["status"]), (400, &json!(14)));
        assert!(!response.to_string().contains("CANARY"), "{response}");
    }
    kandy.send_json("clock", json!({"advance_ms": u64::MAX})).await;
    let token = kandy.account_token().await;
    let domain = kandy.post("domain_create", &[("key", &token)], &json!({"domain_name": "late"})).await;
    assert_eq!(domain.status(), 0);
    let domains = kandy.call("domain_list", &[("key", &token)]).await;
    assert_eq!(domains.result()["domains"][0]["next_recurring_payment"], "9999-12-31", "the end of time");
    kandy.emulator.reset();
    assert!(kandy.emulator.state().now_ms < before + 3_600_000);
}

#[tokio::test]
async fn creates_groups_and_contacts() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let group = json!({"name": "Friends", "owners": [russ.full_id], "muted": [anna.full_id], "max_members": 2});
    let (_, created) = kandy.send_json("groups", group).await;
    let id = created["group_id"].as_str().expect("an id");
    let details = kandy.call("group_get", &[("key", &anna.token), ("group_id", id)]).await;
    assert_eq!(details.result()["max_members"], "2");
    assert_eq!(details.result()["members"], json!([{"full_user_id": "anna@example.com", "muted": true}]));

    let contact = json!({"device_id": russ.device, "contact": {"number": "+14055671234", "hintType": "community"}});
    assert_eq!(kandy.send_json("contacts", contact).await.0, 200);
    let book = kandy.call("device_address_book_get", &[("key", &russ.token), ("device_id", &russ.device)]).await;
    assert_eq!(book.result()["contacts"][0]["hintType"], "community");

    for (name, body, status) in [
        ("groups", json!({"name": "Friends", "members": ["nobody@example.com"]}), 701),
        ("groups", json!({"name": "Friends"}), 15),
        ("groups", json!({"owners": [russ.full_id]}), 14),
        ("contacts", json!({"device_id": "nothing", "contact": {"number": "1"}}), 53),
        ("contacts", json!({"device_id": russ.device, "contact": {}}), 15),
        ("contacts", json!({"device_id": russ.device}), 14),
    ] {
        let (http, response) = kandy.send_json(name, body.clone()).await;
        assert_eq!((http, &response["status"]), (400, &json!(status)), "{body}");
    }
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused() {
    let kandy = Kandy::start();
    for (name, http) in
        [("events/x", 404), ("nothing", 404), ("clock", 405), ("reset", 405), ("health/", 200), ("HEALTH", 200)]
    {
        assert_eq!(admin_response(kandy.http.get(kandy.admin_url(name))).await.0, http, "{name}");
    }
    assert_eq!(admin_response(kandy.http.delete(kandy.admin_url("state"))).await.0, 405);
    assert_eq!(admin_response(kandy.http.post(kandy.admin_url("clock")).body("{")).await.0, 400);
    assert!(kandy.emulator.requests().is_empty(), "tools are not requests to the API");
}

#[tokio::test]
async fn request_log_masks_credentials() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    kandy.call("user_get", &[("key", &domain.token), ("user_api_key", "UAKnobody"), ("extra", "shown")]).await;
    kandy.http.get(kandy.url("/nothing?a=b")).send().await.expect("a response");
    let requests = kandy.emulator.requests();
    let operations: Vec<_> = requests.iter().map(|request| request.operation).collect();
    let expected = ["account_access_token_get", "domain_create", "domain_access_token_get", "user_get"];
    assert_eq!(operations[..4], expected.map(Some));
    let details = &requests[3];
    assert_eq!((details.method.as_str(), details.path.as_str()), ("GET", "/v1.2/domains/users/details"));
    assert_eq!((details.http_status, details.status), (Some(200), Some(53)));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(details.query, [pair("key", "***"), pair("user_api_key", "***"), pair("extra", "shown")]);
    assert_eq!((operations[4], requests[4].http_status, requests[4].status), (None, Some(404), Some(18)));
    assert_eq!(requests[4].query, [pair("***", "***")]);
    let mut served = kandy.get("requests").await["requests"].take();
    for request in served.as_array_mut().expect("a list") {
        let request = request.as_object_mut().expect("an object");
        for name in ["id", "time", "duration_us"] {
            assert!(request.remove(name).is_some_and(|value| value.is_u64()), "{name}");
        }
        request.remove("caller").expect("the owner of the credential, or null");
    }
    assert_eq!(served, serde_json::to_value(&requests).expect("JSON"));
}

#[tokio::test]
async fn credentials_appear_nowhere() {
    let (key, secret) = ("AAKcanary-in-the-key", "AAScanary-in-the-secret");
    let builder = Emulator::builder().account(key, secret);
    assert!(!format!("{builder:?}").contains("canary"));
    let kandy = Kandy::on(builder.start().expect("a free port"));
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let account = kandy.account_token().await;
    let mut secrets = vec!["canary".to_owned(), account, domain.key, domain.secret, domain.token];
    secrets.extend([user.key, user.password, user.token.clone()]);

    // In the right parameter, in a wrong one, in a name, in a path and in a body.
    for operation in OPERATIONS {
        for secret in &secrets[1..] {
            let named = format!("domain_api_secret{secret}");
            let mut query = vec![("key", secret.as_str()), ("user_password", secret), (named.as_str(), "")];
            query.extend(
                operation
                    .parameters
                    .iter()
                    .filter(|parameter| parameter.secret)
                    .map(|parameter| (parameter.name, secret.as_str())),
            );
            if secret.len() == 35 {
                query.extend([("device_id", secret.as_str()), ("anything", secret)]);
            }
            let request =
                kandy.request(operation.id, &query).json(&json!({"user_password": secret, "message": secret}));
            let text = request.send().await.expect("a response").text().await.expect("text");
            let response: Value = serde_json::from_str(&text).expect("JSON");
            assert!(!response["message"].to_string().contains(secret.as_str()), "{operation}: {text}");
        }
    }
    kandy.http.get(kandy.url(&format!("/{}", user.token))).send().await.expect("a response");

    let shown = [
        format!("{:?} {:?} {:?}", kandy.emulator, kandy.emulator.requests(), kandy.emulator.state()),
        kandy.emulator.requests().iter().map(|request| format!("{request}\n")).collect(),
        kandy.get("requests").await.to_string(),
        kandy.get("state").await.to_string(),
        kandy.get("sms").await.to_string(),
    ];
    for text in &shown {
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{secret}");
        }
    }
    assert!(kandy.emulator.requests().len() > OPERATIONS.len());
}
