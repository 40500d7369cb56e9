//! From the honest spec to a document that progenitor turns into good code.
//!
//! What changes on the way, and why:
//!
//! * Access tokens leave the signatures, because the transport puts them in; an API key that a token operation
//!   needs becomes an ordinary parameter `key`.
//! * `allOf` of the envelope and a result becomes the handwritten `Envelope<T>`, which looks at
//!   the status first.
//! * A file, be it the only part of a form or an answer, becomes a stream of bytes.
//! * Only the success is left of the answers: everything else is then an "unexpected response",
//!   from which nothing is lost.
//! * `nullable` goes where `Option` says it already.
//!
//! A form that is not known here is an error, and so is a key: nothing is dropped silently. So is an example that does not
//! fit its schema, because the emulator returns it and the tests of all layers decode it.

mod examples;
mod names;
mod operation;
mod password;
mod schema;

pub(crate) use names::Names;
pub(crate) use password::{NEW_PASSWORD, PasswordRule};
use serde_json::{Map, Value, json};

use crate::{
    Error,
    spec::{Spec, object, only, text},
};

/// What the generators work from.
pub(crate) struct Lowered {
    /// The document for progenitor.
    pub(crate) document: Value,
    /// All operations, ordered by id.
    pub(crate) operations: Vec<Operation>,
    /// Open sets of values, ordered by name.
    pub(crate) open_sets: Vec<OpenSet>,
    /// The types of the generated code that the spec has a schema for, with an example each.
    pub(crate) schemas: Vec<String>,
    /// Which names hold credentials, and which do not.
    pub(crate) names: Names,
    /// The rule for new passwords, if the spec states one.
    pub(crate) password_rule: Option<PasswordRule>,
    /// The URL of the service.
    pub(crate) base_url: String,
    /// The version of the API that the spec is about.
    pub(crate) default_version: String,
}

impl Lowered {
    /// The names of the schemas whose types are not progenitor's: scalars, open sets, and "no result".
    pub(crate) fn handwritten(&self) -> impl Iterator<Item = &str> {
        SCALARS.into_iter().chain([NO_RESULT]).chain(self.open_sets.iter().map(|set| set.name.as_str()))
    }
}

/// All that is known of an operation.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) tag: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: String,
    /// The version of the API that has it.
    pub(crate) version: String,
    /// The names of its security schemes. Any of them does; the first is the usual one.
    pub(crate) credentials: Vec<String>,
    pub(crate) idempotent: bool,
    pub(crate) confidence: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) response: ResponseKind,
    /// The answer to give as an example.
    pub(crate) example: Value,
}

/// What goes along with a request.
pub(crate) enum Body {
    /// JSON, by the name of its schema.
    Json(String),
    /// A multipart form, by the name of its only part, which is a file.
    File(String),
}

/// What a success answers.
pub(crate) enum ResponseKind {
    /// The envelope, with the name of the schema of the result, if there is one.
    Envelope(Option<String>),
    /// The envelope, with the name of the schema of a result that may be left out.
    EnvelopeWithOptional(String),
    /// A file.
    File,
}

/// One parameter of an operation.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) required: bool,
    pub(crate) secret: bool,
    pub(crate) description: String,
}

/// A set of values to which the service may add.
pub(crate) struct OpenSet {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) values: Vec<KnownValue>,
}

/// A known value of an open set.
pub(crate) struct KnownValue {
    pub(crate) value: Value,
    pub(crate) name: String,
    pub(crate) description: String,
}

/// The scalars that are handwritten in kandy-sys, because they take more than one form.
pub(crate) const SCALARS: [&str; 4] = ["Secret", "Number", "Text", "Timestamp"];

/// Stands for "no result" where progenitor wants a schema.
pub(crate) const NO_RESULT: &str = "NoResult";

/// The methods of a path item that are understood.
const METHODS: [&str; 4] = ["get", "post", "put", "delete"];

/// Lowers a spec.
pub(crate) fn lower(spec: &Spec) -> Result<Lowered, Error> {
    only("spec", &spec.root, &["openapi", "info", "servers", "tags", "paths", "components"])?;
    only("components", &spec.root["components"], &["securitySchemes", "parameters", "responses", "schemas"])?;
    let mut paths = Map::new();
    let mut operations = Vec::new();
    for (path, item) in spec.object("/paths")? {
        let mut methods = Map::new();
        for (method, operation) in object(path, item)? {
            if !METHODS.contains(&method.as_str()) {
                return Err(Error::new(path, format!("`{method}` in a path is not understood")));
            }
            let at = spec.operation(path, method);
            let (operation, lowered) = operation::lower(spec, path, method, operation).map_err(|error| error.at(at))?;
            refuse_second(spec, &operations, &operation)?;
            operations.push(operation);
            methods.insert(method.clone(), lowered);
        }
        paths.insert(path.clone(), methods.into());
    }
    operations.sort_by(|a, b| a.id.cmp(&b.id));

    for (name, parameter) in spec.root["components"]["parameters"].as_object().into_iter().flatten() {
        let at = spec.component("parameters", name);
        operation::query_parameter(name, parameter).map_err(|error| error.at(at))?;
    }

    let mut components = Map::new();
    let mut open_sets = Vec::new();
    let mut schemas = Vec::new();
    for (name, schema) in spec.object("/components/schemas")? {
        schemas.push(name.clone());
        let at = spec.component("schemas", name);
        if let Some(lowered) = component(spec, name, schema, &mut open_sets).map_err(|error| error.at(at))? {
            components.insert(name.clone(), lowered);
        }
    }
    examples::check(spec)?;
    components.insert(NO_RESULT.into(), json!({"type": "object"}));

    let document = json!({
        "openapi": "3.0.3",
        "info": spec.root["info"],
        "paths": paths,
        "components": {"schemas": components},
    });
    let (base_url, version) = server(spec)?;
    for operation in &mut operations {
        if operation.version.is_empty() {
            operation.version.clone_from(&version);
        }
    }
    let names = Names::of(&spec.root["components"]["schemas"], &operations);
    let password_rule = password::rule(spec)?;
    Ok(Lowered { document, operations, open_sets, schemas, names, password_rule, base_url, default_version: version })
}

/// Refuses an operation whose id another one has, and names both.
fn refuse_second(spec: &Spec, operations: &[Operation], second: &Operation) -> Result<(), Error> {
    let Some(first) = operations.iter().find(|first| first.id == second.id) else { return Ok(()) };
    let at = |operation: &Operation| spec.operation(&operation.path, &operation.method.to_lowercase());
    let named = |operation: &Operation| match at(operation) {
        Some(at) => format!("`{} {}` at {at}", operation.method, operation.path),
        None => format!("`{} {}`", operation.method, operation.path),
    };
    let reason =
        format!("the operation id is there twice: {} and {} have it; rename one of them", named(first), named(second));
    Err(Error::new(&second.id, reason).at(at(second)))
}

/// Lowers a component schema, unless its type is handwritten and progenitor does not need to know it.
fn component(spec: &Spec, name: &str, schema: &Value, open_sets: &mut Vec<OpenSet>) -> Result<Option<Value>, Error> {
    if schema["example"].is_null() {
        return Err(Error::new(name, "the schema has no example"));
    }
    if name == NO_RESULT {
        return Err(Error::new(name, "the name is taken"));
    }
    if name == "Envelope" || name == NEW_PASSWORD {
        return Ok(None);
    }
    let mut schema = schema.clone();
    if let Some(values) = object(name, &schema)?.get("x-kandy-known-values") {
        open_sets.push(schema::open_set(name, &schema, values)?);
        schema.as_object_mut().and_then(|schema| schema.remove("x-kandy-known-values"));
    }
    schema::lower(spec, name, &schema).map(Some)
}

/// The URL of the one server, with its variables at their defaults, and the default of its variable `version`.
fn server(spec: &Spec) -> Result<(String, String), Error> {
    let [server] = spec.root["servers"].as_array().map_or(&[][..], Vec::as_slice) else {
        return Err(Error::new("servers", "there is not exactly one"));
    };
    let mut url = text("servers", server, "url")?;
    for (name, variable) in server["variables"].as_object().into_iter().flatten() {
        url = url.replace(&format!("{{{name}}}"), &text("servers", variable, "default")?);
    }
    match url.find('{') {
        None => Ok((url, text("servers", &server["variables"]["version"], "default")?)),
        Some(at) => Err(Error::new("servers", format!("`{}` has no variable", &url[at..]))),
    }
}
