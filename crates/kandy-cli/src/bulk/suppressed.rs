//! Numbers that get no SMS, from the files of `--suppress`.
//!
//! A file has a number on each line, or it is CSV or JSON Lines with a column `destination` or `to`. A line that cannot be
//! read is an error: the number of someone who opted out must not be skipped. Depends on `read`. Begin with
//! [`SuppressedNumbers::read`].

use std::{
    collections::HashSet,
    fs::File,
    io::{Cursor, Read},
    path::Path,
};

use kandy::{NumberingPlan, PhoneNumber, PhoneNumberError};

use super::{
    Columns,
    column::shown,
    file,
    format::Format,
    read::{JsonRows, ReadArguments, Rows},
};
use crate::failure::{Failure, Result};

/// The other columns of a list of opt-outs are ignored.
const COLUMNS: Columns =
    Columns { used: &[&["destination", "to"]], required: &["destination"], ignored: &["source", "from"], ids: &[] };

/// The format is detected in the beginning of the file, because a pipe can be read only once.
const BEGINNING: u64 = 1 << 16;

/// Numbers that get no SMS.
#[derive(Debug, Default)]
pub(crate) struct SuppressedNumbers(HashSet<u64>);

/// Returns the digits of a phone number, which are the same however it is written.
pub(crate) fn recipient(number: &str, default_country: Option<NumberingPlan>) -> Result<u64, PhoneNumberError> {
    let digits = |number: &str| number.trim_start_matches('+').parse().map_err(|_| PhoneNumberError::Empty);
    if PhoneNumber::is_normalized(number) {
        return digits(number);
    }
    match default_country {
        Some(plan) => digits(PhoneNumber::parse_with_default(number, plan)?.as_str()),
        None => digits(number.parse::<PhoneNumber>()?.as_str()),
    }
}

impl SuppressedNumbers {
    pub(crate) fn contains(&self, recipient: u64) -> bool {
        self.0.contains(&recipient)
    }

    /// Adds the numbers of a file, which must not be the list itself.
    pub(crate) fn read(
        &mut self,
        path: &Path,
        list: Option<&Path>,
        reading: ReadArguments,
        default_country: Option<NumberingPlan>,
    ) -> Result {
        let name = path.display().to_string();
        let refused = |reason: String| Failure::usage(format!("--suppress {name}: {reason}; nothing was sent"));
        if list.is_some_and(|list| file::is_same(list, path)) {
            return Err(refused("it is the list itself, of which nothing would be left".into()));
        }
        let opened = File::open(path).map_err(|error| refused(error.to_string()))?;
        if opened.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(refused("it is a folder".into()));
        }
        let mut beginning = Vec::new();
        (&opened).take(BEGINNING).read_to_end(&mut beginning).map_err(|error| refused(error.to_string()))?;
        let bytes = || -> Box<dyn Read + Send> { Box::new(Cursor::new(beginning.clone())) };
        // Columns of other names are ignored, and the delimiter is detected: `--delimiter` is that of the list.
        let reading = ReadArguments { delimiter: None, ignore_unknown_columns: true, ..reading };
        let (format, first) = detect(&name, bytes, reading)?;
        if first.is_empty() {
            return Err(refused("it is empty; leave the option out if no number is to be left out".into()));
        }
        let rest: Box<dyn Read + Send> = Box::new(Cursor::new(beginning.clone()).chain(opened));
        let mut add = |line: u64, number: &str| match recipient(number.trim(), default_country) {
            Ok(recipient) => {
                self.0.insert(recipient);
                Ok(())
            }
            Err(error) => Err(Failure::usage(format!(
                "--suppress {name}, line {line}: {} cannot be used: {error}; nothing was sent",
                shown(number)
            ))),
        };
        match format {
            Some(format) => {
                let mut rows = Rows::begin(&name, format, rest, COLUMNS.into(), reading).map_err(unreadable)?;
                while let Some(row) = rows.next().map_err(unreadable)? {
                    let number = row.fields.and_then(|mut fields| fields.take("destination").ok_or_else(String::new));
                    match number {
                        Ok(number) => add(row.line, &number)?,
                        Err(reason) => {
                            let line = row.line;
                            return Err(Failure::usage(format!(
                                "--suppress {name}, line {line}: {reason}; nothing was sent"
                            )));
                        }
                    }
                }
            }
            None => {
                let mut lines = JsonRows::open(&name, rest, COLUMNS, reading)?;
                while let Some((line, number)) = lines.next_line().map_err(unreadable)? {
                    add(line, &number).map_err(|failure| match line {
                        1 => Failure::usage(format!(
                            "{failure}. The file has neither a number on each line nor a column destination or to"
                        )),
                        _ => failure,
                    })?;
                }
            }
        }
        Ok(())
    }
}

/// Returns the format of a file, `None` for a number on each line, and its first line.
fn detect(
    name: &str,
    bytes: impl Fn() -> Box<dyn Read + Send>,
    reading: ReadArguments,
) -> Result<(Option<Format>, String)> {
    let first = JsonRows::open(name, bytes(), COLUMNS, reading)?.next_line().map_err(unreadable)?;
    let first = first.map(|(_, line)| line).unwrap_or_default();
    let format = match first.trim_start().starts_with('{') {
        true => Some(Format::Jsonl),
        // The first line names the column.
        false => Rows::begin(name, Format::Csv, bytes(), COLUMNS.into(), reading).ok().map(|_| Format::Csv),
    };
    Ok((format, first))
}

fn unreadable(failure: Failure) -> Failure {
    Failure::usage(format!("--suppress {failure}"))
}

#[cfg(test)]
mod tests;
