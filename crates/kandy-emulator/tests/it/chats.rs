//! `/_emulator/conversation` and `/_emulator/tokens`, by which the page shows chats and writes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    fixture::{Kandy, admin_response, text_message, users},
    group::group,
};

async fn conversation(kandy: &Kandy, of: &str, with: &str) -> (u16, Value) {
    let request = kandy.http.get(kandy.admin_url("conversation")).query(&[("of", of), ("with", with)]);
    admin_response(request).await
}

/// The ids of the messages, and those of whom each waits on a device.
fn messages(conversation: &Value) -> Vec<(&str, Vec<&str>)> {
    let messages = conversation["messages"].as_array().expect("a list").iter();
    messages.map(|entry| (entry["message"]["UUID"].as_str().expect("an id"), texts(&entry["waits_for"]))).collect()
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|text| text.as_str().expect("a text")).collect()
}

#[tokio::test]
async fn both_sides_see_a_message_and_whether_it_waits_on_a_device() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let from = [("key", russ.token.as_str()), ("device_id", &russ.device)];
    kandy.post("message_send", &from, &text_message("anna@example.com", "1")).await.result();
    kandy.post("message_send", &from, &text_message("anna@example.com", "2")).await.result();
    kandy.emulator.advance(Duration::from_secs(60));
    for (of, with) in [("russ@example.com", "anna@Example.com"), ("anna@EXAMPLE.com", "russ@example.com")] {
        let (http, found) = conversation(&kandy, of, with).await;
        assert_eq!(http, 200, "{found}");
        assert_eq!(messages(&found), [("1", vec!["anna@example.com"]), ("2", vec!["anna@example.com"])], "{of}");
        assert_eq!(found["messages"][0]["message"]["message"]["text"], "let's meet tonight");
        assert_eq!(found["messages"][0]["number"], 1);
    }
    let query = [("key", domain.token.as_str()), ("users", r#"["anna@example.com"]"#)];
    let seen = kandy.call("last_seen_list", &query).await.result().clone();
    let ago =
        seen["server_timestamp"].as_i64().expect("a time") - seen["users"][0]["last_seen"].as_i64().expect("a time");
    assert!(ago >= 60_000, "who is looked at does not count as seen: {seen}");
    let (_, found) = conversation(&kandy, "anna@example.com", "russ@example.com").await;
    assert_eq!(found["devices"], json!([{"id": anna.device, "name": null}]));

    let delete = [("key", anna.token.as_str()), ("device_id", &anna.device), ("messages", r#"["1"]"#)];
    kandy.call("message_delete", &delete).await.result();
    let (_, found) = conversation(&kandy, "russ@example.com", "anna@example.com").await;
    assert_eq!(messages(&found), [("1", vec![]), ("2", vec!["anna@example.com"])]);
}

#[tokio::test]
async fn a_group_is_a_conversation_of_its_members() {
    let kandy = Kandy::start();
    let (_, [russ, anna, bert]) = users(&kandy, ["russ", "anna", "bert"]).await;
    let id = group(&kandy, &russ, &[&anna]).await;
    let message = json!({"message": {
        "contentType": "text", "group_id": id, "UUID": "1", "message": {"mimeType": "text/plain", "text": "hello"},
    }});
    kandy.post("group_message_send", &[("key", &anna.token)], &message).await.result();
    for (user, count) in [(&russ, 1), (&anna, 1), (&bert, 0)] {
        let (_, found) = conversation(&kandy, &user.full_id, &id).await;
        assert_eq!(messages(&found).len(), count, "{}", user.full_id);
        assert_eq!(found["groups"].as_array().map(Vec::len), Some(count), "{}", user.full_id);
    }
    let (_, found) = conversation(&kandy, &russ.full_id, &id).await;
    assert_eq!(messages(&found), [("1", vec!["russ@example.com"])]);
    let delete = [("key", russ.token.as_str()), ("device_id", &russ.device), ("messages", r#"["1"]"#)];
    kandy.call("message_delete", &delete).await.result();
    let (_, found) = conversation(&kandy, &anna.full_id, &id).await;
    assert_eq!(messages(&found), [("1", vec![])]);
}

#[tokio::test]
async fn events_of_a_group_stay_after_its_members_have_deleted_them() {
    let kandy = Kandy::start();
    let (_, [russ, anna, bert]) = users(&kandy, ["russ", "anna", "bert"]).await;
    let id = group(&kandy, &russ, &[&anna]).await;
    let members = json!({"group_id": id, "members": ["bert@example.com"]});
    kandy.post("group_member_add", &[("key", &russ.token)], &members).await.result();
    for uuid in kandy.messages(&bert.token, &bert.device).await.iter().map(|event| event["UUID"].to_string()) {
        let query = [("key", bert.token.as_str()), ("device_id", &bert.device), ("messages", &format!("[{uuid}]"))];
        kandy.call("message_delete", &query).await.result();
    }
    kandy.call("group_leave", &[("key", bert.token.as_str()), ("group_id", &id)]).await.result();
    let (_, found) = conversation(&kandy, &anna.full_id, &id).await;
    let events = found["events"].as_array().expect("a list").iter();
    let events: Vec<_> = events
        .map(|event| (event["event"]["messageType"].as_str().expect("a type"), texts(&event["receivers"])))
        .collect();
    let expected = [
        ("chatGroupInvite", vec!["anna@example.com"]),
        ("chatGroupInvite", vec!["bert@example.com"]),
        ("chatGroupLeave", vec!["russ@example.com", "anna@example.com"]),
    ];
    assert_eq!(events, expected);
    let (_, found) = conversation(&kandy, "russ@example.com", "anna@example.com").await;
    assert_eq!(found["events"], json!([]));
}

#[tokio::test]
async fn a_token_writes_as_its_user_and_only_the_last_messages_are_returned() {
    let kandy = Kandy::start();
    let (_, [russ, _]) = users(&kandy, ["russ", "anna"]).await;
    let mint = async |body: Value| admin_response(kandy.http.post(kandy.admin_url("tokens")).json(&body)).await;
    let (http, minted) = mint(json!({"full_user_id": "russ@example.com"})).await;
    let token = minted["user_access_token"].as_str().expect("a token");
    assert_eq!(http, 200);
    for number in 0..201 {
        let message = text_message("anna@example.com", &number.to_string());
        kandy.post("message_send", &[("key", token), ("device_id", &russ.device)], &message).await.result();
    }
    let (_, found) = conversation(&kandy, "russ@example.com", "anna@example.com").await;
    let ids = messages(&found);
    assert_eq!((ids.len(), ids[0].0, ids[199].0), (200, "1", "200"));
    for wrong in [json!({"full_user_id": "nobody@example.com"}), json!({}), json!({"full_user_id": "russ"})] {
        assert_eq!(mint(wrong.clone()).await.0, 400, "{wrong}");
    }
    assert_eq!(conversation(&kandy, "nobody@example.com", "russ@example.com").await.0, 400);
    assert!(kandy.emulator.requests().iter().all(|request| !request.to_string().contains(token)));
}
