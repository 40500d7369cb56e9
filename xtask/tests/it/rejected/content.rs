//! Bodies and responses.

use serde_json::json;

use super::{SMS, assert_rejected, remove, set};
use crate::support::object;

const DOWNLOAD_RESPONSE: &str = "/paths/~1devices~1content/get/responses/200/content";
const FORM: &str = "/paths/~1devices~1content/post/requestBody/content/multipart~1form-data/schema";
const UPLOAD_BODY: &str = "/paths/~1devices~1content/post/requestBody/content";
const USERS_RESPONSE: &str = "/paths/~1domains~1users/get/responses/200/content/application~1json";
const USERS: &str = "/paths/~1domains~1users/get";
const SMS_BODY: &str = "/paths/~1devices~1smss/post/requestBody/content";

#[test]
fn bodies() {
    assert_rejected(&[
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
fn responses() {
    assert_rejected(&[
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
        ("key of the media type", |s| set(s, USERS_RESPONSE, "examples", json!({})), &["user_list", "examples"]),
        ("no example", |s| remove(s, USERS_RESPONSE, "example"), &["user_list", "no example"]),
        (
            "inline result",
            |s| set(s, &format!("{USERS_RESPONSE}/schema/allOf/1/properties"), "result", json!({"type": "object"})),
            &["user_list", "named component"],
        ),
        (
            "no envelope",
            |s| set(s, USERS_RESPONSE, "schema", json!({"$ref": "#/components/schemas/UserList"})),
            &["user_list", "Envelope"],
        ),
        (
            "more than the result",
            |s| set(s, &format!("{USERS_RESPONSE}/schema/allOf/1/properties"), "next", json!({"type": "string"})),
            &["user_list", "`result`"],
        ),
        (
            "result beside the envelope",
            |s| {
                let result = s.pointer(USERS_RESPONSE).expect("response")["schema"]["allOf"][1]["properties"].clone();
                let schema = json!({"allOf": [{"$ref": "#/components/schemas/Envelope"}], "properties": result});
                set(s, USERS_RESPONSE, "schema", schema);
            },
            &["user_list", "Envelope"],
        ),
        (
            "reference to nowhere",
            |s| {
                let nowhere = json!({"$ref": "#/components/schemas/Nowhere"});
                set(s, &format!("{USERS_RESPONSE}/schema/allOf/1/properties"), "result", nowhere);
            },
            &["user_list", "Nowhere"],
        ),
        (
            "response that is nowhere",
            |s| set(s, &format!("{SMS}/responses"), "200", json!({"$ref": "#/components/responses/Nowhere"})),
            &["sms_send", "#/components/responses/Nowhere"],
        ),
        (
            "file of one type",
            |s| {
                let file = object(s, DOWNLOAD_RESPONSE).remove("*/*").expect("a file");
                set(s, DOWNLOAD_RESPONSE, "image/png", file);
            },
            &["content_download", "image/png"],
        ),
        ("file without a fault", |s| remove(s, DOWNLOAD_RESPONSE, "application/json"), &["content_download", "200"]),
        (
            "file or something else",
            |s| {
                let users = s.pointer(USERS_RESPONSE).expect("response")["schema"].clone();
                set(s, &format!("{DOWNLOAD_RESPONSE}/application~1json"), "schema", users);
            },
            &["content_download", "application/json"],
        ),
        (
            "file that is none",
            |s| set(s, &format!("{DOWNLOAD_RESPONSE}/*~1*"), "schema", json!({"type": "string"})),
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
