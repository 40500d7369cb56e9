//! The spec of the workspace, to be changed in a test and generated from.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::{fs, sync::LazyLock};

use serde_json::{Map, Value};
use xtask::{Output, SPEC};

/// Reads a file of the workspace.
pub(crate) fn read(path: &str) -> String {
    let path = kandy_checkout::expect_root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The committed spec.
pub(crate) fn spec() -> Value {
    static COMMITTED: LazyLock<Value> =
        LazyLock::new(|| serde_yaml_ng::from_str(&read(SPEC)).expect("the spec is YAML"));
    COMMITTED.clone()
}

/// Generates from a changed spec. JSON is YAML too.
pub(crate) fn generate(spec: &Value) -> Result<Vec<Output>, xtask::Error> {
    xtask::generate(&spec.to_string())
}

/// The text of the output with this file name.
pub(crate) fn text<'a>(outputs: &'a [Output], file: &str) -> &'a str {
    let output = outputs.iter().find(|output| output.path.ends_with(&format!("/{file}")));
    &output.unwrap_or_else(|| panic!("{file} is not generated")).text
}

/// The object at a JSON pointer, which has to be there.
pub(crate) fn object<'a>(spec: &'a mut Value, pointer: &str) -> &'a mut Map<String, Value> {
    let value = spec.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not in the spec"));
    value.as_object_mut().unwrap_or_else(|| panic!("{pointer} is not an object"))
}
