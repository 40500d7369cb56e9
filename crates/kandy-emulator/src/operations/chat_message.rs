//! Reads and delivers chat messages. Messages to a user and to a group have the same form.
//!
//! Depends on `state` and `protocol`. Begin with `ChatMessage::read`.

use std::sync::Arc;

use kandy_sys::{
    MessageType,
    types::{PendingMessage, Sender},
};
use serde_json::{Map, Value};

use crate::{
    protocol::{
        call::{Call, text},
        refusal::{Refusal, invalid},
    },
    state::{State, UserNo, uuid_of},
};

/// Why a message cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageError {
    Missing(&'static str),
    Invalid(&'static str),
}

/// A message from the body of a request, with its parts checked.
pub(crate) struct ChatMessage<'a> {
    members: &'a Map<String, Value>,
    content: &'a Map<String, Value>,
    content_type: String,
    uuid: String,
    message_type: Option<String>,
}

impl<'a> ChatMessage<'a> {
    /// Reads the message from the body of a request.
    pub(crate) fn read(body: &'a Map<String, Value>) -> Result<Self, MessageError> {
        let members = object(body, "message")?;
        // `content_type` in the documentation, `contentType` in every client.
        let content_type = match optional(members, "contentType")? {
            Some(content_type) => Some(content_type),
            None => optional(members, "content_type")?,
        };
        // Some clients send it inside the message, some beside it.
        let message_type = match optional(members, "messageType")? {
            Some(message_type) => Some(message_type),
            None => optional(body, "messageType")?,
        };
        if !matches!(members.get("additional_data"), None | Some(Value::Null | Value::Object(_))) {
            return Err(MessageError::Invalid("additional_data"));
        }
        Ok(Self {
            members,
            content: object(members, "message")?,
            content_type: content_type.ok_or(MessageError::Missing("contentType"))?,
            uuid: required(members, "UUID")?,
            message_type,
        })
    }

    /// Returns a required text.
    pub(crate) fn required(&self, name: &'static str) -> Result<String, MessageError> {
        required(self.members, name)
    }

    /// Converts to the message that receivers fetch.
    pub(crate) fn from(self, state: &State, sender: UserNo) -> PendingMessage {
        let extra = self.members.get_key_value("additional_data").filter(|(_, value)| value.is_object());
        PendingMessage {
            content_type: Some(self.content_type.into()),
            destination: None,
            group_id: None,
            message: Some(kandy_sys::ExtraFields(self.content.clone()).into()),
            message_type: Some(self.message_type.map_or(MessageType::Chat, Into::into)),
            sender: self::sender(state, sender),
            timestamp: Some(state.clock.now().to_string().into()),
            uuid: Some(self.uuid),
            extra: extra.map(|(name, value)| (name.clone(), value.clone())).into_iter().collect(),
        }
    }
}

/// Delivers a message, and adds it to the conversations of its sender and its receivers.
pub(crate) fn deliver_chat(state: &mut State, message: PendingMessage, sender: UserNo, receivers: Vec<UserNo>) {
    let (message, now) = (Arc::new(message), state.clock.now());
    let group_id = message.group_id.as_deref();
    if let Some(id) = group_id.or(message.destination.as_deref()) {
        state.conversations.add(sender, id, Arc::clone(&message), now);
    }
    let of_sender = message.sender.as_ref().and_then(|sender| sender.full_user_id.as_deref());
    if let Some(id) = group_id.or(of_sender) {
        // A message to oneself is in the conversation once.
        for receiver in receivers.iter().filter(|receiver| **receiver != sender) {
            state.conversations.add(*receiver, id, Arc::clone(&message), now);
        }
    }
    deliver(state, message, receivers);
}

/// Adds a message to the pending messages of each device of each receiver, and pushes it to their channels: once to
/// each, however many devices the user has.
pub(crate) fn deliver(
    state: &mut State,
    message: impl Into<Arc<PendingMessage>>,
    receivers: impl IntoIterator<Item = UserNo>,
) {
    let message = message.into();
    let uuid = uuid_of(&message);
    for receiver in receivers {
        // Without a device it is pending nowhere.
        if state.devices.deliver(receiver, &message, &uuid) {
            state.channels.push_message(receiver, &message);
        }
    }
}

/// Tells the sender of a chat message that it arrived. The first device of a receiver that deletes it does.
pub(crate) fn acknowledge(state: &mut State, message: &PendingMessage, receiver: UserNo) {
    let sender = message.sender.as_ref().and_then(|sender| sender.full_user_id.as_deref());
    let sender = sender.and_then(|full_user_id| state.user_by_full_id(full_user_id));
    // A user knows of a message to themselves.
    let (Some(sender), Some(uuid)) = (sender.filter(|sender| *sender != receiver), &message.uuid) else { return };
    state.devices.acknowledge(receiver, uuid);
    let ack = PendingMessage {
        content_type: None,
        destination: None,
        group_id: None,
        message: None,
        message_type: Some(MessageType::ChatRemoteAck),
        sender: None,
        timestamp: Some(state.clock.now().to_string().into()),
        uuid: Some(uuid.clone()),
        extra: Map::<String, Value>::new().into(),
    };
    deliver(state, ack, [sender]);
}

/// Describes a user as the sender of a message.
pub(crate) fn sender(state: &State, user: UserNo) -> Option<Sender> {
    state.users.get(user).map(|user| Sender {
        user_id: Some(user.user_id().into()),
        domain_name: state.domains.get(user.domain).map(|domain| domain.name.to_string()),
        full_user_id: Some(state.full_user_id(user)),
    })
}

pub(crate) fn object<'a>(
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Result<&'a Map<String, Value>, MessageError> {
    match members.get(name) {
        None | Some(Value::Null) => Err(MessageError::Missing(name)),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(MessageError::Invalid(name)),
    }
}

fn optional(members: &Map<String, Value>, name: &'static str) -> Result<Option<String>, MessageError> {
    let text = text(members, name).map_err(|_| MessageError::Invalid(name))?;
    Ok(text.filter(|text| !text.is_empty()))
}

pub(crate) fn required(members: &Map<String, Value>, name: &'static str) -> Result<String, MessageError> {
    optional(members, name)?.ok_or(MessageError::Missing(name))
}

/// Converts to the refusal of an operation.
pub(crate) fn refuse(call: &Call, error: MessageError) -> Refusal {
    match error {
        MessageError::Missing(name) => call.missing(name).into(),
        MessageError::Invalid(name) => invalid(name).into(),
    }
}
