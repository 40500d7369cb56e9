//! [`HttpSettings`]: how the HTTP clients of one [`Kandy`](crate::Kandy) connect. Depends on `given_client`, `proxy`,
//! `resolve` and `root_certificates`.

use std::{sync::Arc, time::Duration};

use http::HeaderValue;
use kandy_sys::{BaseUrl, transport::http_client};

#[cfg(any(feature = "rustls", feature = "native-tls"))]
use super::root_certificates::RootCertificates;
use super::{
    given_client,
    proxy::{ProxyChoice, proxy_of},
    resolve::Addresses,
};
use crate::{
    Error, Result,
    error::{Phase, ProxyAddress, TransportError},
};

/// The time to establish a connection, unless it is set.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The `User-Agent`, unless it is set.
const USER_AGENT: &str = concat!("kandy/", env!("CARGO_PKG_VERSION"));

/// What all HTTP clients of a [`Kandy`](crate::Kandy) have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct HttpSettings {
    /// The client of the caller, which replaces all other settings.
    pub(crate) client: Option<reqwest::Client>,
    pub(crate) connect_timeout: Option<Duration>,
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub(crate) root_certificates: RootCertificates,
    pub(crate) proxy: ProxyChoice,
    pub(crate) user_agent: Option<String>,
    pub(crate) addresses: Addresses,
}

impl HttpSettings {
    /// Returns the client of the caller, or builds one with these settings.
    ///
    /// # Errors
    ///
    /// When a setting cannot be used, and when TLS cannot be set up.
    pub(crate) fn client(&self, base_url: &BaseUrl) -> Result<reqwest::Client> {
        let Some(client) = &self.client else { return build(self.builder(base_url)?) };
        if let Some(setting) = self.first_of_connections() {
            let reason = "it is a setting of the HTTP client, and `http_client` replaces that one; set it there";
            return Err(Error::argument(setting, reason));
        }
        given_client::check(client).map_err(|reason| Error::argument("http_client", reason))?;
        Ok(client.clone())
    }

    /// Returns the name of a setting that applies to no client of the caller, if one is set.
    fn first_of_connections(&self) -> Option<&'static str> {
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let has_certificates = !self.root_certificates.is_unset();
        #[cfg(not(any(feature = "rustls", feature = "native-tls")))]
        let has_certificates = false;
        let settings = [
            ("root_certificate", has_certificates),
            ("connect_timeout", self.connect_timeout.is_some()),
            (self.proxy.setting(), !self.proxy.is_unset()),
            ("user_agent", self.user_agent.is_some()),
            ("resolve", !self.addresses.is_unset()),
        ];
        settings.into_iter().find_map(|(name, is_set)| is_set.then_some(name))
    }

    /// Returns a builder of a client with these settings.
    ///
    /// # Errors
    ///
    /// When a setting cannot be used.
    pub(crate) fn builder(&self, base_url: &BaseUrl) -> Result<reqwest::ClientBuilder> {
        let user_agent = HeaderValue::from_str(self.user_agent.as_deref().unwrap_or(USER_AGENT));
        let user_agent = user_agent.ok().filter(|value| !value.is_empty());
        let user_agent = user_agent.ok_or_else(|| Error::argument("user_agent", "it is no value of a header"))?;
        let http = http_client(base_url).connect_timeout(self.connect_timeout()).user_agent(user_agent);
        let http = self.proxy.apply(http).map_err(|reason| Error::argument("proxy", reason))?;
        let http = self.addresses.apply(http).map_err(|reason| Error::argument("resolve", reason))?;
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let http = self.root_certificates.apply(http, self.may_use_tls(base_url));
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let http = http.map_err(|reason| Error::argument("root_certificate", reason))?;
        Ok(http)
    }

    /// Whether a connection to the service, or to a proxy before it, may use TLS.
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    fn may_use_tls(&self, base_url: &BaseUrl) -> bool {
        base_url.is_https() || proxy_of(&self.proxy, base_url).is_some()
    }

    /// Returns how long establishing a connection may take.
    pub(crate) fn connect_timeout(&self) -> Duration {
        self.connect_timeout.unwrap_or(CONNECT_TIMEOUT)
    }

    /// Returns the proxy of connections to the service, as far as it is known: a client of the caller does not tell.
    pub(crate) fn proxy_address(&self, base_url: &BaseUrl) -> Option<Arc<ProxyAddress>> {
        self.client.is_none().then(|| proxy_of(&self.proxy, base_url)).flatten().map(Arc::new)
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

#[cfg(all(test, any(feature = "rustls", feature = "native-tls")))]
mod tests {
    use kandy_sys::Secret;

    use super::*;

    #[test]
    fn plain_http_without_a_proxy_uses_no_tls() {
        let proxy = |url: &str| ProxyChoice::Url(Secret::from(url));
        for (url, proxy, may_use_tls) in [
            ("https://api.kandy.io/v1.2", ProxyChoice::Environment, true),
            ("https://127.0.0.1:8787", ProxyChoice::Off, true),
            ("http://127.0.0.1:8787/v1.2", ProxyChoice::Environment, false),
            ("http://localhost/v1.2", ProxyChoice::Off, false),
            ("http://service.example/v1.2", ProxyChoice::Off, false),
            ("http://[::1]:8787", proxy("https://proxy.example"), true),
            ("http://service.example/v1.2", proxy("proxy.example:3128"), true),
        ] {
            let settings = HttpSettings { proxy, ..HttpSettings::default() };
            let base_url = BaseUrl::insecure(url).expect(url);
            assert_eq!(settings.may_use_tls(&base_url), may_use_tls, "{url} {:?}", settings.proxy);
        }
    }
}
