#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

// Generated code names what is handwritten here by its path from outside.
extern crate self as kandy_sys;

mod absent;
mod base_url;
mod body;
mod call;
mod dynamic_call;
mod dynamic_call_error;
mod envelope;
mod error;
mod extra_fields;
mod list;
mod mask;
mod open_set;
pub mod operation;
mod phone_number;
mod request;
mod scalar;
mod secret;
mod status;
mod status_scanner;
pub mod transport;
mod upload;

#[rustfmt::skip]
#[allow(clippy::allow_attributes_without_reason, reason = "progenitor gives no reasons")]
#[allow(missing_docs, reason = "progenitor documents calls and types, not the conversions between them")]
#[allow(unreachable_pub, reason = "progenitor brings a prelude of its own")]
mod generated;
#[rustfmt::skip]
mod credentials;
#[rustfmt::skip]
mod operations;
#[rustfmt::skip]
mod values;

#[cfg(feature = "schemars")]
pub mod schema;
#[cfg(feature = "schemars")]
#[rustfmt::skip]
mod schemas;

pub use base_url::{BaseUrl, InvalidBaseUrl};
pub use call::{Call, CallFuture, FromResponse};
pub use credentials::SECRET_FIELDS;
pub use dynamic_call::DynamicCall;
pub use dynamic_call_error::{BodyKind, DynamicCallError};
pub use envelope::{ApiFault, Envelope, NoResult, Success};
pub use error::{DecodeError, Error, ErrorKind, ErrorResponse};
pub use extra_fields::ExtraFields;
pub use generated::{ByteStream, Client, ResponseValue, types};
pub use list::ListReader;
pub use mask::{SecretMask, holds_credential, mask_json};
pub use operation::Operation;
pub use operations::{DEFAULT_BASE_URL, OPERATIONS};
pub use phone_number::{NationalNumber, NumberingPlan, PhoneNumber, PhoneNumberError};
pub use request::{Content, Request};
pub use scalar::{Number, Text, Timestamp};
pub use secret::Secret;
pub use status::{KnownStatus, Status};
pub use transport::{Body, BoxFuture, ByteChunks, Transport, TransportFailure};
pub use upload::Upload;
pub use values::*;
