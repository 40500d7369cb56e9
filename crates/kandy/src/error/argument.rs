//! [`ArgumentError`]: an argument that is checked before anything is sent. Depends on nothing.

use std::fmt;

/// An argument cannot be used; nothing was sent.
#[derive(Clone, Debug)]
pub struct ArgumentError {
    argument: &'static str,
    reason: String,
}

impl ArgumentError {
    pub(crate) fn new(argument: &'static str, reason: String) -> Self {
        Self { argument, reason }
    }

    /// Returns the name of the argument.
    pub fn argument(&self) -> &'static str {
        self.argument
    }

    /// Returns what is wrong with it.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` cannot be used: {}", self.argument, self.reason)
    }
}

impl std::error::Error for ArgumentError {}
