//! A form of the spec that the generator does not know stops it, and it says where and why. None of
//! it may be left out silently.

mod support;

use serde_json::{Value, json};
use support::{generate, object, spec};

/// A change of the spec, and what the error has to say.
type Case = (&'static str, fn(&mut Value), &'static [&'static str]);

const SMS: &str = "/paths/~1devices~1smss/post";
const SMS_BODY: &str = "/paths/~1devices~1smss/post/requestBody/content";
const USERS: &str = "/paths/~1domains~1users/get";
const USERS_ANSWER: &str = "/paths/~1domains~1users/get/responses/200/content/application~1json";
const GROUP_PARAMETER: &str = "/components/parameters/GroupId";
const UPLOAD_BODY: &str = "/paths/~1devices~1content/post/requestBody/content";
const FORM: &str = "/paths/~1devices~1content/post/requestBody/content/multipart~1form-data/schema";
const DOWNLOAD_ANSWER: &str = "/paths/~1devices~1content/get/responses/200/content";
const SCHEMAS: &str = "/components/schemas";
const SENDER: &str = "/components/schemas/Sender";
const SENDER_DOMAIN: &str = "/components/schemas/Sender/properties/domain_name";
const SENDER_USER: &str = "/components/schemas/Sender/properties/user_id";

fn set(spec: &mut Value, object_at: &str, key: &str, value: Value) {
    object(spec, object_at).insert(key.into(), value);
}

fn remove(spec: &mut Value, object_at: &str, key: &str) {
    object(spec, object_at).remove(key).unwrap_or_else(|| panic!("no {key} in {object_at}"));
}

fn add_parameter(spec: &mut Value, parameter: Value) {
    let parameters = spec.pointer_mut(SMS).map(|operation| &mut operation["parameters"]);
    parameters.and_then(Value::as_array_mut).expect("parameters").push(parameter);
}

/// Runs all cases before it fails, since they are independent of each other.
fn refuses(cases: &[Case]) {
    assert!(!cases.is_empty());
    let failures: Vec<String> = cases.iter().filter_map(failure).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn failure((form, change, said): &Case) -> Option<String> {
    let mut changed = spec();
    change(&mut changed);
    assert!(changed != spec(), "{form}: nothing is changed");
    match generate(&changed) {
        Ok(_) => Some(format!("{form}: it is not refused")),
        Err(error) => {
            let error = error.to_string();
            let missing = said.iter().find(|part| !error.contains(**part))?;
            Some(format!("{form}: no {missing:?} in {error:?}"))
        }
    }
}

#[test]
fn the_document() {
    refuses(&[
        ("3.1", |s| s["openapi"] = json!("3.1.0"), &["openapi", "3.1.0", "3.0.x"]),
        ("Swagger 2", |s| remove(s, "", "openapi"), &["openapi", "3.0.x"]),
        ("key", |s| set(s, "", "webhooks", json!({})), &["webhooks", "not understood"]),
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
    refuses(&[
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
    refuses(&[
        ("none", |s| remove(s, SMS, "security"), &["sms_send", "no security"]),
        ("nobody", |s| set(s, SMS, "security", json!([])), &["sms_send", "no security"]),
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
    refuses(&[
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

#[test]
fn bodies() {
    refuses(&[
        (
            "form of a component",
            |s| {
                let json = object(s, SMS_BODY).remove("application/json").expect("json");
                set(s, SMS_BODY, "multipart/form-data", json);
            },
            &["sms_send", "$ref"],
        ),
        (
            "form of two parts",
            |s| set(s, &format!("{FORM}/properties"), "name", json!({"type": "string", "description": "Name."})),
            &["content_upload", "exactly one part"],
        ),
        (
            "part that is no file",
            |s| set(s, &format!("{FORM}/properties/file"), "format", json!("password")),
            &["content_upload", "`file`", "required file"],
        ),
        ("part that may be missing", |s| remove(s, FORM, "required"), &["content_upload", "`file`", "required file"]),
        (
            "part without description",
            |s| remove(s, &format!("{FORM}/properties/file"), "description"),
            &["description"],
        ),
        (
            "key of a form",
            |s| set(s, FORM, "additionalProperties", json!({})),
            &["content_upload", "additionalProperties"],
        ),
        (
            "bytes alone",
            |s| {
                let form = object(s, UPLOAD_BODY).remove("multipart/form-data").expect("a form");
                set(s, UPLOAD_BODY, "application/octet-stream", form);
            },
            &["content_upload", "application/octet-stream"],
        ),
        (
            "two media types",
            |s| set(s, SMS_BODY, "text/plain", json!({"schema": {"type": "string"}})),
            &["sms_send", "text/plain"],
        ),
        ("none", |s| set(s, SMS, "requestBody", json!({"required": true})), &["sms_send", "body"]),
        ("optional", |s| remove(s, &format!("{SMS}/requestBody"), "required"), &["sms_send", "not required"]),
        (
            "inline schema",
            |s| set(s, &format!("{SMS_BODY}/application~1json"), "schema", json!({"type": "object"})),
            &["sms_send", "named component"],
        ),
        (
            "reference to nowhere",
            |s| {
                set(
                    s,
                    &format!("{SMS_BODY}/application~1json"),
                    "schema",
                    json!({"$ref": "#/components/schemas/Nowhere"}),
                )
            },
            &["sms_send", "Nowhere"],
        ),
        ("no example", |s| remove(s, &format!("{SMS_BODY}/application~1json"), "example"), &["sms_send", "no example"]),
        ("key", |s| set(s, &format!("{SMS}/requestBody"), "x-form", json!(1)), &["sms_send", "x-form"]),
        (
            "key of the media type",
            |s| set(s, &format!("{SMS_BODY}/application~1json"), "encoding", json!({})),
            &["sms_send", "encoding"],
        ),
    ]);
}

#[test]
fn answers() {
    refuses(&[
        (
            "201",
            |s| set(s, &format!("{USERS}/responses"), "201", json!({"description": "Made."})),
            &["user_list", "`201`"],
        ),
        (
            "default",
            |s| set(s, &format!("{USERS}/responses"), "default", json!({"$ref": "#/components/responses/Fault"})),
            &["user_list", "`default`"],
        ),
        (
            "another fault",
            |s| set(s, &format!("{USERS}/responses"), "4XX", json!({"description": "No."})),
            &["user_list", "`4XX`"],
        ),
        ("no success", |s| remove(s, &format!("{USERS}/responses"), "200"), &["user_list", "`200`"]),
        (
            "another media type",
            |s| set(s, &format!("{USERS}/responses/200/content"), "text/plain", json!({})),
            &["user_list", "text/plain"],
        ),
        ("no content", |s| remove(s, &format!("{USERS}/responses/200"), "content"), &["user_list", "`200`"]),
        ("headers", |s| set(s, &format!("{USERS}/responses/200"), "headers", json!({})), &["user_list", "headers"]),
        ("links", |s| set(s, &format!("{USERS}/responses/200"), "links", json!({})), &["user_list", "links"]),
        ("key of the media type", |s| set(s, USERS_ANSWER, "examples", json!({})), &["user_list", "examples"]),
        ("no example", |s| remove(s, USERS_ANSWER, "example"), &["user_list", "no example"]),
        (
            "inline result",
            |s| set(s, &format!("{USERS_ANSWER}/schema/allOf/1/properties"), "result", json!({"type": "object"})),
            &["user_list", "named component"],
        ),
        (
            "no envelope",
            |s| set(s, USERS_ANSWER, "schema", json!({"$ref": "#/components/schemas/UserList"})),
            &["user_list", "Envelope"],
        ),
        (
            "more than the result",
            |s| set(s, &format!("{USERS_ANSWER}/schema/allOf/1/properties"), "next", json!({"type": "string"})),
            &["user_list", "`result`"],
        ),
        (
            "result beside the envelope",
            |s| {
                let result = s.pointer(USERS_ANSWER).expect("answer")["schema"]["allOf"][1]["properties"].clone();
                let schema = json!({"allOf": [{"$ref": "#/components/schemas/Envelope"}], "properties": result});
                set(s, USERS_ANSWER, "schema", schema);
            },
            &["user_list", "Envelope"],
        ),
        (
            "reference to nowhere",
            |s| {
                let nowhere = json!({"$ref": "#/components/schemas/Nowhere"});
                set(s, &format!("{USERS_ANSWER}/schema/allOf/1/properties"), "result", nowhere);
            },
            &["user_list", "Nowhere"],
        ),
        (
            "answer that is nowhere",
            |s| set(s, &format!("{SMS}/responses"), "200", json!({"$ref": "#/components/responses/Nowhere"})),
            &["sms_send", "#/components/responses/Nowhere"],
        ),
        (
            "file of one type",
            |s| {
                let file = object(s, DOWNLOAD_ANSWER).remove("*/*").expect("a file");
                set(s, DOWNLOAD_ANSWER, "image/png", file);
            },
            &["content_download", "image/png"],
        ),
        (
            "file that is never refused",
            |s| remove(s, DOWNLOAD_ANSWER, "application/json"),
            &["content_download", "200"],
        ),
        (
            "file or something else",
            |s| {
                let users = s.pointer(USERS_ANSWER).expect("answer")["schema"].clone();
                set(s, &format!("{DOWNLOAD_ANSWER}/application~1json"), "schema", users);
            },
            &["content_download", "application/json"],
        ),
        (
            "file that is none",
            |s| set(s, &format!("{DOWNLOAD_ANSWER}/*~1*"), "schema", json!({"type": "string"})),
            &["content_download", "*/*"],
        ),
        (
            "fault that is no envelope",
            |s| {
                let at = "/components/responses/Fault/content/application~1json";
                set(s, at, "schema", json!({"$ref": "#/components/schemas/Sender"}));
            },
            &["Fault", "Envelope"],
        ),
    ]);
}

#[test]
fn schemas() {
    refuses(&[
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
    refuses(&[
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
