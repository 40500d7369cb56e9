//! Each message is yielded once, whatever it is.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{FutureExt as _, stream::FusedStream as _};
use kandy_sys::Status;
use serde_json::{Value, json};

use super::service::{Draws, Service, ack, chat, failure, idle, items, message, messages, next, take, text, texts};
use crate::{
    CallEvent, MessageReceived, MessageType, Observer, PendingMessage,
    testing::{MockService, Reply},
};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn a_message_is_yielded_once_although_it_is_listed_until_it_is_deleted() {
    let nameless = || json!({"messageType": "chat", "message": {"mimeType": "text/plain", "text": "1"}});
    let another = || json!({"messageType": "chat", "message": {"mimeType": "text/plain", "text": "2"}});
    for (pending, expected) in [
        (messages(0..3), vec!["0", "1", "2"]),
        // Senders generate the ids.
        (vec![chat("a", "1"), chat("a", "2"), chat("a", "3"), chat("b", "4")], vec!["1", "2", "3", "4"]),
        (vec![chat("AB-c", "1"), chat("abc", "2")], vec!["1", "2"]),
        // Without an id.
        (vec![nameless(), another(), nameless()], vec!["1", "2", "1"]),
        (vec![], vec![]),
    ] {
        for is_acknowledged in [false, true] {
            let service = Service::new(pending.clone());
            service.refuse(|_| Some(Reply::http(503)));
            let mut inbox = service.inbox();
            let first = take(&mut inbox, expected.len()).await;
            assert_eq!(texts(&first), expected);
            if is_acknowledged {
                ack(&first).await;
            }
            // The deletion fails, so the messages stay.
            let (again, _) = items(&mut inbox, MINUTE).await;
            assert!(again.is_empty(), "{again:?}");
            assert!(service.state().polls.len() > 5);
            assert_eq!(service.pending().len(), expected.len());
            // The next stream yields them again.
            assert_eq!(texts(&take(&mut service.inbox(), expected.len()).await), expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn each_further_message_of_an_id_is_yielded() {
    let service = Service::new([chat("a", "1")]);
    let mut inbox = service.inbox();
    for number in 1..4 {
        assert_eq!(text(&next(&mut inbox).await), number.to_string());
        idle(&mut inbox, MINUTE).await;
        service.state().pending.push(chat("a", &(number + 1).to_string()));
    }
    // After the service had none any more.
    let service = Service::new([chat("a", "1")]);
    let mut inbox = service.inbox();
    for text in ["1", "2"] {
        service.state().pending = vec![chat("a", text)];
        let message = next(&mut inbox).await;
        assert_eq!(message.message().content.as_ref().and_then(|content| content.text()), Some(text));
        message.ack().await.expect("acknowledged");
        idle(&mut inbox, MINUTE).await;
        assert!(service.pending().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_cannot_be_decoded_blocks_no_other_and_can_be_deleted() {
    let odd = json!({"messageType": "chat", "UUID": "odd", "sender": 5, "more": "kept"});
    for (odd, id) in [(odd, Some("odd")), (json!(7), None), (json!([]), None), (Value::Null, None)] {
        let service = Service::new([message(1), odd.clone(), message(2)]);
        let mut inbox = service.inbox();
        let taken = take(&mut inbox, 3).await;
        assert_eq!(texts(&taken), ["1", "", "2"]);
        assert_eq!(taken[1].undecodable, Some(odd));
        assert_eq!(taken[1].id.as_ref().map(|id| id.as_str()), id);
        ack(&taken).await;
        idle(&mut inbox, MINUTE).await;
        assert_eq!(service.pending().len(), usize::from(id.is_none()));
    }
}

#[tokio::test(start_paused = true)]
async fn one_invalid_byte_affects_only_its_message() {
    let page = |result: &str| format!(r#"{{"status": 0, "message": "success", "result": {result}}}"#).into_bytes();
    let list = format!(r#"{{"server_timestamp": [], "messages": [{}, "?", {}]}}"#, message(1), message(2));
    let mut body = page(&list);
    *body.iter_mut().find(|byte| **byte == b'?').expect("the mark") = 0xff;
    let service = Service::new([]);
    service.state().poll_replies = vec![Reply::success().body(body)];
    let (taken, errors) = items(&mut service.inbox(), MINUTE).await;
    assert_eq!((texts(&taken), errors), (vec!["1".to_owned(), String::new(), "2".to_owned()], vec![]));
    // Nothing can be read from these: the error tells, and the next poll follows.
    for body in [page("[]"), page(r#"{"messages": 7}"#), page("{}"), b"<html>".to_vec(), vec![]] {
        let service = Service::new([message(1)]);
        service.state().poll_replies = vec![Reply::success().body(body.clone())];
        let mut inbox = service.inbox();
        let error = failure(&mut inbox).await;
        assert!(matches!(error, crate::Error::Decode(_)), "{error}");
        assert_eq!(text(&next(&mut inbox).await), "1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_future_loses_no_message() {
    for delay in [0, 100] {
        let service = Service::new(messages(0..3));
        service.state().delay = Duration::from_millis(delay);
        let mut inbox = service.inbox();
        let mut taken = Vec::new();
        for _ in 0..100 {
            match inbox.next().now_or_never() {
                Some(item) => taken.push(item.expect("it goes on").expect("a message")),
                None if taken.len() == 3 => break,
                None => tokio::time::advance(Duration::from_millis(10)).await,
            }
        }
        assert_eq!(texts(&taken), ["0", "1", "2"]);
        assert_eq!(service.state().polls.len(), 1, "the poll went on");
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_poll_ends_the_stream_only_if_the_next_one_would_fail_too() {
    let refusal = |status| Reply::refusal(status, "no");
    for (reply, is_final) in [
        (refusal(Status::TOKEN_EXPIRED), true),
        (Reply::http(401), true),
        (refusal(Status::DOES_NOT_EXIST), true),
        (refusal(Status(3)), false),
        (Reply::http(503), false),
        (Reply::http(429), false),
        (Reply::failure(crate::Phase::Connect), false),
        (Reply::failure(crate::Phase::Timeout), false),
    ] {
        let service = Service::new([message(1)]);
        let mut inbox = service.inbox();
        let first = next(&mut inbox).await;
        service.state().pending.push(message(2));
        service.state().poll_replies = vec![reply.clone()];
        assert!(!inbox.is_terminated());
        failure(&mut inbox).await;
        assert_eq!(inbox.is_terminated(), is_final, "{reply:?}");
        match is_final {
            true => assert!(inbox.next().await.is_none() && inbox.try_next().await.expect("no error").is_none()),
            false => assert_eq!(text(&next(&mut inbox).await), "2"),
        }
        assert_eq!(service.state().polls.len(), if is_final { 2 } else { 3 }, "{reply:?}");
        // What was received can still be deleted.
        first.ack().await.expect("acknowledged");
        inbox.close().await.expect("deleted");
        assert_eq!(service.pending(), ["m2"]);
    }
    // Nothing is asked about a device without a name.
    let service = MockService::new();
    let mut inbox = service.client().user_with_token("UAT-token").device("").messages().stream();
    let error = failure(&mut inbox).await;
    assert!(matches!(error, crate::Error::Argument(_)), "{error}");
    assert!(inbox.is_terminated() && inbox.next().await.is_none() && service.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_last_error_is_yielded_before_the_stream_is_terminated() {
    // The poll and the deletion before it fail: two items, of which the first does not end the stream.
    let service = Service::new([message(1)]);
    service.refuse(|_| Some(Reply::http(503)));
    let mut inbox = service.inbox();
    next(&mut inbox).await.ack().await.expect("acknowledged");
    service.state().poll_replies = vec![Reply::http(401)];
    let error = failure(&mut inbox).await;
    assert_eq!(error.operation(), Some("message_delete"));
    assert!(!inbox.is_terminated());
    let error = failure(&mut inbox).await;
    assert_eq!(error.operation(), Some("message_list"));
    assert!(inbox.is_terminated());
}

#[tokio::test(start_paused = true)]
async fn a_message_is_read_in_each_way_that_it_offers() {
    let service = Service::new([message(5)]);
    let message = || async { next(&mut service.inbox()).await };
    let expected: PendingMessage = message().await.into_message();
    assert_eq!((expected.message_type.clone(), expected.id.clone()), (Some(MessageType::Chat), Some("m5".into())));
    assert_eq!(PendingMessage::from(message().await), expected);
    assert_eq!(*message().await.message(), expected);
    assert_eq!(*message().await, expected);
    assert_eq!(*AsRef::<PendingMessage>::as_ref(&message().await), expected);
    let message = message().await;
    assert!(format!("{message:?}").contains("acknowledged: false"), "{message:?}");
    message.ack().await.expect("acknowledged");
    assert!(format!("{message:?}").contains("acknowledged: true"), "{message:?}");
}

#[tokio::test(start_paused = true)]
async fn debug_output_shows_the_device_and_no_credential() {
    let service = Service::new([message(1), message(2)]);
    let mut inbox = service.inbox();
    take(&mut inbox, 1).await;
    let debug = format!("{inbox:?}");
    assert!(debug.contains("A149") && debug.contains("ready: 1") && debug.contains("ended: false"), "{debug}");
    assert!(!debug.contains("UAT-token"), "{debug}");
}

/// Records the messages that it is told of.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Vec<MessageReceived>>>);

impl Observer for Seen {
    fn call_finished(&self, _: &CallEvent<'_>) {}

    fn message_received(&self, message: &MessageReceived) {
        self.0.lock().expect("no panic").push(message.clone());
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_is_told_of_each_message_when_it_is_yielded() {
    let (service, seen) = (MockService::new(), Seen::default());
    service.reply("message_list", Reply::result(json!({"messages": messages(0..2)})));
    let kandy = service.builder().clock(Draws(0.0)).observer(seen.clone()).build().expect("a client");
    let mut inbox = kandy.user_with_token("UAT-token").device("A149").messages().stream();
    for count in 1..3 {
        next(&mut inbox).await;
        let lag = Some(Duration::ZERO);
        assert_eq!(*seen.0.lock().expect("no panic"), vec![MessageReceived { lag, is_pushed: false }; count]);
    }
}
