//! The address of the emulator, as the client of a request wrote it.
//!
//! Depends on nothing. Begin with `ServerAddress::of`.

use http::{HeaderValue, uri::Authority};

/// Host and port that a client reached the emulator at. Configurations name it, so that a client that came through a
/// proxy, or through a name of its own, stays on that way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerAddress {
    /// Without brackets, also where it is an address of IPv6.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Whether the client speaks TLS.
    pub(crate) is_secure: bool,
}

impl ServerAddress {
    /// The address in the header `Host`; the loopback address for a client that sends none.
    pub(crate) fn of(host: Option<&HeaderValue>, is_secure: bool) -> Self {
        let host = host.and_then(|value| Authority::try_from(value.as_bytes()).ok());
        let default_port = if is_secure { 443 } else { 80 };
        let port = host.as_ref().and_then(Authority::port_u16).unwrap_or(default_port);
        let host = host.as_ref().map_or("127.0.0.1", Authority::host);
        Self { host: host.trim_start_matches('[').trim_end_matches(']').to_owned(), port, is_secure }
    }

    /// The host as URLs have it: an address of IPv6 in brackets.
    pub(crate) fn url_host(&self) -> String {
        if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_what_the_client_wrote() {
        for (host, is_secure, expected) in [
            (Some("127.0.0.1:8787"), false, ("127.0.0.1", 8787, "127.0.0.1")),
            (Some("api.kandy.io"), true, ("api.kandy.io", 443, "api.kandy.io")),
            (Some("localhost"), false, ("localhost", 80, "localhost")),
            (Some("[::1]:8787"), false, ("::1", 8787, "[::1]")),
            (Some("a b"), false, ("127.0.0.1", 80, "127.0.0.1")),
            (None, true, ("127.0.0.1", 443, "127.0.0.1")),
        ] {
            let address = ServerAddress::of(host.map(HeaderValue::from_static).as_ref(), is_secure);
            let url_host = address.url_host();
            assert_eq!((address.host.as_str(), address.port, url_host.as_str()), expected, "{host:?}");
        }
    }
}
