//! The path of a value in a seed, and its line in the text.
//!
//! Lines are found by reading the text again, and only for an error: to record the line of each user would make valid
//! seeds slower.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The path of a value, from the root.
#[derive(Clone, Default)]
pub(super) struct JsonPath(Vec<Step>);

#[derive(Clone, Copy)]
enum Step {
    Member(&'static str),
    Element(usize),
}

impl JsonPath {
    /// The path of a member of this value.
    pub(super) fn member(&self, name: &'static str) -> Self {
        self.and(Step::Member(name))
    }

    /// The path of an element of a list that is a member of this value.
    pub(super) fn element(&self, name: &'static str, index: usize) -> Self {
        self.member(name).and(Step::Element(index))
    }

    fn and(&self, step: Step) -> Self {
        Self(self.0.iter().copied().chain([step]).collect())
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if at == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Element(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Finds the line of a path in a JSON text, counted from 1.
pub(super) fn line(text: &str, path: &JsonPath) -> Option<usize> {
    // Deserializing fails on purpose at the path, because errors have line numbers.
    let error = Walk(&path.0).deserialize(&mut serde_json::Deserializer::from_str(text)).err()?;
    Some(error.line())
}

/// Deserializes along the rest of a path, and fails at its end.
struct Walk<'a>(&'a [Step]);

impl Walk<'_> {
    fn fail_here<E: Error>(self) -> Result<(), E> {
        if self.0.is_empty() { Err(E::custom("here")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        // The name of the first member is read before it fails: its line is the one to report.
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            match self.0 {
                [] => return self.fail_here(),
                [Step::Member(step), rest @ ..] if *step == name => map.next_value_seed(Walk(rest))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        self.fail_here()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for index in 0_usize.. {
            let more = match self.0 {
                [Step::Element(step), rest @ ..] if *step == index => list.next_element_seed(Walk(rest))?.is_some(),
                _ => list.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                break;
            }
        }
        self.fail_here()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.fail_here()
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.fail_here()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.fail_here()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.fail_here()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.fail_here()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.fail_here()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_line_of_path() {
        let text = "{\"a\": [\n{}, {\"b\": 1,\n\"c\": \"ä\\n\"},\n{\"b\":\n-1.5}\n]}";
        let a = |index| JsonPath::default().element("a", index);
        for (path, name, found) in [
            (JsonPath::default(), "", Some(1)),
            (a(0), "a[0]", Some(2)),
            (a(1), "a[1]", Some(2)),
            (a(1).member("c"), "a[1].c", Some(3)),
            (a(2).member("b"), "a[2].b", Some(5)),
            (a(3), "a[3]", None),
            (a(0).member("b"), "a[0].b", None),
        ] {
            assert_eq!((path.to_string().as_str(), line(text, &path)), (name, found));
        }
    }
}
