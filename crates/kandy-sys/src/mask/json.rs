//! Hides the credentials in JSON, by the names of its members.

use serde_json::Value;

use super::MASK;
use crate::{SECRET_FIELDS, credentials::OTHER_MEMBERS};

/// What the names of credentials contain that the spec does not know.
const SIGNS: [&str; 6] = ["secret", "password", "token", "api_key", "apikey", "credential"];

/// Whether a member or a parameter of this name holds a credential.
///
/// What the spec knows is as it says there: see [`SECRET_FIELDS`]. A name that it does not know is one if it contains
/// `secret`, `password`, `token`, `api_key`, `apikey` or `credential`, in letters of any case.
///
/// ```
/// use kandy_sys::holds_credential;
///
/// assert!(holds_credential("user_api_secret") && holds_credential("validation_code"));
/// assert!(holds_credential("refreshToken"), "nobody has seen it, but it says what it is");
/// assert!(!holds_credential("user_id"));
/// ```
pub fn holds_credential(name: &str) -> bool {
    if SECRET_FIELDS.binary_search(&name).is_ok() {
        return true;
    }
    if OTHER_MEMBERS.binary_search(&name).is_ok() {
        return false;
    }
    let name = name.to_ascii_lowercase();
    SIGNS.iter().any(|sign| name.contains(sign))
}

/// Writes `***` in the place of every credential in a JSON value, so that it can be shown.
///
/// A credential is each text and each number in a member whose name [`holds_credential`], at any depth: in a list too,
/// and in an object. Whether there is one at all can still be seen, as `null` stays, and so do `true` and `false`.
///
/// ```
/// use serde_json::json;
///
/// let mut answer = json!({"result": {"domain_api_key": "DAK0f1e2d3c4b5a", "domain_name": "example.com"}});
/// kandy_sys::mask_json(&mut answer);
/// assert_eq!(answer, json!({"result": {"domain_api_key": "***", "domain_name": "example.com"}}));
/// ```
pub fn mask_json(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask_json),
        Value::Object(members) => {
            for (name, value) in members {
                if holds_credential(name) {
                    hide(value);
                } else {
                    mask_json(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Hides all that could be a credential in what a member of such a name holds.
fn hide(value: &mut Value) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(_) | Value::String(_) => *value = MASK.into(),
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(members) => members.values_mut().for_each(hide),
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

    #[test]
    fn names_that_the_spec_does_not_know_are_judged_by_what_they_contain() {
        for name in
            ["clientSecret", "PASSWORD", "token", "x-api_key", "apiKey", "turnCredentials", "old_user_password2"]
        {
            assert!(holds_credential(name), "{name}");
        }
        for name in ["", "id", "keyword", "pass", "Secre", "api-name"] {
            assert!(!holds_credential(name), "{name}");
        }
    }

    #[test]
    fn no_name_is_in_both_lists_and_both_are_in_order() {
        assert!(SECRET_FIELDS.is_sorted() && OTHER_MEMBERS.is_sorted());
        assert!(SECRET_FIELDS.iter().all(|name| OTHER_MEMBERS.binary_search(name).is_err()));
        // Otherwise the list of the others would be of no use.
        assert!(OTHER_MEMBERS.iter().any(|name| SIGNS.iter().any(|sign| name.to_ascii_lowercase().contains(sign))));
    }
}
