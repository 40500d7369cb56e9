//! What a dry run computes of the rows that can be sent, and the wording of their number.

use indicatif::HumanCount;
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

/// Returns a number of rows for a sentence.
pub(crate) fn rows(count: u64) -> String {
    format!("{} {}", HumanCount(count), if count == 1 { "row" } else { "rows" })
}
