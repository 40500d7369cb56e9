//! The header of a CSV file.

use csv::ByteRecord;

use super::Columns;
use crate::bulk::column::{IGNORE_UNKNOWN, ListColumns, is_same_name, shown};

/// The header of a CSV file, and which columns it names.
#[derive(Debug)]
pub(crate) struct Header {
    pub(super) names: ByteRecord,
    pub(super) columns: Columns,
    /// For each column of the file, the index of the used column; `None` for ignored ones.
    pub(super) used: Vec<Option<usize>>,
}

impl Header {
    pub(super) fn new(names: ByteRecord, list: &ListColumns, ignore_unknown: bool) -> Result<Self, String> {
        let columns = list.columns;
        let mut header = Self { names, columns, used: Vec::new() };
        header.check_template(list)?;
        for at in 0..header.names.len() {
            let name = header.name(at);
            let found = match name.is_empty() {
                // Spreadsheets write columns without a name where cells were cleared.
                true => None,
                false => list.find(&name, ignore_unknown).map_err(|reason| header.unknown(reason))?,
            };
            if let Some(other) = found.and_then(|found| header.position(found)) {
                let (other, name) = (shown(&header.name(other)), shown(&name));
                return Err(match other == name {
                    true => format!("column {name} occurs twice; remove one"),
                    false => format!("columns {other} and {name} have the same meaning; remove one"),
                });
            }
            // Which of the two would fill the template?
            if list.others.is_named(&name) && (0..at).any(|other| is_same_name(&header.name(other), &name)) {
                return Err(format!("column {} occurs twice; remove one", shown(&name)));
            }
            header.used.push(found);
        }
        columns.complete(&header.used)?;
        Ok(header)
    }

    /// Checks that the columns exist that the template of the list names. A name that is misspelled makes the right column
    /// an unknown one, so this comes first.
    fn check_template(&self, list: &ListColumns) -> Result<(), String> {
        let names: Vec<_> = (0..self.names.len()).map(|at| self.name(at)).collect();
        let is_there =
            |column: &&str| names.iter().any(|name| is_same_name(name, column) || list.columns.is_same(name, column));
        match list.others.names().find(|column| !is_there(column)) {
            Some(column) => Err(format!(
                "the text uses the column {}, which is not there; the columns are {}. Write {{{{ for a brace, or use \
                 --no-template",
                shown(column),
                names.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ")
            )),
            None => Ok(()),
        }
    }

    /// Adds advice to the error about an unknown column. If a required column is missing, the unknown one may be it, so
    /// the advice is not to ignore it.
    fn unknown(&self, reason: String) -> String {
        let used: Vec<_> =
            (0..self.names.len()).map(|at| self.columns.find(&self.name(at), true).ok().flatten()).collect();
        match self.columns.complete(&used) {
            Ok(()) => reason + IGNORE_UNKNOWN,
            Err(missing) => format!("{reason}; {missing}"),
        }
    }

    /// Returns the trimmed name of a column of the file.
    pub(super) fn name(&self, at: usize) -> String {
        String::from_utf8_lossy(self.names.get(at).unwrap_or_default()).trim().to_owned()
    }

    /// Returns the position in the file of a used column.
    pub(super) fn position(&self, used: usize) -> Option<usize> {
        self.used.iter().position(|at| *at == Some(used))
    }

    /// Returns the name of a column of the file, for messages.
    pub(super) fn place(&self, at: usize) -> String {
        match self.name(at) {
            name if name.is_empty() => format!("column {}", at + 1),
            name => format!("column {}", shown(&name)),
        }
    }

    /// Returns whether no column has credentials. Otherwise any value may be one, because a row that lacks a value
    /// shifts the others.
    pub(super) fn is_public(&self) -> bool {
        let is_secret = |name: &[u8]| kandy_sys::may_hold_credential(String::from_utf8_lossy(name).trim());
        !self.names.iter().any(is_secret)
    }
}
