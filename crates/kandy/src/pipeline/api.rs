//! [`api`]: the generated client that requests are described with. Depends on `kandy_sys` only.

use std::sync::{Arc, LazyLock};

use kandy_sys::{BoxFuture, Client, Transport, TransportFailure};

use crate::{Error, Result};

/// Returns the generated client that requests are described with. It sends nothing: the
/// driver takes the request out of the call.
pub(crate) fn api() -> &'static Client {
    static API: LazyLock<Client> = LazyLock::new(|| Client::with_transport(Arc::new(NullTransport)));
    &API
}

/// A transport that sends nothing.
struct NullTransport;

impl Transport for NullTransport {
    fn send<'a>(
        &'a self,
        request: kandy_sys::Request<'a>,
    ) -> BoxFuture<'a, Result<http::Response<kandy_sys::Body>, TransportFailure>> {
        let operation = request.operation().id;
        Box::pin(async move {
            let error =
                Error::argument("call", format!("{operation} was only described; await its builder to send it"));
            Err(Arc::new(error) as TransportFailure)
        })
    }
}
