//! Why the program cannot serve.

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
};

use super::listen::Listen;
use crate::SeedError;

/// Why nothing is served, or no longer. Nothing in it is a credential.
///
/// ```
/// use kandy_emulator::command::Error;
///
/// let error = Error::from(std::io::Error::other("address in use"));
/// assert!(!error.is_seed());
/// assert_eq!(error.to_string(), "address in use");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The seed file cannot be read.
    #[non_exhaustive]
    File {
        /// The file.
        file: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// What is in the seed file is no seed, or cannot be created.
    #[non_exhaustive]
    Seed {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        source: SeedError,
    },
    /// The address cannot be listened on.
    #[non_exhaustive]
    Listen {
        /// The address, as it was given.
        address: String,
        /// Why not.
        source: io::Error,
    },
    /// The system does not let it start, or listen any longer.
    Io(io::Error),
}

impl Error {
    /// Whether the seed file is to blame, so that nothing was listened on.
    pub fn is_seed(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Seed { .. })
    }

    pub(super) fn file(file: &Path, source: io::Error) -> Self {
        Self::File { file: file.into(), source }
    }

    pub(super) fn listen(address: &Listen, source: io::Error) -> Self {
        Self::Listen { address: address.to_string(), source }
    }

    pub(super) fn seed(file: &Path, source: SeedError) -> Self {
        Self::Seed { file: file.into(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, source } => write!(f, "{}: {source}", file.display()),
            Self::Seed { file, source } => write!(f, "{}: {source}", file.display()),
            Self::Listen { address, source } => {
                write!(f, "cannot listen on {address}: {source}; {}", remedy(source.kind()))
            }
            Self::Io(error) => error.fmt(f),
        }
    }
}

/// What to do when an address cannot be listened on.
fn remedy(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::AddrInUse => {
            "another program listens there, perhaps another emulator: stop it, or choose another port with --listen \
             (port 0 takes a free one)"
        }
        io::ErrorKind::AddrNotAvailable => "it is no address of this machine; choose another with --listen",
        io::ErrorKind::PermissionDenied => {
            "the system reserves ports below 1024; choose a higher one with --listen (port 0 takes a free one)"
        }
        _ => "choose another address with --listen, such as 127.0.0.1:8787",
    }
}

impl error::Error for Error {
    /// What the text has in it already is not told again.
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::File { source, .. } => source.source(),
            Self::Seed { source, .. } => source.source(),
            Self::Listen { source, .. } => source.source(),
            Self::Io(error) => error.source(),
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
