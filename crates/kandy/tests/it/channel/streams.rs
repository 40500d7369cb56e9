//! A channel as a stream: dropping it, dropping the futures of `next`, and the events of one session.

use std::time::Duration;

use futures_util::FutureExt;
use kandy::ChannelEvent;
use serde_json::json;

use super::{connected, frames::described, lost, next, open};
use crate::support::{channel_server::ChannelServer, virtual_clock::settle};

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
    settle().await;
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
