//! The document, paths, security and parameters.

use serde_json::json;

use super::{SMS, add_parameter, assert_rejected, remove, set};
use crate::support::object;

const GROUP_PARAMETER: &str = "/components/parameters/GroupId";

#[test]
fn document() {
    assert_rejected(&[
        ("3.1", |s| s["openapi"] = json!("3.1.0"), &["openapi", "3.1.0", "3.0.x"]),
        ("Swagger 2", |s| remove(s, "", "openapi"), &["openapi", "3.0.x"]),
        ("key", |s| set(s, "", "webhooks", json!({})), &["webhooks", "not supported"]),
        ("security for all", |s| set(s, "", "security", json!([{"user_access_token": []}])), &["security"]),
        (
            "two servers",
            |s| s["servers"].as_array_mut().expect("servers").push(json!({"url": "https://two.example"})),
            &["servers", "exactly one"],
        ),
        ("no server", |s| s["servers"] = json!([]), &["servers", "exactly one"]),
        ("server variable without value", |s| remove(s, "/servers/0/variables", "version"), &["servers", "{version}"]),
        ("component section", |s| set(s, "/components", "links", json!({})), &["components", "links"]),
        ("no schemas", |s| remove(s, "/components", "schemas"), &["/components/schemas"]),
    ]);
}

#[test]
fn paths_and_operations() {
    assert_rejected(&[
        ("method", |s| set(s, "/paths/~1devices~1smss", "patch", json!({})), &["/devices/smss", "patch"]),
        (
            "parameters of a path",
            |s| set(s, "/paths/~1devices~1smss", "parameters", json!([])),
            &["/devices/smss", "parameters"],
        ),
        (
            "servers of a path",
            |s| set(s, "/paths/~1devices~1smss", "servers", json!([])),
            &["/devices/smss", "servers"],
        ),
        (
            "variable in a path",
            |s| {
                let item = object(s, "/paths").remove("/devices/smss").expect("path");
                set(s, "/paths", "/devices/{device_id}/smss", item);
            },
            &["sms_send", "{device_id}"],
        ),
        ("no id", |s| remove(s, SMS, "operationId"), &["POST /devices/smss", "operationId"]),
        (
            "id twice",
            |s| set(s, SMS, "operationId", json!("user_list")),
            &["user_list", "twice", "`POST /devices/smss`", "`GET /domains/users`"],
        ),
        ("id in camel case", |s| set(s, SMS, "operationId", json!("smsSend")), &["smsSend", "snake_case"]),
        ("key", |s| set(s, SMS, "deprecated", json!(true)), &["sms_send", "deprecated"]),
        ("callbacks", |s| set(s, SMS, "callbacks", json!({})), &["sms_send", "callbacks"]),
        ("no summary", |s| remove(s, SMS, "summary"), &["sms_send", "summary"]),
        ("no description", |s| remove(s, SMS, "description"), &["sms_send", "description"]),
        (
            "unknown tag",
            |s| set(s, SMS, "tags", json!(["Devices"])),
            &["sms_send", "tag `Devices` is not known", "Account, Domain,", "Device", "Version 1.3", "`tags`"],
        ),
        (
            "tag in other letters",
            |s| set(s, SMS, "tags", json!(["device"])),
            &["sms_send", "tag `device` is not known"],
        ),
        (
            "tag that lost its declaration",
            |s| s["tags"].as_array_mut().expect("tags").retain(|tag| tag["name"] != "Presence"),
            &["last_seen_list", "tag `Presence` is not known"],
        ),
        ("no tag", |s| set(s, SMS, "tags", json!([])), &["sms_send", "exactly one tag"]),
        ("two tags", |s| set(s, SMS, "tags", json!(["Device", "User"])), &["sms_send", "tag"]),
        ("no confidence", |s| remove(s, SMS, "x-kandy-confidence"), &["sms_send", "x-kandy-confidence"]),
        ("bad confidence", |s| set(s, SMS, "x-kandy-confidence", json!("D")), &["sms_send", "`D`"]),
        ("bad version", |s| set(s, SMS, "x-kandy-version", json!(1.3)), &["sms_send", "x-kandy-version"]),
        ("bad idempotence", |s| set(s, SMS, "x-kandy-idempotent", json!("no")), &["sms_send", "x-kandy-idempotent"]),
    ]);
}

#[test]
fn security() {
    assert_rejected(&[
        ("none", |s| remove(s, SMS, "security"), &["sms_send", "no security"]),
        ("empty list", |s| set(s, SMS, "security", json!([])), &["sms_send", "no security"]),
        (
            "a token or an API key",
            |s| set(s, SMS, "security", json!([{"user_access_token": []}, {"domain_api_key": []}])),
            &["sms_send", "domain_api_key", "argument"],
        ),
        (
            "two schemes at once",
            |s| set(s, SMS, "security", json!([{"user_access_token": [], "domain_access_token": []}])),
            &["sms_send", "exactly one"],
        ),
        (
            "unknown",
            |s| set(s, SMS, "security", json!([{"device_access_token": []}])),
            &["sms_send", "device_access_token"],
        ),
        (
            "another type",
            |s| set(s, "/components/securitySchemes", "user_access_token", json!({"type": "http", "scheme": "bearer"})),
            &["(", "user_access_token", "apiKey"],
        ),
        (
            "in a header",
            |s| set(s, "/components/securitySchemes/user_access_token", "in", json!("header")),
            &["user_access_token", "in the query"],
        ),
        (
            "another parameter",
            |s| set(s, "/components/securitySchemes/user_access_token", "name", json!("token")),
            &["user_access_token", "`key`"],
        ),
        (
            "neither key nor token",
            |s| {
                let scheme = s["components"]["securitySchemes"]["user_access_token"].clone();
                set(s, "/components/securitySchemes", "user_password", scheme);
                set(s, SMS, "security", json!([{"user_password": []}]));
            },
            &["sms_send", "user_password", "_api_key", "_access_token"],
        ),
        (
            "unknown level",
            |s| {
                let scheme = s["components"]["securitySchemes"]["user_access_token"].clone();
                set(s, "/components/securitySchemes", "device_access_token", scheme);
                set(s, SMS, "security", json!([{"device_access_token": []}]));
            },
            &["sms_send", "device"],
        ),
    ]);
}

#[test]
fn parameters() {
    assert_rejected(&[
        ("in a header", |s| set(s, GROUP_PARAMETER, "in", json!("header")), &["`group_id`", "header", "query"]),
        ("in the path", |s| set(s, GROUP_PARAMETER, "in", json!("path")), &["`group_id`", "query"]),
        (
            "list",
            |s| set(s, GROUP_PARAMETER, "schema", json!({"type": "array", "items": {"type": "string"}})),
            &["`group_id`", "scalar"],
        ),
        (
            "enum",
            |s| set(s, GROUP_PARAMETER, "schema", json!({"type": "string", "enum": ["a", "b"]})),
            &["`group_id`", "enum"],
        ),
        (
            "format that makes another type",
            |s| set(s, GROUP_PARAMETER, "schema", json!({"type": "string", "format": "uuid"})),
            &["`group_id`", "uuid"],
        ),
        (
            "pattern",
            |s| set(s, GROUP_PARAMETER, "schema", json!({"type": "string", "pattern": "^a$"})),
            &["`group_id`", "pattern"],
        ),
        (
            "default",
            |s| set(s, GROUP_PARAMETER, "schema", json!({"type": "integer", "default": 5})),
            &["`group_id`", "default"],
        ),
        (
            "another component",
            |s| set(s, GROUP_PARAMETER, "schema", json!({"$ref": "#/components/schemas/Sender"})),
            &["`group_id`", "scalar"],
        ),
        ("no schema", |s| remove(s, GROUP_PARAMETER, "schema"), &["`group_id`", "schema"]),
        ("no example", |s| remove(s, GROUP_PARAMETER, "example"), &["`group_id`", "no example"]),
        ("no description", |s| remove(s, GROUP_PARAMETER, "description"), &["`group_id`", "description"]),
        ("key", |s| set(s, GROUP_PARAMETER, "explode", json!(false)), &["`group_id`", "explode"]),
        ("required, perhaps", |s| set(s, GROUP_PARAMETER, "required", json!("yes")), &["`group_id`", "required"]),
        (
            "twice",
            |s| add_parameter(s, json!({"$ref": "#/components/parameters/DeviceId"})),
            &["sms_send", "`device_id`", "twice"],
        ),
        (
            "the credential",
            |s| {
                add_parameter(
                    s,
                    json!({
                        "name": "key", "in": "query", "description": "Key.", "schema": {"type": "string"}, "example": "k",
                    }),
                );
            },
            &["sms_send", "`key`", "credential"],
        ),
        (
            "reference to nowhere",
            |s| add_parameter(s, json!({"$ref": "#/components/parameters/Nowhere"})),
            &["sms_send", "#/components/parameters/Nowhere", "nowhere"],
        ),
        (
            "reference to another file",
            |s| add_parameter(s, json!({"$ref": "other.yaml#/Nowhere"})),
            &["sms_send", "other.yaml#/Nowhere", "outside"],
        ),
        (
            "unused and in a header",
            |s| set(s, "/components/parameters", "Unused", json!({"name": "u", "in": "header"})),
            &["Unused"],
        ),
    ]);
}
