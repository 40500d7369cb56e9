//! Phone numbers: one parser for the SDK, the command line and the emulator. It depends on `scalar` only.
//!
//! ```text
//! scan       finds the digits in a text
//! plan       the numbering plan of a country, and the checks against E.164
//! countries  the table of all countries: the only one of the workspace
//! national   a number without its country code
//! error      why a text is not a phone number
//! ```
//!
//! Begin with [`PhoneNumber`].

mod countries;
mod error;
mod national;
mod plan;
mod scan;
#[cfg(test)]
mod tests;

use std::{borrow::Borrow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use error::PhoneNumberError;
pub use national::NationalNumber;
pub use plan::NumberingPlan;
use scan::{Scanned, scan};

use crate::Text;

/// A phone number in the international form of ITU-T E.164: `+`, country code and number, 7 to 15 digits in all.
///
/// How a text is parsed. Nothing is guessed:
///
/// - Spaces (also no-break spaces), hyphens and dashes, dots, round and square brackets, and invisible characters are
///   removed. Letters, a slash and everything else are rejected; so are two numbers in one text, an extension, and the
///   forms in which spreadsheets write numbers (`1.2246E+10`, `=+1224…`, a leading apostrophe, `12245556666.0`).
/// - With `+`, the digits have to begin with a country code, and not with the `0` after it that is dialled inside the
///   country only.
/// - Without `+`, they also need a length that numbers with this country code have. Most national numbers that look like
///   international ones do not have one.
/// - National numbers need a default country: see [`parse_with_default`](Self::parse_with_default).
///
/// ```
/// use kandy_sys::PhoneNumber;
///
/// for text in ["+1 (224) 555-6666", "12245556666", "+1.224.555.6666"] {
///     assert_eq!(text.parse::<PhoneNumber>()?.as_str(), "+12245556666");
/// }
/// assert!("2245556666".parse::<PhoneNumber>().is_err(), "a national number");
/// assert!("1-800-FLOWERS".parse::<PhoneNumber>().is_err());
/// # Ok::<(), kandy_sys::PhoneNumberError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PhoneNumber(Box<str>);

impl PhoneNumber {
    /// Parses an international number, or a national number of this country.
    ///
    /// With `+`, and with `00` where that is the international prefix of the country, it is an international number of
    /// any country. Otherwise it has to be a national number as it is written in the country, with all its digits and the
    /// trunk prefix: the `0` of `0151…` in Germany is required, because the digits without it may be another number.
    ///
    /// ```
    /// use kandy_sys::{NumberingPlan, PhoneNumber};
    ///
    /// let us = NumberingPlan::of_country("US").expect("a country");
    /// assert_eq!(PhoneNumber::parse_with_default("(224) 555-6666", us)?.as_str(), "+12245556666");
    /// assert_eq!(PhoneNumber::parse_with_default("+49 30 1234567", us)?.as_str(), "+49301234567");
    /// let de = NumberingPlan::of_country("DE").expect("a country");
    /// assert_eq!(PhoneNumber::parse_with_default("0151 23456789", de)?.as_str(), "+4915123456789");
    /// assert!(PhoneNumber::parse_with_default("151 23456789", de).is_err());
    /// # Ok::<(), kandy_sys::PhoneNumberError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the text is not exactly one number, is neither an international nor a national number, or when there is no
    /// safe rule for national numbers of the country.
    pub fn parse_with_default(text: &str, plan: NumberingPlan) -> Result<Self, PhoneNumberError> {
        let scanned = scan(text)?;
        if let Some(digits) = plan.international_digits(&scanned) {
            plan::check_international(digits)?;
            return Ok(Self::from_digits(digits));
        }
        if scanned.digits.starts_with("00") {
            return Err(PhoneNumberError::InternationalPrefix);
        }
        let number = plan.written_nationally(&scanned.digits)?;
        let digits = format!("{}{number}", plan.country_code());
        plan::check_international(&digits)?;
        Ok(Self::from_digits(&digits))
    }

    /// Returns the number with its `+`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the number without its `+`.
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// Returns whether a text already has the form of [`as_str`](Self::as_str). It does not allocate.
    ///
    /// ```
    /// use kandy_sys::PhoneNumber;
    ///
    /// assert!(PhoneNumber::is_normalized("+12245556666"));
    /// assert!(!PhoneNumber::is_normalized("12245556666"));
    /// assert!(!PhoneNumber::is_normalized("+1 224 555 6666"));
    /// ```
    pub fn is_normalized(text: &str) -> bool {
        text.strip_prefix('+').is_some_and(|digits| {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && plan::check_international(digits).is_ok()
        })
    }

    /// Returns a number from checked digits.
    fn from_digits(digits: &str) -> Self {
        Self(format!("+{digits}").into())
    }

    /// Checks that a text is one phone number, national or international.
    ///
    /// ```
    /// use kandy_sys::PhoneNumber;
    ///
    /// assert!(PhoneNumber::check_form("(224) 555-6666").is_ok());
    /// assert!(PhoneNumber::check_form("224/555-6666").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// When it has no digits, has anything but punctuation between them, or has more digits than E.164 allows.
    pub fn check_form(text: &str) -> Result<(), PhoneNumberError> {
        let Scanned { digits, .. } = scan(text)?;
        match digits.len() > error::LONGEST {
            true => Err(PhoneNumberError::TooLong(digits.len())),
            false => Ok(()),
        }
    }
}

impl FromStr for PhoneNumber {
    type Err = PhoneNumberError;

    fn from_str(text: &str) -> Result<Self, PhoneNumberError> {
        let Scanned { has_plus, digits } = scan(text)?;
        match has_plus {
            true => drop(plan::check_international(&digits)?),
            false => plan::check_without_plus(&digits)?,
        }
        Ok(Self::from_digits(&digits))
    }
}

impl TryFrom<&str> for PhoneNumber {
    type Error = PhoneNumberError;

    fn try_from(text: &str) -> Result<Self, PhoneNumberError> {
        text.parse()
    }
}

impl TryFrom<String> for PhoneNumber {
    type Error = PhoneNumberError;

    fn try_from(text: String) -> Result<Self, PhoneNumberError> {
        text.parse()
    }
}

impl Borrow<str> for PhoneNumber {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq<str> for PhoneNumber {
    fn eq(&self, text: &str) -> bool {
        self.as_str() == text
    }
}

impl PartialEq<&str> for PhoneNumber {
    fn eq(&self, text: &&str) -> bool {
        self.as_str() == *text
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Parses a text, or a number that stands for one.
impl<'de> Deserialize<'de> for PhoneNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer)?.as_str().parse().map_err(de::Error::custom)
    }
}

impl AsRef<str> for PhoneNumber {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<PhoneNumber> for String {
    fn from(number: PhoneNumber) -> Self {
        number.0.into()
    }
}
