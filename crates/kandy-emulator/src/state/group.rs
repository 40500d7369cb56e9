use std::collections::HashMap;

use super::UserNo;
use crate::id::Id;

/// A user in a group.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) user: UserNo,
    pub(crate) is_owner: bool,
    pub(crate) is_muted: bool,
}

pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) max_members: usize,
    pub(crate) created: u64,
    /// The owners too.
    pub(crate) members: Vec<Member>,
}

impl Group {
    pub(crate) fn has(&self, user: UserNo) -> bool {
        self.members.iter().any(|member| member.user == user)
    }
}

#[derive(Default)]
pub(crate) struct Groups(HashMap<Id, Group>);

impl Groups {
    pub(crate) fn create(&mut self, group: Group) -> Id {
        let id = Id::random();
        self.0.insert(id, group);
        id
    }

    /// The group with an id as it is sent.
    pub(crate) fn find(&self, id: &str) -> Option<&Group> {
        self.0.get(&Id::from_lower_hex(id)?)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Group> {
        self.0.values()
    }

    pub(super) fn remove(&mut self, id: Id) {
        self.0.remove(&id);
    }

    /// Takes a user out. A group that nobody is left in is deleted.
    pub(super) fn leave(&mut self, id: Id, user: UserNo) {
        if let Some(group) = self.0.get_mut(&id) {
            group.members.retain(|member| member.user != user);
            if group.members.is_empty() {
                self.0.remove(&id);
            }
        }
    }
}
