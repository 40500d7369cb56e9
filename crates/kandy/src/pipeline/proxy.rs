use std::sync::Arc;

use hyper_util::client::proxy::matcher::Matcher;
use kandy_sys::BaseUrl;

/// The proxy that connections to the service go through, as `host:port` without its credentials; none if they go there
/// directly. It is found by the same code, at the same moment, as that of the HTTP client.
pub(crate) fn proxy_of(base_url: &BaseUrl) -> Option<Arc<str>> {
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
