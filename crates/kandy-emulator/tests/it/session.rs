//! Operations of the tag Session.

use serde_json::{Value, json};

use crate::fixture::{Domain, Kandy, Response, User, envelope, users};

/// An id that no session has.
const UNKNOWN: &str = "834f42eb5a1144a3b679f2d0be20112c";

/// Two users of a domain, and a session that the first of them created.
pub(crate) struct Fixture {
    pub(crate) kandy: Kandy,
    pub(crate) domain: Domain,
    pub(crate) russ: User,
    pub(crate) anna: User,
    pub(crate) id: String,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let kandy = Kandy::start();
        let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
        let body = json!({"session_type": "support", "session_name": "help"});
        let id = kandy.post("session_create", &[("key", &russ.token)], &body).await.text("session_id");
        Self { kandy, domain, russ, anna, id }
    }

    /// Calls an operation on the session with more members in the body, and returns the status.
    pub(crate) async fn ask(&self, operation: &str, user: &User, more: &Value) -> i64 {
        self.send(operation, user, more).await.status()
    }

    async fn send(&self, operation: &str, user: &User, more: &Value) -> Response {
        let mut body = json!({"session_id": self.id});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.kandy.post(operation, &[("key", &user.token)], &body).await
    }

    /// The session as a user sees it.
    async fn details(&self, user: &User) -> Value {
        let details = self.kandy.call("session_get", &[("key", &user.token), ("session_id", &self.id)]).await;
        details.result()["session"].clone()
    }

    /// User, type and status of each participant.
    pub(crate) async fn participants(&self) -> Vec<String> {
        let details = self.details(&self.russ).await;
        let describe = |participant: &Value| {
            let text = |member: &str| participant[member].as_str().expect("a text").to_owned();
            [text("full_user_id"), text("type"), text("status")].join(" ")
        };
        details["participants"].as_array().expect("a list").iter().map(describe).collect()
    }

    /// The ids in a list.
    pub(crate) async fn list(&self, operation: &str, user: &User, query: &[(&str, &str)]) -> Vec<String> {
        let query = [&[("key", user.token.as_str())], query].concat();
        let list = self.kandy.call(operation, &query).await;
        let sessions = list.result()["sessions"].as_array().expect("a list");
        sessions.iter().map(|session| session["session_id"].as_str().expect("an id").to_owned()).collect()
    }
}

pub(crate) const ADMIN: &str = "russ@example.com admin approved";
const PENDING: &str = "anna@example.com participant pending";
const APPROVED: &str = "anna@example.com participant approved";

#[tokio::test]
async fn details_equal_what_was_created() {
    let session = Fixture::new().await;
    let Fixture { kandy, russ, anna, .. } = &session;
    let body = json!({
        "session_type": "cobrowsing",
        "session_name": "tour",
        "session_description": "A guided tour",
        "user_nickname": "Guide",
        "user_first_name": "Russ",
        "user_last_name": "Élan & Sons",
        "user_phone_number": "303-555-1212",
        "user_email": "russ@example.com",
    });
    let id = kandy.post("session_create", &[("key", &russ.token)], &body).await.text("session_id");
    let is_hex = |id: &str| id.len() == 32 && id.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    assert!(is_hex(&id) && id != session.id, "{id}");

    let by_id = kandy.call("session_get", &[("key", &anna.token), ("session_id", &id)]).await;
    let created = by_id.result()["session"]["creation_timestamp"].as_i64().expect("a number");
    assert!(created > 1_700_000_000_000);
    let expected = json!({"session": {
        "session_id": id,
        "session_type": "cobrowsing",
        "session_name": "tour",
        "session_description": "A guided tour",
        "session_status": "inactive",
        "admin_full_user_id": "russ@example.com",
        "domain_name": "example.com",
        "creation_timestamp": created,
        "expiry_timestamp": created + 24 * 60 * 60 * 1000,
        "participants": [{
            "full_user_id": "russ@example.com",
            "type": "admin",
            "status": "approved",
            "user_first_name": "Russ",
            "user_last_name": "Élan & Sons",
            "user_nickname": "Guide",
            "user_phone_number": "303-555-1212",
            "user_email": "russ@example.com",
        }],
    }});
    assert_eq!(by_id.result(), &expected);
    let by_name = kandy.call("session_get_by_name", &[("key", &anna.token), ("session_name", "tour")]).await;
    assert_eq!(by_name.result(), &expected);
}

#[tokio::test]
async fn every_field_is_optional() {
    let session = Fixture::new().await;
    let Fixture { kandy, russ, .. } = &session;
    let key = [("key", russ.token.as_str())];
    for request in [
        kandy.request("session_create", &key),
        kandy.request("session_create", &key).json(&json!({"session_name": "", "user_email": null})),
    ] {
        let id = kandy.send("session_create", request).await.text("session_id");
        let details = kandy.call("session_get", &[key[0], ("session_id", &id)]).await;
        let session = &details.result()["session"];
        assert_eq!((session.get("session_name"), session.get("session_type")), (None, None));
        assert_eq!(session["participants"].as_array().expect("a list").len(), 1);
    }
    // Create accepts JSON, a form and the query; the body overrides the query.
    for request in [
        kandy.request("session_create", &key).form(&[("session_name", "form & all")]),
        kandy.request("session_create", &key).query(&[("session_name", "form & all")]),
    ] {
        let id = kandy.send("session_create", request).await.text("session_id");
        let by_name = kandy.call("session_get_by_name", &[key[0], ("session_name", "form & all")]).await;
        assert_eq!(by_name.result()["session"]["session_id"], json!(id), "the newest of that name");
    }
    for body in [json!({"session_name": ["help"]}), json!({"user_email": {}})] {
        assert_eq!(kandy.post("session_create", &key, &body).await.status(), 16, "{body}");
    }
    assert_eq!(kandy.post("session_create", &key, &json!([])).await.status(), 14);
    assert_eq!(envelope(kandy.request("session_create", &key).body("{")).await.http, 400);
}

#[tokio::test]
async fn admin_starts_stops_and_deletes() {
    let session = Fixture::new().await;
    let Fixture { kandy, russ, anna, .. } = &session;
    assert_eq!(kandy.emulator.state().sessions, 1);
    // Twice each: a repeated request succeeds.
    for (operation, status) in [
        ("session_start", "active"),
        ("session_start", "active"),
        ("session_stop", "inactive"),
        ("session_stop", "inactive"),
        ("session_start", "active"),
    ] {
        let response = session.send(operation, russ, &json!({})).await;
        assert_eq!((response.status(), response.message()), (0, "success"), "{operation}");
        assert_eq!(session.details(anna).await["session_status"], status);
    }
    for operation in ["session_start", "session_stop", "session_delete"] {
        assert_eq!(session.ask(operation, anna, &json!({})).await, 11, "{operation} by another user");
    }
    // A DELETE with a JSON body.
    assert_eq!(session.ask("session_delete", russ, &json!({})).await, 0);
    assert_eq!(session.ask("session_delete", russ, &json!({})).await, 53);
    for (operation, query) in
        [("session_get", ("session_id", session.id.as_str())), ("session_get_by_name", ("session_name", "help"))]
    {
        assert_eq!(kandy.call(operation, &[("key", &russ.token), query]).await.status(), 53, "{operation}");
    }
    assert!(session.list("session_list", russ, &[]).await.is_empty());
    assert_eq!(kandy.emulator.state().sessions, 0);
}

#[tokio::test]
async fn admin_accepts_rejects_and_boots() {
    let session = Fixture::new().await;
    let Fixture { russ, anna, .. } = &session;
    let named = json!({"full_user_id": "anna@example.com"});
    let because = |reason: &str| json!({"full_user_id": "anna@example.com", reason: "no"});
    let shown = json!({"user_nickname": "A", "user_first_name": "Anna", "user_last_name": "Archer"});
    let nothing = json!({});
    let outside = vec![ADMIN];
    for (operation, user, more, expected) in [
        ("session_join", anna, &shown, vec![ADMIN, PENDING]),
        ("session_participant_reject", russ, &because("reject_reason"), outside.clone()),
        ("session_join", anna, &nothing, vec![ADMIN, PENDING]),
        ("session_participant_accept", russ, &named, vec![ADMIN, APPROVED]),
        ("session_participant_boot", russ, &because("boot_reason"), outside.clone()),
        ("session_join", anna, &nothing, vec![ADMIN, PENDING]),
        ("session_leave", anna, &nothing, outside.clone()),
        ("session_join", anna, &nothing, vec![ADMIN, PENDING]),
        ("session_participant_boot", russ, &named, outside.clone()),
        ("session_join", anna, &shown, vec![ADMIN, PENDING]),
        ("session_participant_accept", russ, &named, vec![ADMIN, APPROVED]),
        ("session_leave", anna, &json!({"leave_reason": "done"}), outside.clone()),
    ] {
        let response = session.send(operation, user, more).await;
        assert_eq!((response.status(), response.message()), (0, "success"), "{operation}");
        assert_eq!(session.participants().await, expected, "{operation}");
    }
    session.ask("session_join", anna, &shown).await;
    let expected = json!({
        "full_user_id": "anna@example.com",
        "type": "participant",
        "status": "pending",
        "user_first_name": "Anna",
        "user_last_name": "Archer",
        "user_nickname": "A",
    });
    assert_eq!(session.details(russ).await["participants"][1], expected);
}

#[tokio::test]
async fn invalid_requests_are_refused() {
    let session = Fixture::new().await;
    let Fixture { kandy, domain, russ, anna, id } = &session;
    let bert = kandy.user(domain, "bert").await;
    assert_eq!(session.ask("session_join", &bert, &json!({})).await, 0);
    let named = |name: &str| json!({"full_user_id": name});
    let (none, anna_named, bert_named) = (json!({}), named("anna@example.com"), named("bert@example.com"));
    for (operation, user, more, status) in [
        ("session_join", russ, &none, 50),
        ("session_join", &bert, &none, 50),
        ("session_join", anna, &json!({"user_nickname": []}), 16),
        ("session_leave", russ, &none, 11),
        ("session_leave", anna, &none, 53),
        ("session_leave", &bert, &json!({"leave_reason": {}}), 16),
        ("session_participant_accept", anna, &bert_named, 11),
        ("session_participant_reject", anna, &bert_named, 11),
        ("session_participant_boot", anna, &bert_named, 11),
        ("session_participant_accept", russ, &none, 15),
        ("session_participant_reject", russ, &named(""), 15),
        ("session_participant_boot", russ, &none, 15),
        ("session_participant_accept", russ, &named("bert"), 51),
        ("session_participant_reject", russ, &named("bert"), 51),
        ("session_participant_boot", russ, &named("bert"), 51),
        ("session_participant_accept", russ, &anna_named, 53),
        ("session_participant_reject", russ, &anna_named, 53),
        ("session_participant_boot", russ, &anna_named, 53),
        ("session_participant_accept", russ, &named("nobody@example.com"), 53),
        ("session_participant_accept", russ, &named("bert@example.org"), 53),
        ("session_participant_accept", russ, &named("russ@example.com"), 53),
        ("session_participant_boot", russ, &named("russ@example.com"), 11),
        ("session_participant_boot", russ, &json!({"full_user_id": "bert@example.com", "boot_reason": 1.5}), 0),
        ("session_participant_boot", russ, &bert_named, 53),
    ] {
        assert_eq!(session.ask(operation, user, more).await, status, "{operation} {more}");
    }
    session.ask("session_join", anna, &none).await;
    session.ask("session_participant_accept", russ, &anna_named).await;
    for operation in ["session_participant_accept", "session_participant_reject"] {
        assert_eq!(session.ask(operation, russ, &anna_named).await, 53, "{operation} without a request");
    }

    // The id of an existing session is required.
    let reference = ["session_start", "session_stop", "session_delete", "session_join", "session_leave"];
    let about_users = ["session_participant_accept", "session_participant_reject", "session_participant_boot"];
    for operation in reference.into_iter().chain(about_users) {
        for (session_id, status) in
            [(json!(null), 15), (json!(""), 15), (json!([]), 16), (json!(UNKNOWN), 53), (json!(id.to_uppercase()), 53)]
        {
            let is_same = session_id.as_str() == Some(id);
            let body = json!({"session_id": session_id, "full_user_id": "anna@example.com"});
            let response = kandy.post(operation, &[("key", &russ.token)], &body).await;
            assert_eq!(response.status(), if is_same { 0 } else { status }, "{operation} {body}");
        }
        for token in [&domain.token, &kandy.account_token().await] {
            let response = kandy.post(operation, &[("key", token)], &json!({"session_id": id})).await;
            assert_eq!(response.status(), 11, "{operation} is for users");
        }
        let unreadable = envelope(kandy.request(operation, &[("key", &russ.token)]).body("{")).await;
        assert_eq!((unreadable.http, unreadable.status()), (400, 14), "{operation}");
    }
    for (operation, query, status) in [
        ("session_get", ("session_id", ""), 15),
        ("session_get", ("session_id", UNKNOWN), 53),
        ("session_get", ("session_id", "0af3"), 53),
        ("session_get_by_name", ("session_name", ""), 15),
        ("session_get_by_name", ("session_name", "HELP"), 53),
        ("session_list_by_type", ("session_type", ""), 15),
    ] {
        assert_eq!(kandy.call(operation, &[("key", &anna.token), query]).await.status(), status, "{operation}");
    }
}
