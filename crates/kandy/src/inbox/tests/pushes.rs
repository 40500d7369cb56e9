//! An inbox with push: each message once, by whichever way it arrives first, and none deleted too early.

use std::time::Duration;

use serde_json::{Value, json};

use super::service::{Peer, Service, ack, chat, idle, ids, items, message, messages, next, take, text, texts};
use crate::testing::Reply;

const MOMENT: Duration = Duration::from_millis(1);

/// How a message arrives.
#[derive(Clone, Copy, Debug)]
enum Arrives {
    Pushed,
    Listed,
}

#[tokio::test(start_paused = true)]
async fn a_message_is_yielded_once_in_whatever_ways_and_order_it_arrives() {
    use Arrives::{Listed, Pushed};
    let nameless = json!({"messageType": "chat", "message": {"mimeType": "text/plain", "text": "1"}});
    let spelled = (chat("AB-c", "1"), chat("abc", "1"));
    for (pushed, listed) in
        [(message(1), message(1)), spelled.clone(), (spelled.1, spelled.0), (nameless.clone(), nameless)]
    {
        for arrivals in [
            vec![Pushed],
            vec![Pushed, Pushed],
            vec![Pushed, Listed],
            vec![Pushed, Listed, Listed, Pushed],
            vec![Listed, Pushed],
            vec![Listed, Pushed, Pushed, Listed],
        ] {
            // At once, or each after the inbox became idle.
            for is_slow in [false, true] {
                let service = Service::new([]);
                let (mut inbox, peer) = Peer::connected(&service).await;
                service.state().pending.push(listed.clone());
                let (mut taken, mut failed) = (Vec::new(), Vec::new());
                for arrival in &arrivals {
                    match arrival {
                        Pushed => peer.push(&pushed),
                        Listed => peer.announce(),
                    }
                    if is_slow {
                        let (messages, errors) = items(&mut inbox, MOMENT).await;
                        taken.extend(messages);
                        failed.extend(errors);
                    }
                }
                let (messages, errors) = items(&mut inbox, Duration::from_secs(1000)).await;
                taken.extend(messages);
                assert_eq!((texts(&taken), errors, failed), (vec!["1".to_owned()], vec![], vec![]), "{arrivals:?}");
                assert!(service.take_deletes().is_empty());
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_push_that_is_late_yields_nothing_and_neither_does_the_list() {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::connected(&service).await;
    for is_listed in [true, false] {
        service.state().pending.push(message(1));
        peer.announce();
        next(&mut inbox).await.ack().await.expect("acknowledged");
        idle(&mut inbox, MOMENT).await;
        assert!(service.pending().is_empty(), "it is deleted");
        if is_listed {
            peer.push(&message(1));
            idle(&mut inbox, MOMENT).await;
        }
        peer.announce();
        idle(&mut inbox, MOMENT).await;
        peer.push(&message(1));
        idle(&mut inbox, MOMENT).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_a_poll_missed_and_that_is_pushed_meanwhile_is_yielded_once() {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::connected(&service).await;
    service.state().delay = Duration::from_millis(100);
    peer.announce();
    idle(&mut inbox, MOMENT).await;
    // The list is on its way, without the message.
    service.state().pending.push(message(1));
    peer.push(&message(1));
    assert_eq!(text(&next(&mut inbox).await), "1");
    for _ in 0..3 {
        idle(&mut inbox, Duration::from_millis(200)).await;
        peer.announce();
    }
    idle(&mut inbox, Duration::from_secs(1000)).await;
}

#[tokio::test(start_paused = true)]
async fn a_message_with_the_id_of_another_is_not_deleted_with_it() {
    // The first is acknowledged before the second arrives, between its arrival and the poll that counts it, or after.
    for acknowledged in ["early", "between", "late"] {
        for id in ["m1", "M-1"] {
            let service = Service::new([]);
            let (mut inbox, peer) = Peer::connected(&service).await;
            let second = chat(id, "2");
            service.state().pending.push(message(1));
            peer.push(&message(1));
            let first = next(&mut inbox).await;
            service.state().delay = Duration::from_millis(100);
            service.state().pending.push(second.clone());
            peer.push(&second);
            if acknowledged == "early" {
                first.ack().await.expect("acknowledged");
            }
            if acknowledged == "between" {
                idle(&mut inbox, MOMENT).await;
                first.ack().await.expect("acknowledged");
            }
            let second = next(&mut inbox).await;
            assert_eq!(text(&second), "2");
            if acknowledged == "late" {
                first.ack().await.expect("acknowledged");
            }
            idle(&mut inbox, Duration::from_secs(1000)).await;
            assert!(service.take_deletes().is_empty(), "{acknowledged}: a deletion deletes both");
            second.ack().await.expect("acknowledged");
            idle(&mut inbox, Duration::from_secs(1)).await;
            assert_eq!(service.take_deletes().len(), 1, "{acknowledged}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_push_is_repeated_is_deleted_after_the_poll_that_counts_it() {
    let service = Service::new([message(1)]);
    let (mut inbox, taken, peer) = Peer::connected_with(&service, 1).await;
    for _ in 0..2 {
        peer.push(&message(1));
    }
    service.state().delay = Duration::from_millis(100);
    idle(&mut inbox, MOMENT).await;
    ack(&taken).await;
    inbox.flush().await.expect("nothing to delete yet");
    assert!(service.take_deletes().is_empty());
    idle(&mut inbox, Duration::from_secs(1)).await;
    assert_eq!(service.take_deletes(), [ids([1])]);
    assert!(service.pending().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_pushed_is_deleted_only_after_it_was_acknowledged_and_ten_at_a_time() {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::connected(&service).await;
    let polls = service.state().polls.len();
    for number in 0..25 {
        service.state().pending.push(message(number));
        peer.push(&message(number));
    }
    let taken = take(&mut inbox, 25).await;
    idle(&mut inbox, MOMENT).await;
    assert!(service.state().deletes.is_empty());
    ack(&taken).await;
    assert_eq!(service.take_deletes(), [ids(0..10), ids(10..20)]);
    // An inbox that is idle does not wait for the next poll.
    let now = service.now();
    idle(&mut inbox, MOMENT).await;
    assert_eq!(service.state().deletes, [(now, ids(20..25))]);
    assert_eq!(service.state().polls.len(), polls);
    assert!(service.pending().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_acknowledgement_of_another_task_is_deleted_while_next_waits() {
    let service = Service::new([message(1)]);
    let (mut inbox, mut taken, peer) = Peer::connected_with(&service, 1).await;
    let first = taken.remove(0);
    idle(&mut inbox, Duration::from_secs(1)).await;
    let waiting = tokio::spawn(async move { text(&next(&mut inbox).await) });
    tokio::time::advance(Duration::from_secs(10)).await;
    let now = service.now();
    tokio::spawn(async move { first.ack().await.expect("acknowledged") }).await.expect("no panic");
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(service.state().deletes, [(now, ids([1]))]);
    peer.push(&message(2));
    assert_eq!(waiting.await.expect("no panic"), "2");
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_fails_is_not_repeated_at_once() {
    let service = Service::new([message(1)]);
    let (mut inbox, taken, peer) = Peer::connected_with(&service, 1).await;
    // The poll that finds nothing more.
    idle(&mut inbox, Duration::from_secs(1)).await;
    service.refuse(|_| Some(Reply::http(503)));
    ack(&taken).await;
    idle(&mut inbox, Duration::from_secs(20)).await;
    assert_eq!(service.take_deletes(), [ids([1])], "one attempt");
    // The next acknowledgement tries both.
    service.accept();
    peer.push(&message(2));
    next(&mut inbox).await.ack().await.expect("acknowledged");
    idle(&mut inbox, MOMENT).await;
    assert_eq!(service.take_deletes(), [ids(1..3)]);
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_pushes_does_not_keep_the_inbox_from_deleting() {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::connected(&service).await;
    let pushed: Vec<Value> = messages(0..500);
    for message in &pushed {
        peer.push(message);
    }
    service.state().pending = pushed;
    for number in 0..500 {
        let message = next(&mut inbox).await;
        assert_eq!(text(&message), number.to_string());
        message.ack().await.expect("acknowledged");
    }
    idle(&mut inbox, MOMENT).await;
    assert!(service.pending().is_empty());
}
