//! `mask_json` masks every credential of the examples, and nothing else.

use crate::support::{operations, spec};
use kandy_sys::{OPERATIONS, SECRET_FIELDS, holds_credential, mask_json};
use serde_json::Value;

/// All texts of a value, each with the name of the member that it is in, as it is masked.
fn pairs<'a>(name: &'a str, value: &'a Value, masked: &'a Value, found: &mut Vec<(&'a str, &'a Value, &'a Value)>) {
    match (value, masked) {
        (Value::Array(values), Value::Array(masked)) => {
            values.iter().zip(masked).for_each(|(value, masked)| pairs(name, value, masked, found));
        }
        (Value::Object(values), Value::Object(masked)) => {
            values.iter().zip(masked.values()).for_each(|((name, value), masked)| pairs(name, value, masked, found));
        }
        _ => found.push((name, value, masked)),
    }
}

fn check(value: &Value) -> usize {
    let mut masked = value.clone();
    mask_json(&mut masked);
    let mut found = Vec::new();
    pairs("", value, &masked, &mut found);
    let mut hidden = 0;
    for (name, value, masked) in found {
        if holds_credential(name) && (value.is_string() || value.is_number()) {
            assert_eq!(masked, "***", "{name}");
            hidden += 1;
        } else {
            assert_eq!(masked, value, "{name}");
        }
        // The credentials of the examples are of the form that the live service gives them.
        let text = masked.as_str().unwrap_or_default();
        let begin = text.get(..3).unwrap_or_default();
        let is_credential = matches!(begin.as_bytes(), [b'A' | b'D' | b'U', b'A', b'K' | b'S' | b'T']);
        assert!(!(is_credential && text.len() > 20), "{name} shows a credential");
    }
    hidden
}

#[test]
fn response_examples_are_masked_exactly() {
    let examples = OPERATIONS.iter().map(|operation| serde_json::from_str(operation.example).expect(operation.id));
    let hidden: usize = examples.map(|example: Value| check(&example)).sum();
    assert!(hidden > 10, "only {hidden} were hidden");
}

#[test]
fn request_examples_are_masked_exactly() {
    let spec = spec();
    let bodies = operations(&spec).into_iter();
    let bodies = bodies.map(|operation| &operation.value["requestBody"]["content"]["application/json"]["example"]);
    assert!(bodies.map(check).sum::<usize>() > 0);
}

#[test]
fn secret_parameters_hold_credentials() {
    for operation in OPERATIONS {
        for parameter in operation.parameters {
            assert_eq!(holds_credential(parameter.name), parameter.secret, "{operation}: {}", parameter.name);
        }
    }
    assert!(SECRET_FIELDS.iter().all(|name| holds_credential(name)));
}
