//! Scalars that the service writes in more than one JSON form. They depend on no other module.

use std::{borrow::Borrow, convert::Infallible, fmt, str::FromStr};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

/// A text that the service may write as a JSON number, because it often consists of digits.
///
/// ```
/// use kandy_sys::Text;
///
/// let as_text: Text = serde_json::from_str(r#""13524096582""#)?;
/// let as_number: Text = serde_json::from_str("13524096582")?;
/// assert_eq!(as_text, as_number);
/// assert_eq!(as_text.as_str(), "13524096582");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text(String);

impl Text {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Text {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, text: &str) -> bool {
        self.0 == text
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, text: &&str) -> bool {
        self.0 == *text
    }
}

impl FromStr for Text {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a number or a boolean")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<String, E> {
        Ok(flag.to_string())
    }
}

/// A whole number that the service writes as a number or in a string.
///
/// It keeps the received form, so that a string that is not a number is not lost.
///
/// ```
/// use kandy_sys::Number;
///
/// let users: Number = serde_json::from_str(r#""41""#)?;
/// assert_eq!(users.as_i64(), Some(41));
/// assert_eq!(users.to_string(), "41");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Form);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Form {
    Integer(i64),
    Text(String),
}

impl Number {
    /// Returns the number, or `None` if the received string is not a number.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Form::Integer(number) => Some(*number),
            Form::Text(text) => text.trim().parse().ok(),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Integer(number) => number.fmt(f),
            Form::Text(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(Form::Integer(number))
    }
}

impl From<&str> for Number {
    fn from(text: &str) -> Self {
        Self(Form::Text(text.to_owned()))
    }
}

impl From<String> for Number {
    fn from(text: String) -> Self {
        Self(Form::Text(text))
    }
}

impl FromStr for Number {
    type Err = Infallible;

    /// Keeps the text, whether or not it is a number.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Integer(number) => serializer.serialize_i64(*number),
            Form::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a string")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Number, E> {
        Ok(number.into())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Number, E> {
        Ok(i64::try_from(number).map_or_else(|_| number.to_string().into(), Number::from))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Number, E> {
        // `41.0` prints as `41`, which parses as a whole number.
        let text = number.to_string();
        Ok(text.parse::<i64>().map_or_else(|_| text.into(), Number::from))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        Ok(text.into())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Number, E> {
        Ok(text.into())
    }
}

/// A time that the service writes as a number or in a string, in milliseconds or, in a few responses, in seconds.
///
/// Times are equal if they were received in the same form. They have no order: compare [`as_millis`](Self::as_millis).
///
/// ```
/// use kandy_sys::Timestamp;
///
/// let milliseconds: Timestamp = serde_json::from_str("1400510413000")?;
/// let seconds: Timestamp = serde_json::from_str(r#""1400510413""#)?;
/// assert_eq!(milliseconds.as_millis(), Some(1_400_510_413_000));
/// assert_eq!(seconds.as_millis(), Some(1_400_510_413_000));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(Number);

/// The first number that means milliseconds (April 1970). Smaller numbers mean seconds (until November 2286).
const FIRST_MILLISECONDS: i64 = 10_000_000_000;

impl Timestamp {
    /// Returns milliseconds since 1970-01-01 UTC, or `None` if the received string is not a number.
    ///
    /// A number of up to ten digits means seconds, a longer one milliseconds.
    pub fn as_millis(&self) -> Option<i64> {
        self.0.as_i64().map(|number| match number {
            0..FIRST_MILLISECONDS => number * 1000,
            _ => number,
        })
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Timestamp {
    type Err = Infallible;

    /// Keeps the text, whether or not it is a number.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl<N: Into<Number>> From<N> for Timestamp {
    fn from(number: N) -> Self {
        Self(number.into())
    }
}

#[cfg(feature = "schemars")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{Number, Text, Timestamp};

    impl JsonSchema for Text {
        fn schema_name() -> Cow<'static, str> {
            "Text".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({"type": ["string", "number", "boolean"]})
        }
    }

    impl JsonSchema for Number {
        fn schema_name() -> Cow<'static, str> {
            "Number".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({"type": ["integer", "string"]})
        }
    }

    impl JsonSchema for Timestamp {
        fn schema_name() -> Cow<'static, str> {
            "Timestamp".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({"type": ["integer", "string"]})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_form() {
        for json in ["41", r#""41""#, r#""many""#, r#""18446744073709551615""#] {
            let number: Number = serde_json::from_str(json).expect(json);
            assert_eq!(serde_json::to_string(&number).expect(json), json);
        }
    }

    #[test]
    fn a_string_without_a_number_is_none() {
        assert_eq!(Number::from("many").as_i64(), None);
        assert_eq!(Number::from(" 41 ").as_i64(), Some(41));
        let huge: Number = serde_json::from_str("18446744073709551615").expect("huge");
        assert_eq!((huge.as_i64(), huge.to_string().as_str()), (None, "18446744073709551615"));
        let float: Number = serde_json::from_str("41.0").expect("float");
        assert_eq!(float.as_i64(), Some(41));
    }

    #[test]
    fn a_timestamp_before_1970_is_unchanged() {
        assert_eq!(Timestamp::from(-5).as_millis(), Some(-5));
        assert_eq!(Timestamp::from("soon").as_millis(), None);
    }
}
