//! The chapter on sessions.

use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{Answer, Kandy, User, envelope};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// An id that no session has.
const NOBODY: &str = "834f42eb5a1144a3b679f2d0be20112c";

/// Two users of a domain, and a session that the first of them created.
struct Room {
    kandy: Kandy,
    domain: crate::common::Domain,
    russ: User,
    anna: User,
    id: String,
}

impl Room {
    async fn new() -> Self {
        let kandy = Kandy::start();
        let domain = kandy.domain("example.com").await;
        let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
        let body = json!({"session_type": "support", "session_name": "help"});
        let id = kandy.post("session_create", &[("key", &russ.token)], &body).await.text("session_id");
        Self { kandy, domain, russ, anna, id }
    }

    /// Asks for something about the session, with more members in the body.
    async fn ask(&self, operation: &str, user: &User, more: &Value) -> i64 {
        self.send(operation, user, more).await.status()
    }

    async fn send(&self, operation: &str, user: &User, more: &Value) -> Answer {
        let mut body = json!({"session_id": self.id});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        self.kandy.post(operation, &[("key", &user.token)], &body).await
    }

    /// The session as a user sees it.
    async fn details(&self, user: &User) -> Value {
        let details = self.kandy.call("session_get", &[("key", &user.token), ("session_id", &self.id)]).await;
        details.result()["session"].clone()
    }

    /// User, type and status of those who take part.
    async fn participants(&self) -> Vec<String> {
        let details = self.details(&self.russ).await;
        let describe = |participant: &Value| {
            let text = |member: &str| participant[member].as_str().expect("a text").to_owned();
            [text("full_user_id"), text("type"), text("status")].join(" ")
        };
        details["participants"].as_array().expect("a list").iter().map(describe).collect()
    }

    /// The ids in a list.
    async fn list(&self, operation: &str, user: &User, query: &[(&str, &str)]) -> Vec<String> {
        let query = [&[("key", user.token.as_str())], query].concat();
        let list = self.kandy.call(operation, &query).await;
        let sessions = list.result()["sessions"].as_array().expect("a list");
        sessions.iter().map(|session| session["session_id"].as_str().expect("an id").to_owned()).collect()
    }
}

const ADMIN: &str = "russ@example.com admin approved";
const WAITING: &str = "anna@example.com participant pending";
const INSIDE: &str = "anna@example.com participant approved";

#[tokio::test]
async fn a_session_is_what_it_was_created_as() {
    let room = Room::new().await;
    let Room { kandy, russ, anna, .. } = &room;
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
    assert!(is_hex(&id) && id != room.id, "{id}");

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
async fn nothing_has_to_be_said_of_a_session() {
    let room = Room::new().await;
    let Room { kandy, russ, .. } = &room;
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
    // Creating takes the forms that all creating does, the body before the query.
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
async fn the_admin_starts_stops_and_deletes() {
    let room = Room::new().await;
    let Room { kandy, russ, anna, .. } = &room;
    assert_eq!(kandy.emulator.state().sessions, 1);
    // Twice each: whoever repeats a request gets what they asked for.
    for (operation, status) in [
        ("session_start", "active"),
        ("session_start", "active"),
        ("session_stop", "inactive"),
        ("session_stop", "inactive"),
        ("session_start", "active"),
    ] {
        let answer = room.send(operation, russ, &json!({})).await;
        assert_eq!((answer.status(), answer.message()), (0, "success"), "{operation}");
        assert_eq!(room.details(anna).await["session_status"], status);
    }
    for operation in ["session_start", "session_stop", "session_delete"] {
        assert_eq!(room.ask(operation, anna, &json!({})).await, 11, "{operation} by another user");
    }
    // A DELETE with a JSON body.
    assert_eq!(room.ask("session_delete", russ, &json!({})).await, 0);
    assert_eq!(room.ask("session_delete", russ, &json!({})).await, 53);
    for (operation, query) in
        [("session_get", ("session_id", room.id.as_str())), ("session_get_by_name", ("session_name", "help"))]
    {
        assert_eq!(kandy.call(operation, &[("key", &russ.token), query]).await.status(), 53, "{operation}");
    }
    assert!(room.list("session_list", russ, &[]).await.is_empty());
    assert_eq!(kandy.emulator.state().sessions, 0);
}

#[tokio::test]
async fn a_participant_is_let_in_turned_down_or_thrown_out() {
    let room = Room::new().await;
    let Room { russ, anna, .. } = &room;
    let named = json!({"full_user_id": "anna@example.com"});
    let because = |reason: &str| json!({"full_user_id": "anna@example.com", reason: "no"});
    let shown = json!({"user_nickname": "A", "user_first_name": "Anna", "user_last_name": "Archer"});
    let nothing = json!({});
    let outside = vec![ADMIN];
    for (operation, user, more, expected) in [
        ("session_join", anna, &shown, vec![ADMIN, WAITING]),
        ("session_participant_reject", russ, &because("reject_reason"), outside.clone()),
        ("session_join", anna, &nothing, vec![ADMIN, WAITING]),
        ("session_participant_accept", russ, &named, vec![ADMIN, INSIDE]),
        ("session_participant_boot", russ, &because("boot_reason"), outside.clone()),
        ("session_join", anna, &nothing, vec![ADMIN, WAITING]),
        ("session_leave", anna, &nothing, outside.clone()),
        ("session_join", anna, &nothing, vec![ADMIN, WAITING]),
        ("session_participant_boot", russ, &named, outside.clone()),
        ("session_join", anna, &shown, vec![ADMIN, WAITING]),
        ("session_participant_accept", russ, &named, vec![ADMIN, INSIDE]),
        ("session_leave", anna, &json!({"leave_reason": "done"}), outside.clone()),
    ] {
        let answer = room.send(operation, user, more).await;
        assert_eq!((answer.status(), answer.message()), (0, "success"), "{operation}");
        assert_eq!(room.participants().await, expected, "{operation}");
    }
    room.ask("session_join", anna, &shown).await;
    let expected = json!({
        "full_user_id": "anna@example.com",
        "type": "participant",
        "status": "pending",
        "user_first_name": "Anna",
        "user_last_name": "Archer",
        "user_nickname": "A",
    });
    assert_eq!(room.details(russ).await["participants"][1], expected);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused() {
    let room = Room::new().await;
    let Room { kandy, domain, russ, anna, id } = &room;
    let bert = kandy.user(domain, "bert").await;
    assert_eq!(room.ask("session_join", &bert, &json!({})).await, 0);
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
        assert_eq!(room.ask(operation, user, more).await, status, "{operation} {more}");
    }
    room.ask("session_join", anna, &none).await;
    room.ask("session_participant_accept", russ, &anna_named).await;
    for operation in ["session_participant_accept", "session_participant_reject"] {
        assert_eq!(room.ask(operation, russ, &anna_named).await, 53, "{operation} without a request");
    }

    // A session has to be named, as one of those that there are.
    let reference = ["session_start", "session_stop", "session_delete", "session_join", "session_leave"];
    let about_users = ["session_participant_accept", "session_participant_reject", "session_participant_boot"];
    for operation in reference.into_iter().chain(about_users) {
        for (session_id, status) in
            [(json!(null), 15), (json!(""), 15), (json!([]), 16), (json!(NOBODY), 53), (json!(id.to_uppercase()), 53)]
        {
            let is_same = session_id.as_str() == Some(id);
            let body = json!({"session_id": session_id, "full_user_id": "anna@example.com"});
            let answer = kandy.post(operation, &[("key", &russ.token)], &body).await;
            assert_eq!(answer.status(), if is_same { 0 } else { status }, "{operation} {body}");
        }
        for token in [&domain.token, &kandy.account_token().await] {
            let answer = kandy.post(operation, &[("key", token)], &json!({"session_id": id})).await;
            assert_eq!(answer.status(), 11, "{operation} is for users");
        }
        let unreadable = envelope(kandy.request(operation, &[("key", &russ.token)]).body("{")).await;
        assert_eq!((unreadable.http, unreadable.status()), (400, 14), "{operation}");
    }
    for (operation, query, status) in [
        ("session_get", ("session_id", ""), 15),
        ("session_get", ("session_id", NOBODY), 53),
        ("session_get", ("session_id", "0af3"), 53),
        ("session_get_by_name", ("session_name", ""), 15),
        ("session_get_by_name", ("session_name", "HELP"), 53),
        ("session_list_by_type", ("session_type", ""), 15),
    ] {
        assert_eq!(kandy.call(operation, &[("key", &anna.token), query]).await.status(), status, "{operation}");
    }
}

#[tokio::test]
async fn lists_have_the_open_sessions_of_the_domain() {
    let room = Room::new().await;
    let Room { kandy, russ, anna, id, .. } = &room;
    let create = async |user: &User, body: Value| {
        kandy.post("session_create", &[("key", &user.token)], &body).await.text("session_id")
    };
    let tour = create(anna, json!({"session_type": "cobrowsing", "session_name": "tour"})).await;
    let other_help = create(anna, json!({"session_type": "support", "session_name": "help"})).await;
    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "stranger").await;
    let elsewhere = create(&stranger, json!({"session_type": "support", "session_name": "help"})).await;
    room.ask("session_join", anna, &json!({})).await;

    let support = [("session_type", "support")];
    for (operation, user, query, expected) in [
        ("session_list", russ, &[][..], vec![id, &tour, &other_help]),
        ("session_list", russ, &support, vec![id, &other_help]),
        ("session_list", russ, &[("session_type", "")], vec![id, &tour, &other_help]),
        ("session_list_by_type", russ, &support, vec![id, &other_help]),
        ("session_list_by_type", russ, &[("session_type", "Support")], vec![]),
        ("session_list_by_creator", russ, &[], vec![id]),
        ("session_list_by_creator", anna, &[], vec![&tour, &other_help]),
        ("session_list", &stranger, &[], vec![&elsewhere]),
        ("session_list_by_type", &stranger, &support, vec![&elsewhere]),
    ] {
        let list: Vec<_> = room.list(operation, user, query).await;
        assert_eq!(list.iter().collect::<Vec<_>>(), expected, "{operation} {query:?}");
    }
    for (user, expected) in [(russ, &other_help), (&stranger, &elsewhere)] {
        let by_name = kandy.call("session_get_by_name", &[("key", &user.token), ("session_name", "help")]).await;
        assert_eq!(&by_name.result()["session"]["session_id"], expected, "the newest of the domain");
    }
    // What is in another domain is as unknown as what does not exist.
    let foreign = kandy.call("session_get", &[("key", &stranger.token), ("session_id", id)]).await;
    assert_eq!(foreign.status(), 53);
    for operation in ["session_join", "session_start", "session_delete", "session_leave"] {
        assert_eq!(room.ask(operation, &stranger, &json!({})).await, 53, "{operation}");
    }
}

#[tokio::test]
async fn a_session_ends_after_a_day() {
    let room = Room::new().await;
    let Room { kandy, domain, id, .. } = &room;
    kandy.emulator.advance(DAY - Duration::from_secs(60));
    let russ = kandy.user_token(domain, "russ").await;
    let by_id = [("key", russ.as_str()), ("session_id", id)];
    assert_eq!(kandy.call("session_get", &by_id).await.status(), 0);
    let newer = kandy.post("session_create", &[("key", &russ)], &json!({})).await.text("session_id");
    kandy.emulator.advance(Duration::from_secs(60));
    assert_eq!(kandy.emulator.state().sessions, 1);
    assert_eq!(kandy.call("session_get", &by_id).await.status(), 53);
    let left = kandy.call("session_list", &[("key", &russ)]).await;
    assert_eq!(left.result()["sessions"][0]["session_id"], json!(newer));
    assert_eq!(left.result()["sessions"].as_array().expect("a list").len(), 1);
    let start = kandy.post("session_start", &[("key", &russ)], &json!({"session_id": id})).await;
    assert_eq!(start.status(), 53);
}

#[tokio::test]
async fn nothing_is_left_of_what_is_deleted() {
    let room = Room::new().await;
    let Room { kandy, domain, russ, anna, .. } = &room;
    let delete = async |user: &User| {
        let query = [("key", domain.token.as_str()), ("user_api_key", user.key.as_str())];
        assert_eq!(kandy.call("user_delete", &query).await.status(), 0);
    };
    // A participant goes alone; a session goes with its admin.
    room.ask("session_join", anna, &json!({})).await;
    kandy.post("session_create", &[("key", &anna.token)], &json!({})).await.text("session_id");
    assert_eq!((room.participants().await.len(), kandy.emulator.state().sessions), (2, 2));
    delete(anna).await;
    assert_eq!((room.participants().await, kandy.emulator.state().sessions), (vec![ADMIN.to_owned()], 1));
    delete(russ).await;
    assert_eq!(kandy.emulator.state().sessions, 0);

    let other = kandy.domain("example.org").await;
    let stranger = kandy.user(&other, "stranger").await;
    for name in ["example.com", "example.org"] {
        let (domain, user) = match name {
            "example.com" => (domain, kandy.user(domain, "bert").await),
            _ => (&other, kandy.user(&other, "bert").await),
        };
        kandy.post("session_create", &[("key", &user.token)], &json!({"session_name": domain.name})).await;
    }
    kandy.post("session_create", &[("key", &stranger.token)], &json!({})).await;
    assert_eq!(kandy.emulator.state().sessions, 3);
    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &other.key)]).await;
    assert_eq!(kandy.emulator.state().sessions, 1);
    kandy.emulator.reset();
    assert_eq!(kandy.emulator.state().sessions, 0);
}
