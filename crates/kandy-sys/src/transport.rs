//! The one way from a call to the network.

use std::{error::Error as StdError, fmt, pin::Pin, sync::Arc, time::Duration};

use reqwest::redirect;

pub use crate::body::{Body, BodyReader, ByteChunks, ReadError};
use crate::{BaseUrl, Client, Request, Secret, SecretMask, operation::Credential};

/// A future that can be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a transport has no answer. It must show neither a URL nor a credential.
pub type TransportFailure = Arc<dyn StdError + Send + Sync>;

/// Carries requests to the service, and adds the access token that they need.
///
/// There is one in `kandy`, with tokens that renew themselves. [`Client::with_credential`] brings a
/// plain one. With one of your own, every call of a [`Client`] goes where you want it to, in a test
/// for instance:
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
    /// Sends a request, with the access token that its operation needs: [`Request::to_http`] makes HTTP of both.
    ///
    /// A response that repeats the access token must not show it: put a [`SecretMask`] with the token
    /// into its extensions, as [`BodyReader`] does.
    ///
    /// The answer may have any HTTP status. Its body has to be [whole](Body::Full), unless the request
    /// [wants it as a stream](Request::is_streamed) and it is a success: [`BodyReader`] sees to that.
    fn send<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>>;
}

/// What a [`Client`] carries along: the way to the network.
#[derive(Clone)]
pub(crate) struct Inner(Arc<dyn Transport>);

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inner")
    }
}

impl Client {
    /// A client that sends this credential with each call that needs an access token.
    ///
    /// The calls that need an API key instead, which are those that make and revoke tokens, take
    /// it as an argument.
    ///
    /// ```
    /// use kandy_sys::{BaseUrl, Client, DEFAULT_BASE_URL};
    ///
    /// let client = Client::with_credential(&BaseUrl::new(DEFAULT_BASE_URL)?, "UAT5e4d3c2b1a09f8e7d6c5b4a392817060")?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the HTTP client cannot be set up, for want of certificates for instance.
    pub fn with_credential(base_url: &BaseUrl, credential: impl Into<Secret>) -> reqwest::Result<Self> {
        let http = http_client(base_url).connect_timeout(CONNECT_TIMEOUT).build()?;
        let direct = StaticTokenTransport { http, base_url: base_url.clone(), credential: credential.into() };
        Ok(Self::with_transport(Arc::new(direct)))
    }

    /// A client whose calls go through `transport`.
    pub fn with_transport(transport: Arc<dyn Transport>) -> Self {
        Self { inner: Inner(transport) }
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        self.inner.0.as_ref()
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);

/// The most of an answer that [`Client::with_credential`] reads.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// An HTTP client, half built, that hands no credential to another host: it follows no redirect, and
/// sends no `Referer`. Towards this machine itself it uses no proxy. It says who calls, as whoever runs a service wants
/// to know.
pub fn http_client(base_url: &BaseUrl) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("kandy-rust/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false);
    match base_url.is_loopback() {
        true => builder.no_proxy(),
        false => builder,
    }
}

/// The transport of [`Client::with_credential`].
struct StaticTokenTransport {
    http: reqwest::Client,
    base_url: BaseUrl,
    credential: Secret,
}

impl StaticTokenTransport {
    /// A mask for the secrets of a request and its access token.
    fn mask(&self, request: &Request<'_>) -> SecretMask {
        let mut mask = request.secret_mask();
        mask.add(self.credential.clone());
        mask
    }
}

impl Transport for StaticTokenTransport {
    fn send<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async move {
            let needs_token = matches!(request.operation().credential(), Credential::AccessToken(_));
            let http = request.to_http(&self.base_url, needs_token.then_some(&self.credential));
            // Made only for a failure.
            let failed = |error: ReadError| -> TransportFailure { self.mask(&request).failure(Arc::new(error)) };
            let sent = tokio::time::timeout(TIMEOUT, self.http.execute(http)).await;
            let sent = sent.map_err(|_| failed(ReadError::Stalled { pause: TIMEOUT }))?;
            let response = sent.map_err(|error| failed(ReadError::Http(error.without_url())))?;
            let mut incoming = BodyReader::new(response, TIMEOUT);
            let whole = incoming.receive(&request, BODY_LIMIT).await.map_err(failed)?;
            Ok(incoming.into_response(whole).map(|payload| match payload {
                Body::Full(body) => Body::Full(body),
                stream => {
                    let mask = self.mask(&request);
                    stream.map_err(move |error| mask.failure(Arc::new(error)))
                }
            }))
        })
    }
}
