//! Hunt groups, each with its users and administrators.
//!
//! Depends on `number` and `snapshot::tracked`. Begin with `HuntGroups`.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::{
    number::{DomainNo, UserNo},
    snapshot::Tracked,
};

/// The role of a user in a hunt group. One user may have both.
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
    pub(super) users: BTreeSet<UserNo>,
    pub(super) admins: BTreeSet<UserNo>,
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

    /// Its users in a role, in the order of their creation.
    pub(crate) fn members(&self, role: Role) -> impl DoubleEndedIterator<Item = UserNo> {
        self.of(role).iter().copied()
    }

    /// Its users in a role after one of them.
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
pub(super) struct OfDomain {
    pub(super) by_name: BTreeMap<Box<str>, HuntGroup>,
    /// The hunt groups of each user, so that deleting a user needs no search.
    pub(super) by_user: BTreeMap<UserNo, BTreeSet<Box<str>>>,
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
pub(crate) struct HuntGroups {
    pub(super) by_domain: BTreeMap<DomainNo, OfDomain>,
    pub(super) tracked: Tracked<(DomainNo, Box<str>)>,
}

impl HuntGroups {
    /// Creates a hunt group; false if the name is taken.
    pub(crate) fn create(&mut self, domain: DomainNo, name: Box<str>, group: HuntGroup) -> bool {
        let groups = &mut self.by_domain.entry(domain).or_default().by_name;
        let is_free = !groups.contains_key(&name);
        if is_free {
            self.tracked.created(|| (domain, name.clone()));
            groups.insert(name, group);
        }
        is_free
    }

    pub(crate) fn get(&self, domain: DomainNo, name: &str) -> Option<&HuntGroup> {
        self.by_domain.get(&domain)?.by_name.get(name)
    }

    /// In alphabetical order.
    pub(crate) fn of_domain(&self, domain: DomainNo) -> impl Iterator<Item = (&str, &HuntGroup)> {
        let groups = self.by_domain.get(&domain).into_iter().flat_map(|groups| &groups.by_name);
        groups.map(|(name, group)| (name.as_ref(), group))
    }

    /// Deletes a hunt group; false if there is none of that name.
    pub(crate) fn remove(&mut self, domain: DomainNo, name: &str) -> bool {
        let Some(groups) = self.by_domain.get_mut(&domain) else { return false };
        let Some(group) = groups.by_name.remove(name) else { return false };
        self.tracked.before_change(|| (domain, name.into()), |_, items| group.write(domain, name, items));
        for user in group.users.union(&group.admins) {
            groups.forget(*user, name);
        }
        true
    }

    /// Adds a user to a hunt group, which must exist; false if it has the user already.
    pub(crate) fn add_member(&mut self, domain: DomainNo, name: &str, role: Role, user: UserNo) -> bool {
        let Some(groups) = self.by_domain.get_mut(&domain) else { return false };
        let Some(group) = groups.by_name.get_mut(name) else { return false };
        self.tracked.before_change(|| (domain, name.into()), |_, items| group.write(domain, name, items));
        groups.by_user.entry(user).or_default().insert(name.into());
        group.set(role).insert(user)
    }

    /// Removes a user from a hunt group; false if it does not have the user.
    pub(crate) fn remove_member(&mut self, domain: DomainNo, name: &str, role: Role, user: UserNo) -> bool {
        let Some(groups) = self.by_domain.get_mut(&domain) else { return false };
        let Some(group) = groups.by_name.get_mut(name) else { return false };
        self.tracked.before_change(|| (domain, name.into()), |_, items| group.write(domain, name, items));
        let was_there = group.set(role).remove(&user);
        // The index covers both roles: the entry stays while the user has the other one.
        if !group.has(user) {
            groups.forget(user, name);
        }
        was_there
    }

    /// Removes a deleted user from all hunt groups. An empty one stays.
    pub(super) fn forget_user(&mut self, domain: DomainNo, user: UserNo) {
        let Some(groups) = self.by_domain.get_mut(&domain) else { return };
        for name in groups.by_user.remove(&user).unwrap_or_default() {
            if let Some(group) = groups.by_name.get_mut(&name) {
                self.tracked.before_change(|| (domain, name.clone()), |_, items| group.write(domain, &name, items));
                group.users.remove(&user);
                group.admins.remove(&user);
            }
        }
    }

    pub(super) fn forget_domain(&mut self, domain: DomainNo) {
        for (name, group) in self.by_domain.remove(&domain).map(|groups| groups.by_name).unwrap_or_default() {
            self.tracked.before_change(|| (domain, name.clone()), |_, items| group.write(domain, &name, items));
        }
    }
}
