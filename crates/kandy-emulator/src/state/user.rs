use std::{collections::HashMap, mem};

use super::DomainNo;
use crate::id::{Id, Kind};

/// Numbers the users in the order of their creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct UserNo(u32);

/// A user to create. The user id must not be taken.
#[derive(Default)]
pub(crate) struct NewUser {
    pub(crate) user_id: Box<str>,
    pub(crate) password: Box<str>,
    pub(crate) phone_number: Option<Box<str>>,
    pub(crate) dialling_code: Option<&'static str>,
    pub(crate) first_name: Option<Box<str>>,
    pub(crate) last_name: Option<Box<str>>,
    pub(crate) email: Option<Box<str>>,
}

/// What a user tells others: what was set last, field by field.
#[derive(Default)]
pub(crate) struct Profile {
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) status_text: Option<String>,
    pub(crate) image_details: Option<String>,
    pub(crate) user_data: Option<String>,
}

pub(crate) struct User {
    pub(crate) domain: DomainNo,
    pub(crate) user_id: Box<str>,
    pub(crate) password: Box<str>,
    pub(crate) phone_number: Option<Box<str>>,
    pub(crate) dialling_code: Option<&'static str>,
    pub(crate) first_name: Option<Box<str>>,
    pub(crate) last_name: Option<Box<str>>,
    pub(crate) email: Option<Box<str>>,
    key: Id,
    secret: Id,
    /// In the order of their creation.
    pub(crate) devices: Vec<Id>,
    pub(crate) groups: Vec<Id>,
    /// Zero for one who was never seen.
    pub(crate) last_seen: u64,
    /// Most users have none, so the place for it is made when it is first set.
    pub(crate) profile: Option<Box<Profile>>,
}

impl User {
    pub(crate) fn key(&self) -> String {
        Kind::UserKey.write(self.key)
    }

    pub(crate) fn secret(&self) -> String {
        Kind::UserSecret.write(self.secret)
    }
}

#[derive(Default)]
pub(crate) struct Users {
    next: u32,
    /// Boxed, so that the empty places of the map are small.
    by_no: HashMap<UserNo, Box<User>>,
    by_key: HashMap<Id, UserNo>,
}

impl Users {
    pub(super) fn create(&mut self, domain: DomainNo, new: NewUser) -> UserNo {
        let NewUser { user_id, password, phone_number, dialling_code, first_name, last_name, email } = new;
        let no = UserNo(self.next);
        self.next += 1;
        let (key, secret) = (Id::random(), Id::random());
        let user = User {
            domain,
            user_id,
            password,
            phone_number,
            dialling_code,
            first_name,
            last_name,
            email,
            key,
            secret,
            // Room for the first device alone, because most users have no other.
            devices: Vec::with_capacity(1),
            groups: Vec::new(),
            last_seen: 0,
            profile: None,
        };
        self.by_key.insert(key, no);
        self.by_no.insert(no, Box::new(user));
        no
    }

    pub(crate) fn get(&self, no: UserNo) -> Option<&User> {
        self.by_no.get(&no).map(Box::as_ref)
    }

    pub(crate) fn domain_of(&self, no: UserNo) -> Option<DomainNo> {
        self.get(no).map(|user| user.domain)
    }

    pub(crate) fn by_key(&self, key: &str) -> Option<UserNo> {
        self.by_key.get(&Kind::UserKey.read(key)?).copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.by_no.len()
    }

    /// Takes note of a user who is there.
    pub(crate) fn see(&mut self, no: UserNo, now: u64) {
        if let Some(user) = self.by_no.get_mut(&no) {
            user.last_seen = now;
        }
    }

    /// The profile of a user, to be changed.
    pub(crate) fn profile_mut(&mut self, no: UserNo) -> Option<&mut Profile> {
        Some(self.by_no.get_mut(&no)?.profile.get_or_insert_default())
    }

    pub(crate) fn join(&mut self, no: UserNo, group: Id) {
        if let Some(user) = self.by_no.get_mut(&no) {
            user.groups.push(group);
        }
    }

    pub(super) fn leave(&mut self, no: UserNo, group: Id) {
        if let Some(user) = self.by_no.get_mut(&no) {
            user.groups.retain(|id| *id != group);
        }
    }

    /// Takes the user's groups away and answers them.
    pub(super) fn leave_all_groups(&mut self, no: UserNo) -> Vec<Id> {
        self.by_no.get_mut(&no).map(|user| mem::take(&mut user.groups)).unwrap_or_default()
    }

    pub(super) fn remove(&mut self, no: UserNo) -> Option<Box<User>> {
        let user = self.by_no.remove(&no)?;
        self.by_key.remove(&user.key);
        Some(user)
    }

    pub(super) fn remember_device(&mut self, no: UserNo, device: Id) {
        if let Some(user) = self.by_no.get_mut(&no) {
            user.devices.push(device);
        }
    }

    pub(super) fn forget_device(&mut self, no: UserNo, device: Id) {
        if let Some(user) = self.by_no.get_mut(&no) {
            user.devices.retain(|id| *id != device);
        }
    }
}
