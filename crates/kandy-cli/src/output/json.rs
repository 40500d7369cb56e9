//! `--json`: writes values, all fields or selected ones.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::OutputSchema;
use crate::{
    failure::{Failure, Result},
    terminal::Printer,
};

/// Writes a value followed by a line feed: indented on a terminal, in one line otherwise.
pub(super) fn write(to: &mut Printer<impl Write>, value: &Value, for_people: bool) -> io::Result<()> {
    to.json(value, for_people)?;
    to.write_all(b"\n")
}

/// Checks the names in `--json=…` before the call is sent, so that no operation is applied whose result cannot be
/// shown.
pub(super) fn check_fields(schema: &OutputSchema, names: &[String]) -> Result {
    let known = schema.members();
    match names.iter().find(|name| !known.contains(name)) {
        // A schema without known members allows any name.
        Some(name) if !known.is_empty() => Err(unknown(schema, name, known)),
        _ => Ok(()),
    }
}

fn unknown(schema: &OutputSchema, name: &str, mut known: Vec<String>) -> Failure {
    known.sort_unstable();
    known.dedup();
    Failure::usage(format!("--json: {} have no field {name:?}; the fields are {}", schema.name, known.join(", ")))
}

/// Selects members in the given order; all members if no names are given. Known members that are missing become null.
pub(super) fn selected(schema: &OutputSchema, names: Option<&[String]>, value: Value) -> Result<Value> {
    let Some(names) = names else { return Ok(value) };
    let Value::Object(mut members) = value else {
        return Err(Failure::usage(format!("{} have no fields to select with --json=…", schema.name)));
    };
    let known = schema.members();
    let mut chosen = Map::new();
    for name in names {
        let member = match members.remove(name) {
            Some(member) => member,
            None if known.contains(name) => Value::Null,
            None => return Err(unknown(schema, name, known.into_iter().chain(members.keys().cloned()).collect())),
        };
        chosen.insert(name.clone(), member);
    }
    Ok(Value::Object(chosen))
}
