//! The shared fixture: the spec, and a server that returns given bytes.

pub(crate) mod server;

use serde_json::Value;

/// The spec that the crate was generated from.
pub(crate) fn spec() -> Value {
    let path = kandy_checkout::expect_root().join("openapi/kandy.yaml");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_yaml_ng::from_str(&text).expect("the spec is YAML")
}

/// Follows `$ref`, if `value` is one.
pub(crate) fn resolve<'a>(spec: &'a Value, value: &'a Value) -> &'a Value {
    let Some(reference) = value["$ref"].as_str() else {
        return value;
    };
    let pointer = reference.strip_prefix('#').expect("inside the spec");
    spec.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

/// An operation of the spec.
pub(crate) struct SpecOperation<'a> {
    pub(crate) id: &'a str,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) value: &'a Value,
}

impl<'a> SpecOperation<'a> {
    /// Its parameters, with references followed.
    pub(crate) fn parameters(&self, spec: &'a Value) -> Vec<&'a Value> {
        self.value["parameters"].as_array().into_iter().flatten().map(|one| resolve(spec, one)).collect()
    }

    /// The JSON content of a response, with references followed.
    pub(crate) fn response(&self, spec: &'a Value, code: &str) -> &'a Value {
        &resolve(spec, &self.value["responses"][code])["content"]["application/json"]
    }
}

/// Every operation of the spec.
pub(crate) fn operations(spec: &Value) -> Vec<SpecOperation<'_>> {
    let mut operations = Vec::new();
    for (path, item) in spec["paths"].as_object().expect("paths") {
        for (method, value) in item.as_object().expect("path item") {
            let id = value["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no id"));
            operations.push(SpecOperation { id, method, path, value });
        }
    }
    operations
}
