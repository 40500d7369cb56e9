//! The table of all countries of ISO 3166-1 with their numbering plans. It is the only country list of the workspace.
//!
//! Country codes are those that ITU-T E.164 assigns. Trunk prefixes, lengths and international prefixes are facts from
//! the metadata of libphonenumber 9.0.43. A row is in the table with a known trunk prefix only if the mobile and the
//! fixed-line example number of that metadata, as written inside the country, convert to the correct international number by
//! the rule of this module; otherwise its trunk prefix is [`Trunk::Unknown`], and national numbers are rejected.

/// The trunk prefix, which is dialled before a number inside the country and never from abroad.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Trunk {
    /// The country has none: the national number is the whole number.
    None,
    /// National numbers are written with it.
    Written(&'static str),
    /// Some or all national numbers are written without it.
    Optional(&'static str),
    /// No rule is safe to apply.
    Unknown,
}

/// One country of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Row {
    /// Two letters of ISO 3166-1.
    pub(super) letters: &'static str,
    /// The country code of E.164, without `+`.
    pub(super) code: &'static str,
    pub(super) trunk: Trunk,
    /// The fewest and most digits of a fixed-line or mobile number after the country code; 0 and 0 if they are not known.
    pub(super) lengths: (usize, usize),
    /// Whether international numbers are dialled with `00`.
    pub(super) dials_00: bool,
}

const fn r(letters: &'static str, code: &'static str, trunk: Trunk, from: usize, to: usize, dials_00: bool) -> Row {
    Row { letters, code, trunk, lengths: (from, to), dials_00 }
}

use Trunk::{None as N, Optional as O, Unknown as U, Written as W};

/// Sorted by letters: the 249 countries of ISO 3166-1 and `XK` (Kosovo), which phone systems use.
#[rustfmt::skip]
pub(super) const COUNTRIES: &[Row] = &[
    r("AD", "376", N, 6, 9, true), r("AE", "971", W("0"), 8, 9, true), r("AF", "93", W("0"), 9, 9, true),
    r("AG", "1", O("1"), 10, 10, false), r("AI", "1", O("1"), 10, 10, false), r("AL", "355", W("0"), 8, 9, true),
    r("AM", "374", W("0"), 8, 8, true), r("AO", "244", N, 9, 9, true), r("AQ", "672", U, 0, 0, false),
    r("AR", "54", U, 10, 11, true), r("AS", "1", O("1"), 10, 10, false), r("AT", "43", W("0"), 4, 13, true),
    r("AU", "61", W("0"), 9, 9, false), r("AW", "297", N, 7, 7, true), r("AX", "358", W("0"), 6, 10, true),
    r("AZ", "994", W("0"), 9, 9, true), r("BA", "387", W("0"), 8, 9, true), r("BB", "1", O("1"), 10, 10, false),
    r("BD", "880", W("0"), 6, 10, true), r("BE", "32", W("0"), 8, 9, true), r("BF", "226", N, 8, 8, true),
    r("BG", "359", W("0"), 6, 9, true), r("BH", "973", N, 8, 8, true), r("BI", "257", N, 8, 8, true),
    r("BJ", "229", N, 10, 10, true), r("BL", "590", W("0"), 9, 9, true), r("BM", "1", O("1"), 10, 10, false),
    r("BN", "673", N, 7, 7, true), r("BO", "591", O("0"), 8, 8, true), r("BQ", "599", N, 7, 7, true),
    r("BR", "55", O("0"), 10, 11, false), r("BS", "1", O("1"), 10, 10, false), r("BT", "975", N, 7, 8, true),
    r("BV", "47", U, 0, 0, false), r("BW", "267", N, 7, 8, true), r("BY", "375", U, 9, 9, false),
    r("BZ", "501", N, 7, 7, true), r("CA", "1", O("1"), 10, 10, false), r("CC", "61", W("0"), 9, 9, false),
    r("CD", "243", W("0"), 7, 10, true), r("CF", "236", N, 8, 8, true), r("CG", "242", N, 9, 9, true),
    r("CH", "41", W("0"), 9, 9, true), r("CI", "225", N, 10, 10, true), r("CK", "682", N, 5, 5, true),
    r("CL", "56", N, 9, 9, true), r("CM", "237", N, 9, 9, true), r("CN", "86", O("0"), 7, 11, true),
    r("CO", "57", O("0"), 8, 10, false), r("CR", "506", N, 8, 8, true), r("CU", "53", W("0"), 6, 10, false),
    r("CV", "238", N, 7, 7, false), r("CW", "599", N, 7, 8, true), r("CX", "61", W("0"), 9, 9, false),
    r("CY", "357", N, 8, 8, true), r("CZ", "420", N, 9, 9, true), r("DE", "49", W("0"), 5, 13, true),
    r("DJ", "253", N, 8, 8, true), r("DK", "45", N, 8, 8, true), r("DM", "1", O("1"), 10, 10, false),
    r("DO", "1", O("1"), 10, 10, false), r("DZ", "213", W("0"), 8, 9, true), r("EC", "593", W("0"), 8, 9, true),
    r("EE", "372", N, 7, 8, true), r("EG", "20", W("0"), 8, 10, true), r("EH", "212", W("0"), 9, 9, true),
    r("ER", "291", W("0"), 7, 7, true), r("ES", "34", N, 9, 9, true), r("ET", "251", W("0"), 9, 9, true),
    r("FI", "358", W("0"), 5, 10, true), r("FJ", "679", N, 7, 7, true), r("FK", "500", N, 5, 5, true),
    r("FM", "691", N, 7, 7, true), r("FO", "298", N, 6, 6, true), r("FR", "33", W("0"), 9, 9, true),
    r("GA", "241", N, 7, 8, true), r("GB", "44", W("0"), 9, 10, true), r("GD", "1", O("1"), 10, 10, false),
    r("GE", "995", O("0"), 9, 9, true), r("GF", "594", W("0"), 9, 9, true), r("GG", "44", W("0"), 10, 10, true),
    r("GH", "233", W("0"), 9, 9, true), r("GI", "350", N, 8, 8, true), r("GL", "299", N, 6, 6, true),
    r("GM", "220", N, 7, 9, true), r("GN", "224", N, 8, 9, true), r("GP", "590", W("0"), 9, 9, true),
    r("GQ", "240", N, 9, 9, true), r("GR", "30", N, 10, 10, true), r("GS", "500", U, 0, 0, false),
    r("GT", "502", N, 8, 8, true), r("GU", "1", O("1"), 10, 10, false), r("GW", "245", N, 7, 9, true),
    r("GY", "592", N, 7, 7, false), r("HK", "852", N, 8, 8, true), r("HM", "672", U, 0, 0, false),
    r("HN", "504", N, 8, 8, true), r("HR", "385", W("0"), 8, 9, true), r("HT", "509", N, 8, 8, true),
    r("HU", "36", W("06"), 8, 9, true), r("ID", "62", W("0"), 7, 12, false), r("IE", "353", W("0"), 7, 10, true),
    r("IL", "972", W("0"), 8, 12, true), r("IM", "44", W("0"), 10, 10, true), r("IN", "91", W("0"), 10, 10, true),
    r("IO", "246", N, 7, 7, true), r("IQ", "964", W("0"), 8, 10, true), r("IR", "98", W("0"), 6, 10, true),
    r("IS", "354", N, 7, 9, true), r("IT", "39", N, 6, 12, true), r("JE", "44", W("0"), 10, 10, true),
    r("JM", "1", O("1"), 10, 10, false), r("JO", "962", W("0"), 8, 9, true), r("JP", "81", W("0"), 9, 10, false),
    r("KE", "254", W("0"), 7, 9, false), r("KG", "996", W("0"), 9, 9, true), r("KH", "855", W("0"), 8, 9, false),
    r("KI", "686", O("0"), 5, 8, true), r("KM", "269", N, 7, 7, true), r("KN", "1", O("1"), 10, 10, false),
    r("KP", "850", W("0"), 8, 10, true), r("KR", "82", W("0"), 5, 11, false), r("KW", "965", N, 8, 8, true),
    r("KY", "1", O("1"), 10, 10, false), r("KZ", "7", W("8"), 10, 10, false), r("LA", "856", W("0"), 8, 10, true),
    r("LB", "961", O("0"), 7, 8, true), r("LC", "1", O("1"), 10, 10, false), r("LI", "423", O("0"), 7, 9, true),
    r("LK", "94", W("0"), 9, 9, true), r("LR", "231", W("0"), 7, 9, true), r("LS", "266", N, 8, 8, true),
    r("LT", "370", W("0"), 8, 8, true), r("LU", "352", N, 4, 11, true), r("LV", "371", N, 8, 8, true),
    r("LY", "218", W("0"), 9, 9, true), r("MA", "212", W("0"), 9, 9, true), r("MC", "377", O("0"), 8, 9, true),
    r("MD", "373", W("0"), 8, 8, true), r("ME", "382", W("0"), 8, 8, true), r("MF", "590", W("0"), 9, 9, true),
    r("MG", "261", W("0"), 9, 9, true), r("MH", "692", O("1"), 7, 7, false), r("MK", "389", W("0"), 8, 8, true),
    r("ML", "223", N, 8, 8, true), r("MM", "95", W("0"), 6, 10, true), r("MN", "976", O("0"), 8, 10, false),
    r("MO", "853", N, 8, 8, true), r("MP", "1", O("1"), 10, 10, false), r("MQ", "596", W("0"), 9, 9, true),
    r("MR", "222", N, 8, 8, true), r("MS", "1", O("1"), 10, 10, false), r("MT", "356", N, 8, 8, true),
    r("MU", "230", N, 7, 8, true), r("MV", "960", N, 7, 7, true), r("MW", "265", W("0"), 7, 9, true),
    r("MX", "52", N, 10, 10, true), r("MY", "60", W("0"), 8, 10, true), r("MZ", "258", N, 8, 9, true),
    r("NA", "264", W("0"), 8, 9, true), r("NC", "687", N, 6, 6, true), r("NE", "227", N, 8, 8, true),
    r("NF", "672", N, 6, 6, true), r("NG", "234", W("0"), 10, 10, false), r("NI", "505", N, 8, 8, true),
    r("NL", "31", W("0"), 9, 11, true), r("NO", "47", N, 8, 8, true), r("NP", "977", O("0"), 8, 10, true),
    r("NR", "674", N, 7, 7, true), r("NU", "683", N, 4, 7, true), r("NZ", "64", W("0"), 8, 10, true),
    r("OM", "968", N, 8, 8, true), r("PA", "507", N, 7, 8, true), r("PE", "51", O("0"), 8, 9, true),
    r("PF", "689", N, 8, 8, true), r("PG", "675", N, 7, 8, true), r("PH", "63", W("0"), 6, 10, true),
    r("PK", "92", W("0"), 9, 10, true), r("PL", "48", N, 7, 9, true), r("PM", "508", W("0"), 6, 9, true),
    r("PN", "64", U, 0, 0, false), r("PR", "1", O("1"), 10, 10, false), r("PS", "970", W("0"), 8, 9, true),
    r("PT", "351", N, 9, 9, true), r("PW", "680", N, 7, 7, false), r("PY", "595", W("0"), 7, 9, true),
    r("QA", "974", N, 8, 8, true), r("RE", "262", W("0"), 9, 9, true), r("RO", "40", W("0"), 6, 9, true),
    r("RS", "381", W("0"), 7, 12, true), r("RU", "7", W("8"), 10, 10, false), r("RW", "250", O("0"), 8, 9, true),
    r("SA", "966", W("0"), 9, 9, true), r("SB", "677", N, 5, 7, true), r("SC", "248", N, 7, 7, true),
    r("SD", "249", W("0"), 9, 9, true), r("SE", "46", W("0"), 7, 9, true), r("SG", "65", N, 8, 8, false),
    r("SH", "290", N, 4, 5, true), r("SI", "386", W("0"), 8, 8, true), r("SJ", "47", N, 8, 8, true),
    r("SK", "421", W("0"), 6, 9, true), r("SL", "232", W("0"), 8, 8, true), r("SM", "378", N, 8, 10, true),
    r("SN", "221", N, 9, 9, true), r("SO", "252", O("0"), 6, 9, true), r("SR", "597", N, 6, 7, true),
    r("SS", "211", W("0"), 9, 9, true), r("ST", "239", N, 7, 7, true), r("SV", "503", N, 8, 8, true),
    r("SX", "1", O("1"), 10, 10, false), r("SY", "963", W("0"), 8, 9, true), r("SZ", "268", N, 8, 8, true),
    r("TC", "1", O("1"), 10, 10, false), r("TD", "235", N, 8, 8, true), r("TF", "262", U, 0, 0, false),
    r("TG", "228", N, 8, 8, true), r("TH", "66", W("0"), 8, 9, false), r("TJ", "992", N, 9, 9, false),
    r("TK", "690", N, 4, 7, true), r("TL", "670", N, 7, 8, true), r("TM", "993", W("8"), 8, 8, false),
    r("TN", "216", N, 8, 8, true), r("TO", "676", N, 5, 7, true), r("TR", "90", W("0"), 10, 10, true),
    r("TT", "1", O("1"), 10, 10, false), r("TV", "688", N, 5, 7, true), r("TW", "886", W("0"), 8, 11, false),
    r("TZ", "255", W("0"), 9, 9, false), r("UA", "380", W("0"), 9, 9, true), r("UG", "256", W("0"), 9, 9, false),
    r("UM", "1", U, 0, 0, false), r("US", "1", O("1"), 10, 10, false), r("UY", "598", O("0"), 8, 8, true),
    r("UZ", "998", N, 9, 9, true), r("VA", "39", N, 6, 11, true), r("VC", "1", O("1"), 10, 10, false),
    r("VE", "58", W("0"), 10, 10, true), r("VG", "1", O("1"), 10, 10, false), r("VI", "1", O("1"), 10, 10, false),
    r("VN", "84", W("0"), 9, 10, true), r("VU", "678", N, 5, 7, true), r("WF", "681", N, 6, 6, true),
    r("WS", "685", N, 5, 10, false), r("XK", "383", W("0"), 8, 12, true), r("YE", "967", W("0"), 7, 9, true),
    r("YT", "262", W("0"), 9, 9, true), r("ZA", "27", W("0"), 5, 9, true), r("ZM", "260", W("0"), 9, 9, true),
    r("ZW", "263", W("0"), 9, 10, true),
];

/// Country codes of E.164 that no country of the table has: networks, services, and Ascension (247).
pub(super) const OTHER_CODES: &[&str] = &["247", "800", "808", "870", "878", "881", "882", "883", "888", "979"];

/// Area codes inside country code 1 that callers give as if they were country codes: those of the Caribbean and the
/// Pacific islands, with the leading 1.
#[rustfmt::skip]
pub(super) const AREA_CODES_OF_1: &[&str] = &[
    "1242", "1246", "1264", "1268", "1284", "1340", "1345", "1441", "1473", "1649", "1658", "1664", "1670", "1671",
    "1684", "1721", "1758", "1767", "1784", "1787", "1809", "1829", "1849", "1868", "1869", "1876", "1939",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_country_is_there_once_and_in_order() {
        assert_eq!(COUNTRIES.len(), 250);
        assert!(COUNTRIES.is_sorted_by(|one, other| one.letters < other.letters));
        assert!(
            COUNTRIES.iter().all(|row| row.letters.len() == 2 && row.letters.bytes().all(|b| b.is_ascii_uppercase()))
        );
    }

    #[test]
    fn codes_are_prefix_free_as_in_e164() {
        let codes: Vec<_> = COUNTRIES.iter().map(|row| row.code).chain(OTHER_CODES.iter().copied()).collect();
        for one in &codes {
            assert!((1..=3).contains(&one.len()) && !one.starts_with('0'), "{one}");
            assert!(!codes.iter().any(|other| other != one && other.starts_with(one)), "{one}");
        }
    }

    #[test]
    fn lengths_fit_into_e164() {
        for row in COUNTRIES {
            let (from, to) = row.lengths;
            assert!(from <= to && row.code.len() + to <= 15, "{}", row.letters);
            assert_eq!(to == 0, from == 0, "{}", row.letters);
            assert!(to > 0 || row.trunk == Trunk::Unknown, "{}", row.letters);
        }
    }
}
