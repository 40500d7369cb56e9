//! [`AckTracker`]: which messages an inbox received, which are acknowledged, and which cannot be deleted.
//!
//! Depends on `message` for the requests, and on `received` and `wake`. Begin reading at [`AckTracker::receive`],
//! [`AckTracker::acknowledge`] and [`AckTracker::flush`], in the order in which a message passes them.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kandy_sys::Status;

#[cfg(feature = "push")]
use super::received::Receipt;
use super::{received::ReceivedMessages, wake::Wake};
use crate::{
    Device, Error, MessageId, PendingMessage, Result,
    message::{Deletion, MESSAGES_PER_REQUEST, Shown, Split, check_id, delete_acknowledged},
    pipeline::{CallContext, trace},
};

/// The received and acknowledged messages of an inbox. Shared by the inbox and its messages.
pub(super) struct AckTracker {
    device: Device,
    state: Mutex<AckState>,
    wake: Arc<Wake>,
}

#[derive(Default)]
struct AckState {
    received: ReceivedMessages,
    /// Whether a message was acknowledged since the last deletion began.
    unflushed: bool,
    /// Acknowledged ids that are not deleted yet, without those in a request.
    waiting: VecDeque<MessageId>,
    /// Whether the inbox is closed or dropped.
    closed: bool,
    /// Acknowledged ids that cannot be deleted. An error waits here for the next poll where the message may be gone
    /// already.
    undeletable: HashMap<MessageId, Option<Error>>,
    /// Errors of messages that cannot be deleted, until the stream yields them.
    reports: Vec<(MessageId, Error)>,
    /// The messages of the last deletion of which the service refused all, also alone. Empty once it deleted any.
    refused_alone: HashSet<MessageId>,
    /// The poll after which the service refused a whole request with "not found".
    not_found_at: Option<u64>,
    /// The status of the last refusal of a whole deletion that the stream yielded; `Some(None)` for one without a
    /// status.
    yielded: Option<Option<Status>>,
}

impl AckState {
    /// Removes the acknowledged ids that can be deleted now.
    fn take_waiting(&mut self) -> Vec<MessageId> {
        let is_uncounted = |id: &MessageId| self.received.is_uncounted(id);
        let (later, now): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting).into_iter().partition(is_uncounted);
        self.waiting = later.into();
        now
    }
}

impl AckTracker {
    pub(super) fn new(device: Device, wake: Arc<Wake>, has_push: bool) -> Self {
        let received = ReceivedMessages::new(has_push);
        Self { device, state: Mutex::new(AckState { received, ..AckState::default() }), wake }
    }

    /// Returns the locked state. Ignores poisoning, so that a panic of one task does not fail all later
    /// acknowledgements.
    fn state(&self) -> MutexGuard<'_, AckState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a poll begins.
    pub(super) fn begin_poll(&self) {
        self.state().received.begin_poll();
    }

    /// Records a pushed message.
    #[cfg(feature = "push")]
    pub(super) fn receive_pushed(&self, message: &PendingMessage) -> Receipt {
        self.state().received.push(message)
    }

    /// Whether a message was acknowledged since the last deletion began.
    #[cfg(feature = "push")]
    pub(super) fn is_unflushed(&self) -> bool {
        self.state().unflushed
    }

    /// Records the messages of a poll, and returns the new ones.
    pub(super) fn receive(&self, messages: Vec<PendingMessage>) -> Vec<PendingMessage> {
        let mut state = self.state();
        let state = &mut *state;
        let new_messages = state.received.poll(messages);
        // Likewise, an undeletable message that is no longer listed was gone: its error is dropped.
        for (id, mut report) in std::mem::take(&mut state.undeletable) {
            if state.received.contains(&id) {
                state.reports.extend(report.take().map(|error| (id.clone(), error)));
                state.undeletable.insert(id, None);
            }
        }
        // A deletion would also delete the new messages of the same id, which are not acknowledged.
        let mut waiting = std::mem::take(&mut state.waiting);
        waiting.retain(|id| state.received.are_acknowledged(id));
        state.waiting = waiting;
        new_messages
    }

    /// Records an acknowledgement, and returns whether to send a deletion now.
    pub(super) fn acknowledge(&self, id: &MessageId) -> bool {
        let mut state = self.state();
        let state = &mut *state;
        state.received.acknowledge(id);
        if state.received.are_acknowledged(id) && !state.undeletable.contains_key(id) {
            state.waiting.push_back(id.clone());
            state.unflushed = true;
            self.wake.acknowledged();
        }
        // At each multiple of ten, not at ten or more: otherwise each acknowledgement would send a request while
        // deleting fails. While none waits a deletion sends nothing.
        state.closed || state.waiting.len().is_multiple_of(MESSAGES_PER_REQUEST)
    }

    /// Makes each later acknowledgement send its deletion at once, because no stream does it any more.
    pub(super) fn close(&self) {
        self.state().closed = true;
    }

    /// Deletes the acknowledged messages. What is not deleted waits for the next call, except a message that the
    /// service refuses to delete while it deletes others: that one is not tried again, and reported once.
    pub(super) async fn flush(&self) -> Result<()> {
        let in_flight = InFlightIds::all(self);
        let mut messages = in_flight.ids();
        messages.retain(|id| match check_id(id, Shown(id), UNDELETABLE) {
            Ok(()) => true,
            Err(error) => {
                in_flight.remove(std::slice::from_ref(id));
                trace::undeletable(id, &error);
                self.state().mark_undeletable(id.clone(), error);
                false
            }
        });
        if messages.is_empty() {
            return Ok(());
        }
        // `in_flight` returns to `waiting` what `on_deleted` does not remove, also if this future is dropped between
        // requests.
        let (remaining, split) = (in_flight.remaining.clone(), self.state().split(&messages));
        let call = CallContext::new(&self.device.client);
        let on_deleted = move |ids: &[MessageId]| remove(&remaining, ids);
        let deletion = delete_acknowledged(&call, &self.device.id, &messages, split, &on_deleted).await?;
        let mut state = self.state();
        for (id, error) in deletion.refused.iter().cloned() {
            in_flight.remove(std::slice::from_ref(&id));
            state.mark_undeletable(id, error);
        }
        state.learn(&deletion, split, &messages);
        match deletion.failed {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// Deletes the acknowledged messages. If the inbox is closed, so that no stream yields the reports, returns the
    /// first of them as the error.
    pub(super) async fn flush_and_report(&self) -> Result<()> {
        self.flush().await?;
        let is_closed = self.state().closed;
        match is_closed {
            true => self.take_reports().into_iter().next().map_or(Ok(()), |(_, error)| Err(error)),
            false => Ok(()),
        }
    }

    /// Returns the errors of undeletable messages since the last call.
    pub(super) fn take_reports(&self) -> Vec<(MessageId, Error)> {
        std::mem::take(&mut self.state().reports)
    }

    /// Whether the stream has yielded this failure to delete before. Records that it has, otherwise.
    pub(super) fn is_known(&self, error: &Error) -> bool {
        let mut state = self.state();
        let status = error.may_concern_an_item().then(|| error.status());
        std::mem::replace(&mut state.yielded, status).is_some_and(|before| Some(before) == status)
    }
}

impl AckState {
    /// Returns when a refused request of a deletion of these messages is split.
    fn split(&self, messages: &[MessageId]) -> Split {
        // Splitting cannot help if each was refused alone. If there are others, one that was refused must not block
        // them; but if the service refuses everything, the requests must not grow with the messages that wait. Of more
        // than one request, one that succeeds shows that the refusals are about messages.
        let is_useless = messages.len() > MESSAGES_PER_REQUEST && !self.refused_alone.is_empty()
            || messages.iter().all(|id| self.refused_alone.contains(id));
        match self.not_found_at {
            _ if is_useless => Split::Never,
            // A later poll of the device succeeded, so the device exists and "not found" was about messages.
            Some(poll) if self.received.polls() > poll => Split::Always,
            _ => Split::UnlessNotFound,
        }
    }

    /// Records what the outcome of a deletion of these messages tells about later ones.
    fn learn(&mut self, deletion: &Deletion, split: Split, messages: &[MessageId]) {
        if deletion.any {
            self.refused_alone.clear();
            (self.not_found_at, self.yielded) = (None, None);
        }
        // Such an error means that the service deleted none of them.
        let Some(error) = deletion.failed.as_ref().filter(|error| error.may_concern_an_item()) else { return };
        match split == Split::UnlessNotFound && error.is_not_found() {
            true => self.not_found_at = self.not_found_at.or(Some(self.received.polls())),
            false => self.refused_alone = messages.iter().cloned().collect(),
        }
    }

    /// Records that a message cannot be deleted: it is not tried again.
    fn mark_undeletable(&mut self, id: MessageId, error: Error) {
        if self.undeletable.contains_key(&id) {
            return;
        }
        // "Not found" may mean that the message is gone, which the next poll shows.
        let may_be_gone = error.is_not_found().then(|| error.clone());
        if may_be_gone.is_none() {
            self.reports.push((id.clone(), error));
        }
        self.undeletable.insert(id, may_be_gone);
    }
}

/// The consequence for a message that cannot be deleted, for its error.
const UNDELETABLE: &str = "the message stays with the service, and the next stream yields it again";

/// The ids of a deletion. Dropping it returns those that were not deleted to `waiting`, also if the future of the
/// deletion is dropped.
struct InFlightIds<'a> {
    tracker: &'a AckTracker,
    remaining: Arc<Mutex<Vec<MessageId>>>,
}

impl<'a> InFlightIds<'a> {
    fn all(tracker: &'a AckTracker) -> Self {
        let mut state = tracker.state();
        state.unflushed = false;
        let ids = state.take_waiting();
        drop(state);
        Self { tracker, remaining: Arc::new(Mutex::new(ids)) }
    }

    fn ids(&self) -> Vec<MessageId> {
        self.remaining.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remove(&self, ids: &[MessageId]) {
        remove(&self.remaining, ids);
    }
}

fn remove(remaining: &Mutex<Vec<MessageId>>, ids: &[MessageId]) {
    remaining.lock().unwrap_or_else(PoisonError::into_inner).retain(|id| !ids.contains(id));
}

impl Drop for InFlightIds<'_> {
    fn drop(&mut self) {
        let ids = std::mem::take(&mut *self.remaining.lock().unwrap_or_else(PoisonError::into_inner));
        let mut state = self.tracker.state();
        for id in ids {
            if state.received.are_acknowledged(&id) {
                state.waiting.push_back(id);
            }
        }
    }
}
