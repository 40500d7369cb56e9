//! The envelope of every response: a status, a message, and a result or a fault.
//!
//! ```text
//! fault    the failure that an envelope reports
//! decode   decoding
//! members  the members
//! reader   reading in one pass, without the type of the result
//! schema   JSON Schemas, with the feature `schemars`
//! ```

mod decode;
mod fault;
mod members;
pub(crate) mod reader;
#[cfg(feature = "schemars")]
mod schema;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::IgnoredAny, ser::SerializeStruct};

pub use fault::ApiFault;
pub(crate) use members::{USUAL_MESSAGE, decode_description, decode_message};

use crate::{Status, types::StatusDescription};

/// The envelope of every response: a status, a message, and the result of a success.
///
/// The status decides whether it is a success or a fault; the `result` of a fault is ignored. Members may be in any order.
/// A success whose `result` is missing or `null` does not decode, unless `T` accepts a missing value, as [`NoResult`] and
/// `Option` do.
///
/// ```
/// use kandy_sys::{Envelope, Status, types::DeviceCreated};
///
/// let response = r#"{"result": {"device_id": "A149"}, "message": "success", "status": 0}"#;
/// let response: Envelope<DeviceCreated> = serde_json::from_str(response)?;
/// assert_eq!(response.into_result().unwrap().device_id.as_deref(), Some("A149"));
///
/// let response = r#"{"status": 10, "message": "token expired", "result": "of any shape"}"#;
/// let response: Envelope<DeviceCreated> = serde_json::from_str(response)?;
/// assert_eq!(response.into_result().unwrap_err().status, Status::TOKEN_EXPIRED);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Envelope<T> {
    /// The operation was carried out.
    Success(Success<T>),
    /// The operation failed.
    ApiFault(ApiFault),
}

/// The response of an operation that was carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct Success<T> {
    /// A message for humans, such as `success` or `User Deleted`.
    pub message: Cow<'static, str>,
    /// A longer description, in responses since late 2016.
    pub status_description: Option<StatusDescription>,
    /// The result.
    pub result: T,
}

/// The result of an operation that returns none. It decodes from any `result`, and from a missing one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoResult;

impl<'de> Deserialize<'de> for NoResult {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl Serialize for NoResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<T> Envelope<T> {
    /// Returns a success with the usual message, `success`.
    pub fn success(result: T) -> Self {
        Self::success_with_message(USUAL_MESSAGE, result)
    }

    /// Returns a success with this message.
    pub fn success_with_message(message: impl Into<Cow<'static, str>>, result: T) -> Self {
        Self::Success(Success { message: message.into(), status_description: None, result })
    }

    /// Returns the status, which is 0 for a success.
    pub fn status(&self) -> Status {
        match self {
            Self::Success(_) => Status::OK,
            Self::ApiFault(fault) => fault.status,
        }
    }

    /// Returns the message for humans.
    pub fn message(&self) -> &str {
        match self {
            Self::Success(success) => &success.message,
            Self::ApiFault(fault) => &fault.message,
        }
    }

    /// Returns the result of a success.
    ///
    /// # Errors
    ///
    /// When the envelope is a fault; the error is that fault.
    pub fn into_result(self) -> Result<T, ApiFault> {
        match self {
            Self::Success(success) => Ok(success.result),
            Self::ApiFault(fault) => Err(fault),
        }
    }
}

impl<T> From<ApiFault> for Envelope<T> {
    fn from(fault: ApiFault) -> Self {
        Self::ApiFault(fault)
    }
}

impl<T: Serialize> Serialize for Envelope<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (description, result) = match self {
            // `NoResult` is a unit struct, so its size is 0; the member `result` is left out.
            Self::Success(success) if size_of::<T>() > 0 => (&success.status_description, Some(&success.result)),
            Self::Success(success) => (&success.status_description, None),
            Self::ApiFault(fault) => (&fault.status_description, None),
        };
        let mut envelope = serializer.serialize_struct("Envelope", 4)?;
        envelope.serialize_field("status", &self.status())?;
        envelope.serialize_field("message", self.message())?;
        if let Some(description) = description {
            envelope.serialize_field("status_description", description)?;
        }
        if let Some(result) = result {
            envelope.serialize_field("result", result)?;
        }
        envelope.end()
    }
}
