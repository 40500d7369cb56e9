//! The members of a JSON object, with their spelling.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::bulk::column::shown;

/// The members of a JSON object in their order, including duplicates, with values as they are written.
///
/// A map would keep only the last duplicate, and numbers would be rounded.
#[derive(Debug)]
pub(crate) struct JsonFields<'a>(pub(in crate::bulk) Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for JsonFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = JsonFields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonFields<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(JsonFields(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// Converts a member to text: a string, or an integer as written. Returns `None` for null.
pub(super) fn text(value: &RawValue) -> Result<Option<String>, String> {
    let raw = value.get();
    let what = match raw.as_bytes() {
        b"null" => return Ok(None),
        [b'"', ..] => {
            return match serde_json::from_str(raw) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err("is a string with half a surrogate pair".into()),
            };
        }
        b"-0" => "the number -0".into(),
        [b'-' | b'0'..=b'9', ..] if raw.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit()) => {
            return Ok(Some(raw.to_owned()));
        }
        [b'-' | b'0'..=b'9', ..] => format!("the number {}", shown(raw).trim_matches('"')),
        [b'[', ..] => "an array".into(),
        [b'{', ..] => "an object".into(),
        _ => raw.to_owned(),
    };
    Err(format!("is {what}; write the value as a string in quotes, or as an integer"))
}
