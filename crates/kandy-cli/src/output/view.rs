//! Which items of a list are printed, and which columns a table shows.

use serde_json::Value;

use super::{OutputSchema, table, times::Times};
use crate::arguments::ListArguments;

/// Selects items and columns of a list.
#[derive(Clone, Debug, Default)]
pub(crate) struct ListView {
    /// The maximum number of items.
    limit: Option<usize>,
    /// The text to search for, in lower case.
    search: Option<String>,
    /// On a terminal: one line for an item, and the columns that may be omitted, the first one first. `None` for whole values.
    optional: Option<&'static [&'static str]>,
}

impl ListView {
    /// All items, with whole values.
    pub(crate) const ALL: Self = Self { limit: None, search: None, optional: None };

    /// Shows whole values on a terminal.
    pub(crate) fn new(arguments: &ListArguments) -> Self {
        Self::searching(arguments.search.as_deref()).with_limit(arguments.limit.map(|limit| limit.get()))
    }

    /// Selects the items with a text.
    pub(crate) fn searching(text: Option<&str>) -> Self {
        Self { limit: None, search: text.map(str::to_lowercase), optional: None }
    }

    fn with_limit(self, limit: Option<usize>) -> Self {
        Self { limit, ..self }
    }

    /// Shows one line for an item on a terminal, unless `wide`. Columns of `optional` are omitted if space is short.
    pub(crate) fn compact(self, wide: bool, optional: &'static [&'static str]) -> Self {
        Self { optional: (!wide).then_some(optional), ..self }
    }

    /// Returns the columns that may be omitted; `None` for whole values.
    pub(super) fn optional(&self) -> Option<&'static [&'static str]> {
        self.optional
    }

    /// Returns whether this number of items is the maximum.
    pub(super) fn is_full(&self, count: usize) -> bool {
        self.limit.is_some_and(|limit| count >= limit)
    }

    /// Returns whether only items with a text are selected.
    pub(super) fn is_search(&self) -> bool {
        self.search.is_some()
    }

    /// Returns whether a row has the text in one of its columns, as the service sent it or as a terminal shows it.
    pub(super) fn has(&self, schema: &OutputSchema, row: impl FnOnce() -> Value, times: &Times) -> bool {
        let Some(search) = &self.search else { return true };
        let row = row();
        let has = |cells: Vec<String>| cells.iter().any(|cell| cell.to_lowercase().contains(search.as_str()));
        has(table::cells(schema, &row, None)) || has(table::cells(schema, &row, Some(times)))
    }
}
