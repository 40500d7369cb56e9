//! Masks the credentials in JSON by the names of its members.

use serde_json::Value;

use super::{MASK, names::holds_credential};

/// Replaces every credential in a JSON value by `***`, so that the value can be shown.
///
/// A credential is each string and each number in a member whose name [`holds_credential`], at any depth of lists and
/// objects. `null`, `true` and `false` stay, so a missing credential is still visible as missing.
///
/// ```
/// use serde_json::json;
///
/// let mut response = json!({"result": {"domain_api_key": "DAK0f1e2d3c4b5a", "domain_name": "example.com"}});
/// kandy_sys::mask_json(&mut response);
/// assert_eq!(response, json!({"result": {"domain_api_key": "***", "domain_name": "example.com"}}));
/// ```
pub fn mask_json(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask_json),
        Value::Object(members) => {
            for (name, value) in members {
                if holds_credential(name) {
                    mask_all(value);
                } else {
                    mask_json(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Replaces every string and number in the value of a member that holds a credential.
fn mask_all(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(_) | Value::String(_) => *value = MASK.into(),
        Value::Array(items) => items.iter_mut().for_each(mask_all),
        Value::Object(members) => members.values_mut().for_each(mask_all),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn masked(mut value: Value) -> Value {
        mask_json(&mut value);
        value
    }

    #[test]
    fn hides_at_any_depth_and_in_any_form() {
        let value = json!({
            "user_password": 12345678,
            "users": [{"user_api_key": "UAK1", "user_id": "russ", "age": 41}],
            "access_tokens": ["a", 1, null, true, {"of": "anna", "more": [2]}],
            "user_access_token": null,
            "credential": "",
        });
        let expected = json!({
            "user_password": "***",
            "users": [{"user_api_key": "***", "user_id": "russ", "age": 41}],
            "access_tokens": ["***", "***", null, true, {"of": "***", "more": ["***"]}],
            "user_access_token": null,
            "credential": "***",
        });
        assert_eq!(masked(value), expected);
        for harmless in [json!(null), json!("secret"), json!(1), json!(["token"]), json!({"a": {"b": "password"}})] {
            assert_eq!(masked(harmless.clone()), harmless);
        }
    }
}
