//! Equivalent forms of requests, on which the sources differ without disagreeing.

use serde_json::{Value, json};

use crate::fixture::{Domain, Kandy, User, text_message, users};

/// Two users of a domain.
struct Fixture {
    kandy: Kandy,
    account: String,
    domain: Domain,
    russ: User,
    anna: User,
}

impl Fixture {
    async fn new() -> Self {
        let kandy = Kandy::start();
        let account = kandy.account_token().await;
        let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
        Self { kandy, account, domain, russ, anna }
    }

    /// Sends a message from russ to anna, and returns the status and the pending messages of anna.
    async fn send(&self, body: &Value) -> (i64, Vec<Value>) {
        let from = [("key", self.russ.token.as_str()), ("device_id", &self.russ.device)];
        let sent = self.kandy.post("message_send", &from, body).await.status();
        (sent, self.kandy.messages(&self.anna.token, &self.anna.device).await)
    }
}

#[tokio::test]
async fn hyphens_in_ids_are_ignored() {
    let fixture = Fixture::new().await;
    let (plain, hyphenated) = ("abc2fa752c3c4edf97de8b0a12f622f0", "abc2fa75-2c3c-4edf-97de-8b0a12f622f0");
    for (sent, deleted) in [(plain, plain), (plain, hyphenated), (hyphenated, plain), (hyphenated, hyphenated)] {
        let (_, pending) = fixture.send(&text_message(&fixture.anna.full_id, sent)).await;
        assert_eq!((pending.len(), &pending[0]["UUID"]), (1, &json!(sent)), "it is answered as it was sent");
        let messages = json!([deleted]).to_string();
        let query =
            [("key", fixture.anna.token.as_str()), ("device_id", &fixture.anna.device), ("messages", &messages)];
        fixture.kandy.call("message_delete", &query).await;
        assert!(fixture.kandy.messages(&fixture.anna.token, &fixture.anna.device).await.is_empty(), "{sent} {deleted}");
    }
}

#[tokio::test]
async fn create_accepts_json_form_and_query() {
    let Fixture { kandy, account, domain, russ, .. } = Fixture::new().await;
    for (operation, token, fields) in [
        ("domain_create", &account, vec![("domain_name", "n.example.com"), ("project_name", "My project & more")]),
        ("user_create", &domain.token, vec![("user_id", "n"), ("user_email", "a+b@example.com")]),
        (
            "user_create_by_phone_number",
            &domain.token,
            vec![("user_phone_number", "12345"), ("user_country_code", "+49")],
        ),
        ("device_create", &russ.token, vec![("device_native_id", "n"), ("device_name", "ä ö")]),
    ] {
        let mut n = 0;
        // Each form needs another name.
        let mut next = || {
            n += 1;
            fields
                .iter()
                .enumerate()
                .map(|(at, (name, value))| {
                    (
                        *name,
                        if at == 0 {
                            value.replace('n', &format!("n{n}")).replace("12345", &format!("1234{n}"))
                        } else {
                            (*value).to_owned()
                        },
                    )
                })
                .collect::<Vec<_>>()
        };
        let object = |fields: Vec<(&str, String)>| {
            fields.into_iter().map(|(k, v)| (k.to_owned(), v.into())).collect::<serde_json::Map<_, _>>()
        };
        let key = [("key", token.as_str())];
        let requests = [
            ("JSON", kandy.request(operation, &key).json(&object(next()))),
            ("JSON without a type", kandy.request(operation, &key).body(Value::from(object(next())).to_string())),
            ("a form", kandy.request(operation, &key).form(&next())),
            ("the query", kandy.request(operation, &key).query(&next())),
        ];
        for (form, request) in requests {
            let response = kandy.send(operation, request).await;
            assert_eq!(response.status(), 0, "{operation} as {form}: {}", response.json);
        }
    }
    let users = kandy.call("user_list", &[("key", &domain.token)]).await;
    let users = users.result()["users"].as_array().expect("a list").clone();
    let mails: Vec<_> = users.iter().filter_map(|user| user["user_email"].as_str()).collect();
    assert_eq!(mails, ["a+b@example.com"; 4]);
    assert!(users.iter().any(|user| user["user_id"] == "4912344"), "{users:?}");
}

#[tokio::test]
async fn body_overrides_query() {
    let Fixture { kandy, domain, .. } = Fixture::new().await;
    let query = [("key", domain.token.as_str()), ("user_id", "query"), ("user_email", "query@example.com")];
    let created = kandy.post("user_create", &query, &json!({"user_id": "body"})).await;
    assert_eq!(created.text("user_id"), "body");
    let key = created.text("user_api_key");
    let details = kandy.call("user_get", &[query[0], ("user_api_key", &key)]).await;
    assert_eq!(details.result()["user"]["user_email"], "query@example.com");
}
