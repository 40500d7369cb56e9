//! Rows, as they are read from a file.
//!
//! ```text
//! bytes ─ text ─▶ UTF-8 ─ records ─▶ records of CSV ─ csv_rows ──▶ rows
//!                       └────────────────────────── json_rows ─┘
//! ```
//!
//! A file is read twice: what makes it unusable as a whole, such as a stray quote, is found before anything is sent. What
//! comes from a stream can be read once, so reading stops there, and nothing that follows is used.

mod arguments;
mod csv_rows;
mod dialect;
mod fault;
mod header;
mod json_rows;
mod members;
mod raw;
mod records;
#[cfg(test)]
mod tests;
mod text;

use std::{
    collections::BTreeSet,
    io::Read,
    thread::{self, JoinHandle},
};

use tokio::sync::mpsc;

use super::{Columns, Fields, Format, Input, journal::Finished};
use crate::failure::{Failure, Result};
pub(super) use arguments::Form;
pub(crate) use arguments::ReadArguments;
use csv_rows::CsvRows;
use json_rows::JsonRows;
pub(super) use members::ExtraFields;
pub(super) use raw::Raw;

/// The longest row, in bytes. What is longer is not one: a quote or a line is not closed.
const LONGEST: usize = 1 << 20;

/// How many rows wait for a call.
const WAITING: usize = 128;

/// One row.
#[derive(Debug)]
pub(crate) struct Row {
    /// Its place among the rows, from 0.
    pub(super) number: u64,
    /// The line that it begins in, from 1.
    pub(super) line: u64,
    /// The byte after it.
    pub(super) end: u64,
    /// What it says, or why it cannot be understood.
    pub(super) fields: Result<Fields, String>,
    /// As it was read.
    pub(super) raw: Raw,
    /// Whether its call was begun, and it is not known what it came to.
    pub(super) begun: bool,
}

/// All rows of a file.
pub(super) enum Rows {
    Csv(Box<CsvRows>),
    Json(Box<JsonRows>),
}

impl Rows {
    /// Begins to read. A file that cannot be read to its end, or whose columns are not known, is refused here.
    pub(super) fn open(input: Input, columns: Columns, arguments: ReadArguments) -> Result<Self> {
        let (name, format) = (&*input.name, input.format);
        if let Some(file) = input.rewound()? {
            match Self::begin(name, format, Box::new(file), columns, arguments)? {
                Self::Csv(mut rows) => rows.check()?,
                Self::Json(mut rows) => rows.check()?,
            }
            input.rewound()?;
        }
        Self::begin(name, format, input.bytes, columns, arguments)
    }

    fn begin(
        name: &str,
        format: Format,
        bytes: Box<dyn Read + Send>,
        columns: Columns,
        arguments: ReadArguments,
    ) -> Result<Self> {
        Ok(match format {
            Format::Csv => Self::Csv(Box::new(CsvRows::open(name, bytes, columns, arguments)?)),
            Format::Jsonl => Self::Json(Box::new(JsonRows::open(name, bytes, columns, arguments)?)),
        })
    }

    /// The names of the columns as they are in the file, for one with the same.
    pub(super) fn header(&self) -> Option<&csv::ByteRecord> {
        match self {
            Self::Csv(rows) => Some(rows.header()),
            Self::Json(_) => None,
        }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Json(rows) => rows.next(),
        }
    }

    /// Reads in a thread of its own those rows that are not settled. It ends when nobody takes them any more.
    pub(super) fn read(
        mut self,
        finished: Finished,
        begun: BTreeSet<u64>,
    ) -> Result<(mpsc::Receiver<Result<Row>>, JoinHandle<()>)> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let read = move || {
            loop {
                let row = match self.next() {
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
