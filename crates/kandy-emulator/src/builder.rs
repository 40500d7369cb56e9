//! The settings of an emulator, and the emulator before it listens.
//!
//! Depends on `http`, `seed` and `state`. Begin with [`Builder::prepare`].

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use crate::{
    DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, Emulator, LoggedRequest, Seed, SeedError, SeededDomain,
    Server,
    http::{
        app_state::{AppState, Observer},
        origin_guard::{OriginGuard, host_name},
    },
    limits::READ_TIMEOUT,
    state::{Account, State},
};

/// The default lifetime of a token.
const TOKEN_TTL: Duration = Duration::from_secs(60 * 60);

/// The settings of an emulator.
#[must_use]
pub struct Builder {
    listen: SocketAddr,
    read_timeout: Duration,
    account: Account,
    token_ttl: Duration,
    observer: Option<Observer>,
    seed: Option<Seed>,
    refuse_with_200: bool,
    pub(crate) guard: OriginGuard,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            read_timeout: READ_TIMEOUT,
            account: Account { key: DEVELOPMENT_ACCOUNT_KEY.into(), secret: DEVELOPMENT_ACCOUNT_SECRET.into() },
            token_ttl: TOKEN_TTL,
            observer: None,
            seed: None,
            refuse_with_200: false,
            guard: OriginGuard::default(),
        }
    }

    /// Sets the address to listen on. The default is a free port of the loopback address.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self.guard.allows_short_names = !address.ip().is_loopback();
        self
    }

    /// Sets API key and API secret of the account. The default is the development account.
    pub fn account(mut self, key: impl Into<String>, secret: impl Into<String>) -> Self {
        self.account = Account { key: key.into().into(), secret: secret.into().into() };
        self
    }

    /// Sets the lifetime of access tokens. The default is one hour.
    pub fn token_ttl(mut self, token_ttl: Duration) -> Self {
        self.token_ttl = token_ttl;
        self
    }

    /// Sets the timeout for the head of a request, and for each chunk of its body. The default is 30 seconds.
    ///
    /// A connection without a complete head in this time is closed. A stalled body is answered with HTTP 408. Between
    /// two requests a connection may be idle for four times as long.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// let emulator = kandy_emulator::Emulator::builder().read_timeout(Duration::from_secs(5)).start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn read_timeout(mut self, read_timeout: Duration) -> Self {
        self.read_timeout = read_timeout;
        self
    }

    /// Sets a callback for every request, which is called before the response is sent. Credentials are masked.
    pub fn on_request(mut self, observer: impl Fn(&LoggedRequest) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Sets the objects to create at startup. The last call counts; the default is none.
    ///
    /// ```
    /// use kandy_emulator::Emulator;
    ///
    /// let seed = r#"{"domains": [{"name": "example.com", "users": [{"user_id": "russ", "country_code": "US"}]}]}"#;
    /// let emulator = Emulator::builder().seed(seed.parse()?).start()?;
    /// let domain = &emulator.seeded()[0];
    /// assert_eq!(domain.users(), ["russ@example.com"]);
    /// assert!(domain.api_key().expose().starts_with("DAK"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Reports refused credentials, and users who do not exist, with HTTP 200 and the status in the envelope, as older
    /// clients expect it. The default is HTTP 403 and 404, see "Refused credentials" in the
    /// [behaviour decisions](crate#behaviour-decisions).
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::builder().refuse_with_200().start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn refuse_with_200(mut self) -> Self {
        self.refuse_with_200 = true;
        self
    }

    /// Allows requests to `/_emulator` by a host name. Always allowed are IP addresses, `localhost` and the names below
    /// it, and names without a dot if the emulator listens on another address than a loopback one, as in a container.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::builder().allow_host("kandy.example.com").start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If it is no host name, such as one with a port.
    #[track_caller]
    pub fn allow_host(mut self, name: &str) -> Self {
        self.guard.allow_host(host_name(name).unwrap_or_else(|why| panic!("{name:?} is no host name: {why}")));
        self
    }

    /// Allows requests to `/_emulator` by web pages of an origin, such as the tests of a page. By default no page may send
    /// one, so that no site can read or reset the emulator.
    ///
    /// ```
    /// let emulator = kandy_emulator::Emulator::builder().allow_origin("http://localhost:3000").start()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If it is no origin of the scheme `http` or `https`, such as one with a path, or `*`.
    #[track_caller]
    pub fn allow_origin(mut self, origin: &str) -> Self {
        self.guard.allow_origin(origin.parse().unwrap_or_else(|why| panic!("{origin:?} is no origin: {why}")));
        self
    }

    /// Binds the address, on the runtime of the caller.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound, and when the seed is invalid: of the kind
    /// [`InvalidInput`](io::ErrorKind::InvalidInput), with a [`SeedError`] inside.
    pub async fn bind(self) -> io::Result<Server> {
        self.prepare()?.bind().await
    }

    /// Starts the emulator on a thread of its own.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind), and when the system has no thread left.
    pub fn start(self) -> io::Result<Emulator> {
        Emulator::spawn(self.prepare()?)
    }

    /// Creates the state and applies the seed, without listening.
    pub(crate) fn prepare(self) -> Result<Prepared, SeedError> {
        let Self { listen, read_timeout, account, token_ttl, observer, seed, refuse_with_200, guard } = self;
        // The seed is applied before the address is bound: an invalid one must not leave a server behind that clients
        // reach (`binary::invalid_seed_is_refused_before_listening`).
        let mut state = State::new(account.clone(), token_ttl);
        let seeded = seed.map(|seed| seed.apply(&mut state)).transpose()?.unwrap_or_default();
        let mut app = AppState::new(state, observer, read_timeout);
        app.refuse_with_200 = refuse_with_200;
        app.guard = guard;
        app.first_domain = seeded.first().cloned();
        Ok(Prepared { listen, account, seeded, app: Arc::new(app) })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listen, read_timeout, account: _, token_ttl, observer: _, seed: _, refuse_with_200: _, guard: _ } =
            self;
        f.debug_struct("Builder")
            .field("listen", listen)
            .field("read_timeout", read_timeout)
            .field("token_ttl", token_ttl)
            .finish_non_exhaustive()
    }
}

/// An emulator that does not listen yet.
pub(crate) struct Prepared {
    listen: SocketAddr,
    pub(crate) account: Account,
    pub(crate) seeded: Vec<SeededDomain>,
    pub(crate) app: Arc<AppState>,
}

impl Prepared {
    pub(crate) async fn bind(self) -> io::Result<Server> {
        let address = self.listen;
        let refuse = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
        self.bind_to(&[address]).await.map_err(refuse)
    }

    /// Binds the first of the addresses that this machine has.
    pub(crate) async fn bind_to(self, addresses: &[SocketAddr]) -> io::Result<Server> {
        Server::bind(addresses, self.app, self.seeded).await
    }
}
