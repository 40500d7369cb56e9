//! The place of an error in a JSON text: the byte at which decoding stopped, and the path of the value there.
//!
//! A decoder that records its path is a second copy of every generated decoder. The position that an error has anyway is
//! enough: the text is walked again, which costs time only where there is an error. Depends on nothing.

use std::fmt;

use serde::{
    Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// Returns how many bytes of the text were read when the error occurred. An error without a position is that of the text as a
/// whole, of which one byte was read at least.
pub(crate) fn bytes_read(error: &serde_json::Error, json: &[u8]) -> usize {
    if error.line() == 0 {
        return json.len().min(1);
    }
    let lines = json.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    (before + error.column()).min(json.len())
}

/// Returns line and column of a byte, as errors have them.
pub(crate) fn line_and_column(json: &[u8], read: usize) -> (usize, usize) {
    let before = &json[..read];
    let line_begin = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    (1 + memchr::memchr_iter(b'\n', before).count(), read - line_begin)
}

/// Returns the path of the value that could not be used, such as `users[3].user_id`; an empty one for the value as a whole. The text
/// has to be valid JSON, of which this many bytes were read, and the message that of the error.
///
/// A scalar was read to its end. Of a list or an object nothing was read if its kind alone is wrong; if it was opened before that
/// was found, what was read ends where its first element begins. So an element that begins there is meant only if the message
/// names its kind. Of a list whose first element is a list the element is named, whichever of them is wrong.
pub(crate) fn path_at(json: &str, read: usize, message: &str) -> String {
    let unread = match message {
        _ if message.starts_with("invalid type: sequence") => Some('['),
        _ if message.starts_with("invalid type: map") => Some('{'),
        _ => None,
    };
    let mut path = String::new();
    let mut value = json;
    while let Some((step, child)) = child_at(value, read - offset_in(json, value), unread) {
        match step {
            Step::Member(name) if path.is_empty() => path = name,
            Step::Member(name) => path.extend([".", &name]),
            Step::Element(index) => path.push_str(&format!("[{index}]")),
        }
        value = child;
    }
    // An object that is converted once it was read has no position of its own: reading ends after it, or with its list.
    if message.starts_with("missing field")
        && let Some(index) = last_element_before(value, read - offset_in(json, value))
    {
        path.push_str(&format!("[{index}]"));
    }
    path
}

/// A step from a value to one that it contains.
enum Step {
    Member(String),
    Element(usize),
}

/// Returns the index of the last element of a list that ends at or before this byte.
fn last_element_before(json: &str, read: usize) -> Option<usize> {
    let mut decoder = serde_json::Deserializer::from_str(json);
    let children = decoder.deserialize_seq(Children).ok()?;
    children.iter().filter(|(_, child)| offset_in(json, child) + child.len() <= read).count().checked_sub(1)
}

/// Returns the element or member of a value that was read up to this byte, or before which reading ended.
fn child_at(json: &str, read: usize, unread: Option<char>) -> Option<(Step, &str)> {
    let mut decoder = serde_json::Deserializer::from_str(json);
    let children = match json.trim_start().as_bytes().first() {
        Some(b'{') => decoder.deserialize_map(Children),
        Some(b'[') => decoder.deserialize_seq(Children),
        _ => return None,
    };
    children.ok()?.into_iter().find(|(_, child)| {
        let begin = offset_in(json, child);
        begin < read && read <= begin + child.len()
            || begin == read && unread.is_some_and(|kind| child.starts_with(kind))
    })
}

/// Returns where a part of a text begins in it.
fn offset_in(whole: &str, part: &str) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

/// Collects the texts of elements or members.
struct Children;

impl<'de> Visitor<'de> for Children {
    type Value = Vec<(Step, &'de str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut children = Vec::new();
        while let Some((name, value)) = members.next_entry::<String, &'de RawValue>()? {
            children.push((Step::Member(name), value.get()));
        }
        Ok(children)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut children = Vec::new();
        while let Some(value) = elements.next_element::<&'de RawValue>()? {
            children.push((Step::Element(children.len()), value.get()));
        }
        Ok(children)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::Text;

    #[derive(Debug, Deserialize)]
    struct Item {
        #[serde(rename = "any")]
        _any: Option<Text>,
        #[serde(rename = "text")]
        _text: Option<String>,
        #[serde(rename = "list")]
        _list: Option<Vec<String>>,
        #[serde(rename = "needed")]
        _needed: u8,
        #[serde(rename = "checked")]
        _checked: Option<Vec<Checked>>,
    }

    /// Checks a member once the whole object is read, as the values of `kandy` do.
    #[derive(Debug)]
    struct Checked;

    impl<'de> Deserialize<'de> for Checked {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let members = std::collections::BTreeMap::<String, u8>::deserialize(deserializer)?;
            if members.contains_key("a") { Ok(Self) } else { Err(serde::de::Error::missing_field("a")) }
        }
    }

    #[test]
    fn the_place_is_that_of_the_value_with_the_error() {
        for (json, path) in [
            (r#"[{"needed":1,"text":7}]"#, "[0].text"),
            (r#"[{"needed":1,"text":true , "any":1}]"#, "[0].text"),
            (r#"[{"needed":1,"text":[["a"]]}]"#, "[0].text"),
            (r#"[{"needed":1,"text":{"a":1}}]"#, "[0].text"),
            (r#"[{"needed":1},{"any":["a"]}]"#, "[1].any"),
            (r#"[{"needed":1},{"any":[{"a":1}]}]"#, "[1].any"),
            (r#"[{"needed":1},{"any":{"a":1}}]"#, "[1].any"),
            (r#"[{"list":["a",["b"]]}]"#, "[0].list[1]"),
            (r#"[{"list":[{"b":1}]}]"#, "[0].list[0]"),
            (r#"[{"list":["a", 7]}]"#, "[0].list[1]"),
            ("[{\n\"list\" : [\n\"a\",\n 7 ] }]", "[0].list[1]"),
            (r#"[{"needed":1},{}]"#, "[1]"),
            (r#"[{"needed":1},{"text":"a" }]"#, "[1]"),
            (r#"[{"needed":1,"checked":[{"a":1},{}]}]"#, "[0].checked[1]"),
            (r#"[{"needed":1,"checked":[{"a":1}, {} , {"a":1}]}]"#, "[0].checked[1]"),
            (r#"[{"needed":300}]"#, "[0].needed"),
            (r#"{"needed":1}"#, ""),
            ("7", ""),
        ] {
            let error = serde_json::from_str::<Vec<Item>>(json).expect_err(json);
            let read = bytes_read(&error, json.as_bytes());
            assert_eq!(path_at(json, read, &error.to_string()), path, "{json}: {error}");
        }
    }
}
