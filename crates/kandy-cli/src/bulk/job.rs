//! What a command does with the rows of a file.

use super::{Columns, Fields, Preparation, column::ListColumns, figures::Figures, schedule::Schedule, summary};
use crate::{failure::Result, output::OutputSchema};

/// What a job does with a row before it makes a call for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RowCheck {
    /// Make the call.
    Send,
    /// Make no call: the service already has what the call would lead to.
    Existing,
    /// Make no call: the row cannot be used, for this reason.
    Refused(String),
}

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
    /// What the summary says of rows whose call the service had no need of, such as `already existed`.
    const EXISTING: &'static str = summary::EXISTING;
    /// What [`target`](Self::target) depends on, for the message about a journal of another one.
    const TARGET: &'static str = "the base URL, the domain or device, the text, the sender or the default country";
    /// Whether all rows are read once before the first call, for [`note`](Self::note). The input must be a file then.
    const READS_AHEAD: bool = false;
    /// A call for one row.
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

    /// Notes a row before the first call, if [`READS_AHEAD`](Self::READS_AHEAD).
    fn note(&self, _fields: &Fields) {}

    /// Prepares the calls, once all rows are noted and the journal is known to belong to them. A dry run skips this.
    fn begin(&self) -> impl Future<Output = Result> {
        std::future::ready(Ok(()))
    }

    /// Decides whether a row needs a call. May change the values of the row.
    fn check(&self, _fields: &mut Fields) -> RowCheck {
        RowCheck::Send
    }

    /// Returns whether an error means that the service already has what the call leads to.
    fn is_existing(error: &kandy::Error) -> bool {
        error.is_already_exists()
    }

    /// Returns whether an error of another operation, such as minting an access token, concerns this row alone.
    fn concerns_row(_error: &kandy::Error) -> bool {
        false
    }

    /// Returns the id of a row, for `--quiet`, and its call.
    fn call(&self, fields: Fields) -> Result<(String, Self::Call)>;
}
