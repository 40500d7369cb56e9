//! Frames of the client, and the limits of a channel.

use futures_util::SinkExt;
use kandy_emulator::Emulator;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::frame::{
        Frame,
        coding::{Data, OpCode},
    },
};

use super::{
    client::{Channel, ask},
    push::chat,
};
use crate::fixture::{Kandy, users};

#[tokio::test]
async fn frames_without_an_effect() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    for text in [
        r#"{"message_type":"ping"}"#,
        r#" {"message_type" : "\u0070ing", "more": {"a": [1, 2.50, null]}} "#,
        r#"{"message_type":"unknown","id":"1"}"#,
        r#"{"message_type":7}"#,
        r#"{"message_type":null}"#,
        r#"{"message_type":"sessionData"}"#,
        r#"{"message_type":"sessionData","id":null}"#,
        "{}",
        "[]",
        "7",
        "null",
        r#""ping""#,
        &format!("{}{}", "[".repeat(20_000), "]".repeat(20_000)),
    ] {
        channel.send(text).await;
        channel.expect_silence().await;
    }
    channel.send(Message::Pong("unasked".into())).await;
    channel.expect_silence().await;
    let [open] = &kandy.emulator.channels()[..] else { panic!("one channel") };
    assert_eq!((open.frames_received, open.frames_sent), (13, 0));
}

#[tokio::test]
async fn a_pong_is_optional() {
    let kandy = Kandy::on(Emulator::builder().channel_pong(true).start().expect("a free port"));
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    channel.send(r#"{"message_type":"ping"}"#).await;
    assert_eq!(channel.frame().await, json!({"message_type": "pong"}));
}

#[tokio::test]
async fn invalid_frames_close_the_channel() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let fragment = |text: String, opcode, is_last| Message::Frame(Frame::message(text, OpCode::Data(opcode), is_last));
    let largest = format!("\"{}\"", "a".repeat(64 * 1024 - 2));
    for (messages, code) in [
        (vec![Message::from("")], 1007),
        (vec!["ping".into()], 1007),
        (vec!["{".into()], 1007),
        (vec!["{} {}".into()], 1007),
        (vec![Message::Frame(Frame::message(&b"\xff"[..], OpCode::Data(Data::Text), true))], 1007),
        (vec![Message::Binary("{}".into())], 1003),
        (vec![largest.clone().into(), format!("{largest} ").into()], 1009),
        // Of a frame that is too large, nothing is kept.
        (vec!["a".repeat(10_000_000).into()], 1009),
        (
            vec![fragment("\"".to_owned(), Data::Text, false), fragment("a".repeat(64 * 1024), Data::Continue, false)],
            1009,
        ),
        (vec![fragment("{}".to_owned(), Data::Continue, true)], 1002),
    ] {
        let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
        for message in messages {
            // The server may end the connection while the client still writes.
            drop(channel.0.send(message).await);
        }
        assert_eq!(channel.close_code().await, Some(code), "{code}");
        assert_eq!(channel.next().await, None);
    }
}

#[tokio::test]
async fn garbage_after_the_upgrade_ends_the_channel() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    // An unmasked frame, and what is no frame at all (RFC 6455, section 5.1: 1002).
    for garbage in [&b"\x81\x02{}"[..], b"GET / HTTP/1.1\r\n\r\n"] {
        let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
        channel.0.get_mut().write_all(garbage).await.expect("sent");
        assert_eq!(channel.close_code().await, Some(1002));
    }
    // Half a frame, and then the end of the connection.
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    channel.0.get_mut().write_all(b"\x81\xfe").await.expect("sent");
    drop(channel);
    while !kandy.emulator.channels().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_user_has_sixteen_channels() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let mut channels = Vec::new();
    for _ in 0..16 {
        channels.push(Channel::open(&kandy.emulator, &russ.token).await);
    }
    let path = format!("/?user_access_token={}", russ.token);
    let refused = ask(&kandy.emulator, &path).await.expect_err("one too many");
    assert_eq!((refused.http, &refused.json["status"]), (429, &json!(12)));
    let _other = Channel::open(&kandy.emulator, &anna.token).await;
    // The others stay open, and one that is closed makes room.
    channels[0].expect_silence().await;
    let mut closed = channels.pop().expect("one");
    closed.send(Message::Close(None)).await;
    assert_eq!(closed.close_code().await, None);
    assert_eq!(closed.next().await, None);
    while kandy.emulator.channels().len() == 17 {
        tokio::task::yield_now().await;
    }
    ask(&kandy.emulator, &path).await.expect("room");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed() {
    let kandy = Kandy::start();
    let (_, [russ, anna]) = users(&kandy, ["russ", "anna"]).await;
    let mut slow = Channel::open(&kandy.emulator, &anna.token).await;
    let mut message = crate::fixture::text_message(&anna.full_id, "1");
    message["message"]["message"]["text"] = "a".repeat(20_000).into();
    let query = [("key", russ.token.as_str()), ("device_id", russ.device.as_str())];
    let mut sent = 0;
    // The buffers of the sockets take some megabytes, and the queue 1,024 pushes.
    while !kandy.emulator.channels().is_empty() {
        kandy.request("message_send", &query).json(&message).send().await.expect("sent");
        sent += 1;
    }
    assert!(sent > 1024, "{sent}");
    // Others are served meanwhile, and a new channel of the same user works.
    let mut channel = Channel::open(&kandy.emulator, &anna.token).await;
    chat(&kandy, &russ, &anna, "2").await;
    assert_eq!(channel.frame().await["message"]["UUID"], "2");
    while let Some(message) = slow.next().await {
        if let Message::Close(close) = message {
            assert_eq!(close.map(|close| u16::from(close.code)), Some(1013));
        }
    }
}

/// Pongs that a client does not read are not kept, all of them.
#[tokio::test]
async fn pings_without_end_are_read() {
    let kandy = Kandy::start();
    let (_, [russ]) = users(&kandy, ["russ"]).await;
    let mut channel = Channel::open(&kandy.emulator, &russ.token).await;
    // Their Pongs take more than the buffers of both sockets and of the codec.
    for _ in 0..200_000 {
        channel.0.feed(Message::Ping(vec![b'a'; 125].into())).await.expect("read");
    }
    channel.0.flush().await.expect("read");
    channel.send(r#"{"message_type":"ping"}"#).await;
    while kandy.emulator.channels()[0].frames_received == 0 {
        tokio::task::yield_now().await;
    }
}
