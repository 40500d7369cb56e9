//! `kandy schema`: JSON Schemas of types, responses and request bodies.

use clap::Args;
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use kandy_sys::{
    Operation,
    operation::{RequestBody, ResponseKind},
    schema::{RESPONSES, SCHEMAS, Schema},
};
use serde_json::{Value, json};

use crate::{
    context::Context,
    failure::{Failure, Result},
    output::OutputSchema,
    suggest,
};

/// Print the JSON Schema of a type, or of the response or request body of an operation
#[derive(Args)]
#[command(after_help = "Examples:
  kandy schema User
  kandy schema user_list
  kandy schema user_create --request
  kandy schema --list")]
pub(crate) struct SchemaOf {
    /// Name of a type, or of an operation to print its response
    #[arg(value_name = "TYPE", required_unless_present = "list", add = ArgValueCandidates::new(names))]
    name: Option<String>,
    /// Print the request body of the operation instead of its response
    #[arg(long)]
    request: bool,
    /// List all types and the operations that return them
    #[arg(long, conflicts_with_all = ["name", "request"])]
    list: bool,
}

const TYPES: OutputSchema =
    OutputSchema { name: "types", operation: "", at: "", id: "name", columns: &["name", "kind"] };

impl SchemaOf {
    pub(crate) fn run(self, context: &Context) -> Result {
        let Some(name) = self.name else {
            let types = SCHEMAS.iter().map(|schema| json!({"name": schema.name, "kind": "type"}));
            let responses = RESPONSES.iter().map(|response| json!({"name": response.name, "kind": "response"}));
            return context.output.list(&TYPES, types.chain(responses));
        };
        let schema = if self.request { request(&name)? } else { response(&name)? };
        let mut schema = schema.json_schema().to_value();
        without_code(&mut schema);
        context.output.public(&schema)
    }
}

/// Returns the schema of the type with this name, or of the response of an operation.
fn response(name: &str) -> Result<&'static Schema> {
    if let Some(schema) = of_type(name).or_else(|| RESPONSES.iter().find(|response| response.name == name)) {
        return Ok(schema);
    }
    match Operation::find(name) {
        Some(operation) if operation.response == ResponseKind::File => {
            Err(Failure::usage(format!("{name} returns a file, which has no schema")))
        }
        _ => Err(Failure::usage(suggest::unknown("type or operation", name, all()))),
    }
}

/// Returns the schema of the request body of an operation.
fn request(name: &str) -> Result<&'static Schema> {
    let Some(operation) = Operation::find(name) else {
        let operations = kandy_sys::OPERATIONS.iter().map(|operation| operation.id);
        return Err(Failure::usage(suggest::unknown("operation", name, operations)));
    };
    match operation.body {
        RequestBody::Json(schema) => of_type(schema).ok_or_else(|| {
            Failure::usage(format!(
                "{schema}, the request body of {name}, is any JSON \
                and has no schema"
            ))
        }),
        RequestBody::File(_) => {
            Err(Failure::usage(format!("the request body of {name} is a file, which has no schema")))
        }
        _ => Err(Failure::usage(format!("{name} has no request body"))),
    }
}

fn of_type(name: &str) -> Option<&'static Schema> {
    SCHEMAS.iter().find(|schema| schema.name == name)
}

fn all() -> impl Iterator<Item = &'static str> {
    SCHEMAS.iter().chain(RESPONSES).map(|schema| schema.name)
}

/// Removes notes for readers of the Rust code from descriptions.
fn without_code(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("description")
                && let Some(code) = text.find("\n\n```")
            {
                text.truncate(code);
            }
            members.values_mut().for_each(without_code);
        }
        Value::Array(items) => items.iter_mut().for_each(without_code),
        _ => {}
    }
}

fn names() -> Vec<CompletionCandidate> {
    all().map(CompletionCandidate::new).collect()
}
