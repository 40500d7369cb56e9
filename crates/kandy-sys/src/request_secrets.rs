//! The secrets of a request, kept by a call until the response is there.

use std::borrow::Cow;

use bytes::Bytes;

use crate::{Operation, SecretMask, content::Content};

/// The parts of a request that a call keeps, to build a [`SecretMask`] only when the response is not the usual success.
///
/// Keeping them allocates only for a request with several secrets in its query: the first one has a field of its own, so
/// that a call such as `user_get` needs no `Vec` (`bench counts`, kandy-sys get).
#[derive(Clone, Default)]
pub struct RequestSecrets<'a> {
    first: Option<Cow<'a, str>>,
    others: Vec<Cow<'a, str>>,
    body: Option<Bytes>,
}

impl<'a> RequestSecrets<'a> {
    pub(crate) fn new(operation: &Operation, query: &[(&'static str, Cow<'a, str>)], content: &Content) -> Self {
        let is_secret = |name| operation.parameters.iter().any(|known| known.name == name && known.secret);
        let mut secrets = query.iter().filter(|(name, _)| is_secret(*name)).map(|(_, value)| value.clone());
        let body = match content {
            Content::Json(json) => Some(json.clone()),
            _ => None,
        };
        Self { first: secrets.next(), others: secrets.collect(), body }
    }

    pub(crate) fn mask(&self) -> SecretMask {
        let mut mask = SecretMask::default();
        self.first.iter().chain(&self.others).for_each(|value| mask.add(value.as_ref()));
        if let Some(body) = self.body.as_ref().and_then(|body| serde_json::from_slice(body).ok()) {
            mask.add_json(&body);
        }
        mask
    }
}
