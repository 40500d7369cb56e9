use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::UserNo;
use crate::id::Id;

/// The personal address book of a user.
#[derive(Default)]
struct Book {
    next: u64,
    by_age: BTreeMap<u64, (Id, Map<String, Value>)>,
    by_id: BTreeMap<Id, u64>,
}

/// The personal address books of all users. Most users have none.
#[derive(Default)]
pub(crate) struct PersonalContacts(BTreeMap<UserNo, Book>);

impl PersonalContacts {
    /// Adds a contact, with the members that it was sent with, and answers its id.
    pub(crate) fn add(&mut self, user: UserNo, contact: Map<String, Value>) -> Id {
        let (book, id) = (self.0.entry(user).or_default(), Id::random());
        book.by_age.insert(book.next, (id, contact));
        book.by_id.insert(id, book.next);
        book.next += 1;
        id
    }

    /// The contacts of a user, oldest first.
    pub(crate) fn of(&self, user: UserNo) -> impl Iterator<Item = (Id, &Map<String, Value>)> {
        let contacts = self.0.get(&user).into_iter().flat_map(|book| book.by_age.values());
        contacts.map(|(id, contact)| (*id, contact))
    }

    /// Deletes a contact of a user, and answers whether there was one.
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
