//! [`EnvironmentError`]: a variable that cannot be used. Depends on `error`.

use std::{fmt, io};

use crate::Error;

/// A variable of the environment that cannot be used. It names the variable, and never repeats its value.
#[derive(Debug)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// The variable is needed, and not set.
    NotSet(String),
    /// The variable is not UTF-8.
    NotUtf8(String),
    /// The variable is set, and so is the one that names a file with its value.
    SetTwice(String),
    /// The value, or that in the file which the variable names, cannot be used for this reason.
    Invalid(String, &'static str),
    /// The file that the variable names is empty.
    EmptyFile(String),
    /// The file that the variable names has a text that cannot be decoded, for this reason.
    Encoding(String, &'static str),
    /// The file that the variable names cannot be read.
    File(String, io::Error),
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSet(name) => write!(f, "{name} is not set"),
            Self::NotUtf8(name) => write!(f, "{name} is not UTF-8"),
            Self::SetTwice(name) => write!(f, "{name} and {name}_FILE are both set; remove one"),
            Self::Invalid(name, reason) => write!(f, "{name}: {reason}"),
            Self::EmptyFile(name) => write!(f, "the file in {name}: it is empty"),
            Self::Encoding(name, reason) => write!(f, "the file in {name}: {reason}"),
            Self::File(name, error) => write!(f, "the file in {name}: {error}"),
        }
    }
}

impl std::error::Error for EnvironmentError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(_, error) => Some(error),
            _ => None,
        }
    }
}

impl From<EnvironmentError> for Error {
    /// Converts it into [`Error::Argument`], of the argument `environment`.
    fn from(error: EnvironmentError) -> Self {
        Self::argument("environment", error.to_string())
    }
}
