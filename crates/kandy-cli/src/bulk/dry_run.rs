//! Checks all rows of a file without sending anything.

use std::{io, mem};

use kandy::CallBuilder;
use serde_json::{Value, json};

use super::{
    BulkArguments, BulkJob, Fields, Figures, Input, Preparation, Prepared, RowCheck, precheck,
    preparation::{Recipients, duplicate},
    read::{RawRow, Row, Rows},
};
use crate::{
    context::Context,
    eprint::eprint,
    failure::{Failure, Result},
    output::OutputSchema,
};

const CHECKED: OutputSchema =
    OutputSchema { name: "rows", operation: "", at: "", id: "", columns: &["rows", "usable", "unusable"] };

/// The number of rows with the recipient of an earlier row that are shown with the line of that. Each is remembered until
/// the end of the list.
const MAX_DUPLICATES: usize = 1000;

/// Reads all rows, checks the arguments of each call, and sends nothing.
///
/// Reports every unusable row, because a dry run writes no file for failed rows.
pub(super) async fn check<W: BulkJob>(context: &Context, job: &W, input: Input, arguments: &BulkArguments) -> Result {
    let figures = job.figures();
    let schema = figures.as_ref().map_or(CHECKED, |figures| figures.schema());
    context.output.check_fields(&schema)?;
    let reading = arguments.reading;
    Rows::check(&input, job.list_columns(), reading)?;
    let mut input = input;
    let bytes = match input.rewound()? {
        Some(file) => Box::new(file),
        None => mem::replace(&mut input.bytes, Box::new(io::empty())),
    };
    let rows = Rows::begin(&input.name, input.format, bytes, job.list_columns(), reading)?;
    let preparation = job.preparation();
    let name = input.name.clone();
    let mut checked =
        Checked { context, name, preparation, figures, counts: Counts::default(), duplicates: Vec::new() };
    checked.read(job, rows).await?;
    let repeated = checked.duplicates.iter().map(|(_, recipient)| *recipient);
    let first = precheck::first_lines(job, &input, None, reading, repeated)?;
    for (line, recipient) in &checked.duplicates {
        checked.report(*line, &duplicate(*recipient, first.get(recipient).copied()));
    }
    checked.end(&schema, job.allows_duplicates())
}

/// The rows that were checked.
struct Checked<'a> {
    context: &'a Context,
    name: String,
    preparation: Option<Box<dyn Preparation>>,
    figures: Option<Box<dyn Figures>>,
    counts: Counts,
    /// The first rows that repeat a recipient, each with its line.
    duplicates: Vec<(u64, u64)>,
}

#[derive(Default)]
struct Counts {
    rows: u64,
    unusable: u64,
    suppressed: u64,
    duplicates: u64,
    recipients: u64,
}

impl Checked<'_> {
    async fn read<W: BulkJob>(&mut self, job: &W, mut rows: Rows) -> Result {
        let mut recipients = Recipients::default();
        while let Some(Row { line, fields, raw, .. }) = rows.next().map_err(as_invalid_input)? {
            self.counts.rows += 1;
            let prepared = match (fields, &mut self.preparation) {
                (Ok(fields), Some(preparation)) => preparation.prepare(&raw, fields),
                (Ok(fields), None) => Prepared::WithoutRecipient(fields),
                (Err(reason), _) => Prepared::Refused(reason),
            };
            let reason = match prepared {
                Prepared::Ready { fields, recipient } => {
                    let is_new = recipients.add(recipient);
                    self.counts.duplicates += u64::from(!is_new);
                    if !is_new && !job.allows_duplicates() {
                        self.counts.unusable += 1;
                        if self.duplicates.len() < MAX_DUPLICATES {
                            self.duplicates.push((line, recipient));
                        }
                        continue;
                    }
                    let text = fields.text().to_owned();
                    let reason = refusal(job, fields, &raw).await?;
                    if reason.is_none() {
                        self.counts.recipients += u64::from(is_new);
                        if let Some(figures) = &mut self.figures {
                            figures.add(line, recipient, &text);
                        }
                    }
                    reason
                }
                Prepared::WithoutRecipient(fields) => refusal(job, fields, &raw).await?,
                Prepared::Suppressed => {
                    self.counts.suppressed += 1;
                    None
                }
                Prepared::Refused(reason) => Some(reason),
            };
            if let Some(reason) = reason {
                self.counts.unusable += 1;
                self.report(line, &reason);
            }
        }
        Ok(())
    }

    fn report(&self, line: u64, reason: &str) {
        if !self.context.output.is_quiet() {
            eprint(format_args!("{}, line {line}: {reason}", self.name));
        }
    }

    fn end(self, schema: &OutputSchema, allows_duplicates: bool) -> Result {
        let Counts { rows, unusable, suppressed, duplicates, recipients } = self.counts;
        let mut summary = json!({"rows": rows, "usable": rows - unusable - suppressed, "unusable": unusable});
        if let (Value::Object(members), Some(figures)) = (&mut summary, &self.figures) {
            members.insert("recipients".into(), recipients.into());
            members.insert("duplicates".into(), duplicates.into());
            members.insert("suppressed".into(), suppressed.into());
            members.extend(figures.members(self.context.output.is_json()));
        }
        let output = &self.context.output;
        output.object(schema, summary)?;
        match unusable {
            0 => Ok(()),
            _ if duplicates > 0 && !allows_duplicates => Err(Failure::Some(format!(
                "{unusable} of {rows} rows cannot be used, of which {duplicates} repeat the number of an earlier row; remove \
                 them, or use --allow-duplicates to send to it again"
            ))),
            _ => Err(Failure::Some(format!("{unusable} of {rows} rows cannot be used"))),
        }
    }
}

/// Returns why the call of a row would fail before it is sent. An error that concerns all rows is returned as `Err`.
async fn refusal<W: BulkJob>(job: &W, mut fields: Fields, raw: &RawRow) -> Result<Option<String>> {
    match job.check(&mut fields) {
        RowCheck::Send => {}
        RowCheck::Existing => return Ok(None),
        RowCheck::Refused(reason) => return Ok(Some(reason)),
    }
    let (_, call) = job.call(fields)?;
    refusal_of_call(call, raw).await
}

/// Returns why a call would fail before it is sent.
pub(super) async fn refusal_of_call(call: impl CallBuilder, raw: &RawRow) -> Result<Option<String>> {
    match call.preview().await {
        Ok(_) => Ok(None),
        Err(error @ kandy::Error::Argument(_)) => Ok(Some(raw.explain(&error))),
        Err(error) => Err(error.into()),
    }
}

/// Maps an unreadable stream to invalid input: nothing was sent, as with an unreadable file.
pub(super) fn as_invalid_input(failure: Failure) -> Failure {
    match failure {
        Failure::Local(reason) => Failure::Usage(reason),
        other => other,
    }
}
