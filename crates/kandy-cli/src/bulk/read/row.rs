//! A row that was read.

use super::raw_row::RawRow;
use crate::bulk::column::Fields;

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its place among the rows, from 0.
    pub(in crate::bulk) number: u64,
    /// The line that it begins in, from 1.
    pub(in crate::bulk) line: u64,
    /// The byte after it.
    pub(in crate::bulk) end: u64,
    /// What it says, or why it cannot be understood.
    pub(in crate::bulk) fields: Result<Fields, String>,
    /// As it was read.
    pub(in crate::bulk) raw: RawRow,
    /// Whether its call was begun, and it is not known what it came to.
    pub(in crate::bulk) begun: bool,
}
