//! The types of the operation table. The table itself, [`OPERATIONS`](crate::OPERATIONS), is generated from the spec.
//!
//! Everything that has to know all operations reads the table: authorisation, retries, the emulator's routing, and the
//! tests that check completeness. This module depends on nothing else in the crate; begin with [`Operation`].
//!
//! ```
//! use kandy_sys::{Operation, operation::{Credential, Level}};
//!
//! let sms = Operation::find("sms_send").expect("part of the API");
//! assert_eq!((sms.method.as_str(), sms.path), ("POST", "/devices/smss"));
//! assert_eq!(sms.credentials, [Credential::AccessToken(Level::User)]);
//! assert!(!sms.idempotent, "a repeated request may send a second SMS");
//! ```

use std::fmt;

/// One operation of the API.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// Its id, which is also the name of the raw call: `sms_send`.
    pub id: &'static str,
    /// Its tag: the chapter of the documentation that describes it.
    pub tag: &'static str,
    /// Its HTTP method.
    pub method: http::Method,
    /// Its path below the base URL.
    pub path: &'static str,
    /// The API version that has it. Most operations have the version of
    /// [`DEFAULT_BASE_URL`](crate::DEFAULT_BASE_URL). Call the others with a base URL of their version.
    pub version: &'static str,
    /// A summary of a few words.
    pub summary: &'static str,
    /// The credentials that `key` accepts. The first is the usual one.
    pub credentials: &'static [Credential],
    /// Whether repeating a request has the same effect as sending it once.
    pub idempotent: bool,
    /// How well the sources confirm this description.
    pub confidence: Confidence,
    /// Its query parameters, without the access token in `key`.
    pub parameters: &'static [Parameter],
    /// The body of a request.
    pub body: RequestBody,
    /// The body of a successful response.
    pub response: ResponseKind,
    /// An example of a successful response, as JSON. For a file it is a JSON string.
    pub example: &'static str,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.id, self.method, self.path)
    }
}

/// The body of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestBody {
    /// No body.
    None,
    /// JSON; this is the name of its schema.
    Json(&'static str),
    /// A multipart form whose only part is a file; this is the name of the part.
    File(&'static str),
}

/// The body of a successful response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseKind {
    /// An envelope without a result.
    NoResult,
    /// An envelope with a result; this is the name of its schema. A success without the result is an error.
    Result(&'static str),
    /// An envelope with a result that may be missing, as some sources show; this is the name of its schema.
    OptionalResult(&'static str),
    /// A file, without an envelope.
    File,
}

/// A query parameter of an operation.
#[derive(Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Whether it is required.
    pub required: bool,
    /// Whether it is a credential.
    pub secret: bool,
    /// Its description in the spec.
    pub description: &'static str,
}

/// The credential that an operation takes in the parameter `key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// An API key, for the token operations only. It is an argument of the raw call.
    ApiKey(Level),
    /// An access token. The [`Transport`](crate::Transport) adds it.
    AccessToken(Level),
}

/// The owner of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// An account.
    Account,
    /// A domain, also called a project.
    Domain,
    /// A user of a domain.
    User,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "account",
            Self::Domain => "domain",
            Self::User => "user",
        })
    }
}

/// How well the sources confirm the description of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    /// Documented.
    A,
    /// Seen in two or more independent clients.
    B,
    /// Seen in one client.
    C,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
