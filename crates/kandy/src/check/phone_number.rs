//! Checks of phone numbers in arguments. The rule itself is in [`kandy_sys::PhoneNumber`]; this module adds the name of
//! the argument to its errors. Begin reading at [`destination`].

use kandy_sys::{NationalNumber, NumberingPlan, PhoneNumber, PhoneNumberError};

use crate::{Result, error::Error};

/// The maximum number of digits of a short code, such as `12345`. A longer number is a phone number.
const LONGEST_SHORT_CODE: usize = 6;

fn refuse(argument: &'static str) -> impl Fn(PhoneNumberError) -> Error {
    move |error| Error::argument(argument, error.to_string())
}

/// Checks the destination of an SMS, and returns it normalised; `None` if it is normalised already, which spares a
/// copy.
pub(crate) fn destination(
    argument: &'static str,
    number: &str,
    default_country: Option<NumberingPlan>,
) -> Result<Option<String>> {
    if PhoneNumber::is_normalized(number) {
        return Ok(None);
    }
    let parsed = match default_country {
        Some(plan) => PhoneNumber::parse_with_default(number, plan),
        None => number.parse(),
    };
    parsed.map(|number| Some(number.into())).map_err(refuse(argument))
}

/// Checks the source of an SMS: a name, a short code, or a number as in [`destination`].
pub(crate) fn source(
    argument: &'static str,
    source: &str,
    default_country: Option<NumberingPlan>,
) -> Result<Option<String>> {
    super::given(argument, source)?;
    if PhoneNumber::is_normalized(source) {
        return Ok(None);
    }
    let digits = source.chars().filter(char::is_ascii_digit).count();
    // A text without digits, such as `***`, is passed on as a name: which names are valid is up to the service.
    let is_name = source.contains(char::is_alphabetic) || digits == 0;
    let is_short_code = digits <= LONGEST_SHORT_CODE && !source.contains('+');
    match PhoneNumber::check_form(source) {
        // `1.2246E+10`, a number that a spreadsheet reformatted, contains a letter but is not a name.
        Err(error @ PhoneNumberError::Exponent) => Err(refuse(argument)(error)),
        _ if is_name || is_short_code => Ok(None),
        _ => destination(argument, source, default_country),
    }
}

/// Returns the numbering plan for numbers without a country code, of a country as two letters of ISO 3166-1.
pub(crate) fn default_country(argument: &'static str, country: Option<&str>) -> Result<Option<NumberingPlan>> {
    let Some(country) = country else { return Ok(None) };
    NumberingPlan::of_country(country).map(Some).ok_or_else(|| {
        Error::argument(argument, "it is no country of ISO 3166-1; give two letters, such as `US` or `GB`")
    })
}

/// Returns the numbering plan of a country: two letters of ISO 3166-1, or a country code with or without `+`.
pub(crate) fn numbering_plan(argument: &'static str, country: &str) -> Result<NumberingPlan> {
    NumberingPlan::find(country).ok_or_else(|| {
        Error::argument(
            argument,
            "it is neither a country of ISO 3166-1 (two letters, such as `US`) nor a dialling code (such as `1` or `+44`)",
        )
    })
}

/// Returns the digits of a national number, without country code and trunk prefix.
pub(crate) fn national_number(argument: &'static str, number: &str, plan: NumberingPlan) -> Result<String> {
    NationalNumber::parse(number, plan).map(|number| number.as_str().to_owned()).map_err(refuse(argument))
}

/// Checks the form of a number that the service normalises: digits and punctuation.
pub(crate) fn phone_number(argument: &'static str, number: &str) -> Result<()> {
    PhoneNumber::check_form(number).map_err(refuse(argument))
}

/// Returns the digits of a national number without a known country.
pub(crate) fn number_without_country(argument: &'static str, number: &str) -> Result<String> {
    phone_number(argument, number)?;
    match number.contains('+') {
        true => Err(Error::argument(argument, "it contains a country code; set `country_code`, too")),
        false => Ok(number.chars().filter(char::is_ascii_digit).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_of_an_sms_is_a_name_a_short_code_or_a_number() {
        let us = NumberingPlan::of_country("US");
        for (given, country, sent) in [
            ("Teacher", None, "Teacher"),
            ("Pizza 2000", None, "Pizza 2000"),
            ("12345", None, "12345"),
            ("+1 (123) 456-7890", None, "+11234567890"),
            ("12245556666", None, "+12245556666"),
            ("224-555-6666", us, "+12245556666"),
            ("***", None, "***"),
            // A name has neither a country nor a limit of digits.
            ("Taxi 2245556666", None, "Taxi 2245556666"),
            ("+*+", None, "+*+"),
        ] {
            let checked = source("from", given, country).expect(given);
            assert_eq!(checked.as_deref().unwrap_or(given), sent);
        }
        for given in ["", "224-555-6666", "1.2246E+10", "+123", "=+12245556666", "12245556666/7", "'+12245556666"] {
            let error = source("from", given, None).expect_err(given);
            assert!(error.to_string().contains("`from`"), "{error}");
        }
    }

    #[test]
    fn a_number_without_a_country_is_national() {
        assert_eq!(number_without_country("phone_number", "(403) 493-2232").expect("digits"), "4034932232");
        for given in ["+14034932232", "none", "403/493"] {
            number_without_country("phone_number", given).expect_err(given);
        }
    }

    #[test]
    fn a_destination_is_normalised_by_the_default_country() {
        let us = NumberingPlan::of_country("US");
        for (given, country, sent) in [
            ("+12245556666", None, None),
            ("+1 (224) 555-6666", None, Some("+12245556666")),
            ("224-555-6666", us, Some("+12245556666")),
            ("12245556666", us, Some("+12245556666")),
        ] {
            assert_eq!(destination("to", given, country).expect(given).as_deref(), sent, "{given}");
        }
        for (given, country) in [("", us), ("224-555-6666", None), ("Teacher", us), ("12345", us)] {
            let error = destination("to", given, country).expect_err(given);
            assert!(error.to_string().contains("`to`"), "{error}");
        }
    }

    #[test]
    fn a_short_code_has_six_digits_and_no_plus() {
        for (given, is_short) in [("1", true), ("123456", true), ("1234567", false), ("+123456", false)] {
            assert_eq!(source("from", given, None).is_ok_and(|sent| sent.is_none()), is_short, "{given}");
        }
    }

    #[test]
    fn a_national_number_is_its_digits() {
        let us = NumberingPlan::of_country("US").expect("a country");
        assert_eq!(national_number("phone_number", "(224) 555-6666", us).expect("a number"), "2245556666");
        assert!(national_number("phone_number", "none", us).is_err());
        assert!(phone_number("phone_number", "224-555").is_ok());
        assert!(phone_number("phone_number", "none").is_err());
        assert!(numbering_plan("country", "nowhere").is_err());
        assert_eq!(numbering_plan("country", "+1").ok(), Some(us));
    }
}
