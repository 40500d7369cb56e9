//! What a text frame of the client asks for.
//!
//! Depends on `operations::session_data`. Begin with `receive`.

use std::{borrow::Cow, collections::BTreeMap};

use kandy_sys::{ApiFault, Status};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    operations::session_data,
    state::{SharedState, UserNo},
};

/// What follows from a frame.
#[derive(Debug)]
pub(super) enum Reaction {
    Nothing,
    /// The frame was a ping.
    Ping,
    /// A frame to send back.
    Respond(String),
    /// The frame is not JSON.
    NotJson,
}

/// The result of a frame with an id.
#[derive(Serialize)]
struct Response<'a> {
    message_type: &'static str,
    id: &'a RawValue,
    status: i64,
    message: &'a str,
}

/// The members of a frame, as they were sent: a payload is passed on byte for byte, however deep it is nested.
type Members<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Carries out a frame of a user.
pub(super) fn receive(state: &SharedState, user: UserNo, text: &str) -> Reaction {
    if serde_json::from_str::<&RawValue>(text).is_err() {
        return Reaction::NotJson;
    }
    // JSON that is no object has no type, and unknown types are ignored.
    let Ok(members) = serde_json::from_str::<Members<'_>>(text) else { return Reaction::Nothing };
    match text_of(&members, "message_type").as_deref() {
        Some("ping") => Reaction::Ping,
        Some("sessionData") => {
            let outcome = send(state, user, &members);
            let id = members.get("id").filter(|id| id.get() != "null");
            id.map_or(Reaction::Nothing, |id| respond(id, outcome))
        }
        _ => Reaction::Nothing,
    }
}

fn send(state: &SharedState, user: UserNo, members: &Members<'_>) -> Result<(), ApiFault> {
    let invalid = |message| ApiFault::new(Status::VALIDATION_FAILED, message);
    let session_id = text_of(members, "session_id").ok_or_else(|| invalid("session_id is no text"))?;
    let destination = match members.get("destination").filter(|destination| destination.get() != "null") {
        Some(_) => Some(text_of(members, "destination").ok_or_else(|| invalid("destination is no text"))?),
        None => None,
    };
    let payload = members.get("payload").copied().unwrap_or(RawValue::NULL);
    session_data::send(&mut state.lock(), user, &session_id, destination.as_deref(), payload)
}

fn text_of(members: &Members<'_>, name: &str) -> Option<String> {
    serde_json::from_str(members.get(name)?.get()).ok()
}

fn respond(id: &RawValue, outcome: Result<(), ApiFault>) -> Reaction {
    let (status, message) = match outcome {
        Ok(()) => (Status::OK, "success".to_owned()),
        Err(fault) => (fault.status, fault.message),
    };
    let response = Response { message_type: "response", id, status: status.0, message: &message };
    serde_json::to_string(&response).map_or(Reaction::Nothing, Reaction::Respond)
}
