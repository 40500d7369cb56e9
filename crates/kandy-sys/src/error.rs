//! The error of a raw call.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::{ApiFault, DecodeError, Envelope, NoResult, Operation, SecretMask, TransportFailure};

/// Why a raw call failed.
///
/// `Display` and `Debug` never contain a URL, a credential or the body of a response. Where the service repeats a secret
/// of the request in its message, the call masks the secret before it stores the message: see [`SecretMask`].
#[derive(Clone)]
pub struct Error {
    operation: &'static str,
    kind: Arc<ErrorKind>,
}

/// The kinds of failure of a raw call.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be built. Nothing was sent.
    Request(String),
    /// The [`Transport`](crate::Transport) failed: there is no complete response.
    Transport(TransportFailure),
    /// The response is not HTTP 200, or is a fault instead of a file.
    Response(ErrorResponse),
    /// The response is HTTP 200, but does not decode.
    Decode(DecodeError),
}

/// A response that is not HTTP 200, or a fault instead of a file.
#[non_exhaustive]
pub struct ErrorResponse {
    /// The HTTP status.
    pub http_status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The fault, if the body is an envelope. The secrets of the request are masked in its texts.
    pub fault: Option<ApiFault>,
    /// The body. It may contain a credential, so `Display` and `Debug` leave it out.
    pub body: Bytes,
}

impl Error {
    /// Returns the id of the operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    pub(crate) fn new(operation: &'static str, kind: ErrorKind) -> Self {
        Self { operation, kind: Arc::new(kind) }
    }

    /// Keeps the failure unchanged, so that `source()` returns the transport's own error type: the transport masks it.
    pub(crate) fn transport(operation: &'static Operation, failure: TransportFailure) -> Self {
        Self::new(operation.id, ErrorKind::Transport(failure))
    }

    pub(crate) fn response(
        operation: &'static Operation,
        parts: http::response::Parts,
        body: Bytes,
        mask: &SecretMask,
    ) -> Self {
        Self::new(operation.id, ErrorKind::Response(ErrorResponse::new(parts.status, parts.headers, body, mask)))
    }
}

impl ErrorResponse {
    pub(crate) fn new(http_status: StatusCode, headers: HeaderMap, body: Bytes, mask: &SecretMask) -> Self {
        let fault = Envelope::<NoResult>::read(&body).ok().and_then(|envelope| envelope.into_result().err());
        Self { http_status, headers, fault: fault.map(|fault| mask.fault(fault)), body }
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.http_status)?;
        match &self.fault {
            Some(fault) => write!(f, ", {fault}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorResponse")
            .field("http_status", &self.http_status)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operation = self.operation;
        match self.kind() {
            ErrorKind::Request(reason) => write!(f, "{operation}: the request could not be built: {reason}"),
            ErrorKind::Transport(failure) => write!(f, "{operation}: there is no complete response: {failure}"),
            ErrorKind::Response(response) => write!(f, "{operation}: refused with {response}"),
            ErrorKind::Decode(error) => write!(f, "{operation}: the response does not decode: {error}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error").field("operation", &self.operation).field("kind", &self.kind).finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self.kind() {
            ErrorKind::Transport(failure) => Some(failure.as_ref()),
            _ => None,
        }
    }
}
