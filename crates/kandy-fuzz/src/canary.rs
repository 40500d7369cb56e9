//! Canaries: values in inputs that no error may print.

use serde_json::Value;

/// Replaces a string.
pub(crate) const TEXT: &str = "c4n4ryInAnAnswer";
/// Replaces a number; `Text` decodes from numbers too.
pub(crate) const NUMBER: u64 = 908_172_635_445_362_718;

/// Replaces every string and number by a canary, except the status and the messages at the top: errors may print messages,
/// and the status determines what is decoded.
pub(crate) fn fill(response: &mut Value) {
    match response {
        Value::Object(members) => {
            let kept = ["status", "message", "status_description"];
            members.iter_mut().filter(|(name, _)| !kept.contains(&name.as_str())).for_each(|(_, value)| replace(value));
        }
        other => replace(other),
    }
}

fn replace(value: &mut Value) {
    match value {
        Value::String(text) => TEXT.clone_into(text),
        Value::Number(number) => *number = NUMBER.into(),
        Value::Array(items) => items.iter_mut().for_each(replace),
        Value::Object(members) => members.values_mut().for_each(replace),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Panics if a text contains a canary.
pub(crate) fn must_not_be_in(printed: &str, input: &[u8]) {
    let leaks = printed.contains(TEXT) || printed.contains(&NUMBER.to_string());
    assert!(!leaks, "{printed:?} repeats a value of the response b\"{}\"", input.escape_ascii());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn canaries_replace_all_but_status_and_messages() {
        let mut response = json!({"status": 0, "message": "m", "result": {"a": ["b", 1, null]}, "x": "y"});
        fill(&mut response);
        let expected = json!({"status": 0, "message": "m", "result": {"a": [TEXT, NUMBER, null]}, "x": TEXT});
        assert_eq!(response, expected);
        must_not_be_in("at `result.users[1]`: expected a string", b"");
        let printed = format!("invalid type: {response}");
        assert!(std::panic::catch_unwind(|| must_not_be_in(&printed, b"")).is_err());
    }
}
