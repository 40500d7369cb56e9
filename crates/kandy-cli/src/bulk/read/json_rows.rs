//! Rows of JSON Lines files.

use std::io::Read;

use super::{
    arguments::ReadArguments,
    error_message,
    json_fields::{self, JsonFields},
    raw_row::RawRow,
    records::{ReadError, ReadErrorKind},
    row::Row,
    text::{LineCount, MAX_ROW_LENGTH, Text},
    text_file::open_text,
};
use crate::{
    bulk::column::{Fields, IGNORE_UNKNOWN, ListColumns, shown},
    failure::{Failure, Result},
};

/// Reads rows from JSON Lines: one object per line.
pub(in crate::bulk) struct JsonRows {
    text: Text,
    lines: LineCount,
    name: String,
    columns: ListColumns,
    arguments: ReadArguments,
    number: u64,
}

impl JsonRows {
    pub(in crate::bulk) fn open(
        name: &str,
        bytes: Box<dyn Read + Send>,
        columns: impl Into<ListColumns>,
        arguments: ReadArguments,
    ) -> Result<Self> {
        let columns = columns.into();
        let text = open_text(name, bytes, arguments)?;
        Ok(Self { text, lines: LineCount::new(), name: name.to_owned(), columns, arguments, number: 0 })
    }

    /// Reads the rest of the file to find errors that make it unusable as a whole.
    pub(super) fn check(&mut self) -> Result {
        loop {
            match self.line() {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(fault) => return Err(Failure::usage(format!("{}; nothing was sent", self.unreadable(&fault)))),
            }
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        let line = self.line();
        let Some((line, raw)) = line.map_err(|fault| {
            Failure::local(format!("{}; no row from there on was processed", self.unreadable(&fault)))
        })?
        else {
            return Ok(None);
        };
        let fields = self.fields(&raw);
        let number = self.number;
        self.number += 1;
        let raw = RawRow::Json(raw.into_bytes(), self.columns.columns);
        Ok(Some(Row { number, line, end: self.text.position(), fields, raw, begun: false, suppressed: false }))
    }

    /// Returns the next line that is not blank, whatever it contains, and its number.
    pub(in crate::bulk) fn next_line(&mut self) -> Result<Option<(u64, String)>> {
        self.line().map_err(|fault| Failure::usage(self.unreadable(&fault)))
    }

    /// Returns the next line that is not blank, and its number. LF, CRLF and CR end a line; inside JSON they can only
    /// be whitespace.
    fn line(&mut self) -> Result<Option<(u64, String)>, ReadError> {
        let mut raw = Vec::new();
        loop {
            let line = self.lines.line();
            let fault = |kind| ReadError { line, field: 0, read: Vec::new(), kind };
            let is_filled = self.text.fill().map_err(|error| fault(ReadErrorKind::Text(error)))?;
            let buffer = self.text.buffer();
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            raw.extend_from_slice(&buffer[..end.unwrap_or(buffer.len())]);
            if raw.len() > MAX_ROW_LENGTH {
                return Err(fault(ReadErrorKind::TooLong { quote: None }));
            }
            self.consume(end.map_or(buffer.len(), |end| end + 1));
            if is_filled && end.is_none() {
                continue;
            }
            raw.truncate(raw.trim_ascii_end().len());
            match (raw.is_empty(), is_filled) {
                (false, _) => return Ok(Some((line, String::from_utf8_lossy(&raw).into_owned()))),
                (true, true) => {}
                (true, false) => return Ok(None),
            }
        }
    }

    fn consume(&mut self, count: usize) {
        for byte in &self.text.buffer()[..count] {
            self.lines.pass(*byte);
        }
        self.text.consume(count);
    }

    /// Never shows the line, which may contain credentials.
    fn unreadable(&self, fault: &ReadError) -> String {
        format!("{}, line {}: {}", self.name, fault.line, error_message::reason(fault, "it", false))
    }

    fn fields(&self, raw: &str) -> Result<Fields, String> {
        // The message of serde_json may quote the line, so only its position is used.
        let members: JsonFields =
            serde_json::from_str(raw).map_err(|error| match raw.trim_start().starts_with('[') {
                true => "it is a JSON array; expected one object per line, as `jq -c '.[]'` writes them".into(),
                false if error.is_eof() => {
                    format!("the JSON object is not complete in this line (column {})", error.column())
                }
                false => format!("it is not a JSON object (column {})", error.column()),
            })?;
        let columns = self.columns.columns;
        let mut fields = Fields::new(columns);
        let mut names: Vec<Option<&str>> = vec![None; columns.used.len()];
        for (name, value) in &members.0 {
            let found = self.columns.find(name, self.arguments.ignore_unknown_columns);
            let Some(used) = found.map_err(|reason| reason + IGNORE_UNKNOWN)? else { continue };
            match names[used].replace(name) {
                None => {}
                Some(other) if other == name => return Err(format!("{} occurs twice; remove one", shown(name))),
                Some(other) => {
                    return Err(format!("{} and {} have the same meaning; remove one", shown(other), shown(name)));
                }
            }
            match json_fields::text(value) {
                Ok(Some(text)) => fields.set(used, text),
                Ok(None) => {}
                Err(_) if columns.is_secret(used) => {
                    return Err(format!("{} is not a string; put it in quotes", shown(name)));
                }
                Err(reason) => return Err(format!("{} {reason}", shown(name))),
            }
        }
        fields.complete(|used| names[used].map(str::to_owned))
    }
}
