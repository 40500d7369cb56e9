//! The secrets of a request, kept by a call until the response is there.

use std::borrow::Cow;

use bytes::Bytes;

use crate::{Operation, SecretMask, content::Content, few::Few};

/// The parts of a request that a call keeps, to build a [`SecretMask`] only when the response is not the usual success.
#[derive(Clone, Default)]
pub struct RequestSecrets<'a> {
    query: Few<Cow<'a, str>>,
    body: Option<Bytes>,
}

impl<'a> RequestSecrets<'a> {
    pub(crate) fn new(operation: &Operation, query: &Few<(&'static str, Cow<'a, str>)>, content: &Content) -> Self {
        let is_secret = |name| operation.parameters.iter().any(|known| known.name == name && known.secret);
        let query = query.iter().filter(|(name, _)| is_secret(*name)).map(|(_, value)| value.clone());
        let body = match content {
            Content::Json(json) => Some(json.clone()),
            _ => None,
        };
        Self { query: query.collect(), body }
    }

    pub(crate) fn mask(&self) -> SecretMask {
        let mut mask = SecretMask::default();
        self.query.iter().for_each(|value| mask.add(value.as_ref()));
        if let Some(body) = self.body.as_ref().and_then(|body| serde_json::from_slice(body).ok()) {
            mask.add_json(&body);
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the texts that the mask of a request replaces.
    fn masked(id: &str, query: &[(&'static str, &'static str)], content: &Content, text: &str) -> String {
        let query: Few<_> = query.iter().map(|(name, value)| (*name, (*value).into())).collect();
        let secrets = RequestSecrets::new(Operation::find(id).expect(id), &query, content);
        secrets.mask().text(text).into_owned()
    }

    #[test]
    fn the_secrets_of_query_and_body_are_masked_and_nothing_else() {
        let body = Content::Json(Bytes::from_static(br#"{"user_id":"russ","user_password":"hunter22"}"#));
        let no_json = Content::Json(Bytes::from_static(b"hunter22"));
        let text = "first1 second2 hunter22 russ";
        for (id, query, content, expected) in [
            ("user_access_token_get", &[][..], &Content::None, text),
            ("user_access_token_get", &[("key", "first1")], &Content::None, "*** second2 hunter22 russ"),
            (
                "domain_access_token_get",
                &[("key", "first1"), ("domain_api_secret", "second2")],
                &Content::None,
                "*** *** hunter22 russ",
            ),
            (
                "user_access_token_get",
                &[("user_id", "russ"), ("user_password", "hunter22")],
                &Content::None,
                "first1 second2 *** russ",
            ),
            // A name is secret by the parameters of its operation alone.
            ("user_list", &[("key", "first1")], &Content::None, text),
            ("user_create", &[("key", "first1")], &body, "first1 second2 *** russ"),
            ("user_create", &[], &no_json, text),
        ] {
            assert_eq!(masked(id, query, content, text), expected, "{id} {query:?}");
        }
    }
}
