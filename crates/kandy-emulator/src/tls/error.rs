//! What prevents a start with TLS.
//!
//! Depends on nothing. Begin with [`TlsError`].

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// An error of TLS at startup. It contains no keys.
///
/// ```
/// use kandy_emulator::{Emulator, Tls};
///
/// let refused = Emulator::builder().tls(Tls::temporary().name("no host")).start().unwrap_err();
/// assert!(refused.to_string().contains("\"no host\" is neither a host name nor an address"));
/// ```
#[derive(Debug)]
pub struct TlsError(Kind);

#[derive(Debug)]
enum Kind {
    Name(String),
    File { what: &'static str, path: PathBuf, source: io::Error },
    Damaged { directory: PathBuf, reason: String },
    Expired { directory: PathBuf, at: SystemTime },
    NotPermitted { directory: Option<PathBuf>, names: Vec<String> },
    Library(String),
}

impl TlsError {
    pub(super) fn name(text: &str) -> Self {
        // Long enough for every name that is one.
        Self(Kind::Name(text.chars().take(260).collect()))
    }

    pub(super) fn file(what: &'static str, path: &Path, source: io::Error) -> Self {
        Self(Kind::File { what, path: path.into(), source })
    }

    pub(super) fn damaged(directory: &Path, reason: impl Into<String>) -> Self {
        Self(Kind::Damaged { directory: directory.into(), reason: reason.into() })
    }

    pub(super) fn expired(directory: &Path, at: SystemTime) -> Self {
        Self(Kind::Expired { directory: directory.into(), at })
    }

    pub(super) fn not_permitted(directory: Option<&Path>, names: Vec<String>) -> Self {
        Self(Kind::NotPermitted { directory: directory.map(Into::into), names })
    }

    /// An error of the library that makes certificates. None of its texts repeats a key.
    pub(super) fn library(error: impl fmt::Display) -> Self {
        Self(Kind::Library(error.to_string()))
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const RENEW: &str = "to make a new one, which clients then have to trust";
        match &self.0 {
            Kind::Name(text) => {
                write!(f, "{text:?} is neither a host name nor an address; give one such as kandy.test or 192.168.1.5")
            }
            Kind::File { what, path, source } => write!(f, "cannot {what} {}: {source}", path.display()),
            Kind::Damaged { directory, reason } => {
                let directory = directory.display();
                write!(
                    f,
                    "the certificate authority in {directory} cannot be used: {reason}; delete this directory and \
                     start again {RENEW}"
                )
            }
            Kind::Expired { directory, at } => {
                let (directory, at) = (directory.display(), humantime::format_rfc3339_seconds(*at));
                write!(
                    f,
                    "the certificate authority in {directory} expired at {at}; delete this directory and start again \
                     {RENEW}"
                )
            }
            Kind::NotPermitted { directory, names } => {
                let names = names.join(", ");
                write!(
                    f,
                    "the certificate authority may not certify {names}: it is limited to the names it was made for"
                )?;
                match directory {
                    Some(directory) => write!(
                        f,
                        "; choose another directory with --tls-dir, or delete {} and start again with these names \
                         {RENEW}",
                        directory.display()
                    ),
                    None => Ok(()),
                }
            }
            Kind::Library(error) => write!(f, "cannot make a certificate: {error}"),
        }
    }
}

impl error::Error for TlsError {
    /// `Display` contains the direct cause already, so the chain continues with the next one.
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match &self.0 {
            Kind::File { source, .. } => source.source(),
            _ => None,
        }
    }
}

impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        let kind = match &error.0 {
            Kind::File { source, .. } => source.kind(),
            Kind::Name(_) | Kind::NotPermitted { .. } => io::ErrorKind::InvalidInput,
            Kind::Damaged { .. } | Kind::Expired { .. } => io::ErrorKind::InvalidData,
            Kind::Library(_) => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}
