//! Prints messages to stderr.

use std::fmt;

use crate::terminal;

/// Prints a message on one line, with control characters escaped.
pub(crate) fn eprint(what: impl fmt::Display) {
    terminal::message(&what.to_string());
}
