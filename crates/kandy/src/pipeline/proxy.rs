//! [`ProxyChoice`]: which proxy connections use, and [`proxy_of`], its address for error messages. Depends on `error`.

use std::fmt;

use hyper_util::client::proxy::matcher::Matcher;
use kandy_sys::{BaseUrl, Secret};
use reqwest::{ClientBuilder, Proxy, Url};

use crate::error::ProxyAddress;

/// The next step where the environment names the proxy.
const CHECK_ENVIRONMENT: &str = "check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY";

/// Which proxy connections use.
#[derive(Clone, Default)]
pub(crate) enum ProxyChoice {
    /// That of the environment, except for loopback addresses.
    #[default]
    Environment,
    /// None.
    Off,
    /// This one, for all hosts. A secret, as it may have a password.
    Url(Secret),
}

impl ProxyChoice {
    /// Returns the name of the setter.
    pub(crate) fn setting(&self) -> &'static str {
        match self {
            Self::Off => "no_proxy",
            Self::Environment | Self::Url(_) => "proxy",
        }
    }

    pub(crate) fn is_unset(&self) -> bool {
        matches!(self, Self::Environment)
    }

    /// Sets the proxy of an HTTP client. Fails with the reason, which repeats nothing of the URL.
    pub(crate) fn apply(&self, client: ClientBuilder) -> Result<ClientBuilder, &'static str> {
        match self {
            Self::Environment => Ok(client),
            Self::Off => Ok(client.no_proxy()),
            Self::Url(text) => {
                let proxy = Proxy::all(parse(text)?).map_err(|_| "it is not the URL of a proxy")?;
                // Drops those of the environment, too.
                Ok(client.no_proxy().proxy(proxy))
            }
        }
    }
}

impl fmt::Debug for ProxyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("Environment"),
            Self::Off => f.write_str("Off"),
            Self::Url(text) => match parse(text) {
                Ok(url) => write!(f, "{}", address_of_url(&url)),
                Err(_) => f.write_str("invalid"),
            },
        }
    }
}

/// Parses the URL of a proxy; without a scheme, as in the variables of the environment, it is that of HTTP.
fn parse(text: &Secret) -> Result<Url, &'static str> {
    let text = text.expose().trim();
    if text.is_empty() {
        return Err("it is empty; to use no proxy, call `no_proxy`");
    }
    let with_scheme = Secret::from(if text.contains("://") { text.to_owned() } else { format!("http://{text}") });
    let url = Url::parse(with_scheme.expose()).map_err(|_| "it is not a URL, as http://host:3128 is one")?;
    match url.scheme() {
        "http" | "https" => {}
        "socks5" | "socks5h" if cfg!(feature = "socks") => {}
        "socks5" | "socks5h" => return Err("it is a SOCKS proxy, which needs the feature `socks` of `kandy`"),
        _ => return Err("its scheme is none of http, https, socks5 and socks5h"),
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("it has no host");
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err("it has a path, a query or a fragment; write a password with such characters percent-encoded");
    }
    Ok(url)
}

fn address_of_url(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or(1080))
}

/// Returns the proxy of connections to the service, as `host:port` without its credentials; `None` for direct ones.
///
/// reqwest does not tell which proxy of the environment it uses. It selects one with the same `Matcher` when it is built,
/// so calling this at that moment finds the same (`kandy-cli` test `proxy`).
pub(crate) fn proxy_of(choice: &ProxyChoice, base_url: &BaseUrl) -> Option<ProxyAddress> {
    match choice {
        ProxyChoice::Off => None,
        ProxyChoice::Url(text) => {
            let advice = "check the URL that was given to `KandyBuilder::proxy`";
            Some(ProxyAddress { address: address_of_url(&parse(text).ok()?), advice })
        }
        // `kandy_sys::transport` turns the proxies of the environment off for loopback addresses.
        ProxyChoice::Environment if base_url.is_loopback() => None,
        ProxyChoice::Environment => proxy_of_environment(base_url),
    }
}

fn proxy_of_environment(base_url: &BaseUrl) -> Option<ProxyAddress> {
    let service: http::Uri = base_url.as_str().parse().ok()?;
    let intercepted = Matcher::from_system().intercept(&service)?;
    let proxy = intercepted.uri();
    let scheme = proxy.scheme_str().unwrap_or("http");
    let port = proxy.port_u16().unwrap_or(match scheme {
        "https" => 443,
        "http" => 80,
        _ => 1080,
    });
    // reqwest without SOCKS fails to connect, and does not tell why.
    let advice = match scheme.starts_with("socks") && !cfg!(feature = "socks") {
        true => "SOCKS proxies need the feature `socks` of `kandy`; else check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY",
        false => CHECK_ENVIRONMENT,
    };
    Some(ProxyAddress { address: format!("{}:{port}", proxy.host()?), advice })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_proxies() {
        for (text, expected) in [
            ("http://proxy.example:3128", Ok("proxy.example:3128")),
            ("proxy.example:3128", Ok("proxy.example:3128")),
            (" http://proxy.example/ ", Ok("proxy.example:80")),
            ("https://proxy.example", Ok("proxy.example:443")),
            ("http://u:s3cret%40@[::1]:1", Ok("[::1]:1")),
            ("u:s3cret@proxy.example:1", Ok("proxy.example:1")),
            ("", Err("it is empty; to use no proxy, call `no_proxy`")),
            ("http://", Err("it is not a URL, as http://host:3128 is one")),
            ("http://s3cret:99999", Err("it is not a URL, as http://host:3128 is one")),
            ("ftp://u:s3cret@proxy.example", Err("its scheme is none of http, https, socks5 and socks5h")),
            ("socks4://proxy.example", Err("its scheme is none of http, https, socks5 and socks5h")),
            ("http://u:s3/cret@proxy.example", Err("it is not a URL, as http://host:3128 is one")),
            (
                "http://u:1/cret@proxy.example",
                Err("it has a path, a query or a fragment; write a password with such characters percent-encoded"),
            ),
        ] {
            let parsed = parse(&text.into()).map(|url| address_of_url(&url));
            assert_eq!(parsed, expected.map(str::to_owned), "{text}");
            assert!(!format!("{:?}", ProxyChoice::Url(text.into())).contains("s3cret"), "{text}");
        }
        let socks = parse(&"socks5h://u:s3cret@proxy.example".into()).map(|url| address_of_url(&url));
        match cfg!(feature = "socks") {
            true => assert_eq!(socks.as_deref(), Ok("proxy.example:1080")),
            false => assert!(socks.is_err_and(|reason| reason.contains("feature `socks`"))),
        }
    }
}
