use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::number::{DomainNo, UserNo};

/// What a user is in a hunt group. One user may be both.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    User,
    Admin,
}

pub(crate) struct HuntGroup {
    pub(crate) kind: Box<str>,
    pub(crate) pilot_uri_address: Box<str>,
    pub(crate) overflow_dest: Box<str>,
    pub(crate) anonymous_uri: Box<str>,
    users: BTreeSet<UserNo>,
    admins: BTreeSet<UserNo>,
}

impl HuntGroup {
    pub(crate) fn new(
        kind: Box<str>,
        pilot_uri_address: Box<str>,
        overflow_dest: Box<str>,
        anonymous_uri: Box<str>,
    ) -> Self {
        let (users, admins) = (BTreeSet::new(), BTreeSet::new());
        Self { kind, pilot_uri_address, overflow_dest, anonymous_uri, users, admins }
    }

    /// Who is in it, in the order in which the users were created.
    pub(crate) fn members(&self, role: Role) -> impl DoubleEndedIterator<Item = UserNo> {
        self.of(role).iter().copied()
    }

    /// The same from the first one that comes after one of them.
    pub(crate) fn members_after(&self, role: Role, after: Option<UserNo>) -> impl Iterator<Item = UserNo> {
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        self.of(role).range(range).copied()
    }

    fn of(&self, role: Role) -> &BTreeSet<UserNo> {
        match role {
            Role::User => &self.users,
            Role::Admin => &self.admins,
        }
    }

    fn has(&self, user: UserNo) -> bool {
        self.users.contains(&user) || self.admins.contains(&user)
    }

    fn set(&mut self, role: Role) -> &mut BTreeSet<UserNo> {
        match role {
            Role::User => &mut self.users,
            Role::Admin => &mut self.admins,
        }
    }
}

/// The hunt groups of a domain.
#[derive(Default)]
struct OfDomain {
    by_name: BTreeMap<Box<str>, HuntGroup>,
    /// The names of those that a user is in, so that nothing is searched when the user is deleted.
    by_user: BTreeMap<UserNo, BTreeSet<Box<str>>>,
}

impl OfDomain {
    fn forget(&mut self, user: UserNo, name: &str) {
        if let Some(names) = self.by_user.get_mut(&user) {
            names.remove(name);
            if names.is_empty() {
                self.by_user.remove(&user);
            }
        }
    }
}

/// The hunt groups, by domain. Most domains have none.
#[derive(Default)]
pub(crate) struct HuntGroups(BTreeMap<DomainNo, OfDomain>);

impl HuntGroups {
    /// Creates a hunt group; false if the name is taken.
    pub(crate) fn create(&mut self, domain: DomainNo, name: Box<str>, group: HuntGroup) -> bool {
        let groups = &mut self.0.entry(domain).or_default().by_name;
        let is_free = !groups.contains_key(&name);
        if is_free {
            groups.insert(name, group);
        }
        is_free
    }

    pub(crate) fn get(&self, domain: DomainNo, name: &str) -> Option<&HuntGroup> {
        self.0.get(&domain)?.by_name.get(name)
    }

    /// In alphabetical order.
    pub(crate) fn of_domain(&self, domain: DomainNo) -> impl Iterator<Item = (&str, &HuntGroup)> {
        let groups = self.0.get(&domain).into_iter().flat_map(|groups| &groups.by_name);
        groups.map(|(name, group)| (name.as_ref(), group))
    }

    /// Deletes a hunt group; false if there is none of that name.
    pub(crate) fn remove(&mut self, domain: DomainNo, name: &str) -> bool {
        let Some(groups) = self.0.get_mut(&domain) else { return false };
        let Some(group) = groups.by_name.remove(name) else { return false };
        for user in group.users.union(&group.admins) {
            groups.forget(*user, name);
        }
        true
    }

    /// Puts a user into a hunt group, which has to be there; false if the user is in it already.
    pub(crate) fn add_member(&mut self, domain: DomainNo, name: &str, role: Role, user: UserNo) -> bool {
        let Some(groups) = self.0.get_mut(&domain) else { return false };
        let Some(group) = groups.by_name.get_mut(name) else { return false };
        groups.by_user.entry(user).or_default().insert(name.into());
        group.set(role).insert(user)
    }

    /// Takes a user out of a hunt group; false if the user is not in it.
    pub(crate) fn remove_member(&mut self, domain: DomainNo, name: &str, role: Role, user: UserNo) -> bool {
        let Some(groups) = self.0.get_mut(&domain) else { return false };
        let Some(group) = groups.by_name.get_mut(name) else { return false };
        let was_there = group.set(role).remove(&user);
        if !group.has(user) {
            groups.forget(user, name);
        }
        was_there
    }

    /// Takes a user who is deleted out of all hunt groups. One that nobody is left in stays.
    pub(super) fn forget_user(&mut self, domain: DomainNo, user: UserNo) {
        let Some(groups) = self.0.get_mut(&domain) else { return };
        for name in groups.by_user.remove(&user).unwrap_or_default() {
            if let Some(group) = groups.by_name.get_mut(&name) {
                group.users.remove(&user);
                group.admins.remove(&user);
            }
        }
    }

    pub(super) fn forget_domain(&mut self, domain: DomainNo) {
        self.0.remove(&domain);
    }
}
