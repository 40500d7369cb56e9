//! Chats, as the page of the emulator shows them: a conversation from the side of one user, read without acting as that user, who
//! would otherwise count as just seen; and tokens, to write as a user.
//!
//! Depends on `http::app_state`. Begin with [`conversation`].

use std::collections::HashSet;

use kandy_sys::ApiFault;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    http::{app_state::AppState, response::HttpResponse},
    protocol::{
        call::FormParams,
        refusal::{missing, unknown},
    },
    state::{Conversation, State, TokenOwner, UserNo},
};

/// How many of the last messages are returned.
const LAST: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    full_user_id: String,
}

/// Mints an access token of a user.
pub(super) fn mint(app: &AppState, NewToken { full_user_id }: &NewToken) -> Result<HttpResponse, ApiFault> {
    let mut state = app.state();
    let user = find(&state, full_user_id)?;
    let token = state.mint(TokenOwner::User(user));
    Ok(HttpResponse::json(&json!({"user_access_token": token})))
}

/// Returns the devices and groups of a user, and the last messages of a conversation: that with the user or the group in `with`.
pub(super) fn conversation(app: &AppState, query: Option<&str>) -> Result<HttpResponse, ApiFault> {
    let query = FormParams::decode(query.unwrap_or_default());
    let parameter = |name: &'static str| query.as_ref().and_then(|query| query.get(name));
    let state = app.state();
    let user = find(&state, parameter("of").ok_or_else(|| missing("of"))?)?;
    let devices: Vec<_> = state
        .devices
        .of(user)
        .map(|(id, device)| {
            let name = device.details.as_ref().and_then(|details| details.name.as_deref());
            json!({"id": format!("{id:X}"), "name": name})
        })
        .collect();
    let groups: Vec<_> =
        state.groups.of(user).map(|(id, group)| json!({"id": format!("{id:x}"), "name": group.name})).collect();
    let messages = parameter("with").map_or_else(Vec::new, |with| messages(&state, user, with));
    Ok(HttpResponse::json(&json!({"devices": devices, "groups": groups, "messages": messages})))
}

/// The last messages of a conversation, oldest first. `waits` tells whether one has not been deleted from a device of the user or
/// of the partner: it waits there.
fn messages(state: &State, user: UserNo, with: &str) -> Vec<Value> {
    let partner = state.user_by_full_id(with);
    // As the conversation of a user is named: the case of the domain does not matter.
    let with = match partner.and_then(|partner| state.users.get(partner)) {
        Some(partner) => state.full_user_id(partner),
        None => with.to_owned(),
    };
    let pending: HashSet<&str> = [Some(user), partner]
        .into_iter()
        .flatten()
        .flat_map(|user| state.devices.of(user))
        .flat_map(|(_, device)| device.pending_after(None))
        // Events, such as that a message was deleted, have the id of the message, and no content.
        .filter(|(_, message)| message.content_type.is_some())
        .filter_map(|(_, message)| message.uuid.as_deref())
        .collect();
    let entries = state.conversations.get(user, &with).into_iter().flat_map(Conversation::entries);
    let mut last: Vec<_> = entries.rev().take(LAST).collect();
    last.reverse();
    last.into_iter()
        .map(|entry| {
            let waits = entry.message.uuid.as_deref().is_some_and(|uuid| pending.contains(uuid));
            json!({"number": entry.number, "sent": entry.sent, "waits": waits, "message": &*entry.message})
        })
        .collect()
}

fn find(state: &State, full_user_id: &str) -> Result<UserNo, ApiFault> {
    state.user_by_full_id(full_user_id).ok_or_else(|| unknown("user"))
}
