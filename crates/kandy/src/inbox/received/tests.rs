//! What is remembered of messages, and for how long.

use serde_json::json;

use super::{Receipt, ReceivedMessages, RecentKeys};
use crate::PendingMessage;

impl ReceivedMessages {
    /// Returns how many messages are remembered.
    pub(in crate::inbox) fn remembered(&self) -> usize {
        self.known.len() + self.gone.keys.len().max(self.gone.order.len())
    }
}

fn message(id: usize) -> PendingMessage {
    PendingMessage::from_json(&json!({"UUID": format!("m{id}"), "messageType": "chat"}).to_string())
}

/// A poll that lists these messages. Returns the number of new ones.
fn poll(received: &mut ReceivedMessages, ids: impl IntoIterator<Item = usize>) -> usize {
    received.begin_poll();
    received.poll(ids.into_iter().map(message).collect()).len()
}

#[test]
fn a_push_that_follows_its_poll_is_nothing_new_and_needs_no_other_poll() {
    let mut received = ReceivedMessages::new(true);
    for round in 0..3 {
        assert_eq!(poll(&mut received, [1, 2]), if round == 0 { 2 } else { 0 });
    }
    assert_eq!([received.push(&message(1)), received.push(&message(2))], [Receipt::Polled, Receipt::Polled]);
    // One push for each message; with another one there may be another message of the id.
    assert_eq!(received.push(&message(1)), Receipt::Repeated);
    assert!(received.is_uncounted(&"m1".into()) && !received.is_uncounted(&"m2".into()));
    // The poll that begins after it counts.
    received.begin_poll();
    assert_eq!(received.push(&message(2)), Receipt::Repeated);
    received.poll([1, 2].map(message).into());
    assert!(!received.is_uncounted(&"m1".into()) && received.is_uncounted(&"m2".into()));
    assert_eq!(poll(&mut received, [1, 2]), 0);
    assert!(!received.is_uncounted(&"m2".into()));
}

#[test]
fn a_message_that_was_pushed_once_may_be_deleted_at_once() {
    let mut received = ReceivedMessages::new(true);
    poll(&mut received, []);
    assert_eq!(received.push(&message(1)), Receipt::New);
    assert!(!received.is_uncounted(&"m1".into()));
    // Also while and after a poll runs that may have missed it.
    received.begin_poll();
    assert_eq!(received.push(&message(2)), Receipt::New);
    received.poll(vec![]);
    assert!(!received.is_uncounted(&"m2".into()) && received.contains(&"m2".into()));
}

#[test]
fn late_pushes_of_the_last_4096_deleted_messages_are_recognised() {
    const RECENT: usize = RecentKeys::RECENT;
    for count in [1, RECENT - 1, RECENT, RECENT + 1, RECENT + 10] {
        let mut received = ReceivedMessages::new(true);
        for id in 0..count {
            // One by one, so that their order is known.
            assert_eq!(poll(&mut received, [id]), 1);
        }
        poll(&mut received, []);
        let forgotten = count.saturating_sub(RECENT);
        assert_eq!(received.remembered(), count - forgotten, "{count}");
        for (id, receipt) in [(forgotten, Receipt::Repeated), (count - 1, Receipt::Repeated), (count, Receipt::New)] {
            assert_eq!(received.push(&message(id)), receipt, "{id} of {count}");
        }
        if let Some(last_forgotten) = forgotten.checked_sub(1) {
            assert_eq!(received.push(&message(last_forgotten)), Receipt::New);
        }
    }
}

#[test]
fn a_message_that_comes_and_goes_is_remembered_once() {
    let mut received = ReceivedMessages::new(true);
    for _ in 0..3 {
        assert_eq!(poll(&mut received, [1]), 1);
        poll(&mut received, []);
        assert_eq!(received.remembered(), 1);
    }
}

#[test]
fn without_push_only_what_is_pending_is_remembered() {
    let mut received = ReceivedMessages::new(false);
    for round in 0..100 {
        assert_eq!(poll(&mut received, round..round + 2), if round == 0 { 2 } else { 1 });
        assert_eq!(received.remembered(), 2);
    }
    poll(&mut received, []);
    assert_eq!(received.remembered(), 0);
}
