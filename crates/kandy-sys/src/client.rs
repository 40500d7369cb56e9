//! Constructors of the generated [`Client`], and the transport with one fixed token.

use std::{fmt, sync::Arc, time::Duration};

use crate::{
    AccessToken, BaseUrl, Client, Request, SecretMask,
    http_client::http_client,
    operation::{Credential, Level},
    transport::{Body, BodyReader, BoxFuture, Inner, ReadError, Transport},
    transport_failure::TransportFailure,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);

/// The largest response body that [`Client::with_credential`] reads.
const BODY_LIMIT: usize = 64 * 1024 * 1024;

impl Client {
    /// Returns a client that sends this access token with each call that needs one.
    ///
    /// The calls that create and revoke tokens take an API key instead, as an argument.
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
    /// When the HTTP client cannot be built, for example because certificates are missing.
    pub fn with_credential(base_url: &BaseUrl, credential: impl Into<AccessToken>) -> reqwest::Result<Self> {
        Self::direct(base_url, Some(credential.into()))
    }

    /// Returns a client without an access token, for the calls that take their credential as an argument: those that
    /// create and revoke tokens. A call that needs an access token is an error, and nothing is sent.
    ///
    /// ```
    /// use kandy_sys::{ApiKey, ApiSecret, BaseUrl, Client, DEFAULT_BASE_URL};
    ///
    /// # async fn example(secret: ApiSecret, key: ApiKey) -> Result<(), Box<dyn std::error::Error>> {
    /// let base_url = BaseUrl::new(DEFAULT_BASE_URL)?;
    /// let client = Client::without_credential(&base_url)?;
    /// let token = client.account_access_token_get(&secret, &key).await?.into_inner().into_result()?;
    /// if let Some(token) = token.account_access_token {
    ///     let client = Client::with_credential(&base_url, token)?;
    ///     println!("{} domains", client.domain_list().await?.into_inner().into_result()?.domains.len());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`with_credential`](Self::with_credential).
    pub fn without_credential(base_url: &BaseUrl) -> reqwest::Result<Self> {
        Self::direct(base_url, None)
    }

    fn direct(base_url: &BaseUrl, credential: Option<AccessToken>) -> reqwest::Result<Self> {
        let http = http_client(base_url).connect_timeout(CONNECT_TIMEOUT).build()?;
        let direct = StaticTokenTransport { http, base_url: base_url.clone(), credential };
        Ok(Self::with_transport(Arc::new(direct)))
    }

    /// Returns a client whose calls go through `transport`.
    pub fn with_transport(transport: Arc<dyn Transport>) -> Self {
        Self { inner: Inner(transport) }
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        self.inner.0.as_ref()
    }
}

/// The transport of [`Client::with_credential`] and [`Client::without_credential`].
struct StaticTokenTransport {
    http: reqwest::Client,
    base_url: BaseUrl,
    credential: Option<AccessToken>,
}

impl StaticTokenTransport {
    /// Returns a mask for the secrets of a request and its access token.
    fn mask(&self, request: &Request<'_>) -> SecretMask {
        let mut mask = request.secret_mask();
        if let Some(credential) = &self.credential {
            mask.add(credential.clone());
        }
        mask
    }
}

impl Transport for StaticTokenTransport {
    fn send<'a>(&'a self, request: Request<'a>) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
        Box::pin(async move {
            let token = match request.operation().credential() {
                Credential::ApiKey(_) => None,
                Credential::AccessToken(level) => {
                    match request.access_token().or(self.credential.as_ref().map(AsRef::as_ref)) {
                        Some(token) => Some(token),
                        None => return Err(Arc::new(MissingToken(level)) as TransportFailure),
                    }
                }
            };
            let http = request.to_http(&self.base_url, token);
            let failed = |error: ReadError| -> TransportFailure { self.mask(&request).failure(Arc::new(error)) };
            let sent = tokio::time::timeout(TIMEOUT, self.http.execute(http)).await;
            let sent = sent.map_err(|_| failed(ReadError::Stalled { pause: TIMEOUT }))?;
            let response = sent.map_err(|error| failed(ReadError::Http(error.without_url())))?;
            let mut reader = BodyReader::new(response, TIMEOUT);
            let whole = reader.receive(&request, BODY_LIMIT).await.map_err(failed)?;
            Ok(reader.into_response(whole).map(|body| match body {
                Body::Full(body) => Body::Full(body),
                stream => {
                    let mask = self.mask(&request);
                    stream.map_err(move |error| mask.failure(Arc::new(error)))
                }
            }))
        })
    }
}

/// The failure of a call that needs an access token, which the client does not have.
#[derive(Debug)]
struct MissingToken(Level);

impl fmt::Display for MissingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self.0;
        write!(
            f,
            "the call needs an access token of the {level}, and the client has none, so nothing was sent; make the client \
             with Client::with_credential"
        )
    }
}

impl std::error::Error for MissingToken {}
