//! Messages that the service refuses to delete: the others are deleted, and each refused one is reported once.

use std::time::Duration;

use kandy_sys::Status;

use super::service::{Service, ack, chat, ids, items, message, messages, next, refusing, take};
use crate::{Inbox, MessageId, testing::Reply};

const MINUTE: Duration = Duration::from_secs(60);

/// Refused for a reason of its own, and "not found".
const NOT_ALLOWED: i64 = 16;
const NOT_FOUND: i64 = 53;

/// Acknowledges messages. Returns how many acknowledgements failed.
async fn ack_all(inbox: &mut Inbox, count: usize) -> usize {
    let mut failed = 0;
    for message in take(inbox, count).await {
        failed += usize::from(message.ack().await.is_err());
    }
    failed
}

/// Returns the errors of the next minute. There are no messages.
async fn errors(inbox: &mut Inbox) -> Vec<String> {
    let (messages, errors) = items(inbox, MINUTE).await;
    assert!(messages.is_empty(), "{messages:?}");
    errors
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_blocks_no_other_and_is_reported_once() {
    for (bad, count) in [(vec![0], 10), (vec![9], 10), (vec![12], 25), (vec![0], 3), (vec![0, 1, 7, 15, 29], 30)] {
        for status in [51, NOT_ALLOWED, 4711] {
            let service = Service::new(messages(0..count));
            service.refuse(refusing(ids(bad.clone()), status));
            let mut inbox = service.inbox();
            assert_eq!(ack_all(&mut inbox, count).await, 0, "the stream reports it");
            assert!(inbox.undeletable().is_empty());
            let reported = errors(&mut inbox).await;
            assert_eq!(reported.len(), bad.len(), "{reported:?}");
            for id in ids(bad.clone()) {
                let named = |error: &&String| error.contains(&format!("{id:?}"));
                assert_eq!(reported.iter().filter(named).count(), 1, "{id} {reported:?}");
            }
            let expected: Vec<MessageId> = ids(bad.clone()).into_iter().map(MessageId::from).collect();
            assert_eq!(inbox.undeletable(), expected);
            // It is not tried again, and the others are deleted.
            service.take_deletes();
            service.state().pending.extend(messages(100..102));
            ack(&take(&mut inbox, 2).await).await;
            assert!(errors(&mut inbox).await.is_empty());
            assert_eq!(service.take_deletes(), [ids(100..102)]);
            inbox.close().await.expect("it was reported");
            assert!(service.take_deletes().is_empty());
            assert_eq!(service.pending(), ids(bad.clone()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_reports_the_refusal_after_the_inbox() {
    let service = Service::new(messages(0..5));
    let mut inbox = service.inbox();
    let taken = take(&mut inbox, 5).await;
    ack(&taken[..2]).await;
    service.refuse(refusing(ids([1]), NOT_ALLOWED));
    // The inbox is closed before the stream can report it.
    let error = inbox.close().await.expect_err("one is refused");
    assert!(error.to_string().contains("m1"), "{error}");
    service.refuse(refusing(ids([2]), NOT_ALLOWED));
    let error = taken[2].ack().await.expect_err("refused");
    assert!(error.to_string().contains("m2"), "{error}");
    // The next one shows that the refusal is about that message alone.
    let error = taken[3].ack().await.expect_err("the other is refused for good");
    assert!(error.to_string().contains("m2"), "{error}");
    assert_eq!(service.pending(), ids([1, 2, 4]));
    taken[4].ack().await.expect("deleted");
    assert_eq!(service.pending(), ids([1, 2]));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_was_refused_alone_does_not_block_those_that_come_later() {
    // One at a time: nothing shows that the refusal is about the message until another one is deleted.
    for bad in [vec![0], vec![0, 1], vec![0, 1, 3]] {
        for status in [NOT_ALLOWED, NOT_FOUND] {
            let service = Service::new([]);
            service.refuse(refusing(ids(bad.clone()), status));
            let mut inbox = service.inbox();
            let mut reported = Vec::new();
            for number in 0..6 {
                service.state().pending.push(message(number));
                let (taken, errors) = items(&mut inbox, MINUTE).await;
                reported.extend(errors);
                ack(&taken).await;
                reported.extend(items(&mut inbox, 2 * MINUTE).await.1);
                let is_good = |number: &usize| !bad.contains(number);
                if (0..=number).any(|number| is_good(&number)) {
                    assert!(service.pending().iter().all(|id| ids(bad.clone()).contains(id)), "{bad:?} {number}");
                }
            }
            assert_eq!(service.pending(), ids(bad.clone()));
            assert_eq!(inbox.undeletable().len(), bad.len());
            // At first as the failure of the request, and then because of the message.
            for id in ids(bad.clone()) {
                let count = reported.iter().filter(|error| error.contains(&format!("{id:?}"))).count();
                assert!((1..=2).contains(&count), "{id}: {reported:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_does_not_block_those_that_wait_with_it() {
    // One was refused alone, and then some arrive at once.
    for count in [1, 2, 8, 9, 10, 25] {
        let service = Service::new([message(0)]);
        service.refuse(refusing(ids([0]), NOT_ALLOWED));
        let mut inbox = service.inbox();
        ack(&take(&mut inbox, 1).await).await;
        assert_eq!(errors(&mut inbox).await.len(), 1);
        service.state().pending.extend(messages(1..=count));
        assert_eq!(ack_all(&mut inbox, count).await, 0);
        inbox.flush().await.expect("the others are deleted");
        assert_eq!(service.pending(), ids([0]), "{count}");
    }
    // Many wait after an overload, and each request has one that is refused.
    for count in [10, 11, 15, 20] {
        let service = Service::new(messages(0..count));
        service.refuse(|_| Some(Reply::http(503)));
        let mut inbox = service.inbox();
        assert_eq!(ack_all(&mut inbox, count).await, count / 10);
        service.refuse(refusing(ids([0, 10]), NOT_ALLOWED));
        inbox.flush().await.expect("the others are deleted");
        assert_eq!(service.pending(), ids([0, 10].into_iter().filter(|bad| *bad < count)), "{count}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_the_service_refuses_everything_the_requests_do_not_grow_with_what_waits() {
    let service = Service::new([]);
    service.refuse(|_| Some(Reply::refusal(Status(NOT_ALLOWED), "no")));
    let mut inbox = service.inbox();
    for number in 0..25 {
        service.state().pending.push(message(number));
        let (taken, _) = items(&mut inbox, Duration::from_secs(31)).await;
        for message in taken {
            let _ = message.ack().await;
        }
        let polls = service.state().polls.len();
        service.take_deletes();
        let _ = items(&mut inbox, MINUTE).await;
        let polls = service.state().polls.len() - polls;
        let deletes = service.take_deletes().len();
        // Up to ten each is tried alone.
        let alone = if number < 10 { 19 } else { 0 };
        assert!(deletes <= alone + (2 * polls + 1) * (number / 10 + 1), "{deletes} in {polls} with {number}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_that_fits_into_no_request_is_never_sent() {
    for long in ["x".repeat(7000), "ü".repeat(4000), "\u{1b}[31m".repeat(2000)] {
        let service = Service::new([message(0), chat(&long, "1"), message(2)]);
        let mut inbox = service.inbox();
        assert_eq!(ack_all(&mut inbox, 3).await, 0);
        let reported = errors(&mut inbox).await;
        let [error] = &reported[..] else { panic!("{reported:?}") };
        assert!(error.contains("longer than") && error.contains("stays") && error.len() < 400, "{error}");
        assert!(!error.contains('\u{1b}'));
        assert_eq!(inbox.undeletable(), [MessageId::from(long.as_str())]);
        inbox.close().await.expect("it was reported");
        assert_eq!((service.take_deletes(), service.pending()), (vec![ids([0, 2])], vec![long]));
    }
    // Alone.
    let long = "x".repeat(7000);
    let service = Service::new([chat(&long, "1")]);
    let mut inbox = service.inbox();
    assert_eq!(ack_all(&mut inbox, 1).await, 0);
    assert_eq!(errors(&mut inbox).await.len(), 1);
    assert!(service.take_deletes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn when_all_are_refused_that_is_reported_once_and_all_stay_acknowledged() {
    for status in [NOT_ALLOWED, NOT_FOUND] {
        let service = Service::new(messages(0..10));
        service.refuse(move |_| Some(Reply::refusal(Status(status), "no")));
        let mut inbox = service.inbox();
        assert_eq!(ack_all(&mut inbox, 10).await, 1);
        // "Not found" may be about the device, until a poll shows that it exists.
        let alone = 19;
        let mut expected = if status == NOT_FOUND { 1 } else { alone };
        assert_eq!(service.take_deletes().len(), expected);
        for _ in 0..2 {
            inbox.flush().await.expect_err("refused");
        }
        assert_eq!(service.take_deletes().len(), 2, "no message is tried alone again");
        let reported = errors(&mut inbox).await;
        assert_eq!(reported.len(), 1, "{reported:?}");
        expected = service.state().polls.len() * 2 - 1;
        let deletes = service.take_deletes().len();
        match status {
            NOT_FOUND => assert!((alone..expected + alone).contains(&deletes), "{deletes}"),
            _ => assert!(deletes <= expected, "{deletes}: two in a cycle"),
        }
        assert!(inbox.undeletable().is_empty());
        // Each message was tried alone once.
        idle_requests(&service, &mut inbox).await;
        service.accept();
        inbox.close().await.expect("deleted");
        assert!(service.pending().is_empty());
    }
}

/// Asserts that a cycle sends no more than two deletions.
async fn idle_requests(service: &Service, inbox: &mut Inbox) {
    let polls = service.state().polls.len();
    assert!(errors(inbox).await.is_empty());
    let polls = service.state().polls.len() - polls;
    let deletes = service.take_deletes().len();
    assert!(polls > 0 && deletes <= 2 * polls + 1, "{deletes} in {polls}");
}

#[tokio::test(start_paused = true)]
async fn another_refusal_of_all_is_reported_and_so_is_the_same_after_a_success() {
    let service = Service::new(messages(0..2));
    let refuse_all = |status| service.refuse(move |_| Some(Reply::refusal(Status(status), "no")));
    refuse_all(NOT_ALLOWED);
    let mut inbox = service.inbox();
    ack(&take(&mut inbox, 2).await).await;
    for (status, count) in [(NOT_ALLOWED, 1), (NOT_ALLOWED, 0), (51, 1), (NOT_ALLOWED, 1)] {
        refuse_all(status);
        assert_eq!(errors(&mut inbox).await.len(), count, "{status}");
    }
    // Without a status, such as a refusal of the length.
    for count in [1, 0] {
        service.refuse(|_| Some(Reply::http(413)));
        assert_eq!(errors(&mut inbox).await.len(), count);
    }
    service.accept();
    assert!(errors(&mut inbox).await.is_empty());
    assert!(service.pending().is_empty());
    service.refuse(|_| Some(Reply::http(413)));
    service.state().pending = messages(2..4);
    ack(&take(&mut inbox, 2).await).await;
    assert_eq!(errors(&mut inbox).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refused_message_is_still_found_after_other_failures() {
    // What was learned of the failure before must not keep the next request from being split.
    for before in [Reply::http(503), Reply::http(401), Reply::failure(crate::Phase::Timeout)] {
        let service = Service::new(messages(0..4));
        let reply = before.clone();
        service.refuse(move |_| Some(reply.clone()));
        let mut inbox = service.inbox();
        ack(&take(&mut inbox, 4).await).await;
        inbox.flush().await.expect_err("failed");
        service.refuse(refusing(ids([2]), NOT_ALLOWED));
        let reported = errors(&mut inbox).await;
        assert!(reported.len() == 1 && reported[0].contains("m2"), "{before:?} {reported:?}");
        assert_eq!(service.pending(), ids([2]));
    }
    // All were refused, then one is deleted: from then on a refusal is about messages again.
    let service = Service::new(messages(0..4));
    service.refuse(|_| Some(Reply::refusal(Status(NOT_ALLOWED), "no")));
    let mut inbox = service.inbox();
    ack(&take(&mut inbox, 4).await).await;
    inbox.flush().await.expect_err("all are refused");
    service.accept();
    inbox.flush().await.expect("deleted");
    service.state().pending = messages(4..8);
    service.refuse(refusing(ids([5]), NOT_ALLOWED));
    ack(&take(&mut inbox, 4).await).await;
    assert_eq!(errors(&mut inbox).await.len(), 1);
    assert_eq!(service.pending(), ids([5]));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_not_found_is_reported_only_if_it_is_still_listed() {
    for stays in [true, false] {
        let service = Service::new(messages(0..4));
        service.refuse(refusing(ids([3]), NOT_FOUND));
        let mut inbox = service.inbox();
        ack(&take(&mut inbox, 4).await).await;
        // Perhaps the device was not found, so the request is not split.
        for _ in 0..2 {
            inbox.flush().await.expect_err("not found");
            assert_eq!(service.take_deletes(), [ids(0..4)]);
        }
        if !stays {
            service.state().pending.retain(|message| message["UUID"] != "m3");
        }
        let reported = errors(&mut inbox).await;
        let named: Vec<_> = reported.iter().filter(|error| error.contains("m3")).collect();
        assert_eq!(named.len(), usize::from(stays), "{reported:?}");
        assert_eq!(service.pending(), ids(stays.then_some(3)));
        assert_eq!(inbox.undeletable().len(), usize::from(stays));
        if stays {
            // It is not tried again, and an id that is free again can be deleted.
            service.take_deletes();
            assert!(errors(&mut inbox).await.is_empty() && service.take_deletes().is_empty());
            service.state().pending.clear();
            assert!(errors(&mut inbox).await.is_empty());
        }
        service.accept();
        service.state().pending = messages(3..4);
        next(&mut inbox).await.ack().await.expect("acknowledged");
        inbox.close().await.expect("deleted");
        assert!(service.pending().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_undeletable_message_that_is_acknowledged_again_is_not_sent() {
    // Two messages of one id: the second arrives after the first turned out to be undeletable.
    let service = Service::new([chat("a", "1"), message(0)]);
    service.refuse(refusing(vec!["a".to_owned()], NOT_ALLOWED));
    let mut inbox = service.inbox();
    ack(&take(&mut inbox, 2).await).await;
    assert_eq!(errors(&mut inbox).await.len(), 1);
    service.take_deletes();
    service.state().pending.push(chat("a", "2"));
    ack(&take(&mut inbox, 1).await).await;
    assert!(errors(&mut inbox).await.is_empty());
    inbox.close().await.expect("it was reported");
    assert!(service.take_deletes().is_empty());
}
