//! Aliases of fields that sources spell differently.

use serde_json::Value;

/// Renames fields to the names that a table shows: pairs of the name and its alias.
pub(crate) fn rename_fields(mut thing: Value, names: &[(&str, &str)]) -> Value {
    for (name, other) in names {
        if thing.get(*name).is_none_or(Value::is_null)
            && let Some(members) = thing.as_object_mut()
            && let Some(member) = members.remove(*other)
        {
            members.insert((*name).to_owned(), member);
        }
    }
    thing
}
