use serde_json::Value;

/// Hides what is a credential, or is called like one.
pub(crate) fn masked(value: &mut Value) {
    kandy_sys::mask_json(value);
}
