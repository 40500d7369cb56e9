//! What is taken out of the state while it is locked, and becomes text afterwards.
//!
//! Depends on `record`. Begin with [`Items`].

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use kandy_sys::types::PendingMessage;
use serde_json::{Map, Value};

use super::record::{self, Record};
use crate::state::{id::Id, number::UserNo};

/// A part of a snapshot.
pub(super) enum Item {
    /// Records, each on a line.
    Lines(Vec<u8>),
    /// A message that is pending on the device before it, with its number there.
    /// The last one is whether the sender knows that it arrived.
    Pending(u64, Arc<PendingMessage>, bool),
    /// A message of the conversation before it: its number, when it was sent, and itself.
    Entry(u64, u64, Arc<PendingMessage>),
    /// The bytes of the file before it.
    Bytes(Bytes),
}

/// Parts of a snapshot, in order.
#[derive(Default)]
pub(crate) struct Items {
    items: Vec<Item>,
    size: usize,
}

impl Items {
    pub(super) fn into_parts(self) -> std::vec::IntoIter<Item> {
        self.items.into_iter()
    }

    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn append(&mut self, others: &mut Self) {
        self.items.append(&mut others.items);
        self.size += std::mem::take(&mut others.size);
    }

    /// Adds a record.
    pub(super) fn record(&mut self, record: &Record<'_>) {
        if !matches!(self.items.last(), Some(Item::Lines(_))) {
            self.items.push(Item::Lines(Vec::new()));
        }
        let Some(Item::Lines(lines)) = self.items.last_mut() else { return };
        let before = lines.len();
        record.write_to(lines);
        self.size += lines.len() - before;
    }

    /// Adds a contact of the personal address book of a user.
    pub(crate) fn personal_contact(&mut self, (user, no): (UserNo, u64), id: Id, contact: &Map<String, Value>) {
        let contact = Cow::Borrowed(contact);
        self.record(&Record::PersonalContact(record::PersonalContact { user: user.0, no, id, contact }));
    }

    pub(super) fn pending(&mut self, no: u64, message: &Arc<PendingMessage>, acknowledged: bool) {
        self.push(Item::Pending(no, Arc::clone(message), acknowledged));
    }

    pub(super) fn entry(&mut self, number: u64, sent: u64, message: &Arc<PendingMessage>) {
        self.push(Item::Entry(number, sent, Arc::clone(message)));
    }

    pub(super) fn bytes(&mut self, bytes: &Bytes) {
        self.push(Item::Bytes(bytes.clone()));
    }

    fn push(&mut self, item: Item) {
        self.items.push(item);
        // Messages and bytes are shared, and take no memory of their own.
        self.size += size_of::<Item>();
    }

    #[cfg(test)]
    pub(super) fn texts(&self) -> Vec<String> {
        let lines = self.items.iter().filter_map(|item| match item {
            Item::Lines(lines) => Some(String::from_utf8(lines.clone()).expect("UTF-8")),
            _ => None,
        });
        lines
            .flat_map(|lines| {
                lines
                    .lines()
                    .map(|line| line.replace(r#"{"part":{"base64":""#, "").replace("\"}}", ""))
                    .collect::<Vec<_>>()
            })
            .collect()
    }
}
