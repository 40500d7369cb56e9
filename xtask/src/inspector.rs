//! The copies of the spec that the emulator serves. They are below its sources, because its package stands alone.
//!
//! Begin with [`copies`].

use serde_json::to_string;
use serde_yaml_ng::Value;

use crate::{Error, Output, Source};

/// The folder of the copies, below the root of the workspace. It contains nothing else.
pub const FOLDER: &str = "crates/kandy-emulator/src/inspector/spec";

/// How many levels of objects have a line for each member: the document, its parts, and the parts of these. Each operation
/// and each schema is one line, so that a diff shows which of them changed.
const LEVELS: usize = 3;

/// Returns the spec as it is published, and the same as JSON.
///
/// # Errors
///
/// When the spec is not YAML, or has a key that is not a text.
pub fn copies(spec: &Source) -> Result<[Output; 2], Error> {
    let yaml: Value = serde_yaml_ng::from_str(spec.text()).map_err(|error| Error::new("spec", error.to_string()))?;
    let mut json = String::new();
    write(&yaml, LEVELS, &mut json)?;
    json.push('\n');
    let output = |name: &str, text| Output { path: format!("{FOLDER}/{name}"), text };
    Ok([output("openapi.yaml", spec.text().to_owned()), output("openapi.json", json)])
}

/// Writes a value as JSON. The order of members is kept: the page shows operations and members in that of the spec.
fn write(value: &Value, levels: usize, json: &mut String) -> Result<(), Error> {
    let not_written = |error: serde_json::Error| Error::new("spec", error.to_string());
    let Some(members) = value.as_mapping().filter(|members| levels > 0 && !members.is_empty()) else {
        json.push_str(&to_string(value).map_err(not_written)?);
        return Ok(());
    };
    for (at, (key, value)) in members.iter().enumerate() {
        let Some(key) = key.as_str() else {
            return Err(Error::new("spec", format!("the key {key:?} is not a text")));
        };
        json.push_str(if at == 0 { "{\n" } else { ",\n" });
        json.push_str(&to_string(key).map_err(not_written)?);
        json.push(':');
        write(value, levels - 1, json)?;
    }
    json.push_str("\n}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_the_order_and_has_a_line_for_each_operation() {
        let yaml = "openapi: 3.0.3\npaths:\n  /b:\n    put: {tags: [\"X\"], a: 1}\n    get: {}\n  /a:\n    get: {'200': yes, '\"': ~}\n";
        let spec = Source::published(yaml).expect("a spec");
        let [published, json] = copies(&spec).expect("it is YAML");
        assert!(published.path.ends_with("/openapi.yaml") && json.path.ends_with("/openapi.json"));
        assert_eq!(published.text, spec.text());
        let expected = [
            "{",
            r#""openapi":"3.0.3","#,
            r#""paths":{"#,
            r#""/b":{"#,
            r#""put":{"tags":["X"],"a":1},"#,
            r#""get":{}"#,
            "},",
            r#""/a":{"#,
            r#""get":{"200":"yes","\"":null}"#,
            "}",
            "}",
            "}",
        ];
        assert_eq!(json.text.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn keys_that_are_no_texts_are_refused() {
        let spec = Source::published("openapi: 3.0.3\npaths:\n  1: {}\n").expect("a spec");
        let error = copies(&spec).err().expect("a number is no key").to_string();
        assert!(error.contains("is not a text"), "{error}");
    }
}
