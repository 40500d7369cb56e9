//! A row that was read.

use super::raw_row::RawRow;
use crate::bulk::column::Fields;

/// A row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its index, from 0.
    pub(in crate::bulk) number: u64,
    /// Its first line, from 1.
    pub(in crate::bulk) line: u64,
    /// The offset of the byte after it.
    pub(in crate::bulk) end: u64,
    /// Its values, or why it cannot be used.
    pub(in crate::bulk) fields: Result<Fields, String>,
    /// Its text, for files with rejected rows.
    pub(in crate::bulk) raw: RawRow,
    /// Whether a previous run announced its call and recorded no outcome.
    pub(in crate::bulk) begun: bool,
    /// Whether it is left out, because its number is suppressed.
    pub(in crate::bulk) suppressed: bool,
}
