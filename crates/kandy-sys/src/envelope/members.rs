//! The members of an envelope, and how a message and a description are read. Depends on nothing in this folder.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::types::StatusDescription;

/// The message of nearly all successes.
pub(crate) const USUAL_MESSAGE: &str = "success";

/// The members of an envelope.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Member {
    Status,
    Message,
    StatusDescription,
    Result,
    #[serde(other)]
    Other,
}

/// Returns a message as text. JSON of another kind is kept as its text, so that the response still decodes.
pub(crate) fn decode_message(message: Value) -> String {
    match message {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Returns a longer description. JSON that is not an object becomes its message, so that the response still decodes.
pub(crate) fn decode_description(json: &RawValue) -> Option<StatusDescription> {
    if json.get().starts_with('{') {
        return serde_json::from_str(json.get()).ok();
    }
    match serde_json::from_str(json.get()).unwrap_or_default() {
        Value::Null => None,
        other => Some(StatusDescription { code: None, message: Some(decode_message(other)) }),
    }
}
