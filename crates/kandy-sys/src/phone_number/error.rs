//! Why a text is not a usable phone number.

use std::{error::Error, fmt};

/// Why a text is not a usable phone number.
///
/// `Display` names the reason and the correction. It never contains the number.
///
/// ```
/// use kandy_sys::{PhoneNumber, PhoneNumberError};
///
/// let error = "1.2246E+10".parse::<PhoneNumber>().unwrap_err();
/// assert_eq!(error, PhoneNumberError::Exponent);
/// assert!(error.to_string().contains("spreadsheet"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PhoneNumberError {
    /// There is no text, or only white space.
    Empty,
    /// There are no digits.
    NoDigits,
    /// It begins with `=`: a spreadsheet formula.
    Formula,
    /// It begins with an apostrophe, which spreadsheets put before text.
    Apostrophe,
    /// It is an error value of a spreadsheet, such as `#REF!`.
    ErrorValue,
    /// It is a number with an exponent, such as `1.2246E+10`, so digits are lost.
    Exponent,
    /// It is a decimal number, such as `12245550101.0`.
    Decimal,
    /// There is more than one number.
    Several,
    /// There is an extension, such as `x123`.
    Extension,
    /// This letter cannot be part of a number.
    Letter(char),
    /// This character cannot be part of a number.
    Character(char),
    /// It begins with `00` instead of `+`.
    InternationalPrefix,
    /// It begins with `0`, as national numbers do.
    National,
    /// Without `+`, its digits are not a number of the country whose code they begin with.
    Ambiguous,
    /// It has fewer digits than any phone number. The value is the number of digits.
    TooShort(usize),
    /// It has more digits than E.164 allows. The value is the number of digits.
    TooLong(usize),
    /// It begins with no country code.
    UnknownCountryCode,
    /// A `0` follows the country code, which is dialled only inside the country.
    TrunkPrefix,
    /// It is not a national number of the country. The value is the country code.
    NotOfPlan(&'static str),
    /// No rule converts national numbers of this country to international ones. The value is the country code.
    UnknownPlan(&'static str),
    /// It is a number of another country than the given one. The value is the country code of the given country.
    OtherCountry(&'static str),
}

/// The correction for most errors.
const FORM: &str = "write it as `+` with the country code and the number, such as `+49 30 123 456`";

impl fmt::Display for PhoneNumberError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "it is empty; {FORM}"),
            Self::NoDigits => write!(f, "it has no digits; {FORM}"),
            Self::Formula => write!(f, "it is a spreadsheet formula; format the column as text, and {FORM}"),
            Self::Apostrophe => {
                write!(f, "it begins with the apostrophe that spreadsheets put before text; remove the apostrophe")
            }
            Self::ErrorValue => write!(f, "it is an error value of a spreadsheet; correct the cell, and {FORM}"),
            Self::Exponent => write!(
                f,
                "it is a number with an exponent, as spreadsheets show long numbers, so its last digits are lost; format \
                 the column as text in the original, and export it again"
            ),
            Self::Decimal => write!(
                f,
                "it is a decimal number, as spreadsheets and programs write numbers; format the column as text, and {FORM}"
            ),
            Self::Several => write!(f, "it has more than one number in it; give each number its own row or call"),
            Self::Extension => write!(f, "it has an extension, which cannot receive an SMS; remove the extension"),
            Self::Letter(letter) => {
                write!(f, "the letter {letter:?} cannot be part of a phone number; {FORM}, without words and letters")
            }
            Self::Character(character) => write!(
                f,
                "{character:?} cannot be part of a phone number; only the digits 0 to 9, a `+` at the beginning, spaces, \
                 hyphens, dots and brackets can"
            ),
            Self::InternationalPrefix => {
                write!(
                    f,
                    "it begins with `00`, which is not the international prefix everywhere; write `+` in its place"
                )
            }
            Self::National => write!(
                f,
                "it is a national number, because no country code begins with 0; {FORM}, or give the default \
                 country (--default-country, default_country)"
            ),
            Self::Ambiguous => write!(
                f,
                "it has no `+`, and as an international number it does not have the length that numbers with its country \
                 code have; if it is a national number, give the default country (--default-country, default_country), \
                 otherwise {FORM}"
            ),
            Self::TooShort(digits) => {
                write!(f, "it has {digits} digits, but a number with its country code has at least {SHORTEST}; {FORM}")
            }
            Self::TooLong(digits) => {
                write!(f, "it has {digits} digits, but E.164 allows {LONGEST}; give one number, without an extension")
            }
            Self::UnknownCountryCode => write!(f, "it begins with no country code that E.164 assigns; {FORM}"),
            Self::TrunkPrefix => write!(
                f,
                "after the country code stands a 0, which no number of the country begins with; remove the 0 that is \
                 dialled inside the country only, also one in brackets"
            ),
            Self::NotOfPlan(code) => write!(
                f,
                "it does not look as national numbers of the country with the code +{code} are written, with the prefix \
                 they begin with and all their digits; {FORM}"
            ),
            Self::UnknownPlan(code) => write!(
                f,
                "there is no safe rule to turn national numbers of the country with the code +{code} into international \
                 ones; {FORM}"
            ),
            Self::OtherCountry(code) => write!(
                f,
                "it is no number of the country with the code +{code} that stands beside it; correct one of the two"
            ),
        }
    }
}

impl Error for PhoneNumberError {}

/// The fewest digits: E.164 has no lower bound; the shortest numbers in use have three digits of country code and four
/// of the subscriber, such as those of Niue (`+683 4000`).
pub(super) const SHORTEST: usize = 7;
/// The most digits, country code and all: E.164, section 6.
pub(super) const LONGEST: usize = 15;
