//! [`proxy_of`]: the proxy that connections use, for error messages. Depends on nothing.

use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use kandy_sys::BaseUrl;

/// Returns the proxy of connections to the service, as `host:port` without its credentials; `None` for direct ones.
///
/// reqwest does not tell which proxy it uses. It selects one with the same `Matcher` when it is built, so calling this
/// at that moment finds the same (`kandy-cli` test `proxy`).
pub(crate) fn proxy_of(base_url: &BaseUrl) -> Option<Arc<str>> {
    // `kandy_sys::transport` turns proxies off for loopback addresses.
    if base_url.is_loopback() {
        return None;
    }
    let service: http::Uri = base_url.as_str().parse().ok()?;
    let intercepted = Matcher::from_system().intercept(&service)?;
    let proxy = intercepted.uri();
    let port = proxy.port_u16().unwrap_or(match proxy.scheme_str() {
        Some("https") => 443,
        Some("http") | None => 80,
        Some(_) => 1080,
    });
    Some(format!("{}:{port}", proxy.host()?).into())
}
