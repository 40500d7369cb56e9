//! What a command does with the rows of a file.

use super::{Columns, Fields, Preparation, column::ListColumns, figures::Figures, schedule::Schedule};
use crate::{failure::Result, output::OutputSchema};

/// The call that a command makes for each row.
pub(crate) trait BulkJob {
    /// The name in the journal, and the suffix of its file name.
    const NAME: &'static str;
    /// The noun for what is created, singular and plural.
    const NOUNS: [&'static str; 2];
    /// The participle for messages, such as `created`.
    const VERB: &'static str;
    /// The operation that each row is sent with.
    const OPERATION: &'static str;
    /// The default number of calls in flight.
    const CONCURRENCY: u16;
    /// Whether a call whose outcome is unknown may be sent again.
    const REPEATABLE: bool;
    /// The JSON summary.
    const SUMMARY: OutputSchema;
    /// A call for one row. It is cloned to be retried.
    type Call: kandy::CallBuilder<Value: Send> + Clone + Sync + 'static;

    /// The columns of the input.
    fn columns(&self) -> Columns;

    /// Returns all columns that the input may have.
    fn list_columns(&self) -> ListColumns {
        self.columns().into()
    }

    /// Returns what is done with each row before its call is built; `None` if that is nothing.
    fn preparation(&self) -> Option<Box<dyn Preparation>> {
        None
    }

    /// Returns whether rows of a list may have the same recipient.
    fn allows_duplicates(&self) -> bool {
        true
    }

    /// Returns what a dry run computes of the rows; `None` if it only counts them.
    fn figures(&self) -> Option<Box<dyn Figures>> {
        None
    }

    /// Returns when rows may begin; `None` if at any time.
    fn schedule(&self) -> Option<Schedule> {
        None
    }

    /// Returns a short hash of the base URL, the credentials and the options that apply to all rows.
    fn target(&self) -> Result<u32>;

    /// Returns the id of a row, for `--quiet`, and its call.
    fn call(&self, fields: Fields) -> Result<(String, Self::Call)>;
}
