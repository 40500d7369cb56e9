//! Reads the rows of a file.
//!
//! ```text
//! bytes ─ text ─▶ UTF-8 ─ records ─▶ records of CSV ─ csv_rows ──▶ rows
//!                       ├────────────────────────── json_rows ─┤
//!                       └────────────────────────── card_rows ─┘
//! ```
//!
//! A file is read twice: errors that make it unusable as a whole, such as a stray quote, are found before anything is
//! sent. A stream can be read only once, so reading stops at the error, and no row after it is used.
//!
//! Depends on `column`, `format` and `input`, and on the journal for the rows to skip. Begin with [`Rows`].

mod arguments;
mod card_rows;
mod csv_rows;
mod dialect;
mod error_message;
mod header;
mod json_fields;
mod json_rows;
mod raw_row;
mod records;
mod row;
#[cfg(test)]
mod tests;
mod text;
mod text_file;

use std::{
    collections::BTreeSet,
    io::Read,
    thread::{self, JoinHandle},
};

use tokio::sync::mpsc;

use super::{Columns, Input, column::ListColumns, format::Format, journal::Finished};
use crate::failure::{Failure, Result};
pub(super) use arguments::Form;
pub(crate) use arguments::ReadArguments;
use card_rows::CardRows;
pub(super) use card_rows::write_rejected;
use csv_rows::CsvRows;
pub(super) use json_fields::JsonFields;
pub(super) use json_rows::JsonRows;
pub(crate) use raw_row::RawRow;
pub(super) use row::Row;

/// The number of rows that are read ahead.
const READ_AHEAD: usize = 128;

/// An open input file.
pub(super) enum Rows {
    Csv(Box<CsvRows>),
    Json(Box<JsonRows>),
    Cards(Box<CardRows>),
}

impl Rows {
    /// Opens an input file. Rejects a file that cannot be read to its end, or has unknown columns.
    #[cfg(test)]
    pub(super) fn open(input: Input, columns: Columns, arguments: ReadArguments) -> Result<Self> {
        Self::check(&input, columns.into(), arguments)?;
        Self::open_checked(input, columns.into(), arguments)
    }

    /// Rejects a file that cannot be read to its end, or has unknown columns. A stream is not read.
    pub(super) fn check(input: &Input, columns: ListColumns, arguments: ReadArguments) -> Result {
        let Some(file) = input.rewound()? else { return Ok(()) };
        match Self::begin(&input.name, input.format, Box::new(file), columns, arguments)? {
            Self::Csv(mut rows) => rows.check(),
            Self::Json(mut rows) => rows.check(),
            Self::Cards(mut rows) => rows.check(),
        }
    }

    /// Opens an input file that was checked.
    pub(super) fn open_checked(input: Input, columns: ListColumns, arguments: ReadArguments) -> Result<Self> {
        input.rewound()?;
        Self::begin(&input.name, input.format, input.bytes, columns, arguments)
    }

    /// Reads from a stream of bytes.
    pub(super) fn begin(
        name: &str,
        format: Format,
        bytes: Box<dyn Read + Send>,
        columns: ListColumns,
        arguments: ReadArguments,
    ) -> Result<Self> {
        Ok(match format {
            Format::Csv => Self::Csv(Box::new(CsvRows::open(name, bytes, columns, arguments)?)),
            Format::Jsonl => Self::Json(Box::new(JsonRows::open(name, bytes, columns, arguments)?)),
            Format::Vcard => Self::Cards(Box::new(CardRows::open(name, bytes, columns, arguments)?)),
        })
    }

    /// Returns the header of CSV, for files with rejected rows.
    pub(super) fn header(&self) -> Option<&csv::ByteRecord> {
        match self {
            Self::Csv(rows) => Some(rows.header()),
            Self::Json(_) | Self::Cards(_) => None,
        }
    }

    /// Reads the next row.
    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Json(rows) => rows.next(),
            Self::Cards(rows) => rows.next(),
        }
    }

    /// Reads unprocessed rows in a thread, until the end or until the receiver is dropped.
    #[cfg(test)]
    pub(super) fn read(
        self,
        finished: Finished,
        begun: BTreeSet<u64>,
    ) -> Result<(mpsc::Receiver<Result<Row>>, JoinHandle<()>)> {
        self.read_prepared(finished, begun, |row| row)
    }

    /// Reads and prepares unprocessed rows in a thread, until the end or until the receiver is dropped.
    pub(super) fn read_prepared(
        mut self,
        finished: Finished,
        begun: BTreeSet<u64>,
        mut prepare: impl FnMut(Row) -> Row + Send + 'static,
    ) -> Result<(mpsc::Receiver<Result<Row>>, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel(READ_AHEAD);
        let read = move || {
            loop {
                // Processed rows, too: a later row of a stream must not repeat their recipients.
                let row = match self.next().map(|row| row.map(&mut prepare)) {
                    Ok(Some(row)) if finished.contains(row.number) => continue,
                    Ok(Some(row)) => Ok(Row { begun: begun.contains(&row.number), ..row }),
                    Ok(None) => break,
                    Err(failure) => Err(failure),
                };
                let last = row.is_err();
                if sender.blocking_send(row).is_err() || last {
                    break;
                }
            }
        };
        match thread::Builder::new().name("rows".into()).spawn(read) {
            Ok(thread) => Ok((receiver, thread)),
            Err(error) => Err(Failure::local(format!("a thread to read the file cannot be started: {error}"))),
        }
    }
}
