//! Snapshots: over HTTP, by name, in files, and what a reset goes back to.

use kandy_emulator::{Emulator, Seed, SnapshotError};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::fixture::{Domain, Kandy, TempFile, User, admin_response, envelope, text_message, users};

const FILE_ID: &str = "5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23";

impl Kandy {
    pub(crate) async fn snapshot(&self) -> String {
        let response = self.http.get(self.admin_url("snapshot")).send().await.expect("a response");
        assert_eq!(
            (response.status(), &response.headers()["content-type"]),
            (StatusCode::OK, &"application/x-ndjson".parse().expect("a value"))
        );
        response.text().await.expect("a whole snapshot")
    }

    pub(crate) async fn upload_snapshot(&self, snapshot: impl Into<reqwest::Body>) -> (u16, Value) {
        admin_response(self.http.put(self.admin_url("snapshot")).body(snapshot)).await
    }

    async fn admin(&self, method: &str, name: &str) -> (u16, Value) {
        let method = method.parse().expect("a method");
        admin_response(self.http.request(method, self.admin_url(name))).await
    }
}

/// The records without when they were written, and without the checksum, which depends on it.
pub(crate) fn records(snapshot: &str) -> Vec<Value> {
    let mut records: Vec<Value> = snapshot.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    records.first_mut().expect("a header")["kandy_emulator_snapshot"]["written"].take();
    records.last_mut().expect("an end")["end"]["crc32"].take();
    records
}

/// Each object with its parts, in an order of its own: those that change while a snapshot is written come earlier.
fn objects(records: &[Value]) -> Vec<String> {
    let (mut messages, mut objects) = (Vec::new(), Vec::<String>::new());
    for record in records {
        let (kind, value) = record.as_object().and_then(|record| record.iter().next()).expect("a kind");
        let part = match kind.as_str() {
            "message" => {
                messages.push(value);
                continue;
            }
            "pending" | "entry" => {
                let at = value["message"].as_u64().and_then(|at| usize::try_from(at).ok()).expect("a number");
                format!("{kind} {value} {}", messages[at]).replace(&format!("\"message\":{at},"), "")
            }
            "contacts" | "part" => record.to_string(),
            _ => {
                objects.push(record.to_string());
                continue;
            }
        };
        *objects.last_mut().expect("parts follow") += &part;
    }
    objects.sort();
    objects
}

/// Compares two snapshots, and shows the first difference alone.
#[track_caller]
pub(crate) fn assert_same(found: &[Value], expected: &[Value]) {
    let (found, expected) = (objects(found), objects(expected));
    let difference = found.iter().zip(&expected).find(|(found, expected)| found != expected);
    assert_eq!(difference, None);
    assert_eq!(found.len(), expected.len());
}

/// How many records there are of a kind.
fn count(records: &[Value], kind: &str) -> usize {
    records.iter().filter(|record| record.get(kind).is_some()).count()
}

/// Creates objects of every kind.
pub(crate) async fn fill(kandy: &Kandy) -> (Domain, User, User) {
    let (domain, [russ, anna]) = users(kandy, ["russ", "anna"]).await;
    kandy.user(&domain, "bert").await;
    let gone = kandy.user(&domain, "gone").await;
    let (key, from) = (("key", russ.token.as_str()), ("device_id", russ.device.as_str()));
    // Deleted objects leave numbers and a token.
    kandy.call("user_delete", &[("key", &domain.token), ("user_api_key", &gone.key)]).await.result();
    kandy.call("anonymous_user_get", &[("key", &domain.token)]).await.result();
    let phone =
        json!({"user_phone_number": "4055671234", "user_country_code": "US", "user_first_name": "\"Ä\u{1F600}\\"});
    kandy.post("user_create_by_phone_number", &[("key", &domain.token)], &phone).await.result();
    let profile = [key, ("first_name", "Russ"), ("user_data", "1")];
    kandy.call("user_profile_set", &profile).await.result();
    let device = [("key", anna.token.as_str()), ("device_native_id", "1234"), ("device_family", "iphone")];
    kandy.call("device_create", &device).await.result();
    for contacts in [json!([{"numbers": ["4055671234"]}]), json!([{"numbers": ["1", "2"]}])] {
        kandy.post("device_address_book_upload", &[key, from], &json!({"contacts": contacts})).await.result();
    }
    for uuid in ["1", "1", "3"] {
        kandy.post("message_send", &[key, from], &text_message(&anna.full_id, uuid)).await.result();
    }
    let ids = json!(["3"]).to_string();
    let received = [("key", anna.token.as_str()), ("device_id", &anna.device), ("messages", &ids)];
    kandy.call("message_delete", &received).await.result();
    let group = json!({"group_name": "Friends", "group_image": {"content_uuid": "5c1d"}});
    let group = kandy.post("group_create", &[key], &group).await.text("group_id");
    let members = json!({"members": [anna.full_id]});
    kandy.post("group_member_add", &[key, ("group_id", &group)], &members).await.result();
    kandy.post("session_create", &[key], &json!({"session_name": "empty"})).await.result();
    let session = json!({"session_type": "support", "session_name": "help", "user_nickname": "r"});
    let session = kandy.post("session_create", &[key], &session).await.text("session_id");
    kandy.post("session_join", &[("key", &anna.token)], &json!({"session_id": session})).await.result();
    let hunt = json!({
        "huntgroup_name": "support",
        "huntgroup_type": "roundrobin",
        "pilot_uri_address": "support@example.com",
        "overflow_dest": "operator@example.com",
        "anonymous_uri": "anon@example.com",
    });
    kandy.post("hunt_group_create", &[("key", &domain.token)], &hunt).await.result();
    for role in ["user", "admin"] {
        let body = json!({"huntgroup_name": "support", format!("{role}_name"): "russ"});
        kandy.post(&format!("hunt_group_{role}_add"), &[("key", &domain.token)], &body).await.result();
    }
    let number = json!({"user_phone_number": "4034932232", "user_country_code": "US"});
    kandy.post("verification_code_send", &[("key", &domain.token)], &number).await.result();
    let contact = json!({"contact": {"name": "Test", "nickname": "t", "image_id": "7"}});
    for _ in 0..2 {
        kandy.post("personal_contact_create", &[key], &contact).await.result();
    }
    // Of two segments, which the snapshot does not have, but its text.
    let sms = json!({"message": {"destination": "12245556666", "message": {"text": "👍".repeat(36)}}});
    kandy.post("sms_send", &[key, from], &sms).await.result();
    for id in [FILE_ID, "00000000000000000000000000000001"] {
        let query = [key, from, ("content_uuid", id), ("content_type", "text/plain")];
        let file = if id == FILE_ID { "0123456789abcdef".repeat(10_000) } else { String::new() };
        let body =
            format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{file}\r\n--b--\r\n");
        let upload = kandy.request("content_upload", &query).body(body);
        envelope(upload.header("content-type", "multipart/form-data; boundary=b")).await.result();
    }
    let revoked = kandy.user_token(&domain, "russ").await;
    let revoke = [
        ("key", domain.key.as_str()),
        ("user_id", "russ"),
        ("user_password", &russ.password),
        ("user_access_token", &revoked),
    ];
    kandy.call("user_access_token_delete", &revoke).await.result();
    (domain, russ, anna)
}

#[tokio::test]
async fn everything_survives() {
    let before = Kandy::start();
    let (_, russ, anna) = fill(&before).await;
    before.emulator.advance(std::time::Duration::from_secs(90_000));
    let revoked = before.account_token().await;
    before.emulator.revoke_all_tokens();
    let live = before.account_token().await;
    let russ_token = before.user_token(&Domain { token: String::new(), ..domain_of(&before).await }, "russ").await;
    let snapshot = before.snapshot().await;
    let written = records(&snapshot);
    for (kind, expected) in [
        ("domain", 1),
        ("user", 5),
        ("device", 6),
        ("contacts", 2),
        // Two messages, two events and an acknowledgement: each once, though two devices and two conversations have the
        // messages.
        ("message", 5),
        ("pending", 8),
        ("group", 1),
        ("content", 2),
        ("part", 6),
        ("session", 2),
        ("hunt_group", 1),
        ("verification", 1),
        ("conversation", 2),
        ("entry", 6),
        ("personal_contact", 2),
        ("sms", 1),
    ] {
        assert_eq!(count(&written, kind), expected, "{kind}");
    }
    assert_eq!(written.last().expect("an end")["end"]["records"], written.len() - 1);

    let after = Kandy::start();
    after.domain("example.org").await;
    assert_eq!(after.upload_snapshot(snapshot).await, (200, json!({"status": "ok"})));
    assert_same(&records(&after.snapshot().await), &written);
    let (mut expected, mut found) = (before.emulator.state(), after.emulator.state());
    assert!(found.now_ms.abs_diff(expected.now_ms) < 60_000, "the clock is ahead");
    (expected.now_ms, found.now_ms) = (0, 0);
    assert_eq!(found, expected);
    assert_eq!(after.emulator.sms(), before.emulator.sms());
    assert_eq!(after.emulator.verification_codes(), before.emulator.verification_codes());

    for (operation, query) in [
        ("device_list", vec![]),
        ("group_list", vec![]),
        ("session_list", vec![]),
        ("conversation_list", vec![]),
        ("personal_contact_list", vec![]),
        ("user_limited_get", vec![]),
        ("device_address_book_get", vec![("device_id", russ.device.as_str())]),
        ("message_list", vec![("device_id", russ.device.as_str())]),
    ] {
        let query = [vec![("key", russ_token.as_str())], query].concat();
        let mut answers = Vec::new();
        for kandy in [&before, &after] {
            let mut answer = kandy.call(operation, &query).await.result().clone();
            if let Some(answer) = answer.as_object_mut() {
                answer.remove("server_timestamp");
            }
            answers.push(answer);
        }
        assert_eq!(answers[0], answers[1], "{operation}");
    }
    for (token, status) in [(&live, 0), (&revoked, 10), (&russ.token, 10)] {
        assert_eq!(after.call("domain_list", &[("key", token)]).await.status(), status);
    }
    let download = [("key", russ_token.as_str()), ("device_id", &russ.device), ("content_uuid", FILE_ID)];
    let file = after.request("content_download", &download).send().await.expect("a response");
    assert_eq!(file.text().await.expect("a text"), "0123456789abcdef".repeat(10_000));
    // Messages are deleted by their ids, which needs the index: both with this id.
    assert_eq!(after.emulator.state().pending_messages, 8);
    let anna_token = after.user_token(&domain_of(&after).await, "anna").await;
    let ids = json!(["1"]).to_string();
    let query = [("key", anna_token.as_str()), ("device_id", &anna.device), ("messages", &ids)];
    after.call("message_delete", &query).await.result();
    let left = after.messages(&anna_token, &anna.device).await;
    assert!(left.iter().all(|message| message["UUID"] != "1"), "{left:?}");
    // Names of anonymous users and ids of users continue.
    let domain = domain_of(&after).await;
    after.user(&domain, "late").await;
    assert_eq!(after.emulator.state().full_user_ids.last().map(String::as_str), Some("late@example.com"));
}

/// The only domain, with a token of the moment.
async fn domain_of(kandy: &Kandy) -> Domain {
    let account = kandy.account_token().await;
    let list = kandy.call("domain_list", &[("key", &account)]).await;
    let text = |member: &str| list.result()["domains"][0][member].as_str().expect("a text").to_owned();
    let (key, secret) = (text("domain_api_key"), text("domain_api_secret"));
    let token = kandy.domain_token(&key, &secret).await;
    Domain { name: "example.com".to_owned(), key, secret, token }
}

/// A snapshot with as many users as a chunk cannot have.
async fn many_users(kandy: &Kandy) -> Domain {
    let domain = kandy.domain("example.com").await;
    for number in 0..400 {
        let body = json!({"user_id": format!("user{number}")});
        kandy.post("user_create", &[("key", &domain.token)], &body).await.result();
    }
    domain
}

/// Writers change what a snapshot is of, while it is written.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn snapshots_are_consistent_among_changes() {
    let kandy = std::sync::Arc::new(Kandy::start());
    let domain = std::sync::Arc::new(many_users(&kandy).await);
    let [russ, anna] = [kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await];
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_stopped = |stop: &std::sync::atomic::AtomicBool| stop.load(std::sync::atomic::Ordering::Relaxed);
    let users = {
        let (kandy, domain, stop) = (kandy.clone(), domain.clone(), stop.clone());
        tokio::spawn(async move {
            for number in 0..200 {
                if is_stopped(&stop) {
                    break;
                }
                let user = kandy.user(&domain, &format!("new{number}")).await;
                let query = [("key", user.token.as_str()), ("device_native_id", "1")];
                kandy.call("device_create", &query).await.result();
                let group = kandy.post("group_create", &[("key", &user.token)], &json!({})).await.text("group_id");
                let members = json!({"members": ["user7@example.com"]});
                let query = [("key", user.token.as_str()), ("group_id", &group)];
                kandy.post("group_member_add", &query, &members).await.result();
                if number % 2 == 0 {
                    let query = [("key", domain.token.as_str()), ("user_api_key", &user.key)];
                    kandy.call("user_delete", &query).await.result();
                }
            }
        })
    };
    let messages = {
        let (kandy, stop) = (kandy.clone(), stop.clone());
        tokio::spawn(async move {
            // Both directions in turns: of a message, either all devices and conversations have it or none.
            for number in 0..900 {
                if is_stopped(&stop) {
                    break;
                }
                let from = [("key", russ.token.as_str()), ("device_id", &russ.device)];
                let message = text_message(&anna.full_id, &number.to_string());
                kandy.post("message_send", &from, &message).await.result();
            }
        })
    };
    let copy = Kandy::start();
    for _ in 0..6 {
        let snapshot = kandy.snapshot().await;
        let written = records(&snapshot);
        // Loading checks that all references exist, and that nothing is there twice.
        assert_eq!(copy.upload_snapshot(snapshot).await.0, 200);
        assert_same(&records(&copy.snapshot().await), &written);
        let state = copy.emulator.state();
        assert!(state.users >= 402 && state.devices >= state.users, "no user without its device");
        // A message is pending once, and in two conversations.
        let pending = count(&written, "pending") - events(&written);
        assert_eq!((count(&written, "entry"), count(&written, "message")), (2 * pending, count(&written, "pending")));
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    users.await.expect("no panic");
    messages.await.expect("no panic");
}

/// How many messages are events of groups.
fn events(records: &[Value]) -> usize {
    records.iter().filter(|record| record["message"].get("group_id").is_some()).count()
}

#[tokio::test]
async fn named_snapshots() {
    let kandy = Kandy::start();
    fill(&kandy).await;
    let first = records(&kandy.snapshot().await);
    let (http, taken) = kandy.admin("POST", "snapshots/First.1").await;
    assert_eq!((http, &taken["name"]), (200, &json!("First.1")));
    assert_eq!(kandy.admin("GET", "snapshots").await, (200, json!({"snapshots": [taken]})));
    kandy.domain("example.org").await;
    kandy.admin("POST", "snapshots/second").await;
    for (name, domains) in [("First.1", 1), ("second", 2), ("First.1", 1)] {
        assert_eq!(kandy.admin("POST", &format!("snapshots/{name}/restore")).await.0, 200);
        assert_eq!(kandy.emulator.state().domains, domains);
    }
    assert_same(&records(&kandy.snapshot().await), &first);
    // A reset keeps them, and taking one again replaces it.
    kandy.admin("POST", "reset").await;
    kandy.admin("POST", "snapshots/second").await;
    kandy.admin("POST", "snapshots/First.1/restore").await;
    kandy.admin("POST", "snapshots/second/restore").await;
    assert_eq!(kandy.emulator.state().domains, 0);
    for (method, name, http) in [
        ("POST", "snapshots/none/restore", 404),
        ("DELETE", "snapshots/none", 404),
        ("DELETE", "snapshots/First.1", 200),
        ("DELETE", "snapshots/First.1", 404),
        ("POST", "snapshots/first.1/restore", 404),
        ("POST", "snapshots/a b", 400),
        ("POST", &format!("snapshots/{}", "a".repeat(65)), 400),
        ("POST", "snapshots/a/b", 404),
        ("POST", "snapshots", 405),
        ("GET", "snapshots/second", 405),
        ("GET", "snapshots/second/restore", 405),
        ("POST", "snapshot", 405),
        ("POST", "reset?emty", 400),
        ("GET", "reset", 405),
    ] {
        assert_eq!(kandy.admin(method, name).await.0, http, "{method} {name}");
    }
    for number in 0..99 {
        assert_eq!(kandy.admin("POST", &format!("snapshots/{number}")).await.0, 200);
    }
    let (http, response) = kandy.admin("POST", "snapshots/more").await;
    assert_eq!((http, &response["status"]), (400, &json!(12)));
    assert_eq!(kandy.admin("POST", "snapshots/second").await.0, 200, "in its own place");
}

#[tokio::test]
async fn reset_goes_back_to_the_seed() {
    let seed = r#"{"domains": [{"name": "example.com", "users": [{"user_id": "russ"}],
        "groups": [{"name": "Friends", "owners": ["russ@example.com"]}]}]}"#;
    let seed: Seed = seed.parse().expect("a seed");
    let kandy = Kandy::on(Emulator::builder().seed(seed).start().expect("a free port"));
    let initial = records(&kandy.snapshot().await);
    let seeded = &kandy.emulator.seeded()[0];
    let token = kandy.domain_token(seeded.api_key().expose(), seeded.api_secret().expose()).await;
    for name in ["reset", "reset?empty", "reset"] {
        kandy.emulator.advance(std::time::Duration::from_secs(100_000));
        kandy.domain("example.org").await;
        assert_eq!(kandy.admin("POST", name).await, (200, json!({"status": "ok"})));
        if name == "reset" {
            assert_same(&records(&kandy.snapshot().await), &initial);
        } else {
            assert_eq!(kandy.emulator.state().domains, 0);
        }
        assert!(kandy.emulator.requests().is_empty());
    }
    kandy.domain_token(seeded.api_key().expose(), seeded.api_secret().expose()).await;
    assert_eq!(kandy.call("user_list", &[("key", &token)]).await.status(), 55, "a token from before");
    kandy.emulator.reset_to_nothing();
    assert_eq!(kandy.emulator.state().domains, 0);
    kandy.emulator.reset();
    assert_same(&records(&kandy.snapshot().await), &initial);
}

/// The numbers of users in a snapshot are those that the listed ones had.
#[tokio::test]
async fn list_ends_when_the_state_is_replaced() {
    let kandy = Kandy::start();
    let domain = many_users(&kandy).await;
    let snapshot = kandy.snapshot().await.replace("\"user_id\":\"user", "\"user_id\":\"other");
    let list = kandy.request("user_list", &[("key", &domain.token)]).send().await.expect("a response");
    kandy.admin("POST", "snapshots/same").await;
    kandy.admin("POST", "snapshots/same/restore").await;
    let body = list.text().await.expect("a text");
    let _: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(kandy.upload_snapshot(snapshot).await.0, 400, "its checksum");
}

#[tokio::test]
async fn files() {
    let kandy = Kandy::start();
    fill(&kandy).await;
    let file = TempFile::new(b"old");
    kandy.emulator.save_snapshot(&file.0).expect("written");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file.0).expect("there").permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    let text = std::fs::read_to_string(&file.0).expect("a text");
    assert_same(&records(&text), &records(&kandy.snapshot().await));
    let other = Kandy::on(Emulator::from_snapshot(&file.0).expect("a snapshot"));
    assert_same(&records(&other.snapshot().await), &records(&text));
    other.emulator.reset_to_nothing();
    other.emulator.reset();
    let mut expected = records(&text);
    expected[0]["kandy_emulator_snapshot"]["clock_ahead_ms"] = json!(0);
    assert_same(&records(&other.snapshot().await), &expected);

    std::fs::write(&file.0, &text[..text.len() / 2]).expect("written");
    let error = Emulator::from_snapshot(&file.0).expect_err("cut");
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    let inner = error.get_ref().and_then(|error| error.downcast_ref::<SnapshotError>()).expect("what is wrong");
    assert!(inner.line() > 1 && inner.file() == Some(&file.0), "{error}");
    assert!(error.to_string().starts_with(file.0.to_str().expect("UTF-8")), "{error}");
    assert!(
        Emulator::from_snapshot("/nowhere/state").expect_err("missing").to_string().starts_with("/nowhere/state: ")
    );
    assert!(kandy.emulator.save_snapshot("/nowhere/state").is_err());
    // Formatted in any way, an error of the settings has no secret.
    assert!(!format!("{inner:?} {inner}").contains("UAS"));
}
