//! What becomes pending is pushed.

use kandy_emulator::{ChannelMode, Emulator};
use serde_json::{Value, json};

use super::client::Channel;
use crate::fixture::{Kandy, User, text_message, users};

/// Sends a chat message.
pub(crate) async fn chat(kandy: &Kandy, from: &User, to: &User, uuid: &str) {
    let query = [("key", from.token.as_str()), ("device_id", from.device.as_str())];
    kandy.post("message_send", &query, &text_message(&to.full_id, uuid)).await.result();
}

/// The dossier: a web client decodes a push and an entry of the pending list with one decoder.
#[tokio::test]
async fn every_message_is_pushed_as_it_is_pending() {
    let kandy = Kandy::start();
    let (_, [russ, anna, hana]) = users(&kandy, ["russ", "anna", "hana"]).await;
    let mut channel = Channel::open(&kandy.emulator, &anna.token).await;
    let key = [("key", russ.token.as_str())];
    let event = |path: &'static str, query: Vec<(&'static str, String)>, body: Value| {
        let query: Vec<_> = query.into_iter().collect();
        (path, query, body)
    };
    let group = kandy.post("group_create", &key, &json!({"group_name": "Friends"})).await.text("group_id");
    let of_group = |more: Value| {
        let mut body = json!({"group_id": group});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let group_message = json!({"message": {
        "contentType": "text", "UUID": "g1", "group_id": group,
        "message": {"mimeType": "text/plain", "text": "Hello, all"},
    }});
    let private_event = json!({"message": {
        "UUID": "e1", "messageType": "chatTyping", "destination": anna.full_id, "message": {"type": "typing"},
    }});
    for (operation, query, body) in [
        event("message_send", vec![("device_id", russ.device.clone())], text_message(&anna.full_id, "c1")),
        event("group_member_add", vec![], of_group(json!({"members": [anna.full_id, hana.full_id]}))),
        event("group_message_send", vec![], group_message),
        event("group_update", vec![], of_group(json!({"group_name": "Best friends"}))),
        event("group_member_remove", vec![], of_group(json!({"members": [hana.full_id]}))),
        event("event_send", vec![("client_timestamp", "1".to_owned())], private_event),
        event("group_delete", vec![("group_id", group.clone())], json!({})),
    ] {
        let query: Vec<_> = query.iter().map(|(name, value)| (*name, value.as_str())).chain(key).collect();
        kandy.post(operation, &query, &body).await.result();
    }
    let pending = kandy.messages(&anna.token, &anna.device).await;
    let types: Vec<_> = pending.iter().map(|message| message["messageType"].as_str().expect("a type")).collect();
    let expected =
        ["chat", "chatGroupInvite", "groupChat", "chatGroupUpdate", "chatGroupBoot", "chatTyping", "chatGroupDelete"];
    assert_eq!(types, expected);
    for message in pending {
        assert_eq!(channel.frame().await, json!({"message_type": "notification", "message": message}));
    }
    channel.expect_silence().await;
}

#[tokio::test]
async fn a_message_is_pushed_once_to_each_channel() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    for native_id in ["second", "third"] {
        let body = json!({"device_native_id": native_id});
        kandy.post("device_create", &[("key", &anna.token)], &body).await.result();
    }
    let mut channels =
        [Channel::open(&kandy.emulator, &anna.token).await, Channel::open(&kandy.emulator, &anna.token).await];
    let mut of_sender = Channel::open(&kandy.emulator, &russ.token).await;
    for uuid in ["1", "2", "3"] {
        chat(&kandy, &russ, &anna, uuid).await;
    }
    for channel in &mut channels {
        for uuid in ["1", "2", "3"] {
            assert_eq!(channel.frame().await["message"]["UUID"], uuid);
        }
        channel.expect_silence().await;
    }
    of_sender.expect_silence().await;
    // It stays pending, and is not pushed again to a channel that is opened later.
    let mut late = Channel::open(&kandy.emulator, &anna.token).await;
    late.expect_silence().await;
    assert_eq!(kandy.messages(&anna.token, &anna.device).await.len(), 3);
}

#[tokio::test]
async fn without_a_device_nothing_is_pending_and_nothing_is_pushed() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let query = [("key", anna.token.as_str()), ("device_id", anna.device.as_str())];
    kandy.call("device_delete", &query).await.result();
    let mut channel = Channel::open(&kandy.emulator, &anna.token).await;
    chat(&kandy, &russ, &anna, "1").await;
    channel.expect_silence().await;
}

/// Early versions of kandy.js know `gofetch` alone.
#[tokio::test]
async fn a_doorbell_pushes_no_message() {
    let kandy = Kandy::on(Emulator::builder().channel(ChannelMode::Doorbell).start().expect("a free port"));
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let mut channel = Channel::open(&kandy.emulator, &anna.token).await;
    for uuid in ["1", "2"] {
        chat(&kandy, &russ, &anna, uuid).await;
        let expected = json!({"message_type": "notification", "message": {"message_type": "gofetch"}});
        assert_eq!(channel.frame().await, expected);
    }
    channel.expect_silence().await;
    assert_eq!(kandy.messages(&anna.token, &anna.device).await.len(), 2);
}

/// Pages of any origin open a channel, as at the service: CORS does not apply to WebSockets.
#[tokio::test]
async fn concurrent_messages_arrive_in_one_order() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let mut channels = Vec::new();
    for _ in 0..3 {
        channels.push(Channel::open(&kandy.emulator, &anna.token).await);
    }
    let uuids: Vec<_> = (0..50).map(|number| number.to_string()).collect();
    futures_util::future::join_all(uuids.iter().map(|uuid| chat(&kandy, &russ, &anna, uuid))).await;
    let pending = kandy.messages(&anna.token, &anna.device).await;
    assert_eq!(pending.len(), uuids.len());
    for channel in &mut channels {
        for message in &pending {
            assert_eq!(&channel.frame().await["message"], message);
        }
    }
}
