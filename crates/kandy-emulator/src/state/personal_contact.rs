//! The personal address books of users.
//!
//! Depends on `number` and `id`. Begin with `PersonalContacts`.

use std::{collections::BTreeMap, ops::Bound};

use serde_json::{Map, Value};

use super::number::UserNo;
use crate::state::id::Id;

/// Numbers the contacts of a user in the order of their creation.
type ContactNo = u64;

/// The personal address book of a user.
#[derive(Default)]
struct Book {
    next: ContactNo,
    by_age: BTreeMap<ContactNo, (Id, Map<String, Value>)>,
    by_id: BTreeMap<Id, ContactNo>,
}

/// The personal address books of all users. Most users have none.
#[derive(Default)]
pub(crate) struct PersonalContacts(BTreeMap<UserNo, Book>);

impl PersonalContacts {
    /// Adds a contact, with the members that it was sent with, and returns its id.
    pub(crate) fn add(&mut self, user: UserNo, contact: Map<String, Value>) -> Id {
        let (book, id) = (self.0.entry(user).or_default(), Id::random());
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
        let contacts = self.0.get(&user).into_iter().flat_map(move |book| book.by_age.range(range));
        contacts.map(|(no, contact)| (*no, contact))
    }

    /// The number of the newest contact of a user.
    pub(crate) fn last_of(&self, user: UserNo) -> Option<ContactNo> {
        self.0.get(&user)?.by_age.last_key_value().map(|(no, _)| *no)
    }

    /// Deletes a contact of a user, and returns whether there was one.
    pub(crate) fn delete(&mut self, user: UserNo, id: Id) -> bool {
        let Some(book) = self.0.get_mut(&user) else { return false };
        let Some(at) = book.by_id.remove(&id) else { return false };
        book.by_age.remove(&at);
        true
    }

    /// Deletes all contacts of a user.
    pub(super) fn forget(&mut self, user: UserNo) {
        self.0.remove(&user);
    }
}
