//! `--json`.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::OutputSchema;
use crate::{
    failure::{Failure, Result},
    terminal::Printer,
};

/// One value on lines of its own: indented for people, in one line for programs.
pub(super) fn write(to: &mut Printer<impl Write>, value: &Value, for_people: bool) -> io::Result<()> {
    to.json(value, for_people)?;
    to.write_all(b"\n")
}

/// Whether there can be members with these names. It is asked before anything is sent, lest something is done whose answer
/// is then not shown.
pub(super) fn expected(schema: &OutputSchema, names: &[String]) -> Result {
    let known = schema.members();
    match names.iter().find(|name| !known.contains(name)) {
        // Of what is open, anything may come.
        Some(name) if !known.is_empty() => Err(unknown(schema, name, known)),
        _ => Ok(()),
    }
}

fn unknown(schema: &OutputSchema, name: &str, mut known: Vec<String>) -> Failure {
    known.sort_unstable();
    known.dedup();
    Failure::usage(format!("--json: {} have no field {name:?}; the fields are {}", schema.name, known.join(", ")))
}

/// The members with these names, in this order; all of them where none is named. One that the answer lacks is null.
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
