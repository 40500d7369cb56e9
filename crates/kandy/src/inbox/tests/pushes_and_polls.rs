//! When an inbox with push polls: at each connection, when it is told to, as a precaution, and while there is no channel.

use std::time::Duration;

use kandy_sys::Status;

use super::service::{Peer, Service, ack, failure, idle, ids, items, message, next, take, text, texts};
use crate::{ChannelEvent, ChannelState, testing::Reply};

const SECOND: Duration = Duration::from_secs(1);

fn connected() -> ChannelEvent {
    ChannelEvent::State(ChannelState::Connected)
}

#[tokio::test(start_paused = true)]
async fn an_announcement_fetches_at_once() {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::connected(&service).await;
    for number in 0..5 {
        tokio::time::advance(Duration::from_millis(70)).await;
        let (now, polls) = (service.now(), service.state().polls.len());
        service.state().pending.push(message(number));
        peer.announce();
        assert_eq!(text(&next(&mut inbox).await), number.to_string());
        assert_eq!(service.state().polls[polls..], [now]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_pending_before_the_connection_comes_before_what_is_pushed() {
    // The connection is there before the first poll, or during it, or is a later one.
    for connects in ["before", "during", "again"] {
        let service = Service::new([message(1)]);
        service.state().delay = Duration::from_millis(100);
        let (mut inbox, peer) = Peer::of(&service, |inbox| inbox);
        if connects == "again" {
            peer.send(connected());
            assert_eq!(text(&next(&mut inbox).await), "1");
            idle(&mut inbox, SECOND).await;
            peer.lose(SECOND);
            service.state().pending = vec![message(0), message(1)];
        }
        if connects == "during" {
            idle(&mut inbox, Duration::from_millis(10)).await;
        }
        peer.send(connected());
        peer.push(&message(2));
        // It was sent before the channel was there, and not pushed.
        let expected = if connects == "again" { ["0", "2"] } else { ["1", "2"] };
        assert_eq!(texts(&take(&mut inbox, 2).await), expected, "{connects}");
        assert!(inbox.is_pushed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_not_pushed_is_found_after_the_push_interval() {
    for (seconds, configured) in [(300, None), (20, Some(20 * SECOND))] {
        let service = Service::new([]);
        let (mut inbox, peer) = Peer::of(&service, |inbox| match configured {
            Some(interval) => inbox.push_interval(interval),
            None => inbox,
        });
        peer.send(connected());
        idle(&mut inbox, SECOND).await;
        assert_eq!(service.state().polls.len(), 2, "at the beginning, and after the connection");
        service.state().pending.push(message(1));
        next(&mut inbox).await;
        // A list may be cut off: it goes on after the shortest interval, until there is nothing new.
        idle(&mut inbox, 2 * seconds * SECOND).await;
        let second = u128::from(seconds) * 1000;
        let expected = [0, 0, second, second + 500, 2 * second + 500];
        assert_eq!(service.state().polls[..5], expected);
    }
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_do_not_put_the_precaution_off() {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::connected(&service).await;
    // Not pushed.
    service.state().pending.push(message(0));
    for number in 1..4 {
        idle(&mut inbox, 80 * SECOND).await;
        peer.push(&message(number));
        let now = service.now();
        ack(&[next(&mut inbox).await]).await;
        idle(&mut inbox, SECOND).await;
        assert_eq!(service.state().deletes.last(), Some(&(now, ids([number]))));
    }
    assert_eq!(text(&next(&mut inbox).await), "0");
    assert_eq!(service.state().polls, [0, 0, 300_000]);
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_fails_is_tried_again_as_without_push() {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::connected(&service).await;
    let now = service.now();
    service.state().poll_replies = vec![Reply::http(502), Reply::http(500)];
    service.state().pending.push(message(1));
    peer.announce();
    let (taken, errors) = items(&mut inbox, 30 * SECOND).await;
    assert_eq!((texts(&taken), errors.len()), (vec!["1".to_owned()], 2));
    // The two before doubled the interval, and so do these; then one follows that finds nothing.
    assert_eq!(service.state().polls[2..], [0, 2_000, 6_000, 6_500].map(|time| now + time));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_flush_interrupts_is_made_again_at_once() {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::connected(&service).await;
    service.state().delay = 10 * SECOND;
    peer.announce();
    idle(&mut inbox, SECOND).await;
    service.state().pending.push(message(1));
    inbox.flush().await.expect("nothing to delete");
    let now = service.now();
    assert_eq!(text(&next(&mut inbox).await), "1");
    assert_eq!(service.state().polls[2..], [now - 1_000, now]);
}

/// Returns when an inbox polls for two minutes, from when its channel does this.
async fn polls_after(acts: impl FnOnce(Peer) -> Option<Peer>, was_connected: bool) -> Vec<u128> {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::of(&service, |inbox| inbox);
    if was_connected {
        peer.send(connected());
    }
    idle(&mut inbox, Duration::from_millis(1)).await;
    let peer = acts(peer);
    idle(&mut inbox, Duration::from_millis(1)).await;
    assert_eq!(inbox.is_pushed(), was_connected && peer.is_some() && service.state().polls.len() < 3);
    idle(&mut inbox, 120 * SECOND).await;
    service.state().polls.clone()
}

#[tokio::test(start_paused = true)]
async fn it_polls_as_without_push_while_there_is_no_channel() {
    let service = Service::new([]);
    idle(&mut service.inbox(), 120 * SECOND).await;
    let expected = service.state().polls.clone();
    assert_eq!(expected[..3], [0, 500, 1_500]);
    let fails = |peer: Peer| {
        peer.fail();
        None
    };
    let ends = |peer: Peer| {
        drop(peer);
        None
    };
    assert_eq!(polls_after(fails, false).await, expected);
    assert_eq!(polls_after(ends, false).await, expected);
    // After a connection the interval has doubled once already, because that fetched, too.
    let mut expected: Vec<u128> = expected.iter().map(|time| time.saturating_sub(500)).collect();
    expected.truncate(polls_after(fails, true).await.len());
    assert_eq!(polls_after(fails, true).await, expected);
    assert_eq!(polls_after(ends, true).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_lost_channel_makes_it_poll_only_if_it_cannot_be_opened_again_at_once() {
    for (retry_in, is_pushed) in [(Duration::ZERO, true), (Duration::from_nanos(1), false), (60 * SECOND, false)] {
        let service = Service::new([]);
        let (mut inbox, peer) = Peer::connected(&service).await;
        idle(&mut inbox, 10 * SECOND).await;
        peer.lose(retry_in);
        idle(&mut inbox, Duration::from_millis(1)).await;
        assert_eq!(inbox.is_pushed(), is_pushed, "{retry_in:?}");
        // Pushed messages of before are still yielded.
        peer.push(&message(1));
        assert_eq!(text(&next(&mut inbox).await), "1");
        idle(&mut inbox, 10 * SECOND).await;
        assert_eq!(service.state().polls.len() > 2, !is_pushed, "{retry_in:?} {:?}", service.state().polls);
        // And back.
        let polls = service.state().polls.len();
        peer.send(connected());
        idle(&mut inbox, 200 * SECOND).await;
        assert!(inbox.is_pushed());
        assert_eq!(service.state().polls.len(), polls + 1, "{:?}", service.state().polls);
    }
}

#[tokio::test(start_paused = true)]
async fn the_channel_ends_with_the_inbox() {
    for ends in ["refused", "closed", "dropped"] {
        let service = Service::new([]);
        let (mut inbox, peer) = Peer::connected(&service).await;
        assert!(inbox.is_pushed() && !peer.is_dropped());
        peer.push(&message(1));
        service.state().pending.push(message(1));
        let first = next(&mut inbox).await;
        match ends {
            "refused" => {
                service.state().poll_replies = vec![Reply::refusal(Status::DOES_NOT_EXIST, "no device")];
                peer.announce();
                failure(&mut inbox).await;
                assert!(inbox.next().await.is_none() && !inbox.is_pushed());
                drop(inbox);
            }
            "closed" => inbox.close().await.expect("nothing to delete"),
            _ => drop(inbox),
        }
        assert!(peer.is_dropped(), "{ends}");
        assert!(service.state().deletes.is_empty());
        first.ack().await.expect("deleted");
        assert_eq!(service.take_deletes(), [ids([1])]);
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_are_no_messages_change_nothing() {
    let service = Service::new([]);
    let (mut inbox, peer) = Peer::connected(&service).await;
    for frame in [
        r#"{"message_type": "new"}"#,
        r#"{"message_type": "notification", "message": {"kandyType": "incomingCall", "call_id": "1"}}"#,
        r#"{"message_type": "sessionData", "session_id": "1", "payload": 1}"#,
    ] {
        peer.send(ChannelEvent::from_frame(frame).expect("an event"));
    }
    idle(&mut inbox, SECOND).await;
    assert_eq!(service.state().polls.len(), 2);
    peer.push(&message(1));
    assert_eq!(text(&next(&mut inbox).await), "1");
}
