//! Where sources disagree on what is asked, both forms are taken. Where they disagree on what is
//! answered, the form of live answers is there, and what the other side reads is not in its way.

use serde_json::{Value, json};

use crate::common::{Domain, Kandy, User, envelope, text_message};

/// Two users of a domain.
struct World {
    kandy: Kandy,
    account: String,
    domain: Domain,
    russ: User,
    anna: User,
}

impl World {
    async fn new() -> Self {
        let kandy = Kandy::start();
        let account = kandy.account_token().await;
        let domain = kandy.domain("example.com").await;
        let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
        Self { kandy, account, domain, russ, anna }
    }

    /// Sends a message of russ to anna, and answers the status and what waits for anna then.
    async fn send(&self, device: &str, body: &Value) -> (i64, Vec<Value>) {
        let from = [("key", self.russ.token.as_str()), ("device_id", device)];
        let sent = self.kandy.post("message_send", &from, body).await.status();
        (sent, self.kandy.messages(&self.anna.token, &self.anna.device).await)
    }
}

#[tokio::test]
async fn what_is_asked() {
    let world = World::new().await;
    let World { kandy, account, domain, russ, anna } = &world;
    let (key, secret, token) = (domain.key.as_str(), domain.secret.as_str(), domain.token.as_str());
    let third = kandy.user(domain, "third").await;
    let fourth = kandy.user(domain, "fourth").await;
    let forgotten = format!("domain_api_secret{secret}");

    // Operation, query, status: both sides of each disagreement, one below the other.
    for (disagreement, operation, query, status) in [
        ("1: with `=`", "domain_access_token_get", vec![("key", key), ("domain_api_secret", secret)], 0),
        ("1: without `=`, a slip", "domain_access_token_get", vec![("key", key), (&forgotten, "")], 15),
        ("3: token and API key", "domain_get", vec![("key", token), ("domain_api_key", key)], 0),
        (
            "3: API key, secret and token",
            "domain_get",
            vec![("key", key), ("domain_api_secret", secret), ("domain_access_token", token)],
            0,
        ),
        ("6: key is the token", "user_get", vec![("key", token), ("user_access_token", &russ.token)], 0),
        ("6: key is the API key", "user_get", vec![("key", key), ("user_access_token", &russ.token)], 0),
        ("6: the user by API key", "user_get", vec![("key", token), ("user_api_key", &russ.key)], 0),
        ("5: token and API key", "user_delete", vec![("key", token), ("user_api_key", &third.key)], 0),
        ("5: API key alone", "user_delete", vec![("key", &fourth.key)], 0),
        (
            "5: token, id and password",
            "user_delete",
            vec![("key", token), ("user_id", "anna"), ("user_password", &anna.password)],
            0,
        ),
        ("2: DELETE", "domain_delete", vec![("key", account), ("domain_api_key", key)], 0),
    ] {
        let answer = kandy.call(operation, &query).await;
        assert_eq!((answer.http, answer.status()), (200, status), "{disagreement}");
    }
}

#[tokio::test]
async fn deleting_is_not_done_by_get() {
    let World { kandy, account, domain, russ, .. } = World::new().await;
    // Disagreement 2. GET is another operation on most of the paths; what it names stays.
    for (operation, query) in [
        ("domain_delete", vec![("key", account.as_str()), ("domain_api_key", domain.key.as_str())]),
        ("user_delete", vec![("key", domain.token.as_str()), ("user_api_key", russ.key.as_str())]),
        ("device_delete", vec![("key", russ.token.as_str()), ("device_id", russ.device.as_str())]),
    ] {
        let operation = kandy_sys::Operation::find(operation).expect("part of the API");
        let answer = envelope(kandy.http.get(kandy.url(operation.path)).query(&query)).await;
        assert_eq!(answer.status(), 0, "{operation}");
    }
    let state = kandy.emulator.state();
    assert_eq!((state.domains, state.users, state.devices), (1, 2, 2));
}

#[tokio::test]
async fn what_is_sent() {
    let world = World::new().await;
    let World { kandy, domain, russ, anna, .. } = &world;
    let third = kandy.user(domain, "third").await;
    let base = || text_message(&anna.full_id, "1");
    let spelt = |from: &str, to: &str| {
        let mut body = base();
        let members = body["message"].as_object_mut().expect("an object");
        let value = members.remove(from).expect("there");
        members.insert(to.to_owned(), value);
        body
    };
    let inside = |message_type: &str| {
        let mut body = base();
        body["message"]["messageType"] = json!(message_type);
        body
    };
    let beside = |message_type: &str| {
        let mut body = base();
        body["messageType"] = json!(message_type);
        body
    };

    let mut waiting = 0;
    for (disagreement, device, body, status, message_type) in [
        ("8: contentType", &russ.device, base(), 0, "chat"),
        ("8: content_type", &russ.device, spelt("contentType", "content_type"), 0, "chat"),
        ("11: the sender's device", &russ.device, base(), 0, "chat"),
        ("11: the receiver's device", &anna.device, base(), 0, "chat"),
        ("11: anybody else's", &third.device, base(), 53, ""),
        ("14: messageType inside", &russ.device, inside("new"), 0, "new"),
        ("14: messageType beside", &russ.device, beside("new"), 0, "new"),
    ] {
        let (sent, pending) = world.send(device, &body).await;
        assert_eq!(sent, status, "{disagreement}");
        waiting += usize::from(status == 0);
        assert_eq!(pending.len(), waiting, "{disagreement}");
        if status == 0 {
            let last = &pending[waiting - 1];
            assert_eq!((&last["messageType"], &last["contentType"]), (&json!(message_type), &json!("text")));
            assert_eq!((last.get("content_type"), &last["UUID"]), (None, &json!("1")), "{disagreement}");
        }
    }
}

#[tokio::test]
async fn hyphens_in_ids_do_not_matter() {
    let world = World::new().await;
    let (plain, hyphenated) = ("abc2fa752c3c4edf97de8b0a12f622f0", "abc2fa75-2c3c-4edf-97de-8b0a12f622f0");
    for (sent, deleted) in [(plain, plain), (plain, hyphenated), (hyphenated, plain), (hyphenated, hyphenated)] {
        let (_, pending) = world.send(&world.russ.device, &text_message(&world.anna.full_id, sent)).await;
        assert_eq!((pending.len(), &pending[0]["UUID"]), (1, &json!(sent)), "it is answered as it was sent");
        let messages = json!([deleted]).to_string();
        let query = [("key", world.anna.token.as_str()), ("device_id", &world.anna.device), ("messages", &messages)];
        world.kandy.call("message_delete", &query).await;
        assert!(world.kandy.messages(&world.anna.token, &world.anna.device).await.is_empty(), "{sent} {deleted}");
    }
}

#[tokio::test]
async fn what_is_answered() {
    let World { kandy, account, domain, russ, .. } = World::new().await;
    let created =
        kandy.post("domain_create", &[("key", &account)], &json!({"domain_name": "a", "project_name": "b"})).await;
    let user = kandy.post("user_create", &[("key", &domain.token)], &json!({"user_id": "new"})).await;
    let body = json!({"user_phone_number": "3524096582", "user_country_code": "US"});
    let by_phone = kandy.post("user_create_by_phone_number", &[("key", &domain.token)], &body).await;
    let details = kandy.call("user_get", &[("key", &domain.token), ("user_api_key", &russ.key)]).await;
    let devices = kandy.call("device_list", &[("key", &russ.token)]).await;

    // The answer, what is there, and what is not.
    let device = &devices.result()["devices"][0];
    for (disagreement, object, there, not_there) in [
        (
            "4: domain",
            created.result(),
            vec!["domain_api_key", "domain_api_secret", "domain_name", "project_name"],
            vec![],
        ),
        ("9: user", user.result(), vec!["user_id", "user_password", "user_api_key", "user_api_secret"], vec![]),
        ("9: user by phone", by_phone.result(), vec!["user_id", "user_password", "user_api_key"], vec![]),
        ("6: details", details.result(), vec!["user"], vec!["users"]),
        ("7: device", device, vec!["id", "nativeID", "name"], vec!["device_id", "device_native_id", "device_name"]),
    ] {
        assert!(there.iter().all(|member| !object[*member].is_null()), "{disagreement}: {object}");
        assert!(not_there.iter().all(|member: &&str| object.get(*member).is_none()), "{disagreement}: {object}");
    }
    // Disagreement 9 again: who only reads these two is served as well.
    assert_eq!((user.status(), user.message()), (0, "success"));
}

#[tokio::test]
async fn how_things_are_created() {
    let World { kandy, account, domain, russ, .. } = World::new().await;
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
        // Names have to differ from one form to the next.
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
            let answer = kandy.send(operation, request).await;
            assert_eq!(answer.status(), 0, "{operation} as {form}: {}", answer.json);
        }
    }
    let users = kandy.call("user_list", &[("key", &domain.token)]).await;
    let users = users.result()["users"].as_array().expect("a list").clone();
    let mails: Vec<_> = users.iter().filter_map(|user| user["user_email"].as_str()).collect();
    assert_eq!(mails, ["a+b@example.com"; 4]);
    assert!(users.iter().any(|user| user["user_id"] == "4912344"), "{users:?}");
}

#[tokio::test]
async fn the_body_comes_before_the_query() {
    let World { kandy, domain, .. } = World::new().await;
    let query = [("key", domain.token.as_str()), ("user_id", "query"), ("user_email", "query@example.com")];
    let created = kandy.post("user_create", &query, &json!({"user_id": "body"})).await;
    assert_eq!(created.text("user_id"), "body");
    let key = created.text("user_api_key");
    let details = kandy.call("user_get", &[query[0], ("user_api_key", &key)]).await;
    assert_eq!(details.result()["user"]["user_email"], "query@example.com");
}
