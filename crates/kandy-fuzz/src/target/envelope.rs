//! The target `envelope`.

use kandy_sys::{
    Envelope, NoResult,
    schema::{RESPONSES, Schema},
    types::UserList,
};
use serde_json::{Map, Value, json};

use super::same;

/// A response, decoded as that of the operation that the first byte selects.
///
/// * Decoding, encoding and decoding again gives the same value.
/// * The order of the members does not matter.
/// * A fault is a fault with any `result`.
/// * Decoding in one pass gives the same value.
pub fn envelope(input: &[u8]) -> bool {
    let Some((first, text)) = input.split_first() else { return false };
    let Ok(text) = str::from_utf8(text) else { return false };
    let response = &RESPONSES[usize::from(*first) % RESPONSES.len()];
    let read = response.round_trip(text);
    if let Ok(written) = &read {
        let again = response.round_trip(&written.to_string());
        let again = again.unwrap_or_else(|error| panic!("{}: {written} cannot be read again: {error}", response.name));
        assert!(same(&again, written), "{}: {written} becomes {again}", response.name);
        assert!(written["status"].is_i64() && written["message"].is_string(), "{}: {written}", response.name);
    }
    if let Ok(Envelope::ApiFault(fault)) = serde_json::from_str::<Envelope<NoResult>>(text) {
        let status = read.as_ref().ok().map(|written| &written["status"]);
        assert_eq!(status, Some(&json!(fault.status)), "{}: {text}", response.name);
    }
    let (one_pass, two) = (Envelope::<UserList>::read(text.as_bytes()), serde_json::from_str(text));
    assert_eq!(one_pass.ok(), two.ok(), "{text}");
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        assert_fault_with_any_result(response, &value);
        if let Value::Object(members) = &value {
            assert_any_order(response, members);
        }
    }
    read.is_ok()
}

fn assert_fault_with_any_result(response: &Schema, result: &Value) {
    let fault = json!({"status": 53, "message": "m"});
    for text in [
        format!(r#"{{"status":53,"message":"m","result":{result}}}"#),
        format!(r#"{{"result":{result},"message":"m","status":"53"}}"#),
    ] {
        match response.round_trip(&text) {
            Ok(read) => assert_eq!(read, fault, "{}: {text}", response.name),
            // An envelope adds one level of nesting, which may exceed the recursion limit.
            Err(error) if error.to_string().starts_with("recursion limit exceeded") => {}
            Err(error) => panic!("{}: a fault is unreadable for its result: {error}: {text}", response.name),
        }
    }
}

fn assert_any_order(response: &Schema, members: &Map<String, Value>) {
    let in_order = |mut names: Vec<&String>, last: &str| {
        names.sort_by_key(|name| *name == last);
        let members: Vec<_> = names.iter().map(|name| format!("{}:{}", json!(name), members[*name])).collect();
        format!("{{{}}}", members.join(","))
    };
    let (result_last, status_last) =
        (in_order(members.keys().collect(), "result"), in_order(members.keys().collect(), "status"));
    match (response.round_trip(&result_last), response.round_trip(&status_last)) {
        (Ok(one), Ok(other)) => assert!(same(&one, &other), "{}: {result_last} is not {status_last}", response.name),
        (Err(_), Err(_)) => {}
        (one, _) => panic!("{}: {result_last} and {status_last} are not read alike; {one:?}", response.name),
    }
}
