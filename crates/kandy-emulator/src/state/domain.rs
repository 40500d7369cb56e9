//! Domains, each with its credentials and its users.
//!
//! Depends on `number`, `id`, `hash_index` and `snapshot::tracked`. Begin with `Domains`.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use super::{
    hash_index::HashIndex,
    number::{DomainNo, UserNo},
    snapshot::Tracked,
};
use crate::state::id::{Id, Kind};

pub(crate) struct Domain {
    /// In lower case.
    pub(crate) name: Box<str>,
    pub(crate) project_name: Option<Box<str>>,
    pub(crate) created: u64,
    pub(super) key: Id,
    pub(super) secret: Id,
    pub(super) users: BTreeSet<UserNo>,
    /// The number of the last generated name of an anonymous user.
    pub(super) anonymous: u32,
}

impl Domain {
    pub(crate) fn key(&self) -> String {
        Kind::DomainKey.write(self.key).into()
    }

    pub(crate) fn secret(&self) -> String {
        Kind::DomainSecret.write(self.secret).into()
    }

    pub(crate) fn has_secret(&self, secret: &str) -> bool {
        Kind::DomainSecret.read(secret) == Some(self.secret)
    }

    pub(crate) fn number_of_users(&self) -> usize {
        self.users.len()
    }

    /// Those after one of them, in the order of their creation.
    pub(crate) fn users_after(&self, after: Option<UserNo>) -> impl Iterator<Item = UserNo> {
        self.users.range((after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)).copied()
    }

    /// The newest user.
    pub(crate) fn last_user(&self) -> Option<UserNo> {
        self.users.last().copied()
    }

    /// The next name for an anonymous user. None is given twice.
    pub(super) fn anonymous_user_id(&mut self) -> Option<Box<str>> {
        self.anonymous = self.anonymous.checked_add(1)?;
        Some(format!("anonymous-{}", self.anonymous).into())
    }
}

/// A domain to create.
pub(crate) struct NewDomain {
    pub(crate) name: Box<str>,
    pub(crate) project_name: Option<Box<str>>,
    pub(crate) key: Id,
    pub(crate) secret: Id,
}

impl NewDomain {
    /// A domain without a project, with random credentials.
    pub(crate) fn new(name: impl Into<Box<str>>) -> Self {
        Self { name: name.into(), project_name: None, key: Id::random(), secret: Id::random() }
    }
}

#[derive(Default)]
pub(crate) struct Domains {
    pub(super) next: u32,
    pub(super) by_no: BTreeMap<DomainNo, Domain>,
    pub(super) by_key: HashIndex<DomainNo>,
    pub(super) by_name: HashIndex<DomainNo>,
    pub(super) tracked: Tracked<DomainNo>,
}

impl Domains {
    /// An empty set that continues the numbers of another one.
    pub(super) fn none_after(others: &Self) -> Self {
        Self { next: others.next, ..Self::default() }
    }

    /// Creates a domain. Neither its name, which must be in lower case, nor its API key may be taken.
    pub(crate) fn create(&mut self, new: NewDomain, created: u64) -> &Domain {
        let NewDomain { name, project_name, key, secret } = new;
        let no = DomainNo(self.next);
        self.next += 1;
        self.tracked.created(|| no);
        self.by_key.insert(key, no);
        self.by_name.insert(&*name, no);
        let (users, anonymous) = (BTreeSet::new(), 0);
        self.by_no.entry(no).or_insert(Domain { name, project_name, created, key, secret, users, anonymous })
    }

    pub(crate) fn get(&self, no: DomainNo) -> Option<&Domain> {
        self.by_no.get(&no)
    }

    pub(super) fn get_mut(&mut self, no: DomainNo) -> Option<&mut Domain> {
        let domain = self.by_no.get_mut(&no)?;
        self.tracked.before_change(|| no, |_, items| domain.write(no, items));
        Some(domain)
    }

    /// Whether a domain has this API key.
    pub(crate) fn has_key(&self, key: Id) -> bool {
        self.find(key).is_some()
    }

    pub(crate) fn by_key(&self, key: &str) -> Option<(DomainNo, &Domain)> {
        self.find(Kind::DomainKey.read(key)?)
    }

    /// The domain with an API key.
    fn find(&self, key: Id) -> Option<(DomainNo, &Domain)> {
        let mut domains = self.by_key.candidates(key).filter_map(|no| Some((no, self.get(no)?)));
        domains.find(|(_, domain)| domain.key == key)
    }

    /// The domain with a name, in any case.
    pub(crate) fn by_name(&self, name: &str) -> Option<(DomainNo, &Domain)> {
        let name = name.to_ascii_lowercase();
        let mut domains = self.by_name.candidates(&*name).filter_map(|no| Some((no, self.get(no)?)));
        domains.find(|(_, domain)| *domain.name == name)
    }

    /// In the order of their creation.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Domain> {
        self.by_no.values()
    }

    /// Those after one of them, in the order of their creation.
    pub(crate) fn after(&self, after: Option<DomainNo>) -> impl Iterator<Item = (DomainNo, &Domain)> {
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        self.by_no.range(range).map(|(no, domain)| (*no, domain))
    }

    /// The newest domain.
    pub(crate) fn last(&self) -> Option<DomainNo> {
        self.by_no.last_key_value().map(|(no, _)| *no)
    }

    pub(super) fn remove(&mut self, no: DomainNo) -> Option<Domain> {
        let domain = self.by_no.remove(&no)?;
        self.tracked.before_change(|| no, |_, items| domain.write(no, items));
        self.by_key.remove(domain.key, no);
        self.by_name.remove(&*domain.name, no);
        Some(domain)
    }
}
