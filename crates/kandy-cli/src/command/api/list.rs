//! `kandy api --list`: lists all operations.

use kandy_sys::{
    OPERATIONS, Operation,
    operation::{Credential, RequestBody},
};
use serde_json::{Value, json};

use crate::{context::Context, failure::Result, output::OutputSchema};

const OPERATION_LIST: OutputSchema = OutputSchema {
    name: "operations",
    operation: "",
    at: "",
    id: "operation",
    columns: &["operation", "confidence", "needs", "takes", "summary"],
};

/// Lists all operations.
pub(super) fn show(context: &Context) -> Result {
    context.output.list(&OPERATION_LIST, OPERATIONS.iter().map(row))
}

fn row(operation: &Operation) -> Value {
    let needs = match operation.credential() {
        Credential::ApiKey(level) => format!("{level} key"),
        Credential::AccessToken(level) => format!("{level} token"),
    };
    let parameters = operation.parameters.iter();
    let required = |required| if required { "" } else { "?" };
    let names = parameters.clone().map(|parameter| format!("{}{}", parameter.name, required(parameter.required)));
    let body = match operation.body {
        RequestBody::None => None,
        RequestBody::Json(schema) => Some(format!("--input {schema}")),
        RequestBody::File(_) => Some("--input FILE".to_owned()),
        _ => Some("--input".to_owned()),
    };
    let described = parameters.map(|parameter| {
        json!({"name": parameter.name, "required": parameter.required, "secret": parameter.secret,
            "description": parameter.description})
    });
    json!({
        "operation": operation.id,
        "confidence": operation.confidence.to_string(),
        "version": operation.version,
        "method": operation.method.as_str(),
        "path": operation.path,
        "needs": needs,
        "takes": names.chain(body).collect::<Vec<_>>().join(" "),
        "parameters": described.collect::<Vec<_>>(),
        "repeatable": operation.idempotent,
        "summary": operation.summary,
    })
}
