//! Decodes an envelope in one pass, and finds the place of the error in one that cannot be decoded.
//!
//! Begin with [`Envelope::read`]. The visitor handles `result` before `status`: in one pass it decodes the result as that
//! of a success, and falls back to the fault if that fails; as a [`Deserialize`] implementation it keeps the raw result
//! until the status is known.

use std::{collections::HashMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{ApiFault, Envelope, NoResult, Success};
use crate::{Status, absent::Absent, decode_error::DecodeError, types::StatusDescription};

impl<T: DeserializeOwned> Envelope<T> {
    /// Decodes an envelope in one pass, with its members in any order.
    ///
    /// It accepts the same texts as [`serde_json::from_slice`], which parses a result that precedes the status twice.
    ///
    /// ```
    /// use kandy_sys::{Envelope, types::UserList};
    ///
    /// let response = br#"{"result":{"users":[{"user_id":"russ"}]},"status":0,"message":"success"}"#;
    /// let users = Envelope::<UserList>::read(response)?.into_result()?.users;
    /// assert_eq!(users.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the text is not an envelope, or the result of a success is not a `T`.
    pub fn read(json: &[u8]) -> serde_json::Result<Self> {
        Self::read_response(json, false)
    }

    /// Decodes as [`read`](Self::read) does. With `needs_result`, a success without a result is an error even if `T` accepts
    /// a missing value.
    pub(crate) fn read_response(json: &[u8], needs_result: bool) -> serde_json::Result<Self> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let read = deserializer.deserialize_map(EnvelopeVisitor::<T, true>::new(needs_result));
        match read.and_then(|envelope| deserializer.end().map(|()| envelope)) {
            Ok(envelope) => Ok(envelope),
            // The result that did not decode may be that of a fault, whose result is ignored.
            Err(error) => match serde_json::from_slice::<Envelope<NoResult>>(json) {
                Ok(Envelope::ApiFault(fault)) => Ok(Envelope::ApiFault(fault)),
                _ => Err(error),
            },
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Envelope<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor::<T, false>::new(false))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Member {
    Status,
    Message,
    StatusDescription,
    Result,
    #[serde(other)]
    Other,
}

/// With `ONE_PASS`, a result that precedes the status is decoded at once, on the assumption of a success.
struct EnvelopeVisitor<T, const ONE_PASS: bool> {
    needs_result: bool,
    result: PhantomData<T>,
}

impl<T, const ONE_PASS: bool> EnvelopeVisitor<T, ONE_PASS> {
    fn new(needs_result: bool) -> Self {
        Self { needs_result, result: PhantomData }
    }
}

impl<'de, T: DeserializeOwned, const ONE_PASS: bool> Visitor<'de> for EnvelopeVisitor<T, ONE_PASS> {
    type Value = Envelope<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `status` and `message`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Envelope<T>, A::Error> {
        let mut status: Option<Status> = None;
        let mut message = String::new();
        let mut status_description = None;
        let mut result: Option<T> = None;
        // A result that precedes the status, until the status is known.
        let mut raw_result: Option<Box<RawValue>> = None;
        while let Some(member) = members.next_key()? {
            match member {
                Member::Status => {
                    // With two of them it is undefined which one governs the result.
                    if status.replace(members.next_value()?).is_some() {
                        return Err(de::Error::duplicate_field("status"));
                    }
                }
                Member::Message => message = decode_message(members.next_value()?),
                Member::StatusDescription => {
                    status_description = decode_description(members.next_value::<Box<RawValue>>()?.as_ref());
                }
                Member::Result => match status {
                    None if !ONE_PASS => raw_result = Some(members.next_value()?),
                    None | Some(Status::OK) => result = members.next_value::<Option<T>>()?,
                    Some(_) => {
                        members.next_value::<IgnoredAny>()?;
                    }
                },
                Member::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let status = status.ok_or_else(|| de::Error::missing_field("status"))?;
        if !status.is_success() {
            return Ok(Envelope::ApiFault(ApiFault { status, message, status_description }));
        }
        if !ONE_PASS && let Some(raw_result) = raw_result {
            result = serde_json::from_str::<Option<T>>(raw_result.get()).map_err(de::Error::custom)?;
        }
        let result = match result {
            Some(result) => result,
            None if self.needs_result => return Err(de::Error::missing_field("result")),
            None => T::deserialize(Absent(PhantomData))?,
        };
        Ok(Envelope::Success(Success { message, status_description, result }))
    }
}

/// Returns a message as text. JSON of another kind is kept as its text, so that the response still decodes.
pub(crate) fn decode_message(message: Value) -> String {
    match message {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// Returns a longer description. JSON that is not an object becomes its message, so that the response still decodes.
pub(crate) fn decode_description(json: &RawValue) -> Option<StatusDescription> {
    if json.get().starts_with('{') {
        return serde_json::from_str(json.get()).ok();
    }
    match serde_json::from_str(json.get()).unwrap_or_default() {
        Value::Null => None,
        other => Some(StatusDescription { code: None, message: Some(decode_message(other)) }),
    }
}

/// Returns the error of a text whose known members all decode: invalid JSON elsewhere, or data after its end. The path is
/// left out, because it consists of names that the service chose.
fn error_elsewhere(text: &[u8]) -> DecodeError {
    serde_json::from_slice::<Value>(text)
        .map_or_else(|error| DecodeError::at_path("", &error), |_| DecodeError::unspecified())
}

impl<T: DeserializeOwned> Envelope<T> {
    /// Returns where and why a text that [`read`](Self::read) rejects does not decode.
    ///
    /// ```
    /// use kandy_sys::{Envelope, types::UserList};
    ///
    /// let error = Envelope::<UserList>::decode_error(br#"{"status":0,"result":{"users":[{"user_email":7}]}}"#);
    /// assert_eq!(error.to_string(), "at `result.users[0].user_email`: expected a string");
    /// ```
    pub fn decode_error(text: &[u8]) -> DecodeError {
        Self::response_decode_error(text, false)
    }

    /// Returns the same for a text that [`read_response`](Self::read_response) rejects.
    pub(crate) fn response_decode_error(text: &[u8], needs_result: bool) -> DecodeError {
        #[derive(Deserialize)]
        struct Parts {
            #[serde(rename = "status")]
            _status: Status,
            #[serde(default)]
            result: Option<Box<RawValue>>,
        }
        let json = || serde_json::Deserializer::from_slice(text);
        // A derived struct would also decode from an array.
        if let Err(error) = serde_path_to_error::deserialize::<_, HashMap<String, IgnoredAny>>(&mut json()) {
            return DecodeError::new("", &error);
        }
        let parts = match serde_path_to_error::deserialize::<_, Parts>(&mut json()) {
            Ok(parts) => parts,
            Err(error) => return DecodeError::new("", &error),
        };
        let Some(result) = parts.result.as_deref() else {
            let is_missing = needs_result || T::deserialize(Absent::<serde_json::Error>(PhantomData)).is_err();
            return match is_missing && serde_json::from_slice::<Value>(text).is_ok() {
                true => DecodeError::missing("result"),
                false => error_elsewhere(text),
            };
        };
        match serde_path_to_error::deserialize::<_, T>(&mut serde_json::Deserializer::from_str(result.get())) {
            Err(error) => DecodeError::new("result", &error),
            Ok(_) => error_elsewhere(text),
        }
    }
}
