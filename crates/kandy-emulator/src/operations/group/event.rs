//! Events of a group, which its members receive as messages.
//!
//! Depends on `chat_message`.

use std::sync::Arc;

use kandy_sys::{MessageType, types::PendingMessage};
use serde_json::{Map, Value};

use crate::{
    operations::chat_message,
    state::{State, UserNo, id::Id},
};

/// Sends an event of a group. `sender` caused it; `more` are its further members.
pub(super) fn send(
    state: &mut State,
    message_type: MessageType,
    group: Id,
    sender: UserNo,
    more: Map<String, Value>,
    receivers: Vec<UserNo>,
) {
    let now = state.clock.now();
    let event = Arc::new(PendingMessage {
        content_type: None,
        destination: None,
        group_id: Some(format!("{group:x}")),
        message: None,
        message_type: Some(message_type),
        sender: chat_message::sender(state, sender),
        timestamp: Some(now.to_string().into()),
        uuid: Some(format!("{:x}", Id::random())),
        extra: more.into(),
    });
    state.group_events.add(group, now, Arc::clone(&event), receivers.clone());
    chat_message::deliver(state, event, receivers);
}
