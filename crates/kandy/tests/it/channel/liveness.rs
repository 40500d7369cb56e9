//! Pings, silence, and a program that takes no frames (dossier, section 6, items 3 and 5).

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use kandy::{ChannelEvent, Error};
use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{connected, lost, next, open};
use crate::support::{
    channel_server::{BINARY, ChannelServer, PING, PONG, Peer, TEXT, frame},
    virtual_clock::settle,
};

const SECOND: Duration = Duration::from_secs(1);

/// Returns the number that a frame of [`number`] has.
fn number_of(event: &ChannelEvent) -> usize {
    let ChannelEvent::Unknown(members) = event else { panic!("no frame, but {event:?}") };
    usize::try_from(members["number"].as_u64().expect("a number")).expect("a small one")
}

/// Returns a frame of an unknown type with a number.
fn number(number: usize) -> serde_json::Value {
    json!({"message_type": "number", "number": number})
}

#[tokio::test]
async fn sends_a_text_ping_and_a_ping_frame_every_30_seconds() {
    let mut server = ChannelServer::start().await;
    let (_channel, mut peer) = open(&mut server).await;
    for _ in 0..5 {
        peer.expect_ping().await;
        peer.bytes(frame(0x80 | PONG, b"")).await;
        server.clock.pass(30 * SECOND).await;
    }
    assert_eq!(server.clock.elapsed(), 150 * SECOND);
}

#[tokio::test]
async fn is_lost_after_75_seconds_of_silence() {
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    for time in [30, 30, 15] {
        assert!(channel.next().now_or_never().is_none());
        server.clock.pass(time * SECOND).await;
    }
    let (retry_in, error) = lost(&mut channel).await;
    assert_eq!(retry_in, Duration::ZERO, "the first attempt follows at once");
    assert!(error.to_string().contains("nothing arrived for 75 s"), "{error}");
    assert!(matches!(error, Error::Transport(_)) && error.is_retryable(), "{error:?}");
    peer.ended().await;
    drop(server.accept().await);
    connected(&mut channel).await;
}

#[tokio::test]
async fn any_frame_shows_that_the_channel_is_alive() {
    for alive in [
        frame(0x80 | PONG, b""),
        frame(0x80 | PONG, b"unasked for"),
        frame(0x80 | PING, b"1"),
        frame(0x80 | TEXT, b"not JSON"),
        frame(0x80 | TEXT, br#"{"message_type":"pong"}"#),
        frame(0x80 | BINARY, b"\xff"),
    ] {
        let mut server = ChannelServer::start().await;
        let (mut channel, mut peer) = open(&mut server).await;
        server.clock.pass(30 * SECOND).await;
        server.clock.pass(30 * SECOND).await;
        server.clock.sleeping_for(15 * SECOND).await;
        peer.bytes(&alive).await;
        // Until the next ping now, and no longer until the end of the silence.
        server.clock.pass(30 * SECOND).await;
        server.clock.pass(30 * SECOND).await;
        server.clock.pass(15 * SECOND).await;
        let (_, error) = lost(&mut channel).await;
        assert_eq!(server.clock.elapsed(), 135 * SECOND, "{alive:?}: {error}");
    }
}

#[tokio::test]
async fn answers_a_ping() {
    let mut server = ChannelServer::start().await;
    let (_channel, mut peer) = open(&mut server).await;
    peer.expect_ping().await;
    peer.bytes(frame(0x80 | PING, b"are you there?")).await;
    // The library writes it with whatever comes next.
    assert_eq!(peer.next().await, Some((PONG, b"are you there?".to_vec())));
}

#[tokio::test]
async fn a_program_that_takes_no_frames_makes_the_server_wait_and_loses_nothing() {
    const FRAMES: usize = 400;
    let mut server = ChannelServer::start().await;
    let (mut channel, peer) = open(&mut server).await;
    // 100 MiB, more than all buffers between the two take.
    let Peer { mut reader, mut writer } = peer;
    let written = Arc::new(AtomicUsize::new(0));
    let count = written.clone();
    let writing = tokio::spawn(async move {
        for at in 0..FRAMES {
            let mut value = number(at);
            value["padding"] = "x".repeat(256 * 1024).into();
            writer.write_all(&frame(0x80 | TEXT, value.to_string().as_bytes())).await.expect("sent");
            count.fetch_add(1, Ordering::Relaxed);
        }
        writer
    });
    while !writing.is_finished() {
        let before = written.load(Ordering::Relaxed);
        settle().await;
        if written.load(Ordering::Relaxed) == before {
            break;
        }
    }
    // Far longer than the silence that ends a channel.
    for _ in 0..10 {
        reader.expect_ping().await;
        server.clock.pass(30 * SECOND).await;
    }
    let before = written.load(Ordering::Relaxed);
    assert!((64..FRAMES / 2).contains(&before), "{before} frames were read ahead");
    for at in 0..FRAMES {
        assert_eq!(number_of(&next(&mut channel).await), at);
    }
    let mut writer = writing.await.expect("all are written");
    writer.write_all(&frame(0x80 | TEXT, number(FRAMES).to_string().as_bytes())).await.expect("still connected");
    assert_eq!(number_of(&next(&mut channel).await), FRAMES);
}

#[tokio::test]
async fn a_program_that_takes_no_frames_does_not_lose_the_next_connection() {
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    for at in 0..63 {
        peer.json(number(at)).await;
    }
    // The loss takes the last place in the buffer, so that the next connection has none.
    peer.close(1001, "").await;
    let mut peer = server.accept().await;
    for _ in 0..10 {
        peer.expect_ping().await;
        server.clock.pass(30 * SECOND).await;
    }
    for at in 0..63 {
        assert_eq!(number_of(&next(&mut channel).await), at);
    }
    lost(&mut channel).await;
    connected(&mut channel).await;
    peer.json(number(63)).await;
    assert_eq!(number_of(&next(&mut channel).await), 63);
}

#[tokio::test]
async fn frames_that_were_received_are_returned_before_the_loss() {
    let mut server = ChannelServer::start().await;
    let (mut channel, mut peer) = open(&mut server).await;
    for at in 0..64 {
        peer.json(number(at)).await;
    }
    // In one piece, so that the frame has been read when the Pong arrives; it waits for room in the buffer.
    let last = frame(0x80 | TEXT, number(64).to_string().as_bytes());
    peer.bytes([frame(0x80 | PING, b"read"), last].concat()).await;
    peer.expect_ping().await;
    assert_eq!(peer.next().await, Some((PONG, b"read".to_vec())));
    // A ping fails, while the last frame that was read waits for room in the buffer.
    drop(peer);
    for _ in 0..3 {
        server.clock.advance(30 * SECOND);
        settle().await;
    }
    assert!(server.clock.left().is_empty(), "it is lost");
    for at in 0..65 {
        assert_eq!(number_of(&next(&mut channel).await), at);
    }
    lost(&mut channel).await;
}

#[tokio::test]
async fn an_idle_channel_does_nothing() {
    let mut server = ChannelServer::start().await;
    let (channel, mut peer) = open(&mut server).await;
    peer.expect_ping().await;
    server.clock.sleeping_for(30 * SECOND).await;
    let before = server.clock.sleeps();
    settle().await;
    assert_eq!(server.clock.sleeps(), before, "the task does not turn while nothing happens");
    drop(channel);
    peer.ended().await;
}
