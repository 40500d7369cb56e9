//! An exchange: the heads and bodies of a request and its response, kept as they were and shown with credentials masked.
//!
//! They are parsed and masked only when someone looks.
//!
//! Depends on `response`, `protocol` and `text`. Begin with `Exchange`.

use bytes::Bytes;
use http::header;
use kandy_sys::{MASK, SecretMask, mask_credentials, mask_json, may_hold_credential};
use serde::Serialize;
use serde_json::Value;

use crate::{
    http::response::HttpResponse,
    protocol::{
        call::{self, FormParams},
        refusal::Refusal,
    },
    text,
};

/// The length of the longest body that is kept.
const LONGEST: usize = 64 * 1024;

/// A request and its response.
pub(crate) struct Exchange {
    /// The query of the request, encoded.
    pub(super) query: Vec<u8>,
    /// The headers, as lines `name: value`, and the body.
    pub(super) request: (Vec<u8>, Body),
    pub(super) response: (Vec<u8>, Body),
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

    /// Of a request whose body could not be read.
    pub(crate) const UNREADABLE: Self = Self::LeftOut("It could not be read.");

    /// The body of a request to an operation.
    pub(crate) fn of_request(body: &Result<call::Body, Refusal>) -> Self {
        match body {
            Ok(call::Body::Bytes(bytes)) => Self::new(bytes),
            Ok(call::Body::File(_)) => Self::LeftOut("Files are not kept in the log."),
            Err(_) => Self::UNREADABLE,
        }
    }

    /// The body of a response.
    pub(crate) fn of_response(response: &HttpResponse) -> Self {
        match response.rest {
            Some(_) => Self::LeftOut("It is a long list, of which the log keeps nothing."),
            None => Self::new(&response.body),
        }
    }

    fn json(&self) -> Option<Value> {
        match self {
            Self::Bytes(bytes) => serde_json::from_slice(text::decode(bytes).ok()?.as_bytes()).ok(),
            Self::LeftOut(_) => None,
        }
    }

    fn show(&self, is_form: bool, mask: &SecretMask) -> ShownBody {
        let bytes = match self {
            Self::LeftOut(reason) => return ShownBody::LeftOut { reason },
            Self::Bytes(bytes) if bytes.is_empty() => return ShownBody::None,
            Self::Bytes(bytes) => bytes,
        };
        if let Some(mut value) = self.json() {
            mask_json(&mut value);
            mask_texts(&mut value, mask);
            return ShownBody::Json { value };
        }
        let Ok(decoded) = text::decode(bytes) else {
            return ShownBody::LeftOut { reason: "It is not a text." };
        };
        if is_form && let Some(fields) = FormParams::decode(&decoded) {
            let fields = fields.iter().map(|(name, value)| match holds_credential(name) {
                true => (name.to_owned(), MASK.to_owned()),
                false => (masked(name, mask), masked(value, mask)),
            });
            return ShownBody::Form { fields: fields.collect() };
        }
        ShownBody::Text { text: mask.text(&decoded).into_owned() }
    }
}

impl Exchange {
    /// Shows both messages, with credentials masked: by their names, by their form, and wherever the value of one comes again.
    pub(crate) fn show(&self) -> Shown {
        let mut mask = SecretMask::default();
        for (_, value) in decode(&self.query).iter().filter(|(name, _)| holds_credential(name)) {
            mask.add(value);
        }
        for json in [self.request.1.json(), self.response.1.json()].into_iter().flatten() {
            mask.add_json(&json);
        }
        let show = |(headers, body): &(Vec<u8>, Body)| {
            let headers = read_headers(headers);
            let is_form = headers.iter().any(|(name, value)| {
                name == header::CONTENT_TYPE.as_str() && value.starts_with("application/x-www-form-urlencoded")
            });
            let body = body.show(is_form, &mask);
            ShownMessage { headers: headers.into_iter().map(|header| mask_header(header, &mask)).collect(), body }
        };
        Shown { request: show(&self.request), response: show(&self.response) }
    }
}

/// The credential in a query.
pub(super) fn key(query: &[u8]) -> Option<String> {
    decode(query).get("key").map(str::to_owned)
}

fn decode(query: &[u8]) -> FormParams {
    str::from_utf8(query).ok().and_then(FormParams::decode).unwrap_or_default()
}

/// Reads lines of headers. A value has no line end.
fn read_headers(lines: &[u8]) -> Vec<(String, String)> {
    let lines = lines.split(|byte| *byte == b'\n').map(String::from_utf8_lossy);
    lines.filter_map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

fn mask_header((name, value): (String, String), mask: &SecretMask) -> (String, String) {
    let value = if holds_credential(&name) { MASK.to_owned() } else { mask.text(&value).into_owned() };
    (name, value)
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
    use serde_json::json;

    use super::*;

    fn message(content_type: &str, body: &'static str) -> (Vec<u8>, Body) {
        let referer = "https://example.com/?user_password=CANARY2&key=CANARY3";
        let headers = format!("content-type: {content_type}\nauthorization: Bearer CANARY1\nreferer: {referer}\n");
        (headers.into_bytes(), Body::new(&Bytes::from_static(body.as_bytes())))
    }

    fn shown(content_type: &str, body: &'static str) -> Value {
        let exchange = Exchange {
            query: b"key=CANARY3&user_id=russ".to_vec(),
            request: message(content_type, body),
            response: message("application/json", r#"{"result": {"user_access_token": "CANARY4"}}"#),
        };
        assert_eq!(key(&exchange.query).as_deref(), Some("CANARY3"));
        let shown = serde_json::to_value(exchange.show()).expect("JSON");
        assert!(!shown.to_string().contains("CANARY"), "{shown}");
        assert_eq!(shown["request"]["headers"][0], json!(["content-type", content_type]));
        assert_eq!(shown["response"]["headers"][1], json!(["authorization", "***"]));
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
            let body = Body::new(&bytes).show(false, &SecretMask::default());
            assert_eq!(matches!(body, ShownBody::Text { .. }), is_kept, "{} bytes", bytes.len());
        }
    }
}
