//! Buffers the line of each request for stderr.
//!
//! Depends on nothing. Begin with `RequestLines`.

use std::{
    io::{self, Write},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Lines for stderr, written when a thread of the runtime parks. Under load one write for each request would take a
/// good part of the time.
#[derive(Default)]
pub(super) struct RequestLines(Mutex<String>);

impl RequestLines {
    /// The size at which the buffer is written although no thread parks.
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

    /// Ignores errors: the emulator serves on when stderr is closed.
    fn write_out(lines: &mut String) {
        drop(io::stderr().write_all(lines.as_bytes()));
        lines.clear();
    }

    fn lines(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
