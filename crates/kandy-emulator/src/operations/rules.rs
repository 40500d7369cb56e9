//! Rules of names, ids, passwords and phone numbers, and the creation of domains and users by them.
//!
//! Passwords are kept in plain text: they are test data.
//!
//! Depends on `state` and `protocol`. Begin with `create_domain` and `create_new_user`.

use kandy_sys::{ApiFault, NEW_PASSWORD, NationalNumber, NumberingPlan, Secret};
use uuid::Uuid;

use crate::{
    protocol::{
        call::Fields,
        refusal::{
            domain_name_unavailable, exists, invalid, invalid_country_code, invalid_identifier, invalid_password,
        },
    },
    state::{Domain, DomainNo, NewDomain, NewUser, PhoneNumber, State, User, UserNo},
};

/// Checks a new password by the rule of the spec.
pub(crate) fn check_password(password: &str) -> Result<(), ApiFault> {
    if is_password(password) { Ok(()) } else { Err(invalid_password()) }
}

fn is_password(password: &str) -> bool {
    NEW_PASSWORD.check(password).is_ok()
}

/// Generates a password of 14 hexadecimal digits, as the service does.
pub(crate) fn new_password() -> Box<str> {
    loop {
        let mut password = Uuid::new_v4().simple().to_string();
        password.truncate(14);
        // Few are rejected: only those with hardly any letters or digits.
        if is_password(&password) {
            return password.into();
        }
    }
}

/// Compares in constant time, as `Secret` does.
pub(crate) fn has_password(user: &User, password: &str) -> bool {
    Secret::from(user.password()) == Secret::from(password)
}

/// The longest user id, in bytes.
const USER_ID_LENGTH: usize = 128;

/// Creates a domain, unless its name is invalid or taken. Its API key must be free.
pub(crate) fn create_domain(state: &mut State, new: NewDomain) -> Result<&Domain, ApiFault> {
    let name = new.name.to_ascii_lowercase();
    if !is_domain_name(&name) || state.domains.by_name(&name).is_some() {
        return Err(domain_name_unavailable());
    }
    let now = state.clock.now();
    Ok(state.domains.create(NewDomain { name: name.into(), ..new }, now))
}

/// Whether a name has letters, digits, hyphens and underscores with dots between them, and is no longer than in DNS.
fn is_domain_name(name: &str) -> bool {
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_');
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Reads a phone number from the fields `user_phone_number` and `user_country_code`.
pub(crate) fn phone_number(fields: &Fields<'_>) -> Result<PhoneNumber, ApiFault> {
    let number = fields.required("user_phone_number")?;
    let plan = numbering_plan(&fields.required("user_country_code")?)?;
    national_number(&number, plan).ok_or_else(|| invalid("user_phone_number"))
}

/// Creates a user, unless there is one of the same name.
pub(crate) fn create_new_user(state: &mut State, domain: DomainNo, new: NewUser) -> Result<UserNo, ApiFault> {
    match state.users.by_name(domain, &new.user_id) {
        Some(_) => Err(exists("user")),
        None => Ok(state.create_user(domain, new)),
    }
}

/// Parses a national phone number.
pub(crate) fn national_number(number: &str, plan: NumberingPlan) -> Option<PhoneNumber> {
    let number = NationalNumber::parse(number, plan).ok()?;
    Some(PhoneNumber { dialling_code: number.country_code(), number: number.as_str().into() })
}

/// Finds the numbering plan of a country by its letters or its country code.
pub(crate) fn numbering_plan(country: &str) -> Result<NumberingPlan, ApiFault> {
    NumberingPlan::find(country).ok_or_else(invalid_country_code)
}

/// Finds the country code of a country by its letters or that code.
pub(crate) fn country_code(country: &str) -> Result<&'static str, ApiFault> {
    numbering_plan(country).map(NumberingPlan::country_code)
}

/// Checks a user id, the part before the `@`: neither empty nor with an `@`, white space or control characters.
pub(crate) fn check_user_id(user_id: &str) -> Result<(), ApiFault> {
    let well_formed = (1..=USER_ID_LENGTH).contains(&user_id.len())
        && user_id.chars().all(|c| c != '@' && !c.is_whitespace() && !c.is_control());
    if well_formed { Ok(()) } else { Err(invalid_identifier("user_id")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn password_rule() {
        for good in ["abcdef12", "A1234567", "2345678901234567890a", "a1!@()&'-.,?^_2"] {
            assert!(is_password(good), "{good}");
        }
        for bad in ["", "abcdef1", "abcdefgh", "abcdefg1", "12345678", "abcdef1234567890abcde", "abcdef12 ", "äbcdef12"]
        {
            assert!(!is_password(bad), "{bad}");
        }
        assert!(is_password(&new_password()) && new_password().len() == 14);
    }
}
