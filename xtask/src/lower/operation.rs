//! Lowers operations: their security, parameters, bodies and responses. Begin with [`lower`].

use serde_json::{Value, json};

use super::{
    API_KEY, Body, NO_RESULT, Operation, Parameter, ResponseKind,
    names::is_credential,
    schema::{named, schema_ref},
};
use crate::{
    Error,
    spec::{Spec, object, only, text},
};

/// Checks that an operation has a supported form, and lowers it for progenitor.
pub(super) fn lower(spec: &Spec, path: &str, method: &str, operation: &Value) -> Result<(Operation, Value), Error> {
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
        "x-kandy-version",
    ];
    only(&place, operation, &known)?;
    // The id becomes the name of a Rust function.
    if !is_snake_case(&id) {
        return Err(Error::new(&place, "the operation id is not in snake_case"));
    }
    if let Some(at) = path.find('{') {
        return Err(Error::new(&place, format!("`{}` in the path: variables are not supported", &path[at..])));
    }

    let credentials = credentials(spec, &place, &operation["security"])?;
    let mut parameters = Vec::new();
    let mut lowered_parameters = Vec::new();
    // A token operation takes its API key as an argument, because there is no token yet that the transport could add.
    if let Some(api_key) = credentials.iter().find(|scheme| scheme.ends_with("_api_key")) {
        if credentials.len() > 1 {
            return Err(Error::new(
                &place,
                format!("`{api_key}` is an argument of the call, so it must be the only scheme"),
            ));
        }
        let description = text(&place, &spec.root["components"]["securitySchemes"][api_key], "description")?;
        lowered_parameters.push(json!({
            "name": "key", "in": "query", "required": true, "description": description,
            "schema": schema_ref(API_KEY),
        }));
        parameters.push(Parameter { name: "key".into(), required: true, secret: true, description });
    }
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let resolved = spec.resolve(&place, parameter)?;
        let parameter = query_parameter(&place, resolved)?;
        if parameter.name == "key" {
            return Err(Error::new(&place, "parameter `key` is the credential, which its security declares already"));
        }
        if parameters.iter().any(|other: &Parameter| other.name == parameter.name) {
            return Err(Error::new(&place, format!("parameter `{}` is there twice", parameter.name)));
        }
        parameters.push(parameter);
        lowered_parameters.push(resolved.clone());
    }

    let body = match &operation["requestBody"] {
        Value::Null => None,
        body => Some(request_body(spec, &place, body)?),
    };
    let (response, example) = success(spec, &place, &operation["responses"])?;

    let description = text(&place, operation, "description")?;
    let mut lowered = json!({
        "operationId": id,
        "tags": operation["tags"],
        "summary": operation["summary"],
        "description": description,
        "parameters": lowered_parameters,
        "responses": {"200": {"description": "success", "content": lowered_response(&response)}},
    });
    if let Some(body) = &body {
        lowered["requestBody"] = json!({"required": true, "content": lowered_body(body)});
    }

    let confidence = text(&place, operation, "x-kandy-confidence")?;
    if !["A", "B", "C"].contains(&confidence.as_str()) {
        return Err(Error::new(&place, format!("`x-kandy-confidence` is `{confidence}`, not A, B or C")));
    }
    let idempotent = match &operation["x-kandy-idempotent"] {
        Value::Null => method != "post",
        Value::Bool(idempotent) => *idempotent,
        other => return Err(Error::new(&place, format!("`x-kandy-idempotent` is {other}, not true or false"))),
    };
    let version = match &operation["x-kandy-version"] {
        Value::Null => String::new(),
        _ => text(&place, operation, "x-kandy-version")?,
    };
    let tag = match operation["tags"].as_array().map(Vec::as_slice) {
        Some([Value::String(tag)]) => tag.clone(),
        _ => return Err(Error::new(&place, "it needs exactly one tag")),
    };
    let tags = spec.tags()?;
    if !tags.contains(&tag) {
        let known = tags.join(", ");
        let reason = format!("tag `{tag}` is not known; use one of: {known}; or declare it in `tags` of its chapter");
        return Err(Error::new(&place, reason));
    }
    let operation = Operation {
        id,
        tag,
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&place, operation, "summary")?,
        version,
        credentials,
        idempotent,
        confidence,
        parameters,
        body,
        response,
        example,
    };
    Ok((operation, lowered))
}

/// Lowers a body for progenitor. It does not support forms, so a form becomes a stream of bytes, which rendering replaces.
fn lowered_body(body: &Body) -> Value {
    match body {
        Body::Json(name) => json!({"application/json": {"schema": schema_ref(name)}}),
        Body::File(_) => json!({"application/octet-stream": {"schema": file()}}),
    }
}

/// Lowers a response for progenitor.
fn lowered_response(response: &ResponseKind) -> Value {
    match response {
        ResponseKind::Envelope(result) => lowered_envelope(&schema_ref(result.as_deref().unwrap_or(NO_RESULT))),
        ResponseKind::EnvelopeWithOptional(result) => lowered_envelope(&json!({"x-rust-type": {
            "crate": "std",
            "version": "*",
            "path": "std::option::Option",
            "parameters": [schema_ref(result)],
        }})),
        ResponseKind::File => json!({"application/octet-stream": {"schema": file()}}),
    }
}

/// Returns the handwritten envelope around a result.
fn lowered_envelope(result: &Value) -> Value {
    json!({"application/json": {"schema": {"x-rust-type": {
        "crate": "kandy-sys",
        "version": "*",
        "path": "kandy_sys::Envelope",
        "parameters": [result],
    }}}})
}

/// Returns the schema of a file.
fn file() -> Value {
    json!({"type": "string", "format": "binary"})
}

/// Returns the accepted security schemes of an operation. Each sends `key` in the query.
fn credentials(spec: &Spec, place: &str, security: &Value) -> Result<Vec<String>, Error> {
    let alternatives = security.as_array().map_or(&[][..], Vec::as_slice);
    if alternatives.is_empty() {
        return Err(Error::new(place, "it has no security"));
    }
    alternatives.iter().map(|alternative| credential(spec, place, alternative)).collect()
}

fn credential(spec: &Spec, place: &str, alternative: &Value) -> Result<String, Error> {
    let names: Vec<_> = alternative.as_object().into_iter().flat_map(|names| names.keys()).collect();
    let [name] = names[..] else {
        return Err(Error::new(place, "an alternative of its security is not exactly one scheme"));
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

/// Checks a parameter, which must be a plain scalar in the query.
pub(super) fn query_parameter(place: &str, parameter: &Value) -> Result<Parameter, Error> {
    let name = text(place, parameter, "name")?;
    let place = format!("{place}, parameter `{name}`");
    only(&place, parameter, &["name", "in", "required", "description", "schema", "example"])?;
    if parameter["in"] != "query" {
        return Err(Error::new(
            &place,
            format!("it is in {}, but only query parameters are supported", parameter["in"]),
        ));
    }
    if parameter["example"].is_null() {
        return Err(Error::new(&place, "it has no example"));
    }
    let required = match &parameter["required"] {
        Value::Null => false,
        Value::Bool(required) => *required,
        other => return Err(Error::new(&place, format!("`required` is {other}, not true or false"))),
    };
    let schema = &parameter["schema"];
    let secret = is_credential(schema);
    // progenitor maps anything else, such as an enum or another format, to another type.
    let plain = [
        json!({"type": "string"}),
        json!({"type": "boolean"}),
        json!({"type": "integer"}),
        json!({"type": "integer", "format": "int64"}),
    ];
    if !secret && !plain.contains(schema) {
        return Err(Error::new(&place, format!("its schema {schema} is not a plain scalar")));
    }
    Ok(Parameter { name, required, secret, description: text(&place, parameter, "description")? })
}

/// Returns the one media type of a body or a response, with its schema and its example.
fn only_content<'a>(place: &str, content: &'a Value) -> Result<(&'a str, &'a Value, &'a Value), Error> {
    let content = object(place, content)?;
    let (1, Some((media_type, form))) = (content.len(), content.iter().next()) else {
        return Err(Error::new(
            place,
            format!("content {:?} is not exactly one media type", content.keys().collect::<Vec<_>>()),
        ));
    };
    only(place, form, &["schema", "example"])?;
    if form["example"].is_null() {
        return Err(Error::new(place, "it has no example"));
    }
    Ok((media_type, &form["schema"], &form["example"]))
}

fn unsupported(place: &str, media_type: &str) -> Error {
    Error::new(place, format!("content `{media_type}` is not supported here"))
}

fn request_body(spec: &Spec, place: &str, body: &Value) -> Result<Body, Error> {
    only(place, body, &["required", "description", "content"])?;
    if body["required"] != true {
        return Err(Error::new(place, "its body is not required; an optional body is not supported"));
    }
    let place = format!("{place}, body");
    match only_content(&place, &body["content"])? {
        ("application/json", schema, _) => named(spec, &place, schema)?
            .map(Body::Json)
            .ok_or_else(|| Error::new(&place, "its schema is not a named component")),
        ("multipart/form-data", schema, _) => only_part(&place, schema).map(Body::File),
        (other, ..) => Err(unsupported(&place, other)),
    }
}

/// Returns the name of the only part of a form, which must be a file.
fn only_part(place: &str, schema: &Value) -> Result<String, Error> {
    only(place, schema, &["type", "required", "properties"])?;
    let parts = object(place, &schema["properties"])?;
    let (1, Some((name, part))) = (parts.len(), parts.iter().next()) else {
        return Err(Error::new(place, "a form is supported only with exactly one part"));
    };
    only(place, part, &["type", "format", "description"])?;
    text(place, part, "description")?;
    if part["type"] != "string" || part["format"] != "binary" || schema["required"] != json!([name]) {
        return Err(Error::new(place, format!("its part `{name}` is not a required file")));
    }
    Ok(name.clone())
}

/// Returns the kind of a successful response, and its example.
fn success(spec: &Spec, place: &str, responses: &Value) -> Result<(ResponseKind, Value), Error> {
    for (code, response) in object(place, responses)? {
        match code.as_str() {
            "200" => {}
            "4XX" | "5XX" if response["$ref"] == "#/components/responses/Fault" => {
                let (media_type, schema, _) = response_content("response `Fault`", spec.resolve(place, response)?)?;
                if media_type != "application/json" || *schema != schema_ref("Envelope") {
                    return Err(Error::new("response `Fault`", "its schema is not the Envelope"));
                }
            }
            _ => {
                return Err(Error::new(
                    place,
                    format!("response `{code}` is neither `200` nor a `4XX` or `5XX` that is the Fault"),
                ));
            }
        }
    }
    let place = format!("{place}, response `200`");
    let response = spec.resolve(&place, &responses["200"])?;
    if !response["content"]["*/*"].is_null() {
        return Ok((ResponseKind::File, file_or_fault(&place, response)?));
    }
    let (media_type, schema, example) = response_content(&place, response)?;
    if media_type != "application/json" {
        return Err(unsupported(&place, media_type));
    }
    if *schema == schema_ref("Envelope") {
        return Ok((ResponseKind::Envelope(None), example.clone()));
    }
    // Compare the whole schema, so that it contains nothing but the result.
    let result = &schema["allOf"][1]["properties"]["result"];
    let required = json!({"allOf": [
        schema_ref("Envelope"),
        {"type": "object", "properties": {"result": result}},
    ]});
    // `required` cannot express this: a fault with HTTP 200 has the same schema and no result.
    let mut optional = required.clone();
    optional["allOf"][1]["x-kandy-optional-result"] = json!(true);
    match named(spec, &place, result)? {
        Some(name) if *schema == required => Ok((ResponseKind::Envelope(Some(name)), example.clone())),
        Some(name) if *schema == optional => Ok((ResponseKind::EnvelopeWithOptional(name), example.clone())),
        _ => Err(Error::new(
            &place,
            "its schema is neither the Envelope nor an allOf of the Envelope and a `result` that is a named component",
        )),
    }
}

/// Checks a response that is a file or an envelope with a fault. Returns the example of the file.
fn file_or_fault(place: &str, response: &Value) -> Result<Value, Error> {
    only(place, response, &["description", "content"])?;
    only(place, &response["content"], &["*/*", "application/json"])?;
    let form = |media_type: &str, expected: Value| {
        let form = json!({"content": {media_type: response["content"][media_type]}});
        match only_content(place, &form["content"])? {
            (_, schema, example) if *schema == expected => Ok(example.clone()),
            (_, schema, _) => Err(Error::new(place, format!("`{media_type}` is {schema}, not {expected}"))),
        }
    };
    form("application/json", schema_ref("Envelope"))?;
    form("*/*", file())
}

fn response_content<'a>(place: &str, response: &'a Value) -> Result<(&'a str, &'a Value, &'a Value), Error> {
    only(place, response, &["description", "content"])?;
    only_content(place, &response["content"])
}

fn is_snake_case(name: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.split('_').all(word)
}
