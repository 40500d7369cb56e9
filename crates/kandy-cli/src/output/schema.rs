use serde_json::Value;

/// What a command prints, as far as tables and ids go. The members are named as the API names them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutputSchema {
    /// What people call it, in the plural: `users`.
    pub(crate) name: &'static str,
    /// The operation whose answer it is; empty where the command makes it itself.
    pub(crate) operation: &'static str,
    /// Where in the result it is, as a JSON pointer: empty for the whole, `/users` for a list.
    pub(crate) at: &'static str,
    /// What it is known by, for `--quiet`.
    pub(crate) id: &'static str,
    /// The members that a table shows.
    pub(crate) columns: &'static [&'static str],
}

impl OutputSchema {
    /// A thing of which all members are shown, and which has no id.
    pub(crate) const fn open(name: &'static str, operation: &'static str, at: &'static str) -> Self {
        Self { name, operation, at, id: "", columns: &[] }
    }

    /// The names of the members that the spec knows.
    pub(super) fn members(&self) -> Vec<String> {
        let answer = kandy_sys::schema::RESPONSES.iter().find(|answer| answer.name == self.operation);
        let Some(answer) = answer else {
            return self.columns.iter().map(|column| (*column).to_owned()).collect();
        };
        let root = answer.json_schema().to_value();
        let mut schema = follow(&root, &root);
        for name in ["result"].into_iter().chain(self.at.split('/').filter(|name| !name.is_empty())) {
            schema = follow(&root, &schema["properties"][name]);
        }
        if schema["items"].is_object() {
            schema = follow(&root, &schema["items"]);
        }
        schema["properties"].as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
    }
}

impl OutputSchema {
    /// What it names and the spec does not, which is a mistake.
    pub(super) fn unknown(&self) -> Vec<&'static str> {
        let known = self.members();
        let named = self.columns.iter().copied().chain([self.id]).filter(|name| !name.is_empty());
        named.filter(|name| !known.iter().any(|known| known == name)).collect()
    }
}

/// What a schema stands for: itself, another that it names, or the one that is not null.
fn follow<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix('#')) {
        return root.pointer(name).map_or(&Value::Null, |schema| follow(root, schema));
    }
    let some = schema["anyOf"].as_array().and_then(|all| all.iter().find(|schema| schema["type"] != "null"));
    some.map_or(schema, |schema| follow(root, schema))
}
