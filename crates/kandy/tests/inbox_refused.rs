//! Messages that the service refuses to delete: they keep no other from being deleted, and are reported once.

#![allow(dead_code, reason = "the support is that of all tests of the inbox")]

mod support;
#[path = "support/waiting.rs"]
mod waiting;

use kandy::{Error, Inbox, IncomingMessage};
use serde_json::{Value, json};
use support::json as answer;
use waiting::{Service, id, message, messages};

fn refusal(status: i64) -> Vec<u8> {
    answer(200, &json!({"status": status, "message": "no"}).to_string())
}

/// The next `count` messages, and the errors in between.
async fn take(inbox: &mut Inbox, count: usize) -> (Vec<IncomingMessage>, Vec<Error>) {
    let (mut taken, mut errors) = (Vec::new(), Vec::new());
    while taken.len() < count {
        match inbox.next().await.expect("it goes on") {
            Ok(message) => taken.push(message),
            Err(error) => errors.push(error),
        }
        assert!(errors.len() < 10, "{errors:?}");
    }
    (taken, errors)
}

/// Looks `count` times, by a message that comes each time and is acknowledged. Answers the errors.
async fn cycles(service: &Service, inbox: &mut Inbox, numbers: std::ops::Range<usize>) -> Vec<Error> {
    let mut all = Vec::new();
    for number in numbers {
        service.state().later.push(message(number));
        let pending = !service.state().pending.is_empty();
        if pending {
            let next = service.state().later.pop();
            service.state().pending.extend(next);
        }
        let (taken, errors) = take(inbox, 1).await;
        taken[0].ack().await.expect("less than ten wait");
        all.extend(errors);
    }
    all
}

fn ids(pending: &[Value]) -> Vec<String> {
    pending.iter().map(|message| message["UUID"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn one_refused_message_keeps_no_other_and_is_reported_once() {
    let refusals =
        [refusal(51), refusal(16), refusal(4711), answer(400, r#"{"status":14,"message":"no"}"#), answer(400, "")];
    for refusal in refusals {
        for (bad, count) in [(0, 10), (4, 10), (9, 10), (12, 25), (0, 3)] {
            let service = Service::with(messages(0..count)).await;
            (service.state().refused, service.state().refusal) = (vec![id(bad)], refusal.clone());
            let mut inbox = service.inbox();
            for message in take(&mut inbox, count).await.0 {
                message.ack().await.expect("it is told by the stream");
            }
            let errors = cycles(&service, &mut inbox, 100..103).await;
            let [error] = &errors[..] else { panic!("{bad} of {count}: {errors:?}") };
            assert!(error.to_string().contains(&id(bad)), "{error}");
            assert_eq!(error.operation(), Some("message_delete"));
            assert_eq!(inbox.undeletable(), [id(bad).into()]);

            // It is not tried again.
            let before = service.state().deletes.len();
            assert!(cycles(&service, &mut inbox, 103..106).await.is_empty());
            assert!(service.state().deletes[before..].iter().flatten().all(|deleted| *deleted != id(bad)));
            inbox.close().await.expect("it was reported");
            assert_eq!(ids(&service.state().pending), [id(bad)]);
            // In the next stream it comes again.
            assert_eq!(take(&mut service.inbox(), 1).await.0[0].id, Some(id(bad).into()));
        }
    }
}

#[tokio::test]
async fn several_refused_messages_are_each_reported() {
    let service = Service::with(messages(0..30)).await;
    let bad = [0, 1, 7, 15, 29];
    (service.state().refused, service.state().refusal) = (bad.map(id).to_vec(), refusal(51));
    let mut inbox = service.inbox();
    for message in take(&mut inbox, 30).await.0 {
        message.ack().await.expect("it is told by the stream");
    }
    let errors = cycles(&service, &mut inbox, 100..103).await;
    assert_eq!(errors.len(), bad.len(), "{errors:?}");
    for bad in bad {
        assert_eq!(errors.iter().filter(|error| error.to_string().contains(&id(bad))).count(), 1, "{errors:?}");
    }
    inbox.close().await.expect("they were reported");
    assert_eq!(ids(&service.state().pending), bad.map(id));
    let requests = service.state().deletes.len();
    assert!(requests < 45, "{requests} requests for five of thirty");
}

/// As in the file that was found to stop all deletions.
#[tokio::test]
async fn an_id_too_long_for_a_request_is_set_aside_before_anything_is_sent() {
    for long in ["x".repeat(7000), "ü".repeat(4000), "\u{1b}[31m".repeat(2000)] {
        let mut pending = messages(0..9);
        pending.insert(4, json!({"UUID": long, "messageType": "chat", "message": {"text": "100"}}));
        let service = Service::with(pending).await;
        let mut inbox = service.inbox();
        for message in take(&mut inbox, 10).await.0 {
            message.ack().await.expect("it is told by the stream");
        }
        let errors = cycles(&service, &mut inbox, 100..103).await;
        let [error @ Error::Argument(_)] = &errors[..] else { panic!("{errors:?}") };
        let said = error.to_string();
        assert!(said.contains("longer than") && said.contains("stays") && said.len() < 400, "{said}");
        assert!(!said.contains('\u{1b}'));
        inbox.close().await.expect("it was reported");
        assert_eq!(ids(&service.state().pending), [long]);
        assert!(service.state().deletes.len() <= 5);
    }
}

#[tokio::test]
async fn ids_that_are_too_long_together_are_halved() {
    let long = |number: usize| format!("{}{}", id(number), "0".repeat(500));
    let pending = (0..10).map(|number| json!({"UUID": long(number), "message": {"text": number.to_string()}}));
    for refusal in [answer(414, "<html>"), answer(413, ""), answer(431, ""), answer(400, "")] {
        let service = Service::with(pending.clone()).await;
        (service.state().longest, service.state().refusal) = (Some(1500), refusal);
        let mut inbox = service.inbox();
        for message in take(&mut inbox, 10).await.0 {
            message.ack().await.expect("all are deleted");
        }
        assert!(service.state().pending.is_empty());
        assert!(cycles(&service, &mut inbox, 100..102).await.is_empty());
    }
}

#[tokio::test]
async fn a_refusal_of_the_whole_is_not_split() {
    let status = |http: u16, status: i64| answer(http, &json!({"status": status, "message": "no"}).to_string());
    for failure in [
        answer(401, ""),
        status(403, 11),
        status(200, 10),
        status(200, 11),
        status(200, 12),
        status(200, 13),
        status(200, 18),
        status(200, 55),
        status(200, 53),
        status(200, 1),
        answer(500, ""),
        status(503, 16),
        status(429, 16),
        answer(404, "<html>"),
        Vec::new(),
        answer(200, "<html>"),
    ] {
        let service = Service::with(messages(0..10)).await;
        service.state().delete_failure = Some(failure.clone());
        let mut inbox = service.inbox();
        let mut failed = 0;
        for message in take(&mut inbox, 10).await.0 {
            failed += usize::from(message.ack().await.is_err());
        }
        let shown = String::from_utf8_lossy(&failure).into_owned();
        assert_eq!((failed, service.state().deletes.len()), (1, 1), "{shown}");
        for _ in 0..3 {
            inbox.flush().await.expect_err("not deleted");
        }
        assert_eq!(service.state().deletes.len(), 4, "{shown}");
        assert!(inbox.undeletable().is_empty());
        service.state().delete_failure = None;
        inbox.close().await.expect("deleted");
        assert!(service.state().pending.is_empty());
    }
}

#[tokio::test]
async fn when_all_are_refused_none_is_set_aside_and_it_is_said_once() {
    let service = Service::with(messages(0..10)).await;
    service.state().delete_failure = Some(refusal(16));
    let mut inbox = service.inbox();
    let mut failed = 0;
    for message in take(&mut inbox, 10).await.0 {
        failed += usize::from(message.ack().await.is_err());
    }
    assert_eq!(failed, 1);
    assert_eq!(service.state().deletes.len(), 19, "each was tried alone, once");
    for cycle in 0..4 {
        service.state().pending.push(message(100 + cycle));
        let (_, errors) = take(&mut inbox, 1).await;
        assert_eq!(errors.len(), usize::from(cycle == 0), "{errors:?}");
    }
    let requests = service.state().deletes.len();
    assert!(requests <= 19 + 8, "{requests}: two a cycle, of all ten");
    service.state().delete_failure = None;
    inbox.close().await.expect("deleted");
    assert_eq!(service.state().pending.len(), 4, "what was not acknowledged");
}

#[tokio::test]
async fn a_message_that_is_not_found_is_told_of_only_if_it_stays() {
    for stays in [true, false] {
        let service = Service::with(messages(0..10)).await;
        (service.state().refused, service.state().refusal) = (vec![id(3)], refusal(53));
        let mut inbox = service.inbox();
        let mut failed = 0;
        for message in take(&mut inbox, 10).await.0 {
            failed += usize::from(message.ack().await.is_err());
        }
        assert_eq!((failed, service.state().deletes.len()), (1, 1), "it may be the device that is not found");
        if !stays {
            // Another program has deleted it.
            service.state().pending.retain(|message| message["UUID"] != id(3));
        }
        let errors = cycles(&service, &mut inbox, 100..104).await;
        let named = errors.iter().filter(|error| error.to_string().contains(&id(3))).count();
        assert_eq!(named, usize::from(stays), "{errors:?}");
        assert!(errors.len() <= 2, "{errors:?}");
        inbox.close().await.expect("it was reported");
        assert_eq!(service.state().pending.len(), usize::from(stays));
    }
}

#[tokio::test]
async fn messages_that_are_named_are_deleted_but_for_the_refused() {
    let service = Service::with(messages(0..25)).await;
    (service.state().refused, service.state().refusal) = (vec![id(12)], refusal(51));
    let error = service.device.delete_messages((0..25).map(id)).await.expect_err("one is refused");
    assert!(error.to_string().contains(&id(12)), "{error}");
    assert_eq!(ids(&service.state().pending), [id(12)]);

    for (failure, most) in [(refusal(53), 6), (answer(500, ""), 1), (answer(401, ""), 1), (refusal(12), 1)] {
        service.state().deletes.clear();
        service.state().delete_failure = Some(failure);
        service.device.delete_messages((30..40).map(id)).await.expect_err("all are refused");
        let requests = service.state().deletes.len();
        assert!(requests <= most, "{requests}");
    }
    let error = service.device.delete_messages([id(1), "x".repeat(7000)]).await.expect_err("no UUID");
    assert!(matches!(error, Error::Argument(_)) && error.to_string().contains("number 2 of 2"), "{error}");
    assert!(!error.to_string().contains("xxxx"), "{error}");
}
