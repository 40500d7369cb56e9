//! The status number of an envelope. The numbers that are known are constants, generated into `values`; `known_status`
//! finds their names.

use std::{num::ParseIntError, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::Number;

/// The outcome of a request: 0 is success, any other number is a failure.
///
/// The set is open, so numbers that the spec does not know decode too. The known numbers are constants.
///
/// ```
/// use kandy_sys::Status;
///
/// assert_eq!(Status::TOKEN_EXPIRED, Status(10));
/// assert_eq!(Status::TOKEN_EXPIRED.name(), Some("TOKEN_EXPIRED"));
/// assert_eq!(Status(4711).to_string(), "4711");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Status(pub i64);

/// A known status number.
#[derive(Debug)]
#[non_exhaustive]
pub struct KnownStatus {
    /// The number.
    pub status: Status,
    /// The name of its constant.
    pub name: &'static str,
    /// Its meaning.
    pub description: &'static str,
}

impl Status {
    /// Returns whether the request was carried out.
    ///
    /// ```
    /// use kandy_sys::Status;
    ///
    /// assert!(Status::OK.is_success() && !Status::TOKEN_EXPIRED.is_success());
    /// ```
    pub fn is_success(self) -> bool {
        self.0 == 0
    }
}

impl From<i64> for Status {
    fn from(number: i64) -> Self {
        Self(number)
    }
}

impl From<Status> for i64 {
    fn from(status: Status) -> Self {
        status.0
    }
}

impl FromStr for Status {
    type Err = ParseIntError;

    /// Parses the number.
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = Number::deserialize(deserializer)?;
        number.as_i64().map(Self).ok_or_else(|| de::Error::custom("not a whole number"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_in_strings() {
        assert_eq!(serde_json::from_str::<Status>(r#""10""#).expect("text"), Status::TOKEN_EXPIRED);
        assert!(serde_json::from_str::<Status>(r#""ok""#).is_err());
    }

    #[test]
    fn parses_the_number_and_nothing_else() {
        for (text, status) in [("0", Status(0)), ("10", Status::TOKEN_EXPIRED), ("-3", Status(-3))] {
            assert_eq!(text.parse(), Ok(status));
            assert_eq!(i64::from(status).to_string(), text);
        }
        for text in ["", "ok", "1.0", " 1", "9223372036854775808"] {
            assert!(text.parse::<Status>().is_err(), "{text}");
        }
    }
}
