use super::{Columns, Fields};
use crate::{failure::Result, output::OutputSchema};

/// What is done with each row.
pub(crate) trait BulkJob {
    /// What it is called in a journal, and at the end of the name of one.
    const NAME: &'static str;
    /// One of what is made, and more.
    const NOUNS: [&'static str; 2];
    /// What is done to them.
    const VERB: &'static str;
    /// The operation that each row is sent with.
    const OPERATION: &'static str;
    /// How many calls are under way at a time, unless it is said.
    const CONCURRENCY: u16;
    /// Whether a call whose outcome is unknown may be made again.
    const REPEATABLE: bool;
    /// The summary for programs.
    const SUMMARY: OutputSchema;
    /// A call, which can be made more than once.
    type Call: Clone + kandy::CallBuilder;

    /// What there may be in a row.
    fn columns(&self) -> Columns;

    /// A short hash of where calls go, and of what is the same for all rows.
    fn target(&self) -> Result<u32>;

    /// What a row is known by, and its call.
    fn call(&self, fields: Fields) -> Result<(String, Self::Call)>;
}
