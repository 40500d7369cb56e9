//! Chats, as the page of the emulator shows them: a conversation from the side of one user, read without acting as that user, who
//! would otherwise count as just seen.
//!
//! Depends on `http::app_state`. Begin with [`conversation`].

use std::collections::BTreeSet;

use kandy_sys::ApiFault;
use serde_json::{Value, json};

use crate::{
    http::{app_state::AppState, response::HttpResponse},
    protocol::{
        call::FormParams,
        refusal::{missing, unknown},
    },
    state::{Conversation, State, UserNo},
};

/// How many of the last messages are returned.
const LAST: usize = 200;
/// How many receivers of an event are named.
const RECEIVERS: usize = 5;

/// Returns the devices and groups of a user, and the last messages of a conversation: that with the user or the group in `with`.
pub(super) fn conversation(app: &AppState, query: Option<&str>) -> Result<HttpResponse, ApiFault> {
    let query = FormParams::decode(query.unwrap_or_default());
    let parameter = |name: &'static str| query.as_ref().and_then(|query| query.get(name));
    let state = app.state();
    let user = find(&state, parameter("of").ok_or_else(|| missing("of"))?)?;
    let devices: Vec<_> = state
        .devices
        .of(user)
        .map(|device| {
            let name = device.details.as_ref().and_then(|details| details.name.as_deref());
            json!({"id": format!("{:X}", device.id), "name": name})
        })
        .collect();
    let groups: Vec<_> =
        state.groups.of(user).map(|(id, group)| json!({"id": format!("{id:x}"), "name": group.name})).collect();
    let with = parameter("with");
    let messages = with.map_or_else(Vec::new, |with| messages(&state, user, with));
    let events = with.map_or_else(Vec::new, |with| events(&state, with));
    Ok(HttpResponse::json(&json!({"devices": devices, "groups": groups, "messages": messages, "events": events})))
}

/// The last messages of a conversation, oldest first. `waits_for` has those of its users who have not deleted one from a device of
/// theirs.
fn messages(state: &State, user: UserNo, with: &str) -> Vec<Value> {
    let partner = state.user_by_full_id(with);
    // As the conversation of a user is named: the case of the domain does not matter.
    let with = match partner.and_then(|partner| state.users.get(partner)) {
        Some(partner) => state.full_user_id(partner),
        None => with.to_owned(),
    };
    let users = match (partner, state.groups.find(&with)) {
        (None, Some((_, group))) => group.members().map(|member| member.user).collect(),
        (partner, _) => [Some(user), partner].into_iter().flatten().collect::<BTreeSet<_>>(),
    };
    let waits_for = |uuid: &str| {
        let waits = |user: &UserNo| state.devices.of(*user).any(|device| device.has_pending_chat(uuid));
        let users = users.iter().filter(|user| waits(user)).filter_map(|user| state.users.get(*user));
        users.map(|user| state.full_user_id(user)).collect::<Vec<_>>()
    };
    let entries = state.conversations.get(user, &with).into_iter().flat_map(Conversation::entries);
    let mut last: Vec<_> = entries.rev().take(LAST).collect();
    last.reverse();
    last.into_iter()
        .map(|entry| {
            let waits_for = entry.message.uuid.as_deref().map_or_else(Vec::new, waits_for);
            json!({"number": entry.number, "sent": entry.sent, "waits_for": waits_for, "message": &*entry.message})
        })
        .collect()
}

/// The last events of a group, oldest first, with some of those who received them.
fn events(state: &State, group: &str) -> Vec<Value> {
    let Some((group, _)) = state.groups.find(group) else { return Vec::new() };
    let events = state.group_events.of(group).map(|event| {
        let receivers = event.receivers.iter().take(RECEIVERS).filter_map(|user| state.users.get(*user));
        let names: Vec<_> = receivers.map(|user| state.full_user_id(user)).collect();
        json!({"sent": event.sent, "event": &*event.event, "receivers": names, "receiver_count": event.receivers.len()})
    });
    events.collect()
}

fn find(state: &State, full_user_id: &str) -> Result<UserNo, ApiFault> {
    state.user_by_full_id(full_user_id).ok_or_else(|| unknown("user"))
}
