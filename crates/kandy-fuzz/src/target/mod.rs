//! The targets: functions that accept any bytes, and panic if a property does not hold.

mod channel_frame;
mod decode_error;
mod emulator_request;
mod envelope;
mod error_body;
mod list;
mod pending_messages;

pub use channel_frame::channel_frame;
pub use decode_error::decode_error;
pub use emulator_request::emulator_request;
pub use envelope::envelope;
pub(crate) use error_body::CALLS as ERROR_BODY_CALLS;
pub use error_body::error_body;
pub use list::list;
pub use pending_messages::pending_messages;

use serde_json::Value;

/// Whether two values are equal. The last digit of a fraction may differ, because decoding may round it.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
        }
        (Value::Number(number), Value::Number(expected)) if number.is_f64() && expected.is_f64() => {
            let (one, other) = (number.as_f64().unwrap_or_default(), expected.as_f64().unwrap_or_default());
            one == other || ((one - other) / other).abs() < 1e-14
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_last_digit_may_differ() {
        assert!(same(&json!({"a": [0.1, "b"]}), &json!({"a": [0.1 + 1e-17, "b"]})));
        for other in [json!({"a": [0.1001, "b"]}), json!({"a": [0.1]}), json!({"a": [0.1, "c"]}), json!({}), json!(1)] {
            assert!(!same(&json!({"a": [0.1, "b"]}), &other), "{other}");
        }
    }
}
