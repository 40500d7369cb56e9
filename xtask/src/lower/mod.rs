//! Lowers the spec to a document that progenitor supports, and collects what the other generators need.
//!
//! What changes, and why:
//!
//! * Access tokens are removed from the signatures, because the transport adds them. The API key of a token operation becomes
//!   an ordinary parameter `key`.
//! * `allOf` of the envelope and a result becomes the handwritten `Envelope<T>`, which decodes the status first.
//! * A file, as the only part of a form or as a response, becomes a stream of bytes.
//! * Only the success of the responses remains. Anything else is an "unexpected response" of progenitor, with its body.
//! * `nullable` is removed where the type is an `Option` already.
//!
//! An unknown form and an unknown key are errors, so nothing is dropped silently. An example that does not fit its schema is
//! an error too, because the emulator returns it and the tests of all layers decode it.
//!
//! ```text
//! operation  security, parameters, bodies and responses
//! schema     schemas of components, and open sets
//! names      which names hold credentials
//! password   the rule for new passwords
//! examples   every example against its schema
//! ```
//!
//! Begin with [`lower`].

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

/// The input of the generators.
pub(crate) struct Lowered {
    /// The document for progenitor.
    pub(crate) document: Value,
    /// All operations, sorted by id.
    pub(crate) operations: Vec<Operation>,
    /// Open sets of values, sorted by name.
    pub(crate) open_sets: Vec<OpenSet>,
    /// The names of the component schemas. Each has an example.
    pub(crate) schemas: Vec<String>,
    /// The names that hold credentials, and the others.
    pub(crate) names: Names,
    /// The rule for new passwords, if the spec states one.
    pub(crate) password_rule: Option<PasswordRule>,
    /// The URL of the service.
    pub(crate) base_url: String,
    /// The API version of the spec.
    pub(crate) default_version: String,
}

impl Lowered {
    /// Returns the names of the schemas with handwritten types: credentials, scalars, open sets, and "no result".
    pub(crate) fn handwritten(&self) -> impl Iterator<Item = &str> {
        let open_sets = self.open_sets.iter().map(|set| set.name.as_str());
        CREDENTIALS.into_iter().chain(SCALARS).chain([NO_RESULT]).chain(open_sets)
    }
}

/// One operation.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) tag: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: String,
    /// The API version that has it.
    pub(crate) version: String,
    /// The names of the accepted security schemes. The first is the usual one.
    pub(crate) credentials: Vec<String>,
    pub(crate) idempotent: bool,
    pub(crate) confidence: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<Body>,
    pub(crate) response: ResponseKind,
    /// The example of its response.
    pub(crate) example: Value,
}

/// The body of a request.
pub(crate) enum Body {
    /// JSON; this is the name of its schema.
    Json(String),
    /// A multipart form; this is the name of its only part, a file.
    File(String),
}

/// The body of a successful response.
pub(crate) enum ResponseKind {
    /// The envelope, with the name of the schema of the result, if there is one.
    Envelope(Option<String>),
    /// The envelope, with the name of the schema of an optional result.
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

/// A set of values that may grow.
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

/// The schemas of credentials that are handwritten in kandy-sys. Each is a type of its own, so that the compiler rejects a
/// call with two of them swapped.
pub(crate) const CREDENTIALS: [&str; 4] = [SECRET, API_KEY, "ApiSecret", "AccessToken"];

/// The schema of a credential that has none of its own, such as a password.
pub(crate) const SECRET: &str = "Secret";

/// The schema of an API key, which token operations take as an argument.
pub(crate) const API_KEY: &str = "ApiKey";

/// The scalars that are handwritten in kandy-sys, because they accept more than one JSON form.
pub(crate) const SCALARS: [&str; 3] = ["Number", "Text", "Timestamp"];

/// The schema of "no result", which progenitor needs.
pub(crate) const NO_RESULT: &str = "NoResult";

/// The supported methods of a path item.
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
                return Err(Error::new(path, format!("`{method}` in a path is not supported")));
            }
            let at = spec.operation(path, method);
            let (operation, lowered) = operation::lower(spec, path, method, operation).map_err(|error| error.at(at))?;
            reject_duplicate(spec, &operations, &operation)?;
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

/// Rejects an operation whose id another one has, and names both.
fn reject_duplicate(spec: &Spec, operations: &[Operation], second: &Operation) -> Result<(), Error> {
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

/// Lowers a component schema. Returns `None` if its type is handwritten and progenitor does not need it.
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

/// Returns the URL of the one server, with its variables at their defaults, and the default of its variable `version`.
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
