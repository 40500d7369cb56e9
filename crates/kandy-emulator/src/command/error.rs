//! Errors of the program.
//!
//! Depends on `seed::error`. Begin with `Error`.

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
};

use super::listen::Listen;
use crate::SeedError;

/// An error of [`serve`](super::serve). It contains no credentials.
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
        /// The cause.
        source: io::Error,
    },
    /// The seed file is invalid.
    #[non_exhaustive]
    Seed {
        /// The file.
        file: PathBuf,
        /// The cause, and its position.
        source: SeedError,
    },
    /// The state file cannot be read, written or locked, or is damaged. Nothing was written.
    #[non_exhaustive]
    State {
        /// The cause, which names the file.
        source: io::Error,
    },
    /// The address cannot be bound.
    #[non_exhaustive]
    Listen {
        /// The address, as it was given.
        address: String,
        /// The cause.
        source: io::Error,
    },
    /// No emulator responds, whose environment is asked for.
    #[non_exhaustive]
    NoEmulator {
        /// The address, as it was given.
        address: String,
        /// The cause.
        source: io::Error,
    },
    /// Another program than an emulator responds, or the emulator refuses.
    #[non_exhaustive]
    Environment {
        /// The address, as it was given.
        address: String,
        /// The cause.
        reason: String,
    },
    /// The certificates of TLS cannot be made or read.
    #[cfg(feature = "tls")]
    Tls(crate::TlsError),
    /// The platform has no directory for the certificate authority of TLS.
    #[cfg(feature = "tls")]
    NoDataDirectory,
    /// Starting failed, or listening stopped.
    Io(io::Error),
}

impl Error {
    /// Returns whether the seed file is the cause. The emulator did not listen then.
    pub fn is_seed(&self) -> bool {
        matches!(self, Self::File { .. } | Self::Seed { .. })
    }

    pub(super) fn file(file: &Path, source: io::Error) -> Self {
        Self::File { file: file.into(), source }
    }

    pub(super) fn listen(address: &Listen, source: io::Error) -> Self {
        Self::Listen { address: address.to_string(), source }
    }

    pub(super) fn no_emulator(address: &str, source: io::Error) -> Self {
        Self::NoEmulator { address: address.to_owned(), source }
    }

    pub(super) fn environment(address: &str, reason: &str) -> Self {
        Self::Environment { address: address.to_owned(), reason: reason.to_owned() }
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
            Self::NoEmulator { address, source } => write!(
                f,
                "no emulator responds at {address}: {source}; start one with `kandy emulator &`, or select the address \
                 of another"
            ),
            Self::Environment { address, reason } => {
                write!(f, "the environment of the emulator at {address} cannot be read: {reason}")
            }
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.fmt(f),
            #[cfg(feature = "tls")]
            Self::NoDataDirectory => f.write_str(
                "no directory for the certificate authority: the home directory is unknown; name a directory with \
                 --tls-dir",
            ),
            Self::State { source } if source.kind() == io::ErrorKind::InvalidData => {
                write!(f, "{source}; nothing was overwritten: repair the file, or move it away to begin without it")
            }
            Self::State { source } => source.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

/// The next step when an address cannot be bound.
fn remedy(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::AddrInUse => {
            "another program, perhaps another emulator, listens on it; stop it, or choose another port with --listen \
             (port 0 selects a free one)"
        }
        io::ErrorKind::AddrNotAvailable => "this machine has no such address; choose another with --listen",
        io::ErrorKind::PermissionDenied => {
            "the system reserves ports below 1024; choose a higher one with --listen (port 0 selects a free one)"
        }
        _ => "choose another address with --listen, such as 127.0.0.1:8787",
    }
}

impl error::Error for Error {
    /// `Display` contains the direct cause already, so the chain continues with the next one.
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::File { source, .. } => source.source(),
            Self::Seed { source, .. } => source.source(),
            Self::Listen { source, .. } | Self::NoEmulator { source, .. } => source.source(),
            Self::Environment { .. } => None,
            #[cfg(feature = "tls")]
            Self::Tls(error) => error.source(),
            #[cfg(feature = "tls")]
            Self::NoDataDirectory => None,
            Self::State { source } => source.source(),
            Self::Io(error) => error.source(),
        }
    }
}

#[cfg(feature = "tls")]
impl From<crate::TlsError> for Error {
    fn from(error: crate::TlsError) -> Self {
        Self::Tls(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
