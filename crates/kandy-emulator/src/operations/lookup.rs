//! Finds the objects that parameters name, and refuses those that the caller may not see.
//!
//! Depends on `state` and `protocol`.

use kandy_sys::ApiFault;

use crate::{
    protocol::{
        call::Call,
        refusal::{group_not_found, not_in_group, permission_denied, unknown},
    },
    state::{DomainNo, Group, Member, Session, State, TokenOwner, TokenStatus, UserNo, id::Id},
};

/// The device in `device_id`, which has to be one of the user's.
pub(super) fn own_device(state: &State, call: &Call, user: UserNo) -> Result<Id, ApiFault> {
    match device(state, call)? {
        (id, owner) if owner == user => Ok(id),
        // The same error as for a device that does not exist.
        _ => Err(unknown("device")),
    }
}

/// Finds the device in `device_id`, and its owner.
pub(super) fn device(state: &State, call: &Call) -> Result<(Id, UserNo), ApiFault> {
    let id = Id::from_upper_hex(call.require("device_id")?);
    id.and_then(|id| Some((id, state.devices.get(id)?.user))).ok_or_else(|| unknown("device"))
}

/// Finds a user by full user id, unless it is one of another domain.
pub(super) fn user_of_same_domain(state: &State, full_user_id: &str, user: UserNo) -> Option<UserNo> {
    let found = state.user_by_full_id(full_user_id)?;
    (state.users.domain_of(found)? == state.users.domain_of(user)?).then_some(found)
}

/// Finds a group by its id, with the membership of the user.
pub(super) fn group<'a>(state: &'a State, id: &str, user: UserNo) -> Result<(Id, &'a Group, Member), ApiFault> {
    let (id, group) = state.groups.find(id).ok_or_else(group_not_found)?;
    let member = group.member(user).ok_or_else(not_in_group)?;
    Ok((id, group, *member))
}

/// Finds a group by its id, if the user is one of its owners.
pub(super) fn own_group<'a>(state: &'a State, id: &str, user: UserNo) -> Result<(Id, &'a Group), ApiFault> {
    match group(state, id, user)? {
        (id, group, member) if member.is_owner => Ok((id, group)),
        _ => Err(permission_denied()),
    }
}

/// Returns the domain of a user.
pub(super) fn domain_of(state: &State, user: UserNo) -> Result<DomainNo, ApiFault> {
    state.users.domain_of(user).ok_or_else(|| unknown("user"))
}

/// Finds a user of the domain by API key. One of another domain is unknown, like one that does not exist.
pub(super) fn user_by_key(state: &State, key: &str, domain: DomainNo) -> Result<UserNo, ApiFault> {
    let no = state.user_by_key(key);
    no.filter(|no| state.users.get(*no).is_some_and(|user| user.domain == domain)).ok_or_else(|| unknown("user"))
}

/// Finds a user of the domain by a live access token.
pub(super) fn user_by_token(state: &State, token: &str, domain: DomainNo) -> Result<UserNo, ApiFault> {
    // Not status 10: that is for the token in `key`.
    match state.token_status(token) {
        TokenStatus::Live(TokenOwner::User(no)) if state.users.get(no).is_some_and(|user| user.domain == domain) => {
            Ok(no)
        }
        _ => Err(unknown("user")),
    }
}

/// Finds a user of the domain by user id or by full user id.
pub(super) fn user_by_name(state: &State, domain: DomainNo, name: &str) -> Result<UserNo, ApiFault> {
    let user = if name.contains('@') {
        let user = state.user_by_full_id(name);
        user.filter(|user| state.users.get(*user).is_some_and(|user| user.domain == domain))
    } else {
        state.users.by_name(domain, name)
    };
    user.ok_or_else(|| unknown("user"))
}

/// Removes expired sessions, and returns the domain of a user. Every operation on sessions begins with it, so that none
/// finds an expired one.
pub(super) fn domain_with_open_sessions(state: &mut State, user: UserNo) -> Result<DomainNo, ApiFault> {
    state.expire_sessions();
    domain_of(state, user)
}

/// Finds a session of the user's domain. Any other is unknown, like one that does not exist.
pub(super) fn session<'a>(state: &'a mut State, id: &str, user: UserNo) -> Result<&'a Session, ApiFault> {
    let domain = domain_with_open_sessions(state, user)?;
    let session = Id::from_lower_hex(id).and_then(|id| state.sessions.get(id));
    session.filter(|session| session.domain == domain).ok_or_else(|| unknown("session"))
}

/// Finds a session, if the user is its admin.
pub(super) fn own_session<'a>(state: &'a mut State, id: &str, user: UserNo) -> Result<&'a Session, ApiFault> {
    let session = session(state, id, user)?;
    if session.admin == user { Ok(session) } else { Err(permission_denied()) }
}
