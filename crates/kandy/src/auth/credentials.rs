//! The types of API keys, API secrets and access tokens, each marked with its [`Level`], and [`check`], which detects
//! one that stands in the place of another. Depends on `check` and `error`. Begin reading at the macro `credential`.

use std::{convert::Infallible, fmt, marker::PhantomData, str::FromStr};

use kandy_sys::Secret;
use serde::{Deserialize, Deserializer};

use crate::{Error, Result, check as argument};

pub(crate) mod sealed {
    pub trait Sealed {}
}

/// The owner of a credential: [`Account`](crate::Account), [`Domain`](crate::Domain) or [`User`](crate::User), which
/// implement it next to their definitions.
pub trait Level: sealed::Sealed + 'static {
    /// The name of the level.
    const NAME: &'static str;

    /// The level, in the type that the operation table uses.
    #[doc(hidden)]
    const LEVEL: kandy_sys::operation::Level;
}

/// Returns the name of a level with its article.
pub(crate) const fn owner_of(level: kandy_sys::operation::Level) -> &'static str {
    use kandy_sys::operation::Level;
    match level {
        Level::Account => "an account",
        Level::Domain => "a domain",
        Level::User => "a user",
    }
}

/// Returns the letter that the live service's credentials of a level begin with.
const fn letter_of(level: kandy_sys::operation::Level) -> u8 {
    use kandy_sys::operation::Level;
    match level {
        Level::Account => b'A',
        Level::Domain => b'D',
        Level::User => b'U',
    }
}

/// A kind of credential, with what [`check`] compares.
pub(crate) trait Credential {
    /// The name of the kind, for error messages.
    const KIND: &'static str;
    /// The owner, with its article, for error messages.
    const OWNER: &'static str;
    /// The letters that the live service's credentials of this kind begin with.
    const PREFIX: [u8; 3];
    fn secret(&self) -> &Secret;
}

/// Checks that a credential is not empty, and does not look like one of another kind or level.
///
/// A credential without a prefix passes, since the documentation shows keys without one. A prefix must match.
pub(crate) fn check<C: Credential>(argument: &'static str, credential: &C) -> Result<()> {
    let text = credential.secret().expose().as_bytes();
    if text.is_empty() {
        return Err(Error::argument(argument, format!("it is empty; give the {}", C::KIND)));
    }
    argument::fits_query(argument, credential.secret().expose())?;
    // The message names the kind that was detected, never the text: it may be a secret (test
    // `a_credential_of_another_level_or_kind_is_refused`).
    let [level, _, kind] = C::PREFIX;
    match text {
        // Only the full form of a live credential is compared: the letter of the level, `A`, the letter of the kind and
        // 32 hexadecimal digits.
        [l @ (b'A' | b'D' | b'U'), b'A', k @ (b'K' | b'S' | b'T'), digits @ ..]
            if digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit) && (*l, *k) != (level, kind) =>
        {
            let owner = match l {
                b'A' => owner_of(kandy_sys::operation::Level::Account),
                b'D' => owner_of(kandy_sys::operation::Level::Domain),
                _ => owner_of(kandy_sys::operation::Level::User),
            };
            let kind = match k {
                b'K' => "API key",
                b'S' => "API secret",
                _ => "access token",
            };
            let reason = format!("it looks like the {kind} of {owner}, where the {} of {} belongs", C::KIND, C::OWNER);
            Err(Error::argument(argument, reason))
        }
        _ => Ok(()),
    }
}

/// Defines the type of a credential.
macro_rules! credential {
    ($(#[$doc:meta])* $name:ident, $letter:literal, $kind:literal) => {
        $(#[$doc])*
        // `fn() -> L` keeps the type `Send` and `Sync`, whatever `L` is: the level is a marker, and no value of it exists.
        pub struct $name<L>(pub(super) kandy_sys::$name, PhantomData<fn() -> L>);

        impl<L> $name<L> {
            /// Returns the credential as text, to store or send it.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }

            /// Returns whether it is empty, as after reading a stored result: see [`Exposed`](crate::Exposed).
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl<L: Level> Credential for $name<L> {
            const KIND: &'static str = $kind;
            const OWNER: &'static str = owner_of(L::LEVEL);
            const PREFIX: [u8; 3] = [letter_of(L::LEVEL), b'A', $letter];

            fn secret(&self) -> &Secret {
                self.0.as_ref()
            }
        }

        impl<L> Clone for $name<L> {
            fn clone(&self) -> Self {
                self.0.clone().into()
            }
        }

        impl<L> PartialEq for $name<L> {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<L> Eq for $name<L> {}

        impl<L: Level> fmt::Debug for $name<L> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}<{}>(***)", stringify!($name), L::NAME)
            }
        }

        /// The credential of a raw result, whose type states no level.
        impl<L> From<kandy_sys::$name> for $name<L> {
            fn from(credential: kandy_sys::$name) -> Self {
                Self(credential, PhantomData)
            }
        }

        impl<L> From<Secret> for $name<L> {
            fn from(secret: Secret) -> Self {
                kandy_sys::$name::from(secret).into()
            }
        }

        impl<L> From<String> for $name<L> {
            fn from(text: String) -> Self {
                kandy_sys::$name::from(text).into()
            }
        }

        impl<L> From<&str> for $name<L> {
            fn from(text: &str) -> Self {
                kandy_sys::$name::from(text).into()
            }
        }

        /// The argument of a raw call, which takes each kind of credential in its place only.
        impl<L> AsRef<kandy_sys::$name> for $name<L> {
            fn as_ref(&self) -> &kandy_sys::$name {
                &self.0
            }
        }

        impl<L> From<$name<L>> for kandy_sys::$name {
            fn from(credential: $name<L>) -> Self {
                credential.0
            }
        }

        impl<L> FromStr for $name<L> {
            type Err = Infallible;

            fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
                Ok(text.into())
            }
        }

        impl<L> From<$name<L>> for Secret {
            fn from(credential: $name<L>) -> Self {
                credential.0.into()
            }
        }

        /// Reading is no exposure; only [`Exposed`](crate::Exposed) writes a credential.
        impl<'de, L> Deserialize<'de> for $name<L> {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
                kandy_sys::$name::deserialize(deserializer).map(Self::from)
            }
        }

        impl<L> From<&$name<L>> for $name<L> {
            fn from(credential: &$name<L>) -> Self {
                credential.clone()
            }
        }
    };
}

credential! {
    /// The API key of an account, a domain or a user. `Debug` hides it, and its memory is wiped when it is dropped.
    ///
    /// ```
    /// use kandy::{Account, ApiKey};
    ///
    /// let key = ApiKey::<Account>::from("AAK00000000000000000000000000000000");
    /// assert_eq!(format!("{key:?}"), "ApiKey<account>(***)");
    /// ```
    ///
    /// A raw call takes it, and the other kinds of credentials, by reference:
    ///
    /// ```
    /// # fn example(account: kandy::Account, key: kandy::ApiKey<kandy::Account>, secret: kandy::ApiSecret<kandy::Account>) {
    /// let call = account.raw().account_access_token_get(secret.as_ref(), key.as_ref());
    /// # }
    /// ```
    ///
    /// Two of them that are swapped do not compile:
    ///
    /// ```compile_fail,E0308
    /// # fn example(account: kandy::Account, key: kandy::ApiKey<kandy::Account>, secret: kandy::ApiSecret<kandy::Account>) {
    /// let call = account.raw().account_access_token_get(key.as_ref(), secret.as_ref());
    /// # }
    /// ```
    ApiKey, b'K', "API key"
}

credential! {
    /// The API secret of an account, a domain or a user. `Debug` hides it, and its memory is wiped when it is dropped.
    ///
    /// ```
    /// use kandy::{ApiSecret, Domain};
    ///
    /// let secret = ApiSecret::<Domain>::from("DAS00000000000000000000000000000000");
    /// assert_eq!(format!("{secret:?}"), "ApiSecret<domain>(***)");
    /// ```
    ApiSecret, b'S', "API secret"
}

credential! {
    /// An access token of an account, a domain or a user. `Debug` hides it, and its memory is wiped when it is dropped.
    ///
    /// ```
    /// use kandy::{AccessToken, User};
    ///
    /// let token = AccessToken::<User>::from("UAT00000000000000000000000000000000");
    /// assert_eq!(format!("{token:?}"), "AccessToken<user>(***)");
    /// ```
    AccessToken, b'T', "access token"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Domain;

    const DIGITS: &str = "0123456789abcdef0123456789abcdef";

    fn reason(prefix: &str) -> Option<String> {
        let key = ApiKey::<Domain>::from(format!("{prefix}{DIGITS}"));
        let error = check("domain_api_key", &key).err()?.to_string();
        assert!(!error.contains(DIGITS), "{error}");
        Some(error)
    }

    #[test]
    fn a_credential_of_another_level_or_kind_is_refused() {
        assert_eq!(reason("DAK"), None);
        assert_eq!(reason(""), None, "the documentation shows keys without a prefix");
        assert!(
            reason("AAK")
                .is_some_and(|e| e.contains("the API key of an account, where the API key of a domain belongs"))
        );
        assert!(reason("DAS").is_some_and(|e| e.contains("the API secret of a domain")));
        assert!(reason("UAT").is_some_and(|e| e.contains("the access token of a user")));
        assert!(check("domain_api_key", &ApiKey::<Domain>::from("")).is_err());
    }

    #[test]
    fn each_form_of_another_credential_is_named() {
        fn found<C: Credential + From<String>>(text: &str) -> Option<String> {
            check("argument", &C::from(text.to_owned())).err().map(|error| error.to_string())
        }
        let owners = [('A', "an account"), ('D', "a domain"), ('U', "a user")];
        let kinds = [('K', "API key"), ('S', "API secret"), ('T', "access token")];
        for (l, owner) in owners {
            for (k, kind) in kinds {
                let text = format!("{l}A{k}{DIGITS}");
                for (expected, found) in [
                    ("AK", found::<ApiKey<crate::Account>>(&text)),
                    ("DS", found::<ApiSecret<Domain>>(&text)),
                    ("UT", found::<AccessToken<crate::User>>(&text)),
                ] {
                    let named = format!("it looks like the {kind} of {owner}, where the");
                    let is_same = expected == format!("{l}{k}");
                    assert_eq!(found.is_none(), is_same, "{expected} {text}");
                    assert!(found.is_none_or(|error| error.contains(&named)), "{expected} {text}");
                }
            }
        }
    }

    #[test]
    fn only_the_full_form_is_compared() {
        let reason = |text: &str| check("argument", &ApiKey::<Domain>::from(text)).err();
        for text in [&DIGITS[1..], &format!("{DIGITS}0"), &format!("g{}", &DIGITS[1..])] {
            assert!(reason(&format!("UAT{text}")).is_none(), "{text}");
        }
        for prefix in ["uat", "XAT", "UBT", "UAX"] {
            assert!(reason(&format!("{prefix}{DIGITS}")).is_none(), "{prefix}");
        }
        assert!(reason(&"a".repeat(argument::LONGEST_IN_QUERY + 1)).is_some());
    }

    #[test]
    fn credentials_show_their_level_alone_and_compare_by_text() {
        let (key, other) = (ApiKey::<Domain>::from("s3cret"), ApiKey::<Domain>::from("another"));
        assert_eq!(format!("{key:?}"), "ApiKey<domain>(***)");
        assert_eq!(format!("{:?}", ApiSecret::<crate::Account>::from("s3cret")), "ApiSecret<account>(***)");
        assert_eq!(format!("{:?}", AccessToken::<crate::User>::from("s3cret")), "AccessToken<user>(***)");
        assert_eq!((key.expose(), &key), ("s3cret", &ApiKey::from(&key)));
        assert_ne!(key, other);
    }

    #[test]
    fn credentials_convert_to_those_of_raw_calls_and_back() {
        let key = ApiKey::<Domain>::from("s3cret");
        let raw: &kandy_sys::ApiKey = key.as_ref();
        assert_eq!((raw.expose(), ApiKey::from(raw.clone())), ("s3cret", key.clone()));
        assert_eq!(kandy_sys::ApiKey::from(key.clone()), *raw);
        assert_eq!((Secret::from(key.clone()), ApiKey::from(Secret::from("s3cret"))), (Secret::from("s3cret"), key));
    }
}
