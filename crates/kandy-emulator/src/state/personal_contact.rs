//! The personal address books of users.
//!
//! Depends on `number`, `id` and `snapshot::tracked`. Begin with `PersonalContacts`.

use std::{collections::BTreeMap, ops::Bound};

use serde_json::{Map, Value};

use super::{
    number::UserNo,
    snapshot::{Items, Tracked},
};
use crate::state::id::Id;

/// Numbers the contacts of a user in the order of their creation.
pub(super) type ContactNo = u64;

/// The personal address book of a user.
#[derive(Default)]
pub(super) struct Book {
    pub(super) next: ContactNo,
    pub(super) by_age: BTreeMap<ContactNo, (Id, Map<String, Value>)>,
    pub(super) by_id: BTreeMap<Id, ContactNo>,
}

/// The personal address books of all users. Most users have none.
#[derive(Default)]
pub(crate) struct PersonalContacts {
    pub(super) by_user: BTreeMap<UserNo, Book>,
    pub(super) tracked: Tracked<(UserNo, ContactNo)>,
}

impl PersonalContacts {
    /// Adds a contact, with the members that it was sent with, and returns its id.
    pub(crate) fn add(&mut self, user: UserNo, contact: Map<String, Value>) -> Id {
        let (book, id) = (self.by_user.entry(user).or_default(), Id::random());
        self.tracked.created(|| (user, book.next));
        book.by_age.insert(book.next, (id, contact));
        book.by_id.insert(id, book.next);
        book.next += 1;
        id
    }

    /// The contacts of a user after one of them, oldest first.
    pub(crate) fn of_after(
        &self,
        user: UserNo,
        after: Option<ContactNo>,
    ) -> impl Iterator<Item = (ContactNo, &(Id, Map<String, Value>))> {
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let contacts = self.by_user.get(&user).into_iter().flat_map(move |book| book.by_age.range(range));
        contacts.map(|(no, contact)| (*no, contact))
    }

    /// The number of the newest contact of a user.
    pub(crate) fn last_of(&self, user: UserNo) -> Option<ContactNo> {
        self.by_user.get(&user)?.by_age.last_key_value().map(|(no, _)| *no)
    }

    /// Deletes a contact of a user, and returns whether there was one.
    pub(crate) fn delete(&mut self, user: UserNo, id: Id) -> bool {
        let Some(book) = self.by_user.get_mut(&user) else { return false };
        let Some(at) = book.by_id.remove(&id) else { return false };
        if let Some((id, contact)) = book.by_age.remove(&at) {
            let write = |_, items: &mut Items| items.personal_contact((user, at), id, &contact);
            self.tracked.before_change(|| (user, at), write);
        }
        true
    }

    /// Deletes all contacts of a user.
    pub(super) fn forget(&mut self, user: UserNo) {
        for (at, (id, contact)) in self.by_user.remove(&user).map(|book| book.by_age).unwrap_or_default() {
            let write = |_, items: &mut Items| items.personal_contact((user, at), id, &contact);
            self.tracked.before_change(|| (user, at), write);
        }
    }
}
