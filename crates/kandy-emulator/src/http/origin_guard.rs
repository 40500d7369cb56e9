//! Protects the emulator's own endpoints from web pages. A page of any site may send requests to a loopback address: to
//! read the responses or to send more than simple requests, it rebinds a name of its own to that address (then `Host` is
//! that name), or sends them across origins (then `Origin` or `Sec-Fetch-Site` say so). Programs send neither header.
//!
//! Depends on `protocol`. Begin with [`OriginGuard::check`].

use std::{net::IpAddr, str::FromStr};

use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header, request::Parts, uri::Authority};
use kandy_sys::{ApiFault, Status};

use crate::{
    SERVICE_HOST,
    protocol::refusal::{REFUSED_CREDENTIAL, Refusal},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const REQUEST_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-request-private-network");
const ALLOW_PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

const UNKNOWN_HOST: &str = "refused, because a web page may have sent it: Host is neither an IP address nor localhost nor \
    an allowed name; use http://127.0.0.1 with the port, or start the emulator with --allow-host NAME \
    (Builder::allow_host)";
const OTHER_ORIGIN: &str = "refused, because a web page of another origin sent it; to allow that page, start the emulator \
    with --allow-origin ORIGIN (Builder::allow_origin)";

/// Hosts and origins whose requests reach the emulator's own endpoints.
#[derive(Clone, Default)]
pub(crate) struct OriginGuard {
    /// In lower case, without a dot at the end.
    hosts: Vec<String>,
    origins: Vec<Origin>,
    /// Whether names without a dot are allowed, as containers have them. No public name is one, so that no site can
    /// rebind it.
    pub(crate) allows_short_names: bool,
}

impl OriginGuard {
    pub(crate) fn allow_host(&mut self, name: String) {
        self.hosts.push(name);
    }

    pub(crate) fn allow_origin(&mut self, origin: Origin) {
        self.origins.push(origin);
    }

    /// Checks a request to one of the emulator's own endpoints, by its head alone.
    pub(crate) fn check(&self, request: &Parts, is_secure: bool) -> Result<(), Refusal> {
        if !self.knows_host(&request.uri, &request.headers, is_secure) {
            return Err(refuse(UNKNOWN_HOST));
        }
        if self.is_allowed_origin(&request.headers) || is_own(&request.headers, is_secure) {
            return Ok(());
        }
        Err(refuse(OTHER_ORIGIN))
    }

    /// Adds the CORS headers to a response of one of these endpoints, which only allowed origins get.
    pub(crate) fn add_headers(&self, method: &Method, request: &HeaderMap, response: &mut HeaderMap) {
        if self.origins.is_empty() {
            return;
        }
        // On all responses: a cache must not serve that of one origin to another.
        response.insert(header::VARY, HeaderValue::from_static("Origin"));
        let Some(origin) = request.get(header::ORIGIN).filter(|_| self.is_allowed_origin(request)) else { return };
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if !is_preflight(method, request) {
            return;
        }
        response.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, POST, PUT, DELETE"));
        if let Some(asked) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        response.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        if request.contains_key(REQUEST_PRIVATE_NETWORK) {
            response.insert(ALLOW_PRIVATE_NETWORK, HeaderValue::from_static("true"));
        }
    }

    /// Whether all names of the server in a request are known. A request has one `Host`; a target in absolute form has
    /// another name, and a server that reads only one of them can be tricked with the other.
    fn knows_host(&self, target: &Uri, headers: &HeaderMap, is_secure: bool) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (first, second) = (hosts.next(), hosts.next());
        // Programs that speak HTTP/1.0 send none; browsers always do.
        let host_is_known = first
            .is_none_or(|host| Authority::try_from(host.as_bytes()).is_ok_and(|host| self.is_known(&host, is_secure)));
        host_is_known && second.is_none() && target.authority().is_none_or(|host| self.is_known(host, is_secure))
    }

    fn is_known(&self, authority: &Authority, is_secure: bool) -> bool {
        let host = authority.host();
        if authority.as_str().contains('@') {
            return false;
        }
        // Rebinding needs a name.
        let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let name = host.strip_suffix('.').unwrap_or(host);
        if address.unwrap_or(name).parse::<IpAddr>().is_ok() {
            return true;
        }
        let Ok(name) = host_name(name) else { return false };
        // Resolvers and browsers never ask DNS for `localhost` and the names below it (RFC 6761).
        name == "localhost"
            || name.ends_with(".localhost")
            || self.hosts.contains(&name)
            // Over TLS: a page of that origin needs the certificate, which only the emulator has.
            || (is_secure && name == SERVICE_HOST)
            || (self.allows_short_names && !name.contains('.'))
    }

    fn is_allowed_origin(&self, request: &HeaderMap) -> bool {
        only(request, &header::ORIGIN).is_some_and(|origin| self.origins.iter().any(|allowed| allowed.is(origin)))
    }
}

/// Whether a request is a preflight, by which a browser asks whether a page may send another one.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Whether a page of the emulator itself sent the request, as its browser says.
pub(crate) fn is_own_page(headers: &HeaderMap) -> bool {
    only(headers, &SEC_FETCH_SITE).is_some_and(|site| site == "same-origin")
}

/// Whether a program sent the request, or a page of the emulator itself, or the user by typing its address.
fn is_own(headers: &HeaderMap, is_secure: bool) -> bool {
    let is_own_site = |site: &HeaderValue| ["same-origin", "none"].iter().any(|own| site == own);
    headers.get_all(SEC_FETCH_SITE).iter().all(is_own_site)
        && (!headers.contains_key(header::ORIGIN) || has_own_origin(headers, is_secure))
}

/// Whether `Origin` is that of the server, at the name by which the request reached it.
fn has_own_origin(headers: &HeaderMap, is_secure: bool) -> bool {
    let scheme = if is_secure { "https" } else { "http" };
    let own = only(headers, &header::HOST)
        .and_then(|host| format!("{scheme}://{}", host.to_str().ok()?).parse::<Origin>().ok());
    own.zip(only(headers, &header::ORIGIN)).is_some_and(|(own, origin)| own.is(origin))
}

/// The value of a header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn refuse(why: &'static str) -> Refusal {
    Refusal { http: REFUSED_CREDENTIAL, fault: ApiFault::new(Status::PERMISSION_DENIED, why) }
}

/// Whether a text is a part of a host name, between two dots.
pub(crate) fn is_host_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Reads a host name, and returns it in lower case and without a dot at its end.
pub(crate) fn host_name(text: &str) -> Result<String, &'static str> {
    let name = text.strip_suffix('.').unwrap_or(text);
    match name.len() <= 253 && name.split('.').all(is_host_label) {
        true => Ok(name.to_ascii_lowercase()),
        false => Err("give a host name without scheme and port, such as kandy or kandy.example.com"),
    }
}

/// Scheme, host and port of a page, as browsers write them: without the default port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(String);

impl Origin {
    fn is(&self, header: &HeaderValue) -> bool {
        self.0.as_bytes().eq_ignore_ascii_case(header.as_bytes())
    }
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "give scheme, host and port of one page, without a path, such as http://localhost:3000";
        let (scheme, authority) = text.split_once("://").ok_or(FORM)?;
        let scheme = scheme.to_ascii_lowercase();
        let default_port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Err("the scheme of an origin is http or https, such as http://localhost:3000"),
        };
        let authority = Authority::try_from(authority).map_err(|_| FORM)?;
        let host = authority.host();
        let is_address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let is_host = match is_address {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => host_name(host).is_ok(),
        };
        // `Authority` reads a colon without a number as no port.
        let port = authority.as_str().strip_prefix(host).ok_or(FORM)?;
        let port = match port.strip_prefix(':') {
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse::<u16>().map_err(|_| FORM)?)
            }
            None if port.is_empty() => None,
            _ => return Err(FORM),
        };
        let host = host.to_ascii_lowercase();
        match (is_host, port.filter(|port| *port != default_port)) {
            (false, _) => Err(FORM),
            (true, Some(port)) => Ok(Self(format!("{scheme}://{host}:{port}"))),
            (true, None) => Ok(Self(format!("{scheme}://{host}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        for (text, expected) in [
            ("http://localhost:3000", Some("http://localhost:3000")),
            ("HTTP://LocalHost:80", Some("http://localhost")),
            ("https://app.example.com:443", Some("https://app.example.com")),
            ("https://app.example.com:80", Some("https://app.example.com:80")),
            ("http://[::1]:3000", Some("http://[::1]:3000")),
            ("http://127.0.0.1:5173", Some("http://127.0.0.1:5173")),
            ("*", None),
            ("null", None),
            ("", None),
            ("localhost:3000", None),
            ("file://", None),
            ("ftp://localhost", None),
            ("http://", None),
            ("http://*", None),
            ("http://*.example.com", None),
            ("http://localhost:3000/", None),
            ("http://localhost:3000/page", None),
            ("http://localhost:", None),
            ("http://localhost:99999", None),
            ("http://user@localhost:3000", None),
            ("http://a,http://b", None),
            ("http://a b", None),
        ] {
            let origin = text.parse::<Origin>().ok();
            assert_eq!(origin.as_ref().map(|origin| origin.0.as_str()), expected, "{text:?}");
        }
    }

    #[test]
    fn host_names_have_no_scheme_and_no_port() {
        assert_eq!(host_name("Kandy.Example.com."), Ok("kandy.example.com".to_owned()));
        assert_eq!(host_name("kandy_emulator"), Ok("kandy_emulator".to_owned()));
        for name in ["", ".", "*", "kandy:8787", "http://kandy", "a..b", "a b", "$(x)", "[::1]"] {
            assert!(host_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn service_host_is_that_of_the_service() {
        assert!(kandy_sys::DEFAULT_BASE_URL.starts_with(&format!("https://{SERVICE_HOST}/")));
    }
}
