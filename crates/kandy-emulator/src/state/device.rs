use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use kandy_sys::types::{Contact, PendingMessage};

use super::UserNo;
use crate::id::Id;

/// What a device was created with.
pub(crate) struct DeviceDetails {
    pub(crate) native_id: Box<str>,
    pub(crate) family: Option<Box<str>>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) client_version: Option<Box<str>>,
    pub(crate) os_version: Option<Box<str>>,
}

pub(crate) struct Device {
    pub(crate) user: UserNo,
    /// None for the device that every user has from the beginning: there may be a million of them.
    pub(crate) details: Option<Box<DeviceDetails>>,
    pub(crate) registered: u64,
    pub(crate) contacts: Vec<Contact>,
    /// Most devices have none, so the place for it is made with the first message.
    inbox: Option<Box<Inbox>>,
}

impl Device {
    /// What waits for the device, oldest first.
    pub(crate) fn pending(&self) -> impl Iterator<Item = &PendingMessage> {
        self.inbox.iter().flat_map(|inbox| inbox.by_age.values()).map(Arc::as_ref)
    }

    /// Lets a message wait for the device.
    pub(crate) fn deliver(&mut self, message: Arc<PendingMessage>) {
        self.inbox.get_or_insert_default().add(message);
    }

    /// Deletes the messages with an id, given with or without hyphens.
    pub(crate) fn delete_message(&mut self, uuid: &str) {
        if let Some(inbox) = &mut self.inbox {
            inbox.delete(uuid);
        }
    }
}

/// The messages that wait for a device.
#[derive(Default)]
struct Inbox {
    next: u64,
    by_age: BTreeMap<u64, Arc<PendingMessage>>,
    /// More than one message may have the same id, which its sender makes up.
    by_uuid: HashMap<String, Vec<u64>>,
}

impl Inbox {
    fn add(&mut self, message: Arc<PendingMessage>) {
        let uuid = plain(message.uuid.as_deref().unwrap_or_default());
        self.by_uuid.entry(uuid).or_default().push(self.next);
        self.by_age.insert(self.next, message);
        self.next += 1;
    }

    fn delete(&mut self, uuid: &str) {
        for at in self.by_uuid.remove(&plain(uuid)).unwrap_or_default() {
            self.by_age.remove(&at);
        }
    }
}

/// An id without what its spellings differ in: hyphens and the case of its letters.
pub(super) fn plain(uuid: &str) -> String {
    uuid.chars().filter(|c| *c != '-').map(|c| c.to_ascii_lowercase()).collect()
}

/// Boxed, so that the empty places of the map are small.
#[derive(Default)]
pub(crate) struct Devices(HashMap<Id, Box<Device>>);

impl Devices {
    pub(super) fn create(&mut self, user: UserNo, registered: u64, details: Option<DeviceDetails>) -> Id {
        let id = Id::random();
        let device = Device { user, details: details.map(Box::new), registered, contacts: Vec::new(), inbox: None };
        self.0.insert(id, Box::new(device));
        id
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Device> {
        self.0.get(&id).map(Box::as_ref)
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut Device> {
        self.0.get_mut(&id).map(Box::as_mut)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn count_pending(&self) -> usize {
        self.0.values().filter_map(|device| device.inbox.as_ref()).map(|inbox| inbox.by_age.len()).sum()
    }

    pub(super) fn remove(&mut self, id: Id) {
        self.0.remove(&id);
    }
}
