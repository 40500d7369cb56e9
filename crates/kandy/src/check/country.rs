//! Country codes. The two sets are small and change about once in a decade, which is why they are here
//! and not in a dependency with the names, currencies and subdivisions of all countries.

use crate::{Result, error::Error};

/// The two-letter codes of ISO 3166-1 that are assigned, and `XK` (Kosovo), which phone systems use.
const ISO_3166: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT \
MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ \
UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// A country, as two letters of ISO 3166-1 or as a dialling code with or without `+`.
pub(crate) fn country_code(argument: &'static str, code: &str) -> Result<()> {
    let letters = is_country(code);
    let digits = code.strip_prefix('+').unwrap_or(code);
    if letters || is_dialling_code(digits) {
        return Ok(());
    }
    Err(Error::argument(
        argument,
        "it is neither a country of ISO 3166-1 (two letters, such as `US`) nor a dialling code (such as `1` or `+44`)",
    ))
}

/// Whether ISO 3166-1 assigns these letters.
fn is_country(letters: &str) -> bool {
    let Ok(mut letters) = <[u8; 2]>::try_from(letters.as_bytes()) else { return false };
    letters.make_ascii_uppercase();
    // They are in order, so not all of them have to be looked at.
    let (known, _) = ISO_3166.as_bytes().as_chunks::<3>();
    let last = ISO_3166.as_bytes().last_chunk::<2>();
    known.binary_search_by(|[first, second, _]| [*first, *second].cmp(&letters)).is_ok() || last == Some(&letters)
}

/// Whether E.164 assigns this code to a country, a group of countries or a network. The countries that
/// share `1` may be told apart by three digits more.
#[rustfmt::skip]
fn is_dialling_code(digits: &str) -> bool {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let Ok(code) = digits.parse::<u16>() else { return false };
    match digits.len() {
        1 => matches!(code, 1 | 7),
        2 => matches!(
            code,
            20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98
        ),
        3 => matches!(
            code,
            211..=213 | 216 | 218 | 220..=258 | 260..=269 | 290 | 291 | 297..=299
            | 350..=359 | 370..=383 | 385..=387 | 389
            | 420 | 421 | 423
            | 500..=509 | 590..=599
            | 670 | 672..=683 | 685..=692
            | 800 | 808 | 850 | 852 | 853 | 855 | 856 | 870 | 878 | 880..=883 | 886 | 888
            | 960..=968 | 970..=977 | 979 | 992..=996 | 998
        ),
        4 => matches!(code, 1200..=1999),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_countries_and_dialling_codes() {
        for code in ["US", "us", "GB", "UA", "XK", "1", "+1", "44", "+44", "972", "+1242", "7"] {
            assert!(country_code("user_country_code", code).is_ok(), "{code}");
        }
        assert!(ISO_3166.split(' ').all(is_country));
    }

    #[test]
    fn refuses_the_rest() {
        for code in
            ["", "+", "U", "USA", "ZZ", "UK", "0", "00", "999", "+ 1", "1a", "12345", "٣٣", "U S", "AD AE", "--"]
        {
            assert!(country_code("user_country_code", code).is_err(), "{code}");
        }
        assert_eq!(ISO_3166.split(' ').count(), 250);
        assert!(ISO_3166.split(' ').all(|code| code.len() == 2));
        assert!(ISO_3166.split(' ').is_sorted());
    }
}
