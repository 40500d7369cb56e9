//! [`RootCertificates`]: the certificate authorities that a client trusts beside those of the platform. Depends on
//! nothing.

use std::fmt;

use reqwest::{Certificate, ClientBuilder};

/// Certificate authorities that a client trusts beside those of the platform.
#[derive(Clone, Default)]
pub(crate) struct RootCertificates {
    certificates: Vec<Certificate>,
    /// What is wrong with the first text that cannot be used. Kept until the client is built, because a setter of a
    /// builder returns no error.
    invalid: Option<&'static str>,
}

impl RootCertificates {
    /// Adds the certificates in a PEM text.
    pub(crate) fn add(&mut self, pem: &[u8]) {
        match parse(pem) {
            Ok(certificates) => self.certificates.extend(certificates),
            Err(reason) => self.invalid = self.invalid.or(Some(reason)),
        }
    }

    /// Adds the certificates to an HTTP client, which reads those of the platform only if it `may_use_tls`: reading them
    /// takes most of the time in which a client is built. Fails with the reason.
    pub(crate) fn apply(&self, client: ClientBuilder, may_use_tls: bool) -> Result<ClientBuilder, &'static str> {
        match self.invalid {
            Some(reason) => Err(reason),
            None if !may_use_tls => Ok(client.tls_certs_only([])),
            // Without any, the client keeps the verifier of the platform as it is.
            None if self.certificates.is_empty() => Ok(client),
            None => Ok(client.tls_certs_merge(self.certificates.iter().cloned())),
        }
    }

    pub(crate) fn is_unset(&self) -> bool {
        self.certificates.is_empty() && self.invalid.is_none()
    }
}

impl fmt::Debug for RootCertificates {
    /// Without the texts: one may be that of a private key, by mistake.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.certificates.len())
    }
}

/// Reads one or more certificates. The reason repeats nothing of the text.
fn parse(pem: &[u8]) -> Result<Vec<Certificate>, &'static str> {
    const UNREADABLE: &str = "it has a certificate that cannot be read";
    // Editors on Windows write a byte order mark, which hides the first line from the parser.
    let pem = pem.strip_prefix(b"\xef\xbb\xbf").unwrap_or(pem);
    let certificates = Certificate::from_pem_bundle(pem).map_err(|_| UNREADABLE)?;
    // reqwest with rustls reads no certificate before it builds the client, where the error would not tell which setting
    // is the cause.
    #[cfg(feature = "rustls")]
    {
        use rustls::pki_types::{CertificateDer, pem::PemObject};

        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.add(certificate.map_err(|_| UNREADABLE)?).map_err(|_| UNREADABLE)?;
        }
    }
    match certificates.is_empty() {
        true => Err("it has no certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----"),
        false => Ok(certificates),
    }
}
