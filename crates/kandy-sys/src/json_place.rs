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

/// Returns how many bytes of the text were read when the error occurred.
pub(crate) fn bytes_read(error: &serde_json::Error, json: &[u8]) -> usize {
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

/// Returns the path of the innermost value that begins at or before this byte and does not end before it, such as `users[3].user_id`;
/// an empty one for the value as a whole. The text has to be valid JSON.
pub(crate) fn path_at(json: &str, read: usize) -> String {
    let mut path = String::new();
    let mut value = json;
    while let Some((step, child)) = child_at(value, read - offset_in(json, value)) {
        match step {
            Step::Member(name) if path.is_empty() => path = name,
            Step::Member(name) => path.extend([".", &name]),
            Step::Element(index) => path.push_str(&format!("[{index}]")),
        }
        value = child;
    }
    path
}

/// A step from a value to one that it contains.
enum Step {
    Member(String),
    Element(usize),
}

/// Returns the element or member of a value that begins at or before this byte and does not end before it.
fn child_at(json: &str, read: usize) -> Option<(Step, &str)> {
    let mut decoder = serde_json::Deserializer::from_str(json);
    let children = match json.trim_start().as_bytes().first() {
        Some(b'{') => decoder.deserialize_map(Children),
        Some(b'[') => decoder.deserialize_seq(Children),
        _ => return None,
    };
    children.ok()?.into_iter().find(|(_, child)| {
        let begin = offset_in(json, child);
        (begin..=begin + child.len()).contains(&read)
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
