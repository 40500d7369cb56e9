//! The base URL of the service, and the URL of each operation below it.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use reqwest::Url;

use crate::{OPERATIONS, Operation};

/// The URL that the paths of all operations are relative to, such as `https://api.kandy.io/v1.2`.
///
/// It is HTTPS, or HTTP to a loopback address, because every URL contains credentials.
///
/// ```
/// use kandy_sys::BaseUrl;
///
/// let url = BaseUrl::new("http://127.0.0.1:8787/v1.2/")?;
/// assert_eq!(url.as_str(), "http://127.0.0.1:8787/v1.2");
/// assert!(BaseUrl::new("http://kandy.example/v1.2").is_err());
/// # Ok::<(), kandy_sys::InvalidBaseUrl>(())
/// ```
#[derive(Clone)]
pub struct BaseUrl {
    url: Url,
    text: String,
    host: String,
    loopback: bool,
    /// The URL of each operation by its position in the table, parsed on first use.
    urls: Arc<[OnceLock<Url>]>,
}

/// Why a text is not a base URL. It does not contain the text, which may contain a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidBaseUrl(&'static str);

/// As long as most queries.
const ROOM: &str = match str::from_utf8(&[b'-'; 192]) {
    Ok(room) => room,
    Err(_) => "",
};

impl BaseUrl {
    /// Parses a base URL that is HTTPS, or HTTP to a loopback address.
    ///
    /// # Errors
    ///
    /// When it is not an absolute `http` or `https` URL, is plain HTTP to another host, or has a user name, a password, a
    /// query or a fragment.
    pub fn new(text: &str) -> Result<Self, InvalidBaseUrl> {
        let url = Self::insecure(text)?;
        if !url.is_https() && !url.loopback {
            return Err(InvalidBaseUrl("it is plain HTTP, which would show credentials to the network; use https"));
        }
        Ok(url)
    }

    /// Parses a base URL that may be plain HTTP to another host, for trusted networks.
    ///
    /// ```
    /// use kandy_sys::BaseUrl;
    ///
    /// assert!(BaseUrl::insecure("http://192.168.0.1/v1.2").is_ok());
    /// ```
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), except for plain HTTP.
    pub fn insecure(text: &str) -> Result<Self, InvalidBaseUrl> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidBaseUrl("it is empty"));
        }
        if !text.contains("://") {
            return Err(InvalidBaseUrl("it has no scheme; write https://…"));
        }
        let url = Url::parse(text).map_err(|_| InvalidBaseUrl("it is not a URL"))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(InvalidBaseUrl("its scheme is neither http nor https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl("it contains a user name or a password"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidBaseUrl("it has a query or a fragment"));
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let loopback =
            host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        let (text, host) = (url.as_str().trim_end_matches('/').to_owned(), host.to_owned());
        let urls = OPERATIONS.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { url, text, host, loopback, urls })
    }

    /// Returns the URL of an operation, without a query, but with room for one.
    pub(crate) fn url_of(&self, operation: &'static Operation) -> Url {
        let join = || {
            let mut url = self.url.clone();
            url.set_path(&format!("{}{}", self.url.path().trim_end_matches('/'), operation.path));
            // A clone has room for its text only. Without the fragment there is room for a query, which otherwise grows the
            // URL of each call twice.
            url.set_fragment(Some(ROOM));
            url
        };
        // Cached, because parsing a URL costs more than cloning it.
        let mut url = self.urls[operation.position()].get_or_init(join).clone();
        url.set_fragment(None);
        url
    }

    /// Returns the URL without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the host: a name or an address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the port, also where the URL leaves it to the scheme.
    ///
    /// ```
    /// let url = kandy_sys::BaseUrl::new("https://api.kandy.io/v1.2")?;
    /// assert_eq!((url.host(), url.port()), ("api.kandy.io", 443));
    /// # Ok::<(), kandy_sys::InvalidBaseUrl>(())
    /// ```
    pub fn port(&self) -> u16 {
        // Both schemes that are allowed have a default.
        self.url.port_or_known_default().unwrap_or_default()
    }

    /// Returns whether connections to it use TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns whether the host is a loopback address.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }
}

impl PartialEq for BaseUrl {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for BaseUrl {}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BaseUrl").field(&self.text).finish()
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for InvalidBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid base URL: {}", self.0)
    }
}

impl InvalidBaseUrl {
    /// Returns the reason.
    pub fn reason(&self) -> &'static str {
        self.0
    }
}

impl std::error::Error for InvalidBaseUrl {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_unsafe_and_invalid_urls() {
        for text in [
            "",
            "api.kandy.io/v1.2",
            "ftp://api.kandy.io",
            "https://",
            "https://user:s3cret@api.kandy.io/v1.2",
            "https://api.kandy.io/v1.2?key=s3cret",
            "https://api.kandy.io/v1.2#s3cret",
            "http://192.168.0.1/v1.2",
        ] {
            let error = BaseUrl::new(text).expect_err(text);
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn accepts_https_and_loopback() {
        for text in ["https://api.kandy.io/v1.2", "http://localhost:1/v1.2", "http://[::1]:1", "http://127.8.0.1"] {
            assert!(BaseUrl::new(text).is_ok(), "{text}");
        }
        assert!(BaseUrl::insecure("http://192.168.0.1/v1.2").is_ok());
    }

    #[test]
    fn each_part_of_an_unsafe_url_is_refused_by_its_own_reason() {
        for (text, reason) in [
            (" ", "it is empty"),
            ("api.kandy.io", "it has no scheme"),
            ("https://:0x", "it is not a URL"),
            ("file:///v1.2", "its scheme is neither"),
            ("https://s3cret@api.kandy.io", "it contains a user name or a password"),
            ("https://:s3cret@api.kandy.io", "it contains a user name or a password"),
            ("https://api.kandy.io/?s3cret", "it has a query or a fragment"),
            ("https://api.kandy.io/#s3cret", "it has a query or a fragment"),
            ("http://api.kandy.io", "it is plain HTTP"),
            // A name that begins like a loopback address, and addresses beside the loopback network.
            ("http://localhost.example", "it is plain HTTP"),
            ("http://127.0.0.1.example", "it is plain HTTP"),
            ("http://128.0.0.1", "it is plain HTTP"),
            ("http://[::2]", "it is plain HTTP"),
        ] {
            let error = BaseUrl::new(text).expect_err(text);
            assert!(error.reason().starts_with(reason), "{text}: {error}");
            assert_eq!(error.to_string(), format!("invalid base URL: {}", error.reason()));
        }
    }

    #[test]
    fn shows_its_parts() {
        for (given, text, host, port, is_loopback) in [
            ("https://api.kandy.io/v1.2", "https://api.kandy.io/v1.2", "api.kandy.io", 443, false),
            (" HTTPS://API.kandy.io/v1.2// ", "https://api.kandy.io/v1.2", "api.kandy.io", 443, false),
            ("https://127.0.0.1", "https://127.0.0.1", "127.0.0.1", 443, true),
            ("https://[::1]:8787/v1.2/", "https://[::1]:8787/v1.2", "::1", 8787, true),
            ("http://localhost:8787/", "http://localhost:8787", "localhost", 8787, true),
            ("http://localhost/v1.2", "http://localhost/v1.2", "localhost", 80, true),
        ] {
            let url = BaseUrl::new(given).expect(given);
            assert_eq!((url.as_str(), url.host(), url.is_loopback()), (text, host, is_loopback), "{given}");
            assert_eq!((url.port(), url.is_https()), (port, text.starts_with("https://")), "{given}");
            assert_eq!((url.to_string(), format!("{url:?}")), (text.to_owned(), format!("BaseUrl({text:?})")));
        }
        let url = |text: &str| BaseUrl::new(text).expect(text);
        assert_eq!(url("https://a.example/v1.2"), url("https://a.example/v1.2/"));
        assert_ne!(url("https://a.example/v1.2"), url("https://a.example/v1.3"));
    }

    #[test]
    fn the_url_of_an_operation_is_below_the_base_url() {
        for (base, below) in [
            ("https://api.kandy.io/v1.2", "https://api.kandy.io/v1.2"),
            ("https://api.kandy.io/v1.2/", "https://api.kandy.io/v1.2"),
            ("http://localhost:1", "http://localhost:1"),
        ] {
            let base = BaseUrl::new(base).expect(base);
            for operation in OPERATIONS {
                assert_eq!(base.url_of(operation).as_str(), format!("{below}{}", operation.path));
                let url = String::from(base.url_of(operation));
                assert!(url.capacity() >= url.len() + ROOM.len(), "{}", url.capacity());
            }
        }
    }
}
