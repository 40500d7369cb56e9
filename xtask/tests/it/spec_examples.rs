//! An example that does not fit its schema stops the generator, which names the operation or the component, the place
//! within the example, and the reason.

use crate::support::{generate, spec};
use serde_json::{Value, json};

/// A change of an example or of a schema, and parts of the expected error.
type Case = (&'static str, fn(&mut Value), &'static [&'static str]);

const LAST_SEEN: &str = "/paths/~1users~1presence~1last_seen/get";
const LAST_SEEN_EXAMPLE: &str =
    "/paths/~1users~1presence~1last_seen/get/responses/200/content/application~1json/example";
const SMS_EXAMPLE: &str = "/paths/~1devices~1smss/post/requestBody/content/application~1json/example";
const SENDER: &str = "/components/schemas/Sender/example";

fn at<'a>(spec: &'a mut Value, pointer: &str) -> &'a mut Value {
    spec.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not in the spec"))
}

fn remove(spec: &mut Value, pointer: &str, key: &str) {
    at(spec, pointer).as_object_mut().expect("an object").remove(key).unwrap_or_else(|| panic!("no {key}"));
}

fn assert_rejected(cases: &[Case]) {
    let failure = |(name, change, expected): &Case| {
        let mut changed = spec();
        change(&mut changed);
        assert!(changed != spec(), "{name}: nothing is changed");
        let error = generate(&changed).err().map(|error| error.to_string());
        let Some(error) = error else { return Some(format!("{name}: it is accepted")) };
        let expected = expected.iter().chain(&["does not fit", "correct the example"]);
        let missing: Vec<_> = expected.filter(|part| !error.contains(**part)).collect();
        (!missing.is_empty()).then(|| format!("{name}: no {missing:?} in {error:?}"))
    };
    let failures: Vec<String> = cases.iter().filter_map(failure).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn response_examples() {
    assert_rejected(&[
        (
            "text for a number, deep inside",
            |s| at(s, LAST_SEEN_EXAMPLE)["result"]["users"][0]["last_seen"] = json!([1]),
            &["last_seen_list (GET /users/presence/last_seen)", "response `200`", "`result.users[0].last_seen`", "[1]"],
        ),
        (
            "no result",
            |s| remove(s, LAST_SEEN_EXAMPLE, "result"),
            &["last_seen_list", "`result` is required, but missing"],
        ),
        (
            "no status",
            |s| remove(s, LAST_SEEN_EXAMPLE, "status"),
            &["last_seen_list", "`status` is required, but missing"],
        ),
        (
            "object for a list",
            |s| at(s, LAST_SEEN_EXAMPLE)["result"]["users"] = json!({}),
            &["last_seen_list", "`result.users` is {}, not a list"],
        ),
        (
            "a wrong spelling",
            |s| at(s, LAST_SEEN_EXAMPLE)["result"]["users"][0]["lastSeen"] = json!(1),
            &["last_seen_list", "`result.users[0].lastSeen` is not a property"],
        ),
        (
            "beside the result",
            |s| at(s, LAST_SEEN_EXAMPLE)["resutl"] = json!(1),
            &["last_seen_list", "`resutl` is not a property"],
        ),
        (
            "no object",
            |s| *at(s, LAST_SEEN_EXAMPLE) = json!("success"),
            &["last_seen_list", "it is \"success\", not an object"],
        ),
        (
            "status of too many digits",
            |s| at(s, LAST_SEEN_EXAMPLE)["status"] = json!(18_446_744_073_709_551_615_u64),
            &["last_seen_list", "`status`", "integer of 64 bits"],
        ),
        (
            "status with a fraction",
            |s| at(s, LAST_SEEN_EXAMPLE)["status"] = json!(0.5),
            &["last_seen_list", "`status` is 0.5"],
        ),
        (
            "of every fault",
            |s| at(s, "/components/responses/Fault/content/application~1json/example")["status"] = json!("55"),
            &["response `Fault`", "`status` is \"55\""],
        ),
        (
            "of a file",
            |s| at(s, "/paths/~1devices~1content/get/responses/200/content/*~1*")["example"] = json!(5),
            &["content_download", "`*/*`", "it is 5, not a string"],
        ),
    ]);
}

#[test]
fn request_examples() {
    assert_rejected(&[
        (
            "no member that is required",
            |s| remove(s, SMS_EXAMPLE, "message"),
            &["sms_send", "body", "`message` is required"],
        ),
        (
            "null for what is not nullable",
            |s| at(s, SMS_EXAMPLE)["message"] = Value::Null,
            &["sms_send", "body", "`message` is null, not an object"],
        ),
        ("list for an object", |s| *at(s, SMS_EXAMPLE) = json!([1]), &["sms_send", "body", "it is [1], not an object"]),
        (
            "part of a form",
            |s| {
                let form = "/paths/~1devices~1content/post/requestBody/content/multipart~1form-data/example";
                at(s, form)["file"] = json!(true);
            },
            &["content_upload", "body", "`file` is true, not a string"],
        ),
    ]);
}

#[test]
fn parameter_examples() {
    assert_rejected(&[
        (
            "number for a text",
            |s| at(s, LAST_SEEN)["parameters"][0]["example"] = json!(5),
            &["last_seen_list", "parameter `users`", "it is 5, not a string"],
        ),
        (
            "list for a text",
            |s| at(s, LAST_SEEN)["parameters"][0]["example"] = json!(["anna@example.com"]),
            &["last_seen_list", "parameter `users`", "not a string"],
        ),
        (
            "of several operations",
            |s| at(s, "/components/parameters/DeviceId")["example"] = json!(true),
            &["parameter `DeviceId`", "it is true, not a string"],
        ),
    ]);
}

#[test]
fn schema_examples() {
    assert_rejected(&[
        (
            "member of another type",
            |s| at(s, SENDER)["domain_name"] = json!(5),
            &["Sender", "`domain_name` is 5, not a string"],
        ),
        (
            "member of none of several types",
            |s| at(s, SENDER)["user_id"] = json!({}),
            &["Sender", "`user_id` is {}, not a string or a number or a boolean"],
        ),
        ("member that is unknown", |s| at(s, SENDER)["userId"] = json!("a"), &["Sender", "`userId` is not a property"]),
        (
            "a scalar of several forms",
            |s| at(s, "/components/schemas/Number")["example"] = json!(true),
            &["Number", "it is true, not an integer of 64 bits or a string"],
        ),
        (
            "of an open set",
            |s| at(s, "/components/schemas/MessageType")["example"] = json!(1),
            &["MessageType", "it is 1, not a string"],
        ),
        ("a long one is cut", |s| at(s, SENDER)["user_id"] = json!(["ä".repeat(1000)]), &["Sender", "`user_id`", "ä…"]),
        (
            "of the envelope",
            |s| at(s, "/components/schemas/Envelope/example")["status_description"] = json!("done"),
            &["Envelope", "`status_description` is \"done\", not an object"],
        ),
        (
            "of a property",
            |s| at(s, "/components/schemas/Sender/properties/domain_name")["example"] = json!(["a"]),
            &["Sender.domain_name", "it is [\"a\"], not a string"],
        ),
    ]);
}

/// Values that the schema allows are accepted: null where it is nullable, numbers in both forms, members that are kept.
#[test]
fn fitting_examples_are_accepted() {
    let changes: [fn(&mut Value); 5] = [
        |s| at(s, SENDER)["user_id"] = Value::Null,
        |s| at(s, "/components/schemas/Number")["example"] = json!(41),
        |s| at(s, LAST_SEEN_EXAMPLE)["message"] = Value::Null,
        |s| at(s, LAST_SEEN_EXAMPLE)["status_description"] = Value::Null,
        |s| at(s, LAST_SEEN_EXAMPLE)["result"]["users"] = json!([]),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = spec();
        change(&mut changed);
        assert!(changed != spec(), "{number}: nothing is changed");
        if let Err(error) = generate(&changed) {
            panic!("{number}: {error}");
        }
    }
}
