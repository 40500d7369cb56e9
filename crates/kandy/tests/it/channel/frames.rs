//! What each frame reports (dossier, sections 3.2 and 3.3), and frames that end the connection.

use std::time::Duration;

use futures_util::FutureExt;
use kandy::{ChannelEvent, ChannelFrame, ChannelState, MessageType, SessionEvent, SessionEventKind, SessionEventType};
use serde_json::{Value, json};

use super::{connected, lost, next, open};
use crate::support::channel_server::{BINARY, CLOSE, CONTINUATION, ChannelServer, PING, TEXT, frame};

/// Returns a short text that tells all parts of an event.
fn described(event: Option<ChannelEvent>) -> String {
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

#[tokio::test]
async fn a_message_may_come_in_pieces_with_pings_between() {
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    let text = r#"{"message_type":"new","text":"ü"}"#.as_bytes();
    for at in 0..=text.len() {
        let pieces = [
            frame(TEXT, &text[..at]),
            frame(0x80 | PING, b"x"),
            frame(CONTINUATION, b""),
            frame(0x80 | CONTINUATION, &text[at..]),
        ];
        peer.bytes(pieces.concat()).await;
        let event = described(Some(next(&mut channel).await));
        assert_eq!(event, "unknown {\"message_type\":\"new\",\"text\":\"ü\"}", "cut at {at}");
    }
}

/// Returns a text frame with a length, and JSON of that length.
fn of_length(length: usize) -> Vec<u8> {
    let empty = r#"{"message_type":"new","x":""}"#;
    let text = format!(r#"{{"message_type":"new","x":"{}"}}"#, "x".repeat(length - empty.len()));
    frame(0x80 | TEXT, text.as_bytes())
}

#[tokio::test]
async fn a_frame_of_one_mebibyte_is_received() {
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    for length in [125, 126, 65_535, 65_536, 1024 * 1024] {
        peer.bytes(of_length(length)).await;
        assert!(described(Some(next(&mut channel).await)).len() > length - 10);
    }
}

#[tokio::test]
async fn a_wrong_frame_ends_the_connection_and_another_is_opened() {
    let mebibyte = 1024 * 1024;
    let mut masked = frame(0x80 | TEXT, b"");
    masked[1] |= 0x80;
    masked.extend([1, 2, 3, 4]);
    let half = vec![b'x'; mebibyte / 2];
    for (name, bytes, reason) in [
        ("too long", of_length(mebibyte + 1), "too long"),
        (
            "too long in pieces",
            [frame(TEXT, &half), frame(CONTINUATION, &half), frame(CONTINUATION, b"x")].concat(),
            "too long",
        ),
        ("endless", [vec![0x80 | TEXT, 127], u64::MAX.to_be_bytes().to_vec()].concat(), ""),
        ("invalid UTF-8", frame(0x80 | TEXT, b"{\"a\":\"\xff\"}"), "UTF-8"),
        ("masked", masked, "masked"),
        ("a long control frame", frame(0x80 | PING, &[b'x'; 126]), "ontrol frame"),
        ("a control frame in pieces", frame(PING, b"x"), "ontrol frame"),
        ("a compressed frame", frame(0xC0 | TEXT, b"x"), "eserved"),
        ("an unknown type", frame(0x80 | 3, b"x"), ""),
        ("an unknown control frame", frame(0x80 | 11, b"x"), ""),
        ("a continuation of nothing", frame(0x80 | CONTINUATION, b"x"), ""),
        ("a message within another", [frame(TEXT, b"x"), frame(0x80 | TEXT, b"x")].concat(), ""),
        ("half a frame", vec![0x80 | TEXT], ""),
        ("a close frame without a code", frame(0x80 | CLOSE, b""), "closed without a code"),
        ("a close frame with half a code", frame(0x80 | CLOSE, b"x"), ""),
        ("a close frame", frame(0x80 | CLOSE, b"\x03\xf0no reason"), "closed with code 1008: no reason"),
        ("a close frame with an odd code", frame(0x80 | CLOSE, b"\x00\x01"), "code 1"),
        ("a close frame that is no text", frame(0x80 | CLOSE, b"\x03\xf0\xff"), ""),
        ("nothing", Vec::new(), ""),
    ] {
        let mut server = ChannelServer::start().await;
        let (mut channel, mut peer) = open(&mut server).await;
        // What came before is received.
        peer.json(json!({"message_type": "new"})).await;
        peer.bytes(bytes).await;
        tokio::io::AsyncWriteExt::shutdown(&mut peer.writer).await.expect("shut down");
        assert!(matches!(next(&mut channel).await, ChannelEvent::Unknown(_)), "{name}");
        let (wait, error) = lost(&mut channel).await;
        assert_eq!(wait, Duration::ZERO, "{name}");
        assert!(error.to_string().contains(reason), "{name}: {error}");
        peer.ended().await;
        let mut peer = server.accept().await;
        connected(&mut channel).await;
        peer.json(json!({"message_type": "new"})).await;
        assert!(matches!(next(&mut channel).await, ChannelEvent::Unknown(_)), "{name}");
    }
}

#[tokio::test]
async fn dropping_the_channel_ends_the_connection() {
    let mut server = ChannelServer::start().await;
    let (channel, mut peer) = open(&mut server).await;
    drop(channel);
    peer.ended().await;
    // While it is being opened, too.
    let mut channel = server.user.channel();
    assert!(channel.next().now_or_never().is_none());
    let mut upgrade = server.upgrade().await;
    drop(channel);
    let mut rest = Vec::new();
    let read = tokio::io::AsyncReadExt::read_to_end(&mut upgrade.stream, &mut rest);
    drop(tokio::time::timeout(Duration::from_secs(20), read).await.expect("it is closed"));
    assert_eq!(server.waiting_upgrades(), 0);
}

#[tokio::test]
async fn an_unused_channel_sends_nothing() {
    let server = ChannelServer::start().await;
    let channel = server.user.channel();
    crate::support::virtual_clock::settle().await;
    assert!(server.rest().requests.is_empty());
    assert_eq!(format!("{channel:?}"), "Channel { is_terminated: false, .. }");
}

#[tokio::test]
async fn dropping_the_future_of_next_loses_nothing() {
    const FRAMES: usize = 500;
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    tokio::spawn(async move {
        for number in 0..FRAMES {
            peer.json(json!({"message_type": "new", "number": number})).await;
            tokio::task::yield_now().await;
        }
        peer.ended().await;
    });
    let mut received = Vec::new();
    while received.len() < FRAMES {
        tokio::select! {
            biased;
            () = std::future::ready(()), if received.len() % 3 == 2 => {
                // `next` is polled once, and dropped.
                match channel.next().now_or_never() {
                    Some(event) => received.push(event),
                    None => tokio::task::yield_now().await,
                }
            }
            event = channel.next() => received.push(event),
            () = tokio::task::yield_now() => {}
        }
    }
    for (number, event) in received.into_iter().enumerate() {
        let Some(Ok(ChannelEvent::Unknown(members))) = event else { panic!("{event:?}") };
        assert_eq!(members["number"], number);
    }
}

#[tokio::test]
async fn the_events_of_a_session_are_its_own() {
    let mut server = ChannelServer::start().await;
    let mut events = server.user.session("0af3").events();
    let ((), mut peer) = tokio::join!(connected(&mut events), server.accept());
    let data = |id: &str, payload: &str| json!({"message_type": "sessionData", "session_id": id, "payload": payload});
    peer.json(data("0af4", "of another")).await;
    peer.push(json!({"messageType": "chat", "UUID": "1"})).await;
    peer.push(json!({})).await;
    peer.json(json!({"message_type": "new", "session_id": "0af3"})).await;
    peer.json(json!({"message_type": "sessionData", "payload": "without a session"})).await;
    peer.json(data("0af3", "its own")).await;
    assert_eq!(described(Some(next(&mut events).await)), "session 0af3 - data \"its own\" {}");
    let payload = json!({"message_type": "sessionBoot", "session_id": "0af3"});
    peer.json(json!({"message_type": "sessionNotification", "payload": payload})).await;
    assert_eq!(described(Some(next(&mut events).await)), "session 0af3 - \"sessionBoot\" {}");
    peer.close(1001, "").await;
    lost(&mut events).await;
}
