//! TLS: a certificate authority that is kept, and a certificate for the names of the emulator at each start.
//!
//! ```text
//! settings   the public settings, and what a server gets from them
//! authority  the certificate authority: its key, its certificate, and the certificates that it issues
//! directory  keeps an authority in a directory
//! name       host names and addresses, and those that every certificate has
//! client     a request to an emulator that serves TLS already, for `--env`
//! stream     a connection from its first byte: the handshake, and the refusal of plain HTTP
//! error      what prevents a start
//! ```
//!
//! Depends on nothing of the emulator. Begin with [`Tls`].

mod authority;
#[cfg(feature = "command")]
mod client;
mod directory;
mod error;
mod name;
mod settings;
mod stream;

pub use error::TlsError;
pub use settings::Tls;
pub(crate) use settings::{CaCertificate, Identity};
pub(crate) use stream::{Acceptor, TlsStream};
