//! The source of a setting.

use std::fmt;

/// The source of a setting, for messages and for deciding where secrets may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A command-line option.
    Option(&'static str),
    /// An environment variable.
    Environment(String),
    /// A file named by an environment variable.
    File(String),
    /// `.env` in the working directory.
    DotEnv(String),
    /// A file named in `.env`.
    DotEnvFile(String),
    /// A profile, and where in it.
    Profile(String, &'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(option) => f.write_str(option),
            Self::Environment(variable) => f.write_str(variable),
            Self::File(variable) => write!(f, "the file in {variable}"),
            Self::DotEnv(variable) => write!(f, "{variable} in .env"),
            Self::DotEnvFile(variable) => write!(f, "the file in {variable} of .env"),
            Self::Profile(name, place) => write!(f, "profile {name:?} ({place})"),
        }
    }
}
