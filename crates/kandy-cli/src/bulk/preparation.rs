//! What a job does with rows before it builds their calls: in the order of the list, and more than once.
//!
//! A file is prepared twice: first as a whole, so that a problem stops the run before anything is sent (`precheck`), then
//! row by row while it is sent. A stream is prepared once, and a problem fails its row.

use std::collections::HashSet;

use super::{
    Fields,
    read::{RawRow, Row},
};

/// Prepares rows.
pub(crate) trait Preparation: Send {
    /// Prepares the values of a row.
    fn prepare(&mut self, row: &RawRow, fields: Fields) -> Prepared;
}

/// A row after its preparation.
#[derive(Debug)]
pub(crate) enum Prepared {
    /// Its call may be built. `recipient` is the same for rows that reach the same recipient.
    Ready { fields: Fields, recipient: u64 },
    /// Its call may be built. It has no valid recipient, which the call refuses if it needs one.
    WithoutRecipient(Fields),
    /// It must not be sent: its recipient is suppressed.
    Suppressed,
    /// It cannot be used. A file with such a row is refused as a whole, because the problem may concern many rows.
    Refused(String),
}

/// The recipients of the rows so far: 8 bytes each, and the free room of a hash table.
#[derive(Debug, Default)]
pub(super) struct Recipients(HashSet<u64>);

impl Recipients {
    /// Adds a recipient. Returns false if an earlier row has the same.
    pub(super) fn add(&mut self, recipient: u64) -> bool {
        self.0.insert(recipient)
    }
}

/// What the reader does with rows before it passes them on.
struct RowPreparer {
    preparation: Box<dyn Preparation>,
    /// The recipients so far; `None` if a recipient may occur twice, or was checked before.
    recipients: Option<Recipients>,
}

/// Returns what the reader does with each row: nothing without a preparation.
pub(super) fn row_preparer(
    preparation: Option<Box<dyn Preparation>>,
    finds_duplicates: bool,
) -> impl FnMut(Row) -> Row + Send + 'static {
    let recipients = finds_duplicates.then(Recipients::default);
    let mut preparer = preparation.map(|preparation| RowPreparer { preparation, recipients });
    move |row| match &mut preparer {
        Some(preparer) => preparer.prepare_row(row),
        None => row,
    }
}

impl RowPreparer {
    /// Prepares a row: sets its values, or why it cannot be used, or that it is suppressed.
    fn prepare_row(&mut self, row: Row) -> Row {
        let Ok(fields) = row.fields else { return row };
        let (fields, suppressed) = match self.preparation.prepare(&row.raw, fields) {
            Prepared::Ready { fields, recipient } => {
                let is_new = self.recipients.as_mut().is_none_or(|recipients| recipients.add(recipient));
                (if is_new { Ok(fields) } else { Err(duplicate(recipient, None)) }, false)
            }
            Prepared::Suppressed => (Err("its number is suppressed".into()), true),
            Prepared::WithoutRecipient(fields) => (Ok(fields), false),
            Prepared::Refused(reason) => (Err(reason), false),
        };
        Row { fields, suppressed, ..row }
    }
}

/// Returns the message for a row whose recipient occurs before, in this line if it is known.
pub(super) fn duplicate(recipient: u64, line: Option<u64>) -> String {
    match line {
        Some(line) => format!("+{recipient} is already in line {line}"),
        None => format!("+{recipient} is already in an earlier row; --allow-duplicates sends to it again"),
    }
}
