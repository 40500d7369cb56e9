//! Decodes an envelope, by [`Envelope::read`] and as a [`Deserialize`] implementation. The visitor of the latter keeps a result
//! that precedes the status until the status is known.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    ApiFault, Envelope, Success,
    members::{Member, decode_description, decode_message},
    reader::{self, Head, ResultSlot},
};
use crate::{Status, absent, decode_error::DecodeError};

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
    ///
    /// let error = Envelope::<UserList>::read(br#"{"status":0,"result":{"users":[{"user_email":7}]}}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "at `result.users[0].user_email`: expected a string");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the text is not an envelope, or the result of a success is not a `T`: where and why, without the value.
    pub fn read(json: &[u8]) -> Result<Self, DecodeError> {
        let mut result = ResultSlot(None);
        let head = reader::read(json, false, &mut result)?;
        Self::of(head, result)
    }

    /// Puts together what was read.
    pub(crate) fn of(head: Result<Head, ApiFault>, result: ResultSlot<T>) -> Result<Self, DecodeError> {
        Ok(match head {
            Ok(Head { message, status_description }) => {
                let result = result.0.ok_or_else(DecodeError::unspecified)?;
                Self::Success(Success { message, status_description, result })
            }
            Err(fault) => Self::ApiFault(fault),
        })
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Envelope<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EnvelopeVisitor(PhantomData))
    }
}

struct EnvelopeVisitor<T>(PhantomData<T>);

impl<'de, T: DeserializeOwned> Visitor<'de> for EnvelopeVisitor<T> {
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
                    None => raw_result = Some(members.next_value()?),
                    Some(Status::OK) => {
                        // Of two results the last one counts.
                        (result, raw_result) = (members.next_value()?, None);
                    }
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
        if let Some(raw_result) = raw_result {
            result = serde_json::from_str::<Option<T>>(raw_result.get()).map_err(de::Error::custom)?;
        }
        let result = match result {
            Some(result) => result,
            None => absent::value()?,
        };
        Ok(Envelope::Success(Success { message: message.into(), status_description, result }))
    }
}
