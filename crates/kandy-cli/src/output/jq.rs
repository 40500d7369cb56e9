//! `--jq`: a jq program over the data, without a jq on the machine.

use std::io::{self, Write};

use jaq_core::{
    Compiler, Ctx, Vars, data,
    load::{Arena, File, Loader},
    unwrap_valr,
};
use jaq_json::Val;
use serde_json::Value;

use super::json;
use crate::failure::{Failure, Result};

/// A compiled program.
pub(super) struct Jq {
    filter: jaq_core::Filter<data::JustLut<Val>>,
}

impl Jq {
    pub(super) fn new(program: &str) -> Result<Self> {
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
        let arena = Arena::default();
        let modules = Loader::new(definitions).load(&arena, File { code: program, path: () });
        let modules = modules.map_err(|_| Failure::usage(format!("--jq: {program:?} is not a jq program")))?;
        let filter = Compiler::default().with_funs(functions).compile(modules).map_err(|errors| {
            let unknown = errors.into_iter().flat_map(|(_, unknown)| unknown).map(|(name, _)| name.to_owned());
            Failure::usage(format!("--jq: there is no {}", unknown.collect::<Vec<_>>().join(", ")))
        })?;
        Ok(Self { filter })
    }

    /// Each result on lines of its own; texts without quotes, as scripts want them.
    pub(super) fn write(&self, to: &mut impl Write, value: &Value, for_people: bool) -> Result {
        let input: Val = serde_json::from_value(value.clone()).map_err(io::Error::from)?;
        let context = Ctx::<data::JustLut<Val>>::new(&self.filter.lut, Vars::new([]));
        for output in self.filter.id.run((context, input)).map(unwrap_valr) {
            let output = output.map_err(|error| Failure::usage(format!("--jq: {error}")))?;
            let output: Value = serde_json::from_str(&output.to_string()).map_err(io::Error::from)?;
            match output {
                Value::String(text) => writeln!(to, "{text}")?,
                other => json::write(to, &other, for_people)?,
            }
        }
        Ok(())
    }
}
