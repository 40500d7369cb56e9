//! Closing a channel: the service is told, and has time to read what was sent before.

use std::time::Duration;

use kandy::{ChannelEvent, ChannelState};
use serde_json::json;
use tokio::time::timeout;

use super::{connected, lost, open};
use crate::support::{
    channel_server::{CLOSE, ChannelServer},
    emulator::TestDomain,
    virtual_clock::settle,
};

#[tokio::test]
async fn waits_until_the_service_has_confirmed() {
    let mut server = ChannelServer::start().await;
    let (channel, mut peer) = open(&mut server).await;
    // Nobody takes these: a connection that ends with unread bytes is reset, and the peer loses what it has not read.
    for number in 0..200 {
        peer.json(json!({"message_type": "sessionData", "payload": number})).await;
    }
    channel.send_session_data("0af3", "bye").await.expect("sent");
    let closing = tokio::spawn(channel.close());
    let mut opcodes = Vec::new();
    loop {
        let (opcode, payload) = timeout(Duration::from_secs(20), peer.next()).await.expect("a frame").expect("a frame");
        if opcode == CLOSE {
            break;
        }
        opcodes.push((opcode, String::from_utf8_lossy(&payload).contains("bye")));
    }
    assert!(opcodes.iter().any(|(_, is_data)| *is_data), "{opcodes:?}");
    settle().await;
    assert!(!closing.is_finished(), "the peer has not confirmed it");
    peer.close(1000, "").await;
    timeout(Duration::from_secs(20), closing).await.expect("it ends").expect("no panic");
}

#[tokio::test]
async fn gives_up_after_a_second() {
    let mut server = ChannelServer::start().await;
    let (channel, mut peer) = open(&mut server).await;
    let closing = tokio::spawn(channel.close());
    while peer.next().await.is_some_and(|(opcode, _)| opcode != CLOSE) {}
    settle().await;
    assert!(!closing.is_finished());
    server.clock.advance(Duration::from_secs(1));
    timeout(Duration::from_secs(20), closing).await.expect("it ends").expect("no panic");
    peer.ended().await;
}

#[tokio::test]
async fn a_channel_that_is_not_connected_closes_at_once() -> kandy::Result<()> {
    let test = TestDomain::start().await;
    let (anna, _) = test.create_user("anna").await;
    anna.channel().close().await;
    assert!(test.emulator.channels().is_empty());

    let mut channel = anna.channel();
    let event = channel.try_next().await?;
    assert!(matches!(event, Some(ChannelEvent::State(ChannelState::Connected))), "{event:?}");
    assert_eq!(test.emulator.channels().len(), 1);
    channel.close().await;
    assert!(test.emulator.channels().is_empty(), "the emulator has confirmed it");
    Ok(())
}

/// `Metrics::channels_open` counts connections, not handles: it falls with each way a connection ends.
#[tokio::test]
async fn connected_channels_are_counted() {
    let mut server = ChannelServer::start().await;
    let kandy = server.kandy.clone();
    let count = || kandy.metrics().channels_open;
    let waiting = server.user.channel();
    assert_eq!(count(), 0, "a channel that is not polled is not connected");

    let (mut first, peer) = open(&mut server).await;
    let (second, mut second_peer) = open(&mut server).await;
    assert_eq!(count(), 2);
    drop(peer);
    lost(&mut first).await;
    assert_eq!(count(), 1, "the connection is lost");
    let (_, peer) = tokio::join!(connected(&mut first), server.accept());
    assert_eq!(count(), 2, "it is connected again");

    let closing = tokio::spawn(second.close());
    while second_peer.next().await.is_some_and(|(opcode, _)| opcode != CLOSE) {}
    second_peer.close(1000, "").await;
    timeout(Duration::from_secs(20), closing).await.expect("it ends").expect("no panic");
    assert_eq!(count(), 1, "one is closed");
    drop((first, waiting));
    let mut peer = peer;
    peer.ended().await;
    assert_eq!(count(), 0, "the other is dropped");
}
