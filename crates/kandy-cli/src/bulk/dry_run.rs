use serde_json::json;

use super::{BulkArguments, Input, Work, read::Rows};
use crate::{
    context::Context,
    failure::{Failure, Result},
    output::{Shape, say},
};

const CHECKED: Shape = Shape { name: "rows", operation: "", at: "", id: "", columns: &["rows", "usable", "unusable"] };

/// How many rows are named that cannot be used.
const TOLD: u64 = 20;

/// Reads all of a file, and sends nothing.
pub(super) fn check<W: Work>(context: &Context, work: &W, input: Input, arguments: &BulkArguments) -> Result {
    let name = input.name.clone();
    let mut rows = Rows::open(input, work.columns(), arguments.ignore_unknown_columns)?;
    let (mut count, mut unusable) = (0_u64, 0_u64);
    while let Some(row) = rows.next()? {
        count += 1;
        if let Err(reason) = row.fields {
            unusable += 1;
            if unusable <= TOLD && !context.output.is_quiet() {
                say(format_args!("{name}, line {}: {reason}", row.line));
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
