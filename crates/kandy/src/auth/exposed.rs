//! [`Exposed`]: the only way to serialise a credential. Depends on `credentials`.

use kandy_sys::Secret;
use serde::{Deserialize, Serialize, Serializer};

use super::{AccessToken, ApiKey, ApiSecret};

/// A credential that is serialised as its text, for a store that may hold credentials.
///
/// Results such as [`UserDetails`](crate::UserDetails) and [`CreatedUser`](crate::CreatedUser) leave their credentials
/// out when they are serialised, and read them where they are present. A credential that such a result requires is empty
/// after reading. To store a user together with the keys, name each one that is to be stored:
///
/// ```
/// use kandy::{ApiKey, ApiSecret, CreatedUser, Exposed, User};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct StoredUser {
///     user: CreatedUser,
///     api_key: Option<Exposed<ApiKey<User>>>,
///     api_secret: Option<Exposed<ApiSecret<User>>>,
/// }
///
/// let mut user = CreatedUser::default();
/// user.user_id = Some("russ".into());
/// user.api_key = Some("UAK0".into());
/// user.api_secret = Some("UAS0".into());
///
/// let stored = StoredUser {
///     api_key: user.api_key.clone().map(Exposed),
///     api_secret: user.api_secret.clone().map(Exposed),
///     user: user.clone(),
/// };
/// let json = serde_json::to_string(&stored)?;
/// assert_eq!(json, r#"{"user":{"user_id":"russ"},"api_key":"UAK0","api_secret":"UAS0"}"#);
///
/// let mut read: StoredUser = serde_json::from_str(&json)?;
/// read.user.api_key = read.api_key.map(|key| key.0);
/// read.user.api_secret = read.api_secret.map(|secret| secret.0);
/// assert_eq!(read.user, user);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// `Debug` hides the credential, as that of the credential itself does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Exposed<T>(pub T);

impl<T> From<T> for Exposed<T> {
    fn from(credential: T) -> Self {
        Self(credential)
    }
}

impl Serialize for Exposed<Secret> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

/// Implements `Serialize` for exposed credentials of each level.
macro_rules! exposed {
    ($($name:ident)*) => {$(
        impl<L> Serialize for Exposed<$name<L>> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.expose())
            }
        }
    )*};
}

exposed! { AccessToken ApiKey ApiSecret }
