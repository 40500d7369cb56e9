//! Where a setting comes from.

use std::fmt;

/// Where a setting comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// An option of the command line.
    Option(&'static str),
    /// A variable of the environment.
    Environment(String),
    /// A file that a variable of the environment names.
    File(String),
    /// The file `.env` of the working directory.
    DotEnv(String),
    /// A file that a variable in `.env` names.
    DotEnvFile(String),
    /// The profile, and where in it.
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
