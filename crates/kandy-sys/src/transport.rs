//! The interface between a call and the network. Begin with [`Transport`].

use std::{fmt, pin::Pin, sync::Arc};

use crate::Request;
pub use crate::{
    body::{Body, BodyReader, ByteChunks, ReadError},
    http_client::http_client,
    transport_failure::TransportFailure,
};

/// A future that can be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends requests to the service, with the access token that each needs.
///
/// `kandy` implements it with retries and renewed tokens; [`Client::with_credential`](crate::Client::with_credential) sends
/// each request once with one token. Implement it to send the calls of a [`Client`](crate::Client) elsewhere, as in a test:
///
/// ```
/// use std::sync::Arc;
/// use kandy_sys::{BoxFuture, Client, Body, Request, Transport, TransportFailure};
///
/// struct Canned;
///
/// impl Transport for Canned {
///     fn send<'a>(
///         &'a self,
///         request: Request<'a>,
///     ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
///         Box::pin(async move { Ok(http::Response::new(request.operation().example.into())) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::with_transport(Arc::new(Canned));
/// let devices = client.device_list().await?.into_inner().into_result()?;
/// assert_eq!(devices.devices.len(), 1);
/// # Ok(()) }
/// ```
pub trait Transport: Send + Sync {
    /// Sends a request with the access token that its operation needs. [`Request::to_http`] converts both to HTTP. A
    /// request that [has its token](Request::access_token) is sent with that one.
    ///
    /// The service may repeat the access token in its message. To have it masked, insert a
    /// [`SecretMask`](crate::SecretMask) with the token into the extensions of the response, as [`BodyReader`] does.
    ///
    /// The response may have any HTTP status. Its body has to be [`Body::Full`], unless it is a success and the request
    /// [is streamed](Request::is_streamed). [`BodyReader`] does this.
    fn send<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>>;
}

/// The only field of a [`Client`](crate::Client).
#[derive(Clone)]
pub(crate) struct Inner(pub(crate) Arc<dyn Transport>);

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inner")
    }
}
