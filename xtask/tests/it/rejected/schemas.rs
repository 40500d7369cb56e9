//! Schemas, open sets, and the rule for passwords.

use serde_json::json;

use super::{assert_rejected, remove, set};

const SENDER_USER: &str = "/components/schemas/Sender/properties/user_id";
const SENDER_DOMAIN: &str = "/components/schemas/Sender/properties/domain_name";
const SENDER: &str = "/components/schemas/Sender";
const SCHEMAS: &str = "/components/schemas";

#[test]
fn schemas() {
    assert_rejected(&[
        ("no example", |s| remove(s, SENDER, "example"), &["Sender", "no example"]),
        (
            "discriminator",
            |s| set(s, SENDER, "discriminator", json!({"propertyName": "kind"})),
            &["Sender", "discriminator"],
        ),
        ("anyOf", |s| set(s, SENDER, "anyOf", json!([{"type": "object"}])), &["Sender", "anyOf"]),
        ("enum", |s| set(s, SENDER_DOMAIN, "enum", json!(["a"])), &["Sender.domain_name", "enum"]),
        ("oneOf", |s| set(s, SENDER, "oneOf", json!([{"type": "object"}])), &["Sender", "oneOf"]),
        ("oneOf in a property", |s| set(s, SENDER_DOMAIN, "oneOf", json!([])), &["Sender.domain_name", "oneOf"]),
        ("key in a property", |s| set(s, SENDER_DOMAIN, "readOnly", json!(true)), &["Sender.domain_name", "readOnly"]),
        ("limit in a property", |s| set(s, SENDER_DOMAIN, "minLength", json!(1)), &["Sender.domain_name", "minLength"]),
        (
            "format that makes another type",
            |s| set(s, SENDER_DOMAIN, "format", json!("date-time")),
            &["Sender.domain_name", "date-time"],
        ),
        (
            "property without description",
            |s| remove(s, SENDER_DOMAIN, "description"),
            &["Sender.domain_name", "description"],
        ),
        (
            "key in a list",
            |s| set(s, "/components/schemas/UserList/properties/users/items", "uniqueItems", json!(true)),
            &["UserList.users[]", "uniqueItems"],
        ),
        (
            "key in additional properties",
            |s| set(s, SENDER, "additionalProperties", json!({"anyOf": []})),
            &["Sender", "anyOf"],
        ),
        (
            "no more members",
            |s| set(s, SENDER, "additionalProperties", json!(false)),
            &["Sender", "additionalProperties"],
        ),
        ("allOf of two", |s| set(s, SENDER_USER, "allOf", json!([{}, {}])), &["Sender.user_id", "allOf"]),
        (
            "members beside allOf",
            |s| set(s, SENDER_USER, "properties", json!({"a": {"type": "string", "description": "A."}})),
            &["Sender.user_id", "properties"],
        ),
        (
            "null beside a reference",
            |s| set(s, "/components/schemas/UserList/properties/users/items", "nullable", json!(true)),
            &["UserList.users[]", "nullable"],
        ),
        (
            "required, but null",
            |s| {
                let described =
                    json!({"description": "D.", "nullable": true, "allOf": [{"$ref": "#/components/schemas/Sender"}]});
                set(s, "/components/schemas/SmsSend/properties", "message", described);
            },
            &["SmsSend.message", "nullable"],
        ),
        ("required, but not there", |s| set(s, SENDER, "required", json!(["nobody"])), &["Sender", "`nobody`"]),
        (
            "reference to nowhere",
            |s| set(s, SENDER_USER, "allOf", json!([{"$ref": "#/components/schemas/Nowhere"}])),
            &["Sender.user_id", "Nowhere"],
        ),
        (
            "reference to another section",
            |s| set(s, SENDER_USER, "allOf", json!([{"$ref": "#/components/parameters/DeviceId"}])),
            &["Sender.user_id", "allOf"],
        ),
        (
            "reference to the envelope",
            |s| set(s, SENDER_USER, "allOf", json!([{"$ref": "#/components/schemas/Envelope"}])),
            &["Sender.user_id", "Envelope"],
        ),
        (
            "twins",
            |s| {
                let device = json!({"type": "string", "description": "D."});
                set(s, "/components/schemas/Device/properties", "client_version", device);
            },
            &["Device", "client_version", "two spellings"],
        ),
        (
            "twins in capitals",
            |s| {
                let device = json!({"type": "string", "description": "D."});
                set(s, "/components/schemas/Device/properties", "native_id", device);
            },
            &["Device", "native_id", "two spellings"],
        ),
        (
            "a name that is taken",
            |s| set(s, SCHEMAS, "NoResult", json!({"type": "object", "example": {}})),
            &["NoResult", "taken"],
        ),
    ]);
}

#[test]
fn known_values() {
    const MESSAGE_TYPE: &str = "/components/schemas/MessageType";
    assert_rejected(&[
        (
            "no list",
            |s| set(s, MESSAGE_TYPE, "x-kandy-known-values", json!({})),
            &["MessageType", "x-kandy-known-values"],
        ),
        (
            "in a property",
            |s| set(s, SENDER_DOMAIN, "x-kandy-known-values", json!([])),
            &["Sender.domain_name", "x-kandy-known-values"],
        ),
        (
            "number among texts",
            |s| s.pointer_mut(MESSAGE_TYPE).expect("set")["x-kandy-known-values"][0]["value"] = json!(1),
            &["MessageType", "not a text"],
        ),
        (
            "text among numbers",
            |s| s["components"]["schemas"]["Status"]["x-kandy-known-values"][0]["value"] = json!("zero"),
            &["Status", "not a whole number"],
        ),
        ("no name", |s| remove(s, &format!("{MESSAGE_TYPE}/x-kandy-known-values/0"), "name"), &["MessageType", "name"]),
        (
            "no description",
            |s| remove(s, &format!("{MESSAGE_TYPE}/x-kandy-known-values/0"), "description"),
            &["MessageType", "description"],
        ),
        (
            "key",
            |s| set(s, &format!("{MESSAGE_TYPE}/x-kandy-known-values/0"), "since", json!(1)),
            &["MessageType", "since"],
        ),
        (
            "name that is none",
            |s| set(s, &format!("{MESSAGE_TYPE}/x-kandy-known-values/0"), "name", json!("No name")),
            &["MessageType", "No name"],
        ),
    ]);
}

#[test]
fn password_rule() {
    const NEW_PASSWORD: &str = "/components/schemas/NewPassword";
    const RULE: &str = "/components/schemas/NewPassword/x-kandy-password";
    assert_rejected(&[
        ("no rule", |s| remove(s, NEW_PASSWORD, "x-kandy-password"), &["NewPassword", "is not an object"]),
        ("no length", |s| remove(s, NEW_PASSWORD, "minLength"), &["NewPassword", "`minLength`"]),
        (
            "length that is no number",
            |s| set(s, NEW_PASSWORD, "maxLength", json!("20")),
            &["NewPassword", "`maxLength`"],
        ),
        ("number of digits below zero", |s| set(s, RULE, "min_digits", json!(-1)), &["NewPassword", "`min_digits`"]),
        ("no symbols", |s| remove(s, RULE, "symbols"), &["NewPassword", "`symbols`"]),
        ("key", |s| set(s, RULE, "min_symbols", json!(1)), &["NewPassword", "`min_symbols`"]),
        ("pattern", |s| set(s, NEW_PASSWORD, "pattern", json!(".*")), &["NewPassword", "`pattern`"]),
        ("another type", |s| remove(s, NEW_PASSWORD, "format"), &["NewPassword", "`password`"]),
    ]);
}
