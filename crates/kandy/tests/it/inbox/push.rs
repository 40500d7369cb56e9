//! An inbox with push: each message once, by whichever way it arrives first (dossier, section 6, item 2).

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use kandy::{Inbox, InboxBuilder, IncomingMessage};
use serde_json::{Value, json};
use tokio::{sync::Notify, time::timeout};

use super::numbers;
use crate::support::{
    channel_server::{ChannelServer, Peer},
    inbox_server::{id, message},
    virtual_clock::{settle, yield_times},
};

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// What some servers push instead of a message.
pub(super) fn doorbell() -> Value {
    json!({"message_type": "gofetch"})
}

/// Opens an inbox with push and its channel. `configure` sets its options.
pub(super) async fn open(
    server: &mut ChannelServer,
    configure: impl FnOnce(InboxBuilder) -> InboxBuilder,
) -> (Inbox, Peer) {
    let mut inbox = configure(server.user.device("A149").messages().push()).stream();
    let peer = tokio::select! {
        item = inbox.next() => panic!("{item:?}"),
        peer = server.accept() => peer,
    };
    idle(&mut inbox).await;
    assert!(inbox.is_pushed());
    (inbox, peer)
}

/// Returns the next message. Panics after a while without one.
pub(super) async fn next(inbox: &mut Inbox) -> IncomingMessage {
    let item = timeout(Duration::from_secs(20), inbox.next()).await.expect("an item");
    item.expect("the inbox is open").expect("no error")
}

/// Returns the number of the next message.
pub(super) async fn next_number(inbox: &mut Inbox) -> usize {
    numbers(&[next(inbox).await])[0]
}

/// Polls the inbox until it has nothing more to do. Panics if it has an item.
pub(super) async fn idle(inbox: &mut Inbox) {
    idle_for(inbox, 1000).await;
}

/// Polls the inbox while the other tasks run this many times. Panics if it has an item.
pub(super) async fn idle_for(inbox: &mut Inbox, times: usize) {
    tokio::select! {
        biased;
        item = inbox.next() => panic!("unexpected: {item:?}"),
        () = yield_times(times) => {}
    }
}

/// Returns the ids of each deletion so far.
pub(super) fn deletes(server: &ChannelServer) -> Vec<Vec<String>> {
    server.rest().inbox.deletes.clone()
}

/// Returns a message whose id is spelled as a UUID, in upper case.
fn other_spelling(number: usize) -> Value {
    let mut message = message(number);
    message["UUID"] = format!("00000000-0000-0000-0000-{number:012X}").into();
    message
}

#[tokio::test]
async fn a_message_is_yielded_once_whether_it_is_pushed_or_fetched_first() {
    for (pushed, listed) in [
        (message as fn(usize) -> Value, message as fn(usize) -> Value),
        (message, other_spelling),
        (other_spelling, message),
    ] {
        let mut server = ChannelServer::start().await;
        let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
        // Pushed first. The number has letters, so that the case of the id matters.
        server.rest().inbox.pending.push(listed(171));
        peer.push(pushed(171)).await;
        assert_eq!(next_number(&mut inbox).await, 171);
        peer.push(doorbell()).await;
        idle(&mut inbox).await;
        // Fetched first.
        server.rest().inbox.pending.push(listed(172));
        peer.push(doorbell()).await;
        assert_eq!(next_number(&mut inbox).await, 172);
        peer.push(pushed(172)).await;
        idle(&mut inbox).await;
        // Pushed twice.
        server.rest().inbox.pending.push(listed(173));
        peer.push(pushed(173)).await;
        peer.push(pushed(173)).await;
        assert_eq!(next_number(&mut inbox).await, 173);
        idle(&mut inbox).await;
        assert_eq!(server.clock.elapsed(), Duration::ZERO, "nothing waited");
    }
}

#[tokio::test]
async fn a_push_that_is_late_yields_nothing() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    for is_listed in [true, false] {
        server.rest().inbox.pending.push(message(1));
        peer.push(doorbell()).await;
        let first = next(&mut inbox).await;
        first.ack().await.unwrap();
        idle(&mut inbox).await;
        assert!(server.rest().inbox.pending.is_empty(), "it is deleted");
        if is_listed {
            // After the deletion, before a poll shows it.
            peer.push(message(1)).await;
            idle(&mut inbox).await;
        }
        peer.push(doorbell()).await;
        idle(&mut inbox).await;
        peer.push(message(1)).await;
        idle(&mut inbox).await;
        assert!(server.rest().inbox.pending.is_empty());
    }
}

#[tokio::test]
async fn a_message_that_is_pushed_while_a_poll_misses_it_is_yielded_once() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    let hold = Arc::new(Notify::new());
    server.rest().hold_lists = Some(hold.clone());
    peer.push(doorbell()).await;
    idle(&mut inbox).await;
    // The list is written already, and on its way.
    server.rest().inbox.pending.push(message(1));
    peer.push(message(1)).await;
    let first = next(&mut inbox).await;
    assert_eq!(numbers(&[first]), [1]);
    server.rest().hold_lists = None;
    hold.notify_one();
    idle(&mut inbox).await;
    // The message is listed now, and known.
    peer.push(doorbell()).await;
    idle(&mut inbox).await;
    peer.push(message(1)).await;
    idle(&mut inbox).await;
}

#[tokio::test]
async fn a_message_with_the_id_of_another_is_not_deleted_with_it() {
    let second = || {
        let mut second = message(1);
        second["message"]["text"] = "2".into();
        second
    };
    // Acknowledged before the second arrives, or between its arrival and the poll that counts it.
    for is_acknowledged_late in [false, true] {
        let mut server = ChannelServer::start().await;
        let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
        server.rest().inbox.pending.push(message(1));
        peer.push(message(1)).await;
        let first = next(&mut inbox).await;
        let hold = Arc::new(Notify::new());
        server.rest().hold_lists = Some(hold.clone());
        server.rest().inbox.pending.push(second());
        peer.push(second()).await;
        if is_acknowledged_late {
            idle(&mut inbox).await;
        } else {
            // The task of the channel receives the push, and the inbox has not seen it yet.
            settle().await;
        }
        first.ack().await.unwrap();
        server.rest().hold_lists = None;
        hold.notify_one();
        let second = next(&mut inbox).await;
        assert_eq!(numbers(std::slice::from_ref(&second)), [2]);
        assert!(deletes(&server).is_empty(), "a deletion deletes all messages of an id");
        second.ack().await.unwrap();
        idle(&mut inbox).await;
        assert_eq!(deletes(&server), [[id(1)]]);
        assert!(server.rest().inbox.pending.is_empty());
    }
}

#[tokio::test]
async fn a_message_without_an_id_is_yielded_once_and_not_deleted() {
    let nameless = json!({"messageType": "chatGroupLeave", "group_id": "834f", "leaver": "russ@example.com"});
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    server.rest().inbox.pending.push(nameless.clone());
    peer.push(nameless.clone()).await;
    let first = next(&mut inbox).await;
    assert_eq!(first.id, None);
    first.ack().await.unwrap();
    peer.push(nameless).await;
    peer.push(doorbell()).await;
    idle(&mut inbox).await;
    assert!(deletes(&server).is_empty());
}

#[tokio::test]
async fn an_undecodable_message_is_yielded_as_data_and_can_be_deleted() {
    let odd = json!({"messageType": "chat", "UUID": id(9), "sender": 5, "timestamp": [], "more": "kept"});
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    server.rest().inbox.pending.push(odd.clone());
    peer.push(odd.clone()).await;
    let first = next(&mut inbox).await;
    assert_eq!((first.undecodable.clone(), first.id.clone()), (Some(odd), Some(id(9).into())));
    first.ack().await.unwrap();
    peer.push(doorbell()).await;
    idle(&mut inbox).await;
    assert_eq!(deletes(&server), [[id(9)]]);
}

#[tokio::test]
async fn frames_that_are_no_messages_yield_nothing_and_end_nothing() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    let polls = server.rest().inbox.polls;
    for frame in
        ["", "[]", "{", "7", "{}", r#"{"message_type":"notification","message":5}"#, r#"{"message_type":"new"}"#]
    {
        peer.text(frame).await;
    }
    peer.push(json!({"kandyType": "incomingCall", "call_id": "1"})).await;
    peer.json(json!({"message_type": "sessionData", "session_id": "1", "payload": 1})).await;
    idle(&mut inbox).await;
    assert_eq!(server.rest().inbox.polls, polls);
    peer.push(message(1)).await;
    assert_eq!(next_number(&mut inbox).await, 1);
}

#[tokio::test]
async fn dropping_the_future_of_next_loses_nothing() {
    const MESSAGES: usize = 300;
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    let pushing = tokio::spawn(async move {
        for number in 0..MESSAGES {
            peer.push(message(number)).await;
            tokio::task::yield_now().await;
        }
        peer
    });
    let mut received = Vec::new();
    while received.len() < MESSAGES {
        match inbox.next().now_or_never() {
            Some(item) => received.push(item.unwrap().unwrap()),
            None => tokio::task::yield_now().await,
        }
    }
    assert_eq!(numbers(&received), (0..MESSAGES).collect::<Vec<_>>());
    drop(pushing.await);
}
