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
