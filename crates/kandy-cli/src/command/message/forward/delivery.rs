//! [`Delivery`]: a message as it is sent to the receiver.

use kandy::{DeviceId, PendingMessage};
use serde_json::{Value, json};

use super::super::{
    id_hash::{plain, short_hash},
    row,
};

/// A message as it is sent to the receiver.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// The id that receivers recognize a repeated delivery by.
    pub(super) webhook_id: String,
    /// The id that the service has.
    pub(super) message_id: Option<String>,
    /// The sender, whose messages are delivered in order.
    pub(super) sender: String,
    /// The message as JSON.
    pub(super) body: String,
}

impl Delivery {
    /// Returns the delivery of a message of a device.
    pub(crate) fn new(device: &DeviceId, message: &PendingMessage) -> Self {
        let whole = row::whole(message);
        Self {
            webhook_id: webhook_id(device, message, &whole),
            message_id: message.id.as_ref().map(ToString::to_string),
            sender: message.sender.as_ref().map(ToString::to_string).unwrap_or_default(),
            body: whole.to_string(),
        }
    }

    /// Returns the id that receivers recognize a repeated delivery by.
    pub(crate) fn webhook_id(&self) -> &str {
        &self.webhook_id
    }
}

/// Returns an id that is the same in every attempt and after a restart.
///
/// It is a hash of the device, the id of the message, its sender and its content. Senders choose the ids of messages: by
/// the id alone, a receiver could take the message of one sender for a repetition of another's. It has no dot, which
/// separates the parts of a signed request.
fn webhook_id(device: &DeviceId, message: &PendingMessage, whole: &Value) -> String {
    let identity = match (&message.id, &message.undecodable) {
        // Members that the service may add later, such as a time of delivery, do not count.
        (Some(id), None) => json!([
            plain(id.as_str()),
            message.sender.as_ref().map(|sender| sender.as_str()),
            message.group_id.as_ref().map(|group_id| group_id.as_str()),
            message.message_type.as_ref().map(ToString::to_string),
            message.content.as_ref().map(|content| content.fields()),
        ]),
        _ => whole.clone(),
    };
    let identity = json!([plain(device.as_str()), identity]).to_string();
    format!("msg_{}", short_hash(&identity))
}

#[cfg(test)]
mod tests {
    use kandy::sys::types;

    use super::*;

    fn id_of(device: &str, message: Value) -> String {
        let message: types::PendingMessage = serde_json::from_value(message).expect("a message");
        Delivery::new(&device.into(), &message.into()).webhook_id
    }

    fn message(changed: Value) -> Value {
        let mut message = json!({
            "UUID": "0c67b2f1-5f1d-4a0d-9a4f-5b7c8d9e0f1a", "messageType": "chat", "contentType": "text",
            "sender": {"full_user_id": "russ@example.com"}, "message": {"mimeType": "text/plain", "text": "Hello"},
        });
        for (name, value) in changed.as_object().expect("an object") {
            message[name] = value.clone();
        }
        message
    }

    #[test]
    fn id_is_that_of_the_message() {
        let id = id_of("A1B2", message(json!({})));
        assert!(
            id.len() == 44 && id.starts_with("msg_") && id[4..].bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id}"
        );
        for same in [
            json!({"UUID": "0C67B2F15F1D4A0D9A4F5B7C8D9E0F1A"}),
            json!({"timestamp": 1_400_510_413}),
            json!({"destination": "anna@example.com"}),
            json!({"delivered": true}),
        ] {
            assert_eq!(id_of("a1-b2", message(same.clone())), id, "{same}");
        }
        for other in [
            json!({"UUID": "0c67b2f15f1d4a0d9a4f5b7c8d9e0f1b"}),
            json!({"sender": {"full_user_id": "eve@example.com"}}),
            json!({"message": {"mimeType": "text/plain", "text": "Bye"}}),
            json!({"messageType": "groupChat", "group_id": "1"}),
        ] {
            assert_ne!(id_of("A1B2", message(other.clone())), id, "{other}");
        }
        assert_ne!(id_of("A1B3", message(json!({}))), id);
    }

    #[test]
    fn message_without_id_is_known_by_its_content() {
        let of = |text: &str| json!({"messageType": "chat", "timestamp": 1, "message": {"text": text}});
        assert_eq!(id_of("A1", of("one")), id_of("A1", of("one")));
        assert_ne!(id_of("A1", of("one")), id_of("A1", of("two")));
        assert_ne!(id_of("A1", of("one")), id_of("A2", of("one")));
    }
}
