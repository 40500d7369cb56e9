use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{State, UserNo};
use crate::id::Id;

/// A user in a group.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(crate) user: UserNo,
    pub(crate) is_owner: bool,
    /// Whether the owners have muted this user.
    pub(crate) is_muted: bool,
    /// Whether this user has muted the group.
    pub(crate) has_muted: bool,
}

impl Member {
    pub(crate) fn new(user: UserNo) -> Self {
        Self { user, is_owner: false, is_muted: false, has_muted: false }
    }
}

pub(crate) struct Group {
    pub(crate) name: Option<String>,
    /// As it was given; empty when there is none.
    pub(crate) image: Map<String, Value>,
    pub(crate) max_members: usize,
    pub(crate) created: u64,
    /// The owners too. Those who have been in it longest come first.
    pub(crate) members: Vec<Member>,
}

impl Group {
    pub(crate) fn member(&self, user: UserNo) -> Option<&Member> {
        self.members.iter().find(|member| member.user == user)
    }

    pub(crate) fn member_mut(&mut self, user: UserNo) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.user == user)
    }

    /// All but one.
    pub(crate) fn others(&self, user: UserNo) -> Vec<UserNo> {
        self.members.iter().map(|member| member.user).filter(|member| *member != user).collect()
    }

    /// Takes users out. When no owner is left, the group belongs to whoever has been in it longest.
    fn remove(&mut self, users: &[UserNo]) {
        self.members.retain(|member| !users.contains(&member.user));
        if !self.members.iter().any(|member| member.is_owner)
            && let Some(first) = self.members.first_mut()
        {
            first.is_owner = true;
        }
    }
}

#[derive(Default)]
pub(crate) struct Groups(HashMap<Id, Group>);

impl Groups {
    /// The group with an id as it is sent.
    pub(crate) fn find(&self, id: &str) -> Option<(Id, &Group)> {
        let id = Id::from_lower_hex(id)?;
        Some((id, self.get(id)?))
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Group> {
        self.0.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut Group> {
        self.0.get_mut(&id)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Group> {
        self.0.values()
    }

    pub(super) fn remove(&mut self, id: Id) -> Option<Group> {
        self.0.remove(&id)
    }

    /// Takes users out. A group that nobody is left in is deleted.
    pub(super) fn leave(&mut self, id: Id, users: &[UserNo]) {
        if let Some(group) = self.0.get_mut(&id) {
            group.remove(users);
            if group.members.is_empty() {
                self.0.remove(&id);
            }
        }
    }
}

impl State {
    /// Adds a group, and answers its id.
    pub(crate) fn add_group(&mut self, group: Group) -> Id {
        let id = Id::random();
        group.members.iter().for_each(|member| self.users.join(member.user, id));
        self.groups.0.insert(id, group);
        id
    }

    /// Puts users into a group, who must not be in it.
    pub(crate) fn join_group(&mut self, id: Id, users: &[UserNo]) {
        if let Some(group) = self.groups.get_mut(id) {
            group.members.extend(users.iter().map(|user| Member::new(*user)));
            users.iter().for_each(|user| self.users.join(*user, id));
        }
    }

    /// Takes users out of a group. When nobody is left it is deleted.
    pub(crate) fn leave_group(&mut self, id: Id, users: &[UserNo]) {
        self.groups.leave(id, users);
        users.iter().for_each(|user| self.users.leave(*user, id));
    }

    /// Deletes a group.
    pub(crate) fn delete_group(&mut self, id: Id) {
        for member in self.groups.remove(id).map(|group| group.members).unwrap_or_default() {
            self.users.leave(member.user, id);
        }
    }
}
