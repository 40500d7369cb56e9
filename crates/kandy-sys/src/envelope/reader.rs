//! Reads an envelope in one pass, whatever its result is.
//!
//! The type of the result is behind [`ReadResult`], so there is one reader for all operations, and each adds only the decoder
//! of its result. Begin with [`read`].

use std::borrow::Cow;

use serde::de::{Deserialize, DeserializeOwned, IgnoredAny};
use serde_json::{Value, value::RawValue};

use super::{
    ApiFault,
    members::{Member, USUAL_MESSAGE, decode_description, decode_message},
};
use crate::{SecretMask, Status, absent, decode_error::DecodeError, types::StatusDescription};

/// Decodes the `result` of an envelope.
pub(crate) trait ReadResult {
    /// Decodes the value that the text begins with, and returns its length.
    fn read(&mut self, json: &str) -> serde_json::Result<usize>;

    /// Takes the value that a missing result stands for. Returns whether there is one.
    fn take_absent(&mut self) -> bool;
}

/// The result, once it is decoded.
pub(crate) struct ResultSlot<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned> ReadResult for ResultSlot<T> {
    fn read(&mut self, json: &str) -> serde_json::Result<usize> {
        let (value, length) = read_value(json)?;
        self.0 = Some(value);
        Ok(length)
    }

    fn take_absent(&mut self) -> bool {
        self.0 = absent::value::<T, serde_json::Error>().ok();
        self.0.is_some()
    }
}

/// The members of a success beside its result.
pub(crate) struct Head {
    pub(crate) message: Cow<'static, str>,
    pub(crate) status_description: Option<StatusDescription>,
}

/// Masks the secrets of the request in the message and the description.
pub(crate) fn masked(head: Result<Head, ApiFault>, mask: &SecretMask) -> Result<Head, ApiFault> {
    match head {
        Ok(mut head) => {
            mask.mask_in_place(head.message.to_mut());
            mask.mask_description(&mut head.status_description);
            Ok(head)
        }
        Err(fault) => Err(mask.fault(fault)),
    }
}

/// The usual message as JSON; it is read without an allocation.
const USUAL_MESSAGE_JSON: &str = "\"success\"";

/// Reads an envelope. A success without a result is an error with `needs_result`, and where the type accepts no missing value.
pub(crate) fn read(
    json: &[u8],
    needs_result: bool,
    result: &mut dyn ReadResult,
) -> Result<Result<Head, ApiFault>, DecodeError> {
    // Once for the whole text: a decoder of bytes checks each string for itself, which takes several times as long. What is not
    // UTF-8 is replaced, as browsers do: one broken byte must neither hide a success nor make a whole list unreadable.
    let json = match str::from_utf8(json) {
        Ok(json) => json,
        Err(_) => &String::from_utf8_lossy(json),
    };
    read_members(Cursor { json, at: 0 }, needs_result, result).map_err(|error| {
        // What is no JSON has no places, even if a value in it is of the wrong kind.
        match serde_json::from_str::<IgnoredAny>(json) {
            Err(error) => DecodeError::syntax(&error),
            Ok(_) => error,
        }
    })
}

fn read_members(
    mut cursor: Cursor<'_>,
    needs_result: bool,
    result: &mut dyn ReadResult,
) -> Result<Result<Head, ApiFault>, DecodeError> {
    let mut status: Option<Status> = None;
    let mut message = Cow::default();
    let mut status_description = None;
    let mut has_result = false;
    // The error of a result, and where it begins. It may be that of a fault whose status follows, which is ignored.
    let mut result_error = None;
    if !cursor.take(b'{') {
        return Err(DecodeError::at("", "expected an object with `status` and `message`"));
    }
    let mut is_open = !cursor.take(b'}');
    while is_open {
        match cursor.name()? {
            Member::Status => {
                // With two of them it is undefined which one governs the result.
                if status.replace(cursor.value()?).is_some() {
                    return Err(DecodeError::at("", "duplicate field `status`"));
                }
            }
            Member::Message if cursor.skip(USUAL_MESSAGE_JSON) => message = Cow::Borrowed(USUAL_MESSAGE),
            Member::Message => message = decode_message(cursor.value::<Value>()?).into(),
            Member::StatusDescription => status_description = decode_description(cursor.value::<&RawValue>()?),
            // A result that precedes the status is decoded as that of a success.
            Member::Result if !cursor.is_null() && status.is_none_or(Status::is_success) => {
                let begin = cursor.at;
                (has_result, result_error) = (true, None);
                match result.read(cursor.rest()) {
                    Ok(length) => cursor.at += length,
                    Err(error) if status.is_some() => return Err(DecodeError::new(cursor.json, begin, &error)),
                    Err(error) => {
                        result_error = Some((begin, error));
                        cursor.value::<IgnoredAny>()?;
                    }
                }
            }
            // Of two results the last one counts.
            Member::Result if status.is_none_or(Status::is_success) => {
                (has_result, result_error) = (false, None);
                cursor.value::<IgnoredAny>()?;
            }
            Member::Result | Member::Other => {
                cursor.value::<IgnoredAny>()?;
            }
        }
        is_open = cursor.take(b',');
        if !is_open && !cursor.take(b'}') {
            return Err(DecodeError::unspecified());
        }
    }
    if cursor.peek().is_some() {
        return Err(DecodeError::unspecified());
    }
    let status = status.ok_or_else(|| DecodeError::at("", "missing field `status`"))?;
    if !status.is_success() {
        return Ok(Err(ApiFault { status, message: message.into_owned(), status_description }));
    }
    if let Some((begin, error)) = result_error {
        return Err(DecodeError::new(cursor.json, begin, &error));
    }
    if !has_result && (needs_result || !result.take_absent()) {
        return Err(DecodeError::missing("result"));
    }
    Ok(Ok(Head { message, status_description }))
}

/// Decodes the value that a text begins with, and returns it with its length.
fn read_value<'de, V: Deserialize<'de>>(json: &'de str) -> serde_json::Result<(V, usize)> {
    let mut decoder = serde_json::Deserializer::from_str(json);
    let value = V::deserialize(&mut decoder)?;
    Ok((value, decoder.into_iter::<IgnoredAny>().byte_offset()))
}

/// A place in a text.
struct Cursor<'a> {
    json: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        // A place is never within a character.
        self.json.get(self.at..).unwrap_or_default()
    }

    /// Skips white space, and returns the byte after it.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.json.as_bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return Some(*byte);
            }
            self.at += 1;
        }
        None
    }

    /// Skips white space and this byte. Returns whether it was there.
    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    /// Skips the name of a member and what separates it from its value.
    fn name(&mut self) -> Result<Member, DecodeError> {
        if self.peek() != Some(b'"') {
            return Err(DecodeError::unspecified());
        }
        let member = self.value()?;
        if !self.take(b':') {
            return Err(DecodeError::unspecified());
        }
        self.peek();
        Ok(member)
    }

    /// Skips this text. Returns whether it was there.
    fn skip(&mut self, text: &str) -> bool {
        let is_there = self.rest().starts_with(text);
        self.at += if is_there { text.len() } else { 0 };
        is_there
    }

    fn is_null(&self) -> bool {
        self.rest().starts_with("null")
    }

    fn value<V: Deserialize<'a>>(&mut self) -> Result<V, DecodeError> {
        let (value, length) = read_value(self.rest()).map_err(|error| DecodeError::new(self.json, self.at, &error))?;
        self.at += length;
        Ok(value)
    }
}
