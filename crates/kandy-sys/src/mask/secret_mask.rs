//! Masks the secrets of one request in text that comes from outside.

use std::{borrow::Cow, fmt};

use serde_json::Value;

use super::{known_values, names::holds_credential, text::mask};
use crate::Secret;

/// Masks the secrets of one request in text that comes from outside, such as the message of the service.
///
/// It masks each value in any case, escaped for a URL, for JSON or for HTML, and with separators between its characters. A
/// value of fewer than four characters is masked only as a whole word. It also masks what is recognisable without the
/// request: words that have the form of a credential, and values after a name such as `password`.
///
/// A raw [`Call`](crate::Call) masks with the secrets of its own request. A [`Transport`](crate::Transport) that adds an
/// access token inserts a mask into the extensions of the response, as [`BodyReader`](crate::transport::BodyReader) does.
///
/// ```
/// use kandy_sys::SecretMask;
///
/// let mut mask = SecretMask::default();
/// mask.add("hunter22");
/// assert_eq!(mask.text("HUNTER22 is too easy; key=abc"), "*** is too easy; key=***");
/// ```
#[derive(Clone, Default)]
pub struct SecretMask {
    values: Vec<Secret>,
}

impl SecretMask {
    /// Adds a secret.
    ///
    /// ```
    /// # use kandy_sys::SecretMask;
    /// let mut mask = SecretMask::default();
    /// mask.add("a");
    /// assert_eq!(mask.text("a cat"), "*** cat");
    /// ```
    pub fn add(&mut self, secret: impl Into<Secret>) {
        let secret = secret.into();
        if !secret.is_empty() && !self.values.contains(&secret) {
            self.values.push(secret);
        }
    }

    /// Adds the secrets of another mask.
    ///
    /// ```
    /// # use kandy_sys::SecretMask;
    /// let (mut mask, mut other) = (SecretMask::default(), SecretMask::default());
    /// other.add("hunter22");
    /// mask.extend(&other);
    /// assert_eq!(mask.text("hunter22"), "***");
    /// ```
    pub fn extend(&mut self, other: &Self) {
        other.values.iter().for_each(|secret| self.add(secret.clone()));
    }

    /// Adds the secrets in a JSON value: every string and number that [`mask_json`](crate::mask_json) would replace.
    ///
    /// ```
    /// # use kandy_sys::SecretMask;
    /// let mut mask = SecretMask::default();
    /// mask.add_json(&serde_json::json!({"user_id": "russ", "user_password": "hunter22"}));
    /// assert_eq!(mask.text("hunter22 of russ"), "*** of russ");
    /// ```
    pub fn add_json(&mut self, value: &Value) {
        self.add_nodes(value, false);
    }

    fn add_nodes(&mut self, value: &Value, is_secret: bool) {
        match value {
            Value::String(text) if is_secret => self.add(text.as_str()),
            Value::Number(number) if is_secret => self.add(number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| self.add_nodes(item, is_secret)),
            Value::Object(members) => {
                for (name, member) in members {
                    self.add_nodes(member, is_secret || holds_credential(name));
                }
            }
            _ => {}
        }
    }

    /// Returns a mask for the secrets in the query of a URL.
    ///
    /// ```
    /// # use kandy_sys::SecretMask;
    /// let url = "https://api.kandy.io/v1.2/users/devices?key=UAT5e4d3c&user_id=russ".parse()?;
    /// assert_eq!(SecretMask::of_url(&url).text("russ has no UAT5e4d3c"), "russ has no ***");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_url(url: &reqwest::Url) -> Self {
        let mut mask = Self::default();
        for (name, value) in url.query_pairs() {
            if holds_credential(&name) {
                mask.add(value.into_owned());
            }
        }
        mask
    }

    /// Masks the secrets in a text.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.known_values(text) {
            Cow::Borrowed(text) => mask(text),
            Cow::Owned(text) => mask(&text).into_owned().into(),
        }
    }

    /// Masks only the secrets that were added, and not what looks like a credential: bare hexadecimal digits are also the form of
    /// ids.
    ///
    /// ```
    /// # use kandy_sys::SecretMask;
    /// let mut mask = SecretMask::default();
    /// mask.add("hunter22");
    /// let text = "hunter22 of 0123456789abcdef0123456789abcdef";
    /// assert_eq!(mask.known_values(text), "*** of 0123456789abcdef0123456789abcdef");
    /// assert_eq!(mask.text(text), "*** of ***");
    /// ```
    pub fn known_values<'a>(&self, text: &'a str) -> Cow<'a, str> {
        known_values::mask(text, self.values.iter().map(Secret::expose))
    }

    /// Masks the secrets in a text in place.
    pub(crate) fn mask_in_place(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.text(text) {
            *text = masked;
        }
    }
}

/// Shows the number of secrets, and none of them.
impl fmt::Debug for SecretMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretMask").field("secrets", &self.values.len()).finish()
    }
}
