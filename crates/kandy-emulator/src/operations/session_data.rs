//! Data that the participants of a session send to each other over their channels.
//!
//! Depends on `lookup` and `state`. Begin with `send`.

use kandy_sys::{ApiFault, Status};
use serde::Serialize;
use serde_json::value::RawValue;

use super::lookup::session;
use crate::{
    protocol::refusal::permission_denied,
    state::{Push, State, UserNo},
};

/// The frame that the receivers of session data get.
#[derive(Serialize)]
struct SessionData<'a> {
    message_type: &'static str,
    session_id: &'a str,
    full_user_id: String,
    /// Unchanged, byte for byte.
    payload: &'a RawValue,
}

/// Sends data to a participant of a session; to all others without a destination.
pub(crate) fn send(
    state: &mut State,
    user: UserNo,
    session_id: &str,
    destination: Option<&str>,
    payload: &RawValue,
) -> Result<(), ApiFault> {
    let destination = destination.map(|full_user_id| state.user_by_full_id(full_user_id));
    let session = session(state, session_id, user)?;
    let is_approved = |user| session.participant(user).is_some_and(|participant| participant.is_approved);
    if !is_approved(user) {
        return Err(permission_denied());
    }
    let receivers: Vec<_> = match destination {
        Some(Some(only)) if is_approved(only) => vec![only],
        Some(_) => {
            let message = "destination is no participant of the session";
            return Err(ApiFault::new(Status::INTERNAL_SERVER_ERROR, message));
        }
        None => {
            let users = session.participants().into_iter().map(|(user, _)| user);
            users.filter(|other| *other != user && is_approved(*other)).collect()
        }
    };
    let full_user_id = state.users.get(user).map(|user| state.full_user_id(user)).unwrap_or_default();
    let frame = SessionData { message_type: "sessionData", session_id, full_user_id, payload };
    let frame = serde_json::to_string(&frame)
        .map_err(|_| ApiFault::new(Status::INTERNAL_SERVER_ERROR, "payload cannot be written"))?;
    let push = Push::Frame(frame.into());
    for receiver in receivers {
        state.channels.push(receiver, &push);
    }
    Ok(())
}
