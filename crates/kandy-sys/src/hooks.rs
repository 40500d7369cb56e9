//! How a generated call reaches the network.

use std::{error::Error as StdError, fmt, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use progenitor_client::{ClientHooks, Error as Generated, OperationInfo};
use reqwest::{Body, Request, Response, redirect};

pub use crate::receive::{FileStream, Payload, ReadError, read, receive};
use crate::{
    BaseUrl, Client, ClientInfo, Envelope, NoResult, Operation, Secret,
    operation::{Answer, Credential},
    receive::is_json,
};

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
/// use kandy_sys::{BaseUrl, BoxFuture, Client, Operation, Transport, TransportFailure};
///
/// struct Canned;
///
/// impl Transport for Canned {
///     fn send<'a>(
///         &'a self,
///         operation: &'static Operation,
///         _request: reqwest::Request,
///     ) -> BoxFuture<'a, Result<http::Response<reqwest::Body>, TransportFailure>> {
///         Box::pin(async { Ok(http::Response::new(operation.example.into())) })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::with_transport(&BaseUrl::new("http://127.0.0.1")?, reqwest::Client::new(), Arc::new(Canned));
/// let devices = client.device_list().await?.into_inner().into_result()?;
/// assert_eq!(devices.devices.unwrap_or_default().len(), 1);
/// # Ok(()) }
/// ```
pub trait Transport: Send + Sync {
    /// Sends a request, with the access token that `operation` needs appended as `key`.
    ///
    /// The answer may have any HTTP status. The body of one that is not 200 should be in memory, not a
    /// stream: only then does the error have it, and the fault that is in it. A file that was asked for may be a
    /// stream: [`receive`] tells them apart.
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        request: Request,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>>;
}

/// What a [`Client`] carries along: the way to the network.
#[derive(Clone)]
pub struct Inner(Arc<dyn Transport>);

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
        let http = http_client(base_url).connect_timeout(CONNECT_TIMEOUT).read_timeout(TIMEOUT).build()?;
        let direct = Direct { http: http.clone(), credential: credential.into() };
        Ok(Self::with_transport(base_url, http, Arc::new(direct)))
    }

    /// A client whose calls go through `transport`. `http` only builds the requests.
    pub fn with_transport(base_url: &BaseUrl, http: reqwest::Client, transport: Arc<dyn Transport>) -> Self {
        Self::new_with_client(base_url.as_str(), http, Inner(transport))
    }
}

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);

/// The most of an answer that [`Client::with_credential`] reads.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

/// An HTTP client, half built, that hands no credential to another host: it follows no redirect, and
/// sends no `Referer`. Towards this machine itself it uses no proxy.
pub fn http_client(base_url: &BaseUrl) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder().redirect(redirect::Policy::none()).referer(false);
    match base_url.is_loopback() {
        true => builder.no_proxy(),
        false => builder,
    }
}

/// Appends `key` to the query of a request.
pub fn authorise(request: &mut Request, credential: &Secret) {
    request.url_mut().query_pairs_mut().append_pair("key", credential.expose());
}

/// The transport of [`Client::with_credential`].
struct Direct {
    http: reqwest::Client,
    credential: Secret,
}

impl Transport for Direct {
    fn send<'a>(
        &'a self,
        operation: &'static Operation,
        mut request: Request,
    ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async move {
            if matches!(operation.credential(), Credential::AccessToken(_)) {
                authorise(&mut request, &self.credential);
            }
            let failed = |error: ReadError| -> TransportFailure { Arc::new(error) };
            let sent = self.http.execute(request).await;
            let response = sent.map_err(|error| failed(ReadError::Http(error.without_url())))?;
            let response = receive(operation, response, BODY_LIMIT, TIMEOUT).await.map_err(failed)?;
            Ok(response.map(|payload| match payload {
                Payload::Whole(bytes) => Body::from(bytes),
                Payload::Stream(stream) => Body::wrap_stream(stream),
            }))
        })
    }
}

/// A failure of the transport, on its way through the generated code, which knows no such thing.
#[derive(Clone)]
pub(crate) struct Raised(pub(crate) TransportFailure);

/// A refusal, which the generated code will not read.
#[derive(Clone)]
pub(crate) struct Unread {
    pub(crate) http_status: http::StatusCode,
    pub(crate) body: Bytes,
}

impl ClientHooks<Inner> for Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Generated<E>> {
        // progenitor adds the version of the spec, which the service does not know.
        request.headers_mut().remove("api-version");
        Ok(())
    }

    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let Some(operation) = Operation::find(info.operation_id) else {
            return Ok(raise(Arc::new(UnknownOperation)));
        };
        Ok(match self.inner().0.send(operation, request).await {
            Err(failure) => raise(failure),
            Ok(response) => keep_refusal(operation, response).into(),
        })
    }
}

fn raise(failure: TransportFailure) -> Response {
    let mut response = http::Response::new(Body::default());
    *response.status_mut() = http::StatusCode::BAD_GATEWAY;
    response.extensions_mut().insert(Raised(failure));
    response.into()
}

/// Puts the body of a refusal where the error finds it. Where a file was asked for, a refusal may come as HTTP 200, which
/// the generated code would take for the file.
fn keep_refusal(operation: &Operation, mut response: http::Response<Body>) -> http::Response<Body> {
    let http_status = response.status();
    let bytes = response.body().as_bytes().unwrap_or_default();
    let instead_of_a_file = operation.answer == Answer::File && is_json(response.headers()) && is_fault(bytes);
    if http_status != http::StatusCode::OK || instead_of_a_file {
        let body = Bytes::copy_from_slice(bytes);
        response.extensions_mut().insert(Unread { http_status, body });
    }
    if instead_of_a_file {
        *response.status_mut() = http::StatusCode::BAD_GATEWAY;
    }
    response
}

fn is_fault(body: &[u8]) -> bool {
    serde_json::from_slice::<Envelope<NoResult>>(body).is_ok_and(|envelope| envelope.into_result().is_err())
}

/// The client and the table are generated together, so this never happens; if it did, nothing would
/// have been sent.
#[derive(Debug)]
struct UnknownOperation;

impl fmt::Display for UnknownOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operation is not in the table of operations")
    }
}

impl StdError for UnknownOperation {}
