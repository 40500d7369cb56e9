//! When an inbox with push polls: at each connection, when it is told to, as a precaution, and while there is no channel.

use std::{sync::Arc, time::Duration};

use kandy::{Inbox, Kandy};
use tokio::sync::Notify;

use super::push::{SECOND, deletes, doorbell, idle, idle_for, next, next_number, open};
use crate::support::{
    channel_server::ChannelServer,
    inbox_server::{id, message},
    mock_server::{closed_port, json_response, response},
};

#[tokio::test]
async fn a_doorbell_fetches() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    for number in 0..5 {
        server.rest().inbox.pending.push(message(number));
        peer.push(doorbell()).await;
        assert_eq!(next_number(&mut inbox).await, number);
    }
    assert_eq!(server.clock.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn a_message_that_is_not_pushed_is_found_after_the_push_interval() {
    let mut server = ChannelServer::start().await;
    let (_inbox, _peer) = open(&mut server, |inbox| inbox).await;
    server.clock.sleeping_for(300 * SECOND).await;

    let mut server = ChannelServer::start().await;
    let (mut inbox, _peer) = open(&mut server, |inbox| inbox.push_interval(20 * SECOND)).await;
    let polls = server.rest().inbox.polls;
    server.rest().inbox.pending.push(message(1));
    server.clock.sleeping_for(20 * SECOND).await;
    server.clock.advance(20 * SECOND - Duration::from_millis(1));
    idle(&mut inbox).await;
    assert_eq!(server.rest().inbox.polls, polls);
    server.clock.advance(Duration::from_millis(1));
    assert_eq!(next_number(&mut inbox).await, 1);
    // A list may be cut off: it goes on after the shortest interval, until there is nothing new.
    idle(&mut inbox).await;
    server.clock.pass(SECOND / 2).await;
    idle(&mut inbox).await;
    assert_eq!(server.rest().inbox.polls, polls + 2);
    server.clock.sleeping_for(20 * SECOND).await;
}

#[tokio::test]
async fn acknowledgements_do_not_put_the_precaution_off() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox.push_interval(20 * SECOND)).await;
    let polls = server.rest().inbox.polls;
    // Not pushed.
    server.rest().inbox.pending.push(message(0));
    for number in 1..4 {
        server.clock.advance(5 * SECOND);
        peer.push(message(number)).await;
        next(&mut inbox).await.ack().await.unwrap();
        idle(&mut inbox).await;
        assert_eq!(deletes(&server).last(), Some(&vec![id(number)]));
    }
    assert_eq!(server.rest().inbox.polls, polls);
    server.clock.pass(5 * SECOND).await;
    assert_eq!(next_number(&mut inbox).await, 0);
}

#[tokio::test]
async fn a_fetch_that_fails_is_tried_again_after_the_shortest_interval() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    server.rest().inbox.pending.push(message(1));
    server.rest().inbox.poll_failures = vec![response(502, "", ""), response(500, "", "")];
    peer.push(doorbell()).await;
    // The interval doubles as without push.
    for (wait, half_seconds) in [("1.25s", 5), ("2.25s", 9)] {
        inbox.next().await.unwrap().expect_err("the poll failed");
        idle(&mut inbox).await;
        assert_eq!(format!("{:?}", server.clock.left()[0]), wait, "as without push, less a random part");
        server.clock.advance(SECOND * half_seconds / 4);
    }
    assert_eq!(next_number(&mut inbox).await, 1);
}

#[tokio::test]
async fn a_fetch_that_flush_interrupts_is_made_again() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    let hold = Arc::new(Notify::new());
    server.rest().inbox.pending.push(message(1));
    server.rest().hold_lists = Some(hold);
    peer.push(doorbell()).await;
    idle(&mut inbox).await;
    inbox.flush().await.unwrap();
    server.rest().hold_lists = None;
    assert_eq!(next_number(&mut inbox).await, 1);
    assert_eq!(server.clock.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn each_connection_fetches_what_was_missed() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    for number in 0..3 {
        peer.close(1001, "").await;
        server.rest().inbox.pending.push(message(number));
        idle(&mut inbox).await;
        if number > 0 {
            // A server that closes again and again: the wait grows, and the inbox polls meanwhile.
            assert!(!inbox.is_pushed());
        }
        while server.waiting_upgrades() == 0 {
            server.clock.advance(SECOND / 10);
            crate::support::virtual_clock::settle().await;
        }
        peer = server.accept().await;
        assert_eq!(next_number(&mut inbox).await, number);
        idle(&mut inbox).await;
        assert!(inbox.is_pushed());
    }
}

/// Returns when the inbox polls during two minutes, to half a second. Each request for a channel gets this response, or
/// is closed if that is empty.
async fn poll_times(server: &mut ChannelServer, mut inbox: Inbox, refusal: &[u8]) -> Vec<usize> {
    let mut times = Vec::new();
    for half in 0..240 {
        for _ in 0..3 {
            idle_for(&mut inbox, 100).await;
            while server.waiting_upgrades() > 0 {
                server.upgrade().await.respond(refusal).await;
            }
        }
        let polls = server.rest().inbox.polls;
        times.resize(polls, half);
        server.clock.advance(SECOND / 2);
    }
    times
}

#[tokio::test]
async fn polls_as_without_push_while_there_is_no_channel() {
    let mut server = ChannelServer::start().await;
    let inbox = server.user.device("A149").messages().stream();
    let expected = poll_times(&mut server, inbox, b"").await;
    assert!(expected.len() > 6, "{expected:?}");
    assert_eq!(server.rest().requests_of("data_channel_configuration_get"), 0);

    let refused =
        format!(r#"{{"data_server_host":"127.0.0.1","data_server_port":{},"is_secure":false}}"#, closed_port());
    let refused: serde_json::Value = serde_json::from_str(&refused).unwrap();
    for refusal in ["404", "405", "401", "configuration", "connection", "plain"] {
        let mut server = ChannelServer::start().await;
        match refusal {
            "configuration" => {
                let unknown = json_response(404, r#"{"status": 18, "message": "no"}"#);
                server.rest().configuration_response = Some(unknown);
            }
            "connection" => server.rest().configuration = refused.clone(),
            "plain" => server.rest().configuration["data_server_host"] = "192.0.2.1".into(),
            _ => {}
        }
        let inbox = server.user.device("A149").messages().push().stream();
        let response = refusal.parse().map(|status| response(status, "", "")).unwrap_or_default();
        assert_eq!(poll_times(&mut server, inbox, &response).await, expected, "{refusal}");
    }
}

#[tokio::test]
async fn returns_to_push_when_there_is_a_channel_again() {
    let mut server = ChannelServer::start().await;
    let mut inbox = server.user.device("A149").messages().push().stream();
    for _ in 0..4 {
        tokio::select! {
            item = inbox.next() => panic!("{item:?}"),
            upgrade = server.upgrade() => upgrade.respond(response(405, "", "")).await,
        }
        idle(&mut inbox).await;
        assert!(!inbox.is_pushed());
        server.clock.advance(10 * SECOND);
    }
    let mut peer = tokio::select! {
        item = inbox.next() => panic!("{item:?}"),
        peer = server.accept() => peer,
    };
    idle(&mut inbox).await;
    assert!(inbox.is_pushed());
    peer.push(message(1)).await;
    assert_eq!(next_number(&mut inbox).await, 1);
}

#[tokio::test]
async fn a_permanent_error_ends_the_channel_too() {
    let mut server = ChannelServer::start().await;
    let (mut inbox, mut peer) = open(&mut server, |inbox| inbox).await;
    server.rest().inbox.poll_failures = vec![json_response(200, r#"{"status": 53, "message": "no device"}"#)];
    peer.push(doorbell()).await;
    let error = inbox.next().await.unwrap().expect_err("no such device");
    assert!(error.is_not_found(), "{error}");
    assert!(inbox.next().await.is_none());
    peer.ended().await;
    assert!(!inbox.is_pushed());
}

#[tokio::test]
async fn without_push_no_channel_is_opened() {
    let server = ChannelServer::start().await;
    let kandy: &Kandy = &server.kandy;
    let mut inbox = kandy.user_with_token("UAT").device("A149").messages().stream();
    idle(&mut inbox).await;
    assert!(!inbox.is_pushed());
    assert_eq!(server.rest().requests.len(), 1, "the poll");
}
