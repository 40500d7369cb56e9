//! The spec of the API, as it is published and as JSON. Both files are copies that `cargo xtask generate` writes.
//!
//! Depends on nothing. Begin with [`file`].

/// The published file.
const YAML: &str = include_str!("spec/openapi.yaml");
/// The same, which needs no other parser than that of a browser.
const JSON: &str = include_str!("spec/openapi.json");

/// Returns the content type and the content of an endpoint that serves the spec.
pub(super) fn file(endpoint: &str) -> Option<(&'static str, &'static str)> {
    match endpoint {
        "openapi.yaml" => Some(("application/yaml", YAML)),
        "openapi.json" => Some(("application/json", JSON)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::{Map, Value};

    use super::JSON;

    /// The file that checks values against schemas.
    const VALIDATOR: &str = include_str!("assets/spec/mismatches.js");

    /// What the schemas of the spec use.
    #[derive(Default)]
    struct Used {
        keywords: BTreeSet<String>,
        formats: BTreeSet<String>,
        types: BTreeSet<String>,
    }

    impl Used {
        /// Adds a schema and those in it.
        fn add(&mut self, schema: &Map<String, Value>) {
            for (keyword, value) in schema {
                self.keywords.insert(keyword.clone());
                match (keyword.as_str(), value) {
                    ("format", Value::String(format)) => drop(self.formats.insert(format.clone())),
                    ("type", Value::String(one)) => drop(self.types.insert(one.clone())),
                    ("properties", Value::Object(members)) => {
                        members.values().filter_map(Value::as_object).for_each(|member| self.add(member));
                    }
                    ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => {
                        parts.iter().filter_map(Value::as_object).for_each(|part| self.add(part));
                    }
                    ("items" | "additionalProperties" | "not", Value::Object(schema)) => self.add(schema),
                    _ => {}
                }
            }
        }

        /// Adds the schemas below a part of the spec that is no schema.
        fn find(&mut self, part: &Value) {
            match part {
                Value::Array(items) => items.iter().for_each(|item| self.find(item)),
                Value::Object(members) => {
                    for (name, value) in members {
                        match (name.as_str(), value) {
                            ("schema", Value::Object(schema)) => self.add(schema),
                            ("schemas", Value::Object(schemas)) => {
                                schemas.values().filter_map(Value::as_object).for_each(|schema| self.add(schema));
                            }
                            ("example", _) => {}
                            _ => self.find(value),
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// The texts of an array literal of the validator.
    fn listed(name: &str) -> BTreeSet<String> {
        let begin = format!("const {name} = [");
        let (_, list) = VALIDATOR.split_once(&begin).unwrap_or_else(|| panic!("no list {name}"));
        let (list, _) = list.split_once(']').expect("the end of the list");
        list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn validator_of_the_page_knows_what_the_spec_uses() {
        let mut used = Used::default();
        used.find(&serde_json::from_str(JSON).expect("JSON"));
        let known = listed("CHECKED");
        let known = known.union(&listed("ANNOTATIONS")).cloned().collect();
        assert_eq!(used.keywords, known, "left: keywords that the spec uses; right: those that mismatches.js knows");
        assert_eq!(used.formats, listed("FORMATS"), "left: formats that the spec uses");
        assert_eq!(used.types, listed("TYPES"), "left: types that the spec uses");
    }
}
