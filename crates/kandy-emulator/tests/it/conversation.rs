//! Operations of the tag Conversation: messages between users, and private events.

use serde_json::{Value, json};

use crate::{
    fixture::{Kandy, Query, User, text_message, users},
    group::group,
};

async fn send_message(kandy: &Kandy, from: &User, to: &str, uuid: &str) {
    let query = [("key", from.token.as_str()), ("device_id", &from.device)];
    kandy.post("message_send", &query, &text_message(to, uuid)).await.result();
}

async fn conversations(kandy: &Kandy, user: &User) -> Vec<Value> {
    let list = kandy.call("conversation_list", &[("key", &user.token)]).await;
    list.result()["conversations"].as_array().expect("a list").clone()
}

async fn ids(kandy: &Kandy, user: &User) -> Vec<Value> {
    conversations(kandy, user).await.iter().map(|conversation| conversation["conversation_id"].clone()).collect()
}

/// The ids of the messages of a conversation.
async fn messages(kandy: &Kandy, user: &User, id: &str, more: Query<'_>) -> Vec<String> {
    let kind = if id.contains('@') { "single" } else { "group" };
    let query = [("key", user.token.as_str()), ("conversation_id", id), ("conversation_type", kind)];
    let list = kandy.call("conversation_message_list", &[&query, more].concat()).await;
    let list = list.result()["messages"].as_array().expect("a list").clone();
    list.iter().map(|message| message["UUID"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn both_users_have_the_conversation() {
    let kandy = Kandy::start();
    let (_, [russ, anna, bert]) = users(&kandy, ["russ", "anna", "bert"]).await;
    assert!(conversations(&kandy, &russ).await.is_empty());
    assert!(messages(&kandy, &russ, "anna@example.com", &[]).await.is_empty());
    send_message(&kandy, &russ, "anna@example.com", "1").await;
    send_message(&kandy, &anna, "russ@EXAMPLE.com", "2").await;
    send_message(&kandy, &russ, "bert@example.com", "3").await;
    send_message(&kandy, &russ, "russ@example.com", "4").await;

    let list = conversations(&kandy, &russ).await;
    assert_eq!(ids(&kandy, &russ).await, ["russ@example.com", "bert@example.com", "anna@example.com"]);
    let expected = json!({
        "conversation_id": "anna@example.com",
        "conversation_type": "single",
        "message_sequence_number": 2,
        "timestamp": list[2]["timestamp"],
    });
    assert_eq!(list[2], expected);
    assert_eq!(messages(&kandy, &russ, "anna@example.com", &[]).await, ["1", "2"]);
    assert_eq!(messages(&kandy, &anna, "russ@example.com", &[]).await, ["1", "2"]);
    assert_eq!(messages(&kandy, &anna, "russ@Example.COM", &[]).await, ["1", "2"]);
    assert_eq!(messages(&kandy, &bert, "russ@example.com", &[]).await, ["3"]);
    assert_eq!(messages(&kandy, &russ, "russ@example.com", &[]).await, ["4"], "once");
    // Deleting a message from a device keeps it in the conversation.
    let query = [("key", anna.token.as_str()), ("device_id", &anna.device), ("messages", r#"["1"]"#)];
    kandy.call("message_delete", &query).await.result();
    assert_eq!(messages(&kandy, &anna, "russ@example.com", &[]).await, ["1", "2"]);
}

#[tokio::test]
async fn group_is_a_conversation() {
    let kandy = Kandy::start();
    let (_, [russ, anna, bert]) = users(&kandy, ["russ", "anna", "bert"]).await;
    let id = group(&kandy, &russ, &[&anna]).await;
    assert!(messages(&kandy, &anna, &id, &[]).await.is_empty());
    let message = json!({"message": {
        "contentType": "text", "group_id": id, "UUID": "1", "message": {"mimeType": "text/plain", "text": "hello"},
    }});
    kandy.post("group_message_send", &[("key", &anna.token)], &message).await.result();
    for user in [&russ, &anna] {
        assert_eq!(messages(&kandy, user, &id, &[]).await, ["1"]);
        let list = conversations(&kandy, user).await;
        assert_eq!((list.len(), &list[0]["conversation_type"]), (1, &json!("group")), "events are no messages");
    }
    assert!(conversations(&kandy, &bert).await.is_empty());
    kandy.call("group_delete", &[("key", &russ.token), ("group_id", &id)]).await.result();
    assert_eq!(messages(&kandy, &anna, &id, &[]).await, ["1"], "what was written stays");
}

#[tokio::test]
async fn messages_are_filtered() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let mut times = Vec::new();
    for uuid in ["1", "2", "3", "4", "5"] {
        send_message(&kandy, &russ, "anna@example.com", uuid).await;
        times.push(conversations(&kandy, &russ).await[0]["timestamp"].as_str().expect("a time").to_owned());
        kandy.emulator.advance(std::time::Duration::from_secs(60));
    }
    let third = times[2].as_str();
    for (query, expected) in [
        (&[][..], "12345"),
        (&[("order", "forward")], "12345"),
        (&[("order", "asc")], "12345"),
        (&[("order", "backward")], "54321"),
        (&[("order", "desc")], "54321"),
        (&[("number_of_records", "2")], "12"),
        (&[("number_of_records", "0")], ""),
        (&[("number_of_records", "2"), ("order", "backward")], "54"),
        (&[("message_sequence_number", "3")], "345"),
        (&[("message_sequence_number", "3"), ("order", "backward")], "321"),
        (&[("message_sequence_number", "3"), ("order", "backward"), ("number_of_records", "2")], "32"),
        (&[("timestamp", third)], "345"),
        (&[("timestamp", third), ("order", "backward")], "321"),
        (&[("timestamp", third), ("message_sequence_number", "4")], "45"),
        (&[("message_sequence_number", "6")], ""),
    ] {
        assert_eq!(messages(&kandy, &anna, "russ@example.com", query).await.concat(), expected, "{query:?}");
    }
    let base = [("key", anna.token.as_str()), ("conversation_id", "russ@example.com"), ("conversation_type", "single")];
    let all = kandy.call("conversation_message_list", &base).await;
    let numbers: Vec<_> = all.result()["messages"].as_array().expect("a list").iter().collect();
    assert_eq!(numbers[4]["message_sequence_number"], 5);
    assert_eq!((&numbers[4]["messageType"], &numbers[4]["destination"]), (&json!("chat"), &json!("anna@example.com")));

    for (query, status) in [
        ([base[0], base[1], ("conversation_type", "group")], 16),
        ([base[0], base[1], ("conversation_type", "")], 15),
        ([base[0], ("conversation_id", ""), base[2]], 15),
        ([base[0], ("conversation_id", "nobody@example.com"), base[2]], 53),
        ([base[0], ("conversation_id", "834f42eb5a1144a3b679f2d0be20112c"), ("conversation_type", "group")], 53),
        ([("key", ""), base[1], base[2]], 15),
    ] {
        assert_eq!(kandy.call("conversation_message_list", &query).await.status(), status, "{query:?}");
    }
    for wrong in [
        ("order", "up"),
        ("number_of_records", "-1"),
        ("number_of_records", "x"),
        ("message_sequence_number", "x"),
        ("timestamp", "x"),
    ] {
        let query = [base[0], base[1], base[2], wrong];
        assert_eq!(kandy.call("conversation_message_list", &query).await.status(), 16, "{wrong:?}");
    }
}

#[tokio::test]
async fn deletion_affects_one_user() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let id = group(&kandy, &russ, &[]).await;
    let (plain, hyphenated) = ("abc2fa752c3c4edf97de8b0a12f622f0", "ABC2FA75-2C3C-4EDF-97DE-8B0A12F622F0");
    for uuid in [hyphenated, "2", "3"] {
        send_message(&kandy, &russ, "anna@example.com", uuid).await;
    }
    let delete = async |id: &str, messages: &str| {
        let query = [("key", russ.token.as_str()), ("conversation_id", id), ("messages", messages)];
        kandy.call("conversation_message_delete", &query).await.status()
    };
    for (id, messages, status) in [
        ("anna@example.com", format!(r#"["{plain}","2","nothing"]"#), 0),
        ("anna@example.com", format!(r#"["{plain}"]"#), 0),
        (&id, format!(r#"["{plain}"]"#), 0),
        ("anna@example.com", "[]".to_owned(), 0),
        ("anna@example.com", String::new(), 15),
        ("", "[]".to_owned(), 15),
        ("nobody@example.com", "[]".to_owned(), 53),
        ("anna@example.com", "2".to_owned(), 16),
        ("anna@example.com", "[2]".to_owned(), 16),
    ] {
        assert_eq!(delete(id, &messages).await, status, "{messages}");
    }
    assert_eq!(messages(&kandy, &russ, "anna@example.com", &[]).await, ["3"]);
    assert_eq!(messages(&kandy, &anna, "russ@example.com", &[]).await, [hyphenated, "2", "3"]);

    let delete = async |conversations: &str| {
        let query = [("key", russ.token.as_str()), ("conversations", conversations)];
        kandy.call("conversation_delete", &query).await.status()
    };
    for (conversations, status) in [("", 15), ("anna@example.com", 16), (r#"["nobody@example.com"]"#, 0), ("[]", 0)] {
        assert_eq!(delete(conversations).await, status, "{conversations}");
    }
    assert_eq!(ids(&kandy, &russ).await, ["anna@example.com"]);
    assert_eq!(delete(r#"["anna@EXAMPLE.com"]"#).await, 0);
    assert!(ids(&kandy, &russ).await.is_empty());
    assert_eq!(ids(&kandy, &anna).await, ["russ@example.com"]);
    assert!(messages(&kandy, &russ, "anna@example.com", &[]).await.is_empty());

    // Deleted users leave nothing.
    let key = [("key", domain.token.as_str()), ("user_api_key", &anna.key)];
    kandy.call("user_delete", &key).await;
    let anna = kandy.user(&domain, "anna").await;
    assert!(conversations(&kandy, &anna).await.is_empty());
}

#[tokio::test]
async fn private_event_is_delivered() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let query = [("key", russ.token.as_str()), ("client_timestamp", "1409754477079")];
    let event = json!({"message": {
        "UUID": "ABC2FA75-2C3C-4EDF-97DE-8B0A12F622F0",
        "destination": "anna@example.com",
        "messageType": "PRIVATE",
        "message": {"type": "WAKEUP"},
    }});
    assert_eq!(kandy.post("event_send", &query, &event).await.status(), 0);
    let waiting = kandy.messages(&anna.token, &anna.device).await;
    let mut expected = event["message"].clone();
    expected["sender"] = json!({"user_id": "russ", "domain_name": "example.com", "full_user_id": "russ@example.com"});
    expected["timestamp"] = waiting[0]["timestamp"].clone();
    assert_eq!(waiting, [expected]);
    assert!(conversations(&kandy, &anna).await.is_empty(), "people do not see it");

    let with = |member: &str, value: Value| {
        let mut body = event.clone();
        body["message"][member] = value;
        body
    };
    for (query, body, status) in [
        (&query[..1], event.clone(), 15),
        (&[query[0], ("client_timestamp", "now")], event.clone(), 16),
        (&query, with("UUID", Value::Null), 15),
        (&query, with("messageType", json!("")), 15),
        (&query, with("destination", Value::Null), 15),
        (&query, with("message", json!({})), 15),
        (&query, with("message", json!("WAKEUP")), 16),
        (&query, with("destination", json!("anna")), 51),
        (&query, with("destination", json!("nobody@example.com")), 53),
        (&query, json!({}), 15),
        (&query, json!([]), 14),
    ] {
        assert_eq!(kandy.post("event_send", query, &body).await.status(), status, "{body}");
    }
    assert_eq!(kandy.messages(&anna.token, &anna.device).await.len(), 1);
}
