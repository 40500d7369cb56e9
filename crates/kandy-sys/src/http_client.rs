//! The settings that every HTTP client of the workspace shares, so that a request cannot leak its credentials.

use reqwest::{redirect, retry};

use crate::BaseUrl;

/// Returns a builder of an HTTP client that sends no credential to another host: it follows no redirect and sends no
/// `Referer`. It uses no proxy of the environment for a loopback address, and its `User-Agent` is `kandy-sys` with the
/// version.
///
/// ```
/// use kandy_sys::{BaseUrl, transport::http_client};
///
/// let client = http_client(&BaseUrl::new("http://127.0.0.1:8787/v1.2")?).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn http_client(base_url: &BaseUrl) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("kandy-sys/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false);
    // reqwest keeps a copy of every request, to repeat what a server refused by HTTP/2 before it processed it.
    let builder = match cfg!(feature = "http2") {
        true => builder,
        false => builder.retry(retry::never().max_retries_per_request(0)),
    };
    match base_url.is_loopback() {
        true => builder.no_proxy(),
        false => builder,
    }
}
