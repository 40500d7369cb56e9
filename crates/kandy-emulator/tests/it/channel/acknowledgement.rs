//! `chatRemoteAck`, which tells the sender of a chat message that it arrived.

use kandy_emulator::Emulator;
use serde_json::{Value, json};

use super::{client::Channel, push::chat};
use crate::fixture::{Kandy, User, users};

async fn delete(kandy: &Kandy, user: &User, device: &str, uuid: &str) {
    let list = json!([uuid]).to_string();
    let query = [("key", user.token.as_str()), ("device_id", device), ("messages", &list)];
    kandy.call("message_delete", &query).await.result();
}

/// A documented sample has id, type and time, and nothing else; a hackathon program shows it as "seen".
#[tokio::test]
async fn the_first_deletion_tells_the_sender() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let body = json!({"device_native_id": "second"});
    let second = kandy.post("device_create", &[("key", &anna.token)], &body).await.text("device_id");
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    chat(&kandy, &russ, &anna, "ABC-1").await;
    channel.expect_silence().await;

    delete(&kandy, &anna, &second, "abc1").await;
    let mut frame = channel.frame().await;
    let pending = kandy.messages(&russ.token, &russ.device).await;
    assert_eq!(frame["message"], pending[0]);
    assert!(frame["message"]["timestamp"].take().is_string());
    let ack = json!({"messageType": "chatRemoteAck", "UUID": "ABC-1", "timestamp": null});
    assert_eq!(frame, json!({"message_type": "notification", "message": ack}));

    // No second one: by the same device, by another of the receiver, and of the deletion of the acknowledgement.
    for device in [&second, &anna.device, &anna.device] {
        delete(&kandy, &anna, device, "ABC-1").await;
    }
    delete(&kandy, &russ, &russ.device, "ABC-1").await;
    channel.expect_silence().await;
    assert!(kandy.messages(&russ.token, &russ.device).await.is_empty());
    assert!(kandy.messages(&anna.token, &anna.device).await.is_empty());

    // Another message with the same id is another message.
    chat(&kandy, &russ, &anna, "ABC-1").await;
    delete(&kandy, &anna, &anna.device, "ABC-1").await;
    assert_eq!(channel.frame().await["message"]["UUID"], "ABC-1");
    delete(&kandy, &anna, &second, "ABC-1").await;
    channel.expect_silence().await;
}

#[tokio::test]
async fn other_deletions_send_no_acknowledgement() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let key = [("key", russ.token.as_str())];
    let group = kandy.post("group_create", &key, &json!({"group_name": "Friends"})).await.text("group_id");
    let body = json!({"group_id": group, "members": [anna.full_id]});
    kandy.post("group_member_add", &key, &body).await.result();
    let message = json!({"message": {
        "contentType": "text", "UUID": "g1", "group_id": group,
        "message": {"mimeType": "text/plain", "text": "Hello, all"},
    }});
    kandy.post("group_message_send", &key, &message).await.result();
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    for message in kandy.messages(&anna.token, &anna.device).await {
        delete(&kandy, &anna, &anna.device, message["UUID"].as_str().expect("an id")).await;
    }
    delete(&kandy, &anna, &anna.device, "unknown").await;
    channel.expect_silence().await;
    // A message to oneself.
    chat(&kandy, &russ, &russ, "self").await;
    assert_eq!(channel.frame().await["message"]["UUID"], "self");
    delete(&kandy, &russ, &russ.device, "self").await;
    channel.expect_silence().await;
    assert_eq!(kandy.messages(&russ.token, &russ.device).await, Vec::<Value>::new());
}

#[tokio::test]
async fn acknowledgements_can_be_switched_off() {
    let kandy = Kandy::on(Emulator::builder().remote_acks(false).start().expect("a free port"));
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    chat(&kandy, &russ, &anna, "1").await;
    delete(&kandy, &anna, &anna.device, "1").await;
    assert!(kandy.messages(&russ.token, &russ.device).await.is_empty());
    kandy.emulator.reset();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    chat(&kandy, &russ, &anna, "1").await;
    delete(&kandy, &anna, &anna.device, "1").await;
    assert!(kandy.messages(&russ.token, &russ.device).await.is_empty(), "also after a reset");
}

/// What a sender knows survives a snapshot, and so does what it does not know.
#[tokio::test]
async fn a_snapshot_keeps_what_senders_know() {
    let kandy = Kandy::start();
    let (domain, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let body = json!({"device_native_id": "second"});
    let second = kandy.post("device_create", &[("key", &anna.token)], &body).await.text("device_id");
    for uuid in ["known", "new"] {
        chat(&kandy, &russ, &anna, uuid).await;
    }
    delete(&kandy, &anna, &anna.device, "known").await;
    let snapshot = kandy.snapshot().await;
    assert_eq!(kandy.upload_snapshot(snapshot).await.0, 200);

    // The tokens are those of the snapshot, so that they go on.
    for uuid in ["known", "new"] {
        delete(&kandy, &anna, &second, uuid).await;
    }
    let token = kandy.user_token(&domain, "russ").await;
    let acks = kandy.messages(&token, &russ.device).await;
    let acks: Vec<_> = acks.iter().map(|ack| ack["UUID"].as_str().expect("an id")).collect();
    assert_eq!(acks, ["known", "new"], "one of each, and none twice");
}
