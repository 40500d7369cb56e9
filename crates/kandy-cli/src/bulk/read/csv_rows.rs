use std::io::{self, Read};

use csv::{ByteRecord, ErrorKind};

use super::{Columns, Fields, Input, LONGEST, Raw, Row};
use crate::failure::{Failure, Result};

/// Rows of CSV.
pub(in crate::bulk) struct CsvRows {
    reader: csv::Reader<Metered>,
    name: String,
    columns: Columns,
    header: ByteRecord,
    /// For each column of the file, which of those that are used it is.
    used: Vec<Option<usize>>,
    number: u64,
}

impl CsvRows {
    pub(super) fn open(input: Input, columns: Columns, ignore_unknown: bool) -> Result<Self> {
        let name = input.name;
        let bytes = Metered { bytes: input.bytes, since_row: 0, in_quotes: false, at_end: false };
        // The rows are counted here, and those with too few or too many values are failures of their own.
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
        let mut header = ByteRecord::new();
        let is_there = reader.read_byte_record(&mut header).map_err(|error| unreadable(&name, 1, error))?;
        if !is_there {
            return Err(Failure::usage(format!("{name} is empty; the first line names the columns")));
        }
        reader.get_mut().since_row = 0;
        let mut used = Vec::new();
        for column in &header {
            let column = String::from_utf8_lossy(column);
            let found = columns.find(column.trim(), ignore_unknown);
            let found = found.map_err(|reason| Failure::usage(format!("{name}, line 1: {reason}{}", hint(&header))))?;
            if found.is_some() && used.contains(&found) {
                return Err(Failure::usage(format!("{name}, line 1: column {column:?} is there twice")));
            }
            used.push(found);
        }
        columns.complete(&used).map_err(|reason| Failure::usage(format!("{name}, line 1: {reason}")))?;
        Ok(Self { reader, name, columns, header, used, number: 0 })
    }

    pub(super) fn header(&self) -> &ByteRecord {
        &self.header
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        let mut record = ByteRecord::new();
        loop {
            let line = self.reader.position().line();
            let is_there = self.reader.read_byte_record(&mut record);
            if !is_there.map_err(|error| unreadable(&self.name, line, error))? {
                return Ok(None);
            }
            self.reader.get_mut().since_row = 0;
            // Spreadsheets write such rows for lines in which there once was something.
            if record.iter().all(<[u8]>::is_empty) {
                continue;
            }
            let line = record.position().map_or(line, csv::Position::line);
            let end = self.reader.position().byte();
            let fields = self.fields(&record);
            let number = self.number;
            self.number += 1;
            return Ok(Some(Row { number, line, end, fields, raw: Raw::Csv(record), begun: false }));
        }
    }

    fn fields(&mut self, record: &ByteRecord) -> Result<Fields, String> {
        // The reader takes a quote that is never closed for one that is, and all that follows for what is in it.
        let bytes = self.reader.get_ref();
        if bytes.in_quotes && bytes.at_end && record.iter().any(|value| value.contains(&b'\n')) {
            return Err("a quote is not closed".into());
        }
        if record.len() != self.used.len() {
            return Err(format!("there are {} values for {} columns", record.len(), self.used.len()));
        }
        let mut fields = Fields::new(self.columns);
        for ((value, used), name) in record.iter().zip(&self.used).zip(&self.header) {
            let Some(used) = used else { continue };
            let value = str::from_utf8(value).map_err(|_| format!("{} is not UTF-8", String::from_utf8_lossy(name)))?;
            fields.set(*used, value.to_owned())?;
        }
        fields.complete()
    }
}

/// What is likely wrong with a header that is one name.
fn hint(header: &ByteRecord) -> &'static str {
    match header.get(0) {
        Some(name) if header.len() == 1 && name.iter().any(|byte| b";\t|".contains(byte)) => {
            "; columns have commas between them"
        }
        _ => "",
    }
}

fn unreadable(name: &str, line: u64, error: csv::Error) -> Failure {
    match error.into_kind() {
        ErrorKind::Io(error) => Failure::local(format!("{name}, line {line}: {error}")),
        _ => Failure::local(format!("{name}, line {line}: it cannot be read")),
    }
}

/// Bytes that are watched while they are read.
struct Metered {
    bytes: Box<dyn Read + Send>,
    /// How many were read since the last row.
    since_row: usize,
    /// Whether there was an odd number of quotes.
    in_quotes: bool,
    at_end: bool,
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since_row > LONGEST {
            return Err(io::Error::other("a row is longer than 1 MiB; is a quote not closed?"));
        }
        let count = self.bytes.read(buffer)?;
        self.at_end = count == 0;
        self.since_row += count;
        let quotes = buffer[..count].iter().filter(|byte| **byte == b'"').count();
        self.in_quotes ^= quotes % 2 == 1;
        Ok(count)
    }
}
