//! Why a response does not decode: the path to the member, and the reason.

use std::fmt;

use crate::{SecretMask, json_place};

/// Where and why a response does not decode. It never contains the value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// The path to the member, such as `result.users[3].user_id`; empty for the response as a whole.
    pub path: String,
    /// The reason.
    pub reason: String,
}

/// What the names begin with that serde_json uses within itself: it refuses them with any other value than its own.
const PRIVATE_NAMES: &str = "$serde_json::private::";

impl DecodeError {
    /// Returns an error at a path.
    ///
    /// ```
    /// let error = kandy_sys::DecodeError::at("result.users", "expected a list");
    /// assert_eq!(error.to_string(), "at `result.users`: expected a list");
    /// ```
    pub fn at(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }

    /// Returns the error of a required member that is missing.
    pub(crate) fn missing(path: impl Into<String>) -> Self {
        Self::at(path, "it is missing")
    }

    /// Returns an error without a place.
    pub(crate) fn unspecified() -> Self {
        Self::at("", "it cannot be understood")
    }

    /// Converts the error of a value in a text that begins at this byte, and keeps only what cannot contain a value: the path,
    /// and what was expected.
    pub(crate) fn new(json: &str, begin: usize, error: &serde_json::Error) -> Self {
        let bytes = json.as_bytes();
        let read = begin + json_place::bytes_read(error, &bytes[begin..]);
        if !error.is_data() {
            return Self::not_json(error, json_place::line_and_column(bytes, read));
        }
        let message = error.to_string();
        // A value that may be any JSON is refused for such a name alone, and names that the service chose lead to it.
        let path = if json.contains(PRIVATE_NAMES) { String::new() } else { json_place::path_at(json, read, &message) };
        // The place of a missing member is that of its object. In a result the missing member is the list.
        match missing_member(&message) {
            Some(list) if path == "result" => Self::missing(format!("result.{list}")),
            _ => Self::at(path, reason(&message)),
        }
    }

    /// Converts the error of a whole text that is not JSON.
    pub(crate) fn syntax(error: &serde_json::Error) -> Self {
        Self::not_json(error, (error.line(), error.column()))
    }

    /// Returns the error of a text that is not JSON.
    fn not_json(error: &serde_json::Error, (line, column): (usize, usize)) -> Self {
        let problem = if error.is_eof() { "it ends too early" } else { "it is not JSON" };
        Self::at("", format!("{problem} (line {line}, column {column})"))
    }

    /// Returns the error of a value that is at this path.
    pub(crate) fn within(mut self, path: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{path}{separator}{}", self.path);
        self
    }
}

/// Returns the name in a missing-field message of serde.
fn missing_member(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split_once('`').map(|(member, _)| member)
}

/// Returns the part of a message of serde that cannot contain a value.
fn reason(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if message.starts_with("missing field `") {
        return message.to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "the value cannot be used".to_owned(),
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.reason) } else { write!(f, "at `{}`: {}", self.path, self.reason) }
    }
}

impl std::error::Error for DecodeError {}

impl DecodeError {
    /// Masks the secrets of the request in the path and the reason. Both consist of names of the spec and of serde, so
    /// the mask replaces only the known values, and not what looks like a credential.
    pub(crate) fn masked(&self, mask: &SecretMask) -> Self {
        Self::at(mask.known_values(&self.path), mask.known_values(&self.reason))
    }
}
