//! The client side: a request to an emulator that serves TLS already, by the certificate authority that it keeps.
//!
//! Depends on `settings` and `error`. Begin with [`Tls::connect`].

use std::{fs, io, net::TcpStream, path::Path, sync::Arc};

use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::{error::TlsError, name::Name, settings::Tls};

/// A connection of a client.
pub(crate) type ClientStream = StreamOwned<ClientConnection, TcpStream>;

impl Tls {
    /// Begins TLS with the emulator whose authority these settings name. Makes no authority.
    pub(crate) fn connect(&self, host: &str, tcp: TcpStream) -> Result<ClientStream, TlsError> {
        Self::connect_with(self.ca_file().as_deref(), host, tcp)
    }

    /// Begins TLS with an emulator by the file of its authority.
    pub(crate) fn connect_with(ca_file: Option<&Path>, host: &str, tcp: TcpStream) -> Result<ClientStream, TlsError> {
        let mut roots = RootCertStore::empty();
        if let Some(file) = ca_file {
            roots.add(read(file)?).map_err(TlsError::library)?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.map_err(TlsError::library)?.with_root_certificates(roots).with_no_client_auth();
        let name = host.parse::<Name>()?.server_name()?;
        let connection = ClientConnection::new(Arc::new(config), name).map_err(TlsError::library)?;
        Ok(StreamOwned::new(connection, tcp))
    }
}

fn read(file: &Path) -> Result<CertificateDer<'static>, TlsError> {
    let failed = |error| TlsError::file("read", file, error);
    let pem = fs::read(file).map_err(failed)?;
    CertificateDer::from_pem_slice(&pem).map_err(|_| failed(io::ErrorKind::InvalidData.into()))
}
