//! Frames in pieces and of each size, and frames that end the connection (RFC 6455; dossier, section 6, item 5).

use std::time::Duration;

use kandy::ChannelEvent;
use serde_json::json;

use super::{connected, frames::described, lost, next, open};
use crate::support::channel_server::{CLOSE, CONTINUATION, ChannelServer, PING, TEXT, frame};

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
