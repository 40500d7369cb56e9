//! `--jq`: runs a jq program on the data, without an installed jq.

use std::io::{self, Write};

use jaq_core::{
    Compiler, Ctx, Vars, data,
    load::{self, Arena, File, Loader},
    unwrap_valr,
};
use jaq_json::Val;
use serde::Deserialize;
use serde_json::Value;

use super::json;
use crate::{
    failure::{Failure, Result},
    terminal::Printer,
};

/// A compiled jq program.
pub(super) struct Jq {
    filter: jaq_core::Filter<data::JustLut<Val>>,
}

impl Jq {
    pub(super) fn new(program: &str) -> Result<Self> {
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        // `env` is empty: the environment has credentials and is not part of the data.
        let standard = jaq_std::funs().filter(|(name, ..)| *name != "env");
        let functions = jaq_core::funs().chain(standard).chain(jaq_json::funs());
        let arena = Arena::default();
        let modules = Loader::new(definitions).load(&arena, File { code: program, path: () });
        let modules = modules.map_err(|errors| {
            let reason = errors.first().and_then(|(_, error)| reason(error)).unwrap_or_default();
            Failure::usage(format!("--jq: {program:?} is not a valid jq program{reason}"))
        })?;
        let filter = Compiler::default().with_funs(functions).compile(modules).map_err(|errors| {
            let unknown = errors.into_iter().flat_map(|(_, unknown)| unknown).map(|(name, _)| name.to_owned());
            Failure::usage(format!("--jq: undefined name {}", unknown.collect::<Vec<_>>().join(", ")))
        })?;
        Ok(Self { filter })
    }

    /// Writes each result on lines of its own; strings without quotes. Line feeds and tabs are kept on a terminal,
    /// because `@tsv` and others produce them.
    pub(super) fn write(&self, to: &mut Printer<impl Write>, value: &Value, for_people: bool) -> Result {
        let input = Val::deserialize(value).map_err(io::Error::from)?;
        let context = Ctx::<data::JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        for output in self.filter.id.run((context, input)).map(unwrap_valr) {
            let output = output.map_err(|error| {
                // The error message of jaq may contain the whole input, so it is truncated.
                let error: String = error.to_string().chars().take(200).collect();
                Failure::local(format!("--jq: the call succeeded, but the program failed on the response: {error}"))
            })?;
            let output: Value = serde_json::from_str(&output.to_string()).map_err(io::Error::from)?;
            match output {
                Value::String(text) => writeln!(to, "{text}")?,
                other => json::write(to, &other, for_people)?,
            }
        }
        Ok(())
    }
}

/// Describes a syntax error and its position.
fn reason(error: &load::Error<&str>) -> Option<String> {
    let (expected, found) = match error {
        load::Error::Lex(errors) => errors.first().map(|(expected, found)| (expected.as_str(), *found))?,
        load::Error::Parse(errors) => errors.first().map(|(expected, found)| (expected.as_str(), *found))?,
        load::Error::Io(_) => return None,
    };
    Some(match found {
        found if expected == "nothing" => format!(": unexpected {found:?}"),
        "" => format!(": expected {expected} at the end"),
        found => format!(": expected {expected} before {found:?}"),
    })
}
