//! Buffers the line of each request for stderr.

use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Lines for stderr. They are written as soon as a thread has nothing else to do: when many requests come at once, a
/// write for each would take a good part of their time.
#[derive(Default)]
pub(super) struct RequestLines(Mutex<String>);

impl RequestLines {
    /// How many bytes are written even if there is something else to do.
    const MANY: usize = 16 * 1024;

    pub(super) fn add(&self, line: &str) {
        let mut lines = self.lines();
        lines.push_str(line);
        lines.push('\n');
        if lines.len() >= Self::MANY {
            Self::write_out(&mut lines);
        }
    }

    pub(super) fn write(&self) {
        let mut lines = self.lines();
        if !lines.is_empty() {
            Self::write_out(&mut lines);
        }
    }

    /// Nobody may be there to read them, which is no reason to stop.
    fn write_out(lines: &mut String) {
        drop(io::stderr().write_all(lines.as_bytes()));
        lines.clear();
    }

    fn lines(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
