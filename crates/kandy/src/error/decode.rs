//! [`DecodeError`]: a response that does not have the expected form. Depends on nothing.

use std::fmt;

use super::context::Context;

/// The response cannot be decoded.
#[derive(Clone, Debug)]
pub struct DecodeError {
    pub(super) context: Context,
    path: String,
    reason: String,
}

impl DecodeError {
    pub(crate) fn new(operation: &'static str, path: String, reason: String) -> Self {
        Self { context: Context::of(Some(operation)), path, reason }
    }

    /// Returns the error of a response that lacks a field. The driver of the call adds the operation.
    pub(super) fn missing(path: String) -> Self {
        Self { context: Context::of(None), path, reason: "it is missing".to_owned() }
    }

    pub(super) fn mask(&mut self, mask: &kandy_sys::SecretMask) {
        for text in [&mut self.path, &mut self.reason] {
            if let std::borrow::Cow::Owned(masked) = mask.text(text) {
                *text = masked;
            }
        }
    }

    /// Returns the id of the operation.
    pub fn operation(&self) -> &'static str {
        self.context.operation.unwrap_or_default()
    }

    /// Returns the place in the response, such as `result.users[3].user_id`; empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns what is wrong there. It never contains the value.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub(super) fn may_have_been_applied(&self) -> bool {
        // There is a response, so the service received the request.
        self.context.maybe_applied(true)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the response cannot be decoded{}", self.context, self.context.effort())?;
        match self.path.as_str() {
            "" => write!(f, ": {}", self.reason)?,
            path => write!(f, ": at `{path}`: {}", self.reason)?,
        }
        match self.may_have_been_applied() {
            true => f.write_str("; the operation may have been applied"),
            false => Ok(()),
        }
    }
}

impl std::error::Error for DecodeError {}
