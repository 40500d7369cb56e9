//! The secrets of a request, kept by a call until the response is there.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;

use crate::{Operation, SecretMask, content::Content, holds_credential};

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
            add_members(&mut mask, &body, false);
        }
        mask
    }
}

/// Adds the secrets of a body, as [`mask_json`](crate::mask_json) finds them.
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
