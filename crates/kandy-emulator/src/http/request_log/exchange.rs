//! An exchange: the heads and bodies of a request and its response, kept as they were and shown with credentials masked.
//!
//! They are copied while a request is handled, which has to be cheap, and parsed and masked only when someone looks.
//!
//! Depends on `protocol::call` and `text`. Begin with `Exchange`.

use bytes::Bytes;
use http::{HeaderMap, header};
use kandy_sys::{MASK, SecretMask, mask_credentials, mask_json, may_hold_credential};
use serde::Serialize;
use serde_json::Value;

use crate::{protocol::call::FormParams, text};

/// The length of the longest body that is kept.
const LONGEST: usize = 64 * 1024;

/// A request and its response.
pub(crate) struct Exchange {
    /// The query of the request, encoded.
    query: String,
    request: Message,
    response: Message,
}

/// The headers and the body of a request or a response.
pub(crate) struct Message {
    /// As lines `name: value`. Copied, because the parts of a head share the buffer of the connection and would keep it.
    headers: Vec<u8>,
    body: Body,
}

/// A body.
#[derive(Clone)]
pub(crate) enum Body {
    Bytes(Bytes),
    /// What is not kept, and why.
    LeftOut(&'static str),
}

impl Body {
    /// A body, unless it is too long.
    pub(crate) fn new(bytes: &Bytes) -> Self {
        match bytes.len() > LONGEST {
            true => Self::LeftOut("It is longer than 64 KiB, so it is not kept."),
            false => Self::Bytes(bytes.clone()),
        }
    }
}

impl Message {
    pub(crate) fn new(headers: &HeaderMap, body: Body) -> Self {
        const ROOM: usize = 48;
        let mut lines = Vec::with_capacity(headers.len() * ROOM);
        for (name, value) in headers {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"] {
                lines.extend_from_slice(part);
            }
        }
        Self { headers: lines, body }
    }

    /// Names and values. A value has no line end.
    fn headers(&self) -> impl Iterator<Item = (String, String)> {
        self.headers.split(|byte| *byte == b'\n').filter_map(|line| {
            let line = String::from_utf8_lossy(line);
            line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()))
        })
    }

    fn is_form(&self) -> bool {
        self.headers().any(|(name, value)| {
            name == header::CONTENT_TYPE.as_str() && value.starts_with("application/x-www-form-urlencoded")
        })
    }

    fn bytes(&self) -> usize {
        let body = match &self.body {
            Body::Bytes(bytes) => bytes.len(),
            Body::LeftOut(_) => 0,
        };
        self.headers.capacity() + body
    }

    fn json(&self) -> Option<Value> {
        match &self.body {
            Body::Bytes(bytes) => serde_json::from_slice(text::decode(bytes).ok()?.as_bytes()).ok(),
            Body::LeftOut(_) => None,
        }
    }

    fn show(&self, mask: &SecretMask) -> ShownMessage {
        let headers = self.headers().map(|(name, value)| {
            let value = if holds_credential(&name) { MASK.to_owned() } else { mask.text(&value).into_owned() };
            (name, value)
        });
        ShownMessage { headers: headers.collect(), body: self.show_body(mask) }
    }

    fn show_body(&self, mask: &SecretMask) -> ShownBody {
        let bytes = match &self.body {
            Body::LeftOut(reason) => return ShownBody::LeftOut { reason },
            Body::Bytes(bytes) if bytes.is_empty() => return ShownBody::None,
            Body::Bytes(bytes) => bytes,
        };
        if let Some(mut value) = self.json() {
            mask_json(&mut value);
            mask_texts(&mut value, mask);
            return ShownBody::Json { value };
        }
        let Ok(decoded) = text::decode(bytes) else {
            return ShownBody::LeftOut { reason: "It is not a text." };
        };
        if self.is_form()
            && let Some(FormParams(fields)) = FormParams::decode(&decoded)
        {
            let fields = fields.into_iter().map(|(name, value)| match holds_credential(&name) {
                true => (name, MASK.to_owned()),
                false => (masked(&name, mask), masked(&value, mask)),
            });
            return ShownBody::Form { fields: fields.collect() };
        }
        ShownBody::Text { text: mask.text(&decoded).into_owned() }
    }
}

impl Exchange {
    pub(crate) fn new(query: Option<&str>, request: Message, response: Message) -> Self {
        Self { query: query.unwrap_or_default().to_owned(), request, response }
    }

    /// How many bytes it takes, roughly.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.query.len() + self.request.bytes() + self.response.bytes()
    }

    /// The credential in the query.
    pub(crate) fn key(&self) -> Option<String> {
        FormParams::decode(&self.query)?.get("key").map(str::to_owned)
    }

    /// Shows both messages, with credentials masked: by their names, by their form, and wherever the value of one comes again.
    pub(crate) fn show(&self) -> Shown {
        let mut mask = SecretMask::default();
        let query = FormParams::decode(&self.query).unwrap_or_default();
        for (_, value) in query.0.iter().filter(|(name, _)| holds_credential(name)) {
            mask.add(value.as_str());
        }
        for json in [self.request.json(), self.response.json()].into_iter().flatten() {
            mask.add_json(&json);
        }
        Shown { request: self.request.show(&mask), response: self.response.show(&mask) }
    }
}

fn holds_credential(name: &str) -> bool {
    may_hold_credential(name) || matches!(name, "authorization" | "proxy-authorization" | "cookie" | "set-cookie")
}

/// Masks the secrets of the exchange in the text of a member, and what has the form of a credential of the emulator. Bare
/// hexadecimal digits are ids there.
fn masked(text: &str, mask: &SecretMask) -> String {
    mask_credentials(&mask.known_values(text)).into_owned()
}

/// Masks the texts in a JSON value.
fn mask_texts(value: &mut Value, mask: &SecretMask) {
    match value {
        Value::String(text) => *text = masked(text, mask),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_texts(item, mask)),
        Value::Object(members) => members.values_mut().for_each(|member| mask_texts(member, mask)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// An exchange with credentials masked.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) request: ShownMessage,
    pub(crate) response: ShownMessage,
}

#[derive(Debug, Serialize)]
pub(crate) struct ShownMessage {
    headers: Vec<(String, String)>,
    body: ShownBody,
}

#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ShownBody {
    None,
    Json { value: Value },
    Form { fields: Vec<(String, String)> },
    Text { text: String },
    LeftOut { reason: &'static str },
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn message(content_type: &'static str, body: &'static str) -> Message {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer CANARY1"));
        headers.insert(
            header::REFERER,
            HeaderValue::from_static("https://example.com/?user_password=CANARY2&key=CANARY3"),
        );
        Message::new(&headers, Body::new(&Bytes::from_static(body.as_bytes())))
    }

    fn shown(content_type: &'static str, body: &'static str) -> Value {
        let answer = message("application/json", r#"{"result": {"user_access_token": "CANARY4"}}"#);
        let exchange = Exchange::new(Some("key=CANARY3&user_id=russ"), message(content_type, body), answer);
        assert_eq!(exchange.key().as_deref(), Some("CANARY3"));
        let shown = serde_json::to_value(exchange.show()).expect("JSON");
        assert!(!shown.to_string().contains("CANARY"), "{shown}");
        assert_eq!(shown["response"]["body"]["value"], json!({"result": {"user_access_token": "***"}}));
        shown["request"]["body"].clone()
    }

    #[test]
    fn bodies_are_shown_without_credentials() {
        let body = shown("application/json", r#"{"text": "CANARY3 and CANARY4", "user_password": "CANARY5", "n": 1}"#);
        assert_eq!(body, json!({"kind": "json", "value": {"text": "*** and ***", "user_password": "***", "n": 1}}));
        let body = shown("application/x-www-form-urlencoded", "user_password=CANARY6&text=a+b&CANARY3=1");
        let fields = json!([["user_password", "***"], ["text", "a b"], ["***", "1"]]);
        assert_eq!(body, json!({"kind": "form", "fields": fields}));
        let body = shown(
            "application/json",
            r#"{"a": "UAT0123456789abcdef0123456789abcdef, 0123456789abcdef0123456789abcdef"}"#,
        );
        assert_eq!(
            body,
            json!({"kind": "json", "value": {"a": "***, 0123456789abcdef0123456789abcdef"}}),
            "an id is none"
        );
        let body = shown("text/plain", "no JSON, CANARY4, password: CANARY7");
        assert_eq!(body, json!({"kind": "text", "text": "no JSON, ***, password: ***"}));
        assert_eq!(shown("text/plain", ""), json!({"kind": "none"}));
    }

    #[test]
    fn what_is_long_or_no_text_is_left_out() {
        let long = Bytes::from(vec![b'x'; LONGEST + 1]);
        for (bytes, is_kept) in
            [(long.slice(1..), true), (long, false), (Bytes::from_static(b"\x89PNG\xff\xfe"), false)]
        {
            let message = Message::new(&HeaderMap::new(), Body::new(&bytes));
            let body = message.show_body(&SecretMask::default());
            assert_eq!(matches!(body, ShownBody::Text { .. }), is_kept, "{} bytes", bytes.len());
        }
    }
}
