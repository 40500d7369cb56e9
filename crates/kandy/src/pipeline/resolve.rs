//! [`Addresses`]: the addresses of hosts that are not looked up. Depends on nothing.

use std::{collections::BTreeMap, net::SocketAddr};

use reqwest::{ClientBuilder, Url};

/// Addresses of hosts, in place of those that a lookup returns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    by_host: BTreeMap<String, Vec<SocketAddr>>,
    /// What is wrong with the first host that cannot be used. Kept until the client is built, because a setter of a
    /// builder returns no error.
    invalid: Option<&'static str>,
}

impl Addresses {
    /// Adds an address of a host.
    pub(crate) fn add(&mut self, host: &str, address: SocketAddr) {
        match normalize(host) {
            Ok(host) => self.by_host.entry(host).or_default().push(address),
            Err(reason) => self.invalid = self.invalid.or(Some(reason)),
        }
    }

    /// Adds the addresses to an HTTP client. Fails with the reason.
    pub(crate) fn apply(&self, client: ClientBuilder) -> Result<ClientBuilder, &'static str> {
        match self.invalid {
            Some(reason) => Err(reason),
            None => Ok(self.by_host.iter().fold(client, |client, (host, all)| client.resolve_to_addrs(host, all))),
        }
    }

    pub(crate) fn is_unset(&self) -> bool {
        self.by_host.is_empty() && self.invalid.is_none()
    }
}

/// Returns a host as URLs have it: in lower case, and in ASCII.
fn normalize(host: &str) -> Result<String, &'static str> {
    const NO_NAME: &str = "it is no host name; write it without a scheme, a port and a path, as in api.kandy.io";
    // None of these is part of a host name, and a URL would take what follows for something else.
    if host.contains(['/', '\\', ':', '@', '?', '#']) || host.contains(char::is_whitespace) {
        return Err(NO_NAME);
    }
    let url = Url::parse(&format!("http://{host}/")).map_err(|_| NO_NAME)?;
    match url.domain() {
        Some(domain) => Ok(domain.to_owned()),
        None => Err("it is an address, which is never looked up; use it in the base URL"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_those_of_urls() {
        for (host, expected) in [
            ("api.kandy.io", "api.kandy.io"),
            ("API.Kandy.IO", "api.kandy.io"),
            ("bücher.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(normalize(host).as_deref(), Ok(expected), "{host}");
        }
        for host in
            ["", " ", "a b", "https://a", "a:443", "u@a", "a/b", "a?b", "a#b", "a\\b", "[::1]", "127.0.0.1", "%"]
        {
            assert!(normalize(host).is_err(), "{host}");
        }
    }
}
