//! Operations on the members of a group: add, remove, leave and mute.
//!
//! Depends on `lookup` and `event`.

use std::collections::HashSet;

use kandy_sys::{ApiFault, MessageType};
use serde_json::{Map, Value};

use super::event;
use crate::{
    operations::lookup::{group, own_group, user_of_same_domain},
    protocol::{
        call::Call,
        refusal::{group_full, group_not_found, user_not_found},
        reply::{Outcome, Reply},
    },
    state::{Member, State, UserNo},
};

/// Finds the users in `members`, each once. Fails when one does not exist.
fn named(state: &State, members: &[String], user: UserNo) -> Result<Vec<UserNo>, ApiFault> {
    let mut known = HashSet::new();
    let mut users = Vec::new();
    for member in members {
        let no = user_of_same_domain(state, member, user).ok_or_else(user_not_found)?;
        if known.insert(no) {
            users.push(no);
        }
    }
    Ok(users)
}

pub(super) fn add(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let fields = call.fields()?;
    let (group_id, members) = (fields.required("group_id")?, fields.required_list("members")?);
    let (id, group) = own_group(state, &group_id, user)?;
    let mut invited = named(state, &members, user)?;
    invited.retain(|user| group.member(*user).is_none());
    // Without new members the call is a success, also in a full group, so that it can be repeated.
    if group.members().len() + invited.len() > group.max_members && !invited.is_empty() {
        return Err(group_full().into());
    }
    invited.iter().for_each(|user| state.groups.join(id, Member::new(*user)));
    event::send(state, MessageType::ChatGroupInvite, id, user, Map::new(), invited);
    Reply::done()
}

pub(super) fn remove(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let fields = call.fields()?;
    let (group_id, members) = (fields.required("group_id")?, fields.required_list("members")?);
    let (id, group) = own_group(state, &group_id, user)?;
    let mut booted = named(state, &members, user)?;
    // Users who are not members are skipped.
    booted.retain(|user| group.member(*user).is_some());
    if booted.is_empty() {
        return Reply::done();
    }
    // Collected before the removal, so that removed members receive the event too.
    let others = group.others(user);
    let names = booted.iter().filter_map(|no| state.users.get(*no)).map(|user| state.full_user_id(user));
    let names = names.map(Value::from).collect();
    state.groups.leave(id, &booted);
    let more = Map::from_iter([("booted".to_owned(), Value::Array(names))]);
    event::send(state, MessageType::ChatGroupBoot, id, user, more, others);
    Reply::done()
}

pub(super) fn leave(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let (id, group, _) = group(state, call.require("group_id")?, user)?;
    let others = group.others(user);
    let leaver = state.users.get(user).map(|user| state.full_user_id(user)).unwrap_or_default();
    state.groups.leave(id, &[user]);
    let more = Map::from_iter([("leaver".to_owned(), leaver.into())]);
    event::send(state, MessageType::ChatGroupLeave, id, user, more, others);
    Reply::done()
}

pub(super) fn mute_group(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let fields = call.fields()?;
    let (group_id, mute) = (fields.required("group_id")?, fields.required_flag("mute")?);
    let (id, ..) = group(state, &group_id, user)?;
    if let Some(member) = state.groups.get_mut(id).and_then(|group| group.member_mut(user)) {
        member.has_muted = mute;
    }
    Reply::done()
}

pub(super) fn mute(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let fields = call.fields()?;
    let (group_id, members) = (fields.required("group_id")?, fields.required_list("members")?);
    let mute = fields.required_flag("mute")?;
    let (id, group) = own_group(state, &group_id, user)?;
    let users = named(state, &members, user)?;
    // Mutes all of them or none.
    if users.iter().any(|user| group.member(*user).is_none()) {
        return Err(user_not_found().into());
    }
    let group = state.groups.get_mut(id).ok_or_else(group_not_found)?;
    for user in users {
        if let Some(member) = group.member_mut(user) {
            member.is_muted = mute;
        }
    }
    Reply::done()
}
