//! Large numbers of objects.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::fixture::{Kandy, text_message};

/// Returns a field of each element of a list.
fn texts(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|thing| thing[member].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn devices() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let mut ids = vec![user.device.clone()];
    for number in 0..500 {
        let device = json!({"device_native_id": number.to_string()});
        ids.push(kandy.post("device_create", &[("key", &user.token)], &device).await.text("device_id"));
    }
    let listed = kandy.call("device_list", &[("key", &user.token)]).await;
    assert_eq!(texts(&listed.result()["devices"], "id"), ids);

    for id in ids.iter().skip(1).step_by(2) {
        kandy.call("device_delete", &[("key", &user.token), ("device_id", id)]).await.result();
    }
    let left: Vec<_> = ids.iter().step_by(2).cloned().collect();
    let listed = kandy.call("device_list", &[("key", &user.token)]).await;
    assert_eq!(texts(&listed.result()["devices"], "id"), left);

    kandy.call("user_delete", &[("key", &user.key)]).await.result();
    assert_eq!((kandy.emulator.state().users, kandy.emulator.state().devices), (0, 0));
}

#[tokio::test]
async fn pending_messages() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let (russ, anna) = (kandy.user(&domain, "russ").await, kandy.user(&domain, "anna").await);
    let uuids: Vec<_> = (0..600).map(|number| format!("abc2fa75-2c3c-4edf-97de-{number:012}")).collect();
    let send = async |uuid: &str| {
        let query = [("key", russ.token.as_str()), ("device_id", &russ.device)];
        kandy.post("message_send", &query, &text_message(&anna.full_id, uuid)).await.result();
    };
    for uuid in &uuids {
        send(uuid).await;
    }
    // Several messages may have the same id.
    for _ in 0..100 {
        send("again").await;
    }
    let query = [("key", anna.token.as_str()), ("device_id", &anna.device)];
    let listed = kandy.call("message_list", &query).await;
    let waiting = texts(&listed.result()["messages"], "UUID");
    assert_eq!((waiting.len(), &waiting[..600]), (700, &uuids[..]));
    assert!(listed.result()["server_timestamp"].is_string(), "what comes after the list is there");

    let mut deleted: Vec<_> = uuids.iter().step_by(2).map(String::as_str).collect();
    deleted.push("AGAIN");
    let deleted = json!(deleted).to_string();
    kandy.call("message_delete", &[query[0], query[1], ("messages", &deleted)]).await.result();
    let waiting: Vec<_> = kandy.messages(&anna.token, &anna.device).await;
    assert_eq!(texts(&waiting.into(), "UUID"), uuids.iter().skip(1).step_by(2).cloned().collect::<Vec<_>>());
}

#[tokio::test]
async fn deleted_domain_leaves_nothing() {
    let kandy = Kandy::start();
    let (domain, other) = (kandy.domain("example.com").await, kandy.domain("other.example.com").await);
    let mut keys = Vec::new();
    for number in 0..700 {
        let user = json!({"user_id": format!("user{number}")});
        keys.push(kandy.post("user_create", &[("key", &domain.token)], &user).await.text("user_api_key"));
    }
    let token = kandy.user_token(&domain, "user5").await;
    let group = kandy.post("group_create", &[("key", &token)], &json!({"group_name": "Friends"})).await;
    let members = json!({"group_id": group.text("group_id"), "members": ["user6@example.com", "user699@example.com"]});
    kandy.post("group_member_add", &[("key", &token)], &members).await.result();
    let stays = kandy.user(&other, "russ").await;

    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", &domain.key)]).await;
    let state = kandy.emulator.state();
    assert_eq!((state.domains, state.users, state.devices, state.groups), (1, 1, 1, 0));
    assert_eq!(kandy.call("device_list", &[("key", &token)]).await.status(), 55);
    assert_eq!(kandy.call("user_delete", &[("key", &keys[0])]).await.status(), 55);
    kandy.call("device_list", &[("key", &stays.token)]).await.result();
    // The name is free again, and the new domain is empty.
    let again = kandy.domain("example.com").await;
    let users = kandy.call("user_list", &[("key", &again.token)]).await;
    assert_eq!(users.result()["users"], json!([]));
}

#[tokio::test]
async fn domains_keep_their_order() {
    let kandy = Kandy::start();
    let account = kandy.account_token().await;
    let names: Vec<_> = (0..300).map(|number| format!("domain{number}.example.com")).collect();
    for name in &names {
        kandy.post("domain_create", &[("key", &account)], &json!({"domain_name": name})).await.result();
    }
    let listed = kandy.call("domain_list", &[("key", &account)]).await;
    assert_eq!(texts(&listed.result()["domains"], "domain_name"), names);
    let keys: HashSet<_> = texts(&listed.result()["domains"], "domain_api_key").into_iter().collect();
    assert_eq!(keys.len(), 300);
}

#[tokio::test]
async fn groups_of_a_user() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let mut ids = Vec::new();
    for number in 0..100 {
        let group = json!({"group_name": format!("Group {number}")});
        ids.push(kandy.post("group_create", &[("key", &user.token)], &group).await.text("group_id"));
    }
    for id in ids.iter().step_by(2) {
        kandy.call("group_delete", &[("key", &user.token), ("group_id", id)]).await.result();
    }
    let listed = kandy.call("group_list", &[("key", &user.token)]).await;
    let left: Vec<_> = ids.iter().skip(1).step_by(2).cloned().collect();
    assert_eq!(texts(&listed.result()["groups"], "group_id"), left);
    kandy.call("user_delete", &[("key", &user.key)]).await.result();
    assert_eq!(kandy.emulator.state().groups, 0);
}

#[tokio::test]
async fn personal_contacts_and_hunt_group_members() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let group = json!({
        "huntgroup_name": "help", "huntgroup_type": "linear", "pilot_uri_address": "a", "overflow_dest": "b",
        "anonymous_uri": "c",
    });
    kandy.post("hunt_group_create", &[("key", &domain.token)], &group).await.result();
    let (mut ids, mut names) = (Vec::new(), Vec::new());
    for number in 0..600 {
        let contact = json!({"contact": {"contact_user_name": format!("user{number}"), "contact_nickname": "n"}});
        ids.push(kandy.post("personal_contact_create", &[("key", &user.token)], &contact).await.text("contact_id"));
        let id = format!("user{number}");
        kandy.post("user_create", &[("key", &domain.token)], &json!({"user_id": id})).await.result();
        let member = json!({"huntgroup_name": "help", "user_name": id});
        kandy.post("hunt_group_user_add", &[("key", &domain.token)], &member).await.result();
        names.push(id);
    }
    let contacts = kandy.call("personal_contact_list", &[("key", &user.token)]).await;
    assert_eq!(texts(&contacts.result()["contacts"], "contact_id"), ids);
    let query = [("key", domain.token.as_str()), ("huntgroup_name", "help")];
    let members = kandy.call("hunt_group_user_list", &query).await;
    assert_eq!(texts(&members.result()["users"], "user_name"), names);
}
