//! [`Kandy`], the entry point, and [`KandyBuilder`], which configures it. Depends on `auth`, on `pipeline` and on the
//! handles that it creates. Begin reading at [`Kandy`]; the defaults are in `KandyBuilder::default`.

mod network;

use std::{sync::Arc, time::Duration};

use kandy_sys::{BaseUrl, DEFAULT_BASE_URL, InvalidBaseUrl, Secret, Transport};

#[cfg(feature = "push")]
use crate::pipeline::ChannelConnector;
use crate::{
    AccessToken, Account, ApiKey, ApiSecret, Clock, Domain, Error, Metrics, Observer, RateLimit, Result, RetryBudget,
    RetryPolicy, SharedRateLimit, TokenStore, User, UserId,
    auth::TokenSource,
    clock::SystemClock,
    metrics::Gauges,
    pipeline::{
        AttemptTransport, AuthenticatedClient, ClientInner, HandleArc, HttpSettings, Observers, Settings, Throttle,
        TimeLimit,
    },
};

/// The entry point of the SDK: creates the handles of accounts, domains and users.
///
/// It holds the connection pool. Create one, keep it and clone it freely: clones share the pool. Neither building it
/// nor creating a handle sends anything.
///
/// ```
/// use kandy::Kandy;
///
/// let kandy = Kandy::builder().base_url("http://127.0.0.1:8787/v1.2").build()?;
/// let account = kandy.account("AAK…", "AAS…");
/// # Ok::<(), kandy::Error>(())
/// ```
#[derive(Clone)]
pub struct Kandy {
    pub(crate) inner: Arc<ClientInner>,
}

impl Kandy {
    /// Creates a client of the live service, with the defaults of [`KandyBuilder`].
    ///
    /// # Errors
    ///
    /// [`Error::Transport`] when the HTTP client cannot be set up.
    pub fn new() -> Result<Self> {
        Self::builder().build()
    }

    /// Returns a builder, to configure a client before it is created.
    pub fn builder() -> KandyBuilder {
        KandyBuilder::default()
    }

    /// Creates a client whose requests go through `transport` instead of HTTP, with the defaults of [`KandyBuilder`]:
    /// see [`KandyBuilder::transport`].
    ///
    /// ```
    /// use kandy::{Kandy, sys::{Body, BoxFuture, Request, Transport, TransportFailure}};
    ///
    /// /// Answers each request with the example of its operation.
    /// struct Examples;
    ///
    /// impl Transport for Examples {
    ///     fn send<'a>(
    ///         &'a self,
    ///         request: Request<'a>,
    ///     ) -> BoxFuture<'a, Result<http::Response<Body>, TransportFailure>> {
    ///         Box::pin(async move { Ok(http::Response::new(request.operation().example.into())) })
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> kandy::Result<()> {
    /// let kandy = Kandy::with_transport(Examples);
    /// assert!(!kandy.domain("DAK…", "DAS…").users().await?.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn with_transport(transport: impl Transport + 'static) -> Self {
        let built = Self::builder().transport(transport).build();
        built.expect("without HTTP nothing can fail: the default base URL is valid")
    }

    /// Returns the base URL, which the paths of all operations are appended to.
    pub fn base_url(&self) -> &str {
        self.inner.base_url.as_str()
    }

    /// Returns what the client holds at the moment: calls in flight, retries left, tokens cached. It sends nothing and
    /// waits for nothing, so that a health check may call it at any time; clones of the client share their counts.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy) {
    /// let metrics = kandy.metrics();
    /// println!("{} calls in flight, {} retries left", metrics.calls_in_flight, metrics.retries_left);
    /// # }
    /// ```
    pub fn metrics(&self) -> Metrics {
        let ClientInner { gauges, budget, .. } = &*self.inner;
        Metrics {
            calls_in_flight: gauges.calls.value(),
            retries_left: budget.left(),
            tokens_cached: gauges.tokens.value(),
            #[cfg(feature = "push")]
            channels_open: gauges.channels.value(),
        }
    }

    /// Returns a handle of an account, authenticated by its API key and secret, which the portal shows.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy) -> kandy::Result<()> {
    /// let account = kandy.account("AAK…", "AAS…");
    /// let domains = account.domains().await?;
    /// # Ok(()) }
    /// ```
    pub fn account(&self, api_key: impl Into<ApiKey<Account>>, api_secret: impl Into<ApiSecret<Account>>) -> Account {
        let source = TokenSource::api_key(&api_key.into(), &api_secret.into());
        Account::new(self.authenticated(source, None))
    }

    /// Returns a handle of an account, authenticated by an access token that was minted elsewhere. It cannot be
    /// renewed: once it has expired, calls fail.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy) -> kandy::Result<()> {
    /// let domains = kandy.account_with_token("AAT…").domains().await?;
    /// # Ok(()) }
    /// ```
    pub fn account_with_token(&self, access_token: impl Into<AccessToken<Account>>) -> Account {
        let token = access_token.into();
        Account::new(self.authenticated(TokenSource::static_token(&token), Some(token.into_secret())))
    }

    /// Returns a handle of a domain, authenticated by its API key and secret, which the portal shows and
    /// [`create_domain`](Account::create_domain) returns.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy) -> kandy::Result<()> {
    /// let users = kandy.domain("DAK…", "DAS…").users().await?;
    /// # Ok(()) }
    /// ```
    pub fn domain(&self, api_key: impl Into<ApiKey<Domain>>, api_secret: impl Into<ApiSecret<Domain>>) -> Domain {
        let (api_key, api_secret) = (api_key.into(), api_secret.into());
        let source = TokenSource::api_key(&api_key, &api_secret);
        Domain::new(self.authenticated(source, None), api_key, Some(api_secret))
    }

    /// Returns a handle of a domain, authenticated by an access token that was minted elsewhere. It cannot be renewed:
    /// once it has expired, calls fail. Without the domain's secret, [`user`](Domain::user) handles cannot mint tokens
    /// either.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy) -> kandy::Result<()> {
    /// let users = kandy.domain_with_token("DAK…", "DAT…").users().await?;
    /// # Ok(()) }
    /// ```
    pub fn domain_with_token(
        &self,
        api_key: impl Into<ApiKey<Domain>>,
        access_token: impl Into<AccessToken<Domain>>,
    ) -> Domain {
        let token = access_token.into();
        let client = self.authenticated(TokenSource::static_token(&token), Some(token.into_secret()));
        Domain::new(client, api_key.into(), None)
    }

    /// Returns a handle of a user, authenticated by password: for programs that must not know the domain's secret.
    /// Programs that know it use [`Domain::user`].
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy) -> kandy::Result<()> {
    /// let devices = kandy.user_with_password("DAK…", "russ", "b0e4c71d674744").devices().await?;
    /// # Ok(()) }
    /// ```
    pub fn user_with_password(
        &self,
        domain_api_key: impl Into<ApiKey<Domain>>,
        user_id: impl Into<UserId>,
        password: impl Into<Secret>,
    ) -> User {
        // The password mints the tokens, so the handle can renew them without the domain's secret.
        let source = TokenSource::user_with_password(&domain_api_key.into(), user_id.into(), password.into());
        User::new(self.authenticated(source, None))
    }

    /// Returns a handle of a user, authenticated by an access token that was minted elsewhere. It cannot be renewed:
    /// once it has expired, calls fail.
    ///
    /// ```
    /// # async fn example(kandy: kandy::Kandy) -> kandy::Result<()> {
    /// let devices = kandy.user_with_token("UAT…").devices().await?;
    /// # Ok(()) }
    /// ```
    pub fn user_with_token(&self, access_token: impl Into<AccessToken<User>>) -> User {
        let token = access_token.into();
        User::new(self.authenticated(TokenSource::static_token(&token), Some(token.into_secret())))
    }

    /// Returns the proxy that calls go through, as `host:port` without credentials: that of
    /// [`KandyBuilder::proxy`], or of the environment. `None` for direct connections, and where it is not known: for
    /// [`KandyBuilder::http_client`] and [`KandyBuilder::transport`].
    ///
    /// ```
    /// let kandy = kandy::Kandy::builder().proxy("http://user:password@proxy.example:3128").build()?;
    /// assert_eq!(kandy.proxy(), Some("proxy.example:3128"));
    /// # Ok::<(), kandy::Error>(())
    /// ```
    pub fn proxy(&self) -> Option<&str> {
        self.inner.proxy.as_ref().map(|proxy| proxy.address.as_str())
    }

    fn authenticated(&self, source: TokenSource, token: Option<Secret>) -> HandleArc<AuthenticatedClient> {
        AuthenticatedClient::new(self.inner.clone(), source, token)
    }
}

impl std::fmt::Debug for Kandy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kandy").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// Builder for [`Kandy`].
///
/// Connections use the proxy that the environment names, and trust the certificate authorities of the platform:
///
/// * `HTTPS_PROXY`, `HTTP_PROXY` (by the scheme of the base URL) and `ALL_PROXY` are URLs of proxies, and `NO_PROXY` is a
///   list of hosts without one; each in capital letters, else in small ones. They do not apply to loopback addresses.
///   On macOS and Windows the settings of the system apply where none of them is set. [`proxy`](Self::proxy) and
///   [`no_proxy`](Self::no_proxy) take precedence.
/// * On Unix `SSL_CERT_FILE` and `SSL_CERT_DIR` name the authorities in place of those of the platform.
///   [`root_certificate`](Self::root_certificate) adds others to either. They are read when a client is built, except for
///   a base URL that is plain HTTP and reached without a proxy, such as that of the emulator.
///
/// ```
/// use std::time::Duration;
///
/// let kandy = kandy::Kandy::builder().timeout(Duration::from_secs(5)).build()?;
/// assert_eq!(kandy.base_url(), "https://api.kandy.io/v1.2");
/// # Ok::<(), kandy::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder creates nothing until `build` is called"]
pub struct KandyBuilder {
    base_url: String,
    allow_plain_http: bool,
    http: HttpSettings,
    transport: Option<CustomTransport>,
    settings: Settings,
    budget: RetryBudget,
    clock: Arc<dyn Clock>,
    observers: Observers,
    max_token_age: Option<Duration>,
    token_store: Option<Arc<dyn TokenStore>>,
    rate_limit: Option<RateLimit>,
    shared_rate_limit: Option<Arc<dyn SharedRateLimit>>,
}

impl Default for KandyBuilder {
    fn default() -> Self {
        Self {
            base_url: DEFAULT_BASE_URL.to_owned(),
            allow_plain_http: false,
            http: HttpSettings::default(),
            transport: None,
            settings: Settings {
                timeout: Duration::from_secs(30),
                // `Idle`, so that a long list or a large file that keeps arriving is not cut off by a deadline that the
                // caller did not set.
                time_limit: TimeLimit::Idle(Duration::from_secs(120)),
                body_limit: 64 * 1024 * 1024,
                retry: RetryPolicy::default(),
                item_limit: None,
            },
            budget: RetryBudget::default(),
            clock: Arc::new(SystemClock),
            observers: Observers::default(),
            max_token_age: None,
            token_store: None,
            rate_limit: None,
            shared_rate_limit: None,
        }
    }
}

impl KandyBuilder {
    /// Sets the URL of the service, with the version of the API. The default is `https://api.kandy.io/v1.2`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = base_url.into();
        self
    }

    /// Allows a base URL with plain HTTP to another machine. Every URL carries credentials, which any host on the route
    /// can then read: use it in trusted networks only. Loopback addresses are always allowed.
    pub fn allow_plain_http(mut self) -> Self {
        self.allow_plain_http = true;
        self
    }

    /// Sends all requests through `transport` instead of HTTP: one in memory, as in tests, or one of your own.
    ///
    /// Each attempt is one call of [`Transport::send`], with the access token in the
    /// [request](kandy_sys::Request::access_token); tokens are minted through it, too. Retries, timeouts, limits and
    /// observers work as with HTTP; the settings of connections do not apply, and there are no data channels. A failure
    /// that is a [`kandy::Error`](Error) is kept; of any other the request counts as possibly sent.
    pub fn transport(mut self, transport: impl Transport + 'static) -> Self {
        self.transport = Some(CustomTransport(Arc::new(transport)));
        self
    }

    /// Limits how long one attempt waits for the response headers, and for each chunk of the body; 30 seconds by
    /// default. A body that keeps arriving is not cut off, however slow and long it is.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// Limits the total time of a call, with all its attempts and the waits between them.
    ///
    /// By default, after two minutes no further attempt begins, and a response whose headers have not arrived times
    /// out, but a body that keeps arriving may take longer. A deadline that is set here, or at a call, limits
    /// everything.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.settings.time_limit = TimeLimit::Total(deadline);
        self
    }

    /// Sets what is retried after a failure, and how often: see [`RetryPolicy`].
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// Sets how many retries all calls of the client may make together: see [`RetryBudget`].
    pub fn retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Limits the rate at which all attempts of the client begin, with those of its clones and handles: calls, retries and
    /// the requests that mint tokens. There is no limit by default, except while the service refuses requests for their
    /// rate.
    ///
    /// Attempts wait for their turns in the order in which they came. The wait counts against the deadline of a call: an
    /// attempt that cannot begin in time is not sent, and the call fails with
    /// [`is_rate_limited`](crate::Error::is_rate_limited). A call that is dropped while it waits gives its turn up.
    ///
    /// ```
    /// use kandy::{Kandy, RateLimit};
    ///
    /// let kandy = Kandy::builder().rate_limit(RateLimit::per_second(10).burst(20)).build()?;
    /// assert!(Kandy::builder().rate_limit(RateLimit::per_second(0)).build().is_err());
    /// # Ok::<(), kandy::Error>(())
    /// ```
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Limits the rate at which the attempts of many processes begin together: see [`SharedRateLimit`]. It applies beside
    /// [`rate_limit`](Self::rate_limit), and the wait counts against the deadline of a call in the same way.
    ///
    /// Where the store of the limit fails, calls fail with [`Phase::SharedLimit`](crate::Phase::SharedLimit), and are not
    /// sent.
    pub fn shared_rate_limit(mut self, limit: impl SharedRateLimit) -> Self {
        self.shared_rate_limit = Some(Arc::new(limit));
        self
    }

    /// Limits the size of a response body; 64 MiB by default. A larger one is an error.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.settings.body_limit = bytes;
        self
    }

    /// Renews access tokens early, when they are about this old, at a random moment in the last tenth of it. By default
    /// a token is used until the service reports that it has expired. When an early renewal fails, the current token
    /// stays in use.
    pub fn max_token_age(mut self, age: Duration) -> Self {
        self.max_token_age = Some(age);
        self
    }

    /// Shares access tokens with other processes: see [`TokenStore`].
    pub fn token_store(mut self, store: impl TokenStore) -> Self {
        self.token_store = Some(Arc::new(store));
        self
    }

    /// Adds an observer of all calls: see [`Observer`]. Call it again for further ones; each is notified, in the order in
    /// which they were added.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use kandy::{CallEvent, Kandy, Observer};
    ///
    /// #[derive(Debug, Default)]
    /// struct Log;
    /// # impl Observer for Log { fn call_finished(&self, _: &CallEvent<'_>) {} }
    /// #[derive(Debug, Default)]
    /// struct Counter;
    /// # impl Observer for Counter { fn call_finished(&self, _: &CallEvent<'_>) {} }
    ///
    /// let counter = Arc::new(Counter); // an `Arc` of an observer is one, too
    /// let kandy = Kandy::builder().observer(Log).observer(counter.clone()).build()?;
    /// # Ok::<(), kandy::Error>(())
    /// ```
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observers.add(observer);
        self
    }

    /// Replaces the source of time and randomness, for tests that must not wait. By default these are the system clock,
    /// the timer of tokio and random UUIDs.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Creates the client. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`] when the base URL has no scheme, is plain HTTP to another machine, or contains a password or a
    /// query, and when another setting cannot be used, such as a root certificate, a proxy or an HTTP client of your own;
    /// it names the setting. [`Error::Transport`] when the HTTP client cannot be set up.
    pub fn build(self) -> Result<Kandy> {
        let base_url = match self.allow_plain_http {
            true => BaseUrl::insecure(&self.base_url),
            false => BaseUrl::new(&self.base_url),
        };
        let base_url = base_url.map_err(|invalid: InvalidBaseUrl| Error::argument("base_url", invalid.reason()))?;
        let (transport, http) = match self.transport {
            Some(_) if self.http.client.is_some() => {
                let reason = "there is a `transport`, too, which replaces HTTP; remove one";
                return Err(Error::argument("http_client", reason));
            }
            Some(CustomTransport(transport)) => (AttemptTransport::Custom(transport), None),
            None => (AttemptTransport::Http(self.http.client(&base_url)?), Some(self.http)),
        };
        // One `Arc` for all handles: they share connections, throttle and retry budget.
        Ok(Kandy {
            inner: Arc::new(ClientInner {
                transport,
                proxy: http.as_ref().and_then(|http| http.proxy_address(&base_url)),
                may_be_redirected: http.as_ref().is_some_and(|http| http.client.is_some()),
                #[cfg(feature = "push")]
                channels: ChannelConnector::new(http, self.allow_plain_http),
                throttle: Throttle::new(self.rate_limit, self.shared_rate_limit)?,
                base_url,
                settings: self.settings,
                budget: self.budget,
                clock: self.clock,
                observers: self.observers,
                gauges: Gauges::default(),
                max_token_age: self.max_token_age,
                token_store: self.token_store,
            }),
        })
    }
}

/// A transport of the caller.
#[derive(Clone)]
struct CustomTransport(Arc<dyn Transport>);

impl std::fmt::Debug for CustomTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CustomTransport")
    }
}
