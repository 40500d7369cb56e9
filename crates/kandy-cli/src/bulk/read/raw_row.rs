//! A row as it was read, for files with rejected rows.

use std::sync::Arc;

use csv::ByteRecord;

use super::{
    Columns,
    header::Header,
    json_fields::{self, JsonFields},
};
use crate::bulk::column::refusal;

/// A row as it was read, with its columns.
#[derive(Clone, Debug)]
pub(in crate::bulk) enum RawRow {
    Csv(ByteRecord, Arc<Header>),
    Json(Vec<u8>, Columns),
}

impl RawRow {
    /// Explains why the call of the row failed, naming arguments by the columns of the file.
    pub(in crate::bulk) fn explain(&self, error: &kandy::Error) -> String {
        let explained = match error {
            kandy::Error::Argument(error) => self.named(error.argument(), error.reason()),
            _ => None,
        };
        explained.unwrap_or_else(|| error.to_string())
    }

    /// Returns `None` if the argument does not come from this row.
    fn named(&self, argument: &str, reason: &str) -> Option<String> {
        let (columns, name, value) = match self {
            Self::Csv(record, header) => {
                let at = header.position(header.columns.of_argument(argument)?)?;
                let value = String::from_utf8_lossy(record.get(at)?).into_owned();
                (header.columns, header.name(at), value)
            }
            Self::Json(line, columns) => {
                let used = columns.of_argument(argument)?;
                let members: JsonFields = serde_json::from_slice(line).ok()?;
                let is_it = |(name, _): &(String, _)| matches!(columns.find(name, true), Ok(Some(at)) if at == used);
                let (name, value) = members.0.into_iter().find(is_it)?;
                (*columns, name, json_fields::text(value).ok()??)
            }
        };
        let is_secret = columns.of_argument(argument).is_some_and(|at| columns.is_secret(at));
        // An empty value counts as missing, so the argument has a default from elsewhere.
        (!value.is_empty()).then(|| refusal(&name, (!is_secret).then_some(&*value), reason))
    }
}
