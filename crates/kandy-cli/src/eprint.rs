//! Prints messages to stderr.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::terminal;

/// Whether messages are dropped.
static MUTED: AtomicBool = AtomicBool::new(false);

/// Prints a message on one line, with control characters escaped.
pub(crate) fn eprint(what: impl fmt::Display) {
    if !MUTED.load(Ordering::Relaxed) {
        terminal::message(&what.to_string());
    }
}

/// Drops all further messages: while a shell completes a word, they would appear in the line that the user edits.
pub(crate) fn mute() {
    MUTED.store(true, Ordering::Relaxed);
}
