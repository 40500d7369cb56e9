//! A phone number without its country code.

use std::fmt;

use super::{NumberingPlan, PhoneNumber, PhoneNumberError as Error, plan, scan::scan};

/// A phone number without its country code, and that code: the parameters `user_phone_number` and `user_country_code` of
/// several operations.
///
/// A text may have punctuation and the trunk prefix (`030…` in Germany), or be in international form if it is a number
/// of that country. The trunk prefix and the country code are removed.
///
/// ```
/// use kandy_sys::{NationalNumber, NumberingPlan, PhoneNumberError};
///
/// let plan = NumberingPlan::find("DE").expect("a country");
/// for text in ["030 1234567", "30 1234567", "+49 30 1234567"] {
///     assert_eq!(NationalNumber::parse(text, plan)?.as_str(), "301234567");
/// }
/// assert_eq!(NationalNumber::parse("+1 224 555 6666", plan), Err(PhoneNumberError::OtherCountry("49")));
/// # Ok::<(), PhoneNumberError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NationalNumber {
    country_code: &'static str,
    digits: String,
}

impl NationalNumber {
    /// Parses a number of a country.
    ///
    /// # Errors
    ///
    /// When the text is not exactly one number, or is a number of another country.
    pub fn parse(text: &str, plan: NumberingPlan) -> Result<Self, Error> {
        let scanned = scan(text)?;
        let country_code = plan.country_code();
        let digits = match plan.international_digits(&scanned) {
            Some(digits) => {
                plan::check_international(digits)?;
                digits.strip_prefix(country_code).ok_or(Error::OtherCountry(country_code))?
            }
            None if scanned.digits.starts_with("00") => return Err(Error::InternationalPrefix),
            None => plan.without_trunk_prefix(&scanned.digits),
        };
        plan::check_international(&format!("{country_code}{digits}"))?;
        Ok(Self { country_code, digits: digits.to_owned() })
    }

    /// Returns the digits without country code and trunk prefix.
    pub fn as_str(&self) -> &str {
        &self.digits
    }

    /// Returns the country code, without `+`.
    pub fn country_code(&self) -> &'static str {
        self.country_code
    }

    /// Returns the number in international form.
    pub fn international(&self) -> PhoneNumber {
        PhoneNumber::from_digits(&format!("{}{}", self.country_code, self.digits))
    }
}

impl AsRef<str> for NationalNumber {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Shows the digits without country code and trunk prefix.
impl fmt::Display for NationalNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
