//! Delivery of messages, and their deletion after acknowledgement.

use futures_util::{FutureExt, TryStreamExt};
use kandy::{IncomingMessage, Kandy, MessageType};
use serde_json::{Value, json};

use super::{numbers, take};
use crate::support::{
    emulator::TestDomain,
    inbox_server::{InboxServer, id, message, messages},
    mock_server::json_response,
};

#[tokio::test]
async fn delivers_each_message_once_and_deletes_ten_at_a_time() {
    let server = InboxServer::start(messages(0..25)).await;
    let mut inbox = server.inbox();
    let first = take(&mut inbox, 25).await;
    assert_eq!(numbers(&first), (0..25).collect::<Vec<_>>());
    assert!(server.state().deletes.is_empty(), "no message is acknowledged yet");
    assert_eq!(server.state().polls, 1);

    // The service lists them again, and the inbox does not deliver them again.
    server.state().pending.push(message(25));
    assert_eq!(numbers(&take(&mut inbox, 1).await), [25]);
    assert_eq!(server.state().polls, 2);

    for message in &first {
        message.ack().await.unwrap();
        message.ack().await.unwrap();
    }
    let deletes = server.state().deletes.clone();
    assert_eq!(deletes, [(0..10).map(id).collect::<Vec<_>>(), (10..20).map(id).collect()]);
    inbox.close().await.unwrap();
    assert_eq!(server.state().deletes[2..], [(20..25).map(id).collect::<Vec<_>>()]);
    assert_eq!(server.state().pending, [message(25)]);
}

#[tokio::test]
async fn deletes_acknowledged_messages_before_the_next_poll() {
    let server = InboxServer::start(messages(0..3)).await;
    let mut inbox = server.inbox();
    for message in take(&mut inbox, 3).await {
        message.ack().await.unwrap();
    }
    assert!(server.state().deletes.is_empty());
    server.state().on_empty_poll.push(message(3));
    take(&mut inbox, 1).await;
    assert_eq!(server.state().deletes, [(0..3).map(id).collect::<Vec<_>>()]);
    assert_eq!(server.state().waits_before_deletes, [0], "the process may be killed during a wait");
    inbox.flush().await.unwrap();
    assert_eq!(server.state().deletes.len(), 1, "nothing was acknowledged since");
}

#[tokio::test]
async fn redelivers_unless_the_inbox_is_closed() {
    let test = TestDomain::start().await;
    let (_, device) = test.create_user("anna").await;
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
    assert_eq!(test.requests_of("message_delete"), 2);
}

#[tokio::test]
async fn delivers_a_thousand_messages_as_a_stream() {
    let server = InboxServer::start(messages(0..1000)).await;
    let stream = futures_util::StreamExt::take(server.inbox(), 1000);
    let taken: Vec<IncomingMessage> = stream.try_collect().await.unwrap();
    assert_eq!(numbers(&taken), (0..1000).collect::<Vec<_>>());
    assert_eq!(server.state().polls, 1);
}

#[tokio::test]
async fn delivers_undecodable_messages_as_data() {
    let odd = json!({"messageType": "chat", "UUID": id(9), "sender": 5, "timestamp": [], "more": "kept",
        "message": {"text": "odd"}});
    let number_id = json!({"UUID": 17, "sender": {"full_user_id": ["x"]}});
    let strange = [json!("text"), json!(7), Value::Null, json!([]), odd.clone(), number_id];
    let mut pending = vec![message(0), json!({"messageType": "newKind", "UUID": id(1), "new": [1]})];
    pending.extend(strange.clone());
    pending.push(message(2));
    let server = InboxServer::start(pending).await;
    let mut inbox = server.inbox();
    let taken = take(&mut inbox, 9).await;

    assert_eq!(taken[1].message_type, Some(MessageType::Other("newKind".into())));
    assert_eq!((taken[1].extra["new"].clone(), &taken[1].undecodable), (json!([1]), &None));
    assert_eq!(numbers(&[taken.into_iter().next_back().unwrap()]), [2]);

    // Each is delivered once in a stream, and again in the next stream.
    server.state().pending.push(message(3));
    assert_eq!(numbers(&take(&mut inbox, 1).await), [3]);
    let taken = take(&mut server.inbox(), 10).await;
    let undecodable: Vec<_> = taken.iter().filter_map(|message| message.undecodable.clone()).collect();
    assert_eq!(undecodable, strange);
    let odd = &taken[6];
    assert_eq!((odd.id.clone(), odd.message_type.clone()), (Some(id(9).into()), Some(MessageType::Chat)));
    assert_eq!(odd.content.as_ref().and_then(|content| content.text()), Some("odd"));
    assert_eq!(Value::Object(odd.extra.clone().into()), json!({"sender": 5, "timestamp": [], "more": "kept"}));
    odd.ack().await.unwrap();
    taken[7].ack().await.unwrap();
    assert_eq!(
        server.state().deletes,
        [[id(9)], ["17".to_owned()]],
        "the inbox is dropped, so each is deleted at once"
    );
}

#[tokio::test]
async fn delivers_messages_beside_invalid_json() {
    let good = message(0);
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    let list = format!(r#"{{"messages": [{good}, {{"a": 1e999}}, "\ud800", {deep}, "ok"]}}"#);
    let body = format!(r#"{{"result": {list}, "status": 0, "message": "success"}}"#).replace("ok", "\u{1}");
    let mut body = body.into_bytes();
    // A byte that is never part of UTF-8.
    *body.iter_mut().find(|byte| **byte == 1).unwrap() = 0xff;
    let head = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", body.len());
    let server = InboxServer::start([]).await;
    server.state().poll_failures = vec![[head.as_bytes(), &body].concat()];
    let taken = take(&mut server.inbox(), 5).await;
    assert_eq!(numbers(&[taken.into_iter().next().unwrap()]), [0]);
}

#[tokio::test]
async fn a_failed_deletion_is_retried_later() {
    for failure in [json_response(500, ""), Vec::new(), json_response(200, r#"{"status": 16, "message": "no"}"#)] {
        let server = InboxServer::start(messages(0..20)).await;
        server.state().delete_failure = Some(failure);
        let mut inbox = server.inbox();
        let taken = take(&mut inbox, 20).await;
        let mut failures = Vec::new();
        for (number, message) in taken.iter().enumerate() {
            failures.extend(message.ack().await.err().map(|_| number));
        }
        assert_eq!(failures, [9, 19], "each tenth acknowledgement tries to delete");

        // New messages are still delivered, after the error.
        server.state().pending.push(message(20));
        let failed = inbox.next().await.unwrap().expect_err("not deleted");
        assert_eq!(failed.operation(), Some("message_delete"));
        assert_eq!(numbers(&take(&mut inbox, 1).await), [20]);
        assert_eq!(server.state().pending.len(), 21);
        inbox.flush().await.expect_err("still not deleted");

        server.state().delete_failure = None;
        inbox.close().await.unwrap();
        assert_eq!(server.state().pending, [message(20)]);
    }
}

#[tokio::test]
async fn compares_ids_without_case_and_hyphens() {
    let with_id = |id: &str| json!({"UUID": id, "message": {"text": "1"}});
    let (long, short) = ("ABC2FA75-2C3C-4EDF-97DE-8B0A12F622F0", "abc2fa752c3c4edf97de8b0a12f622f0");
    let server = InboxServer::start([with_id(long)]).await;
    let mut inbox = server.inbox();
    let first = take(&mut inbox, 1).await;
    server.state().pending = vec![with_id(short), message(2)];
    assert_eq!(numbers(&take(&mut inbox, 1).await), [2]);
    first[0].ack().await.unwrap();
    inbox.close().await.unwrap();
    assert_eq!(server.state().deletes, [[long]]);
    assert_eq!(server.state().pending, [message(2)]);
}

#[tokio::test]
async fn a_deleted_id_can_be_delivered_again() {
    let server = InboxServer::start([message(1)]).await;
    server.state().on_empty_poll = messages(1..3);
    let mut inbox = server.inbox();
    for expected in [1, 2, 1] {
        let taken = take(&mut inbox, 1).await;
        assert_eq!(numbers(&taken), [expected]);
        taken[0].ack().await.unwrap();
    }
}

#[tokio::test]
async fn deletes_a_shared_id_when_all_its_messages_are_acknowledged() {
    let server = InboxServer::start([message(1), message(1)]).await;
    let mut inbox = server.inbox();
    let taken = take(&mut inbox, 2).await;
    taken[0].ack().await.unwrap();
    inbox.flush().await.unwrap();
    assert!(server.state().deletes.is_empty());

    // A third message with the id arrives while the deletion of the first two fails.
    taken[1].ack().await.unwrap();
    server.state().delete_failure = Some(json_response(500, ""));
    server.state().pending.push(message(1));
    let third = take(&mut inbox, 1).await;
    server.state().delete_failure = None;
    server.state().deletes.clear();
    inbox.flush().await.unwrap();
    assert!(server.state().deletes.is_empty(), "the deletion would include the third");
    third[0].ack().await.unwrap();
    inbox.close().await.unwrap();
    assert_eq!(server.state().deletes, [[id(1)]]);
}

#[tokio::test]
async fn a_message_without_an_id_is_delivered_once_and_not_deleted() {
    let nameless = [json!({"messageType": "a"}), json!({"messageType": "a"}), json!({"messageType": "b", "UUID": ""})];
    let server = InboxServer::start(nameless).await;
    let mut inbox = server.inbox();
    for message in take(&mut inbox, 3).await {
        message.ack().await.unwrap();
    }
    server.state().pending.push(message(1));
    assert_eq!(numbers(&take(&mut inbox, 1).await), [1]);
    inbox.close().await.unwrap();
    assert!(server.state().deletes.is_empty());
    assert_eq!(take(&mut server.inbox(), 4).await.len(), 4);
}

#[tokio::test]
async fn dropped_futures_lose_no_message() {
    let server = InboxServer::start(messages(0..10)).await;
    let mut inbox = server.inbox();
    while inbox.next().now_or_never().is_none() {
        tokio::task::yield_now().await;
    }
    let taken = take(&mut inbox, 9).await;
    assert_eq!(numbers(&taken), (1..10).collect::<Vec<_>>());
    for message in &taken {
        message.ack().await.unwrap();
    }
    // The deletion has started, and its future is dropped.
    server.state().pending.push(message(10));
    assert!(inbox.next().now_or_never().is_none());
    inbox.close().await.unwrap();
    assert_eq!(server.state().pending, [message(0), message(10)]);
}

#[test]
fn inbox_and_futures_are_send() {
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
