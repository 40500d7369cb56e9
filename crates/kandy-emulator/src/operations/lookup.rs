//! Finds what the parameters of an operation name, and refuses what the caller may not see.
//!
//! Depends on `state` and `protocol`.

use kandy_sys::ApiFault;

use crate::{
    protocol::{
        call::Call,
        refusal::{group_not_found, not_in_group, permission_denied, unknown},
    },
    state::{Group, Member, State, UserNo, id::Id},
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
