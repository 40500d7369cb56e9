//! Poll intervals, and errors of polls.

use std::time::Duration;

use kandy::{Clock, Kandy};

use super::{numbers, take};
use crate::support::{
    inbox_server::{InboxServer, message, messages},
    mock_server::json_response,
};

#[tokio::test]
async fn poll_interval_grows_while_the_inbox_is_empty() {
    for (random, expected) in [(0.0, [100, 200, 400, 800, 1000, 1000, 100]), (1.0, [100, 150, 250, 450, 550, 550, 100])]
    {
        let server = InboxServer::start_with_random(messages(0..1), random).await;
        server.state().at_poll = Some((7, message(1)));
        let messages = server.device.messages();
        let mut inbox = messages.min_interval(Duration::from_millis(100)).max_interval(Duration::from_secs(1)).stream();
        take(&mut inbox, 1).await[0].ack().await.unwrap();
        assert!(server.clock.waits().is_empty(), "the first poll does not wait");
        take(&mut inbox, 1).await;
        server.state().at_poll = Some((8, message(2)));
        take(&mut inbox, 1).await;
        assert_eq!(server.clock.waits(), expected, "{random}");

        // The interval counts from the poll before, so time that the caller spends shortens the wait.
        drop(server.clock.sleep(Duration::from_millis(70)));
        server.state().at_poll = Some((9, message(3)));
        take(&mut inbox, 1).await;
        drop(server.clock.sleep(Duration::from_millis(100)));
        server.state().at_poll = Some((10, message(4)));
        take(&mut inbox, 1).await;
        assert_eq!(server.clock.waits()[7..], [70, 30, 100]);
    }
    // Bounds of zero still wait between polls.
    let server = InboxServer::start([]).await;
    server.state().at_poll = Some((3, message(0)));
    let messages = server.device.messages().min_interval(Duration::ZERO).max_interval(Duration::ZERO);
    take(&mut messages.stream(), 1).await;
    assert_eq!(server.clock.waits(), [1, 1]);
}

#[tokio::test]
async fn poll_errors_neither_lose_nor_repeat_messages() {
    let closed = Vec::new();
    let garbage = json_response(200, "<html>");
    let refused = json_response(200, r#"{"status": 3, "message": "not now"}"#);
    for failure in [json_response(500, ""), json_response(503, "{}"), garbage, closed, refused] {
        let server = InboxServer::start(messages(0..3)).await;
        let mut inbox = server.inbox();
        let mut all = take(&mut inbox, 3).await;
        server.state().poll_failures = vec![failure; 4];
        server.state().pending.push(message(3));
        all.extend(take(&mut inbox, 1).await);
        assert_eq!(numbers(&all), [0, 1, 2, 3]);
        assert!(server.state().poll_failures.is_empty());
        assert!(!server.clock.waits().contains(&0) && server.clock.waits().len() >= 4, "{:?}", server.clock.waits());
    }
    // The stream returns them, one for each poll.
    let server = InboxServer::start([]).await;
    server.state().poll_failures = vec![json_response(200, "<html>"); 2];
    server.state().pending.push(message(0));
    let mut inbox = server.inbox();
    for _ in 0..2 {
        assert!(matches!(inbox.try_next().await, Err(kandy::Error::Decode(_))));
    }
    assert!(inbox.try_next().await.unwrap().is_some());
}

#[tokio::test]
async fn permanent_errors_end_the_stream() {
    for refused in [
        json_response(200, r#"{"status": 10, "message": "expired"}"#),
        json_response(200, r#"{"status": 53, "message": "no such device"}"#),
        json_response(401, ""),
    ] {
        let server = InboxServer::start(messages(0..1)).await;
        let mut inbox = server.inbox();
        let taken = take(&mut inbox, 1).await;
        server.state().poll_failures = vec![refused];
        inbox.try_next().await.expect_err("refused");
        assert!(inbox.next().await.is_none() && inbox.next().await.is_none());
        taken[0].ack().await.unwrap();
        inbox.close().await.unwrap();
        assert!(server.state().pending.is_empty(), "acknowledged messages can still be deleted");
    }
    let kandy = Kandy::builder().base_url("http://127.0.0.1:9").build().unwrap();
    let mut inbox = kandy.user_with_token("UAT").device("").messages().stream();
    assert!(matches!(inbox.try_next().await, Err(kandy::Error::Argument(_))));
    assert!(inbox.next().await.is_none());
}
