//! [`ReceivedMessages`]: which messages an inbox has received, by polls and by pushes, and which of them are
//! acknowledged. Depends on `message`. Begin reading at [`ReceivedMessages::poll`] and [`ReceivedMessages::push`].

use std::collections::{HashMap, HashSet, VecDeque};

use crate::{MessageId, PendingMessage};

/// The messages that the last poll listed, and those that were pushed since it began.
#[derive(Debug, Default)]
pub(super) struct ReceivedMessages {
    known: HashMap<Key, Known>,
    /// The number of polls that began, and of those that succeeded.
    begun: u64,
    polls: u64,
    /// Whether messages may be pushed.
    has_push: bool,
    /// The messages that were known last, of an inbox with push.
    gone: RecentKeys,
}

/// What a pushed message is.
#[cfg(feature = "push")]
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Receipt {
    New,
    /// A poll was faster than its push.
    Polled,
    /// It was pushed again, or is another message with the same id: only a poll, which counts them, can tell.
    Repeated,
}

/// The identity of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Id(MessageId),
    /// A message without an id is identified by its debug output.
    Content(String),
}

/// The messages of one key. There may be several, because senders generate the ids.
#[derive(Debug, Default)]
struct Known {
    /// The number of yielded messages.
    received: usize,
    /// The number of acknowledged ones.
    acknowledged: usize,
    /// The number that the last poll listed.
    listed: usize,
    /// The last poll that listed any.
    poll: u64,
    /// The number of pushes.
    #[cfg(feature = "push")]
    pushed: usize,
    /// The number of the poll that had begun last when the message was pushed. That poll may miss the message; the next
    /// one does not.
    pushed_after: Option<u64>,
    /// Whether it was pushed again: a poll that begins after that has to tell whether there is another message with the
    /// same id, which a deletion would delete, too.
    is_uncounted: bool,
}

impl Key {
    fn of(message: &PendingMessage) -> Self {
        match &message.id {
            Some(id) => Self::Id(id.clone()),
            None => Self::Content(format!("{message:?}")),
        }
    }
}

/// The keys of messages that were known last, up to [`RECENT`](Self::RECENT).
#[derive(Debug, Default)]
struct RecentKeys {
    order: VecDeque<Key>,
    keys: HashSet<Key>,
}

impl RecentKeys {
    /// More than a channel and its buffers hold back.
    const RECENT: usize = 4096;

    fn add(&mut self, key: Key) {
        if !self.keys.insert(key.clone()) {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > Self::RECENT
            && let Some(oldest) = self.order.pop_front()
        {
            self.keys.remove(&oldest);
        }
    }
}

impl ReceivedMessages {
    pub(super) fn new(has_push: bool) -> Self {
        Self { has_push, ..Self::default() }
    }

    /// Returns the number of polls that succeeded.
    pub(super) fn polls(&self) -> u64 {
        self.polls
    }

    /// Records that a poll begins.
    pub(super) fn begin_poll(&mut self) {
        self.begun += 1;
    }

    /// Records the messages of a poll, and returns the new ones.
    pub(super) fn poll(&mut self, messages: Vec<PendingMessage>) -> Vec<PendingMessage> {
        self.polls += 1;
        let poll = self.polls;
        let mut new_messages = Vec::new();
        for message in messages {
            let known = self.known.entry(Key::of(&message)).or_default();
            known.listed = if known.poll == poll { known.listed + 1 } else { 1 };
            known.poll = poll;
            // Messages of one id cannot be told apart, so a new one shows only in their number.
            if known.listed > known.received {
                known.received = known.listed;
                new_messages.push(message);
            }
        }
        // A message that the service no longer lists is deleted and not listed again. Forgetting it bounds the memory
        // of a long-lived inbox by what is pending.
        let (begun, has_push, gone) = (self.begun, self.has_push, &mut self.gone);
        self.known.retain(|key, known| {
            // Pushed while this poll was running, which may have missed it.
            let was_pushed = known.pushed_after.is_some_and(|after| after >= begun);
            known.is_uncounted &= was_pushed;
            let is_kept = known.poll == poll || was_pushed;
            if !is_kept && has_push {
                gone.add(key.clone());
            }
            is_kept
        });
        new_messages
    }

    /// Records a pushed message.
    #[cfg(feature = "push")]
    pub(super) fn push(&mut self, message: &PendingMessage) -> Receipt {
        let key = Key::of(message);
        // A push may be late: after the message was polled, acknowledged, deleted, and is no longer listed.
        if self.gone.keys.contains(&key) {
            return Receipt::Repeated;
        }
        let known = self.known.entry(key).or_default();
        known.pushed += 1;
        if known.received == 0 {
            (known.received, known.pushed_after) = (1, Some(self.begun));
            return Receipt::New;
        }
        if known.pushed <= known.received {
            return Receipt::Polled;
        }
        (known.pushed_after, known.is_uncounted) = (Some(self.begun), true);
        Receipt::Repeated
    }

    /// Records the acknowledgement of one message of this id.
    pub(super) fn acknowledge(&mut self, id: &MessageId) {
        if let Some(known) = self.known.get_mut(&Key::Id(id.clone())) {
            known.acknowledged += 1;
        }
    }

    /// Whether every received message of this id is acknowledged. The service deletes all messages of an id at once.
    pub(super) fn are_acknowledged(&self, id: &MessageId) -> bool {
        self.of_id(id).is_none_or(|known| known.acknowledged >= known.received)
    }

    /// Whether a poll has to tell how many messages have this id, before they may be deleted.
    pub(super) fn is_uncounted(&self, id: &MessageId) -> bool {
        self.of_id(id).is_some_and(|known| known.is_uncounted)
    }

    /// Whether a message of this id is pending.
    pub(super) fn contains(&self, id: &MessageId) -> bool {
        self.of_id(id).is_some()
    }

    fn of_id(&self, id: &MessageId) -> Option<&Known> {
        self.known.get(&Key::Id(id.clone()))
    }
}

#[cfg(test)]
mod tests;
