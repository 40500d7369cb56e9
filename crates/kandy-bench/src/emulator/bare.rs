//! The bare axum server that the emulator is compared with.
//!
//! Depends on `helper`. Begin with `run`.

use std::net::Ipv4Addr;

use axum::{Router, body::to_bytes, extract::Request, response::IntoResponse};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, header};

use crate::{
    BoxError,
    helper::{self, Helper},
    load,
};

/// The longest body of a request that is read.
const LONGEST_BODY: usize = 64 * 1024;

/// Starts a minimal axum server whose responses have the length and the number of headers of the emulator.
pub(super) fn start(length: usize, headers: usize) -> Result<(Helper, std::net::SocketAddr), BoxError> {
    let mut helper = Helper::itself(["bare", &length.to_string(), &headers.to_string()])?;
    let address = helper.read_line()?.parse()?;
    Ok((helper, address))
}

/// Runs the process of the bare server.
///
/// # Errors
///
/// When it cannot listen.
pub fn run(length: usize, headers: usize) -> Result<(), BoxError> {
    let runtime = load::runtime()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
    helper::print_line(&listener.local_addr()?.to_string())?;
    // A JSON text of this length.
    let body = Bytes::from(format!("\"{}\"", "x".repeat(length.saturating_sub(2))));
    // axum adds three: content type, content length and date.
    let more: Vec<_> =
        (3..headers).filter_map(|number| format!("x-header-{number}").parse::<HeaderName>().ok()).collect();
    let router = Router::new().fallback(async move |request: Request| {
        // A write has a body, which a handler reads. Those of the benchmark are small.
        if request.method() != Method::GET {
            drop(to_bytes(request.into_body(), LONGEST_BODY).await);
        }
        let mut response = ([(header::CONTENT_TYPE, "application/json")], body.clone()).into_response();
        for name in &more {
            response.headers_mut().insert(name.clone(), HeaderValue::from_static("a value"));
        }
        response
    });
    // As the emulator does: with Nagle's algorithm responses would be delayed.
    let listener = axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true)));
    runtime.spawn(async move { axum::serve(listener, router).await });
    helper::serve(|_| Ok(None))
}
