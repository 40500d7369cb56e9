//! The settings of TLS, and what a server gets from them.
//!
//! Depends on `authority`, `directory` and `name`. Begin with [`Tls`].

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio_rustls::rustls::{ServerConfig, crypto::aws_lc_rs};

use super::{
    authority::Authority,
    directory::{self, Kept},
    error::TlsError,
    name::Name,
};

/// The settings of TLS.
///
/// The certificate is made at each start, for `localhost`, `127.0.0.1`, `::1`, `api.kandy.io`, the address to listen on
/// and the [names](Self::name) that are added. Clients trust the certificate authority that issues it.
///
/// ```
/// use kandy_emulator::{Emulator, Tls};
///
/// let emulator = Emulator::builder().tls(Tls::temporary()).start()?;
/// assert!(emulator.base_url().starts_with("https://127.0.0.1:"));
/// let pem = emulator.ca_certificate().expect("it speaks TLS"); // what the client under test has to trust
/// assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Tls {
    directory: Option<PathBuf>,
    names: Vec<String>,
}

impl Tls {
    /// Returns settings with a certificate authority in memory, which ends with the emulator: for tests.
    pub fn temporary() -> Self {
        Self { directory: None, names: Vec::new() }
    }

    /// Returns settings with a certificate authority that is kept below this directory, so that clients need to trust it
    /// once. The first start makes it, as `ca/cert.pem` and `ca/key.pem`, which only the user can read.
    ///
    /// The authority is limited to the names above, to names below `test`, and to the names of the start that makes it. So
    /// its key is of no use against other hosts. A later start with other names fails.
    ///
    /// ```no_run
    /// use kandy_emulator::{Emulator, Tls};
    ///
    /// let emulator = Emulator::builder().tls(Tls::in_directory("target/kandy-emulator")).start()?;
    /// assert_eq!(emulator.ca_file(), Some("target/kandy-emulator/ca/cert.pem".as_ref()));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn in_directory(directory: impl Into<PathBuf>) -> Self {
        Self { directory: Some(directory.into()), names: Vec::new() }
    }

    /// Adds a host name or an address to the certificate. An invalid one is an error at the start.
    ///
    /// ```
    /// use kandy_emulator::{Emulator, Tls};
    ///
    /// let tls = Tls::temporary().name("kandy.test").name("192.168.1.5");
    /// let emulator = Emulator::builder().tls(tls).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// The file of the certificate of the authority; none if it is in memory.
    pub(crate) fn ca_file(&self) -> Option<PathBuf> {
        self.directory.as_deref().map(directory::certificate_file)
    }

    /// The host names that were added, in lower case.
    pub(crate) fn host_names(&self) -> impl Iterator<Item = String> {
        self.names.iter().filter_map(|name| match name.parse() {
            Ok(Name::Dns(name)) => Some(name),
            _ => None,
        })
    }

    /// Checks a name of [`name`](Self::name).
    #[cfg(feature = "command")]
    pub(crate) fn check_name(name: &str) -> Result<String, TlsError> {
        name.parse::<Name>().map(|name| name.to_string())
    }

    /// Loads or makes the authority, and issues a certificate for a server on these addresses.
    pub(crate) fn identity(self, addresses: &[SocketAddr]) -> Result<Identity, TlsError> {
        let mut names = Name::built_in();
        // A server on all addresses has no address of its own.
        let of_server = addresses.iter().map(SocketAddr::ip).filter(|address| !address.is_unspecified()).map(Name::Ip);
        for name in of_server.map(Ok).chain(self.names.iter().map(|name| name.parse())) {
            let name = name?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let Kept { authority, directory, file } = match &self.directory {
            Some(base) => directory::load_or_create(base, &names)?,
            None => Kept::in_memory(Authority::generate(&names)?),
        };
        // By name, and not the default of the process, which a program may have set to another one.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let issued = authority.issue(&names, directory.as_deref(), &provider)?;
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config = config
            .map_err(TlsError::library)?
            .with_no_client_auth()
            .with_single_cert(vec![issued.certificate], issued.key)
            .map_err(TlsError::library)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Identity { config: Arc::new(config), ca: CaCertificate { pem: authority.pem.into(), file } })
    }
}

/// The certificate of a server, with its key, and that of its authority.
pub(crate) struct Identity {
    pub(super) config: Arc<ServerConfig>,
    pub(crate) ca: CaCertificate,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("ca", &self.ca).finish_non_exhaustive()
    }
}

/// The certificate that clients have to trust.
#[derive(Clone)]
pub(crate) struct CaCertificate {
    pub(crate) pem: Arc<str>,
    file: Option<PathBuf>,
}

impl CaCertificate {
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }
}

impl fmt::Debug for CaCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaCertificate").field("file", &self.file).finish_non_exhaustive()
    }
}
