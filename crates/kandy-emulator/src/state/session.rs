//! Open sessions and their participants.
//!
//! Depends on `number`, `id` and `snapshot::tracked`. Begin with `Sessions`.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    ops::Bound,
};

use super::{
    number::{DomainNo, UserNo},
    snapshot::Tracked,
};
use crate::state::id::Id;

/// The names and contact data that a participant shows to others.
#[derive(Default)]
pub(crate) struct Shown {
    pub(crate) nickname: Option<Box<str>>,
    pub(crate) first_name: Option<Box<str>>,
    pub(crate) last_name: Option<Box<str>>,
    pub(crate) phone_number: Option<Box<str>>,
    pub(crate) email: Option<Box<str>>,
}

/// A participant, or a user with a join request.
pub(crate) struct Participant {
    /// Numbers the participants in the order of joining.
    pub(super) number: u64,
    pub(crate) is_approved: bool,
    pub(crate) shown: Shown,
}

/// A session to create.
#[derive(Default)]
pub(crate) struct NewSession {
    pub(crate) session_type: Option<Box<str>>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) description: Option<Box<str>>,
    pub(crate) admin: Shown,
}

pub(crate) struct Session {
    pub(crate) id: Id,
    pub(crate) domain: DomainNo,
    pub(crate) admin: UserNo,
    pub(crate) session_type: Option<Box<str>>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) description: Option<Box<str>>,
    pub(crate) is_active: bool,
    pub(crate) created: u64,
    pub(crate) expires: u64,
    /// The admin too.
    pub(super) participants: BTreeMap<UserNo, Participant>,
    pub(super) next: u64,
}

impl Session {
    /// How long it is open.
    const LIFETIME: u64 = 24 * 60 * 60 * 1000;

    pub(crate) fn participant(&self, user: UserNo) -> Option<&Participant> {
        self.participants.get(&user)
    }

    /// The number of participants and join requests.
    pub(crate) fn count_participants(&self) -> usize {
        self.participants.len()
    }

    /// In the order in which they came.
    pub(crate) fn participants(&self) -> Vec<(UserNo, &Participant)> {
        let mut participants: Vec<_> =
            self.participants.iter().map(|(user, participant)| (*user, participant)).collect();
        participants.sort_unstable_by_key(|(_, participant)| participant.number);
        participants
    }

    fn add(&mut self, user: UserNo, shown: Shown, is_approved: bool) {
        self.participants.insert(user, Participant { number: self.next, is_approved, shown });
        self.next += 1;
    }
}

/// Numbers the sessions in the order of their creation.
pub(super) type SessionNo = u64;

/// The sessions that are open: one that was deleted or has expired is forgotten.
#[derive(Default)]
pub(crate) struct Sessions {
    pub(super) next: SessionNo,
    /// The time of the last call of `expire`: sessions that have expired by then do not count.
    pub(super) now: u64,
    pub(super) by_no: BTreeMap<SessionNo, Session>,
    pub(super) by_id: BTreeMap<Id, SessionNo>,
    pub(super) by_domain: BTreeMap<DomainNo, BTreeSet<SessionNo>>,
    /// More than one may have the same name.
    pub(super) by_name: BTreeMap<(DomainNo, Box<str>), BTreeSet<SessionNo>>,
    /// The sessions in which a user is a participant or has a join request.
    pub(super) by_user: BTreeMap<UserNo, BTreeSet<SessionNo>>,
    pub(super) tracked: Tracked<SessionNo>,
}

impl Sessions {
    /// Creates a session, which its admin takes part in, and returns its id.
    pub(crate) fn create(&mut self, domain: DomainNo, admin: UserNo, new: NewSession, now: u64) -> Id {
        let (id, no) = (Id::random(), self.next);
        (self.next, self.now) = (no + 1, now);
        self.tracked.created(|| no);
        self.by_id.insert(id, no);
        self.by_domain.entry(domain).or_default().insert(no);
        self.by_user.entry(admin).or_default().insert(no);
        if let Some(name) = &new.name {
            self.by_name.entry((domain, name.clone())).or_default().insert(no);
        }
        let mut session = Session {
            id,
            domain,
            admin,
            session_type: new.session_type,
            name: new.name,
            description: new.description,
            is_active: false,
            created: now,
            expires: now.saturating_add(Session::LIFETIME),
            participants: BTreeMap::new(),
            next: 0,
        };
        session.add(admin, new.admin, true);
        self.by_no.insert(no, session);
        id
    }

    /// Closes expired sessions, and removes a bounded number of them, which it returns. Sessions expire in the order of
    /// their numbers, so it visits no others.
    pub(crate) fn expire(&mut self, now: u64) -> Vec<Session> {
        // Bounded, so that one request after a jump of the clock does not pay for all. `open` hides the ones that are
        // left (`expired_sessions_are_closed_before_they_are_removed`).
        const AT_ONCE: usize = 100;
        self.now = now;
        // Without an allocation as long as none has expired.
        let mut expired = Vec::new();
        for _ in 0..AT_ONCE {
            match self.by_no.first_key_value() {
                Some((no, session)) if session.expires <= now => expired.extend(self.remove_no(*no)),
                _ => break,
            }
        }
        expired
    }

    /// Returns when the next session expires.
    pub(crate) fn next_expiry(&self) -> Option<u64> {
        self.by_no.first_key_value().map(|(_, session)| session.expires)
    }

    /// The ids of the open sessions in which a user is a participant or has a join request, oldest first.
    pub(super) fn of_user(&self, user: UserNo) -> impl Iterator<Item = (Id, UserNo)> {
        let sessions = self.by_user.get(&user).into_iter().flatten().filter_map(|no| self.open(*no));
        sessions.map(|session| (session.id, session.admin))
    }

    fn open(&self, no: SessionNo) -> Option<&Session> {
        self.by_no.get(&no).filter(|session| self.now < session.expires)
    }

    /// Those after one of them, oldest first, also those that have expired and are not removed yet.
    pub(crate) fn after(&self, after: Option<SessionNo>) -> impl Iterator<Item = (SessionNo, &Session)> {
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        self.by_no.range(range).map(|(no, session)| (*no, session))
    }

    pub(crate) fn count_open(&self, now: u64) -> usize {
        self.by_no.values().filter(|session| now < session.expires).count()
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Session> {
        self.open(*self.by_id.get(&id)?)
    }

    pub(crate) fn get_mut(&mut self, id: Id) -> Option<&mut Session> {
        let no = *self.by_id.get(&id)?;
        let session = self.by_no.get_mut(&no).filter(|session| self.now < session.expires)?;
        self.tracked.before_change(|| no, |_, items| session.write(no, items));
        Some(session)
    }

    /// The newest one of the domain that has this name.
    pub(crate) fn by_name(&self, domain: DomainNo, name: &str) -> Option<&Session> {
        self.open(*self.by_name.get(&(domain, name.into()))?.last()?)
    }

    /// Those of a domain, oldest first.
    pub(crate) fn of_domain(&self, domain: DomainNo) -> impl Iterator<Item = &Session> {
        self.by_domain.get(&domain).into_iter().flatten().filter_map(|no| self.open(*no))
    }

    /// Those that a user created, oldest first.
    pub(crate) fn of_admin(&self, user: UserNo) -> impl Iterator<Item = &Session> {
        let sessions = self.by_user.get(&user).into_iter().flatten().filter_map(|no| self.open(*no));
        sessions.filter(move |session| session.admin == user)
    }

    /// Adds a join request.
    pub(crate) fn join(&mut self, id: Id, user: UserNo, shown: Shown) {
        if let Some(no) = self.by_id.get(&id)
            && let Some(session) = self.by_no.get_mut(no)
        {
            self.tracked.before_change(|| *no, |_, items| session.write(*no, items));
            session.add(user, shown, false);
            self.by_user.entry(user).or_default().insert(*no);
        }
    }

    /// Approves a join request.
    pub(crate) fn approve(&mut self, id: Id, user: UserNo) {
        if let Some(participant) = self.get_mut(id).and_then(|session| session.participants.get_mut(&user)) {
            participant.is_approved = true;
        }
    }

    /// Removes a user who is not the admin.
    pub(crate) fn leave(&mut self, id: Id, user: UserNo) {
        if let Some(no) = self.by_id.get(&id).copied()
            && let Some(session) = self.by_no.get_mut(&no)
        {
            self.tracked.before_change(|| no, |_, items| session.write(no, items));
            session.participants.remove(&user);
            self.forget(user, no);
        }
    }

    pub(crate) fn remove(&mut self, id: Id) {
        if let Some(no) = self.by_id.get(&id) {
            self.remove_no(*no);
        }
    }

    /// Forgets a user, and with them the sessions that they are the admin of.
    pub(super) fn remove_user(&mut self, user: UserNo) {
        for no in self.by_user.remove(&user).unwrap_or_default() {
            match self.by_no.get_mut(&no) {
                Some(session) if session.admin != user => {
                    self.tracked.before_change(|| no, |_, items| session.write(no, items));
                    session.participants.remove(&user);
                }
                _ => drop(self.remove_no(no)),
            }
        }
    }

    pub(super) fn remove_domain(&mut self, domain: DomainNo) {
        for no in self.by_domain.remove(&domain).unwrap_or_default() {
            self.remove_no(no);
        }
    }

    fn remove_no(&mut self, no: SessionNo) -> Option<Session> {
        let session = self.by_no.remove(&no)?;
        self.tracked.before_change(|| no, |_, items| session.write(no, items));
        self.by_id.remove(&session.id);
        remove_from(&mut self.by_domain, session.domain, no);
        for user in session.participants.keys() {
            self.forget(*user, no);
        }
        if let Some(name) = &session.name {
            remove_from(&mut self.by_name, (session.domain, name.clone()), no);
        }
        Some(session)
    }

    fn forget(&mut self, user: UserNo, no: SessionNo) {
        remove_from(&mut self.by_user, user, no);
    }
}

/// Removes a number from one of the sets, and the set once it is empty.
fn remove_from<K: Ord>(sets: &mut BTreeMap<K, BTreeSet<SessionNo>>, key: K, no: SessionNo) {
    if let Entry::Occupied(mut set) = sets.entry(key) {
        set.get_mut().remove(&no);
        if set.get().is_empty() {
            set.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{
        super::{Account, NewDomain, NewUser, State},
        *,
    };

    #[test]
    fn removal_leaves_nothing() {
        let mut state = State::new(Account { key: "AAK".into(), secret: "AAS".into() }, Duration::from_secs(1));
        let key = state.domains.create(NewDomain::new("example.com"), 0).key();
        let domain = state.domains.by_key(&key).expect("there").0;
        let mut user = |id: &str| state.create_user(domain, NewUser { user_id: id.into(), ..Default::default() });
        let (russ, anna) = (user("russ"), user("anna"));
        let mut sessions = Sessions::default();
        let new = || NewSession { name: Some("help".into()), ..NewSession::default() };
        let is_empty = |sessions: &Sessions| {
            sessions.by_no.is_empty()
                && sessions.by_id.is_empty()
                && sessions.by_domain.is_empty()
                && sessions.by_name.is_empty()
                && sessions.by_user.is_empty()
        };

        let remove: [fn(&mut Sessions, Id, DomainNo, UserNo); 4] = [
            |sessions, id, _, _| sessions.remove(id),
            |sessions, _, _, russ| sessions.remove_user(russ),
            |sessions, _, domain, _| sessions.remove_domain(domain),
            |sessions, _, _, _| drop(sessions.expire(Session::LIFETIME)),
        ];
        for remove in remove {
            let id = sessions.create(domain, russ, new(), 0);
            sessions.join(id, anna, Shown::default());
            sessions.expire(Session::LIFETIME - 1);
            assert_eq!(sessions.get(id).expect("not yet").participants().len(), 2);
            remove(&mut sessions, id, domain, russ);
            assert!(is_empty(&sessions));
        }
        let id = sessions.create(domain, russ, new(), 0);
        sessions.join(id, anna, Shown::default());
        sessions.remove_user(anna);
        assert!(sessions.get(id).is_some_and(|session| session.participant(anna).is_none()));
        sessions.remove_user(russ);
        assert!(is_empty(&sessions));
    }

    #[test]
    fn expired_sessions_are_closed_before_they_are_removed() {
        let mut state = State::new(Account { key: "AAK".into(), secret: "AAS".into() }, Duration::from_secs(1));
        let key = state.domains.create(NewDomain::new("example.com"), 0).key();
        let domain = state.domains.by_key(&key).expect("there").0;
        let russ = state.create_user(domain, NewUser { user_id: "russ".into(), ..Default::default() });
        let mut sessions = Sessions::default();
        let new = || NewSession { name: Some("help".into()), ..NewSession::default() };
        let last = (0..1000).map(|_| sessions.create(domain, russ, new(), 0)).last().expect("many");
        sessions.expire(Session::LIFETIME);
        assert!(!sessions.by_no.is_empty(), "some are left for later");
        assert!(sessions.get(last).is_none() && sessions.get_mut(last).is_none());
        assert!(sessions.by_name(domain, "help").is_none());
        assert!(sessions.of_domain(domain).next().is_none() && sessions.of_admin(russ).next().is_none());
        (0..10).for_each(|_| drop(sessions.expire(Session::LIFETIME)));
        assert!(sessions.by_no.is_empty());
    }
}
