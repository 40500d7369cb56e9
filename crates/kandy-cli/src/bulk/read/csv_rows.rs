//! Rows of CSV files.

use std::{borrow::Cow, cmp::Ordering, io::Read, sync::Arc};

use csv::ByteRecord;

use super::{
    arguments::ReadArguments,
    dialect, error_message,
    header::Header,
    raw_row::RawRow,
    records::{ReadError, Records},
    row::Row,
    text_file::open_text,
};
use crate::{
    bulk::column::{Columns, Fields, ListColumns, shown},
    failure::{Failure, Result},
    formula,
};

/// Reads rows from CSV.
pub(in crate::bulk) struct CsvRows {
    records: Records,
    name: String,
    header: Arc<Header>,
    arguments: ReadArguments,
    delimiter: u8,
    number: u64,
    /// The length of the values of the last row.
    length: usize,
}

impl CsvRows {
    pub(super) fn open(
        name: &str,
        bytes: Box<dyn Read + Send>,
        columns: impl Into<ListColumns>,
        arguments: ReadArguments,
    ) -> Result<Self> {
        let list = columns.into();
        let columns = list.columns;
        let refused = |line: u64, reason: &str| Failure::usage(format!("{name}, line {line}: {reason}"));
        let mut records = Records::new(open_text(name, bytes, arguments)?, b',');
        let unreadable = |fault: &ReadError| {
            refused(fault.line, &error_message::reason(fault, &format!("column {}", fault.field + 1), true))
        };
        let (first, delimiter) = delimiter(&mut records, &columns, arguments).map_err(|fault| unreadable(&fault))?;
        records.set_delimiter(delimiter);
        let mut names = ByteRecord::new();
        let Some(line) = records.read(&mut names).map_err(|fault| unreadable(&fault))? else {
            return Err(Failure::usage(format!("{name} is empty; the first line must name the columns")));
        };
        let header = Header::new(names, &list, arguments.ignore_unknown_columns).map_err(|reason| {
            match dialect::suggest(&first, &columns, delimiter) {
                Some(other) => {
                    refused(line, &format!("{reason}; if that separates the columns, use --delimiter {other}"))
                }
                None => refused(line, &reason),
            }
        })?;
        Ok(Self {
            records,
            name: name.to_owned(),
            header: Arc::new(header),
            arguments,
            delimiter,
            number: 0,
            length: 0,
        })
    }

    pub(super) fn header(&self) -> &ByteRecord {
        &self.header.names
    }

    /// Reads the rest of the file to find errors that make it unusable as a whole.
    pub(super) fn check(&mut self) -> Result {
        let mut record = ByteRecord::new();
        loop {
            match self.records.read(&mut record) {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(fault) => return Err(Failure::usage(format!("{}; nothing was sent", self.unreadable(&fault)))),
            }
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        // Room for a row somewhat longer than the last one: most rows fit, and no buffer grows while they are read.
        let mut record = ByteRecord::with_capacity(self.length + self.length / 4, self.header.used.len());
        loop {
            let line = self.records.read(&mut record);
            let Some(line) = line.map_err(|fault| {
                Failure::local(format!("{}; no row from there on was processed", self.unreadable(&fault)))
            })?
            else {
                return Ok(None);
            };
            // Spreadsheets write such rows for lines that were cleared.
            if record.iter().all(is_blank) {
                continue;
            }
            self.length = record.as_slice().len();
            let fields = self.fields(&record);
            let raw = RawRow::Csv(record, self.header.clone());
            let number = self.number;
            self.number += 1;
            return Ok(Some(Row {
                number,
                line,
                end: self.records.position(),
                fields,
                raw,
                begun: false,
                suppressed: false,
            }));
        }
    }

    fn unreadable(&self, fault: &ReadError) -> String {
        let reason = error_message::reason(fault, &self.header.place(fault.field), self.header.is_public());
        format!("{}, line {}: {reason}", self.name, fault.line)
    }

    fn fields(&self, record: &ByteRecord) -> Result<Fields, String> {
        let Header { columns, used, .. } = &*self.header;
        let advice = match record.len().cmp(&used.len()) {
            Ordering::Equal => None,
            Ordering::Greater => {
                Some(format!("put quotes around a value that contains {:?}", char::from(self.delimiter)))
            }
            Ordering::Less => Some("a value may be empty, but must be present".into()),
        };
        if let Some(advice) = advice {
            return Err(format!("there are {} values for {} columns; {advice}", record.len(), used.len()));
        }
        let mut fields = Fields::new(*columns);
        for (at, (value, used)) in record.iter().zip(used).enumerate() {
            // [`Text`] decodes to UTF-8, so nothing is lost here.
            let value = str::from_utf8(value).map_or_else(|_| String::from_utf8_lossy(value), Cow::Borrowed);
            match used {
                Some(used) if self.arguments.unescape_formulas => {
                    fields.set(*used, formula::unescape(&value).to_owned());
                }
                Some(used) => {
                    if formula::is_escaped(&value) {
                        fields.note_escaped_formula(*used, &value);
                    }
                    fields.set(*used, value.into_owned());
                }
                None if !value.is_empty()
                    && self.header.name(at).is_empty()
                    && !self.arguments.ignore_unknown_columns =>
                {
                    let value = if self.header.is_public() { shown(&value) } else { "a value".into() };
                    return Err(format!("there is {value} in {}, which has no name", self.header.place(at)));
                }
                None => {}
            }
        }
        fields.complete(|used| Some(self.header.name(self.header.position(used)?)))
    }
}

/// Returns whether a value has no visible character.
fn is_blank(value: &[u8]) -> bool {
    // Most values show it by their first byte.
    if value.first().is_some_and(u8::is_ascii_graphic) {
        return false;
    }
    String::from_utf8_lossy(value).chars().all(char::is_whitespace)
}

/// Determines the delimiter and returns the header line. Skips a `sep=` line.
fn delimiter(records: &mut Records, columns: &Columns, arguments: ReadArguments) -> Result<(String, u8), ReadError> {
    let mut separator = None;
    loop {
        let line = records.peek_line()?;
        let Some(line) = line else { return Ok((String::new(), b',')) };
        if line.is_empty() {
            records.skip_line()?;
            continue;
        }
        match (separator, dialect::separator(&line)) {
            (None, Some(found)) => {
                separator = Some(found);
                records.skip_line()?;
            }
            (found, _) => {
                let delimiter = arguments.delimiter.or(found).unwrap_or_else(|| dialect::detect(&line, columns));
                return Ok((line, delimiter));
            }
        }
    }
}
