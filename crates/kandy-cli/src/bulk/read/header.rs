use csv::ByteRecord;

use super::Columns;
use crate::bulk::column::{IGNORE_UNKNOWN, shown};

/// The first record of CSV, and which columns it names.
#[derive(Debug)]
pub(in crate::bulk) struct Header {
    pub(super) names: ByteRecord,
    pub(super) columns: Columns,
    /// For each column of the file, which of those that are used it is.
    pub(super) used: Vec<Option<usize>>,
}

impl Header {
    pub(super) fn new(names: ByteRecord, columns: Columns, ignore_unknown: bool) -> Result<Self, String> {
        let mut header = Self { names, columns, used: Vec::new() };
        for at in 0..header.names.len() {
            let name = header.name(at);
            let found = match name.is_empty() {
                // Spreadsheets write columns without a name where once there was something.
                true => None,
                false => columns.find(&name, ignore_unknown).map_err(|reason| header.unknown(reason))?,
            };
            if let Some(other) = found.and_then(|found| header.position(found)) {
                let (other, name) = (shown(&header.name(other)), shown(&name));
                return Err(match other == name {
                    true => format!("column {name} occurs twice; remove one"),
                    false => format!("columns {other} and {name} have the same meaning; remove one"),
                });
            }
            header.used.push(found);
        }
        columns.complete(&header.used)?;
        Ok(header)
    }

    /// What to do about an unknown column. Ignoring it is no advice where a required one is missing: that may be it.
    fn unknown(&self, reason: String) -> String {
        let used: Vec<_> =
            (0..self.names.len()).map(|at| self.columns.find(&self.name(at), true).ok().flatten()).collect();
        match self.columns.complete(&used) {
            Ok(()) => reason + IGNORE_UNKNOWN,
            Err(missing) => format!("{reason}; {missing}"),
        }
    }

    /// The name of a column of the file, without blanks around.
    pub(super) fn name(&self, at: usize) -> String {
        String::from_utf8_lossy(self.names.get(at).unwrap_or_default()).trim().to_owned()
    }

    /// Where in the file a used column is.
    pub(super) fn position(&self, used: usize) -> Option<usize> {
        self.used.iter().position(|at| *at == Some(used))
    }

    /// What a column of the file is called in a sentence.
    pub(super) fn place(&self, at: usize) -> String {
        match self.name(at) {
            name if name.is_empty() => format!("column {}", at + 1),
            name => format!("column {}", shown(&name)),
        }
    }

    /// Whether no column is secret. Else a value may be, whatever column it seems to be in: a row may lack one.
    pub(super) fn is_public(&self) -> bool {
        let is_secret = |name: &[u8]| {
            let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
            kandy_sys::SECRET_FIELDS.contains(&&*name)
                || ["password", "secret", "token"].iter().any(|word| name.contains(word))
        };
        !self.names.iter().any(is_secret)
    }
}
