//! The lines of a dead-letter file.

use std::time::SystemTime;

use kandy::DeviceId;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::super::{super::id_hash::plain, delivery::Delivery};

/// A message that could not be delivered.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    webhook_id: String,
    /// The device that has the message.
    device_id: String,
    /// The id of the message, by which it is deleted.
    message_id: Option<String>,
    sender: String,
    /// When the last attempt failed.
    failed_at: String,
    attempts: u32,
    /// Why the last attempt failed.
    reason: String,
    /// The message exactly as it was sent.
    message: Box<RawValue>,
}

/// A message that was delivered after all.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Delivered {
    pub(super) delivered: String,
}

impl Entry {
    /// Returns the entry of a message whose last attempt has just failed.
    pub(crate) fn new(device: &DeviceId, delivery: &Delivery, attempts: u32, reason: &str) -> serde_json::Result<Self> {
        Ok(Self {
            webhook_id: delivery.webhook_id.clone(),
            device_id: device.as_str().to_owned(),
            message_id: delivery.message_id.clone(),
            sender: delivery.sender.clone(),
            failed_at: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            attempts,
            reason: reason.to_owned(),
            message: RawValue::from_string(delivery.body.clone())?,
        })
    }

    /// Returns whether the message is of this device.
    pub(crate) fn is_of(&self, device: &DeviceId) -> bool {
        plain(&self.device_id) == plain(device.as_str())
    }

    /// Returns the id that the receiver knows the message by.
    pub(crate) fn webhook_id(&self) -> &str {
        &self.webhook_id
    }

    /// Returns the id of the device.
    pub(crate) fn device_id(&self) -> &str {
        &self.device_id
    }

    /// Returns the message as it is sent again.
    pub(crate) fn delivery(&self) -> Delivery {
        Delivery {
            webhook_id: self.webhook_id.clone(),
            message_id: self.message_id.clone(),
            sender: self.sender.clone(),
            body: self.message.get().to_owned(),
        }
    }
}

/// What a line says.
#[derive(Debug)]
pub(super) enum Line {
    Entry(Box<Entry>),
    Delivered(String),
    Empty,
    Unreadable,
}

impl Line {
    pub(super) fn parse(line: &[u8]) -> Self {
        if line.trim_ascii().is_empty() {
            return Self::Empty;
        }
        if let Ok(Delivered { delivered }) = serde_json::from_slice(line) {
            return Self::Delivered(delivered);
        }
        match serde_json::from_slice::<Entry>(line) {
            // The id becomes a header, and part of what is signed.
            Ok(entry) if is_webhook_id(&entry.webhook_id) => Self::Entry(Box::new(entry)),
            _ => Self::Unreadable,
        }
    }
}

/// Returns whether a line begins as those of a dead-letter file do, as far as it goes.
pub(super) fn is_of_dead_letters(line: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 2] = [br#"{"webhook_id":"#, br#"{"delivered":"#];
    let line = line.trim_ascii();
    !line.is_empty() && BEGINNINGS.iter().any(|begin| line.starts_with(begin) || begin.starts_with(line))
}

fn is_webhook_id(text: &str) -> bool {
    const LONGEST: usize = 256;
    (1..=LONGEST).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
}
