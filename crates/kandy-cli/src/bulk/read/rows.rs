//! The rows of an input file, in any of its formats.
//!
//! Depends on the readers of the formats. Begin with [`Rows::open_checked`].

use std::io::Read;

use super::{arguments::ReadArguments, card_rows::CardRows, csv_rows::CsvRows, json_rows::JsonRows, row::Row};
#[cfg(test)]
use crate::bulk::column::Columns;
use crate::{
    bulk::{column::ListColumns, format::Format, input::Input},
    failure::Result,
};

/// An open input file.
pub(in crate::bulk) enum Rows {
    Csv(Box<CsvRows>),
    Json(Box<JsonRows>),
    Cards(Box<CardRows>),
}

impl Rows {
    /// Opens an input file. Rejects a file that cannot be read to its end, or has unknown columns.
    #[cfg(test)]
    pub(in crate::bulk) fn open(input: Input, columns: Columns, arguments: ReadArguments) -> Result<Self> {
        Self::check(&input, columns.into(), arguments)?;
        Self::open_checked(input, columns.into(), arguments)
    }

    /// Rejects a file that cannot be read to its end, or has unknown columns. A stream is not read.
    pub(in crate::bulk) fn check(input: &Input, columns: ListColumns, arguments: ReadArguments) -> Result {
        let Some(file) = input.rewound()? else { return Ok(()) };
        match Self::begin(&input.name, input.format, Box::new(file), columns, arguments)? {
            Self::Csv(mut rows) => rows.check(),
            Self::Json(mut rows) => rows.check(),
            Self::Cards(mut rows) => rows.check(),
        }
    }

    /// Opens an input file that was checked.
    pub(in crate::bulk) fn open_checked(input: Input, columns: ListColumns, arguments: ReadArguments) -> Result<Self> {
        input.rewound()?;
        Self::begin(&input.name, input.format, input.bytes, columns, arguments)
    }

    /// Reads from a stream of bytes.
    pub(in crate::bulk) fn begin(
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
    pub(in crate::bulk) fn header(&self) -> Option<&csv::ByteRecord> {
        match self {
            Self::Csv(rows) => Some(rows.header()),
            Self::Json(_) | Self::Cards(_) => None,
        }
    }

    /// Reads the next row.
    pub(in crate::bulk) fn next(&mut self) -> Result<Option<Row>> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Json(rows) => rows.next(),
            Self::Cards(rows) => rows.next(),
        }
    }
}
