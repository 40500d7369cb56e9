use std::collections::{BTreeMap, HashMap};

use super::UserNo;
use crate::id::{Id, Kind};

/// Numbers the domains in the order of their creation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct DomainNo(u32);

pub(crate) struct Domain {
    /// In lower case.
    pub(crate) name: Box<str>,
    pub(crate) project_name: Option<Box<str>>,
    pub(crate) created: u64,
    key: Id,
    secret: Id,
    by_user_id: HashMap<Box<str>, UserNo>,
    /// How many names for anonymous users were tried.
    anonymous: u32,
}

impl Domain {
    pub(crate) fn key(&self) -> String {
        Kind::DomainKey.write(self.key)
    }

    pub(crate) fn secret(&self) -> String {
        Kind::DomainSecret.write(self.secret)
    }

    pub(crate) fn has_secret(&self, secret: &str) -> bool {
        Kind::DomainSecret.read(secret) == Some(self.secret)
    }

    pub(crate) fn user(&self, user_id: &str) -> Option<UserNo> {
        self.by_user_id.get(user_id).copied()
    }

    pub(crate) fn number_of_users(&self) -> usize {
        self.by_user_id.len()
    }

    /// In the order of their creation.
    pub(crate) fn users(&self) -> Vec<UserNo> {
        let mut users: Vec<_> = self.by_user_id.values().copied().collect();
        users.sort_unstable();
        users
    }
}

#[derive(Default)]
pub(crate) struct Domains {
    next: u32,
    by_no: BTreeMap<DomainNo, Domain>,
    by_key: HashMap<Id, DomainNo>,
    by_name: HashMap<Box<str>, DomainNo>,
}

impl Domains {
    /// Creates a domain. Its name must be in lower case and not be taken.
    pub(crate) fn create(&mut self, name: Box<str>, project_name: Option<Box<str>>, created: u64) -> &Domain {
        let no = DomainNo(self.next);
        self.next += 1;
        let (key, secret) = (Id::random(), Id::random());
        self.by_key.insert(key, no);
        self.by_name.insert(name.clone(), no);
        let (by_user_id, anonymous) = (HashMap::new(), 0);
        self.by_no.entry(no).or_insert(Domain { name, project_name, created, key, secret, by_user_id, anonymous })
    }

    pub(crate) fn get(&self, no: DomainNo) -> Option<&Domain> {
        self.by_no.get(&no)
    }

    pub(crate) fn by_key(&self, key: &str) -> Option<(DomainNo, &Domain)> {
        let no = *self.by_key.get(&Kind::DomainKey.read(key)?)?;
        Some((no, self.get(no)?))
    }

    /// The domain with a name, in any case.
    pub(crate) fn by_name(&self, name: &str) -> Option<(DomainNo, &Domain)> {
        let no = *self.by_name.get(name.to_ascii_lowercase().as_str())?;
        Some((no, self.get(no)?))
    }

    /// In the order of their creation.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &Domain> {
        self.by_no.values()
    }

    pub(super) fn remove(&mut self, no: DomainNo) -> Option<Domain> {
        let domain = self.by_no.remove(&no)?;
        self.by_key.remove(&domain.key);
        self.by_name.remove(&domain.name);
        Some(domain)
    }

    /// A user id for the next anonymous user of a domain. None is given twice.
    pub(crate) fn anonymous_user_id(&mut self, no: DomainNo) -> Option<Box<str>> {
        let domain = self.by_no.get_mut(&no)?;
        loop {
            domain.anonymous = domain.anonymous.checked_add(1)?;
            let user_id = format!("anonymous-{}", domain.anonymous);
            if !domain.by_user_id.contains_key(user_id.as_str()) {
                return Some(user_id.into());
            }
        }
    }

    pub(super) fn remember_user(&mut self, no: DomainNo, user_id: Box<str>, user: UserNo) {
        if let Some(domain) = self.by_no.get_mut(&no) {
            domain.by_user_id.insert(user_id, user);
        }
    }

    pub(super) fn forget_user(&mut self, no: DomainNo, user_id: &str) {
        if let Some(domain) = self.by_no.get_mut(&no) {
            domain.by_user_id.remove(user_id);
        }
    }
}
