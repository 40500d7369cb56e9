//! Numbering plans, and the checks of a number against E.164.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{
    PhoneNumberError as Error,
    countries::{AREA_CODES_OF_1, COUNTRIES, OTHER_CODES, Row, Trunk},
    error::{LONGEST, SHORTEST},
    scan::Scanned,
};

/// The numbering plan of a country: its country code, and how national numbers become international.
///
/// It is found by two letters of ISO 3166-1 in any case, or by a country code with or without `+`.
///
/// ```
/// use kandy_sys::NumberingPlan;
///
/// assert_eq!(NumberingPlan::find("de").map(|plan| plan.country_code()), Some("49"));
/// assert_eq!(NumberingPlan::find("+49").map(|plan| plan.country_code()), Some("49"));
/// assert_eq!(NumberingPlan::find("UK"), None, "ISO 3166-1 has GB");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NumberingPlan {
    code: &'static str,
    trunk: Trunk,
    lengths: Option<(usize, usize)>,
    dials_00: bool,
}

impl NumberingPlan {
    /// Finds the plan of a country by its letters or by its country code.
    pub fn find(country: &str) -> Option<Self> {
        Self::of_country(country).or_else(|| Self::of_code(country))
    }

    /// Finds the plan of a country by two letters of ISO 3166-1, in any case.
    pub fn of_country(letters: &str) -> Option<Self> {
        let letters = <[u8; 2]>::try_from(letters.as_bytes()).ok()?.map(|letter| letter.to_ascii_uppercase());
        let at = COUNTRIES.binary_search_by(|row| row.letters.as_bytes().cmp(&letters)).ok()?;
        COUNTRIES.get(at).map(Self::of_row)
    }

    /// Finds the plan with a country code, with or without `+`. If countries share the code and differ in their trunk
    /// prefixes, the plan has no rule for national numbers.
    pub fn of_code(code: &str) -> Option<Self> {
        let digits = code.strip_prefix('+').unwrap_or(code);
        let at = PLANS.binary_search_by(|plan| plan.code.cmp(digits)).ok()?;
        PLANS.get(at).copied()
    }

    /// Returns the country code, without `+`.
    pub fn country_code(self) -> &'static str {
        self.code
    }

    fn of_row(row: &Row) -> Self {
        let lengths = Some(row.lengths).filter(|lengths| lengths.1 > 0);
        Self { code: row.code, trunk: row.trunk, lengths, dials_00: row.dials_00 }
    }

    fn shared_with(self, row: &Row) -> Self {
        let other = Self::of_row(row);
        let lengths = match (self.lengths, other.lengths) {
            (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
            (one, other) => one.or(other),
        };
        // A territory without numbers of its own does not change the rule.
        let trunk = match (self.lengths, other.lengths) {
            (Some(_), None) => self.trunk,
            (None, Some(_)) => other.trunk,
            _ if self.trunk == other.trunk => self.trunk,
            _ => Trunk::Unknown,
        };
        Self { code: self.code, trunk, lengths, dials_00: self.dials_00 && other.dials_00 }
    }

    /// Returns the digits of a number in international form: after `+`, or after `00`
    /// where that is the international prefix.
    pub(super) fn international_digits(self, scanned: &Scanned) -> Option<&str> {
        match scanned.digits.strip_prefix("00") {
            _ if scanned.has_plus => Some(&scanned.digits),
            Some(digits) if self.dials_00 => Some(digits),
            _ => None,
        }
    }

    /// Removes the trunk prefix of digits that have to be a national number as written in the country.
    pub(super) fn written_nationally(self, digits: &str) -> Result<&str, Error> {
        let (code, Some((from, to))) = (self.code, self.lengths) else { return Err(Error::UnknownPlan(self.code)) };
        let number = match self.trunk {
            Trunk::None => digits,
            Trunk::Written(trunk) => digits.strip_prefix(trunk).ok_or(Error::NotOfPlan(code))?,
            Trunk::Optional(_) => self.without_trunk_prefix(digits),
            Trunk::Unknown => return Err(Error::UnknownPlan(code)),
        };
        match (from..=to).contains(&number.len()) && !self.excludes(number) {
            true => Ok(number),
            false => Err(Error::NotOfPlan(code)),
        }
    }

    /// Removes the trunk prefix, if there is one. Digits that equal the trunk prefix and may be part of the number stay.
    pub(super) fn without_trunk_prefix(self, digits: &str) -> &str {
        let (Trunk::Written(trunk) | Trunk::Optional(trunk)) = self.trunk else { return digits };
        let is_too_long = self.lengths.is_some_and(|(_, to)| digits.len() > to);
        match digits.strip_prefix(trunk) {
            // Where 0 is the trunk prefix, no number begins with 0.
            Some(number) if trunk == "0" || is_too_long => number,
            _ => digits,
        }
    }

    /// Whether no number of the country begins with the first digit of this one: 0 where there is a trunk prefix, and 1
    /// where the trunk prefix is 1.
    fn excludes(self, number: &str) -> bool {
        let (Trunk::Written(trunk) | Trunk::Optional(trunk)) = self.trunk else { return false };
        number.starts_with('0') || (trunk == "1" && number.starts_with('1'))
    }

    /// Whether no number of the country begins with 0.
    fn excludes_zero(self) -> bool {
        matches!(self.trunk, Trunk::Written(_) | Trunk::Optional(_))
    }
}

/// The plans of all country codes, sorted by code. Every number of every SMS is looked up, up to three times each.
static PLANS: LazyLock<Vec<NumberingPlan>> = LazyLock::new(|| {
    let mut plans = BTreeMap::new();
    for row in COUNTRIES {
        let plan = plans.entry(row.code).and_modify(|plan: &mut NumberingPlan| *plan = plan.shared_with(row));
        plan.or_insert_with(|| NumberingPlan::of_row(row));
    }
    for code in OTHER_CODES.iter().chain(AREA_CODES_OF_1) {
        plans.entry(code).or_insert(NumberingPlan { code, trunk: Trunk::Unknown, lengths: None, dials_00: false });
    }
    plans.into_values().collect()
});

/// Splits the country code from digits, and returns its plan with the rest.
pub(super) fn split(digits: &str) -> Option<(NumberingPlan, &str)> {
    (1..=3).find_map(|length| {
        let (code, number) = digits.split_at_checked(length)?;
        Some((NumberingPlan::of_code(code)?, number))
    })
}

/// Checks digits that begin with a country code against E.164.
pub(super) fn check_international(digits: &str) -> Result<(NumberingPlan, &str), Error> {
    if digits.len() > LONGEST {
        return Err(Error::TooLong(digits.len()));
    }
    let (plan, number) = split(digits).ok_or(Error::UnknownCountryCode)?;
    if plan.excludes_zero() && number.starts_with('0') {
        return Err(Error::TrunkPrefix);
    }
    match digits.len() < SHORTEST {
        true => Err(Error::TooShort(digits.len())),
        false => Ok((plan, number)),
    }
}

/// Checks digits without `+`: they have to be an international number of a length that there is.
pub(super) fn check_without_plus(digits: &str) -> Result<(), Error> {
    if digits.starts_with("00") {
        return Err(Error::InternationalPrefix);
    }
    if digits.starts_with('0') {
        return Err(Error::National);
    }
    let (plan, number) = check_international(digits)?;
    match plan.lengths {
        Some((from, to)) if !(from..=to).contains(&number.len()) => Err(Error::Ambiguous),
        _ => Ok(()),
    }
}
