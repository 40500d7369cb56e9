//! Checks a file as a whole before anything is sent: texts that cannot be made, and recipients that occur twice.

use std::{collections::HashMap, fs::File};

use super::{
    BulkJob, Input, Preparation, Prepared,
    figures::rows,
    fingerprint::Bounded,
    preparation::{Recipients, duplicate},
    read::{ReadArguments, Row, Rows},
};
use crate::{
    eprint::eprint,
    failure::{Failure, Result},
};

/// The number of problems that are shown, each with its line.
const MAX_SHOWN: usize = 5;

/// Checks all rows, also those that previous runs processed: an appended row must not repeat one of them.
pub(super) fn check<W: BulkJob>(job: &W, input: &Input, length: Option<u64>, arguments: ReadArguments) -> Result {
    let Some(mut pass) = Pass::open(job, input, length, arguments)? else { return Ok(()) };
    let mut problems = Vec::new();
    let (mut unusable, mut duplicates) = (0_u64, 0_u64);
    let mut recipients = Recipients::default();
    while let Some((line, prepared)) = pass.next()? {
        match prepared {
            Prepared::Refused(reason) => {
                unusable += 1;
                push(&mut problems, (line, Problem::Reason(reason)));
            }
            Prepared::Ready { recipient, .. } if !job.allows_duplicates() && !recipients.add(recipient) => {
                duplicates += 1;
                push(&mut problems, (line, Problem::Duplicate(recipient)));
            }
            _ => {}
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    let first =
        first_lines(job, input, length, arguments, problems.iter().filter_map(|(_, problem)| problem.recipient()))?;
    for (line, problem) in &problems {
        let reason = match problem {
            Problem::Reason(reason) => reason.clone(),
            Problem::Duplicate(recipient) => duplicate(*recipient, first.get(recipient).copied()),
        };
        eprint(format_args!("{}, line {line}: {reason}", input.name));
    }
    if unusable + duplicates > problems.len() as u64 {
        eprint("further problems are not shown here; --dry-run shows all");
    }
    let mut reasons = Vec::new();
    if unusable > 0 {
        reasons.push(format!("no text can be made for {}", rows(unusable)));
    }
    if duplicates > 0 {
        let (verb, them) = if duplicates == 1 { ("repeats", "it") } else { ("repeat", "them") };
        reasons.push(format!(
            "{} {verb} the number of an earlier row; remove {them}, or use --allow-duplicates to send to it again",
            rows(duplicates)
        ));
    }
    Err(Failure::usage(format!("{}: nothing was sent: {}", input.name, reasons.join("; "))))
}

/// Returns the lines in which these recipients occur first.
pub(super) fn first_lines<W: BulkJob>(
    job: &W,
    input: &Input,
    length: Option<u64>,
    arguments: ReadArguments,
    recipients: impl Iterator<Item = u64>,
) -> Result<HashMap<u64, u64>> {
    let mut lines: HashMap<u64, Option<u64>> = recipients.map(|recipient| (recipient, None)).collect();
    let mut left = lines.len();
    if left > 0
        && let Some(mut pass) = Pass::open(job, input, length, arguments)?
    {
        while left > 0
            && let Some((line, prepared)) = pass.next()?
        {
            if let Prepared::Ready { recipient, .. } = prepared
                && let Some(first @ None) = lines.get_mut(&recipient)
            {
                *first = Some(line);
                left -= 1;
            }
        }
    }
    Ok(lines.into_iter().filter_map(|(recipient, line)| Some((recipient, line?))).collect())
}

/// One reading of all rows, with their preparation.
struct Pass {
    rows: Rows,
    preparation: Box<dyn Preparation>,
}

impl Pass {
    /// Begins to read; `None` if the rows need no preparation, or can be read only once.
    fn open<W: BulkJob>(job: &W, input: &Input, length: Option<u64>, arguments: ReadArguments) -> Result<Option<Self>> {
        let (Some(preparation), Some(file)) = (job.preparation(), input.rewound()?) else { return Ok(None) };
        let rows = Rows::begin(&input.name, input.format, bounded(file, length), job.list_columns(), arguments)?;
        Ok(Some(Self { rows, preparation }))
    }

    /// Reads and prepares the next row that has its columns.
    fn next(&mut self) -> Result<Option<(u64, Prepared)>> {
        while let Some(Row { line, fields, raw, .. }) = self.rows.next()? {
            // A row that lacks a value fails alone.
            if let Ok(fields) = fields {
                return Ok(Some((line, self.preparation.prepare(&raw, fields))));
            }
        }
        Ok(None)
    }
}

/// Why the list is refused.
enum Problem {
    Reason(String),
    Duplicate(u64),
}

impl Problem {
    fn recipient(&self) -> Option<u64> {
        match self {
            Self::Duplicate(recipient) => Some(*recipient),
            Self::Reason(_) => None,
        }
    }
}

fn push<T>(problems: &mut Vec<T>, problem: T) {
    if problems.len() < MAX_SHOWN {
        problems.push(problem);
    }
}

/// Reads as many bytes as the fingerprint has: a row that is being appended is no problem of this run.
fn bounded(file: File, length: Option<u64>) -> Box<dyn std::io::Read + Send> {
    match length {
        Some(length) => Box::new(Bounded::new(Box::new(file), length)),
        None => Box::new(file),
    }
}
