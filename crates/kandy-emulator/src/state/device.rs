//! Devices, each with its address book and its pending messages.
//!
//! Depends on `number`, `id`, `hash_index`, `snapshot::tracked` and `limits`. Begin with `Devices`.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
    sync::Arc,
};

use kandy_sys::types::{Contact, PendingMessage};

use super::{hash_index::HashIndex, number::UserNo, snapshot::Tracked};
use crate::{limits, state::id::Id};

/// The parameters of a created device.
pub(crate) struct DeviceDetails {
    pub(crate) native_id: Box<str>,
    pub(crate) family: Option<Box<str>>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) client_version: Option<Box<str>>,
    pub(crate) os_version: Option<Box<str>>,
}

/// Numbers the devices in the order of their creation.
///
/// As small as the number of a user, each of whom has a device.
pub(super) type DeviceNo = u32;

pub(crate) struct Device {
    pub(super) no: DeviceNo,
    pub(crate) user: UserNo,
    pub(crate) id: Id,
    /// None for the device that is created with its user, to save memory: there may be a million of them.
    pub(crate) details: Option<Box<DeviceDetails>>,
    pub(crate) registered: u64,
    /// One vector for each upload, so that an upload does not move earlier contacts.
    pub(super) contacts: Vec<Vec<Contact>>,
    /// Allocated with the first message: most devices receive none.
    pub(super) inbox: Option<Box<Inbox>>,
}

impl Device {
    fn key(&self) -> (UserNo, DeviceNo) {
        (self.user, self.no)
    }

    /// The address book, in the order in which it was uploaded.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.iter().flatten()
    }

    /// Adds contacts to the address book.
    pub(crate) fn add_contacts(&mut self, mut contacts: Vec<Contact>) {
        contacts.shrink_to_fit();
        self.contacts.push(contacts);
    }

    pub(crate) fn clear_contacts(&mut self) {
        self.contacts.clear();
    }

    /// The pending messages after one of them, oldest first.
    pub(crate) fn pending_after(&self, after: Option<MessageNo>) -> impl Iterator<Item = (MessageNo, &PendingMessage)> {
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let pending = self.inbox.iter().flat_map(move |inbox| inbox.by_age.range(range));
        pending.map(|(no, message)| (*no, message.as_ref()))
    }

    /// The number of the newest pending message.
    pub(crate) fn last_pending(&self) -> Option<MessageNo> {
        self.inbox.as_ref()?.by_age.last_key_value().map(|(no, _)| *no)
    }

    /// Whether a chat message with an id is pending. Events, such as that a message was deleted, have the id of the message, and no
    /// content.
    pub(crate) fn has_pending_chat(&self, uuid: &str) -> bool {
        self.inbox.as_ref().is_some_and(|inbox| {
            let messages = inbox.find(&plain(uuid)).into_iter().filter_map(|no| inbox.by_age.get(&no));
            messages.into_iter().any(|message| message.content_type.is_some())
        })
    }

    /// The number of pending messages.
    pub(crate) fn count_pending(&self) -> usize {
        self.inbox.as_ref().map_or(0, |inbox| inbox.by_age.len())
    }

    /// Adds a pending message with its normalized id.
    fn deliver(&mut self, message: Arc<PendingMessage>, uuid: &str) {
        self.inbox.get_or_insert_default().add(message, uuid);
    }

    /// Deletes the messages with an id, given with or without hyphens. Passes on those that no other device of the user
    /// has [acknowledged](Devices::acknowledge).
    pub(crate) fn delete_message(&mut self, uuid: &str, deleted_first: impl FnMut(Arc<PendingMessage>)) {
        if let Some(inbox) = &mut self.inbox {
            inbox.delete(uuid, deleted_first);
        }
    }
}

/// Numbers the messages that a device received.
pub(super) type MessageNo = u64;

/// The pending messages of a device.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) next: MessageNo,
    pub(super) by_age: BTreeMap<MessageNo, Arc<PendingMessage>>,
    /// Clients choose the ids, so two messages may have the same one.
    pub(super) by_uuid: HashIndex<MessageNo, 1>,
    /// Messages that another device of the user has deleted, so that their senders know already.
    pub(super) acknowledged: BTreeSet<MessageNo>,
}

impl Inbox {
    /// Adds a message with its normalized id. When there are too many, the oldest is dropped.
    fn add(&mut self, message: Arc<PendingMessage>, uuid: &str) {
        if self.by_age.len() >= limits::PENDING_MESSAGES
            && let Some((no, oldest)) = self.by_age.pop_first()
        {
            self.by_uuid.remove(uuid_of(&oldest), no);
            self.acknowledged.remove(&no);
        }
        self.by_uuid.insert(uuid, self.next);
        self.by_age.insert(self.next, message);
        self.next += 1;
    }

    /// The numbers of the messages with a normalized id, in order.
    fn find(&self, uuid: &str) -> Vec<MessageNo> {
        let has_uuid = |no: &MessageNo| self.by_age.get(no).is_some_and(|message| uuid_of(message) == uuid);
        let mut found: Vec<_> = self.by_uuid.candidates(uuid).filter(has_uuid).collect();
        found.sort_unstable();
        found
    }

    fn delete(&mut self, uuid: &str, mut deleted_first: impl FnMut(Arc<PendingMessage>)) {
        let uuid = plain(uuid);
        for no in self.find(&uuid) {
            let message = self.by_age.remove(&no);
            self.by_uuid.remove(&uuid, no);
            if !self.acknowledged.remove(&no)
                && let Some(message) = message
            {
                deleted_first(message);
            }
        }
    }
}

/// The normalized id of a message.
pub(crate) fn uuid_of(message: &PendingMessage) -> String {
    plain(message.uuid.as_deref().unwrap_or_default())
}

/// Normalizes an id: without hyphens and in lower case.
pub(super) fn plain(uuid: &str) -> String {
    uuid.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}

#[derive(Default)]
pub(crate) struct Devices {
    pub(super) next: DeviceNo,
    /// Those of each user, in the order of their creation. Boxed, so that unused slots of the tree nodes are small.
    pub(super) by_user: BTreeMap<(UserNo, DeviceNo), Box<Device>>,
    pub(super) by_id: HashIndex<(UserNo, DeviceNo)>,
    pub(super) tracked: Tracked<(UserNo, DeviceNo)>,
}

impl Devices {
    pub(super) fn create(&mut self, id: Id, user: UserNo, registered: u64, details: Option<DeviceDetails>) {
        let no = self.next;
        self.next += 1;
        self.tracked.created(|| (user, no));
        let details = details.map(Box::new);
        self.by_id.insert(id, (user, no));
        let device = Device { no, user, id, details, registered, contacts: Vec::new(), inbox: None };
        self.by_user.insert((user, no), Box::new(device));
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Device> {
        self.by_id.candidates(id).filter_map(|key| self.by_user.get(&key)).map(Box::as_ref).find(|it| it.id == id)
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut Device> {
        let key = self.get(id)?.key();
        let device = self.by_user.get_mut(&key)?.as_mut();
        self.tracked.before_change(|| key, |_, items| device.write(items));
        Some(device)
    }

    /// The devices of a user in the order of their creation.
    pub(crate) fn of(&self, user: UserNo) -> impl Iterator<Item = &Device> {
        self.of_after(user, None).map(|(_, device)| device)
    }

    /// The devices of a user after one of them, in the order of their creation.
    pub(crate) fn of_after(&self, user: UserNo, after: Option<DeviceNo>) -> impl Iterator<Item = (DeviceNo, &Device)> {
        let first = after.map_or(Bound::Included((user, DeviceNo::MIN)), |after| Bound::Excluded((user, after)));
        let devices = self.by_user.range((first, Bound::Included((user, DeviceNo::MAX))));
        devices.map(|((_, no), device)| (*no, device.as_ref()))
    }

    /// All devices after one of them: user by user, those of each in the order of their creation.
    pub(crate) fn after(
        &self,
        after: Option<(UserNo, DeviceNo)>,
    ) -> impl Iterator<Item = ((UserNo, DeviceNo), &Device)> {
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        self.by_user.range(range).map(|(key, device)| (*key, device.as_ref()))
    }

    /// The number of the newest device of a user.
    pub(crate) fn last_of(&self, user: UserNo) -> Option<DeviceNo> {
        self.by_user.range((user, DeviceNo::MIN)..=(user, DeviceNo::MAX)).next_back().map(|((_, no), _)| *no)
    }

    pub(crate) fn len(&self) -> usize {
        self.by_user.len()
    }

    pub(crate) fn count_pending(&self) -> usize {
        self.by_user.values().map(|device| device.count_pending()).sum()
    }

    /// Adds a pending message to each device of a user, and returns whether there is one. The caller
    /// [normalizes](uuid_of) its id, once for all receivers.
    pub(crate) fn deliver(&mut self, user: UserNo, message: &Arc<PendingMessage>, uuid: &str) -> bool {
        let mut is_pending = false;
        for (key, device) in self.by_user.range_mut((user, DeviceNo::MIN)..=(user, DeviceNo::MAX)) {
            self.tracked.before_change(|| *key, |_, items| device.write(items));
            device.deliver(Arc::clone(message), uuid);
            is_pending = true;
        }
        is_pending
    }

    /// Marks the pending messages with an id, on all devices of a user: their senders know that they arrived.
    pub(crate) fn acknowledge(&mut self, user: UserNo, uuid: &str) {
        let uuid = plain(uuid);
        for (key, device) in self.by_user.range_mut((user, DeviceNo::MIN)..=(user, DeviceNo::MAX)) {
            let found = device.inbox.as_ref().map(|inbox| inbox.find(&uuid)).unwrap_or_default();
            if found.is_empty() {
                continue;
            }
            self.tracked.before_change(|| *key, |_, items| device.write(items));
            if let Some(inbox) = &mut device.inbox {
                inbox.acknowledged.extend(found);
            }
        }
    }

    /// Deletes a device.
    pub(crate) fn remove(&mut self, id: Id) {
        if let Some(key) = self.get(id).map(Device::key) {
            self.remove_by_key(key);
        }
    }

    fn remove_by_key(&mut self, key: (UserNo, DeviceNo)) {
        if let Some(device) = self.by_user.remove(&key) {
            self.tracked.before_change(|| key, |_, items| device.write(items));
            self.by_id.remove(device.id, key);
        }
    }

    /// Deletes a device of a user, and returns whether there was one.
    pub(super) fn remove_one_of(&mut self, user: UserNo) -> bool {
        let Some(no) = self.last_of(user) else { return false };
        self.remove_by_key((user, no));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pending_messages_are_bounded() {
        let mut inbox = Inbox::default();
        let message = |uuid: usize| -> Arc<PendingMessage> {
            Arc::new(serde_json::from_value(serde_json::json!({"UUID": uuid.to_string()})).expect("a message"))
        };
        for number in 0..limits::PENDING_MESSAGES + 2 {
            let message = message(number);
            let uuid = uuid_of(&message);
            inbox.add(message, &uuid);
        }
        assert_eq!(inbox.by_age.len(), limits::PENDING_MESSAGES);
        assert_eq!(inbox.by_age.first_key_value().map(|(no, _)| *no), Some(2), "the oldest are gone");
        assert_eq!(inbox.by_uuid.candidates("1").count(), 0);
        inbox.delete("2", drop);
        assert_eq!(inbox.by_age.len(), limits::PENDING_MESSAGES - 1);
    }
}
