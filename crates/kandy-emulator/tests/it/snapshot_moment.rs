//! A snapshot is one of the moment at which it begins, whatever changes while it is sent.

use kandy_emulator::Emulator;
use serde_json::{Value, json};

use crate::{
    fixture::{Domain, Kandy, User, envelope, text_message, users},
    snapshot::{assert_same, records},
};

/// Domains that are written before all other objects. They are more than the buffers of a connection take, so that a
/// snapshot that is not read waits among them.
fn many_domains() -> String {
    let name = "x".repeat(1000);
    let domain = |number| json!({"name": format!("d{number}.example.net"), "project_name": name});
    json!({"domains": (0..20_000).map(domain).collect::<Vec<_>>()}).to_string()
}

/// Objects, more than one of a kind: an object that was kept for the snapshot hides that a later change forgets to.
struct Objects {
    domain: Domain,
    /// The admin of all sessions and the owner of all groups.
    russ: User,
    anna: User,
    bert: User,
    second_device: String,
    groups: Vec<String>,
    sessions: Vec<String>,
    contact: String,
}

impl Kandy {
    async fn done(&self, operation: &str, query: &[(&str, &str)], body: Value) {
        self.post(operation, query, &body).await.result();
    }

    async fn store(&self, user: &User, id: &str, file: &str) {
        let query = [("key", &*user.token), ("device_id", &user.device), ("content_uuid", id), ("content_type", "a/b")];
        let body =
            format!("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n{file}\r\n--b--\r\n");
        let upload = self.request("content_upload", &query).body(body);
        envelope(upload.header("content-type", "multipart/form-data; boundary=b")).await.result();
    }

    async fn objects(&self) -> Objects {
        let (domain, [russ, anna, bert]) = users(self, ["russ", "anna", "bert"]).await;
        let (key, domain_key) = [("key", &*russ.token), ("key", &*domain.token)].into();
        let device = json!({"device_native_id": "second"});
        let second_device = self.post("device_create", &[("key", &anna.token)], &device).await.text("device_id");
        let (mut groups, mut sessions) = (Vec::new(), Vec::new());
        for number in 0..5 {
            let group =
                self.post("group_create", &[key], &json!({"group_name": number.to_string()})).await.text("group_id");
            self.done("group_member_add", &[key], json!({"group_id": group, "members": [anna.full_id]})).await;
            groups.push(group);
            let session = json!({"session_name": number.to_string()});
            let session = self.post("session_create", &[key], &session).await.text("session_id");
            self.done("session_join", &[("key", &anna.token)], json!({"session_id": session})).await;
            sessions.push(session);
            let hunt = json!({
                "huntgroup_name": number.to_string(), "huntgroup_type": "roundrobin", "pilot_uri_address": "a",
                "overflow_dest": "b", "anonymous_uri": "c",
            });
            self.done("hunt_group_create", &[domain_key], hunt).await;
            let member = json!({"huntgroup_name": number.to_string(), "user_name": "anna"});
            self.done("hunt_group_user_add", &[domain_key], member).await;
            let number = json!({"user_phone_number": format!("403493223{number}"), "user_country_code": "US"});
            self.done("verification_code_send", &[domain_key], number).await;
        }
        let contact = json!({"contact": {"name": "Test", "nickname": "t"}});
        let contact_of = async |user: &User| {
            self.post("personal_contact_create", &[("key", &user.token)], &contact).await.text("contact_id")
        };
        let contact = contact_of(&russ).await;
        contact_of(&anna).await;
        for (from, to, uuid) in [(&russ, &anna, "1"), (&bert, &russ, "2"), (&bert, &anna, "3")] {
            let query = [("key", &*from.token), ("device_id", &from.device)];
            self.done("message_send", &query, text_message(&to.full_id, uuid)).await;
        }
        for (user, id) in [(&russ, "00000000000000000000000000000001"), (&anna, "00000000000000000000000000000002")] {
            self.store(user, id, "before").await;
        }
        Objects { domain, russ, anna, bert, second_device, groups, sessions, contact }
    }
}

/// The collections keep an object before they change it. One that forgets to, in any of its operations, shows here.
#[tokio::test]
async fn changes_while_a_snapshot_is_sent_do_not_show() {
    let seed = many_domains().parse().expect("a seed");
    let kandy = Kandy::on(Emulator::builder().seed(seed).start().expect("a free port"));
    let Objects { domain, russ, anna, bert, second_device, groups, sessions, contact } = kandy.objects().await;
    let other = kandy.domain("other.example.com").await;
    let victim = kandy.user(&other, "victim").await;
    let number = json!({"user_phone_number": "4034932232", "user_country_code": "US"});
    kandy.done("verification_code_send", &[("key", &other.token)], number).await;
    let hunt = json!({
        "huntgroup_name": "0", "huntgroup_type": "roundrobin", "pilot_uri_address": "a", "overflow_dest": "b",
        "anonymous_uri": "c",
    });
    kandy.done("hunt_group_create", &[("key", &other.token)], hunt).await;
    let spare = kandy.user_token(&domain, "bert").await;
    let account = kandy.account_token().await;
    let [domain_key, russ_key, anna_key] =
        [&domain.token, &russ.token, &anna.token].map(|token| ("key", token.as_str()));
    let [group, session] = [&groups, &sessions].map(|ids| ids.iter().map(String::as_str).collect::<Vec<_>>());

    let before = records(&kandy.snapshot().await);
    let slow = kandy.http.get(kandy.admin_url("snapshot")).send().await.expect("a response");

    // By the account and the domain, which touch no user.
    kandy.call("anonymous_user_get", &[domain_key]).await.result();
    kandy.done("hunt_group_user_add", &[domain_key], json!({"huntgroup_name": "0", "user_name": "russ"})).await;
    kandy.call("hunt_group_user_remove", &[domain_key, ("huntgroup_name", "1"), ("user_name", "anna")]).await.result();
    kandy.call("hunt_group_delete", &[domain_key, ("huntgroup_name", "2")]).await.result();
    let again = json!({"user_phone_number": "4034932230", "user_country_code": "US"});
    kandy.done("verification_code_send", &[domain_key], again).await;
    let codes = kandy.emulator.verification_codes();
    let code = codes.iter().find(|code| code.phone_number == "4034932231").expect("a code");
    kandy
        .done(
            "registration_create",
            &[domain_key],
            json!({
                "user_phone_number": "4034932231", "user_country_code": "US", "validation_code": code.code,
                "device_native_id": "1",
            }),
        )
        .await;
    let revoke = [
        ("key", domain.key.as_str()),
        ("user_id", "bert"),
        ("user_password", &bert.password),
        ("user_access_token", &spare),
    ];
    kandy.call("user_access_token_delete", &revoke).await.result();
    // Before any event reaches them: a device that deletes a message, and the other device of its user.
    let ids = json!(["3"]).to_string();
    kandy.call("message_delete", &[anna_key, ("device_id", &second_device), ("messages", &ids)]).await.result();
    // Groups and sessions: each change in another one.
    kandy.done("group_update", &[russ_key], json!({"group_id": group[0], "group_name": "Changed"})).await;
    kandy.done("group_member_add", &[russ_key], json!({"group_id": group[1], "members": [bert.full_id]})).await;
    kandy.call("group_leave", &[anna_key, ("group_id", group[2])]).await.result();
    kandy.call("group_delete", &[russ_key, ("group_id", group[3])]).await.result();
    kandy.done("session_start", &[russ_key], json!({"session_id": session[0]})).await;
    kandy.done("session_join", &[("key", &bert.token)], json!({"session_id": session[1]})).await;
    kandy.done("session_leave", &[anna_key], json!({"session_id": session[2]})).await;
    kandy.done("session_delete", &[russ_key], json!({"session_id": session[3]})).await;
    // Conversations, and new messages.
    let messages = json!(["1"]).to_string();
    let conversation = [russ_key, ("conversation_id", anna.full_id.as_str()), ("messages", &messages)];
    kandy.call("conversation_message_delete", &conversation).await.result();
    let conversations = json!([russ.full_id]).to_string();
    kandy.call("conversation_delete", &[("key", &bert.token), ("conversations", &conversations)]).await.result();
    let query = [("key", bert.token.as_str()), ("device_id", &bert.device)];
    kandy.done("message_send", &query, text_message(&russ.full_id, "new")).await;
    kandy.call("personal_contact_delete", &[russ_key, ("contact_id", &contact)]).await.result();
    kandy.store(&russ, "00000000000000000000000000000001", "after").await;
    // Deletions, with what a user and a domain leave behind elsewhere.
    kandy.call("user_delete", &[domain_key, ("user_api_key", &anna.key)]).await.result();
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &other.key)]).await.result();
    assert_eq!(kandy.call("device_list", &[("key", &victim.token)]).await.status(), 55);
    kandy.emulator.revoke_all_tokens();
    kandy.emulator.advance(std::time::Duration::from_secs(90_000));

    let sent = records(&slow.text().await.expect("a whole snapshot"));
    assert_same(&sent, &before);
    let after = records(&kandy.snapshot().await);
    assert_ne!(after.len(), before.len(), "it did change");
}
