//! The rule for passwords, which are kept as they are: nothing here is worth more.

use kandy_sys::{Fault, Secret};
use uuid::Uuid;

use crate::{refusal::invalid_password, state::User};

/// 8 to 20 characters, of them a letter and two digits.
pub(crate) fn check_password(password: &str) -> Result<(), Fault> {
    if is_password(password) { Ok(()) } else { Err(invalid_password()) }
}

fn is_password(password: &str) -> bool {
    let count = |is: fn(&u8) -> bool| password.bytes().filter(is).count();
    (8..=20).contains(&password.len())
        && password.bytes().all(|c| c.is_ascii_alphanumeric() || b"!@()&'-.,?^_".contains(&c))
        && count(u8::is_ascii_alphabetic) >= 1
        && count(u8::is_ascii_digit) >= 2
}

/// 14 hexadecimal digits, as those that the service makes.
pub(crate) fn new_password() -> Box<str> {
    loop {
        let mut password = Uuid::new_v4().simple().to_string();
        password.truncate(14);
        // Only one in some thousands has too few letters or digits.
        if is_password(&password) {
            return password.into();
        }
    }
}

pub(crate) fn has_password(user: &User, password: &str) -> bool {
    Secret::from(user.password.as_ref()) == Secret::from(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_for_passwords() {
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
