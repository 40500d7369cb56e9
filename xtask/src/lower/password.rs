//! Reads the rule for new passwords from the schema `NewPassword`.

use serde_json::Value;

use crate::{
    Error,
    spec::{Spec, only, text},
};

/// The name of the schema of a new password.
pub(crate) const NEW_PASSWORD: &str = "NewPassword";

/// The rule for new passwords.
pub(crate) struct PasswordRule {
    pub(crate) min_length: usize,
    pub(crate) max_length: usize,
    pub(crate) min_letters: usize,
    pub(crate) min_digits: usize,
    /// The characters that are allowed besides ASCII letters and digits.
    pub(crate) symbols: String,
}

/// Reads the rule from a spec. Returns `None` if the spec has no new password.
pub(super) fn rule(spec: &Spec) -> Result<Option<PasswordRule>, Error> {
    let schema = &spec.root["components"]["schemas"][NEW_PASSWORD];
    if schema.is_null() {
        return Ok(None);
    }
    read(schema).map(Some).map_err(|error| error.at(spec.component("schemas", NEW_PASSWORD)))
}

fn read(schema: &Value) -> Result<PasswordRule, Error> {
    const EXTENSION: &str = "x-kandy-password";
    let known = ["type", "format", "description", "minLength", "maxLength", EXTENSION, "example"];
    only(NEW_PASSWORD, schema, &known)?;
    if schema["type"] != "string" || schema["format"] != "password" {
        return Err(Error::new(NEW_PASSWORD, "it is not a string of format `password`"));
    }
    let extension = &schema[EXTENSION];
    only(NEW_PASSWORD, extension, &["min_letters", "min_digits", "symbols"])?;
    let number = |value: &Value, key: &str| {
        let number = value[key].as_u64().and_then(|number| usize::try_from(number).ok());
        number.ok_or_else(|| Error::new(NEW_PASSWORD, format!("`{key}` is missing or not a whole number")))
    };
    Ok(PasswordRule {
        min_length: number(schema, "minLength")?,
        max_length: number(schema, "maxLength")?,
        min_letters: number(extension, "min_letters")?,
        min_digits: number(extension, "min_digits")?,
        symbols: text(NEW_PASSWORD, extension, "symbols")?,
    })
}
