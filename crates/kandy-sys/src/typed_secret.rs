//! The types of API keys, API secrets and access tokens, each around a [`Secret`]. Each kind is a type of its own, so that
//! a call with two of them swapped does not compile. Begin reading at the macro `typed_secret`.

use std::{convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::Secret;

/// Defines the type of one kind of credential.
///
/// It has no `Deref` to [`Secret`]: by it, a reference to an API key would be accepted where a password belongs.
macro_rules! typed_secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Secret);

        impl $name {
            /// Returns the credential as text, to send or store it.
            pub fn expose(&self) -> &str {
                self.0.expose()
            }

            /// Returns whether it is empty.
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }

        impl AsRef<Secret> for $name {
            fn as_ref(&self) -> &Secret {
                &self.0
            }
        }

        impl From<Secret> for $name {
            fn from(secret: Secret) -> Self {
                Self(secret)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<&$name> for $name {
            fn from(credential: &$name) -> Self {
                credential.clone()
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(text: &str) -> Result<Self, Infallible> {
                Ok(text.into())
            }
        }

        impl From<$name> for Secret {
            fn from(credential: $name) -> Self {
                credential.0
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                Secret::json_schema(generator)
            }
        }
    };
}

typed_secret! {
    /// The API key of an account, a domain or a user. Like [`Secret`], it is not shown and is wiped when dropped.
    ///
    /// ```
    /// use kandy_sys::ApiKey;
    ///
    /// let key = ApiKey::from("DAK4f1c2b7e9d8a4c35b6e0f1a2b3c4d5e6");
    /// assert_eq!(format!("{key:?}"), "ApiKey(***)");
    /// assert_eq!(key.expose(), "DAK4f1c2b7e9d8a4c35b6e0f1a2b3c4d5e6");
    /// ```
    ///
    /// A call takes each kind of credential in its place only. This compiles:
    ///
    /// ```
    /// # use kandy_sys::{AccessToken, ApiKey, ApiSecret, Client, Secret};
    /// # fn calls(client: &Client, key: ApiKey, secret: ApiSecret, token: AccessToken, password: Secret) {
    /// let mint = client.domain_access_token_get(&secret, &key);
    /// let mint_account = client.account_access_token_get(&secret, &key);
    /// let revoke = client.domain_access_token_delete(&token, &secret, &key);
    /// let revoke_user = client.user_access_token_delete(&key, &token, "russ", &password);
    /// let look_up = client.user_get(Some(&token), Some(&key));
    /// # }
    /// ```
    ///
    /// The same calls with two credentials swapped do not compile:
    ///
    /// ```compile_fail,E0308
    /// # use kandy_sys::{ApiKey, ApiSecret, Client};
    /// # fn calls(client: &Client, key: ApiKey, secret: ApiSecret) {
    /// let mint = client.domain_access_token_get(&key, &secret);
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use kandy_sys::{ApiKey, ApiSecret, Client};
    /// # fn calls(client: &Client, key: ApiKey, secret: ApiSecret) {
    /// let mint_account = client.account_access_token_get(&key, &secret);
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use kandy_sys::{AccessToken, ApiKey, ApiSecret, Client};
    /// # fn calls(client: &Client, key: ApiKey, secret: ApiSecret, token: AccessToken) {
    /// let revoke = client.domain_access_token_delete(&secret, &token, &key);
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use kandy_sys::{AccessToken, ApiKey, Client, Secret};
    /// # fn calls(client: &Client, key: ApiKey, token: AccessToken, password: Secret) {
    /// let revoke_user = client.user_access_token_delete(&key, &token, "russ", &key); // the key in place of the password
    /// # }
    /// ```
    ///
    /// ```compile_fail,E0308
    /// # use kandy_sys::{AccessToken, ApiKey, Client};
    /// # fn calls(client: &Client, key: ApiKey, token: AccessToken) {
    /// let look_up = client.user_get(Some(&key), Some(&token));
    /// # }
    /// ```
    ApiKey
}

typed_secret! {
    /// The API secret of an account, a domain or a user. Like [`Secret`], it is not shown and is wiped when dropped.
    ///
    /// ```
    /// use kandy_sys::ApiSecret;
    ///
    /// let secret = ApiSecret::from("DAS9a8b7c6d5e4f40312f1e0d9c8b7a6958");
    /// assert_eq!(format!("{secret:?}"), "ApiSecret(***)");
    /// ```
    ApiSecret
}

typed_secret! {
    /// An access token of an account, a domain or a user. Like [`Secret`], it is not shown and is wiped when dropped.
    ///
    /// ```
    /// use kandy_sys::AccessToken;
    ///
    /// let token = AccessToken::from("UAT5e4d3c2b1a09f8e7d6c5b4a392817060");
    /// assert_eq!(format!("{token:?}"), "AccessToken(***)");
    /// ```
    AccessToken
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each kind behaves as the [`Secret`] inside it, but for its name.
    #[test]
    fn each_kind_shows_nothing_compares_as_text_and_is_json_text() {
        macro_rules! check {
            ($($name:ident)*) => {$(
                for text in ["", "hunter22", "ü"] {
                    let credential = $name::from(text);
                    assert_eq!((credential.expose(), credential.is_empty()), (text, text.is_empty()));
                    assert_eq!(format!("{credential:?}"), concat!(stringify!($name), "(***)"));
                    assert_eq!(serde_json::to_string(&credential).expect("a text"), format!("{text:?}"));
                    assert_eq!(credential.as_ref(), &Secret::from(text));
                    assert_eq!(Secret::from(credential.clone()), Secret::from(text));
                    for equal in [text.to_owned().into(), Secret::from(text).into(), (&credential).into()] {
                        assert_eq!(credential, equal);
                    }
                    assert_eq!(text.parse(), Ok(credential.clone()));
                    assert_ne!(credential, $name::from("another"));
                }
                // The service writes a credential of digits as a number in a few responses.
                let read: $name = serde_json::from_str("12345678").expect("a number");
                assert_eq!(read.expose(), "12345678");
            )*};
        }
        check! { ApiKey ApiSecret AccessToken }
    }
}
