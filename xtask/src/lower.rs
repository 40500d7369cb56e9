//! From the honest spec to a document that progenitor turns into good code.
//!
//! What changes on the way, and why:
//!
//! * Access tokens leave the signatures, because a hook puts them in; an API key that a token operation
//!   needs becomes an ordinary parameter `key`.
//! * `allOf` of the envelope and a result becomes the handwritten `Envelope<T>`, which looks at
//!   the status first.
//! * Only the success is left of the answers: everything else is then an "unexpected response",
//!   from which nothing is lost.
//! * `nullable` goes where `Option` says it already.
//!
//! A form that is not known here is an error. Nothing is dropped silently.

use serde_json::{Map, Value, json};

use crate::{
    Error,
    spec::{Spec, schema_name},
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
    /// The URL of the service.
    pub(crate) base_url: String,
}

/// All that is known of an operation.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) tag: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: String,
    /// The name of its security scheme.
    pub(crate) credential: String,
    pub(crate) idempotent: bool,
    pub(crate) confidence: String,
    pub(crate) parameters: Vec<Parameter>,
    /// The name of the schema of its body.
    pub(crate) body: Option<String>,
    /// The name of the schema of its result.
    pub(crate) result: Option<String>,
    /// The answer to give as an example.
    pub(crate) example: Value,
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
    let mut paths = Map::new();
    let mut operations = Vec::new();
    for (path, item) in spec.object("/paths")? {
        let mut methods = Map::new();
        for (method, operation) in object(path, item)? {
            if !METHODS.contains(&method.as_str()) {
                return Err(Error::new(path, format!("`{method}` in a path is not understood")));
            }
            let (operation, lowered) = lower_operation(spec, path, method, operation)?;
            operations.push(operation);
            methods.insert(method.clone(), lowered);
        }
        paths.insert(path.clone(), methods.into());
    }
    operations.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some(pair) = operations.windows(2).find(|pair| pair[0].id == pair[1].id) {
        return Err(Error::new(&pair[0].id, "the operation id is there twice"));
    }

    let mut components = Map::new();
    let mut open_sets = Vec::new();
    let mut schemas = Vec::new();
    for (name, schema) in spec.object("/components/schemas")? {
        if schema["example"].is_null() {
            return Err(Error::new(name, "the schema has no example"));
        }
        if let Some(values) = schema["x-kandy-known-values"].as_array() {
            open_sets.push(OpenSet {
                name: name.clone(),
                description: text(name, schema, "description")?,
                values: values.iter().map(|v| known_value(name, v)).collect::<Result<_, _>>()?,
            });
        }
        schemas.push(name.clone());
        if name != "Envelope" {
            components.insert(name.clone(), lower_schema(name, schema)?);
        }
    }
    components.insert(NO_RESULT.into(), json!({"type": "object"}));

    let document = json!({
        "openapi": "3.0.3",
        "info": spec.root["info"],
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": spec.root["components"]["parameters"],
        },
    });
    Ok(Lowered { document, operations, open_sets, schemas, base_url: base_url(spec)? })
}

fn lower_operation(spec: &Spec, path: &str, method: &str, operation: &Value) -> Result<(Operation, Value), Error> {
    let place = format!("{} {path}", method.to_uppercase());
    let id = text(&place, operation, "operationId")?;
    let place = format!("{id} ({place})");
    let known = [
        "operationId",
        "tags",
        "summary",
        "description",
        "security",
        "parameters",
        "requestBody",
        "responses",
        "x-kandy-confidence",
        "x-kandy-idempotent",
    ];
    for key in object(&place, operation)?.keys() {
        if !known.contains(&key.as_str()) {
            return Err(Error::new(&place, format!("`{key}` in an operation is not understood")));
        }
    }

    let credential = credential(spec, &place, &operation["security"])?;
    let mut parameters = Vec::new();
    let mut lowered_parameters = Vec::new();
    // A token operation is called with the API key that it needs: there is no token yet that a hook
    // could put in.
    if credential.ends_with("_api_key") {
        let description = text(&place, &spec.root["components"]["securitySchemes"][&credential], "description")?;
        lowered_parameters.push(json!({
            "name": "key", "in": "query", "required": true, "description": description,
            "schema": {"$ref": "#/components/schemas/Secret"},
        }));
        parameters.push(Parameter { name: "key".into(), required: true, secret: true, description });
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let resolved = spec.resolve(&place, parameter)?;
        parameters.push(query_parameter(&place, resolved)?);
        lowered_parameters.push(resolved.clone());
    }

    let body = match &operation["requestBody"] {
        Value::Null => None,
        body => Some(request_schema(spec, &place, body)?),
    };
    let (result, example) = success(spec, &place, &operation["responses"])?;

    let description = text(&place, operation, "description")?;
    let mut lowered = json!({
        "operationId": id,
        "tags": operation["tags"],
        "summary": operation["summary"],
        "description": description,
        "parameters": lowered_parameters,
        "responses": {"200": {
            "description": "success",
            "content": {"application/json": {"schema": {"x-rust-type": {
                "crate": "kandy-sys",
                "version": "*",
                "path": "kandy_sys::Envelope",
                "parameters": [schema_ref(result.as_deref().unwrap_or(NO_RESULT))],
            }}}},
        }},
    });
    if let Some(body) = &body {
        lowered["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": schema_ref(body)}},
        });
    }

    let confidence = text(&place, operation, "x-kandy-confidence")?;
    if !["A", "B", "C"].contains(&confidence.as_str()) {
        return Err(Error::new(&place, format!("`x-kandy-confidence` is `{confidence}`, not A, B or C")));
    }
    let idempotent = match &operation["x-kandy-idempotent"] {
        Value::Null => method != "post",
        Value::Bool(said) => *said,
        other => return Err(Error::new(&place, format!("`x-kandy-idempotent` is {other}, not true or false"))),
    };
    let tag = match operation["tags"].as_array().map(Vec::as_slice) {
        Some([Value::String(tag)]) => tag.clone(),
        _ => return Err(Error::new(&place, "it needs exactly one tag")),
    };
    let operation = Operation {
        id,
        tag,
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&place, operation, "summary")?,
        credential,
        idempotent,
        confidence,
        parameters,
        body,
        result,
        example,
    };
    Ok((operation, lowered))
}

/// The one security scheme of an operation: `key` in the query.
fn credential(spec: &Spec, place: &str, security: &Value) -> Result<String, Error> {
    let unknown = || Error::new(place, "its security is not exactly one scheme");
    let [Value::Object(requirement)] = security.as_array().map_or(&[][..], Vec::as_slice) else {
        return Err(unknown());
    };
    let [name] = requirement.keys().collect::<Vec<_>>()[..] else {
        return Err(unknown());
    };
    let scheme = &spec.root["components"]["securitySchemes"][name];
    if scheme["type"] != "apiKey" || scheme["in"] != "query" || scheme["name"] != "key" {
        return Err(Error::new(place, format!("security scheme `{name}` is not an apiKey in the query named `key`")));
    }
    if !name.ends_with("_api_key") && !name.ends_with("_access_token") {
        return Err(Error::new(
            place,
            format!("security scheme `{name}` is neither an `…_api_key` nor an `…_access_token`"),
        ));
    }
    Ok(name.clone())
}

fn query_parameter(place: &str, parameter: &Value) -> Result<Parameter, Error> {
    let name = text(place, parameter, "name")?;
    let place = format!("{place}, parameter `{name}`");
    for key in object(&place, parameter)?.keys() {
        if !["name", "in", "required", "description", "schema", "example"].contains(&key.as_str()) {
            return Err(Error::new(&place, format!("`{key}` is not understood")));
        }
    }
    if parameter["in"] != "query" {
        return Err(Error::new(
            &place,
            format!("it is in {}, but only query parameters are understood", parameter["in"]),
        ));
    }
    if parameter["example"].is_null() {
        return Err(Error::new(&place, "it has no example"));
    }
    let schema = &parameter["schema"];
    let secret = schema_name(schema) == Some("Secret");
    if !secret && !["string", "integer", "boolean"].iter().any(|known| schema["type"] == *known) {
        return Err(Error::new(&place, format!("its schema {schema} is not a scalar")));
    }
    Ok(Parameter {
        name,
        required: parameter["required"] == true,
        secret,
        description: text(&place, parameter, "description")?,
    })
}

/// The one media type that is understood, of a body or an answer.
fn json_content<'a>(place: &str, content: &'a Value) -> Result<&'a Value, Error> {
    let content = object(place, content)?;
    match (content.len(), content.get("application/json")) {
        (1, Some(json)) => Ok(json),
        _ => Err(Error::new(
            place,
            format!("content {:?} is not exactly `application/json`", content.keys().collect::<Vec<_>>()),
        )),
    }
}

fn request_schema(spec: &Spec, place: &str, body: &Value) -> Result<String, Error> {
    let body = spec.resolve(place, body)?;
    if body["required"] != true {
        return Err(Error::new(place, "its body is not required; an optional body is not understood"));
    }
    let place = format!("{place}, body");
    let json = json_content(&place, &body["content"])?;
    if json["example"].is_null() {
        return Err(Error::new(&place, "it has no example"));
    }
    schema_name(&json["schema"])
        .map(str::to_owned)
        .ok_or_else(|| Error::new(&place, "its schema is not a named component"))
}

/// The name of the result, if there is one, and the example of a success.
fn success(spec: &Spec, place: &str, responses: &Value) -> Result<(Option<String>, Value), Error> {
    for (code, response) in object(place, responses)? {
        match code.as_str() {
            "200" => {}
            "4XX" | "5XX" if response["$ref"] == "#/components/responses/Fault" => {}
            _ => {
                return Err(Error::new(
                    place,
                    format!("answer `{code}` is neither `200` nor a `4XX` or `5XX` that is the Fault"),
                ));
            }
        }
    }
    let place = format!("{place}, answer `200`");
    let response = spec.resolve(&place, &responses["200"])?;
    let json = json_content(&place, &response["content"])?;
    let example = json["example"].clone();
    if example.is_null() {
        return Err(Error::new(&place, "it has no example"));
    }
    let schema = &json["schema"];
    if schema_name(schema) == Some("Envelope") {
        return Ok((None, example));
    }
    let result = match schema["allOf"].as_array().map(Vec::as_slice) {
        Some([envelope, result]) if schema_name(envelope) == Some("Envelope") => {
            schema_name(&result["properties"]["result"])
        }
        _ => None,
    };
    match result {
        Some(name) => Ok((Some(name.to_owned()), example)),
        None => Err(Error::new(
            &place,
            "its schema is neither the Envelope nor an allOf of the Envelope and a `result` that is a named component",
        )),
    }
}

/// Checks that a schema is in a form that becomes good code, and takes out what Rust says otherwise.
fn lower_schema(place: &str, schema: &Value) -> Result<Value, Error> {
    let known = [
        "$ref",
        "type",
        "format",
        "title",
        "description",
        "example",
        "nullable",
        "required",
        "properties",
        "additionalProperties",
        "items",
        "allOf",
        "oneOf",
        "x-kandy-known-values",
    ];
    let mut lowered = object(place, schema)?.clone();
    if let Some(key) = lowered.keys().find(|key| !known.contains(&key.as_str())) {
        return Err(Error::new(place, format!("`{key}` in a schema is not understood")));
    }
    if lowered.contains_key("oneOf") && !SCALARS.contains(&place) {
        return Err(Error::new(place, "`oneOf` is understood in the handwritten scalars only"));
    }
    if lowered.contains_key("allOf") {
        let Some(name) = schema_name(schema) else {
            return Err(Error::new(place, "`allOf` is understood only around one `$ref`"));
        };
        // `Option` says "nullable", and the schema referred to says the type.
        let mut described = json!({"allOf": [schema_ref(name)]});
        if let Some(description) = lowered.remove("description") {
            described["description"] = description;
        }
        return Ok(described);
    }
    let keeps_the_rest = lowered.get("additionalProperties").is_some_and(Value::is_object);
    if let Some(properties) = lowered.get_mut("properties").and_then(Value::as_object_mut) {
        merge_spellings(place, properties, keeps_the_rest)?;
        for (name, property) in properties.iter_mut() {
            let place = format!("{place}.{name}");
            if property["description"].is_null() {
                return Err(Error::new(place, "the property has no description"));
            }
            *property = lower_schema(&place, property)?;
        }
    }
    if let Some(items) = lowered.get_mut("items") {
        *items = lower_schema(&format!("{place}[]"), items)?;
    }
    Ok(lowered.into())
}

/// Two spellings of one name cannot both become a field. The one in snake case goes where the object
/// keeps what is not written down, and is an error where there is no such place.
fn merge_spellings(place: &str, properties: &mut Map<String, Value>, keeps_the_rest: bool) -> Result<(), Error> {
    let twins: Vec<String> = properties
        .keys()
        .filter(|name| properties.keys().any(|other| other != *name && snake_case(other) == **name))
        .cloned()
        .collect();
    for name in twins {
        if !keeps_the_rest {
            return Err(Error::new(
                place,
                format!("`{name}` is there in two spellings, and no `additionalProperties: {{}}` keeps the second"),
            ));
        }
        properties.remove(&name);
    }
    Ok(())
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

fn known_value(place: &str, value: &Value) -> Result<KnownValue, Error> {
    Ok(KnownValue {
        value: value["value"].clone(),
        name: text(place, value, "name")?,
        description: text(place, value, "description")?,
    })
}

/// The URL of the first server, with its variables at their defaults.
fn base_url(spec: &Spec) -> Result<String, Error> {
    let server = &spec.root["servers"][0];
    let mut url = text("servers", server, "url")?;
    for (name, variable) in object("servers", &server["variables"])? {
        url = url.replace(&format!("{{{name}}}"), &text("servers", variable, "default")?);
    }
    Ok(url)
}

fn schema_ref(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn object<'a>(place: &str, value: &'a Value) -> Result<&'a Map<String, Value>, Error> {
    value.as_object().ok_or_else(|| Error::new(place, format!("{value} is not an object")))
}

fn text(place: &str, value: &Value, key: &str) -> Result<String, Error> {
    match value[key].as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(Error::new(place, format!("`{key}` is missing or not a text"))),
    }
}
