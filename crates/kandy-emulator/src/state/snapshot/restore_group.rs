//! Puts groups, sessions and hunt groups, which have users, into a state.
//!
//! Depends on `record`, `restore` and the collections. Begin with `Loader::group`.

use std::{borrow::Cow, collections::BTreeMap};

use super::{
    loader::Loader,
    record,
    restore::{TWICE, option, owned},
};
use crate::state::{Group, HuntGroup, Member, Participant, Role, Session, Shown};

impl Loader {
    pub(super) fn group(&mut self, group: record::Group<'_>) -> Result<(), &'static str> {
        let record::Group { id, name, image, max_members, created, members } = group;
        if self.state.groups.by_id.contains_key(&id) {
            return Err(TWICE);
        }
        if members.is_empty() {
            return Err("a group has members");
        }
        let name = name.map(Cow::into_owned);
        let mut restored = Box::new(Group::new(name, image.into_owned(), max_members, created));
        for record::Member { no, user, is_owner, is_muted, has_muted } in members {
            let user = self.known_user(user)?;
            let groups = &mut self.state.groups;
            let is_member = restored.member(user).is_some() || restored.by_age.contains_key(&no);
            if is_member || groups.by_user.insert((user, no), id).is_some() {
                return Err(TWICE);
            }
            groups.next = groups.next.max(no.checked_add(1).ok_or("its number is too large")?);
            restored.add(no, Member { user, is_owner, is_muted, has_muted });
        }
        self.state.groups.by_id.insert(id, restored);
        Ok(())
    }

    pub(super) fn session(&mut self, session: record::Session<'_>) -> Result<(), &'static str> {
        let record::Session {
            no,
            id,
            domain,
            admin,
            session_type,
            name,
            description,
            is_active,
            created,
            expires,
            participants,
            next,
        } = session;
        let (domain, admin) = (self.known_domain(domain)?, self.known_user(admin)?);
        if self.state.sessions.by_no.contains_key(&no) || self.state.sessions.by_id.contains_key(&id) {
            return Err(TWICE);
        }
        let (session_type, name, description) = (option(session_type), option(name), option(description));
        let mut restored = Session {
            id,
            domain,
            admin,
            session_type,
            name,
            description,
            is_active,
            created,
            expires,
            participants: BTreeMap::new(),
            next,
        };
        for participant in participants {
            let record::Participant { user, number, is_approved, nickname, first_name, last_name, phone_number, email } =
                participant;
            let user = self.known_user(user)?;
            let shown = Shown {
                nickname: option(nickname),
                first_name: option(first_name),
                last_name: option(last_name),
                phone_number: option(phone_number),
                email: option(email),
            };
            if restored.participants.insert(user, Participant { number, is_approved, shown }).is_some() {
                return Err(TWICE);
            }
            self.state.sessions.by_user.entry(user).or_default().insert(no);
        }
        if !restored.participants.contains_key(&admin) {
            return Err("the admin is none of the participants");
        }
        let sessions = &mut self.state.sessions;
        sessions.next = sessions.next.max(no.checked_add(1).ok_or("its number is too large")?);
        sessions.by_id.insert(id, no);
        sessions.by_domain.entry(domain).or_default().insert(no);
        if let Some(name) = &restored.name {
            sessions.by_name.entry((domain, name.clone())).or_default().insert(no);
        }
        sessions.by_no.insert(no, restored);
        Ok(())
    }

    pub(super) fn hunt_group(&mut self, group: record::HuntGroup<'_>) -> Result<(), &'static str> {
        let record::HuntGroup { domain, name, kind, pilot_uri_address, overflow_dest, anonymous_uri, users, admins } =
            group;
        let domain = self.known_domain(domain)?;
        let restored =
            HuntGroup::new(owned(kind), owned(pilot_uri_address), owned(overflow_dest), owned(anonymous_uri));
        let name = owned(name);
        if !self.state.hunt_groups.create(domain, name.clone(), restored) {
            return Err(TWICE);
        }
        for (role, users) in [(Role::User, users), (Role::Admin, admins)] {
            for user in users {
                let user = self.known_user(user)?;
                if !self.state.hunt_groups.add_member(domain, &name, role, user) {
                    return Err(TWICE);
                }
            }
        }
        Ok(())
    }
}
