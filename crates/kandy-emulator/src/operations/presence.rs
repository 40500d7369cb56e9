//! Operations of the tag Presence: when users were last seen.
//!
//! Begin with `HANDLERS`.

use kandy_sys::{
    ApiFault,
    types::{LastSeen, LastSeenList},
};
use serde_json::Value;

use super::{authority, handler::Handler};
use crate::{
    protocol::{
        call::Call,
        refusal::{Refusal, invalid},
        reply::{Outcome, Reply},
    },
    state::{State, TokenOwner},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[("last_seen_list", Handler::Anyone(last_seen_list))];

fn last_seen_list(state: &mut State, call: &Call) -> Outcome {
    let domain = match authority::token_owner(state, authority::key(call)?)? {
        TokenOwner::User(user) => state.users.domain_of(user),
        TokenOwner::Domain(domain) => Some(domain),
        TokenOwner::Account => return Err(Refusal::wrong_level()),
    };
    let asked = full_user_ids(call)?;
    let users = asked.iter().filter_map(|full_user_id| {
        let user = state.users.get(state.user_by_full_id(full_user_id)?)?;
        // Users of other domains are left out, like users who do not exist.
        (Some(user.domain) == domain).then(|| LastSeen {
            full_user_id: Some(state.full_user_id(user)),
            last_seen: i64::try_from(user.last_seen).ok().map(Into::into),
        })
    });
    let server_timestamp = i64::try_from(state.clock.now()).ok().map(Into::into);
    Reply::result(LastSeenList { users: users.collect(), server_timestamp })
}

/// Reads the parameter `users`: a JSON array of texts or, in one client, of objects.
fn full_user_ids(call: &Call) -> Result<Vec<String>, ApiFault> {
    let users: Vec<Value> = serde_json::from_str(call.require("users")?).map_err(|_| invalid("users"))?;
    let text = |user: Value| match user {
        Value::String(text) => Some(text),
        Value::Object(mut members) => match members.remove("full_user_id")? {
            Value::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    };
    users.into_iter().map(|user| text(user).ok_or_else(|| invalid("users"))).collect()
}
