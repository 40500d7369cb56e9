//! [`Redis`]: a server, and the connection to it that tasks share. Depends on `error`. Begin reading at
//! [`Redis::run`].

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use kandy::sys::BoxFuture;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, FromRedisValue, RedisError, RedisResult, ScriptInvocation,
    aio::MultiplexedConnection,
};
use tokio::{sync::Mutex, time::timeout};

use crate::Error;

/// A Redis server, with the connection that all users of a clone share.
///
/// It connects when it is first used, within the runtime of that call, and again after the connection was lost. Each
/// access ends within a [timeout](Self::timeout), one second by default: a server that hangs delays a call, and never
/// stops it.
///
/// All keys begin with a [prefix](Self::prefix), `kandy` by default. Programs that should not share tokens and limits
/// use another prefix, or another database.
///
/// ```
/// use kandy::{Kandy, RateLimit};
/// use kandy_redis::{Redis, RedisRateLimit, RedisTokenStore};
///
/// let redis = Redis::open("redis://127.0.0.1:6379")?.prefix("campaigns");
/// let kandy = Kandy::builder()
///     .token_store(RedisTokenStore::new(&redis))
///     .shared_rate_limit(RedisRateLimit::new(&redis, "sms", RateLimit::per_second(100)))
///     .build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Debug` shows the address, and no credentials.
#[derive(Clone)]
pub struct Redis {
    shared: Arc<Shared>,
    prefix: Arc<str>,
    timeout: Duration,
}

/// What clones share.
struct Shared {
    client: Client,
    /// The address, without credentials.
    address: String,
    /// The connection that is in use. Held while connecting, so that all wait for one connection.
    current: Mutex<Option<Numbered>>,
    /// The number of the connection that was opened last.
    newest: AtomicU64,
}

/// A connection, with a number that identifies it.
#[derive(Clone)]
struct Numbered {
    connection: MultiplexedConnection,
    number: u64,
}

/// The time that an access may take by default.
const TIMEOUT: Duration = Duration::from_secs(1);

/// What begins all keys by default.
const PREFIX: &str = "kandy";

impl Redis {
    /// Returns the server of a URL, and does not connect yet: `redis://[user:password@]host[:port][/database]`,
    /// `rediss://…` for TLS (the feature `tls`), or `redis+unix:///path/to.sock[?db=…&user=…&pass=…]`.
    ///
    /// ```
    /// let redis = kandy_redis::Redis::open("redis://:secret@cache.example.com/2")?;
    /// assert_eq!(format!("{redis:?}"), r#"Redis { server: "cache.example.com:6379/2", prefix: "kandy", timeout: 1s }"#);
    /// # Ok::<(), kandy_redis::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If it is no such URL. The error does not repeat it.
    pub fn open(url: impl AsRef<str>) -> Result<Self, Error> {
        let url = url.as_ref().trim();
        if !cfg!(feature = "tls") && (url.starts_with("rediss:") || url.starts_with("valkeys:")) {
            return Err(Error::url("it asks for TLS; enable the feature `tls` of kandy-redis"));
        }
        let invalid = "it is not of the form redis://[user:password@]host[:port][/database]";
        Client::open(url).map(Self::from_client).map_err(|_| Error::url(invalid))
    }

    /// Returns the server of a client that the program has built by itself, as with certificates of its own.
    ///
    /// ```
    /// use kandy_redis::{Redis, redis::Client};
    ///
    /// let redis = Redis::from_client(Client::open(("127.0.0.1", 6379))?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_client(client: Client) -> Self {
        let address = address(&client);
        let shared = Shared { client, address, current: Mutex::default(), newest: AtomicU64::new(0) };
        Self { shared: Arc::new(shared), prefix: PREFIX.into(), timeout: TIMEOUT }
    }

    /// Sets what all keys begin with; `kandy` by default.
    #[must_use = "it returns the changed server"]
    pub fn prefix(self, prefix: impl AsRef<str>) -> Self {
        Self { prefix: prefix.as_ref().into(), ..self }
    }

    /// Sets how long an access may take, with connecting; one second by default.
    #[must_use = "it returns the changed server"]
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Returns a key below the prefix.
    pub(crate) fn key(&self, rest: &[&str]) -> String {
        let mut key = self.prefix.to_string();
        for part in rest {
            key.push(':');
            key.push_str(part);
        }
        key
    }

    /// Returns the address, without credentials.
    pub(crate) fn address(&self) -> &str {
        &self.shared.address
    }

    /// Sends a command. `action` completes "cannot …" in an error.
    pub(crate) async fn command<T: FromRedisValue + Send>(
        &self,
        action: &'static str,
        command: &Cmd,
    ) -> Result<T, Error> {
        self.run(action, |mut connection| Box::pin(async move { command.query_async(&mut connection).await })).await
    }

    /// Runs a script, and loads it first where the server does not know it.
    pub(crate) async fn script<T: FromRedisValue + Send>(
        &self,
        action: &'static str,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Error> {
        self.run(action, |mut connection| Box::pin(async move { script.invoke_async(&mut connection).await })).await
    }

    /// Uses the connection, within the timeout. A connection that was lost while it was idle, as when Redis was
    /// restarted, is replaced once: everything here may be run twice without harm.
    async fn run<'a, T>(
        &self,
        action: &'static str,
        access: impl Fn(MultiplexedConnection) -> BoxFuture<'a, RedisResult<T>>,
    ) -> Result<T, Error> {
        let mut used = None;
        let outcome = timeout(self.timeout, async {
            loop {
                let (current, is_new) = self.connect().await?;
                used = Some(current.number);
                let result = access(current.connection).await;
                match &result {
                    Err(error) if is_lost(error) => self.forget(current.number).await,
                    _ => return result,
                }
                if is_new {
                    return result;
                }
            }
        });
        match outcome.await {
            Ok(result) => result.map_err(|error| Error::of(action, self.address(), &error)),
            Err(_) => {
                // The connection may be dead without any sign of it, so the next access opens another. Without waiting:
                // a task that holds the lock now is opening one.
                if let (Some(number), Ok(mut current)) = (used, self.shared.current.try_lock()) {
                    current.take_if(|current| current.number == number);
                }
                Err(Error::timeout(action, self.address()))
            }
        }
    }

    /// Returns the connection, and whether it was opened for this access.
    async fn connect(&self) -> RedisResult<(Numbered, bool)> {
        let mut current = self.shared.current.lock().await;
        if let Some(current) = &*current {
            return Ok((current.clone(), false));
        }
        // `run` bounds the time of both.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        #[cfg(feature = "tls")]
        crate::tls::select_crypto_library();
        let connection = self.shared.client.get_multiplexed_async_connection_with_config(&config).await?;
        // Relaxed: the lock orders it.
        let number = self.shared.newest.fetch_add(1, Ordering::Relaxed);
        Ok((current.insert(Numbered { connection, number }).clone(), true))
    }

    /// Drops the connection with this number, unless another has replaced it.
    async fn forget(&self, number: u64) {
        self.shared.current.lock().await.take_if(|current| current.number == number);
    }
}

/// Whether an error says that the connection is of no use any more.
fn is_lost(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_unrecoverable_error()
}

/// Returns the address of a server, without credentials.
fn address(client: &Client) -> String {
    let info = client.get_connection_info();
    let server = match info.addr() {
        ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => format!("{host}:{port}"),
        ConnectionAddr::Unix(path) => path.display().to_string(),
        _ => "of an unknown address".to_owned(),
    };
    match info.redis_settings().db() {
        0 => server,
        database => format!("{server}/{database}"),
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis")
            .field("server", &self.address())
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .finish()
    }
}
