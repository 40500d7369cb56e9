//! [`HttpSettings`]: how the HTTP clients of one [`Kandy`](crate::Kandy) connect. Depends on `root_certificates`.

use std::{sync::Arc, time::Duration};

use kandy_sys::{BaseUrl, transport::http_client};

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use super::root_certificates::RootCertificates;
use crate::{
    Error, Result,
    error::{Phase, TransportError},
};

/// What all HTTP clients of a [`Kandy`](crate::Kandy) have in common.
#[derive(Clone, Debug)]
pub(crate) struct HttpSettings {
    pub(crate) connect_timeout: Duration,
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub(crate) root_certificates: RootCertificates,
}

impl HttpSettings {
    /// Returns a builder of a client with these settings.
    ///
    /// # Errors
    ///
    /// When a root certificate cannot be read.
    pub(crate) fn builder(&self, base_url: &BaseUrl) -> Result<reqwest::ClientBuilder> {
        let http = http_client(base_url).connect_timeout(self.connect_timeout);
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let http = self.root_certificates.apply(http).map_err(|reason| Error::argument("root_certificate", reason))?;
        Ok(http)
    }
}

/// Builds a client.
///
/// # Errors
///
/// When TLS cannot be set up.
pub(crate) fn build(http: reqwest::ClientBuilder) -> Result<reqwest::Client> {
    http.build().map_err(|error| Error::Transport(Arc::new(TransportError::of(None, Phase::Setup, error))))
}
