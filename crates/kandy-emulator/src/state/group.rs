//! Chat groups and their members.
//!
//! Depends on `number`, `id` and `snapshot::tracked`. Begin with `Groups`.

use std::{collections::BTreeMap, ops::Bound};

use serde_json::{Map, Value};

use super::{number::UserNo, snapshot::Tracked};
use crate::state::id::Id;

/// The most members of a group that sets no other bound, as in the one live response on record.
pub(crate) const MAX_MEMBERS: usize = 100;

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

/// Numbers the memberships in the order of joining.
pub(super) type JoinNo = u64;

pub(crate) struct Group {
    pub(crate) name: Option<String>,
    /// As it was given; empty when there is none.
    pub(crate) image: Map<String, Value>,
    pub(crate) max_members: usize,
    pub(crate) created: u64,
    /// Owners included.
    pub(super) by_age: BTreeMap<JoinNo, Member>,
    pub(super) by_user: BTreeMap<UserNo, JoinNo>,
    pub(super) owners: usize,
}

impl Group {
    /// A group without members.
    pub(crate) fn new(name: Option<String>, image: Map<String, Value>, max_members: usize, created: u64) -> Self {
        Self { name, image, max_members, created, by_age: BTreeMap::new(), by_user: BTreeMap::new(), owners: 0 }
    }

    /// All members, owners included, in the order of joining.
    pub(crate) fn members(&self) -> impl ExactSizeIterator<Item = &Member> {
        self.by_age.values()
    }

    pub(crate) fn member(&self, user: UserNo) -> Option<&Member> {
        self.by_age.get(self.by_user.get(&user)?)
    }

    /// A member, to be muted or not.
    pub(crate) fn member_mut(&mut self, user: UserNo) -> Option<&mut Member> {
        self.by_age.get_mut(self.by_user.get(&user)?)
    }

    /// All members except one.
    pub(crate) fn others(&self, user: UserNo) -> Vec<UserNo> {
        self.members().map(|member| member.user).filter(|member| *member != user).collect()
    }

    pub(super) fn add(&mut self, no: JoinNo, member: Member) {
        self.by_age.insert(no, member);
        self.by_user.insert(member.user, no);
        self.owners += usize::from(member.is_owner);
    }

    /// Removes a user, and returns the number of the membership.
    fn remove(&mut self, user: UserNo) -> Option<JoinNo> {
        let no = self.by_user.remove(&user)?;
        let member = self.by_age.remove(&no)?;
        self.owners -= usize::from(member.is_owner);
        Some(no)
    }

    /// When no owner is left, the oldest member becomes the owner.
    fn ensure_owner(&mut self) {
        if self.owners == 0
            && let Some(mut first) = self.by_age.first_entry()
        {
            first.get_mut().is_owner = true;
            self.owners = 1;
        }
    }
}

#[derive(Default)]
pub(crate) struct Groups {
    pub(super) next: JoinNo,
    /// Boxed, so that unused slots of the tree nodes are small.
    pub(super) by_id: BTreeMap<Id, Box<Group>>,
    /// The groups of each user, in the order of joining.
    pub(super) by_user: BTreeMap<(UserNo, JoinNo), Id>,
    pub(super) tracked: Tracked<Id>,
}

impl Groups {
    /// The group with an id as it is sent.
    pub(crate) fn find(&self, id: &str) -> Option<(Id, &Group)> {
        let id = Id::from_lower_hex(id)?;
        Some((id, self.get(id)?))
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Group> {
        self.by_id.get(&id).map(Box::as_ref)
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut Group> {
        let group = self.by_id.get_mut(&id)?.as_mut();
        self.tracked.before_change(|| id, |_, items| group.write(id, items));
        Some(group)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Group> {
        self.by_id.values().map(Box::as_ref)
    }

    /// Those after one of them, in the order of their ids.
    pub(crate) fn after(&self, after: Option<Id>) -> impl Iterator<Item = (Id, &Group)> {
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        self.by_id.range(range).map(|(id, group)| (*id, group.as_ref()))
    }

    /// The groups of a user, in the order of joining.
    pub(crate) fn of(&self, user: UserNo) -> impl Iterator<Item = (Id, &Group)> {
        let ids = self.by_user.range((user, JoinNo::MIN)..=(user, JoinNo::MAX)).map(|(_, id)| *id);
        ids.filter_map(|id| Some((id, self.get(id)?)))
    }

    /// Adds a group, and returns its id.
    pub(crate) fn add(&mut self, group: Group, members: impl IntoIterator<Item = Member>) -> Id {
        let id = Id::random();
        self.tracked.created(|| id);
        self.by_id.insert(id, Box::new(group));
        members.into_iter().for_each(|member| self.join(id, member));
        id
    }

    /// Adds a user to a group, who must not be a member.
    pub(crate) fn join(&mut self, id: Id, member: Member) {
        if let Some(group) = self.by_id.get_mut(&id) {
            self.tracked.before_change(|| id, |_, items| group.write(id, items));
            group.add(self.next, member);
            self.by_user.insert((member.user, self.next), id);
            self.next += 1;
        }
    }

    /// Removes users. A group without members is deleted.
    pub(crate) fn leave(&mut self, id: Id, users: &[UserNo]) {
        let Some(group) = self.by_id.get_mut(&id) else { return };
        self.tracked.before_change(|| id, |_, items| group.write(id, items));
        for user in users {
            if let Some(no) = group.remove(*user) {
                self.by_user.remove(&(*user, no));
            }
        }
        group.ensure_owner();
        if group.by_age.is_empty() {
            self.by_id.remove(&id);
        }
    }

    /// Removes a user from all groups.
    pub(super) fn leave_all(&mut self, user: UserNo) {
        // `pop` removes the entry of the index first, so the loop ends also if a group does not know the user.
        while let Some(id) = self.pop(user) {
            self.leave(id, &[user]);
        }
    }

    /// Deletes a group.
    pub(crate) fn remove(&mut self, id: Id) {
        let Some(group) = self.by_id.remove(&id) else { return };
        self.tracked.before_change(|| id, |_, items| group.write(id, items));
        for (no, member) in group.by_age {
            self.by_user.remove(&(member.user, no));
        }
    }

    /// Deletes all groups that a user is in.
    pub(super) fn remove_all_of(&mut self, user: UserNo) {
        while let Some(id) = self.pop(user) {
            self.remove(id);
        }
    }

    /// Removes one group from those of a user.
    fn pop(&mut self, user: UserNo) -> Option<Id> {
        let (key, _) = self.by_user.range((user, JoinNo::MIN)..=(user, JoinNo::MAX)).next()?;
        let key = *key;
        self.by_user.remove(&key)
    }
}
