//! What is put into the emulator beside the API: what its operations create no such things of, and what is to be there
//! from the beginning.

mod error;
mod form;
mod place;
mod sow;

pub use error::SeedError;
pub use form::Seed;
pub use sow::SeededDomain;

use kandy_sys::{Fault, HintType, types::Contact};
use serde::Deserialize;
use serde_json::Map;

use crate::{
    id::Id,
    refusal::{invalid, missing, unknown, user_not_found},
    state::{Group, Member, State},
};

/// How many members a group may have, unless it is said.
pub(crate) const MAX_MEMBERS: usize = 50;

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
    owners: Vec<String>,
    #[serde(default)]
    members: Vec<String>,
    #[serde(default)]
    muted: Vec<String>,
    #[serde(default = "max_members")]
    max_members: usize,
}

fn max_members() -> usize {
    MAX_MEMBERS
}

impl NewGroup {
    /// A group with this name that nobody is in yet.
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

    /// Adds a member who is muted, by full user id.
    pub fn muted_member(mut self, full_user_id: impl Into<String>) -> Self {
        self.muted.push(full_user_id.into());
        self
    }

    /// How many members the group may have, its owners among them; 50 unless it is said.
    pub fn max_members(mut self, max_members: usize) -> Self {
        self.max_members = max_members;
        self
    }
}

impl State {
    /// Creates a group of users of one domain, and answers its id.
    pub(crate) fn create_group(&mut self, new: &NewGroup) -> Result<String, Fault> {
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
    fn check_members(&self, members: &[Member]) -> Result<(), Fault> {
        let first = members.first().ok_or_else(|| missing("owners"))?;
        if members.iter().any(|member| self.users.domain_of(member.user) != self.users.domain_of(first.user)) {
            return Err(user_not_found());
        }
        let mut users: Vec<_> = members.iter().map(|member| member.user).collect();
        users.sort_unstable();
        users.dedup();
        if users.len() == members.len() { Ok(()) } else { Err(invalid("members")) }
    }

    /// Puts a contact into the address book of a device. What the contact leaves out is filled in.
    pub(crate) fn add_contact(&mut self, device_id: &str, contact: Contact) -> Result<(), Fault> {
        let device = Id::from_upper_hex(device_id).and_then(|id| self.devices.get_mut(id));
        let device = device.ok_or_else(|| unknown("device"))?;
        if contact.number.is_none() {
            return Err(missing("number"));
        }
        let contact = Contact {
            device_id: Some(device_id.to_owned()),
            contact_id: contact.contact_id.or_else(|| Some("".into())),
            hint_type: contact.hint_type.or(Some(HintType::None)),
            ..contact
        };
        device.add_contacts(vec![contact]);
        Ok(())
    }
}
