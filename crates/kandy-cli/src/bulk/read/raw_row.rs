//! A row as it was read, for files with rejected rows.

use std::sync::Arc;

use csv::ByteRecord;

use super::{
    Columns,
    header::Header,
    json_fields::{self, JsonFields},
};
use crate::bulk::column::{is_same_name, refusal, shown};

/// A row as it was read, with its columns.
#[derive(Clone, Debug)]
pub(crate) enum RawRow {
    Csv(ByteRecord, Arc<Header>),
    Json(Vec<u8>, Columns),
    /// The lines of a card, without its photo.
    Card(String),
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

    /// Returns the values by the names of their columns, for templates.
    pub(crate) fn values(&self) -> RowValues<'_> {
        match self {
            Self::Csv(record, header) => RowValues::Csv(record, header),
            Self::Json(line, columns) => RowValues::Json(serde_json::from_slice(line).ok(), *columns),
            // The properties of a card are no columns, so a template finds none of them.
            Self::Card(_) => RowValues::Json(None, Columns { used: &[], required: &[], ignored: &[], ids: &[] }),
        }
    }

    /// Returns `None` if the argument does not come from this row.
    fn named(&self, argument: &str, reason: &str) -> Option<String> {
        let (columns, name, value) = match self {
            Self::Csv(record, header) => {
                let at = header.position(header.columns.of_argument(argument)?)?;
                let value = String::from_utf8_lossy(record.get(at)?).into_owned();
                (header.columns, header.name(at), value)
            }
            // Its values have no columns, so the error names the argument.
            Self::Card(_) => return None,
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

/// The values of a row by the names of their columns.
pub(crate) enum RowValues<'a> {
    Csv(&'a ByteRecord, &'a Header),
    Json(Option<JsonFields<'a>>, Columns),
}

impl RowValues<'_> {
    /// Returns the value of a column; `None` if a JSON object does not have it. Fails if CSV does not have the column, or
    /// if it is not clear which one it is.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>, String> {
        let twice = || format!("column {} occurs twice; remove one", shown(name));
        match self {
            Self::Csv(record, header) => {
                let mut found = (0..header.names.len()).filter(|at| is_same_name(&header.name(*at), name));
                let at = match (found.next(), found.next()) {
                    (Some(_), Some(_)) => return Err(twice()),
                    (Some(at), None) => Some(at),
                    // `{to}` where the column is called `destination`.
                    (None, _) => header.columns.position(name).and_then(|used| header.position(used)),
                };
                let at = at.ok_or_else(|| format!("there is no column {}, which the text needs", shown(name)))?;
                Ok(record.get(at).map(|value| String::from_utf8_lossy(value).into_owned()))
            }
            Self::Json(None, _) => Ok(None),
            Self::Json(Some(fields), columns) => {
                let mut found = fields.0.iter().filter(|(field, _)| is_same_name(field, name));
                let value = match (found.next(), found.next()) {
                    (Some(_), Some(_)) => return Err(twice()),
                    (Some((_, value)), None) => Some(*value),
                    (None, _) => columns.position(name).and_then(|used| {
                        let is_alias = |field: &str| columns.position(field) == Some(used);
                        fields.0.iter().find(|(field, _)| is_alias(field)).map(|(_, value)| *value)
                    }),
                };
                match value.map(json_fields::text) {
                    None => Ok(None),
                    Some(Ok(text)) => Ok(text),
                    Some(Err(reason)) => Err(format!("{} {reason}", shown(name))),
                }
            }
        }
    }
}
