//! Values that must not be printed.

use serde_json::Value;

/// Stands where a text stands.
pub(crate) const TEXT: &str = "c4n4ryInAnAnswer";
/// Stands where a number stands; `Text` takes numbers, too.
pub(crate) const NUMBER: u64 = 908_172_635_445_362_718;

/// Puts a canary into the place of every text and every number, but for what is beside `result` at the top: the
/// message is for people, and the status decides what is looked at.
pub(crate) fn fill(answer: &mut Value) {
    match answer {
        Value::Object(members) => {
            let spared = ["status", "message", "status_description"];
            members
                .iter_mut()
                .filter(|(name, _)| !spared.contains(&name.as_str()))
                .for_each(|(_, value)| replace(value));
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

/// Panics if a canary sings.
pub(crate) fn must_not_be_in(printed: &str, input: &[u8]) {
    let sings = printed.contains(TEXT) || printed.contains(&NUMBER.to_string());
    assert!(!sings, "{printed:?} repeats what is in the answer b\"{}\"", input.escape_ascii());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn canaries_are_everywhere_but_beside_the_result() {
        let mut answer = json!({"status": 0, "message": "m", "result": {"a": ["b", 1, null]}, "x": "y"});
        fill(&mut answer);
        let expected = json!({"status": 0, "message": "m", "result": {"a": [TEXT, NUMBER, null]}, "x": TEXT});
        assert_eq!(answer, expected);
        must_not_be_in("at `result.users[1]`: expected a string", b"");
        let printed = format!("invalid type: {answer}");
        assert!(std::panic::catch_unwind(|| must_not_be_in(&printed, b"")).is_err());
    }
}
