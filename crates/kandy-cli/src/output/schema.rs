//! The description of what a command prints.

use serde_json::Value;

/// Describes what a command prints. Fields have the names of the API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputSchema {
    /// The noun in the plural, for messages: `users`.
    pub(crate) name: &'static str,
    /// The operation whose response it is; empty where the command creates it.
    pub(crate) operation: &'static str,
    /// Its position in the result, as a JSON pointer: empty for the whole result, `/users` for a list.
    pub(crate) at: &'static str,
    /// The id field, for `--quiet`.
    pub(crate) id: &'static str,
    /// The fields that a table shows.
    pub(crate) columns: &'static [&'static str],
}

impl OutputSchema {
    /// Returns a schema that shows all fields and has no id.
    pub(crate) const fn open(name: &'static str, operation: &'static str, at: &'static str) -> Self {
        Self { name, operation, at, id: "", columns: &[] }
    }

    /// Returns the field names in the spec.
    pub(super) fn members(&self) -> Vec<String> {
        let Some(root) = self.response() else {
            return self.columns.iter().map(|column| (*column).to_owned()).collect();
        };
        let mut schema = follow(&root, &root);
        for name in ["result"].into_iter().chain(self.path()) {
            schema = follow(&root, &schema["properties"][name]);
        }
        if schema["items"].is_object() {
            schema = follow(&root, &schema["items"]);
        }
        schema["properties"].as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
    }

    /// Checks that a result has what the spec requires of it: the path to the data, and its required fields.
    ///
    /// Fails with the place and the reason.
    pub(crate) fn check(&self, result: &Value) -> Result<(), String> {
        let Some(root) = self.response() else { return Ok(()) };
        let mut schema = follow(&root, &follow(&root, &root)["properties"]["result"]);
        let (mut value, mut place) = (result, "result".to_owned());
        for name in self.path() {
            match value.get(name) {
                Some(member) => value = member,
                None if required(schema).any(|required| required == name) => {
                    return Err(format!("at `{place}.{name}`: it is missing"));
                }
                None => return Ok(()),
            }
            schema = follow(&root, &schema["properties"][name]);
            place = format!("{place}.{name}");
        }
        if schema["type"] == "array" && !value.is_array() {
            return Err(format!("at `{place}`: expected a list"));
        }
        match required(schema).find(|name| value.get(name).is_none()) {
            Some(missing) => Err(format!("at `{place}.{missing}`: it is missing")),
            None => Ok(()),
        }
    }

    /// Returns the field names that the schema has and the spec does not. Must be empty: checked in debug builds.
    pub(super) fn unknown(&self) -> Vec<&'static str> {
        let known = self.members();
        let named = self.columns.iter().copied().chain([self.id]).filter(|name| !name.is_empty());
        named.filter(|name| !known.iter().any(|known| known == name)).collect()
    }

    /// Returns the JSON Schema of the response, envelope included; `None` where the command creates the data.
    fn response(&self) -> Option<Value> {
        let response = kandy_sys::schema::RESPONSES.iter().find(|response| response.name == self.operation)?;
        Some(response.json_schema().to_value())
    }

    /// Returns the names on the way from the result to the data.
    fn path(&self) -> impl Iterator<Item = &'static str> {
        self.at.split('/').filter(|name| !name.is_empty())
    }
}

/// Returns the fields that a JSON Schema requires.
fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Resolves a schema: follows `$ref`, and picks the alternative that is not null.
fn follow<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#')) {
        return root.pointer(name).map_or(&Value::Null, |schema| follow(root, schema));
    }
    let some = schema["anyOf"].as_array().and_then(|all| all.iter().find(|schema| schema["type"] != "null"));
    some.map_or(schema, |schema| follow(root, schema))
}
