//! Checks all rows of a file without sending anything.

use kandy::CallBuilder;
use serde_json::json;

use super::{
    BulkArguments, BulkJob, Fields, Input,
    read::{RawRow, Rows},
};
use crate::{
    context::Context,
    eprint::eprint,
    failure::{Failure, Result},
    output::OutputSchema,
};

const CHECKED: OutputSchema =
    OutputSchema { name: "rows", operation: "", at: "", id: "", columns: &["rows", "usable", "unusable"] };

/// Reads all rows, checks the arguments of each call, and sends nothing.
///
/// Reports every unusable row, because a dry run writes no file for failed rows.
pub(super) async fn check<W: BulkJob>(context: &Context, job: &W, input: Input, arguments: &BulkArguments) -> Result {
    let name = input.name.clone();
    let mut rows = Rows::open(input, job.columns(), arguments.reading)?;
    let (mut count, mut unusable) = (0_u64, 0_u64);
    while let Some(row) = rows.next().map_err(as_invalid_input)? {
        count += 1;
        let reason = match row.fields {
            Ok(fields) => refusal(job, fields, &row.raw).await?,
            Err(reason) => Some(reason),
        };
        if let Some(reason) = reason {
            unusable += 1;
            if !context.output.is_quiet() {
                eprint(format_args!("{name}, line {}: {reason}", row.line));
            }
        }
    }
    let summary = json!({"rows": count, "usable": count - unusable, "unusable": unusable});
    context.output.object(&CHECKED, summary)?;
    match unusable {
        0 => Ok(()),
        _ => Err(Failure::Some(format!("{unusable} of {count} rows cannot be used"))),
    }
}

/// Returns why the call of a row would fail before it is sent. An error that concerns all rows is returned as `Err`.
async fn refusal<W: BulkJob>(job: &W, fields: Fields, raw: &RawRow) -> Result<Option<String>> {
    let (_, call) = job.call(fields)?;
    match call.preview().await {
        Ok(_) => Ok(None),
        Err(error @ kandy::Error::Argument(_)) => Ok(Some(raw.explain(&error))),
        Err(error) => Err(error.into()),
    }
}

/// Maps an unreadable stream to invalid input: nothing was sent, as with an unreadable file.
fn as_invalid_input(failure: Failure) -> Failure {
    match failure {
        Failure::Local(reason) => Failure::Usage(reason),
        other => other,
    }
}
