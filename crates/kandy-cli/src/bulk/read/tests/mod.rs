//! Tests of the reader.

mod arguments;
mod cards;
mod csv;
mod json;
mod properties;
mod reference;
mod refusals;
mod rows;
mod text;

use std::io::{self, Cursor, Read};

use super::{Columns, ReadArguments, Row, csv_rows::CsvRows, json_rows::JsonRows, raw_row::RawRow};
use crate::failure::{Failure, Result};

const COLUMNS: Columns = Columns {
    used: &[&["destination", "to"], &["source", "from"], &["text", "message"], &["user_password"]],
    required: &["destination"],
    ignored: &["error"],
    ids: &["destination"],
};

/// Bytes in chunks of this size, as from a pipe.
struct Pieces(Cursor<Vec<u8>>, usize);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

fn pieces(bytes: impl Into<Vec<u8>>, most: usize) -> Box<dyn Read + Send> {
    Box::new(Pieces(Cursor::new(bytes.into()), most))
}

/// Reads CSV: the line, the values, and the error of each row; `Err` if the file is rejected.
fn read_csv(bytes: impl Into<Vec<u8>>, most: usize, arguments: ReadArguments) -> Result<Vec<Row>, String> {
    let bytes = bytes.into();
    let open = || CsvRows::open("list.csv", pieces(bytes.clone(), most), COLUMNS, arguments);
    open().and_then(|mut rows| rows.check()).map_err(|failure| failure.to_string())?;
    let mut rows = open().map_err(|failure| failure.to_string())?;
    all(|| rows.next())
}

fn read_json(bytes: impl Into<Vec<u8>>) -> Result<Vec<Row>, String> {
    let rows = JsonRows::open("list.jsonl", pieces(bytes, 7), COLUMNS, ReadArguments::default());
    let mut rows = rows.map_err(|failure| failure.to_string())?;
    all(|| rows.next())
}

fn all(mut next: impl FnMut() -> Result<Option<Row>, Failure>) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    while let Some(row) = next().map_err(|failure| failure.to_string())? {
        assert_eq!(row.number, rows.len() as u64);
        rows.push(row);
    }
    Ok(rows)
}

/// The line and the values of a row.
fn record(row: &Row) -> (u64, Vec<String>) {
    let RawRow::Csv(record, _) = &row.raw else { panic!("CSV") };
    (row.line, record.iter().map(|value| str::from_utf8(value).unwrap().to_owned()).collect())
}

/// Returns the lines of unusable rows, and why.
fn refused(rows: &[Row]) -> Vec<(u64, &str)> {
    rows.iter().filter_map(|row| Some((row.line, &**row.fields.as_ref().err()?))).collect()
}
