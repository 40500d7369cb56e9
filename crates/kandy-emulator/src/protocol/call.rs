//! A request to an operation: the parameters in the query and in the body.
//!
//! Depends on `refusal`. Begin with `Call`.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use kandy_sys::{ApiFault, Operation, Status};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::{
    refusal::{self, Refusal},
    server_address::ServerAddress,
};

/// The tag of the operations that have a status of their own for a missing parameter.
const GROUP_TAG: &str = "Group";

/// Names and values of a query or a form, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormParams {
    /// Names and values one after another, decoded: one allocation for all, as each request has some.
    text: String,
    /// Where each name and its value end.
    ends: Vec<(usize, usize)>,
}

impl FormParams {
    /// Decodes a query or a form. Returns none if a name or a value is not UTF-8. A `%` without two digits is kept as
    /// it is, as in browsers.
    pub(crate) fn decode(encoded: &str) -> Option<Self> {
        let mut params = Self::default();
        // What is decoded is no longer.
        params.text.reserve_exact(encoded.len());
        for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            params.push(&decode(name)?, &decode(value)?);
        }
        Some(params)
    }

    fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let name_end = self.text.len();
        self.text.push_str(value);
        self.ends.push((name_end, self.text.len()));
    }

    /// The names and values in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let begins = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        begins.zip(&self.ends).map(|(begin, (name_end, end))| {
            let text = |range| self.text.get(range).unwrap_or_default();
            (text(begin..*name_end), text(*name_end..*end))
        })
    }

    /// The JSON object that a form stands for: `a[b]=1` is `{"a": {"b": "1"}}`, and `a[]=1` and `a[0]=1` are
    /// `{"a": ["1"]}`. All values are strings. The first value of a name counts. A name of another form, such as one with
    /// more than [`MAX_DEPTH`] levels, is taken as it is.
    pub(crate) fn into_json(self) -> Map<String, Value> {
        let mut object = Map::new();
        for (name, value) in self.iter() {
            match levels(name) {
                Some(levels) => insert(&mut object, &levels, value.to_owned()),
                None => drop(object.entry(name).or_insert_with(|| value.into())),
            }
        }
        object
    }

    /// The first value with this name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }
}

/// How many levels a name in a form may have. The deepest body of the API has four.
const MAX_DEPTH: usize = 8;

/// The levels of a name such as `message[message][text]`. None if it is of another form.
fn levels(name: &str) -> Option<Vec<&str>> {
    let (first, rest) = name.split_once('[')?;
    let rest = rest.strip_suffix(']').filter(|_| !first.is_empty())?;
    let levels: Vec<_> = std::iter::once(first).chain(rest.split("][")).collect();
    (levels.len() <= MAX_DEPTH && !levels.iter().any(|level| level.contains(['[', ']']))).then_some(levels)
}

/// Inserts a value below levels. What does not fit a value before it is left out.
fn insert(object: &mut Map<String, Value>, levels: &[&str], value: String) {
    match levels {
        [] => {}
        [name] => drop(object.entry(*name).or_insert(Value::String(value))),
        // A list of texts: its items come in order, whatever number they have.
        [name, item] if is_index(item) => {
            if let Value::Array(items) = object.entry(*name).or_insert_with(|| Value::Array(Vec::new())) {
                items.push(Value::String(value));
            }
        }
        // A list of objects: an item begins where its number is new, or, without numbers, where a field comes again.
        [name, item, rest @ ..] if is_index(item) => {
            let Value::Array(items) = object.entry(*name).or_insert_with(|| Value::Array(Vec::new())) else { return };
            let is_new = match item.parse::<usize>() {
                Ok(number) => number >= items.len(),
                Err(_) => items.last().and_then(Value::as_object).is_none_or(|last| has(last, rest)),
            };
            if is_new {
                items.push(Value::Object(Map::new()));
            }
            let at = item.parse().unwrap_or(usize::MAX).min(items.len().saturating_sub(1));
            if let Some(Value::Object(item)) = items.get_mut(at) {
                insert(item, rest, value);
            }
        }
        [name, rest @ ..] => {
            if let Value::Object(inner) = object.entry(*name).or_insert_with(|| Value::Object(Map::new())) {
                insert(inner, rest, value);
            }
        }
    }
}

/// Whether a level is a place in a list: `a[]` or `a[0]`.
fn is_index(level: &str) -> bool {
    level.bytes().all(|c| c.is_ascii_digit())
}

/// Whether an object has a value at these levels.
fn has(object: &Map<String, Value>, levels: &[&str]) -> bool {
    match levels {
        [] => false,
        [name] => object.contains_key(*name),
        [name, rest @ ..] => object.get(*name).and_then(Value::as_object).is_some_and(|inner| has(inner, rest)),
    }
}

fn decode(text: &str) -> Option<Cow<'_, str>> {
    // Nearly all names and values are plain, and need no decoding.
    if !text.bytes().any(|c| c == b'+' || c == b'%') {
        return Some(text.into());
    }
    percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(|text| text.into_owned().into())
}

/// An uploaded file.
#[derive(Debug)]
pub(crate) struct UploadedFile {
    pub(crate) bytes: Bytes,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) enum Body {
    Bytes(Bytes),
    File(UploadedFile),
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

/// A request to an operation.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) operation: &'static Operation,
    query: FormParams,
    /// Decoded before the state is locked, and looked at after the credentials are checked.
    json: Result<Map<String, Value>, Refusal>,
    file: Option<UploadedFile>,
    /// The header `Host`.
    host: Option<HeaderValue>,
    is_secure: bool,
}

impl Call {
    pub(crate) fn new(
        operation: &'static Operation,
        query: FormParams,
        headers: &HeaderMap,
        is_secure: bool,
        body: Body,
    ) -> Self {
        let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let is_form = essence.eq_ignore_ascii_case("application/x-www-form-urlencoded");
        let (json, file) = match body {
            Body::Bytes(bytes) => (decode_json(&bytes, is_form), None),
            Body::File(file) => (Ok(Map::new()), Some(file)),
        };
        Self { operation, query, json, file, host: headers.get(header::HOST).cloned(), is_secure }
    }

    /// The address that the client reached the emulator at.
    pub(crate) fn server_address(&self) -> ServerAddress {
        ServerAddress::of(self.host.as_ref(), self.is_secure)
    }

    /// A query parameter. One without a value counts as left out.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).filter(|value| !value.is_empty())
    }

    /// A query parameter, which may be empty.
    pub(crate) fn query_even_empty(&self, name: &str) -> Option<&str> {
        self.query.get(name)
    }

    /// A query parameter that must be there.
    pub(crate) fn require(&self, name: &str) -> Result<&str, ApiFault> {
        self.query(name).ok_or_else(|| self.missing(name))
    }

    /// The fault of a missing parameter.
    pub(crate) fn missing(&self, name: &str) -> ApiFault {
        match self.operation.tag {
            GROUP_TAG => ApiFault { status: Status::MISSING_PARAMETERS, ..refusal::missing(name) },
            _ => refusal::missing(name),
        }
    }

    /// The body as a JSON object, empty if there is none.
    pub(crate) fn json(&self) -> Result<&Map<String, Value>, Refusal> {
        self.json.as_ref().map_err(Clone::clone)
    }

    /// The file of an upload.
    pub(crate) fn file(&self) -> Option<&UploadedFile> {
        self.file.as_ref()
    }

    /// Reads the fields of a request: from the body as JSON or as a form, and from the query.
    pub(crate) fn fields(&self) -> Result<Fields<'_>, Refusal> {
        Ok(Fields { call: self, body: self.json()? })
    }
}

/// Decodes a body, which has to be JSON if there is one, whatever `Content-Type` says, or a form that stands for JSON:
/// `message[destination]=…&message[message][text]=…`.
fn decode_json(body: &[u8], is_form: bool) -> Result<Map<String, Value>, Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    // curl sends JSON with the content type of a form, unless it is told otherwise.
    if is_form && !body.trim_ascii_start().starts_with(b"{") {
        let form = str::from_utf8(body).ok().and_then(FormParams::decode);
        return form.map(FormParams::into_json).ok_or_else(|| Refusal::unreadable("request body cannot be read"));
    }
    // Malformed JSON is HTTP 400 (`robustness::malformed_json_returns_400`); JSON of another form is a status with
    // HTTP 200.
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ApiFault::new(Status::VALIDATION_FAILED, "request body is not an object").into()),
        Err(_) => Err(Refusal::unreadable("request body cannot be read")),
    }
}

/// The fields of a request, from the body and then from the query.
pub(crate) struct Fields<'a> {
    call: &'a Call,
    body: &'a Map<String, Value>,
}

impl Fields<'_> {
    /// A field, which may be empty.
    pub(crate) fn given(&self, name: &str) -> Result<Option<String>, ApiFault> {
        match text(self.body, name)? {
            Some(text) => Ok(Some(text)),
            None => Ok(self.call.query.get(name).map(str::to_owned)),
        }
    }

    /// A field that is a list of strings, which must be there: as JSON, or as JSON written out as text. An empty one
    /// counts as left out.
    pub(crate) fn required_list(&self, name: &str) -> Result<Vec<String>, ApiFault> {
        let list = match self.body.get(name) {
            Some(Value::Array(_)) => self.body.get(name).cloned(),
            _ => self.optional(name)?.map(|text| Value::String(text.into())),
        };
        let texts = match list.ok_or_else(|| self.call.missing(name))? {
            Value::String(text) => serde_json::from_str(&text),
            list => serde_json::from_value::<Vec<String>>(list),
        };
        match texts {
            Ok(texts) if texts.is_empty() => Err(self.call.missing(name)),
            texts => texts.map_err(|_| refusal::invalid(name)),
        }
    }

    /// A field that is `true` or `false`, which must be there.
    pub(crate) fn required_flag(&self, name: &str) -> Result<bool, ApiFault> {
        match self.body.get(name) {
            Some(Value::Bool(flag)) => Ok(*flag),
            _ => self.required(name)?.parse().map_err(|_| refusal::invalid(name)),
        }
    }

    /// A field that is an object, as JSON. Any other value counts as left out.
    pub(crate) fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.body.get(name)?.as_object()
    }

    /// A field. An empty one counts as left out.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<Box<str>>, ApiFault> {
        Ok(self.given(name)?.filter(|text| !text.is_empty()).map(Into::into))
    }

    /// A field that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<Box<str>, ApiFault> {
        self.optional(name)?.ok_or_else(|| self.call.missing(name))
    }
}

/// A member that is a text, or a number, which a text may be written as.
pub(crate) fn text(members: &Map<String, Value>, name: &str) -> Result<Option<String>, ApiFault> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(refusal::invalid(name)),
    }
}

/// As [`text`], where an empty text counts as left out.
pub(crate) fn non_empty(members: &Map<String, Value>, name: &str) -> Result<Option<String>, ApiFault> {
    Ok(text(members, name)?.filter(|text| !text.is_empty()))
}

/// As [`non_empty`], of a required member.
pub(crate) fn required(call: &Call, members: &Map<String, Value>, name: &str) -> Result<String, ApiFault> {
    non_empty(members, name)?.ok_or_else(|| call.missing(name))
}

/// A member that is an object, which must be there.
pub(crate) fn object<'a>(
    call: &Call,
    members: &'a Map<String, Value>,
    name: &str,
) -> Result<&'a Map<String, Value>, ApiFault> {
    match members.get(name) {
        None | Some(Value::Null) => Err(call.missing(name)),
        Some(Value::Object(object)) => Ok(object),
        Some(_) => Err(refusal::invalid(name)),
    }
}

#[cfg(test)]
impl FormParams {
    /// Parameters with these names and values.
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        let mut params = Self::default();
        pairs.iter().for_each(|(name, value)| params.push(name, value));
        params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_forms_stand_for_json() {
        let json = |form: &str| Value::Object(FormParams::decode(form).expect("a form").into_json()).to_string();
        for (form, expected) in [
            ("a=1&b=2&a=3", r#"{"a":"1","b":"2"}"#),
            (
                "message[destination]=%2B1&message[message][text]=Hi",
                r#"{"message":{"destination":"+1","message":{"text":"Hi"}}}"#,
            ),
            ("m%5Ba%5D=1&m%5Bb%5D=2&m%5Ba%5D=3", r#"{"m":{"a":"1","b":"2"}}"#),
            ("a[]=1&a[]=2", r#"{"a":["1","2"]}"#),
            ("a[0]=1&a[1]=2", r#"{"a":["1","2"]}"#),
            ("c[0][n]=x&c[0][l][]=1&c[1][n]=y", r#"{"c":[{"l":["1"],"n":"x"},{"n":"y"}]}"#),
            ("c[][n]=x&c[][m]=1&c[][n]=y", r#"{"c":[{"m":"1","n":"x"},{"n":"y"}]}"#),
            ("a=1&a[b]=2", r#"{"a":"1"}"#),
            ("a[b]=1&a[]=2&a=3", r#"{"a":{"b":"1"}}"#),
            ("[a]=1&a[=2&a]=3&b[c]d=4&e[[f]]=5", r#"{"[a]":"1","a[":"2","a]":"3","b[c]d":"4","e[[f]]":"5"}"#),
            ("a[99999999999999999999][b]=1", r#"{"a":[{"b":"1"}]}"#),
            ("", "{}"),
        ] {
            let parsed: Value = serde_json::from_str(expected).expect(expected);
            assert_eq!(json(form), parsed.to_string(), "{form}");
        }
        let deep = format!("a{}=1", "[b]".repeat(100_000));
        assert!(json(&deep).starts_with(r#"{"a[b][b]"#), "a name of too many levels is one name");
    }

    #[test]
    fn decodes_strictly() {
        let params = FormParams::decode("key=a%3Db&&empty=&flag&a+b=%zz%").expect("valid");
        let expected = [("key", "a=b"), ("empty", ""), ("flag", ""), ("a b", "%zz%")];
        assert_eq!(params.iter().collect::<Vec<_>>(), expected);
        assert_eq!(FormParams::decode("a=%ff"), None);
        assert_eq!(FormParams::decode(""), Some(FormParams::default()));
        assert_eq!(FormParams::decode("a=1&a=2").expect("valid").get("a"), Some("1"));
    }
}
