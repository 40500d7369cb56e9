//! Mobile country codes of ITU-T E.212. Not all of them: those of large countries.
//!
//! Depends on nothing. Begin with `country`.

/// Countries, each with the codes that it has.
#[rustfmt::skip]
const MOBILE_COUNTRY_CODES: &[(&str, &str)] = &[
    ("AE", "424"), ("AR", "722"), ("AT", "232"), ("AU", "505"), ("BD", "470"), ("BE", "206"), ("BG", "284"),
    ("BR", "724"), ("BY", "257"), ("CA", "302"), ("CH", "228"), ("CL", "730"), ("CN", "460 461"), ("CO", "732"),
    ("CY", "280"), ("CZ", "230"), ("DE", "262"), ("DK", "238"), ("DZ", "603"), ("EE", "248"), ("EG", "602"),
    ("ES", "214"), ("FI", "244"), ("FR", "208"), ("GB", "234 235"), ("GE", "282"), ("GR", "202"), ("HK", "454"),
    ("HR", "219"), ("HU", "216"), ("ID", "510"), ("IE", "272"), ("IL", "425"), ("IN", "404 405 406"), ("IS", "274"),
    ("IT", "222"), ("JP", "440 441"), ("KE", "639"), ("KR", "450"), ("KZ", "401"), ("LT", "246"), ("LU", "270"),
    ("LV", "247"), ("MA", "604"), ("MT", "278"), ("MX", "334"), ("MY", "502"), ("NG", "621"), ("NL", "204"),
    ("NO", "242"), ("NZ", "530"), ("PE", "716"), ("PH", "515"), ("PK", "410"), ("PL", "260"), ("PT", "268"),
    ("RO", "226"), ("RS", "220"), ("RU", "250"), ("SA", "420"), ("SE", "240"), ("SG", "525"), ("SI", "293"),
    ("SK", "231"), ("TH", "520"), ("TN", "605"), ("TR", "286"), ("TW", "466"), ("UA", "255"),
    ("US", "310 311 312 313 314 315 316"), ("VN", "452"), ("ZA", "655"),
];

/// The country, in two letters of ISO 3166-1, that a mobile country code belongs to.
pub(crate) fn country(mobile_country_code: &str) -> Option<&'static str> {
    let has = |codes: &str| codes.split(' ').any(|code| code == mobile_country_code);
    MOBILE_COUNTRY_CODES.iter().find(|(_, codes)| has(codes)).map(|(country, _)| *country)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use kandy_sys::NumberingPlan;

    #[test]
    fn countries_and_codes_are_unique() {
        assert!(MOBILE_COUNTRY_CODES.is_sorted());
        let codes: Vec<_> = MOBILE_COUNTRY_CODES.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        assert!(codes.iter().all(|code| code.len() == 3 && code.bytes().all(|digit| digit.is_ascii_digit())));
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
        assert!(MOBILE_COUNTRY_CODES.iter().all(|(country, _)| NumberingPlan::of_country(country).is_some()));
    }

    #[test]
    fn looks_up_country() {
        for (code, expected) in [("310", Some("US")), ("262", Some("DE")), ("235", Some("GB"))] {
            assert_eq!(country(code), expected, "{code}");
        }
        for nonsense in ["", "1", "31", "3100", "310 311", "999", "US"] {
            assert_eq!(country(nonsense), None, "{nonsense}");
        }
    }
}
