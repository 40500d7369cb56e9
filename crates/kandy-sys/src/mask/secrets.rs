//! The secrets of one request.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc};

use bytes::Bytes;
use serde_json::Value;

use super::{holds_credential, mask, repeated};
use crate::{ApiFault, DecodeError, Operation, Secret, TransportFailure, request::Content};

/// Masks the secrets that a request carried in text that comes from outside, such as the message of the service.
///
/// It masks each value in whatever spelling the text has it: other letters of case, escaped for a URL, for JSON or for
/// HTML, with separators in between. A value of fewer than four characters is masked only where it stands as a word. What
/// is recognised as a secret without knowing any is masked as well: words of the form of a credential, and values after a
/// name such as `password`.
///
/// A raw [`Call`](crate::Call) uses one for its own secrets. A [`Transport`](crate::Transport) that adds an access token
/// puts one into the extensions of the response, as [`BodyReader`](crate::transport::BodyReader) does.
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

    /// Adds the secrets of another one.
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

    /// A mask for the secrets in the query of a URL.
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
        match self.repeated(text) {
            Cow::Borrowed(text) => mask(text),
            Cow::Owned(text) => mask(&text).into_owned().into(),
        }
    }

    /// Masks the secrets of the request only.
    fn repeated<'a>(&self, text: &'a str) -> Cow<'a, str> {
        repeated::mask(text, self.values.iter().map(Secret::expose))
    }

    fn clean(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.text(text) {
            *text = masked;
        }
    }

    /// Masks the secrets in all texts of a fault.
    ///
    /// ```
    /// use kandy_sys::{ApiFault, SecretMask, Status};
    ///
    /// let mut mask = SecretMask::default();
    /// mask.add("hunter22");
    /// let fault = mask.fault(ApiFault::new(Status::INVALID_PASSWORD, "hunter22 is too easy"));
    /// assert_eq!(fault.message, "*** is too easy");
    /// ```
    pub fn fault(&self, mut fault: ApiFault) -> ApiFault {
        self.clean(&mut fault.message);
        self.description(&mut fault.status_description);
        fault
    }

    pub(crate) fn description(&self, description: &mut Option<crate::types::StatusDescription>) {
        if let Some(message) = description.as_mut().and_then(|description| description.message.as_mut()) {
            self.clean(message);
        }
    }

    /// Names in it are of our own types, so that only the values of the request are masked.
    pub(crate) fn problem(&self, problem: DecodeError) -> DecodeError {
        DecodeError::at(self.repeated(&problem.path), self.repeated(&problem.reason))
    }

    pub(crate) fn message(&self, message: &mut String) {
        self.clean(message);
    }

    /// Masks the secrets in a failure and its sources. A failure without any stays what it is.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use kandy_sys::{SecretMask, TransportFailure};
    ///
    /// let mut mask = SecretMask::default();
    /// mask.add("hunter22");
    /// let failure: TransportFailure = Arc::new(std::io::Error::other("no host hunter22"));
    /// assert_eq!(mask.failure(failure).to_string(), "no host ***");
    /// ```
    pub fn failure(&self, failure: TransportFailure) -> TransportFailure {
        let mut layers = vec![];
        let mut next: Option<&(dyn StdError + 'static)> = Some(failure.as_ref());
        let mut is_clean = true;
        while let Some(error) = next {
            let (text, debug) = (error.to_string(), format!("{error:?}"));
            is_clean &=
                matches!(self.text(&text), Cow::Borrowed(_)) && matches!(self.repeated(&debug), Cow::Borrowed(_));
            layers.push(self.text(&text).into_owned());
            next = error.source();
        }
        if is_clean {
            return failure;
        }
        let masked = layers.into_iter().rev().fold(None, |source, text| Some(Box::new(MaskedFailure { text, source })));
        match masked {
            Some(masked) => Arc::new(*masked),
            None => failure,
        }
    }
}

/// Shows how many, and none of them.
impl fmt::Debug for SecretMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretMask").field("secrets", &self.values.len()).finish()
    }
}

/// The text of a failure whose own text repeats a secret.
struct MaskedFailure {
    text: String,
    source: Option<Box<MaskedFailure>>,
}

impl fmt::Display for MaskedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for MaskedFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MaskedFailure").field(&self.text).finish()
    }
}

impl StdError for MaskedFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// What a call keeps of its request to build a [`SecretMask`] when the response is no success. Keeping it allocates only
/// for requests with a secret in the query.
#[derive(Clone, Default)]
pub struct RequestSecrets<'a> {
    query: Vec<Cow<'a, str>>,
    body: Option<Bytes>,
}

impl<'a> RequestSecrets<'a> {
    pub(crate) fn new(operation: &Operation, query: &[(&'static str, Cow<'a, str>)], content: &Content) -> Self {
        let is_secret = |name| operation.parameters.iter().any(|known| known.name == name && known.secret);
        let query = query.iter().filter(|(name, _)| is_secret(*name)).map(|(_, value)| value.clone()).collect();
        let body = match content {
            Content::Json(json) => Some(json.clone()),
            _ => None,
        };
        Self { query, body }
    }

    pub(crate) fn mask(&self) -> SecretMask {
        let mut mask = SecretMask::default();
        self.query.iter().for_each(|value| mask.add(value.as_ref()));
        if let Some(body) = self.body.as_ref().and_then(|body| serde_json::from_slice(body).ok()) {
            add_members(&mut mask, &body, false);
        }
        mask
    }
}

/// Adds the secrets of a body, as [`mask_json`](super::mask_json) finds them.
fn add_members(mask: &mut SecretMask, value: &Value, is_secret: bool) {
    match value {
        Value::String(text) if is_secret => mask.add(text.as_str()),
        Value::Number(number) if is_secret => mask.add(number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| add_members(mask, item, is_secret)),
        Value::Object(members) => {
            for (name, member) in members {
                add_members(mask, member, is_secret || holds_credential(name));
            }
        }
        _ => {}
    }
}
