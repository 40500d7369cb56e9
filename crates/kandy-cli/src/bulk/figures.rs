//! What a dry run computes of the rows that can be sent.

use serde_json::{Map, Value};

use crate::output::OutputSchema;

/// Figures of the rows of a list.
pub(crate) trait Figures {
    /// Returns what the dry run prints: the counts of every dry run, and those of [`members`](Self::members).
    fn schema(&self) -> OutputSchema;

    /// Adds a row that can be sent.
    fn add(&mut self, line: u64, recipient: u64, text: &str);

    /// Returns the figures, for JSON or for a table.
    fn members(&self, is_json: bool) -> Map<String, Value>;
}
