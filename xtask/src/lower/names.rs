//! Which names of the spec hold credentials, and which do not.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{CREDENTIALS, NEW_PASSWORD, Operation, schema::schema_ref};

/// The names of all members and parameters of the spec, each in one of two sets.
#[derive(Default)]
pub(crate) struct Names {
    /// The names that hold a credential in at least one place.
    pub(crate) secret: BTreeSet<String>,
    /// All others.
    pub(crate) other: BTreeSet<String>,
}

impl Names {
    /// Collects the names in the schemas and in the parameters of a spec.
    pub(super) fn of(schemas: &Value, operations: &[Operation]) -> Self {
        let mut names = Self::default();
        for schema in schemas.as_object().into_iter().flat_map(|schemas| schemas.values()) {
            names.add_members(schema);
        }
        for parameter in operations.iter().flat_map(|operation| &operation.parameters) {
            names.add(&parameter.name, parameter.secret);
        }
        let Self { secret, other } = &mut names;
        other.retain(|name| !secret.contains(name));
        names
    }

    fn add(&mut self, name: &str, is_secret: bool) {
        let names = if is_secret { &mut self.secret } else { &mut self.other };
        names.insert(name.to_owned());
    }

    /// Adds the members of a schema and of its inline schemas. Referenced schemas are added by themselves.
    fn add_members(&mut self, schema: &Value) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            self.add(name, is_secret(property));
            self.add_members(property);
        }
        let lists = [&schema["allOf"], &schema["oneOf"]];
        let inner = [&schema["items"], &schema["additionalProperties"]].into_iter();
        let inner = inner.chain(lists.into_iter().filter_map(Value::as_array).flatten());
        inner.filter(|inner| inner.is_object()).for_each(|inner| self.add_members(inner));
    }
}

/// Whether a schema refers to that of a credential.
pub(super) fn is_credential(schema: &Value) -> bool {
    CREDENTIALS.into_iter().any(|name| *schema == schema_ref(name))
}

/// Whether a value of this schema is a credential, or a list or a map of credentials.
fn is_secret(schema: &Value) -> bool {
    is_credential(schema)
        || *schema == schema_ref(NEW_PASSWORD)
        || schema["format"] == "password"
        || schema["allOf"].as_array().is_some_and(|all| all.iter().any(is_secret))
        || [&schema["items"], &schema["additionalProperties"]]
            .into_iter()
            .any(|inner| inner.is_object() && is_secret(inner))
}
