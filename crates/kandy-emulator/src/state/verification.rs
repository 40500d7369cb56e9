//! Validation codes for phone numbers.
//!
//! Depends on `number` and `snapshot::tracked`. Begin with `Verifications`.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::{
    number::DomainNo,
    snapshot::{Items, Tracked},
};

/// A validation code that a user would have received by SMS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VerificationCode {
    /// Name of the domain that sent it.
    pub domain_name: String,
    /// Dialling code of the phone number's country, without `+`.
    pub country_code: String,
    /// Phone number without the dialling code.
    pub phone_number: String,
    /// The code: four digits.
    pub code: String,
}

/// A phone number, in two parts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct PhoneNumber {
    /// Without `+`.
    pub(crate) dialling_code: &'static str,
    /// Without the dialling code.
    pub(crate) number: Box<str>,
}

/// A code of four digits. The first one is not 0, so that a client that parses it as a number loses no digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Code(pub(super) u32);

impl Code {
    pub(super) const FIRST: u32 = 1_000;
    pub(super) const LAST: u32 = 9_999;

    fn random() -> Self {
        let range = u128::from(Self::LAST - Self::FIRST + 1);
        // 122 random bits modulo 9,000: the bias is far below what a test can see.
        let random = u32::try_from(Uuid::new_v4().as_u128() % range).unwrap_or_default();
        Self(Self::FIRST + random)
    }

    fn read(text: &str) -> Option<Self> {
        let is_code = text.len() == 4 && text.bytes().all(|digit| digit.is_ascii_digit());
        is_code.then(|| text.parse().ok().map(Self)).flatten()
    }
}

/// The codes of a domain: the last one of each phone number.
#[derive(Default)]
pub(super) struct OfDomain {
    /// With a number that grows from one to the next.
    pub(super) by_number: BTreeMap<PhoneNumber, (u64, Code)>,
    /// More than one number may have been sent the same code.
    pub(super) by_code: BTreeMap<Code, Vec<PhoneNumber>>,
}

impl OfDomain {
    fn remove(&mut self, number: &PhoneNumber) {
        let Some((_, code)) = self.by_number.remove(number) else { return };
        if let Some(numbers) = self.by_code.get_mut(&code) {
            numbers.retain(|other| other != number);
            if numbers.is_empty() {
                self.by_code.remove(&code);
            }
        }
    }
}

/// The validation codes that were sent and not used up.
#[derive(Default)]
pub(crate) struct Verifications {
    pub(super) next: u64,
    pub(super) by_domain: BTreeMap<DomainNo, OfDomain>,
    pub(super) tracked: Tracked<(DomainNo, PhoneNumber)>,
}

impl Verifications {
    /// Generates a code for a phone number, which replaces its former one.
    pub(crate) fn send(&mut self, domain: DomainNo, number: PhoneNumber) {
        let codes = self.by_domain.entry(domain).or_default();
        match codes.by_number.get(&number) {
            Some(old) => {
                let write = |_, items: &mut Items| old.1.write(domain, &number, old.0, items);
                self.tracked.before_change(|| (domain, number.clone()), write);
            }
            None => self.tracked.created(|| (domain, number.clone())),
        }
        codes.remove(&number);
        let code = Code::random();
        codes.by_code.entry(code).or_default().push(number.clone());
        codes.by_number.insert(number, (self.next, code));
        self.next += 1;
    }

    /// Whether a code was sent to a phone number that `is_meant`.
    pub(crate) fn is_valid(&self, domain: DomainNo, code: &str, is_meant: impl Fn(&PhoneNumber) -> bool) -> bool {
        let numbers = Code::read(code).and_then(|code| self.by_domain.get(&domain)?.by_code.get(&code));
        numbers.is_some_and(|numbers| numbers.iter().any(is_meant))
    }

    /// Forgets the code of a phone number.
    pub(crate) fn use_up(&mut self, domain: DomainNo, number: &PhoneNumber) {
        if let Some(codes) = self.by_domain.get_mut(&domain)
            && let Some((no, code)) = codes.by_number.get(number)
        {
            let write = |_, items: &mut Items| code.write(domain, number, *no, items);
            self.tracked.before_change(|| (domain, number.clone()), write);
            codes.remove(number);
        }
    }

    /// The codes, oldest first. `name_of` returns the name of a domain; codes of a domain without one are left out.
    pub(super) fn all<'a>(&self, name_of: impl Fn(DomainNo) -> Option<&'a str>) -> Vec<VerificationCode> {
        let of_domains = self.by_domain.iter().filter_map(|(domain, codes)| Some((name_of(*domain)?, codes)));
        let mut by_age: Vec<_> = of_domains
            .flat_map(|(name, codes)| codes.by_number.iter().map(move |(number, (no, code))| (*no, name, number, code)))
            .collect();
        by_age.sort_unstable_by_key(|(no, ..)| *no);
        let describe = |(_, domain_name, number, code): (u64, &str, &PhoneNumber, &Code)| VerificationCode {
            domain_name: domain_name.to_owned(),
            country_code: number.dialling_code.to_owned(),
            phone_number: number.number.to_string(),
            code: code.0.to_string(),
        };
        by_age.into_iter().map(describe).collect()
    }

    pub(super) fn forget_domain(&mut self, domain: DomainNo) {
        for (number, (no, code)) in self.by_domain.remove(&domain).map(|codes| codes.by_number).unwrap_or_default() {
            let write = |_, items: &mut Items| code.write(domain, &number, no, items);
            self.tracked.before_change(|| (domain, number.clone()), write);
        }
    }
}
