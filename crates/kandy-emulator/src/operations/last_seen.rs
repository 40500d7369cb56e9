//! Sets when users were last seen: at each of their requests.
//!
//! Depends on `state` and `protocol`.

use crate::{
    protocol::call::Call,
    state::{State, TokenOwner, TokenStatus, Tokens, UserNo},
};

/// Sets the time at which the caller was last seen, if `key` is a live user access token.
pub(super) fn touch_last_seen(state: &mut State, call: &Call) {
    if let Some(token) = call.query("key")
        && Tokens::may_be_of_user(token)
        && let TokenStatus::Live(TokenOwner::User(user)) = state.token_status(token)
    {
        touch(state, user);
    }
}

/// Sets the time at which a user was last seen.
pub(super) fn touch(state: &mut State, user: UserNo) {
    let now = state.clock.now();
    state.users.touch_last_seen(user, now);
}
