//! Groups to create, with all their members at once.
//!
//! Depends on `state`. Begin with `NewGroup`.

use kandy_sys::ApiFault;
use serde::Deserialize;
use serde_json::Map;

use crate::{
    protocol::refusal::{invalid, missing, user_not_found},
    state::{Group, MAX_MEMBERS, Member, State},
};

fn max_members() -> usize {
    MAX_MEMBERS
}

/// A group to put into an emulator.
///
/// ```
/// use kandy_emulator::NewGroup;
///
/// let group = NewGroup::new("Friends").owner("russ@example.com").member("anna@example.com");
/// # let _ = group;
/// ```
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
#[must_use]
pub struct NewGroup {
    name: String,
    #[serde(default)]
    pub(super) owners: Vec<String>,
    #[serde(default)]
    pub(super) members: Vec<String>,
    #[serde(default)]
    pub(super) muted: Vec<String>,
    #[serde(default = "max_members")]
    max_members: usize,
}

impl NewGroup {
    /// A group with this name, without members.
    pub fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, owners: Vec::new(), members: Vec::new(), muted: Vec::new(), max_members: MAX_MEMBERS }
    }

    /// Adds an owner by full user id.
    pub fn owner(mut self, full_user_id: impl Into<String>) -> Self {
        self.owners.push(full_user_id.into());
        self
    }

    /// Adds a member by full user id.
    pub fn member(mut self, full_user_id: impl Into<String>) -> Self {
        self.members.push(full_user_id.into());
        self
    }

    /// Adds a muted member by full user id.
    pub fn muted_member(mut self, full_user_id: impl Into<String>) -> Self {
        self.muted.push(full_user_id.into());
        self
    }

    /// Sets how many members the group may have, owners included. The default is 100.
    pub fn max_members(mut self, max_members: usize) -> Self {
        self.max_members = max_members;
        self
    }
}

impl State {
    /// Creates a group of users of one domain, and returns its id.
    pub(crate) fn create_group(&mut self, new: &NewGroup) -> Result<String, ApiFault> {
        let mut members = Vec::<Member>::new();
        for (full_user_ids, is_owner, is_muted) in
            [(&new.owners, true, false), (&new.members, false, false), (&new.muted, false, true)]
        {
            for full_user_id in full_user_ids {
                let user = self.user_by_full_id(full_user_id).ok_or_else(user_not_found)?;
                if members.len() == new.max_members {
                    return Err(invalid("max_members"));
                }
                members.push(Member { is_owner, is_muted, ..Member::new(user) });
            }
        }
        self.check_members(&members)?;
        let (name, created) = (Some(new.name.clone()), self.clock.now());
        let id = self.groups.add(Group::new(name, Map::new(), new.max_members, created), members);
        Ok(format!("{id:x}"))
    }

    /// Members are of one domain, and each is named once.
    fn check_members(&self, members: &[Member]) -> Result<(), ApiFault> {
        let first = members.first().ok_or_else(|| missing("owners"))?;
        if members.iter().any(|member| self.users.domain_of(member.user) != self.users.domain_of(first.user)) {
            return Err(user_not_found());
        }
        let mut users: Vec<_> = members.iter().map(|member| member.user).collect();
        users.sort_unstable();
        users.dedup();
        if users.len() == members.len() { Ok(()) } else { Err(invalid("members")) }
    }
}
