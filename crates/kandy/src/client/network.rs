//! The setters of [`KandyBuilder`] for connections.

use std::{net::SocketAddr, time::Duration};

use kandy_sys::Secret;

use super::KandyBuilder;
use crate::pipeline::ProxyChoice;

impl KandyBuilder {
    /// Sends requests with this HTTP client, to share its connections, or for what the other settings do not offer.
    ///
    /// URLs contain credentials, so the client must follow no redirects. [`build`](Self::build) refuses one with the
    /// default policy, which follows ten, and any other but [`Policy::none`](reqwest::redirect::Policy::none) and
    /// [`Policy::custom`](reqwest::redirect::Policy::custom). If a custom policy follows one after all, the call fails
    /// with the phase [`Redirected`](crate::Phase::Redirected), is not retried, and
    /// [may have been applied](crate::Error::may_have_been_applied); only a redirect to the very same URL goes unnoticed.
    /// It is up to you that the client keeps credentials to itself otherwise: cookies, default headers, middleware and
    /// logs (`connection_verbose`) are not checked, and neither is `danger_accept_invalid_certs`. Its own timeouts apply
    /// beside those of this builder; set none there, so that long downloads and uploads are not cut off.
    ///
    /// The settings of connections are those of the client. Together with
    /// [`root_certificate`](Self::root_certificate), [`connect_timeout`](Self::connect_timeout), [`proxy`](Self::proxy),
    /// [`no_proxy`](Self::no_proxy), [`user_agent`](Self::user_agent) or [`resolve`](Self::resolve) it is an error.
    ///
    /// Data channels (feature `push`) are opened with it, too. They need HTTP/1.1: where your program enables HTTP/2 in
    /// reqwest, build the client with `http1_only()`, or use another [`Kandy`](crate::Kandy) for them.
    ///
    /// ```
    /// use kandy::{Kandy, sys::{BaseUrl, transport::http_client}};
    ///
    /// // Follows no redirects and sends no `Referer`.
    /// let http = http_client(&BaseUrl::new("https://api.kandy.io/v1.2")?).tcp_nodelay(true).build()?;
    /// let kandy = Kandy::builder().http_client(http).build()?;
    ///
    /// // This one would follow them.
    /// assert!(Kandy::builder().http_client(reqwest::Client::new()).build().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.http.client = Some(client);
        self
    }

    /// Trusts certificate authorities beside those of the platform: PEM, with one or more certificates. Call it again for
    /// further ones. For an emulator with TLS, and for companies whose proxy has an authority of its own.
    ///
    /// ```
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let pem = std::fs::read("ca/cert.pem")?;
    /// let kandy = kandy::Kandy::builder().base_url("https://127.0.0.1:8787/v1.2").root_certificate(pem).build()?;
    /// # Ok(()) }
    /// ```
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    pub fn root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.http.root_certificates.add(pem.as_ref());
        self
    }

    /// Sends all requests through this proxy, in place of that of the environment, and also to loopback addresses and to
    /// the hosts in `NO_PROXY`.
    ///
    /// The URL is `http://HOST:PORT`, `https://…`, or with the feature `socks` `socks5://…` (the host of the service is
    /// looked up here) or `socks5h://…` (by the proxy). It may have a user name and a password, which are never printed;
    /// write characters such as `@` and `/` in them percent-encoded.
    ///
    /// ```
    /// let kandy = kandy::Kandy::builder().proxy("http://user:p%40ssword@proxy.example:3128").build()?;
    /// # Ok::<(), kandy::Error>(())
    /// ```
    pub fn proxy(mut self, url: impl Into<Secret>) -> Self {
        self.http.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// Uses no proxy, whatever the environment says.
    ///
    /// ```
    /// let kandy = kandy::Kandy::builder().no_proxy().build()?;
    /// assert_eq!(kandy.proxy(), None);
    /// # Ok::<(), kandy::Error>(())
    /// ```
    pub fn no_proxy(mut self) -> Self {
        self.http.proxy = ProxyChoice::Off;
        self
    }

    /// Sets the `User-Agent` of requests, such as the name and version of your program; by default `kandy/` and the
    /// version of this crate.
    ///
    /// ```
    /// let kandy = kandy::Kandy::builder().user_agent("billing/2.1").build()?;
    /// # Ok::<(), kandy::Error>(())
    /// ```
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.http.user_agent = Some(user_agent.into());
        self
    }

    /// Connects to this address in place of those that a lookup of the host returns; certificates are still checked for
    /// the host. Call it again for further addresses, which are tried in turn. The port 0 stands for that of the base URL.
    ///
    /// The host may also be that of a proxy. Behind an HTTP proxy, or `socks5h`, the proxy looks up the service.
    ///
    /// ```
    /// let kandy = kandy::Kandy::builder()
    ///     .resolve("api.kandy.io", "192.0.2.1:443".parse()?)
    ///     .resolve("api.kandy.io", "192.0.2.2:443".parse()?)
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resolve(mut self, host: impl Into<String>, address: SocketAddr) -> Self {
        self.http.addresses.add(&host.into(), address);
        self
    }

    /// Limits the time to establish a connection; 10 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = Some(timeout);
        self
    }
}
