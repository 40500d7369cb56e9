//! The type of passwords, and what every other type of a credential is built on.

use std::{convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::Text;

/// A credential: a password, or the text inside an [`ApiKey`](crate::ApiKey), an [`ApiSecret`](crate::ApiSecret) or an
/// [`AccessToken`](crate::AccessToken).
///
/// `Debug` prints `***`, dropping it wipes its memory, and comparison takes constant time. Serializing it writes the
/// credential, as a request needs: do not serialize a response that contains one into a log.
///
/// The HTTP client and the operating system copy what they send. Those copies are not wiped.
///
/// ```
/// use kandy_sys::Secret;
///
/// let secret = Secret::from("DAS9a8b7c6d5e4f40312f1e0d9c8b7a6958");
/// assert_eq!(format!("{secret:?}"), "Secret(***)");
/// assert_eq!(secret.expose(), "DAS9a8b7c6d5e4f40312f1e0d9c8b7a6958");
/// ```
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Returns the credential, to send or store it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl From<&Secret> for Secret {
    fn from(secret: &Secret) -> Self {
        secret.clone()
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(String::from(Text::deserialize(deserializer)?).into())
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for Secret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secret".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "format": "password"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_like_text() {
        assert_eq!(Secret::from("a"), Secret::from("a".to_owned()));
        assert_ne!(Secret::from("a"), Secret::from("b"));
        assert_ne!(Secret::from("a"), Secret::from("ab"));
    }

    #[test]
    fn reads_a_password_of_digits() {
        let secret: Secret = serde_json::from_str("12345678").expect("a number");
        assert_eq!(secret.expose(), "12345678");
    }

    #[test]
    fn shows_nothing_and_exposes_the_text() {
        for text in ["", "hunter22", "ü"] {
            let secret = Secret::from(text);
            assert_eq!((secret.expose(), secret.is_empty()), (text, text.is_empty()));
            assert_eq!(format!("{secret:?} {:#?}", Some(&secret)), "Secret(***) Some(\n    Secret(***),\n)");
            assert_eq!(serde_json::to_string(&secret).expect("a text"), format!("{text:?}"));
            for equal in [Secret::from(&secret), text.parse().expect("any text"), text.to_owned().into()] {
                assert_eq!(equal.expose(), text);
            }
        }
    }

    /// Forms hide what is typed into a field of the format `password`.
    #[cfg(feature = "schemars")]
    #[test]
    fn the_schema_of_a_credential_is_that_of_a_password() {
        use schemars::JsonSchema;

        let password = serde_json::json!({"type": "string", "format": "password"});
        macro_rules! check {
            ($($name:ident)*) => {$(
                let schema = schemars::SchemaGenerator::default().into_root_schema_for::<crate::$name>();
                assert_eq!(crate::$name::schema_name(), stringify!($name));
                for (member, value) in password.as_object().expect("an object") {
                    assert_eq!(schema.get(member), Some(value), stringify!($name));
                }
            )*};
        }
        check! { Secret ApiKey ApiSecret AccessToken }
    }
}
