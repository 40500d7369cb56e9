//! Messages that the service refuses to delete: the others are deleted, and each refused one is reported once.

use kandy::{Error, Inbox};
use serde_json::{Value, json};

use super::take_with_errors;
use crate::support::{
    inbox_server::{InboxServer, id, message, messages},
    mock_server::json_response,
};

/// Returns a refusal with this status.
fn refusal(status: i64) -> Vec<u8> {
    json_response(200, &json!({"status": status, "message": "no"}).to_string())
}

/// Polls once for each number: a message arrives and is acknowledged. Returns the errors.
async fn poll_cycles(server: &InboxServer, inbox: &mut Inbox, numbers: std::ops::Range<usize>) -> Vec<Error> {
    let mut all = Vec::new();
    for number in numbers {
        server.state().on_empty_poll.push(message(number));
        let pending = !server.state().pending.is_empty();
        if pending {
            let next = server.state().on_empty_poll.pop();
            server.state().pending.extend(next);
        }
        let (taken, errors) = take_with_errors(inbox, 1).await;
        taken[0].ack().await.expect("fewer than ten acknowledgements are pending");
        all.extend(errors);
    }
    all
}

/// Returns the ids of pending messages.
fn ids(pending: &[Value]) -> Vec<String> {
    pending.iter().map(|message| message["UUID"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_refused_message_is_reported_once_and_blocks_no_other() {
    let refusals = [
        refusal(51),
        refusal(16),
        refusal(4711),
        json_response(400, r#"{"status":14,"message":"no"}"#),
        json_response(400, ""),
    ];
    for refusal in refusals {
        for (bad, count) in [(0, 10), (4, 10), (9, 10), (12, 25), (0, 3)] {
            let server = InboxServer::start(messages(0..count)).await;
            (server.state().refused, server.state().refusal) = (vec![id(bad)], refusal.clone());
            let mut inbox = server.inbox();
            for message in take_with_errors(&mut inbox, count).await.0 {
                message.ack().await.expect("the stream reports it");
            }
            let errors = poll_cycles(&server, &mut inbox, 100..103).await;
            let [error] = &errors[..] else { panic!("{bad} of {count}: {errors:?}") };
            assert!(error.to_string().contains(&id(bad)), "{error}");
            assert_eq!(error.operation(), Some("message_delete"));
            assert_eq!(inbox.undeletable(), [kandy::MessageId::from(id(bad))]);

            // Its deletion is not tried again.
            let before = server.state().deletes.len();
            assert!(poll_cycles(&server, &mut inbox, 103..106).await.is_empty());
            assert!(server.state().deletes[before..].iter().flatten().all(|deleted| *deleted != id(bad)));
            inbox.close().await.expect("it was reported");
            assert_eq!(ids(&server.state().pending), [id(bad)]);
            // The next stream delivers it again.
            assert_eq!(take_with_errors(&mut server.inbox(), 1).await.0[0].id, Some(id(bad).into()));
        }
    }
}

#[tokio::test]
async fn reports_each_of_several_refused_messages() {
    let server = InboxServer::start(messages(0..30)).await;
    let bad = [0, 1, 7, 15, 29];
    (server.state().refused, server.state().refusal) = (bad.map(id).to_vec(), refusal(51));
    let mut inbox = server.inbox();
    for message in take_with_errors(&mut inbox, 30).await.0 {
        message.ack().await.expect("the stream reports it");
    }
    let errors = poll_cycles(&server, &mut inbox, 100..103).await;
    assert_eq!(errors.len(), bad.len(), "{errors:?}");
    for bad in bad {
        assert_eq!(errors.iter().filter(|error| error.to_string().contains(&id(bad))).count(), 1, "{errors:?}");
    }
    inbox.close().await.expect("they were reported");
    assert_eq!(ids(&server.state().pending), bad.map(id));
    let requests = server.state().deletes.len();
    assert!(requests < 45, "{requests} requests for five of thirty");
}

/// Such an id would make every deletion fail that includes it.
#[tokio::test]
async fn an_id_too_long_for_a_request_is_never_sent() {
    for long in ["x".repeat(7000), "ü".repeat(4000), "\u{1b}[31m".repeat(2000)] {
        let mut pending = messages(0..9);
        pending.insert(4, json!({"UUID": long, "messageType": "chat", "message": {"text": "100"}}));
        let server = InboxServer::start(pending).await;
        let mut inbox = server.inbox();
        for message in take_with_errors(&mut inbox, 10).await.0 {
            message.ack().await.expect("the stream reports it");
        }
        let errors = poll_cycles(&server, &mut inbox, 100..103).await;
        let [error @ Error::Argument(_)] = &errors[..] else { panic!("{errors:?}") };
        let printed = error.to_string();
        assert!(printed.contains("longer than") && printed.contains("stays") && printed.len() < 400, "{printed}");
        assert!(!printed.contains('\u{1b}'));
        inbox.close().await.expect("it was reported");
        assert_eq!(ids(&server.state().pending), [long]);
        assert!(server.state().deletes.len() <= 5);
    }
}

#[tokio::test]
async fn splits_ids_that_are_too_long_together() {
    let long = |number: usize| format!("{}{}", id(number), "0".repeat(500));
    let pending = (0..10).map(|number| json!({"UUID": long(number), "message": {"text": number.to_string()}}));
    for refusal in
        [json_response(414, "<html>"), json_response(413, ""), json_response(431, ""), json_response(400, "")]
    {
        let server = InboxServer::start(pending.clone()).await;
        (server.state().max_ids_length, server.state().refusal) = (Some(1500), refusal);
        let mut inbox = server.inbox();
        for message in take_with_errors(&mut inbox, 10).await.0 {
            message.ack().await.expect("all are deleted");
        }
        assert!(server.state().pending.is_empty());
        assert!(poll_cycles(&server, &mut inbox, 100..102).await.is_empty());
    }
}

#[tokio::test]
async fn does_not_split_a_refusal_of_the_request() {
    let status = |http: u16, status: i64| json_response(http, &json!({"status": status, "message": "no"}).to_string());
    for failure in [
        json_response(401, ""),
        status(403, 11),
        status(200, 10),
        status(200, 11),
        status(200, 12),
        status(200, 13),
        status(200, 18),
        status(200, 55),
        status(200, 53),
        status(200, 1),
        json_response(500, ""),
        status(503, 16),
        status(429, 16),
        json_response(404, "<html>"),
        Vec::new(),
        json_response(200, "<html>"),
    ] {
        let server = InboxServer::start(messages(0..10)).await;
        server.state().delete_failure = Some(failure.clone());
        let mut inbox = server.inbox();
        let mut failed = 0;
        for message in take_with_errors(&mut inbox, 10).await.0 {
            failed += usize::from(message.ack().await.is_err());
        }
        let response = String::from_utf8_lossy(&failure).into_owned();
        assert_eq!((failed, server.state().deletes.len()), (1, 1), "{response}");
        for _ in 0..3 {
            inbox.flush().await.expect_err("not deleted");
        }
        assert_eq!(server.state().deletes.len(), 4, "{response}");
        assert!(inbox.undeletable().is_empty());
        server.state().delete_failure = None;
        inbox.close().await.expect("deleted");
        assert!(server.state().pending.is_empty());
    }
}

#[tokio::test]
async fn when_all_are_refused_reports_once_and_keeps_all() {
    let server = InboxServer::start(messages(0..10)).await;
    server.state().delete_failure = Some(refusal(16));
    let mut inbox = server.inbox();
    let mut failed = 0;
    for message in take_with_errors(&mut inbox, 10).await.0 {
        failed += usize::from(message.ack().await.is_err());
    }
    assert_eq!(failed, 1);
    assert_eq!(server.state().deletes.len(), 19, "each was tried alone once");
    for cycle in 0..4 {
        server.state().pending.push(message(100 + cycle));
        let (_, errors) = take_with_errors(&mut inbox, 1).await;
        assert_eq!(errors.len(), usize::from(cycle == 0), "{errors:?}");
    }
    let requests = server.state().deletes.len();
    assert!(requests <= 19 + 8, "{requests}: two in a cycle, with all ten");
    server.state().delete_failure = None;
    inbox.close().await.expect("deleted");
    assert_eq!(server.state().pending.len(), 4, "only unacknowledged messages");
}

#[tokio::test]
async fn reports_a_message_not_found_only_if_it_is_still_listed() {
    for stays in [true, false] {
        let server = InboxServer::start(messages(0..10)).await;
        (server.state().refused, server.state().refusal) = (vec![id(3)], refusal(53));
        let mut inbox = server.inbox();
        let mut failed = 0;
        for message in take_with_errors(&mut inbox, 10).await.0 {
            failed += usize::from(message.ack().await.is_err());
        }
        assert_eq!((failed, server.state().deletes.len()), (1, 1), "perhaps the device was not found");
        if !stays {
            // Another program has deleted it.
            server.state().pending.retain(|message| message["UUID"] != id(3));
        }
        let errors = poll_cycles(&server, &mut inbox, 100..104).await;
        let named = errors.iter().filter(|error| error.to_string().contains(&id(3))).count();
        assert_eq!(named, usize::from(stays), "{errors:?}");
        assert!(errors.len() <= 2, "{errors:?}");
        inbox.close().await.expect("it was reported");
        assert_eq!(server.state().pending.len(), usize::from(stays));
    }
}

#[tokio::test]
async fn delete_messages_deletes_all_but_the_refused() {
    let server = InboxServer::start(messages(0..25)).await;
    (server.state().refused, server.state().refusal) = (vec![id(12)], refusal(51));
    let error = server.device.delete_messages((0..25).map(id)).await.expect_err("one is refused");
    assert!(error.to_string().contains(&id(12)), "{error}");
    assert_eq!(ids(&server.state().pending), [id(12)]);

    for (failure, most) in
        [(refusal(53), 6), (json_response(500, ""), 1), (json_response(401, ""), 1), (refusal(12), 1)]
    {
        server.state().deletes.clear();
        server.state().delete_failure = Some(failure);
        server.device.delete_messages((30..40).map(id)).await.expect_err("all are refused");
        let requests = server.state().deletes.len();
        assert!(requests <= most, "{requests}");
    }
    let error = server.device.delete_messages([id(1), "x".repeat(7000)]).await.expect_err("no UUID");
    assert!(matches!(error, Error::Argument(_)) && error.to_string().contains("number 2 of 2"), "{error}");
    assert!(!error.to_string().contains("xxxx"), "{error}");
}
