//! Uploaded files.
//!
//! Depends on `number` and `snapshot::tracked`. Begin with `Contents`.

use std::collections::BTreeMap;

use bytes::Bytes;
use uuid::Uuid;

use super::{
    number::{DomainNo, UserNo},
    snapshot::Tracked,
};

/// An uploaded file.
pub(crate) struct Content {
    pub(crate) owner: UserNo,
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

/// The files of all domains, by the ids that clients chose.
#[derive(Default)]
pub(crate) struct Contents {
    pub(super) by_id: BTreeMap<(DomainNo, Uuid), Content>,
    pub(super) by_owner: BTreeMap<UserNo, Vec<(DomainNo, Uuid)>>,
    pub(super) tracked: Tracked<(DomainNo, Uuid)>,
}

impl Contents {
    pub(crate) fn get(&self, domain: DomainNo, id: Uuid) -> Option<&Content> {
        self.by_id.get(&(domain, id))
    }

    /// Stores a file, in the place of one that the same user stored under this id. Returns false if another user stored
    /// one under it.
    pub(crate) fn store(&mut self, domain: DomainNo, id: Uuid, content: Content) -> bool {
        let owner = content.owner;
        // The same user may replace a file, so that a client can repeat an upload after a broken connection.
        match self.by_id.get(&(domain, id)) {
            Some(stored) if stored.owner != owner => return false,
            Some(stored) => self.tracked.before_change(|| (domain, id), |_, items| stored.write((domain, id), items)),
            None => {
                self.tracked.created(|| (domain, id));
                self.by_owner.entry(owner).or_default().push((domain, id));
            }
        }
        self.by_id.insert((domain, id), content);
        true
    }

    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }

    pub(super) fn remove_all_of(&mut self, owner: UserNo) {
        for key in self.by_owner.remove(&owner).unwrap_or_default() {
            if let Some(content) = self.by_id.remove(&key) {
                self.tracked.before_change(|| key, |_, items| content.write(key, items));
            }
        }
    }
}
