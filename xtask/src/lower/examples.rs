//! Checks each example of the spec against its schema.
//!
//! The lowering allows a dozen keywords, so this checks all of them in little code; a library for JSON Schema would double
//! the build of `cargo xtask`. The tests of `kandy-sys` check the same examples with such a library. Begin with [`check`].

use serde_json::{Map, Value};

use crate::{
    Error,
    source::Location,
    spec::{Spec, object},
};

/// The maximum depth of a value or a chain of references.
const MAX_DEPTH: usize = 100;

/// The number of characters of a value that an error shows.
const SHOWN: usize = 60;

/// Checks every example of every component and of every operation.
pub(super) fn check(spec: &Spec) -> Result<(), Error> {
    let checker = Checker { spec };
    let components = &spec.root["components"];
    for (name, schema) in members(&components["schemas"]) {
        checker.schema(name, schema).map_err(|error| error.at(spec.component("schemas", name)))?;
    }
    for (name, parameter) in members(&components["parameters"]) {
        let at = spec.component("parameters", name);
        checker.one(&format!("parameter `{name}`"), parameter, at)?;
    }
    for (name, response) in members(&components["responses"]) {
        let at = spec.component("responses", name);
        checker.content(&format!("response `{name}`"), &response["content"], at)?;
    }
    for (path, item) in spec.object("/paths")? {
        for (method, operation) in object(path, item)? {
            let id = operation["operationId"].as_str().unwrap_or_default();
            let place = format!("{id} ({} {path})", method.to_uppercase());
            checker.operation(&place, operation, spec.operation(path, method))?;
        }
    }
    Ok(())
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

struct Checker<'a> {
    spec: &'a Spec<'a>,
}

impl Checker<'_> {
    /// Checks the examples of an operation, without those of referenced components.
    fn operation(&self, place: &str, operation: &Value, at: Option<&Location>) -> Result<(), Error> {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if let Some(name) = parameter["name"].as_str() {
                self.one(&format!("{place}, parameter `{name}`"), parameter, at)?;
            }
        }
        self.content(&format!("{place}, body"), &operation["requestBody"]["content"], at)?;
        for (code, response) in members(&operation["responses"]) {
            self.content(&format!("{place}, response `{code}`"), &response["content"], at)?;
        }
        Ok(())
    }

    /// Checks the example of each media type.
    fn content(&self, place: &str, content: &Value, at: Option<&Location>) -> Result<(), Error> {
        members(content).try_for_each(|(media_type, form)| self.one(&format!("{place}, `{media_type}`"), form, at))
    }

    /// Checks the example beside a schema.
    fn one(&self, place: &str, holder: &Value, at: Option<&Location>) -> Result<(), Error> {
        self.example(place, &holder["schema"], &holder["example"]).map_err(|error| error.at(at))
    }

    /// Checks the examples in a schema, and in the schemas within it.
    fn schema(&self, place: &str, schema: &Value) -> Result<(), Error> {
        if !schema.is_object() {
            return Ok(());
        }
        if !schema["example"].is_null() {
            self.example(place, schema, &schema["example"])?;
        }
        for (name, property) in members(&schema["properties"]) {
            self.schema(&format!("{place}.{name}"), property)?;
        }
        let inner = [("[]", &schema["items"]), (".*", &schema["additionalProperties"])];
        inner.into_iter().try_for_each(|(name, inner)| self.schema(&format!("{place}{name}"), inner))
    }

    fn example(&self, place: &str, schema: &Value, example: &Value) -> Result<(), Error> {
        self.fits(schema, example, "", 0).map_err(|reason| {
            Error::new(
                place,
                format!("the example does not fit its schema: {reason}; correct the example or the schema"),
            )
        })
    }

    /// Checks that a value fits a schema. `path` is the place of the value within the example.
    fn fits(&self, schema: &Value, value: &Value, path: &str, depth: usize) -> Result<(), String> {
        let mut parts = Vec::new();
        self.flatten(schema, &mut parts, depth)?;
        if value.is_null() && parts.iter().any(|part| part["nullable"] == true) {
            return Ok(());
        }
        for part in &parts {
            let kind = part["type"].as_str().unwrap_or_default();
            if !is_of_type(value, kind) {
                return Err(format!("{} is {}, not {}", named(path), shown(value), described(kind)));
            }
            if let Some(alternatives) = part["oneOf"].as_array()
                && !alternatives.iter().any(|one| self.fits(one, value, path, depth + 1).is_ok())
            {
                let kinds: Vec<_> = alternatives.iter().filter_map(|one| one["type"].as_str()).map(described).collect();
                return Err(format!("{} is {}, not {}", named(path), shown(value), kinds.join(" or ")));
            }
        }
        match value {
            Value::Object(members) => self.members_fit(&parts, members, path, depth),
            Value::Array(items) => {
                for (number, item) in items.iter().enumerate() {
                    for part in parts.iter().filter(|part| part["items"].is_object()) {
                        self.fits(&part["items"], item, &format!("{path}[{number}]"), depth + 1)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn members_fit(
        &self,
        parts: &[&Value],
        members: &Map<String, Value>,
        path: &str,
        depth: usize,
    ) -> Result<(), String> {
        let inner = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let required = parts.iter().filter_map(|part| part["required"].as_array()).flatten().filter_map(Value::as_str);
        // The example of a response is that of a success, which has a result unless the spec marks it as optional.
        let needs_result = |part: &&&Value| part["x-kandy-optional-result"] != true;
        let with_result = parts.iter().filter(|part| path.is_empty() && part["properties"]["result"].is_object());
        let result = with_result.filter(needs_result).map(|_| "result");
        for name in required.chain(result) {
            if !members.contains_key(name) {
                return Err(format!("{} is required, but missing", named(&inner(name))));
            }
        }
        let is_open = parts.iter().any(|part| !part["additionalProperties"].is_null())
            || parts.iter().all(|part| part["properties"].is_null());
        for (name, value) in members {
            let mut is_known = false;
            for part in parts {
                let (property, more) = (&part["properties"][name], &part["additionalProperties"]);
                let schema = if property.is_null() { more } else { property };
                is_known |= !property.is_null();
                if schema.is_object() {
                    self.fits(schema, value, &inner(name), depth + 1)?;
                }
            }
            // A misspelt member would be ignored silently, and the intended one would be missing.
            if !is_known && !is_open {
                return Err(format!("{} is not a property of the schema", named(&inner(name))));
            }
        }
        Ok(())
    }

    /// Resolves references, and collects the parts of `allOf`.
    fn flatten<'a>(&'a self, schema: &'a Value, parts: &mut Vec<&'a Value>, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err("the schema refers to itself".into());
        }
        let resolved = self.spec.resolve("", schema).map_err(|error| error.to_string())?;
        if !std::ptr::eq(resolved, schema) {
            return self.flatten(resolved, parts, depth + 1);
        }
        parts.push(schema);
        let all = schema["allOf"].as_array().into_iter().flatten();
        all.into_iter().try_for_each(|one| self.flatten(one, parts, depth + 1))
    }
}

/// Whether a value is of a type of OpenAPI. Without a type it may be anything.
fn is_of_type(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => kind.is_empty(),
    }
}

fn described(kind: &str) -> String {
    match kind {
        "string" => "a string".into(),
        "integer" => "an integer of 64 bits".into(),
        "array" => "a list".into(),
        "object" => "an object".into(),
        other => format!("a {other}"),
    }
}

fn named(path: &str) -> String {
    if path.is_empty() { "it".into() } else { format!("`{path}`") }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
