//! Deletion of acknowledged messages of an inbox with push.

use kandy::IncomingMessage;

use super::push::{deletes, doorbell, idle, next, next_number, open};
use crate::support::{
    channel_server::ChannelServer,
    inbox_server::{id, message},
    mock_server::response,
    virtual_clock::settle,
};

#[tokio::test]
async fn acknowledged_messages_are_deleted_while_the_inbox_is_idle() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    let polls = server.rest().inbox.polls;
    for number in 0..3 {
        peer.push(message(number)).await;
        next(&mut inbox).await.ack().await.unwrap();
        assert_eq!(deletes(&server).len(), number, "not before the inbox is polled");
        idle(&mut inbox).await;
        assert_eq!(deletes(&server)[number], [id(number)]);
    }
    assert_eq!(server.rest().inbox.polls, polls, "no poll is needed");
    assert_eq!(server.clock.elapsed().as_secs(), 0);
}

#[tokio::test]
async fn a_burst_is_deleted_ten_at_a_time() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    for number in 0..25 {
        peer.push(message(number)).await;
    }
    // All of them are received before the first is handled.
    settle().await;
    for _ in 0..25 {
        next(&mut inbox).await.ack().await.unwrap();
    }
    idle(&mut inbox).await;
    let lengths: Vec<_> = deletes(&server).iter().map(Vec::len).collect();
    assert_eq!(lengths, [10, 10, 5]);
}

#[tokio::test]
async fn an_acknowledgement_of_another_task_is_deleted_while_next_waits() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    peer.push(message(1)).await;
    let first: IncomingMessage = next(&mut inbox).await;
    idle(&mut inbox).await;
    let waiting = tokio::spawn(async move { next_number(&mut inbox).await });
    settle().await;
    tokio::spawn(async move { first.ack().await.unwrap() }).await.unwrap();
    settle().await;
    assert_eq!(deletes(&server), [[id(1)]]);
    peer.push(message(2)).await;
    assert_eq!(waiting.await.unwrap(), 2);
}

#[tokio::test]
async fn a_deletion_that_fails_is_not_tried_again_at_once() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    server.rest().inbox.delete_failure = Some(response(500, "", ""));
    peer.push(message(1)).await;
    next(&mut inbox).await.ack().await.unwrap();
    idle(&mut inbox).await;
    let (requests, sleeps) = (server.rest().requests.len(), server.clock.sleeps());
    idle(&mut inbox).await;
    assert_eq!(deletes(&server), [[id(1)]], "one attempt");
    assert_eq!((server.rest().requests.len(), server.clock.sleeps()), (requests, sleeps));
    // The next acknowledgement tries both.
    server.rest().inbox.delete_failure = None;
    peer.push(message(2)).await;
    next(&mut inbox).await.ack().await.unwrap();
    idle(&mut inbox).await;
    assert_eq!(deletes(&server)[1], [id(1), id(2)]);
}

#[tokio::test]
async fn an_idle_inbox_does_nothing() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    peer.push(message(1)).await;
    next(&mut inbox).await.ack().await.unwrap();
    peer.push(doorbell()).await;
    idle(&mut inbox).await;
    let (requests, sleeps) = (server.rest().requests.len(), server.clock.sleeps());
    // Counts how often the inbox is woken.
    let mut polls = 0;
    let counted = std::future::poll_fn(|context| {
        polls += 1;
        let next = std::pin::pin!(inbox.next());
        next.poll(context)
    });
    tokio::select! {
        biased;
        item = counted => panic!("{item:?}"),
        () = settle() => {}
    }
    // `settle` wakes the task, and each time polls the inbox.
    assert!(polls <= 1001, "{polls}");
    assert_eq!((server.rest().requests.len(), server.clock.sleeps()), (requests, sleeps));
}

#[tokio::test]
async fn close_deletes_and_ends_the_channel() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    for number in 0..3 {
        peer.push(message(number)).await;
    }
    settle().await;
    for _ in 0..3 {
        next(&mut inbox).await.ack().await.unwrap();
    }
    inbox.flush().await.unwrap();
    assert_eq!(deletes(&server), [[id(0), id(1), id(2)]]);
    peer.push(message(3)).await;
    peer.push(message(4)).await;
    let (early, late) = (next(&mut inbox).await, next(&mut inbox).await);
    early.ack().await.unwrap();
    inbox.close().await.unwrap();
    assert_eq!(deletes(&server)[1..], [[id(3)]]);
    peer.ended().await;
    late.ack().await.unwrap();
    assert_eq!(deletes(&server)[2..], [[id(4)]]);
}

#[tokio::test]
async fn dropping_the_inbox_ends_the_channel_and_deletes_nothing() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    peer.push(message(1)).await;
    next(&mut inbox).await.ack().await.unwrap();
    drop(inbox);
    peer.ended().await;
    assert!(deletes(&server).is_empty());
    assert_eq!(server.waiting_upgrades(), 0);
}
