//! The settings of an emulator, and the emulator before it listens. Those that most programs leave alone are in `options`.
//!
//! Depends on `http`, `seed`, `snapshot` and `state`. Begin with [`Builder::prepare`].

mod options;

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

#[cfg(feature = "tls")]
use crate::tls::{Identity, Tls, TlsError};
use crate::{
    DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, Emulator, LoggedRequest, Seed, SeedError, SeededDomain,
    Server,
    channel::options::ChannelOptions,
    http::{
        app_state::{AppState, Observer},
        origin_guard::OriginGuard,
    },
    limits::READ_TIMEOUT,
    snapshot::{self, MemorySnapshot, Saver, StateFile},
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
    state: Option<PathBuf>,
    snapshot: Option<PathBuf>,
    channel: ChannelOptions,
    sends_remote_acks: bool,
    refuse_with_200: bool,
    pub(crate) guard: OriginGuard,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
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
            state: None,
            snapshot: None,
            channel: ChannelOptions::default(),
            sends_remote_acks: true,
            refuse_with_200: false,
            guard: OriginGuard::default(),
            #[cfg(feature = "tls")]
            tls: None,
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

    /// Binds the address, on the runtime of the caller.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound, and when the seed is invalid: of the kind
    /// [`InvalidInput`](io::ErrorKind::InvalidInput), with a [`SeedError`] inside. With TLS also when its certificates
    /// cannot be made or read, with a `TlsError` inside. When a file with a state cannot be read, written or locked, and
    /// when it is damaged: of the kind [`InvalidData`](io::ErrorKind::InvalidData), with a
    /// [`SnapshotError`](crate::SnapshotError) inside. Nothing is written then.
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

    /// Creates the state, from the file, the snapshot or the seed, without listening.
    pub(crate) fn prepare(self) -> Result<Prepared, PrepareError> {
        let Self {
            listen,
            read_timeout,
            account,
            token_ttl,
            observer,
            seed,
            state: file,
            snapshot,
            channel,
            sends_remote_acks,
            refuse_with_200,
            guard,
            #[cfg(feature = "tls")]
            tls,
        } = self;
        #[cfg(feature = "tls")]
        let is_secure = tls.is_some();
        #[cfg(not(feature = "tls"))]
        let is_secure = false;
        // All of this before the address is bound: an invalid file must not leave a server behind that clients reach
        // (`binary::invalid_seed_is_refused_before_listening`).
        let file = file.map(|file| StateFile::open(&file)).transpose()?;
        let mut state = State::new(account.clone(), token_ttl);
        if let Some(snapshot) = &snapshot {
            state = snapshot::load(snapshot, state.loader())?;
        }
        let kept = file.as_ref().map(|file| file.load(state.loader())).transpose()?.flatten();
        let is_initial = seed.is_some() || snapshot.is_some();
        let seeded = match (seed, &kept) {
            (Some(seed), Some(kept)) => {
                let mut seeded = seed.with_credentials_of(kept).apply(&mut state)?;
                seeded.retain_mut(|domain| domain.update(kept));
                seeded
            }
            (Some(seed), None) => seed.apply(&mut state)?,
            (None, _) => Vec::new(),
        };
        state.sends_remote_acks = sends_remote_acks;
        let mut app = AppState::new(state, observer, read_timeout, is_secure);
        app.channel = channel;
        app.refuse_with_200 = refuse_with_200;
        app.guard = guard;
        app.first_domain = seeded.first().cloned();
        #[cfg(feature = "tls")]
        if let Some(tls) = &tls {
            app.ca_file = tls.ca_file().map(|file| file.display().to_string());
            // Only this emulator has a certificate for them that clients trust, so that no site can rebind them.
            tls.host_names().for_each(|name| app.guard.allow_host(name));
        }
        let app = Arc::new(app);
        if is_initial {
            app.snapshots.set_seed(MemorySnapshot::take(&app.state, u64::MAX)?);
        }
        let saver = match file {
            None => None,
            Some(file) => {
                let written = match kept {
                    Some(state) => {
                        app.replace(state);
                        app.state().version()
                    }
                    // Written at once: the credentials that are printed stay valid even if the process is killed.
                    None => file.save(&app.state)?,
                };
                Some(Saver::start(file, Arc::clone(&app.state), written)?)
            }
        };
        Ok(Prepared {
            listen,
            account,
            seeded,
            app,
            saver,
            #[cfg(feature = "tls")]
            tls,
            #[cfg(feature = "tls")]
            identity: None,
        })
    }
}

/// Why an emulator cannot be prepared.
pub(crate) enum PrepareError {
    Seed(SeedError),
    File(io::Error),
}

impl From<SeedError> for PrepareError {
    fn from(error: SeedError) -> Self {
        Self::Seed(error)
    }
}

impl From<io::Error> for PrepareError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}

impl From<PrepareError> for io::Error {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Seed(error) => error.into(),
            PrepareError::File(error) => error,
        }
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { listen, read_timeout, token_ttl, state, snapshot, .. } = self;
        f.debug_struct("Builder")
            .field("listen", listen)
            .field("read_timeout", read_timeout)
            .field("token_ttl", token_ttl)
            .field("state", state)
            .field("snapshot", snapshot)
            .finish_non_exhaustive()
    }
}

/// An emulator that does not listen yet.
pub(crate) struct Prepared {
    listen: SocketAddr,
    pub(crate) account: Account,
    pub(crate) seeded: Vec<SeededDomain>,
    pub(crate) app: Arc<AppState>,
    saver: Option<Saver>,
    #[cfg(feature = "tls")]
    tls: Option<Tls>,
    #[cfg(feature = "tls")]
    identity: Option<Identity>,
}

impl Prepared {
    /// Makes the certificate of a server on these addresses, if it serves TLS. Before it listens: an error must not leave
    /// a server behind that clients reach.
    #[cfg(feature = "tls")]
    pub(crate) fn certify(&mut self, addresses: &[SocketAddr]) -> Result<(), TlsError> {
        if let Some(tls) = self.tls.take() {
            self.identity = Some(tls.identity(addresses)?);
        }
        Ok(())
    }

    #[cfg_attr(not(feature = "tls"), expect(unused_mut, reason = "changed with TLS only"))]
    pub(crate) async fn bind(mut self) -> io::Result<Server> {
        let address = self.listen;
        #[cfg(feature = "tls")]
        self.certify(&[address])?;
        let refuse = |error: io::Error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"));
        self.bind_to(&[address]).await.map_err(refuse)
    }

    /// Binds the first of the addresses that this machine has.
    pub(crate) async fn bind_to(self, addresses: &[SocketAddr]) -> io::Result<Server> {
        let server = Server::bind(addresses, self.app, self.seeded, self.saver).await?;
        #[cfg(feature = "tls")]
        let server = match self.identity {
            Some(identity) => server.with_identity(identity),
            None => server,
        };
        Ok(server)
    }
}
