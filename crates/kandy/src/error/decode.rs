use std::fmt;

use super::context::Context;

/// The service answered something that cannot be understood.
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

    /// A response that lacks a field. The driver of the call adds the operation.
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

    /// The id of the operation.
    pub fn operation(&self) -> &'static str {
        self.context.operation.unwrap_or_default()
    }

    /// Where in the answer, such as `result.users[3].user_id`; empty for the whole.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong there. It does not say what value is there.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    pub(super) fn may_have_been_applied(&self) -> bool {
        self.context.maybe_applied(true)
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the answer cannot be understood{}", self.context, self.context.effort())?;
        match self.path.as_str() {
            "" => write!(f, ": {}", self.reason)?,
            path => write!(f, ": at `{path}`: {}", self.reason)?,
        }
        match self.may_have_been_applied() {
            true => f.write_str("; what was asked may have been done"),
            false => Ok(()),
        }
    }
}

impl std::error::Error for DecodeError {}
