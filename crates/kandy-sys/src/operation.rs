//! What is known of each operation, generated from the spec as [`OPERATIONS`].
//!
//! Everything that must know all operations reads this table: authorisation, retries, the emulator's
//! routing, and the tests that prove that no operation was forgotten.
//!
//! ```
//! use kandy_sys::{Operation, operation::{Credential, Level}};
//!
//! let sms = Operation::find("sms_send").expect("part of the API");
//! assert_eq!((sms.method.as_str(), sms.path), ("POST", "/devices/smss"));
//! assert_eq!(sms.credentials, [Credential::AccessToken(Level::User)]);
//! assert!(!sms.idempotent, "sending twice costs twice");
//! ```

use std::fmt;

use crate::OPERATIONS;

/// One operation of the API.
#[derive(Debug)]
#[non_exhaustive]
pub struct Operation {
    /// Its name, which is also that of the raw call: `sms_send`.
    pub id: &'static str,
    /// The chapter of the documentation that it is in.
    pub tag: &'static str,
    /// Its HTTP method.
    pub method: http::Method,
    /// Its path below the base URL.
    pub path: &'static str,
    /// The version of the API that has it. It is the one of [`DEFAULT_BASE_URL`](crate::DEFAULT_BASE_URL), but for
    /// a few operations that were seen in another only: those are called with a base URL of that version.
    pub version: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// What `key` has to hold. Any of them does; the first is the usual one.
    pub credentials: &'static [Credential],
    /// Whether it may be repeated without doing a thing twice.
    pub idempotent: bool,
    /// How sure it is that the operation is as written down.
    pub confidence: Confidence,
    /// Its query parameters, but for an access token in `key`.
    pub parameters: &'static [Parameter],
    /// What goes along with a request.
    pub body: RequestBody,
    /// What a success answers.
    pub response: ResponseKind,
    /// The answer of a success, as JSON; where it is a file, a JSON text.
    pub example: &'static str,
}

impl Operation {
    /// The operation with this id.
    pub fn find(id: &str) -> Option<&'static Self> {
        let at = OPERATIONS.binary_search_by(|operation| operation.id.cmp(id)).ok()?;
        OPERATIONS.get(at)
    }

    /// The operation with this id, which has to exist: this is for constants.
    pub(crate) const fn named(id: &str) -> &'static Self {
        let mut at = 0;
        while at < OPERATIONS.len() {
            if same(OPERATIONS[at].id.as_bytes(), id.as_bytes()) {
                return &OPERATIONS[at];
            }
            at += 1;
        }
        panic!("no operation has this id")
    }

    /// Where it stands in the table: there are no operations elsewhere.
    pub(crate) fn position(&'static self) -> usize {
        (std::ptr::from_ref(self).addr() - OPERATIONS.as_ptr().addr()) / size_of::<Self>()
    }

    /// What `key` usually has to hold.
    pub fn credential(&self) -> Credential {
        self.credentials[0]
    }
}

/// Whether two texts are the same, where a constant has to know it.
const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.id, self.method, self.path)
    }
}

/// What goes along with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestBody {
    /// Nothing.
    None,
    /// JSON, by the name of its schema.
    Json(&'static str),
    /// A multipart form with one part, a file; this is the part's name.
    File(&'static str),
}

/// What a success answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResponseKind {
    /// The envelope alone.
    NoResult,
    /// The envelope with a result, by the name of its schema. A success without it is an error.
    Result(&'static str),
    /// The same, but sources show successes without the result.
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
    /// Whether it must be there.
    pub required: bool,
    /// Whether it is a credential.
    pub secret: bool,
    /// What it says.
    pub description: &'static str,
}

/// What an operation needs in the parameter `key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// An API key; only token operations do. It is an argument of the raw call.
    ApiKey(Level),
    /// An access token. It is put in on the way.
    AccessToken(Level),
}

/// Whom a credential belongs to.
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

/// How sure it is that an operation is as written down.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_is_where_it_says() {
        for (at, operation) in OPERATIONS.iter().enumerate() {
            assert_eq!(operation.position(), at);
            assert_eq!(Operation::named(operation.id).position(), at);
            assert_eq!(Operation::find(operation.id).map(Operation::position), Some(at));
        }
    }
}
