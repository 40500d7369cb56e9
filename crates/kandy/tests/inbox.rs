//! The inbox: what it yields, what it deletes, when it asks, and what failures do to it.

mod support;
#[path = "support/waiting.rs"]
mod waiting;

use std::time::Duration;

use futures_util::{FutureExt, TryStreamExt};
use kandy::{Clock, Inbox, IncomingMessage, Kandy, MessageType};
use kandy_emulator::Emulator;
use serde_json::{Value, json};
use support::json as answer;
use waiting::{Service, id, message, messages};

/// The next `count` messages. A few failures in between are passed over.
async fn take(inbox: &mut Inbox, count: usize) -> Vec<IncomingMessage> {
    let (mut taken, mut failures) = (Vec::new(), 0);
    while taken.len() < count {
        match inbox.next().await.expect("it goes on") {
            Ok(message) => taken.push(message),
            Err(error) => {
                failures += 1;
                assert!(failures < 10, "{error}");
            }
        }
    }
    taken
}

fn numbers(messages: &[IncomingMessage]) -> Vec<usize> {
    let text = |message: &IncomingMessage| message.content.as_ref().unwrap().text().unwrap().parse().unwrap();
    messages.iter().map(text).collect()
}

#[tokio::test]
async fn each_message_comes_once_and_is_deleted_with_nine_others() {
    let service = Service::with(messages(0..25)).await;
    let mut inbox = service.inbox();
    let first = take(&mut inbox, 25).await;
    assert_eq!(numbers(&first), (0..25).collect::<Vec<_>>());
    assert!(service.state().deletes.is_empty(), "nothing is acknowledged yet");
    assert_eq!(service.state().lists, 1);

    // The service lists them again, and they do not come again.
    service.state().pending.push(message(25));
    assert_eq!(numbers(&take(&mut inbox, 1).await), [25]);
    assert_eq!(service.state().lists, 2);

    for message in &first {
        message.ack().await.unwrap();
        message.ack().await.unwrap();
    }
    let deletes = service.state().deletes.clone();
    assert_eq!(deletes, [(0..10).map(id).collect::<Vec<_>>(), (10..20).map(id).collect()]);
    inbox.close().await.unwrap();
    assert_eq!(service.state().deletes[2..], [(20..25).map(id).collect::<Vec<_>>()]);
    assert_eq!(service.state().pending, [message(25)]);
}

#[tokio::test]
async fn what_is_acknowledged_is_deleted_before_the_service_is_asked_again() {
    let service = Service::with(messages(0..3)).await;
    let mut inbox = service.inbox();
    for message in take(&mut inbox, 3).await {
        message.ack().await.unwrap();
    }
    assert!(service.state().deletes.is_empty());
    service.state().later.push(message(3));
    take(&mut inbox, 1).await;
    assert_eq!(service.state().deletes, [(0..3).map(id).collect::<Vec<_>>()]);
    assert_eq!(service.state().waits_before_deletes, [0], "a wait may be long, and someone may be killed in it");
    inbox.flush().await.unwrap();
    assert_eq!(service.state().deletes.len(), 1, "nothing is acknowledged, so nothing is sent");
}

#[tokio::test]
async fn without_an_orderly_stop_it_all_comes_again() {
    let emulator = Emulator::start().expect("a free port");
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().unwrap();
    let created = kandy.account(emulator.account_key(), emulator.account_secret()).create_domain("example.com").await;
    let created = created.unwrap();
    let domain = kandy.domain(created.api_key, created.api_secret);
    domain.create_user("anna").await.unwrap();
    let anna = domain.user("anna");
    let device = anna.device(anna.devices().await.unwrap().swap_remove(0).device_id);
    for number in 0..9 {
        device.send_message("anna@example.com", number.to_string()).await.unwrap();
    }
    for close in [false, true, true] {
        let mut inbox = device.messages().stream();
        let taken = take(&mut inbox, if close { 4 } else { 9 }).await;
        for message in &taken {
            message.ack().await.unwrap();
        }
        if close {
            inbox.close().await.unwrap();
        }
    }
    let last = take(&mut device.messages().stream(), 1).await;
    assert_eq!(numbers(&last), [8], "the first stream deleted nothing, the others four each");
    let deletes = emulator.requests().iter().filter(|request| request.operation == Some("message_delete")).count();
    assert_eq!(deletes, 2);
}

#[tokio::test]
async fn a_thousand_at_once_and_as_a_stream() {
    let service = Service::with(messages(0..1000)).await;
    let stream = futures_util::StreamExt::take(service.inbox(), 1000);
    let taken: Vec<IncomingMessage> = stream.try_collect().await.unwrap();
    assert_eq!(numbers(&taken), (0..1000).collect::<Vec<_>>());
    assert_eq!(service.state().lists, 1);
}

#[tokio::test]
async fn whatever_waits_arrives_as_data() {
    let odd = json!({"messageType": "chat", "UUID": id(9), "sender": 5, "timestamp": [], "more": "kept",
        "message": {"text": "odd"}});
    let number_id = json!({"UUID": 17, "sender": {"full_user_id": ["x"]}});
    let strange = [json!("text"), json!(7), Value::Null, json!([]), odd.clone(), number_id];
    let mut pending = vec![message(0), json!({"messageType": "newKind", "UUID": id(1), "new": [1]})];
    pending.extend(strange.clone());
    pending.push(message(2));
    let service = Service::with(pending).await;
    let mut inbox = service.inbox();
    let taken = take(&mut inbox, 9).await;

    assert_eq!(taken[1].message_type, Some(MessageType::Other("newKind".into())));
    assert_eq!((taken[1].extra["new"].clone(), &taken[1].undecodable), (json!([1]), &None));
    assert_eq!(numbers(&[taken.into_iter().next_back().unwrap()]), [2]);

    // They come once, and in another stream again.
    service.state().pending.push(message(3));
    assert_eq!(numbers(&take(&mut inbox, 1).await), [3]);
    let taken = take(&mut service.inbox(), 10).await;
    let undecodable: Vec<_> = taken.iter().filter_map(|message| message.undecodable.clone()).collect();
    assert_eq!(undecodable, strange);
    let odd = &taken[6];
    assert_eq!((odd.id.clone(), odd.message_type.clone()), (Some(id(9).into()), Some(MessageType::Chat)));
    assert_eq!(odd.content.as_ref().and_then(|content| content.text()), Some("odd"));
    assert_eq!(Value::Object(odd.extra.clone().into()), json!({"sender": 5, "timestamp": [], "more": "kept"}));
    odd.ack().await.unwrap();
    taken[7].ack().await.unwrap();
    assert_eq!(service.state().deletes, [[id(9)], ["17".to_owned()]], "the inbox is gone, so each is deleted at once");
}

#[tokio::test]
async fn not_even_broken_json_blocks_the_others() {
    let good = message(0);
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    let list = format!(r#"{{"messages": [{good}, {{"a": 1e999}}, "\ud800", {deep}, "ok"]}}"#);
    let body = format!(r#"{{"result": {list}, "status": 0, "message": "success"}}"#).replace("ok", "\u{1}");
    let mut body = body.into_bytes();
    // A byte that is in no text.
    *body.iter_mut().find(|byte| **byte == 1).unwrap() = 0xff;
    let head = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", body.len());
    let service = Service::with([]).await;
    service.state().list_failures = vec![[head.as_bytes(), &body].concat()];
    let taken = take(&mut service.inbox(), 5).await;
    assert_eq!(numbers(&[taken.into_iter().next().unwrap()]), [0]);
}

#[tokio::test]
async fn the_interval_grows_while_nothing_comes() {
    for (chance, expected) in [(0.0, [100, 200, 400, 800, 1000, 1000, 100]), (1.0, [100, 150, 250, 450, 550, 550, 100])]
    {
        let service = Service::with_chance(messages(0..1), chance).await;
        service.state().at_look = Some((7, message(1)));
        let messages = service.device.messages();
        let mut inbox = messages.min_interval(Duration::from_millis(100)).max_interval(Duration::from_secs(1)).stream();
        take(&mut inbox, 1).await[0].ack().await.unwrap();
        assert!(service.clock.waits().is_empty(), "the first look is at once");
        take(&mut inbox, 1).await;
        service.state().at_look = Some((8, message(2)));
        take(&mut inbox, 1).await;
        assert_eq!(service.clock.waits(), expected, "{chance}");

        // Whoever takes their time has waited already.
        drop(service.clock.sleep(Duration::from_millis(70)));
        service.state().at_look = Some((9, message(3)));
        take(&mut inbox, 1).await;
        drop(service.clock.sleep(Duration::from_millis(100)));
        service.state().at_look = Some((10, message(4)));
        take(&mut inbox, 1).await;
        assert_eq!(service.clock.waits()[7..], [70, 30, 100]);
    }
    // Bounds that make no sense do not make it ask without a pause.
    let service = Service::with([]).await;
    service.state().at_look = Some((3, message(0)));
    let messages = service.device.messages().min_interval(Duration::ZERO).max_interval(Duration::ZERO);
    take(&mut messages.stream(), 1).await;
    assert_eq!(service.clock.waits(), [1, 1]);
}

#[tokio::test]
async fn a_failure_in_between_neither_loses_nor_repeats() {
    let closed = Vec::new();
    let garbage = answer(200, "<html>");
    let refused = answer(200, r#"{"status": 3, "message": "not now"}"#);
    for failure in [answer(500, ""), answer(503, "{}"), garbage, closed, refused] {
        let service = Service::with(messages(0..3)).await;
        let mut inbox = service.inbox();
        let mut all = take(&mut inbox, 3).await;
        service.state().list_failures = vec![failure; 4];
        service.state().pending.push(message(3));
        all.extend(take(&mut inbox, 1).await);
        assert_eq!(numbers(&all), [0, 1, 2, 3]);
        assert!(service.state().list_failures.is_empty());
        assert!(!service.clock.waits().contains(&0) && service.clock.waits().len() >= 4, "{:?}", service.clock.waits());
    }
    // They are shown, one for each look.
    let service = Service::with([]).await;
    service.state().list_failures = vec![answer(200, "<html>"); 2];
    service.state().pending.push(message(0));
    let mut inbox = service.inbox();
    for _ in 0..2 {
        assert!(matches!(inbox.try_next().await, Err(kandy::Error::Decode(_))));
    }
    assert!(inbox.try_next().await.unwrap().is_some());
}

#[tokio::test]
async fn what_cannot_be_deleted_stays_acknowledged() {
    for failure in [answer(500, ""), Vec::new(), answer(200, r#"{"status": 16, "message": "no"}"#)] {
        let service = Service::with(messages(0..20)).await;
        service.state().delete_failure = Some(failure);
        let mut inbox = service.inbox();
        let taken = take(&mut inbox, 20).await;
        let mut failures = Vec::new();
        for (number, message) in taken.iter().enumerate() {
            failures.extend(message.ack().await.err().map(|_| number));
        }
        assert_eq!(failures, [9, 19], "each tenth tries, and says so");

        // New messages come all the same, and the failure is shown.
        service.state().pending.push(message(20));
        let failed = inbox.next().await.unwrap().expect_err("not deleted");
        assert_eq!(failed.operation(), Some("message_delete"));
        assert_eq!(numbers(&take(&mut inbox, 1).await), [20]);
        assert_eq!(service.state().pending.len(), 21);
        inbox.flush().await.expect_err("still not deleted");

        service.state().delete_failure = None;
        inbox.close().await.unwrap();
        assert_eq!(service.state().pending, [message(20)]);
    }
}

#[tokio::test]
async fn ids_are_the_same_in_either_spelling() {
    let spelt = |id: &str| json!({"UUID": id, "message": {"text": "1"}});
    let (long, short) = ("ABC2FA75-2C3C-4EDF-97DE-8B0A12F622F0", "abc2fa752c3c4edf97de8b0a12f622f0");
    let service = Service::with([spelt(long)]).await;
    let mut inbox = service.inbox();
    let first = take(&mut inbox, 1).await;
    service.state().pending = vec![spelt(short), message(2)];
    assert_eq!(numbers(&take(&mut inbox, 1).await), [2]);
    first[0].ack().await.unwrap();
    inbox.close().await.unwrap();
    assert_eq!(service.state().deletes, [[long]]);
    assert_eq!(service.state().pending, [message(2)]);
}

#[tokio::test]
async fn an_id_that_is_gone_is_forgotten() {
    let service = Service::with([message(1)]).await;
    service.state().later = messages(1..3);
    let mut inbox = service.inbox();
    for expected in [1, 2, 1] {
        let taken = take(&mut inbox, 1).await;
        assert_eq!(numbers(&taken), [expected]);
        taken[0].ack().await.unwrap();
    }
}

#[tokio::test]
async fn two_under_one_id_are_deleted_when_both_are_acknowledged() {
    let service = Service::with([message(1), message(1)]).await;
    let mut inbox = service.inbox();
    let taken = take(&mut inbox, 2).await;
    taken[0].ack().await.unwrap();
    inbox.flush().await.unwrap();
    assert!(service.state().deletes.is_empty());

    // A third one comes while the deletion of the first two fails.
    taken[1].ack().await.unwrap();
    service.state().delete_failure = Some(answer(500, ""));
    service.state().pending.push(message(1));
    let third = take(&mut inbox, 1).await;
    service.state().delete_failure = None;
    service.state().deletes.clear();
    inbox.flush().await.unwrap();
    assert!(service.state().deletes.is_empty(), "it would go with them");
    third[0].ack().await.unwrap();
    inbox.close().await.unwrap();
    assert_eq!(service.state().deletes, [[id(1)]]);
}

#[tokio::test]
async fn without_an_id_a_message_comes_once_and_stays() {
    let nameless = [json!({"messageType": "a"}), json!({"messageType": "a"}), json!({"messageType": "b", "UUID": ""})];
    let service = Service::with(nameless).await;
    let mut inbox = service.inbox();
    for message in take(&mut inbox, 3).await {
        message.ack().await.unwrap();
    }
    service.state().pending.push(message(1));
    assert_eq!(numbers(&take(&mut inbox, 1).await), [1]);
    inbox.close().await.unwrap();
    assert!(service.state().deletes.is_empty());
    assert_eq!(take(&mut service.inbox(), 4).await.len(), 4);
}

#[tokio::test]
async fn what_will_not_go_away_ends_the_stream() {
    for refused in [
        answer(200, r#"{"status": 10, "message": "expired"}"#),
        answer(200, r#"{"status": 53, "message": "no such device"}"#),
        answer(401, ""),
    ] {
        let service = Service::with(messages(0..1)).await;
        let mut inbox = service.inbox();
        let taken = take(&mut inbox, 1).await;
        service.state().list_failures = vec![refused];
        inbox.try_next().await.expect_err("refused");
        assert!(inbox.next().await.is_none() && inbox.next().await.is_none());
        taken[0].ack().await.unwrap();
        inbox.close().await.unwrap();
        assert!(service.state().pending.is_empty(), "what is acknowledged can still be deleted");
    }
    let kandy = Kandy::builder().base_url("http://127.0.0.1:9").build().unwrap();
    let mut inbox = kandy.user_with_token("UAT").device("").messages().stream();
    assert!(matches!(inbox.try_next().await, Err(kandy::Error::Argument(_))));
    assert!(inbox.next().await.is_none());
}

#[tokio::test]
async fn giving_up_halfway_loses_nothing() {
    let service = Service::with(messages(0..10)).await;
    let mut inbox = service.inbox();
    while inbox.next().now_or_never().is_none() {
        tokio::task::yield_now().await;
    }
    let taken = take(&mut inbox, 9).await;
    assert_eq!(numbers(&taken), (1..10).collect::<Vec<_>>());
    for message in &taken {
        message.ack().await.unwrap();
    }
    // The deletion has begun, and goes on no further.
    service.state().pending.push(message(10));
    assert!(inbox.next().now_or_never().is_none());
    inbox.close().await.unwrap();
    assert_eq!(service.state().pending, [message(0), message(10)]);
}

#[test]
fn it_is_made_anywhere_and_moved_anywhere() {
    fn is<T: Send + Unpin + 'static>(_: &T) {}
    fn future<T: Send>(_: T) {}
    let kandy = Kandy::builder().base_url("http://127.0.0.1:9").build().unwrap();
    let mut inbox = kandy.user_with_token("UAT").device("A149").messages().stream();
    is(&inbox);
    future(inbox.try_next());
    future(inbox.close());
    fn acknowledged(message: &IncomingMessage) -> impl Send {
        message.ack()
    }
    let _ = acknowledged;
}
