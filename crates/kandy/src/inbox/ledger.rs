use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Device, Error, MessageId, PendingMessage, Result, device::MESSAGES_PER_REQUEST};

/// What an inbox has received, and what of that is to be deleted. The inbox and its messages share it.
pub(super) struct Ledger {
    device: Device,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    /// What the service listed at the last look.
    known: HashMap<Key, Known>,
    /// How many looks there were.
    looks: u64,
    /// What is acknowledged and not deleted, without what is being deleted right now.
    waiting: VecDeque<MessageId>,
    /// Whether the inbox is gone.
    closed: bool,
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

impl Books {
    /// Whether nobody is still dealing with a message of this id. The service deletes all at once.
    fn may_be_deleted(&self, id: &MessageId) -> bool {
        self.known.get(&Key::Id(id.clone())).is_none_or(|known| known.acknowledged >= known.received)
    }
}

impl Ledger {
    pub(super) fn new(device: Device) -> Self {
        Self { device, books: Mutex::default() }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the service lists, and answers what of it is new.
    pub(super) fn receive(&self, messages: Vec<PendingMessage>) -> Vec<PendingMessage> {
        let mut books = self.books();
        let books = &mut *books;
        books.looks += 1;
        let look = books.looks;
        let mut fresh = Vec::new();
        for message in messages {
            let known = books.known.entry(Key::of(&message)).or_default();
            known.listed = if known.look == look { known.listed + 1 } else { 1 };
            known.look = look;
            if known.listed > known.received {
                known.received = known.listed;
                fresh.push(message);
            }
        }
        // Whatever the service no longer lists does not come again, so it need not be remembered.
        books.known.retain(|_, known| known.look == look);
        // Deleting an id would take what came just now with it.
        let mut waiting = std::mem::take(&mut books.waiting);
        waiting.retain(|id| books.may_be_deleted(id));
        books.waiting = waiting;
        fresh
    }

    /// Writes down that a message has been dealt with, and answers whether it is time to delete.
    pub(super) fn acknowledge(&self, id: &MessageId) -> bool {
        let mut books = self.books();
        if let Some(known) = books.known.get_mut(&Key::Id(id.clone())) {
            known.acknowledged += 1;
        }
        if books.may_be_deleted(id) {
            books.waiting.push_back(id.clone());
        }
        // With each tenth, not from the tenth on: else, while deleting fails, each would try.
        let waiting = books.waiting.len();
        waiting > 0 && (books.closed || waiting.is_multiple_of(MESSAGES_PER_REQUEST))
    }

    /// From now on each acknowledgement is time to delete.
    pub(super) fn close(&self) {
        self.books().closed = true;
    }

    /// Deletes what is acknowledged. What cannot be deleted waits for the next time.
    pub(super) async fn flush(&self) -> Result<()> {
        let mut outcome = Ok(());
        // What fails goes to the end of the queue, and is not tried twice.
        let mut left = self.books().waiting.len();
        while left > 0 {
            let batch = Batch::take(self, left.min(MESSAGES_PER_REQUEST));
            if batch.ids.is_empty() {
                break;
            }
            left -= batch.ids.len();
            match self.device.delete_messages(&batch.ids).await {
                Ok(()) => batch.forget(),
                Err(error) => {
                    // A refusal may be about an id, and then must not hold up the others.
                    let is_refusal =
                        matches!(error, Error::Api(_)) && !error.is_retryable() && !error.is_unauthorized();
                    outcome = outcome.and(Err(error));
                    if !is_refusal {
                        break;
                    }
                }
            }
        }
        outcome
    }
}

/// Ids that are being deleted. They go back if that fails or is given up.
struct Batch<'a> {
    ledger: &'a Ledger,
    ids: Vec<MessageId>,
}

impl<'a> Batch<'a> {
    fn take(ledger: &'a Ledger, most: usize) -> Self {
        let mut books = ledger.books();
        let most = most.min(books.waiting.len());
        let ids = books.waiting.drain(..most).collect();
        Self { ledger, ids }
    }

    fn forget(mut self) {
        self.ids.clear();
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        let mut books = self.ledger.books();
        for id in self.ids.drain(..) {
            if books.may_be_deleted(&id) {
                books.waiting.push_back(id);
            }
        }
    }
}
