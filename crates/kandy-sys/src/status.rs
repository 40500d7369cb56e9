use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{KNOWN_STATUSES, Number};

/// What became of a request: 0 is success, anything else a failure.
///
/// The set is open: a number that nobody has seen yet is a status too. Those that are known are
/// constants.
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

/// A status number that is known.
#[derive(Debug)]
#[non_exhaustive]
pub struct KnownStatus {
    /// The number.
    pub status: Status,
    /// The name of its constant.
    pub name: &'static str,
    /// What it means.
    pub description: &'static str,
}

impl Status {
    /// Whether it says that the request was carried out.
    pub fn is_success(self) -> bool {
        self == Self::OK
    }

    /// The name of its constant, if the number is known.
    pub fn name(self) -> Option<&'static str> {
        self.known().map(|known| known.name)
    }

    /// What it means, if the number is known.
    pub fn description(self) -> Option<&'static str> {
        self.known().map(|known| known.description)
    }

    fn known(self) -> Option<&'static KnownStatus> {
        KNOWN_STATUSES.iter().find(|known| known.status == self)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{} ({name})", self.0),
            None => write!(f, "{}", self.0),
        }
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
}
