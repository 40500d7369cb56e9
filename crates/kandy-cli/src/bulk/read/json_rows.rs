use std::io::{BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::{Columns, Fields, Input, LONGEST, Raw, Row};
use crate::failure::{Failure, Result};

/// Rows of JSON, an object in each line.
pub(in crate::bulk) struct JsonRows {
    reader: BufReader<Box<dyn Read + Send>>,
    name: String,
    columns: Columns,
    ignore_unknown: bool,
    number: u64,
    line: u64,
    end: u64,
}

impl JsonRows {
    pub(super) fn open(input: Input, columns: Columns, ignore_unknown: bool) -> Self {
        let reader = BufReader::new(input.bytes);
        Self { reader, name: input.name, columns, ignore_unknown, number: 0, line: 0, end: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        loop {
            let mut raw = Vec::new();
            let failed = |error| Failure::of_file(format_args!("{}, line {}", self.name, self.line + 1), &error);
            let read = self.reader.by_ref().take(LONGEST as u64).read_until(b'\n', &mut raw).map_err(failed)?;
            if read == 0 {
                return Ok(None);
            }
            if read == LONGEST && !raw.ends_with(b"\n") {
                let line = self.line + 1;
                return Err(Failure::local(format!("{}, line {line}: it is longer than 1 MiB", self.name)));
            }
            self.line += 1;
            self.end += read as u64;
            if self.line == 1 && raw.starts_with(b"\xef\xbb\xbf") {
                // Some editors begin every file with this.
                raw.drain(..3);
            }
            raw.truncate(raw.trim_ascii_end().len());
            if raw.is_empty() {
                continue;
            }
            let fields = self.fields(&raw);
            let number = self.number;
            self.number += 1;
            return Ok(Some(Row { number, line: self.line, end: self.end, fields, raw: Raw::Json(raw), begun: false }));
        }
    }

    fn fields(&self, raw: &[u8]) -> Result<Fields, String> {
        // What the reader says of what is wrong may repeat what is in the line.
        let members: Map<String, Value> =
            serde_json::from_slice(raw).map_err(|error| match str::from_utf8(raw).is_ok() {
                true => format!("it is not a JSON object (column {})", error.column()),
                false => "it is not UTF-8".into(),
            })?;
        let mut fields = Fields::new(self.columns);
        for (name, value) in members {
            let Some(used) = self.columns.find(&name, self.ignore_unknown)? else { continue };
            match value {
                Value::Null => {}
                Value::String(text) => fields.set(used, text)?,
                // Numbers of telephones are written like this, too.
                Value::Number(number) => fields.set(used, number.to_string())?,
                _ => return Err(format!("{name} is not a text")),
            }
        }
        fields.complete()
    }
}
