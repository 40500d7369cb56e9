//! The check of new passwords. The rule itself, [`NEW_PASSWORD`](crate::NEW_PASSWORD), is generated from the spec.

use std::fmt;

/// A rule for passwords: a range of lengths, the allowed characters, and the fewest letters and digits.
///
/// [`NEW_PASSWORD`](crate::NEW_PASSWORD) is the rule of the service for the password of a new user.
///
/// ```
/// use kandy_sys::{NEW_PASSWORD, PasswordError};
///
/// assert_eq!(NEW_PASSWORD.check("b0e4c71d674744"), Ok(()));
/// let error = NEW_PASSWORD.check("password1").unwrap_err();
/// assert_eq!(error.to_string(), "it needs at least two digits");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PasswordRule {
    /// The fewest characters.
    pub min_length: usize,
    /// The most characters.
    pub max_length: usize,
    /// The fewest ASCII letters.
    pub min_letters: usize,
    /// The fewest ASCII digits.
    pub min_digits: usize,
    /// The characters that are allowed besides ASCII letters and digits.
    pub symbols: &'static str,
}

/// Why a password breaks a [`PasswordRule`]. It never contains the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PasswordError {
    /// The number of characters is out of range.
    #[non_exhaustive]
    Length {
        /// The fewest characters.
        min: usize,
        /// The most characters.
        max: usize,
    },
    /// A character is not allowed.
    #[non_exhaustive]
    Character {
        /// The characters that are allowed besides ASCII letters and digits.
        symbols: &'static str,
    },
    /// There are too few letters.
    #[non_exhaustive]
    Letters {
        /// The fewest letters.
        min: usize,
    },
    /// There are too few digits.
    #[non_exhaustive]
    Digits {
        /// The fewest digits.
        min: usize,
    },
}

impl PasswordRule {
    /// Checks a password.
    ///
    /// ```
    /// use kandy_sys::{NEW_PASSWORD, PasswordError};
    ///
    /// assert!(matches!(NEW_PASSWORD.check("ab12"), Err(PasswordError::Length { min: 8, .. })));
    /// ```
    ///
    /// # Errors
    ///
    /// When the password breaks the rule. The error names the first part of the rule that is broken: length, characters,
    /// letters, digits.
    pub fn check(&self, password: &str) -> Result<(), PasswordError> {
        let Self { min_length: min, max_length: max, min_letters, min_digits, symbols } = *self;
        if !(min..=max).contains(&password.chars().count()) {
            return Err(PasswordError::Length { min, max });
        }
        if !password.chars().all(|c| c.is_ascii_alphanumeric() || symbols.contains(c)) {
            return Err(PasswordError::Character { symbols });
        }
        if password.chars().filter(char::is_ascii_alphabetic).count() < min_letters {
            return Err(PasswordError::Letters { min: min_letters });
        }
        if password.chars().filter(char::is_ascii_digit).count() < min_digits {
            return Err(PasswordError::Digits { min: min_digits });
        }
        Ok(())
    }
}

impl fmt::Display for PasswordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { min, max } => write!(f, "it does not have {min} to {max} characters"),
            Self::Character { symbols } => {
                f.write_str("it may contain only letters a to z, digits and")?;
                symbols.chars().try_for_each(|symbol| write!(f, " {symbol}"))
            }
            Self::Letters { min } => write!(f, "it needs at least {}", Count(*min, "letter")),
            Self::Digits { min } => write!(f, "it needs at least {}", Count(*min, "digit")),
        }
    }
}

impl std::error::Error for PasswordError {}

/// A number of things: `one letter`, `two digits`, `4 digits`.
struct Count(usize, &'static str);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(number, thing) = self;
        match number {
            1 => write!(f, "one {thing}"),
            2 => write!(f, "two {thing}s"),
            3 => write!(f, "three {thing}s"),
            number => write!(f, "{number} {thing}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::NEW_PASSWORD;

    #[test]
    fn the_rule_of_the_spec() {
        for good in ["abcdef12", "A1234567", "2345678901234567890a", "a1!@()&'-.,?^_2", "b0e4c71d674744"] {
            assert_eq!(NEW_PASSWORD.check(good), Ok(()), "{good}");
        }
        for (bad, reason) in [
            ("", "it does not have 8 to 20 characters"),
            ("abcdef1", "it does not have 8 to 20 characters"),
            ("abcdef1234567890abcde", "it does not have 8 to 20 characters"),
            ("abcdef12 ", "it may contain only letters a to z, digits and ! @ ( ) & ' - . , ? ^ _"),
            ("äbcdef12", "it may contain only letters a to z, digits and ! @ ( ) & ' - . , ? ^ _"),
            ("12345678", "it needs at least one letter"),
            ("abcdefgh", "it needs at least two digits"),
            ("abcdefg1", "it needs at least two digits"),
        ] {
            assert_eq!(NEW_PASSWORD.check(bad).map_err(|error| error.to_string()), Err(reason.to_owned()), "{bad}");
        }
    }
}
