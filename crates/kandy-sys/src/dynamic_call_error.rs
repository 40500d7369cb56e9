//! The errors of a dynamic call.

use std::fmt;

use crate::{Operation, mask::mask, operation::RequestBody};

/// Why a [`DynamicCall`](crate::DynamicCall) is not valid. Nothing was sent. It contains names, and never a value.
#[derive(Clone)]
#[non_exhaustive]
pub enum DynamicCallError {
    /// The operation has no such parameter.
    UnknownParameter {
        /// The operation.
        operation: &'static Operation,
        /// The unknown name. If it looks like a credential, it is `***`.
        name: String,
    },
    /// A parameter was set twice.
    RepeatedParameter {
        /// The operation.
        operation: &'static Operation,
        /// The name of the parameter.
        name: &'static str,
    },
    /// Required parameters were not set.
    MissingParameters {
        /// The operation.
        operation: &'static Operation,
        /// Their names.
        names: Vec<&'static str>,
    },
    /// The body is not of the kind that the operation accepts.
    WrongBody {
        /// The operation; [`Operation::body`] is the kind that it accepts.
        operation: &'static Operation,
        /// The kind that was set.
        given: BodyKind,
    },
}

/// The kind of a body that was set on a [`DynamicCall`](crate::DynamicCall).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// No body.
    None,
    /// JSON.
    Json,
    /// A file.
    File,
}

impl DynamicCallError {
    pub(crate) fn unknown(operation: &'static Operation, name: &str) -> Self {
        Self::UnknownParameter { operation, name: mask(name).into_owned() }
    }

    /// Returns the operation.
    pub fn operation(&self) -> &'static Operation {
        match self {
            Self::UnknownParameter { operation, .. }
            | Self::RepeatedParameter { operation, .. }
            | Self::MissingParameters { operation, .. }
            | Self::WrongBody { operation, .. } => operation,
        }
    }
}

impl fmt::Display for DynamicCallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation().id)?;
        match self {
            Self::UnknownParameter { operation, name } => {
                write!(f, "it has no parameter {name:?}")?;
                if name == "key" {
                    f.write_str(", because the transport adds the access token")?;
                }
                match &operation.parameters.iter().map(|known| known.name).collect::<Vec<_>>()[..] {
                    [] => f.write_str("; it has none"),
                    known => write!(f, "; it has {}", Names(known)),
                }
            }
            Self::RepeatedParameter { name, .. } => write!(f, "the parameter `{name}` is given twice"),
            Self::MissingParameters { names, .. } => match &names[..] {
                [name] => write!(f, "the parameter `{name}` is missing"),
                names => write!(f, "the parameters {} are missing", Names(names)),
            },
            Self::WrongBody { operation, given } => {
                f.write_str(match operation.body {
                    RequestBody::None => "it takes no body",
                    RequestBody::Json(_) => "it takes a body of JSON",
                    RequestBody::File(_) => "it takes a file",
                })?;
                match given {
                    BodyKind::None => f.write_str(", which is missing"),
                    BodyKind::Json => f.write_str(", and JSON is given"),
                    BodyKind::File => f.write_str(", and a file is given"),
                }
            }
        }
    }
}

/// `a`, `b` and `c`.
struct Names<'a>(&'a [&'static str]);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            let before = match at {
                0 => "",
                at if at + 1 == self.0.len() => " and ",
                _ => ", ",
            };
            write!(f, "{before}`{name}`")?;
        }
        Ok(())
    }
}

/// The same text as `Display`, because the `Debug` output of an operation includes its example.
impl fmt::Debug for DynamicCallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DynamicCallError").field(&self.to_string()).finish()
    }
}

impl std::error::Error for DynamicCallError {}
