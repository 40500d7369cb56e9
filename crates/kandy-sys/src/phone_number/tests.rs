//! Parsing of texts from real lists.

use super::{NationalNumber, NumberingPlan, PhoneNumber, PhoneNumberError as Error};

fn plan(country: &str) -> NumberingPlan {
    NumberingPlan::find(country).expect("a country")
}

fn parse(text: &str) -> Result<String, Error> {
    text.parse::<PhoneNumber>().map(Into::into)
}

fn with_default(text: &str, country: &str) -> Result<String, Error> {
    PhoneNumber::parse_with_default(text, plan(country)).map(Into::into)
}

#[test]
fn punctuation_is_removed() {
    for text in [
        "+12245550101",
        "12245550101",
        "+1 (224) 555-0101",
        "+1-224-555-0101",
        "+1.224.555.0101",
        "1 [224] 555 0101",
        "+1\u{a0}224\u{a0}555\u{202f}0101",
        "+1\u{2011}224\u{2013}555\u{2212}0101",
        "\u{202a}+12245550101\u{202c}",
        "\u{feff}+1224\u{200b}5550101",
        "\t+12245550101\n",
        "--1224--5550101",
    ] {
        assert_eq!(parse(text).as_deref(), Ok("+12245550101"), "{text:?}");
    }
}

#[test]
fn anything_but_one_number_is_rejected() {
    for (text, error) in [
        ("", Error::Empty),
        (" \u{a0}", Error::Empty),
        ("+", Error::NoDigits),
        ("+ ()", Error::NoDigits),
        ("1-800-FLOWERS", Error::Letter('F')),
        ("tel:+12245550101", Error::Letter('t')),
        ("+12245550101 (home)", Error::Letter('h')),
        ("+12245550101 x123", Error::Extension),
        ("+12245550101;ext=12", Error::Extension),
        ("+12245550101 Ext. 12", Error::Extension),
        ("12245550101/+12245550102", Error::Several),
        ("12245550101 +12245550102", Error::Several),
        ("+12245550101, +12245550102", Error::Several),
        ("12245550101;12245550102", Error::Several),
        ("12245550101\n12245550102", Error::Several),
        ("12245550101\t12245550102", Error::Several),
        ("+3541234567/68", Error::Several),
        ("12245550101 12245550102", Error::TooLong(22)),
        ("++12245550101", Error::Character('+')),
        ("+\u{661}\u{662}\u{662}\u{664}", Error::Character('\u{661}')),
        ("\u{ff0b}12245550101", Error::Character('\u{ff0b}')),
        ("\u{202e}+12245550101", Error::Character('\u{202e}')),
        ("+1224\u{0}5550101", Error::Character('\0')),
        ("/12245550101", Error::Character('/')),
    ] {
        assert_eq!(parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn spreadsheet_forms_have_their_own_errors() {
    for (text, error) in [
        ("1.2246E+10", Error::Exponent),
        ("1.224555e+10", Error::Exponent),
        ("1,2246E+10", Error::Exponent),
        ("1e10", Error::Exponent),
        ("=+12245550101", Error::Formula),
        ("=\"+12245550101\"", Error::Formula),
        ("'+12245550101", Error::Apostrophe),
        ("\u{2019}+12245550101", Error::Apostrophe),
        ("#REF!", Error::ErrorValue),
        ("#N/A", Error::ErrorValue),
        ("12245550101.0", Error::Decimal),
        ("12245550101,00", Error::Decimal),
        ("12245550101.5", Error::Decimal),
    ] {
        assert_eq!(parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn an_international_number_fits_e164() {
    for text in ["+6834000", "+123456789012345", "+1123456789", "+88213300655", "+390612345678"] {
        assert_eq!(parse(text).as_deref(), Ok(text));
    }
    for (text, error) in [
        ("+122455", Error::TooShort(6)),
        ("+1", Error::TooShort(1)),
        ("12", Error::TooShort(2)),
        ("+1234567890123456", Error::TooLong(16)),
        ("+122455501199999999999999999999", Error::TooLong(30)),
        ("+0912345678", Error::UnknownCountryCode),
        ("+9991234567", Error::UnknownCountryCode),
        ("+44 (0) 20 7946 0018", Error::TrunkPrefix),
        ("+49 0151 23456789", Error::TrunkPrefix),
        ("0", Error::National),
    ] {
        assert_eq!(parse(text), Err(error), "{text}");
    }
}

#[test]
fn national_numbers_need_a_default_country() {
    for (text, error) in [
        ("2245550105", Error::Ambiguous),
        ("(303) 555-1212", Error::Ambiguous),
        ("4155550105", Error::Ambiguous),
        ("912345678", Error::Ambiguous),
        ("0912345678", Error::National),
        ("0151 23456789", Error::National),
        ("001 224 555 0104", Error::InternationalPrefix),
    ] {
        assert_eq!(parse(text), Err(error), "{text}");
    }
    for text in ["447400123456", "4915123456789", "6583123456", "6834000"] {
        assert_eq!(parse(text), Ok(format!("+{text}")));
    }
}

#[test]
fn a_default_country_makes_national_numbers_international() {
    for (text, country, number) in [
        ("2245550105", "US", "+12245550105"),
        ("1 224 555 0105", "us", "+12245550105"),
        ("+44 20 7946 0018", "US", "+442079460018"),
        ("0151 23456789", "DE", "+4915123456789"),
        ("0049 151 23456789", "DE", "+4915123456789"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("06 20 123 4567", "HU", "+36201234567"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("32 12 34 56", "DK", "+4532123456"),
        ("(11) 96123-4567", "BR", "+5511961234567"),
        ("0912345678", "TW", "+886912345678"),
    ] {
        assert_eq!(with_default(text, country).as_deref(), Ok(number), "{text} {country}");
    }
    for (text, country, error) in [
        ("912345678", "DE", Error::NotOfPlan("49")),
        ("4915123456789", "DE", Error::NotOfPlan("49")),
        ("0912345678", "US", Error::NotOfPlan("1")),
        ("1224555010", "US", Error::NotOfPlan("1")),
        ("5550105", "US", Error::NotOfPlan("1")),
        ("22245550105", "US", Error::NotOfPlan("1")),
        ("1 5550105", "US", Error::NotOfPlan("1")),
        ("00 224 555 0104", "US", Error::InternationalPrefix),
        ("011 15 2345-6789", "AR", Error::UnknownPlan("54")),
        ("123456", "AQ", Error::UnknownPlan("672")),
        ("0", "DE", Error::NotOfPlan("49")),
        ("1.2246E+10", "US", Error::Exponent),
        ("2245550105 2245550106", "US", Error::NotOfPlan("1")),
        ("2245550105/2245550106", "US", Error::Several),
    ] {
        assert_eq!(with_default(text, country), Err(error), "{text} {country}");
    }
}

#[test]
fn national_number_has_no_country_code_and_trunk_prefix() {
    for (text, country, digits) in [
        ("4034932232", "US", "4034932232"),
        ("+1 (403) 493-2232", "US", "4034932232"),
        ("1 403 493 2232", "+1", "4034932232"),
        ("054-240-5850", "IL", "542405850"),
        ("542405850", "972", "542405850"),
        ("0049 30 1234567", "DE", "301234567"),
        ("8123456789", "RU", "8123456789"),
        ("88123456789", "RU", "8123456789"),
        ("06 1234 5678", "IT", "0612345678"),
        ("3451234", "1242", "3451234"),
        ("+1 242 345 1234", "1242", "3451234"),
    ] {
        let number = NationalNumber::parse(text, plan(country)).expect(text);
        assert_eq!(number.as_str(), digits, "{text} {country}");
        assert_eq!(number.international().digits(), format!("{}{digits}", number.country_code()));
    }
    for (text, country, error) in [
        ("0912345678", "US", Error::TrunkPrefix),
        ("403", "US", Error::TooShort(4)),
        ("none", "US", Error::Letter('n')),
        ("+44 20 7946 0018", "US", Error::OtherCountry("1")),
        ("00 403 493 2232", "US", Error::InternationalPrefix),
        ("403493223212345", "US", Error::TooLong(16)),
        ("00301234567", "IT", Error::OtherCountry("39")),
    ] {
        assert_eq!(NationalNumber::parse(text, plan(country)), Err(error), "{text} {country}");
    }
}

#[test]
fn plans_are_found_in_every_form() {
    for (given, code) in [
        ("US", "1"),
        ("us", "1"),
        ("+1", "1"),
        ("1", "1"),
        ("DE", "49"),
        ("XK", "383"),
        ("+972", "972"),
        ("+1242", "1242"),
        ("883", "883"),
    ] {
        assert_eq!(NumberingPlan::find(given).map(NumberingPlan::country_code), Some(code), "{given}");
    }
    for nonsense in
        ["", "+", "U", "XX", "ZZ", "UK", "USA", "AG AI", "0", "00", "999", "+US", "++1", "+ 1", "1a", "12345"]
    {
        assert_eq!(NumberingPlan::find(nonsense), None, "{nonsense}");
    }
}

#[test]
fn errors_name_the_remedy_and_never_the_number() {
    for text in ["2245550105", "0912345678", "+443455", "1.2246E+10", "12245550101 x99", "224555A105", "+4402079460018"]
    {
        let message = parse(text).expect_err(text).to_string();
        assert!(message.contains("; "), "what to do comes after what is wrong: {message}");
        assert!(!message.contains(text), "{message}");
    }
}

/// A number is a value like a text: it is stored as one, found by one, and read from every form that is parsed.
#[test]
fn converts_from_and_to_texts() {
    let number: PhoneNumber = "+1 (224) 555-6666".parse().expect("a number");
    for made in [PhoneNumber::try_from("+12245556666"), PhoneNumber::try_from("+1.224.555.6666".to_owned())] {
        assert_eq!(made.as_ref(), Ok(&number));
    }
    assert!(number == "+12245556666" && number == *"+12245556666" && number != "+12245556667");
    assert_eq!((number.to_string(), AsRef::<str>::as_ref(&number)), ("+12245556666".to_owned(), "+12245556666"));
    assert_eq!(String::from(number.clone()), "+12245556666");
    let names = std::collections::HashMap::from([(number.clone(), "russ")]);
    assert_eq!(names.get("+12245556666"), Some(&"russ"));

    assert_eq!(serde_json::to_string(&number).expect("a text"), r#""+12245556666""#);
    for json in [r#""+12245556666""#, r#""+1 224-555-6666""#, r#""12245556666""#, "12245556666"] {
        let read: PhoneNumber = serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(read, number, "{json}");
    }
    for json in [r#""2245550105""#, r#""call me""#, "null", "[]"] {
        assert!(serde_json::from_str::<PhoneNumber>(json).is_err(), "{json}");
    }
    assert!(PhoneNumber::try_from("call me").is_err() && PhoneNumber::try_from(String::new()).is_err());
}
