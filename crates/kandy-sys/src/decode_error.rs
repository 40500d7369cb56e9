//! Why a response does not decode: the path to the member, and the reason.

use std::fmt;

use crate::SecretMask;

/// Where and why a response does not decode. It never contains the value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// The path to the member, such as `result.users[3].user_id`; empty for the response as a whole.
    pub path: String,
    /// The reason.
    pub reason: String,
}

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

    /// Converts an error, and keeps only what cannot contain a value: the path, and what was expected.
    pub(crate) fn new(within: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let mut path = match error.path().to_string() {
            path if path == "." => within.to_owned(),
            path if within.is_empty() => path,
            path => format!("{within}.{path}"),
        };
        // The path of a missing-field error is that of the object. In a result the missing member is the list.
        if let (true, Some(member)) = (path == "result", missing_member(&error.inner().to_string())) {
            path.push('.');
            path.push_str(member);
            return Self::missing(path);
        }
        Self::at_path(path, error.inner())
    }

    /// Converts an error at a known path.
    pub(crate) fn at_path(path: impl Into<String>, error: &serde_json::Error) -> Self {
        let place = || format!("(line {}, column {})", error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Eof => Self::at("", format!("it ends too early {}", place())),
            serde_json::error::Category::Syntax => Self::at("", format!("it is not JSON {}", place())),
            _ => Self::at(path, reason(&error.to_string())),
        }
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
