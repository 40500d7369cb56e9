//! The parsed spec, before the lowering: resolves references, and reads members with checks.

use serde_json::{Map, Value};

use crate::{
    Error,
    source::{Declaration, Location, Source},
};

/// A spec that was parsed, and not lowered yet.
pub(crate) struct Spec<'a> {
    pub(crate) root: Value,
    source: &'a Source,
}

/// Parses the YAML text of a spec.
pub(crate) fn read(source: &Source) -> Result<Spec<'_>, Error> {
    let not_read = |e: serde_yaml_ng::Error| {
        let location = e.location().and_then(|at| source.line(at.line()));
        Error::new("spec", e.to_string()).at(location)
    };
    // A YAML value rejects duplicate keys; a JSON value would keep the last one.
    let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(source.text()).map_err(not_read)?;
    let root: Value = serde_yaml_ng::from_value(yaml).map_err(not_read)?;
    match root["openapi"].as_str() {
        Some(version) if version.starts_with("3.0.") => Ok(Spec { root, source }),
        other => Err(Error::new("spec", format!("`openapi` is {other:?}, but only 3.0.x is supported"))),
    }
}

impl Spec<'_> {
    /// Returns the location of an operation.
    pub(crate) fn operation(&self, path: &str, method: &str) -> Option<&Location> {
        self.source.declared(&Declaration::Operation(path.into(), method.into()))
    }

    /// Returns the location of a component.
    pub(crate) fn component(&self, section: &str, name: &str) -> Option<&Location> {
        self.source.declared(&Declaration::Component(section.into(), name.into()))
    }

    /// Returns the names of the tags, in their order.
    pub(crate) fn tags(&self) -> Result<Vec<String>, Error> {
        let tags = self.root["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
        tags.iter().map(|tag| text("tags", tag, "name")).collect()
    }

    /// Resolves `$ref`, if `value` is one.
    pub(crate) fn resolve<'a>(&'a self, place: &str, value: &'a Value) -> Result<&'a Value, Error> {
        let Some(reference) = value["$ref"].as_str() else {
            return Ok(value);
        };
        let pointer = reference
            .strip_prefix('#')
            .ok_or_else(|| Error::new(place, format!("`{reference}` is outside the spec")))?;
        self.root.pointer(pointer).ok_or_else(|| Error::new(place, format!("`{reference}` leads nowhere")))
    }

    /// Returns the object at a JSON pointer.
    pub(crate) fn object(&self, pointer: &str) -> Result<&Map<String, Value>, Error> {
        self.root
            .pointer(pointer)
            .and_then(Value::as_object)
            .ok_or_else(|| Error::new("spec", format!("`{pointer}` is missing or not an object")))
    }
}

/// Returns the name of the component schema that `value` refers to, by `$ref` or by an `allOf` that only adds a
/// description.
pub(crate) fn schema_name(value: &Value) -> Option<&str> {
    let reference = match value["allOf"].as_array().map(Vec::as_slice) {
        Some([one]) => one,
        _ => value,
    };
    reference["$ref"].as_str()?.strip_prefix("#/components/schemas/")
}

/// Returns a value as an object.
pub(crate) fn object<'a>(place: &str, value: &'a Value) -> Result<&'a Map<String, Value>, Error> {
    value.as_object().ok_or_else(|| Error::new(place, format!("{value} is not an object")))
}

/// Returns a value as an object that has no other keys than these.
pub(crate) fn only<'a>(place: &str, value: &'a Value, known: &[&str]) -> Result<&'a Map<String, Value>, Error> {
    let object = object(place, value)?;
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        None => Ok(object),
        Some(key) => Err(Error::new(place, format!("`{key}` is not supported here"))),
    }
}

/// Returns the texts of a list, which may be missing.
pub(crate) fn texts(place: &str, list: &Value) -> Result<Vec<String>, Error> {
    match list {
        Value::Null => Ok(Vec::new()),
        list => serde_json::from_value(list.clone())
            .map_err(|_| Error::new(place, format!("{list} is not a list of texts"))),
    }
}

/// Returns a member as a text.
pub(crate) fn text(place: &str, value: &Value, key: &str) -> Result<String, Error> {
    match value[key].as_str() {
        Some(text) => Ok(text.to_owned()),
        None => Err(Error::new(place, format!("`{key}` is missing or not a text"))),
    }
}
