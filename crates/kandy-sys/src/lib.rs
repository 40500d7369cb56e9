#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
// docs.rs names the feature of each item.
#![cfg_attr(docsrs, feature(doc_cfg))]

// Generated code refers to handwritten types by their external paths, such as `::kandy_sys::Secret`.
extern crate self as kandy_sys;

mod absent;
mod base_url;
mod body;
mod call;
mod client;
mod content;
mod decode_error;
mod dynamic_call;
mod dynamic_call_error;
mod envelope;
mod error;
mod extra_fields;
mod few;
mod http_client;
mod json_place;
mod known_status;
mod list;
mod mask;
mod open_set;
pub mod operation;
mod operation_table;
mod password_rule;
mod phone_number;
mod query_value;
mod request;
mod request_secrets;
mod scalar;
mod secret;
mod sms_length;
mod status;
mod status_scanner;
pub mod transport;
mod transport_failure;
mod typed_secret;
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
pub use content::Content;
pub use credentials::{NEW_PASSWORD, SECRET_FIELDS};
pub use decode_error::DecodeError;
pub use dynamic_call::DynamicCall;
pub use dynamic_call_error::{BodyKind, DynamicCallError};
pub use envelope::{ApiFault, Envelope, NoResult, Success};
pub use error::{Error, ErrorKind, ErrorResponse};
pub use extra_fields::ExtraFields;
pub use generated::{ByteStream, Client, ResponseValue, types};
pub use list::ListReader;
pub use mask::{MASK, SecretMask, holds_credential, mask_credentials, mask_json, may_hold_credential};
pub use operation::Operation;
pub use operations::{DEFAULT_BASE_URL, OPERATIONS};
pub use password_rule::{PasswordError, PasswordRule};
pub use phone_number::{NationalNumber, NumberingPlan, PhoneNumber, PhoneNumberError};
pub use request::Request;
pub use scalar::{Number, Text, Timestamp};
pub use secret::Secret;
pub use sms_length::{SmsEncoding, SmsLength};
pub use status::{KnownStatus, Status};
pub use transport::{Body, BoxFuture, ByteChunks, Transport};
pub use transport_failure::TransportFailure;
pub use typed_secret::{AccessToken, ApiKey, ApiSecret};
pub use upload::Upload;
pub use values::*;
