//! Rows, as they are read from a file.

mod csv_rows;
mod json_rows;

use std::{
    collections::BTreeSet,
    thread::{self, JoinHandle},
};

use tokio::sync::mpsc;

use super::{Columns, Fields, Format, Input, journal::Finished};
use crate::failure::{Failure, Result};
use csv_rows::CsvRows;
use json_rows::JsonRows;

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

/// A row as it was read.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    Csv(csv::ByteRecord),
    Json(Vec<u8>),
}

/// All rows of a file.
pub(super) enum Rows {
    Csv(Box<CsvRows>),
    Json(JsonRows),
}

impl Rows {
    /// Begins to read: a file whose columns are not known is refused here.
    pub(super) fn open(input: Input, columns: Columns, ignore_unknown: bool) -> Result<Self> {
        Ok(match input.format {
            Format::Csv => Self::Csv(Box::new(CsvRows::open(input, columns, ignore_unknown)?)),
            Format::Jsonl => Self::Json(JsonRows::open(input, columns, ignore_unknown)),
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
            Err(error) => Err(Failure::local(format!("there is no thread to read the file in: {error}"))),
        }
    }
}
