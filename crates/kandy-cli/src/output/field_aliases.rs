use serde_json::Value;

/// A thing with its members under the names that a table has for them, where sources disagree on how they are spelt:
/// pairs of the name, and of another that it may have come under.
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
