use kandy_sys::{ContentType, ExtraFields, MessageType, Text, Timestamp, types};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::MessageContent;
use crate::{FullUserId, GroupId, MessageId};

/// The messages and events that wait for a device.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PendingMessages {
    /// The service's clock when it answered.
    pub server_timestamp: Option<Timestamp>,
    /// One for each message or event.
    pub messages: Vec<PendingMessage>,
}

/// A message or an event that waits for a device until it is deleted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PendingMessage {
    /// Its id, for [`Device::delete_messages`](crate::Device::delete_messages).
    pub id: Option<MessageId>,
    /// What kind of event it is.
    pub message_type: Option<MessageType>,
    /// Who sent it.
    pub sender: Option<FullUserId>,
    /// Who is to have it.
    pub destination: Option<FullUserId>,
    /// The group that it is about.
    pub group_id: Option<GroupId>,
    /// When it was sent.
    pub timestamp: Option<Timestamp>,
    /// What it contains.
    pub content: Option<MessageContent>,
    /// Whatever else the event came with, in the service's spelling.
    pub extra: ExtraFields,
    /// All that came, if it has not the form that is known; as a text if it is not even JSON. What could be
    /// understood of it is in the other fields.
    ///
    /// Only an [`Inbox`](crate::Inbox) yields such a message: for
    /// [`Device::pending_messages`](crate::Device::pending_messages) it is an error.
    pub undecodable: Option<Value>,
}

impl PendingMessage {
    /// Reads a message, whatever it looks like.
    pub(crate) fn from_json(json: &str) -> Self {
        match serde_json::from_str::<types::PendingMessage>(json) {
            Ok(message) => message.into(),
            Err(_) => Self::salvaged(serde_json::from_str(json).unwrap_or_else(|_| json.into())),
        }
    }

    fn salvaged(value: Value) -> Self {
        let mut members = value.as_object().cloned().unwrap_or_default();
        let message = types::PendingMessage {
            content_type: take(&mut members, "contentType"),
            destination: take(&mut members, "destination"),
            group_id: take(&mut members, "group_id"),
            message: take(&mut members, "message"),
            message_type: take(&mut members, "messageType"),
            sender: take(&mut members, "sender"),
            timestamp: take(&mut members, "timestamp"),
            // By a number, too, it may be possible to delete it.
            uuid: take::<Text>(&mut members, "UUID").map(String::from),
            extra: ExtraFields(members),
        };
        Self { undecodable: Some(value), ..message.into() }
    }
}

/// Takes a member out if it can be understood, and otherwise leaves it where it is.
fn take<T: DeserializeOwned>(members: &mut Map<String, Value>, name: &str) -> Option<T> {
    let member = T::deserialize(members.get(name)?).ok()?;
    members.remove(name);
    Some(member)
}

impl From<types::PendingMessage> for PendingMessage {
    fn from(message: types::PendingMessage) -> Self {
        let mut extra = message.extra;
        // The documentation spells it otherwise than the live service.
        let content_type = message.content_type.or_else(|| match extra.remove("content_type") {
            Some(Value::String(content_type)) => Some(content_type.into()),
            _ => None,
        });
        let sender =
            message.sender.and_then(|sender| match (sender.full_user_id, sender.user_id, sender.domain_name) {
                (Some(full_user_id), _, _) => Some(full_user_id.into()),
                (None, Some(user_id), Some(domain_name)) => Some(format!("{user_id}@{domain_name}").into()),
                _ => None,
            });
        Self {
            // Nothing can be deleted by an empty one.
            id: message.uuid.filter(|uuid| !uuid.is_empty()).map(MessageId::received),
            message_type: message.message_type,
            sender,
            destination: message.destination.map(Into::into),
            group_id: message.group_id.map(Into::into),
            timestamp: message.timestamp,
            content: message.message.map(|content| MessageContent {
                content_type: content_type.unwrap_or(ContentType::Text),
                fields: content.0.into(),
            }),
            extra,
            undecodable: None,
        }
    }
}
