//! Schemas of components, and the open sets among them.

use serde_json::{Map, Value, json};

use super::{KnownValue, NEW_PASSWORD, OpenSet, SCALARS, SECRET};
use crate::{
    Error,
    spec::{Spec, only, schema_name, text, texts},
};

/// Returns the name of the component schema that a schema refers to, if it does.
pub(super) fn named(spec: &Spec, place: &str, schema: &Value) -> Result<Option<String>, Error> {
    let Some(name) = schema_name(schema) else {
        return Ok(None);
    };
    if name == "Envelope" {
        return Err(Error::new(place, "the Envelope is supported only as a whole response"));
    }
    spec.resolve(place, &schema_ref(name))?;
    // A new password has the type of every other password; its rule is checked by a function, not by a type.
    Ok(Some(if name == NEW_PASSWORD { SECRET } else { name }.to_owned()))
}

/// Checks that a schema has a supported form, and lowers it for progenitor.
pub(super) fn lower(spec: &Spec, place: &str, schema: &Value) -> Result<Value, Error> {
    let known = [
        "$ref",
        "type",
        "format",
        "title",
        "description",
        "example",
        "nullable",
        "required",
        "properties",
        "additionalProperties",
        "items",
        "allOf",
        "oneOf",
    ];
    let mut lowered = only(place, schema, &known)?.clone();
    if lowered.contains_key("oneOf") && !SCALARS.contains(&place) {
        return Err(Error::new(place, "`oneOf` is supported in the handwritten scalars only"));
    }
    if lowered.contains_key("$ref") {
        only(place, schema, &["$ref"])?;
        return match named(spec, place, schema)? {
            Some(name) => Ok(schema_ref(&name)),
            None => Err(Error::new(place, format!("{} is not a schema of the spec", schema["$ref"]))),
        };
    }
    if lowered.contains_key("allOf") {
        only(place, schema, &["type", "nullable", "description", "allOf"])?;
        let Some(name) = named(spec, place, schema)? else {
            return Err(Error::new(place, "`allOf` is supported only around one `$ref`"));
        };
        // The field becomes an `Option`, so `nullable` is not needed, and the referenced schema has the type.
        let mut described = json!({"allOf": [schema_ref(&name)]});
        if let Some(description) = lowered.remove("description") {
            described["description"] = description;
        }
        // The type is that of every password, so the rule would be lost with the reference.
        if schema_name(schema) == Some(NEW_PASSWORD) {
            let description = text(place, &described, "description")?;
            let rule = text(NEW_PASSWORD, &spec.root["components"]["schemas"][NEW_PASSWORD], "description")?;
            described["description"] = format!("{description} {rule}").into();
        }
        return Ok(described);
    }
    // progenitor maps other formats to other types, or ignores them.
    let format = &schema["format"];
    if !format.is_null() && !["int64", "password"].iter().any(|known| format == known) {
        return Err(Error::new(place, format!("format {format} is not supported")));
    }
    if schema["additionalProperties"] == false {
        return Err(Error::new(place, "`additionalProperties: false` would reject members that the service adds"));
    }
    let required: Vec<String> = texts(place, &schema["required"])?;
    if let Some(name) = required.iter().find(|name| schema["properties"][name.as_str()].is_null()) {
        return Err(Error::new(place, format!("`{name}` is required, but is no property")));
    }
    let keeps_the_rest = lowered.get("additionalProperties").is_some_and(Value::is_object);
    if let Some(properties) = lowered.get_mut("properties").and_then(Value::as_object_mut) {
        merge_spellings(place, properties, keeps_the_rest)?;
        for (name, property) in properties.iter_mut() {
            let place = format!("{place}.{name}");
            if property["description"].is_null() {
                return Err(Error::new(place, "the property has no description"));
            }
            if required.contains(name) && property["nullable"] == true && !property["allOf"].is_null() {
                return Err(Error::new(place, "it is required, so `nullable` around a `$ref` would be lost"));
            }
            *property = lower(spec, &place, property)?;
        }
    }
    if let Some(items) = lowered.get_mut("items") {
        *items = lower(spec, &format!("{place}[]"), items)?;
    }
    if let Some(more) = lowered.get_mut("additionalProperties").filter(|more| more.is_object()) {
        *more = lower(spec, &format!("{place}.*"), more)?;
    }
    Ok(lowered.into())
}

/// Removes the snake-case spelling of a name with two spellings, because both would become the same field. The object keeps
/// it as an extra field; without `additionalProperties` it is an error.
fn merge_spellings(place: &str, properties: &mut Map<String, Value>, keeps_the_rest: bool) -> Result<(), Error> {
    let duplicates: Vec<String> = properties
        .keys()
        .filter(|name| properties.keys().any(|other| other != *name && snake_case(other) == **name))
        .cloned()
        .collect();
    for name in duplicates {
        if !keeps_the_rest {
            return Err(Error::new(
                place,
                format!("`{name}` has two spellings, and no `additionalProperties: {{}}` keeps the second"),
            ));
        }
        properties.remove(&name);
    }
    Ok(())
}

/// Converts a name to snake case. Consecutive capitals are one word: `nativeID` is `native_id`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    let mut in_word = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && in_word {
            snake.push('_');
        }
        in_word = c.is_ascii_lowercase() || c.is_ascii_digit();
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

/// Reads an open set from its known values.
pub(super) fn open_set(name: &str, schema: &Value, values: &Value) -> Result<OpenSet, Error> {
    let Some(values) = values.as_array() else {
        return Err(Error::new(name, "`x-kandy-known-values` is not a list"));
    };
    Ok(OpenSet {
        name: name.to_owned(),
        description: text(name, schema, "description")?,
        values: values.iter().map(|value| known_value(name, value)).collect::<Result<_, _>>()?,
    })
}

fn known_value(place: &str, value: &Value) -> Result<KnownValue, Error> {
    only(place, value, &["value", "name", "description"])?;
    let name = text(place, value, "name")?;
    if syn::parse_str::<syn::Ident>(&name).is_err() {
        return Err(Error::new(place, format!("`{name}` is not a name in Rust")));
    }
    Ok(KnownValue { value: value["value"].clone(), name, description: text(place, value, "description")? })
}

/// Returns a reference to a component schema.
pub(super) fn schema_ref(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
