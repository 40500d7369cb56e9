//! The registrations for calls. They are no part of the state that is kept: a client registers again.
//!
//! Depends on `state`. Begin with `Subscriptions`.

use std::collections::{BTreeMap, VecDeque};

use crate::state::{UserNo, id::Id};

/// How many registrations a user may have. The oldest is dropped.
const OF_A_USER: usize = 16;
/// How many registrations there may be in all.
const MOST: usize = 100_000;

struct Subscription {
    /// None for an anonymous caller.
    user: Option<UserNo>,
    expires: u64,
}

/// The registrations, by their ids.
#[derive(Default)]
pub(crate) struct Subscriptions {
    by_id: BTreeMap<Id, Subscription>,
    /// Oldest first.
    by_user: BTreeMap<UserNo, VecDeque<Id>>,
}

impl Subscriptions {
    /// Adds a registration, and returns its id. None if there are too many.
    pub(crate) fn add(&mut self, user: Option<UserNo>, now: u64, expires: u64) -> Option<Id> {
        if self.by_id.len() >= MOST {
            self.remove_expired(now);
        }
        if self.by_id.len() >= MOST {
            return None;
        }
        let id = Id::random();
        self.by_id.insert(id, Subscription { user, expires });
        if let Some(user) = user {
            let ids = self.by_user.entry(user).or_default();
            ids.push_back(id);
            if ids.len() > OF_A_USER
                && let Some(oldest) = ids.pop_front()
            {
                self.by_id.remove(&oldest);
            }
        }
        Some(id)
    }

    /// Whether a registration of this owner has not expired.
    pub(crate) fn has(&self, id: Id, user: Option<UserNo>, now: u64) -> bool {
        self.by_id.get(&id).is_some_and(|it| it.user == user && now < it.expires)
    }

    /// Sets when a registration expires.
    pub(crate) fn extend(&mut self, id: Id, expires: u64) {
        if let Some(subscription) = self.by_id.get_mut(&id) {
            subscription.expires = expires;
        }
    }

    pub(crate) fn remove(&mut self, id: Id) {
        let Some(Subscription { user: Some(user), .. }) = self.by_id.remove(&id) else { return };
        if let Some(ids) = self.by_user.get_mut(&user) {
            ids.retain(|other| *other != id);
            if ids.is_empty() {
                self.by_user.remove(&user);
            }
        }
    }

    fn remove_expired(&mut self, now: u64) {
        let expired: Vec<_> = self.by_id.iter().filter(|(_, it)| it.expires <= now).map(|(id, _)| *id).collect();
        expired.into_iter().for_each(|id| self.remove(id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registrations_are_bounded() {
        let mut subscriptions = Subscriptions::default();
        for _ in 0..MOST {
            assert!(subscriptions.add(None, 0, 10).is_some());
        }
        assert!(subscriptions.add(None, 9, 20).is_none(), "all are live");
        let id = subscriptions.add(None, 10, 20).expect("the others have expired");
        assert_eq!(subscriptions.by_id.len(), 1);
        subscriptions.remove(id);
        subscriptions.remove(id);
        assert!(subscriptions.by_id.is_empty());
    }
}
