use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use kandy_sys::Status;

use crate::{
    Device, Error, MessageId, PendingMessage, Result,
    message::{DeleteAcknowledged, Deletion, MESSAGES_PER_REQUEST, Shown, Split, check_id},
    pipeline::{CallContext, send, trace},
};

/// What an inbox has received, and what of that is to be deleted. The inbox and its messages share it.
pub(super) struct AckTracker {
    device: Device,
    state: Mutex<AckState>,
}

#[derive(Default)]
struct AckState {
    /// What the service listed at the last look.
    known: HashMap<Key, Known>,
    /// How many looks there were.
    looks: u64,
    /// What is acknowledged and not deleted, without what is being deleted right now.
    waiting: VecDeque<MessageId>,
    /// Whether the inbox is gone.
    closed: bool,
    /// What is acknowledged and cannot be deleted. Where it may be gone, the report waits here for the next look.
    undeletable: HashMap<MessageId, Option<Error>>,
    /// The reports of messages that cannot be deleted, until the stream yields them.
    reports: Vec<(MessageId, Error)>,
    /// Whether the service refused every message, so that splitting a request again is of no use.
    all_refused: bool,
    /// At which look the service said of a whole request that something was not found.
    not_found_at: Option<u64>,
    /// The status of the refusal of all messages that the stream has yielded.
    yielded: Option<Option<Status>>,
}

/// What tells one message from another.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Id(MessageId),
    /// Without an id, all that it contains, written out.
    Content(String),
}

/// The messages of one key. There may be several, since ids are made up by those who send.
#[derive(Default)]
struct Known {
    /// How many were yielded.
    received: usize,
    /// How many of them were acknowledged.
    acknowledged: usize,
    /// How many the last look found, and which look that was.
    listed: usize,
    look: u64,
}

impl Key {
    fn of(message: &PendingMessage) -> Self {
        match &message.id {
            Some(id) => Self::Id(id.clone()),
            None => Self::Content(format!("{message:?}")),
        }
    }
}

impl AckState {
    /// Whether nobody is still dealing with a message of this id. The service deletes all at once.
    fn may_be_deleted(&self, id: &MessageId) -> bool {
        self.known.get(&Key::Id(id.clone())).is_none_or(|known| known.acknowledged >= known.received)
    }
}

impl AckTracker {
    pub(super) fn new(device: Device) -> Self {
        Self { device, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, AckState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the service lists, and answers what of it is new.
    pub(super) fn receive(&self, messages: Vec<PendingMessage>) -> Vec<PendingMessage> {
        let mut state = self.state();
        let state = &mut *state;
        state.looks += 1;
        let look = state.looks;
        let mut fresh = Vec::new();
        for message in messages {
            let known = state.known.entry(Key::of(&message)).or_default();
            known.listed = if known.look == look { known.listed + 1 } else { 1 };
            known.look = look;
            if known.listed > known.received {
                known.received = known.listed;
                fresh.push(message);
            }
        }
        // Whatever the service no longer lists does not come again, so it need not be remembered.
        state.known.retain(|_, known| known.look == look);
        for (id, mut report) in std::mem::take(&mut state.undeletable) {
            if state.known.contains_key(&Key::Id(id.clone())) {
                state.reports.extend(report.take().map(|error| (id.clone(), error)));
                state.undeletable.insert(id, None);
            }
        }
        // Deleting an id would take what came just now with it.
        let mut waiting = std::mem::take(&mut state.waiting);
        waiting.retain(|id| state.may_be_deleted(id));
        state.waiting = waiting;
        fresh
    }

    /// Writes down that a message has been dealt with, and answers whether it is time to delete.
    pub(super) fn acknowledge(&self, id: &MessageId) -> bool {
        let mut state = self.state();
        if let Some(known) = state.known.get_mut(&Key::Id(id.clone())) {
            known.acknowledged += 1;
        }
        if state.may_be_deleted(id) && !state.undeletable.contains_key(id) {
            state.waiting.push_back(id.clone());
        }
        // With each tenth, not from the tenth on: else, while deleting fails, each would try.
        let waiting = state.waiting.len();
        waiting > 0 && (state.closed || waiting.is_multiple_of(MESSAGES_PER_REQUEST))
    }

    /// From now on each acknowledgement is time to delete.
    pub(super) fn close(&self) {
        self.state().closed = true;
    }

    /// Deletes what is acknowledged. What cannot be deleted waits for the next time, except a message that the service
    /// refuses to delete while it deletes others: that one is set aside, and reported once.
    pub(super) async fn flush(&self) -> Result<()> {
        let taken = InFlightIds::all(self);
        let mut messages = taken.ids();
        messages.retain(|id| match check_id(id, Shown(id), UNDELETABLE) {
            Ok(()) => true,
            Err(error) => {
                taken.remove(std::slice::from_ref(id));
                trace::undeletable(id, &error);
                self.state().set_aside(id.clone(), error);
                false
            }
        });
        if messages.is_empty() {
            return Ok(());
        }
        let (held, split) = (taken.held.clone(), self.state().split());
        let deletion = send(DeleteAcknowledged {
            call: CallContext::new(&self.device.client),
            device_id: self.device.id.clone(),
            messages,
            split,
            on_deleted: Box::new(move |ids| remove(&held, ids)),
        })
        .await?;
        let mut state = self.state();
        for (id, error) in deletion.refused.iter().cloned() {
            taken.remove(std::slice::from_ref(&id));
            state.set_aside(id, error);
        }
        state.learn(&deletion);
        match deletion.failed {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// The same. When the inbox is gone, so that no stream yields the reports, the first of them is the failure.
    pub(super) async fn flush_and_report(&self) -> Result<()> {
        self.flush().await?;
        let is_closed = self.state().closed;
        match is_closed {
            true => self.take_reports().into_iter().next().map_or(Ok(()), |(_, error)| Err(error)),
            false => Ok(()),
        }
    }

    /// The reports of messages that were set aside since the last time.
    pub(super) fn take_reports(&self) -> Vec<(MessageId, Error)> {
        std::mem::take(&mut self.state().reports)
    }

    /// Whether a failure to delete is one that the stream has yielded before. If it is not, it is from now on.
    pub(super) fn is_known(&self, error: &Error) -> bool {
        let mut state = self.state();
        let status = error.may_concern_an_item().then(|| error.status());
        std::mem::replace(&mut state.yielded, status).is_some_and(|before| Some(before) == status)
    }
}

impl AckState {
    /// How the next refusal is to be taken.
    fn split(&self) -> Split {
        match self.not_found_at {
            _ if self.all_refused => Split::Never,
            // A device that has been asked since what waits for it exists.
            Some(look) if self.looks > look => Split::Always,
            _ => Split::UnlessNotFound,
        }
    }

    /// Remembers what a deletion says about those that follow.
    fn learn(&mut self, deletion: &Deletion) {
        if deletion.any {
            (self.all_refused, self.not_found_at, self.yielded) = (false, None, None);
        }
        let Some(error) = &deletion.failed else { return };
        if deletion.any || !error.may_concern_an_item() {
            return;
        }
        match error.is_not_found() && self.split() == Split::UnlessNotFound {
            true => self.not_found_at = self.not_found_at.or(Some(self.looks)),
            // It was split to the last one, and is not again before something is deleted.
            false => self.all_refused = true,
        }
    }

    /// Sets a message aside that cannot be deleted: it is not tried again.
    fn set_aside(&mut self, id: MessageId, error: Error) {
        if self.undeletable.contains_key(&id) {
            return;
        }
        // What is not found may be gone, which the next look shows.
        let may_be_gone = error.is_not_found().then(|| error.clone());
        if may_be_gone.is_none() {
            self.reports.push((id.clone(), error));
        }
        self.undeletable.insert(id, may_be_gone);
    }
}

/// What becomes of a message that cannot be deleted.
const UNDELETABLE: &str = "the message stays with the service and comes again in the next stream";

/// Ids that are being deleted. Those that are not go back if that fails or is given up.
struct InFlightIds<'a> {
    tracker: &'a AckTracker,
    held: Arc<Mutex<Vec<MessageId>>>,
}

impl<'a> InFlightIds<'a> {
    fn all(tracker: &'a AckTracker) -> Self {
        let ids = std::mem::take(&mut tracker.state().waiting);
        Self { tracker, held: Arc::new(Mutex::new(ids.into())) }
    }

    fn ids(&self) -> Vec<MessageId> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remove(&self, ids: &[MessageId]) {
        remove(&self.held, ids);
    }
}

fn remove(held: &Mutex<Vec<MessageId>>, ids: &[MessageId]) {
    held.lock().unwrap_or_else(PoisonError::into_inner).retain(|id| !ids.contains(id));
}

impl Drop for InFlightIds<'_> {
    fn drop(&mut self) {
        let ids = std::mem::take(&mut *self.held.lock().unwrap_or_else(PoisonError::into_inner));
        let mut state = self.tracker.state();
        for id in ids {
            if state.may_be_deleted(&id) {
                state.waiting.push_back(id);
            }
        }
    }
}
