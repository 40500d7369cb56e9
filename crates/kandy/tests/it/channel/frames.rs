//! What each frame reports (dossier, sections 3.2 and 3.3).

use kandy::{ChannelEvent, ChannelFrame, ChannelState, MessageType, SessionEvent, SessionEventKind, SessionEventType};
use serde_json::{Value, json};

use super::{next, open};
use crate::support::channel_server::{BINARY, ChannelServer, frame};

/// Returns a short text that tells all parts of an event.
pub(super) fn described(event: Option<ChannelEvent>) -> String {
    match event {
        None => "nothing".to_owned(),
        Some(ChannelEvent::Message(message)) => {
            let kind = message.message_type.as_ref().map_or("-", MessageType::as_str);
            let id = message.id.as_ref().map_or("-", |id| id.as_str());
            let text = message.content.as_ref().and_then(|content| content.text()).unwrap_or("-");
            let undecodable = if message.undecodable.is_some() { " undecodable" } else { "" };
            format!("message {kind} {id} {text}{undecodable}")
        }
        Some(ChannelEvent::MessagesAvailable) => "available".to_owned(),
        Some(ChannelEvent::IncomingCall { call_id, extra }) => {
            format!("call {} {}", call_id.as_deref().unwrap_or("-"), json!(extra))
        }
        Some(ChannelEvent::Session(SessionEvent { session_id, full_user_id, kind, extra, .. })) => {
            let session = session_id.as_ref().map_or("-", |id| id.as_str());
            let user = full_user_id.as_ref().map_or("-", |user| user.as_str());
            let kind = match kind {
                SessionEventKind::Data(payload) => format!("data {payload}"),
                SessionEventKind::Change(change) => format!("{:?}", change.as_str()),
                other => format!("{other:?}"),
            };
            format!("session {session} {user} {kind} {}", json!(extra))
        }
        Some(ChannelEvent::Unknown(members)) => format!("unknown {}", json!(members)),
        Some(other) => format!("{other:?}"),
    }
}

/// Frames, and what they report.
fn table() -> Vec<(String, String)> {
    let notification = |message: Value| json!({"message_type": "notification", "message": message}).to_string();
    let session = |payload: Value| json!({"message_type": "sessionNotification", "payload": payload}).to_string();
    let mut table: Vec<(String, String)> = Vec::new();
    let mut row = |frame: String, expected: &str| table.push((frame, expected.to_owned()));

    // Messages and events of groups: whole entries of the list of pending messages. From 2.2.1 on.
    for kind in [
        "chat",
        "groupChat",
        "chatGroupInvite",
        "chatGroupBoot",
        "chatGroupLeave",
        "chatGroupUpdate",
        "chatGroupDelete",
        "chatRemoteAck",
        "newKind",
    ] {
        let message = json!({"messageType": kind, "UUID": "1", "sender": {"full_user_id": "russ@example.com"},
            "contentType": "text", "message": {"mimeType": "text/plain", "text": "a"}});
        row(notification(message), &format!("message {kind} 1 a"));
    }
    row(
        notification(json!({"messageType": "chatRemoteAck", "UUID": "1", "timestamp": 5})),
        "message chatRemoteAck 1 -",
    );
    row(notification(json!({"messageType": "chat", "sender": 5, "UUID": 17})), "message chat 17 - undecodable");
    row(notification(json!({"messageType": "chat", "kandyType": "gofetch", "UUID": "1"})), "message chat 1 -");

    // A doorbell: of the first versions, of later ones, and what later ones take for one.
    row(notification(json!({"message_type": "gofetch"})), "available");
    row(notification(json!({"kandyType": "gofetch"})), "available");
    row(notification(json!({"kandyType": "gofetch", "message_type": "incomingCall"})), "available");
    row(notification(json!({"kandyType": null, "message_type": "gofetch"})), "available");
    row(notification(json!({})), "available");
    row(notification(json!({"other": 1})), "available");

    // Calls: from 2.2.1 on, with an id from 2.3.0 on.
    row(notification(json!({"kandyType": "incomingCall", "call_id": "c7"})), "call c7 {}");
    row(notification(json!({"message_type": "incomingCall"})), "call - {}");
    row(notification(json!({"message_type": "incomingCall", "call_id": 7, "x": [1]})), "call 7 {\"x\":[1]}");
    row(notification(json!({"message_type": "incomingCall", "call_id": null})), "call - {\"call_id\":null}");

    // Session data, of any form.
    for payload in [json!(null), json!(1.5), json!("x"), json!([1, {"a": null}]), json!({"type": "t", "data": 1})] {
        let frame = json!({"message_type": "sessionData", "session_id": "0af3", "full_user_id": "russ@example.com",
            "payload": payload});
        row(frame.to_string(), &format!("session 0af3 russ@example.com data {payload} {{}}"));
    }
    row(json!({"message_type": "sessionData"}).to_string(), "session - - data null {}");
    row(
        json!({"message_type": "sessionData", "session_id": 7, "more": 1}).to_string(),
        "session 7 - data null {\"more\":1}",
    );

    // Changes of sessions.
    for (name, kind) in [
        ("sessionActive", SessionEventType::Active),
        ("sessionUserJoinRequest", SessionEventType::UserJoinRequest),
        ("sessionUserJoin", SessionEventType::UserJoin),
        ("sessionJoinApprove", SessionEventType::JoinApprove),
        ("sessionJoinReject", SessionEventType::JoinReject),
        ("sessionUserLeave", SessionEventType::UserLeave),
        ("sessionUserBoot", SessionEventType::UserBoot),
        ("sessionBoot", SessionEventType::Boot),
        ("sessionInactive", SessionEventType::Inactive),
        ("sessionTerminated", SessionEventType::Terminated),
        ("sessionNew", SessionEventType::from("sessionNew".to_owned())),
    ] {
        assert_eq!(SessionEventType::from(name.to_owned()), kind, "{name}");
        let payload = json!({"message_type": name, "session_id": "0af3", "full_user_id": "russ@example.com", "x": 1});
        row(session(payload), &format!("session 0af3 russ@example.com {name:?} {{\"x\":1}}"));
    }
    row(session(json!({})), "session - - \"\" {}");
    row(session(json!({"session_id": null})), "session - - \"\" {\"session_id\":null}");

    // What is neither: kept, or nothing.
    for value in [
        json!({"message_type": "new", "a": 1}),
        json!({"a": 1}),
        json!({}),
        json!({"message_type": null}),
        json!({"message_type": {"a": 1}}),
        json!({"message_type": "notification"}),
        json!({"message_type": "notification", "message": null}),
        json!({"message_type": "notification", "message": "text"}),
        json!({"message_type": "notification", "message": [1]}),
        json!({"message_type": "notification", "message": {"kandyType": "new"}}),
        json!({"message_type": "notification", "message": {"message_type": 5}}),
        json!({"message_type": "sessionNotification"}),
        json!({"message_type": "sessionNotification", "payload": 5}),
    ] {
        row(value.to_string(), &format!("unknown {value}"));
    }
    for nothing in [
        r#"{"message_type":"response","id":"1","status":0}"#,
        r#"{"message_type":"pong"}"#,
        r#"{"message_type":"ping"}"#,
        "",
        " ",
        "{",
        "[]",
        "7",
        "null",
        "\"text\"",
        "{}{}",
        "{\"a\":}",
        "\u{feff}{}",
    ] {
        row(nothing.to_owned(), "nothing");
    }
    // Of members of one name the last counts.
    row(r#"{"message_type":"ping","message_type":"new"}"#.to_owned(), "unknown {\"message_type\":\"new\"}");
    row(r#" {"message_type" : "new"} "#.to_owned(), "unknown {\"message_type\":\"new\"}");
    table
}

#[test]
fn each_frame_reports_what_the_dossier_says() {
    for (frame, expected) in table() {
        assert_eq!(described(ChannelEvent::from_frame(&frame)), expected, "{frame}");
    }
}

#[test]
fn frames_that_are_nested_deeply_are_decoded() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    for frame in [
        format!(r#"{{"message_type":"new","deep":{deep}}}"#),
        format!(r#"{{"message_type":"notification","message":{{"messageType":"chat","UUID":"1","message":{deep}}}}}"#),
        format!(r#"{{"message_type":"notification","message":{{"kandyType":"incomingCall","x":{deep}}}}}"#),
        format!(r#"{{"message_type":"notification","message":{deep}}}"#),
        format!(r#"{{"message_type":"sessionData","session_id":"1","payload":{deep}}}"#),
        format!(r#"{{"message_type":"sessionNotification","payload":{{"message_type":"sessionBoot","x":{deep}}}}}"#),
        format!(r#"{{"message_type":{deep}}}"#),
    ] {
        let event = ChannelEvent::from_frame(&frame).expect("an event");
        match event {
            ChannelEvent::Message(message) => assert!(message.undecodable.is_some()),
            event => assert!(described(Some(event)).len() > 20_000, "the deep part is kept as text"),
        }
    }
    assert!(ChannelEvent::from_frame(&deep).is_none());
}

#[tokio::test]
async fn all_of_them_arrive_in_order() {
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    let rows = table();
    let frames = rows.clone();
    tokio::spawn(async move {
        for (text, _) in frames {
            peer.text(text).await;
            // Binary frames are unknown, and skipped.
            peer.bytes(frame(0x80 | BINARY, b"{\"message_type\":\"new\"}")).await;
        }
        peer.ended().await;
    });
    for (frame, expected) in rows.iter().filter(|(_, expected)| expected != "nothing") {
        assert_eq!(&described(Some(next(&mut channel).await)), expected, "{frame}");
    }
}

#[tokio::test]
async fn frames_are_returned_as_received() {
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    for text in ["", "not JSON", "{\"a\" : 1 }", r#"{"message_type":"response","id":"unknown","status":0}"#] {
        peer.text(text).await;
        let frame = channel.next_frame().await;
        assert!(matches!(&frame, Some(Ok(ChannelFrame::Text(frame))) if frame == text), "{frame:?}");
    }
    peer.close(1001, "").await;
    let frame = channel.next_frame().await;
    assert!(matches!(&frame, Some(Ok(ChannelFrame::State(ChannelState::Lost { .. })))), "{frame:?}");
}
