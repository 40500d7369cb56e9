use std::{fmt, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::{ApiFault, Envelope, NoResult, SecretMask, TransportFailure};

/// Why a raw call has no answer.
///
/// Nothing that it prints contains a URL, a credential or the body of an answer. Where the service repeats a secret of the
/// request in its message, the secret is masked before the message is kept: see [`SecretMask`].
#[derive(Clone)]
pub struct Error {
    operation: &'static str,
    kind: Arc<ErrorKind>,
}

/// What went wrong with a raw call.
#[derive(Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be made, and nothing was sent.
    Request(String),
    /// The [`Transport`](crate::Transport) failed: there is no whole answer.
    Transport(TransportFailure),
    /// The answer is not HTTP 200, or is a fault in the place of a file.
    Response(ErrorResponse),
    /// The answer is HTTP 200, but cannot be understood.
    Decode(DecodeError),
}

/// An answer that is not HTTP 200, or a fault in the place of a file.
#[non_exhaustive]
pub struct ErrorResponse {
    /// Its HTTP status.
    pub http_status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// The fault in its envelope, if it has one. The secrets of the request are masked in its texts.
    pub fault: Option<ApiFault>,
    /// Its body, which may contain anything and is not printed.
    pub body: Bytes,
}

/// Where and why an answer cannot be understood. It says nothing of the value that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DecodeError {
    /// The path to the member, such as `result.users[3].user_id`; empty for the whole.
    pub path: String,
    /// What is wrong there.
    pub reason: String,
}

impl DecodeError {
    /// A problem at a path.
    pub fn at(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }

    /// A member that has to be there is missing.
    pub(crate) fn missing(path: impl Into<String>) -> Self {
        Self::at(path, "it is missing")
    }

    pub(crate) fn unnamed() -> Self {
        Self::at("", "it cannot be understood")
    }

    /// Keeps of an error what cannot contain a value: the place, and what was expected.
    pub(crate) fn new(within: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let mut path = match error.path().to_string() {
            path if path == "." => within.to_owned(),
            path if within.is_empty() => path,
            path => format!("{within}.{path}"),
        };
        // The path of an error about a missing member leads to the object that lacks it. Of a result it is the list.
        if let (true, Some(member)) = (path == "result", missing_member(&error.inner().to_string())) {
            path.push('.');
            path.push_str(member);
            return Self::missing(path);
        }
        Self::of(path, error.inner())
    }

    /// The same of an error at a known path.
    pub(crate) fn of(path: impl Into<String>, error: &serde_json::Error) -> Self {
        let place = || format!("(line {}, column {})", error.line(), error.column());
        match error.classify() {
            serde_json::error::Category::Eof => Self::at("", format!("it ends too early {}", place())),
            serde_json::error::Category::Syntax => Self::at("", format!("it is not JSON {}", place())),
            _ => Self::at(path, reason(&error.to_string())),
        }
    }
}

/// The name of the member that a message of serde is about, if the message is that it is missing.
fn missing_member(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.split_once('`').map(|(member, _)| member)
}

/// The part of a message that our own types wrote.
fn reason(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if message.starts_with("missing field `") {
        return message.to_owned();
    }
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("expected {expected}"),
        None => "the value cannot be used".to_owned(),
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.reason) } else { write!(f, "at `{}`: {}", self.path, self.reason) }
    }
}

impl std::error::Error for DecodeError {}

impl Error {
    /// The id of the operation.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.kind
    }

    pub(crate) fn new(operation: &'static str, kind: ErrorKind) -> Self {
        Self { operation, kind: Arc::new(kind) }
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
            ErrorKind::Request(reason) => write!(f, "{operation}: the request could not be made: {reason}"),
            ErrorKind::Transport(failure) => write!(f, "{operation}: there is no whole answer: {failure}"),
            ErrorKind::Response(refusal) => write!(f, "{operation}: refused with {refusal}"),
            ErrorKind::Decode(problem) => write!(f, "{operation}: the answer cannot be understood: {problem}"),
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
