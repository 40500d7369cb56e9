//! [`without_credentials`]: unknown fields as they are serialised.

use kandy_sys::{ExtraFields, holds_credential};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// Returns unknown fields without those that hold credentials by their names, at any depth.
pub(crate) fn without_credentials(extra: &ExtraFields) -> ExtraFields {
    ExtraFields(members(extra))
}

/// Serialises unknown fields, for `serialize_with`.
pub(crate) fn serialize_extra<S: Serializer>(extra: &ExtraFields, serializer: S) -> Result<S::Ok, S::Error> {
    without_credentials(extra).serialize(serializer)
}

fn members(object: &Map<String, Value>) -> Map<String, Value> {
    let kept = object.iter().filter(|(name, _)| !holds_credential(name));
    kept.map(|(name, value)| (name.clone(), nested(value))).collect()
}

fn nested(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(members(object)),
        Value::Array(values) => values.iter().map(nested).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_left_out_at_any_depth() {
        let extra: ExtraFields = serde_json::from_value(serde_json::json!({
            "user_api_secret": "canary",
            "refreshToken": ["canary"],
            "plan": {"name": "free", "domain_api_key": "canary", "list": [[{"password": "canary", "size": 1}]]},
            "license_key": "kept",
        }))
        .expect("an object");
        let expected = serde_json::json!({
            "plan": {"name": "free", "list": [[{"size": 1}]]},
            "license_key": "kept",
        });
        assert_eq!(Value::Object(without_credentials(&extra).0), expected);
    }
}
