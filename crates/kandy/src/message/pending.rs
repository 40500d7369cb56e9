//! [`PendingMessage`]: a message or an event that waits for a device. Depends on `content`.

use std::collections::BTreeMap;

use kandy_sys::{ExtraFields, MessageType, Text, Timestamp, types};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Map, Value, value::RawValue};

use super::MessageContent;
use crate::{
    FullUserId, GroupId, MessageId,
    value::{iterate, without_credentials},
};

/// The pending messages and events of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PendingMessages {
    /// The service's clock at the time of the response.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server_timestamp: Option<Timestamp>,
    /// The messages and events.
    pub messages: Vec<PendingMessage>,
}

iterate!(PendingMessages by messages: PendingMessage);

/// A message or an event that is pending for a device until it is deleted.
///
/// ```
/// use kandy::{MessageContent, MessageEvent, MessageType, PendingMessage};
///
/// let mut message = PendingMessage::default();
/// message.message_type = Some(MessageType::Chat);
/// message.sender = Some("russ@example.com".into());
/// message.content = Some(MessageContent::plain("Hello"));
/// assert!(matches!(message.event(), MessageEvent::Chat { .. }));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PendingMessage {
    /// The id, for [`Device::delete_messages`](crate::Device::delete_messages).
    pub id: Option<MessageId>,
    /// The type of the event.
    pub message_type: Option<MessageType>,
    /// The user who sent it.
    pub sender: Option<FullUserId>,
    /// The user who is to receive it.
    pub destination: Option<FullUserId>,
    /// The group that it is about.
    pub group_id: Option<GroupId>,
    /// When it was sent.
    pub timestamp: Option<Timestamp>,
    /// The content.
    pub content: Option<MessageContent>,
    /// Other fields of the event, in the service's spelling.
    pub extra: ExtraFields,
    /// The whole message, if it cannot be decoded; as a string if it is not valid JSON. The fields that can be decoded
    /// are set nevertheless.
    ///
    /// Only an [`Inbox`](crate::Inbox) yields such a message: for
    /// [`Device::pending_messages`](crate::Device::pending_messages) it is an error.
    pub undecodable: Option<Value>,
}

impl PendingMessage {
    /// Decodes a message; one of an unknown form becomes an undecodable one.
    pub(crate) fn from_json(json: &str) -> Self {
        match serde_json::from_str::<types::PendingMessage>(json) {
            Ok(message) => message.into(),
            Err(_) => Self::salvaged(decode_members(json)),
        }
    }

    /// Decodes each field on its own, so that an invalid one does not hide the id, by which the message is deleted.
    fn salvaged(value: Value) -> Self {
        let mut fields = value.as_object().cloned().unwrap_or_default();
        let message = types::PendingMessage {
            content_type: take(&mut fields, "contentType"),
            destination: take(&mut fields, "destination"),
            group_id: take(&mut fields, "group_id"),
            message: take(&mut fields, "message"),
            message_type: take(&mut fields, "messageType"),
            sender: take(&mut fields, "sender"),
            timestamp: take(&mut fields, "timestamp"),
            // An id that is a number is kept as text: the service may accept it for deletion.
            uuid: take::<Text>(&mut fields, "UUID").map(String::from),
            extra: ExtraFields(fields),
        };
        Self { undecodable: Some(value), ..message.into() }
    }
}

/// Decodes JSON. What cannot be decoded, such as a value that is nested too deeply, is kept as a string.
pub(crate) fn value_or_text(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|_| json.into())
}

/// Decodes JSON. A member that cannot be decoded is kept as a string, as is invalid JSON.
fn decode_members(json: &str) -> Value {
    match serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(json) {
        Ok(members) => members.into_iter().map(|(name, member)| (name, value_or_text(member.get()))).collect(),
        Err(_) => value_or_text(json),
    }
}

/// Removes a field and decodes it. A field that cannot be decoded stays.
fn take<T: DeserializeOwned>(fields: &mut Map<String, Value>, name: &str) -> Option<T> {
    let field = T::deserialize(fields.get(name)?).ok()?;
    fields.remove(name);
    Some(field)
}

impl Serialize for PendingMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.undecodable {
            // As it was received, so that reading it again finds the same fields.
            Some(whole) => whole.serialize(serializer),
            None => types::PendingMessage::from(self).serialize(serializer),
        }
    }
}

/// Reads a message of any form: one that cannot be decoded is [`undecodable`](Self::undecodable).
impl<'de> Deserialize<'de> for PendingMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(match types::PendingMessage::deserialize(&value) {
            Ok(message) => message.into(),
            Err(_) => Self::salvaged(value),
        })
    }
}

impl From<&PendingMessage> for types::PendingMessage {
    fn from(message: &PendingMessage) -> Self {
        let PendingMessage {
            id,
            message_type,
            sender,
            destination,
            group_id,
            timestamp,
            content,
            extra,
            undecodable: _,
        } = message;
        let content_type = content.as_ref().map(|content| content.content_type().clone());
        Self {
            content_type,
            destination: destination.as_ref().map(FullUserId::to_string),
            group_id: group_id.as_ref().map(GroupId::to_string),
            message: content.clone().map(Into::into),
            message_type: message_type.clone(),
            sender: sender.as_ref().map(|sender| types::Sender {
                domain_name: sender.domain_name().map(str::to_owned),
                full_user_id: Some(sender.to_string()),
                user_id: Some(String::from(sender.user_id()).into()),
            }),
            timestamp: timestamp.clone(),
            uuid: id.as_ref().map(MessageId::to_string),
            extra: without_credentials(extra),
        }
    }
}

impl From<types::PendingMessage> for PendingMessage {
    fn from(message: types::PendingMessage) -> Self {
        let mut extra = message.extra;
        // The documentation spells it `content_type`, the live service `contentType`.
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
            // The service deletes nothing by an empty id.
            id: message.uuid.filter(|uuid| !uuid.is_empty()).map(MessageId::received),
            message_type: message.message_type,
            sender,
            destination: message.destination.map(Into::into),
            group_id: message.group_id.map(Into::into),
            timestamp: message.timestamp,
            content: message.message.map(|content| MessageContent::received(content_type, content)),
            extra,
            undecodable: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sender chooses the content: one that cannot be decoded must not hide the id, by which the message is deleted.
    #[test]
    fn an_undecodable_message_keeps_its_id() {
        let deep = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        for (content, is_decoded) in [
            (deep(1), false),
            ("1".to_owned(), false),
            (deep(200), false),
            (deep(100_000), false),
            ("{}".to_owned(), true),
        ] {
            let json = format!(r#"{{"UUID": "a1", "messageType": "chat", "message": {content}}}"#);
            let message = PendingMessage::from_json(&json);
            assert_eq!(message.id.as_ref().map(|id| id.as_str()), Some("a1"), "{content:.20}");
            assert_eq!(message.message_type, Some(MessageType::Chat), "{content:.20}");
            assert_eq!(message.undecodable.is_none(), is_decoded, "{content:.20}");
        }
        assert_eq!(PendingMessage::from_json("{").undecodable, Some("{".into()));
    }
}
