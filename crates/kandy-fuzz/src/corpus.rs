//! The seeds of the targets: the examples of the spec, and unusual inputs.

use std::{fs, io, path::Path, sync::LazyLock};

use kandy_sys::{
    OPERATIONS, Operation,
    operation::{Credential, Level, RequestBody},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::Target;

static SPEC: LazyLock<Value> =
    LazyLock::new(|| serde_yaml_ng::from_str(include_str!("../../../openapi/kandy.yaml")).expect("the spec is YAML"));

/// Unusual responses, with faults among them.
const UNUSUAL_RESPONSES: &[&str] = &[
    "",
    "{}",
    "null",
    "[]",
    "<html>502 Bad Gateway</html>",
    r#"{"status":10,"message":"token expired"}"#,
    r#"{"result":{"users":7},"status":"53","message":null}"#,
    r#"{"status":0,"message":"success","status_description":{"code":2000,"message":"done"},"result":null}"#,
    r#"{"result":[{"user_id":"russ"}],"message":["a"],"status_description":"fine","status":0.0}"#,
    r#"{"status":0,"status":1,"result":{}}"#,
];

/// Pending events of a device, in known forms.
const UNUSUAL_PENDING: &[&str] = &[
    "{}",
    r#"{"messages":null,"server_timestamp":1400510413000}"#,
    r#"{"messages":[{"messageType":"chatGroupInvite","group_id":"834f","inviter":"anna@example.com","timestamp":1400510413}]}"#,
    r#"{"messages":[{"UUID":"1","content_type":"text","message":{"mimeType":"text/plain","text":"a"},"sender":{"user_id":"anna","domain_name":"example.com"}}]}"#,
    r#"{"messages":[{"UUID":"2","contentType":"new","content_type":7,"sender":{"full_user_id":null},"message":{},"x":[{"y":0.5}]}]}"#,
];

/// Frames of the data channel, as servers of several ages send them, and unusual ones.
const CHANNEL_FRAMES: &[&str] = &[
    r#"{"message_type":"response","id":"6F9619FF-8B86-4011-B42D-00C04FC964FF","status":0,"message":"success"}"#,
    r#"{"message_type":"pong"}"#,
    r#"{"message_type":"notification","message":{"messageType":"chat","UUID":"1","contentType":"text","timestamp":1400510413,"sender":{"full_user_id":"anna@example.com","user_id":"anna"},"message":{"mimeType":"text/plain","text":"a"}}}"#,
    r#"{"message_type":"notification","message":{"messageType":"groupChat","UUID":"2","group_id":"834f","contentType":"image","message":{"mimeType":"image/png","content_uuid":"9","content_name":"a.png"}}}"#,
    r#"{"message_type":"notification","message":{"messageType":"chatGroupBoot","UUID":3,"group_id":"834f","booted":["anna@example.com"],"kandyType":"x"}}"#,
    r#"{"message_type":"notification","message":{"messageType":"chatRemoteAck","UUID":"4","timestamp":"1400510413"}}"#,
    r#"{"message_type":"notification","message":{"messageType":"chat","sender":5}}"#,
    r#"{"message_type":"notification","message":{"kandyType":"gofetch"}}"#,
    r#"{"message_type":"notification","message":{"message_type":"gofetch"}}"#,
    r#"{"message_type":"notification","message":{}}"#,
    r#"{"message_type":"notification","message":{"kandyType":"incomingCall","call_id":"7","x":[1.5]}}"#,
    r#"{"message_type":"notification","message":{"message_type":"incomingCall"}}"#,
    r#"{"message_type":"notification","message":null}"#,
    r#"{"message_type":"sessionData","session_id":"0af3","full_user_id":"anna@example.com","payload":{"type":"userMousePosition","data":[1,2]}}"#,
    r#"{"message_type":"sessionData","session_id":7,"payload":0.5}"#,
    r#"{"message_type":"sessionNotification","payload":{"message_type":"sessionUserJoinRequest","session_id":"0af3","full_user_id":"anna@example.com"}}"#,
    r#"{"message_type":"sessionNotification","payload":{"message_type":"sessionNew","more":{}}}"#,
    r#"{"message_type":"sessionNotification","payload":5}"#,
    r#"{"message_type":"new","message_type":"newer","a":[{"b":null}]}"#,
    "[]",
];

/// Returns responses of all operations: a byte that selects the type, and the response.
pub(crate) fn responses() -> Vec<Vec<u8>> {
    let examples = OPERATIONS.iter().enumerate().map(|(at, operation)| (at, operation.example));
    let odd = UNUSUAL_RESPONSES.iter().enumerate().map(|(at, response)| (at * 7, *response));
    examples.chain(odd).map(|(at, response)| with_head(&[low_byte(at)], response)).collect()
}

/// Returns lists that are read while they arrive: a byte that determines the length of the chunks, and the response.
pub(crate) fn lists() -> Vec<Vec<u8>> {
    let examples = ["user_list", "device_list"].into_iter().filter_map(Operation::find).map(|list| list.example);
    let responses = examples.chain(UNUSUAL_RESPONSES.iter().copied());
    responses.enumerate().map(|(at, response)| with_head(&[low_byte(at * 7)], response)).collect()
}

/// Returns frames of the data channel.
pub(crate) fn channel_frames() -> Vec<Vec<u8>> {
    CHANNEL_FRAMES.iter().map(|frame| frame.as_bytes().to_vec()).collect()
}

/// Returns lists of pending messages, without the envelope.
pub(crate) fn pending_messages() -> Vec<Vec<u8>> {
    let example = Operation::find("message_list").map_or("{}", |operation| operation.example);
    let example: Value = serde_json::from_str(example).unwrap_or_default();
    let odd = UNUSUAL_PENDING.iter().map(|text| text.as_bytes().to_vec());
    odd.chain([example["result"].to_string().into_bytes()]).collect()
}

/// Returns responses after a byte that selects one of the `calls`, and two bytes for the HTTP status: for each call its own
/// example with every status, and the example of another call.
pub(crate) fn http_responses(calls: &[&str]) -> Vec<Vec<u8>> {
    let statuses = [200_u16, 200, 400, 401, 404, 429, 500, 503];
    let with_status = |call: usize, status: u16, response: &str| {
        let [high, low] = (status - 100).to_be_bytes();
        with_head(&[low_byte(call), high, low], response)
    };
    let example = |at: usize| Operation::find(calls[at % calls.len()]).map_or("{}", |operation| operation.example);
    let own = (0..calls.len()).flat_map(|call| statuses.map(|status| with_status(call, status, example(call))));
    let others = (0..calls.len()).map(|call| with_status(call, 200, example(call + 1)));
    let odd = UNUSUAL_RESPONSES.iter().enumerate();
    let odd = odd.map(|(at, response)| with_status(at, statuses[at % statuses.len()], response));
    own.chain(others).chain(odd).collect()
}

/// Returns requests to the emulator: a line with method, path and query, a line with the content type, and the body. The
/// target replaces placeholders in `<` and `>`.
pub(crate) fn requests() -> Vec<Vec<u8>> {
    let mut requests: Vec<String> = Vec::new();
    for operation in OPERATIONS {
        let body = body(operation);
        let optional =
            operation.parameters.iter().filter(|parameter| !parameter.required).map(|optional| optional.name);
        for more in [None].into_iter().chain(optional.map(Some)) {
            let line =
                format!("{} /{}{}?{}", operation.method, operation.version, operation.path, query(operation, more));
            if let RequestBody::File(part) = operation.body {
                requests.push(format!("{line}\nmultipart/form-data; boundary={BOUNDARY}\n{}", form(part)));
                continue;
            }
            requests.push(format!("{line}\napplication/json\n{body}"));
            if !body.is_empty() {
                let form = "domain_name=example.org&user_id=rita&device_native_id=1&user_first_name=%F0%9F%91%8B";
                requests.push(format!("{line}\napplication/x-www-form-urlencoded; charset=utf-8\n{form}"));
            }
        }
    }
    requests.extend(
        [
            "GET /\n\n",
            "OPTIONS /v1.2/accounts/domains\n\n",
            "BREW /v1.2/users/devices/\ntext/plain\n{}",
            "GET /V1.2/%75sers/devices?key=%00&key=<user_access_token>\n\n",
            "GET /_emulator/state\n\n",
            "GET /_emulator/requests\n\n",
            "GET /_emulator/sms\n\n",
            "POST /_emulator/reset\n\n",
            "POST /_emulator/clock\n\n{\"advance_ms\":1000}",
            "POST /_emulator/clock\n\n{\"advance_ms\":18446744073709551615}",
            "GET /_emulator/faults\n\n",
            "DELETE /_emulator/faults/1\n\n",
            "POST /_emulator/faults\n\n{\"kind\":\"http\",\"http\":503,\"retry_after_seconds\":2,\"every\":5}",
            "POST /_emulator/groups\n\n{\"name\":\"g\",\"owners\":[\"russ@example.com\"],\"members\":[\"anna@example.com\"]}",
            "POST /_emulator/contacts\n\n{\"device_id\":\"<device_id>\",\"contact\":{\"number\":\"1\",\"firstName\":\"A\"}}",
        ]
        .map(str::to_owned),
    );
    requests.into_iter().map(String::into_bytes).collect()
}

/// The boundary of a form.
const BOUNDARY: &str = "b0und4ry";

/// Returns a form with a small file.
fn form(part: &str) -> String {
    let head = format!("Content-Disposition: form-data; name=\"{part}\"; filename=\"note.txt\"");
    format!("--{BOUNDARY}\r\n{head}\r\nContent-Type: text/plain\r\n\r\nlet's meet tonight\r\n--{BOUNDARY}--\r\n")
}

/// Returns the position of the body in a request to the emulator.
pub(crate) fn body_at(request: &[u8]) -> usize {
    let ends = request.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    ends.map(|(at, _)| at + 1).nth(1).unwrap_or(request.len())
}

/// Writes each seed to a file in the folder of its target. Returns the number of files.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(folder: &Path, targets: &[Target]) -> io::Result<usize> {
    let mut written = 0;
    for target in targets {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder)?;
        for (at, seed) in (target.seeds)().into_iter().enumerate() {
            fs::write(folder.join(format!("seed-{at:03}")), seed)?;
            written += 1;
        }
    }
    Ok(written)
}

fn with_head(head: &[u8], body: &str) -> Vec<u8> {
    [head, body.as_bytes()].concat()
}

fn low_byte(number: usize) -> u8 {
    u8::try_from(number % 256).unwrap_or_default()
}

/// Returns an operation of the spec.
fn described(operation: &Operation) -> &'static Value {
    &SPEC["paths"][operation.path][operation.method.as_str().to_ascii_lowercase()]
}

/// Returns the example body of an operation, with the ids of objects that the target creates.
fn body(operation: &Operation) -> String {
    let example = &described(operation)["requestBody"]["content"]["application/json"]["example"];
    let mut example = example.clone();
    match operation.id {
        // These exist already, and the group has another id.
        "domain_create" => example["domain_name"] = json!("example.org"),
        "user_create" => example["user_id"] = json!("rita"),
        "group_message_send" => example["message"]["group_id"] = json!("<group_id>"),
        _ => {}
    }
    if example.is_null() { String::new() } else { example.to_string() }
}

/// Returns a query with the required parameters, and one optional parameter.
fn query(operation: &Operation, optional: Option<&str>) -> String {
    let key = match operation.credential() {
        Credential::ApiKey(Level::Account) => "<account_api_key>",
        Credential::ApiKey(_) => "<domain_api_key>",
        Credential::AccessToken(Level::Account) => "<account_access_token>",
        Credential::AccessToken(Level::Domain) => "<domain_access_token>",
        Credential::AccessToken(Level::User) => "<user_access_token>",
    };
    let mut query = vec![format!("key={key}")];
    for parameter in operation.parameters.iter().filter(|parameter| parameter.name != "key") {
        if parameter.required || optional == Some(parameter.name) {
            let value = match parameter.name {
                "user_id" => "russ".to_owned(),
                name if parameter.secret || ["device_id", "group_id"].contains(&name) => format!("<{name}>"),
                name => utf8_percent_encode(&example(operation, name), NON_ALPHANUMERIC).to_string(),
            };
            query.push(format!("{}={value}", parameter.name));
        }
    }
    query.join("&")
}

/// Returns the example of a parameter.
fn example(operation: &Operation, name: &str) -> String {
    let parameters = described(operation)["parameters"].as_array().into_iter().flatten();
    let mut resolved = parameters.map(|parameter| match parameter["$ref"].as_str() {
        Some(reference) => SPEC.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null),
        None => parameter,
    });
    match resolved.find(|parameter| parameter["name"] == name).map(|parameter| &parameter["example"]) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_request_with_its_body() {
        let requests: Vec<_> =
            requests().into_iter().map(|request| String::from_utf8(request).expect("text")).collect();
        for operation in OPERATIONS {
            let line = format!("{} /{}{}?key=<", operation.method, operation.version, operation.path);
            let of_it: Vec<_> = requests.iter().filter(|request| request.starts_with(&line)).collect();
            assert!(!of_it.is_empty(), "{operation}");
            let with_body = of_it.iter().any(|request| request[body_at(request.as_bytes())..].starts_with(['{', '-']));
            assert_eq!(with_body, operation.body != RequestBody::None, "{operation}");
        }
    }
}
