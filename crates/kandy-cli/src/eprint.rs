//! What is said to people, on stderr.

use std::fmt;

use crate::terminal;

/// Says something on stderr, in one line in which control characters are escaped.
pub(crate) fn eprint(what: impl fmt::Display) {
    terminal::message(&what.to_string());
}
