//! The generator rejects every form of the spec that it does not support, and the error names the place and the reason.
//!
//! ```text
//! operations  the document, paths, security, parameters
//! content     bodies and responses
//! schemas     schemas, open sets, and the rule for passwords
//! ```

mod content;
mod operations;
mod schemas;

use crate::support::{generate, object, spec};
use serde_json::Value;

/// The name of a change, the change, and parts of the expected error.
type Case = (&'static str, fn(&mut Value), &'static [&'static str]);

const SMS: &str = "/paths/~1devices~1smss/post";

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
fn assert_rejected(cases: &[Case]) {
    assert!(!cases.is_empty());
    let failures: Vec<String> = cases.iter().filter_map(failure).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn failure((name, change, expected): &Case) -> Option<String> {
    let mut changed = spec();
    change(&mut changed);
    assert!(changed != spec(), "{name}: nothing is changed");
    match generate(&changed) {
        Ok(_) => Some(format!("{name}: it is accepted")),
        Err(error) => {
            let error = error.to_string();
            let missing = expected.iter().find(|part| !error.contains(**part))?;
            Some(format!("{name}: no {missing:?} in {error:?}"))
        }
    }
}
