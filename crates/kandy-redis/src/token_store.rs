//! [`RedisTokenStore`]: access tokens in Redis. Depends on `connection` and `encryption`.

use std::{sync::LazyLock, time::Duration};

use kandy::{Secret, StoreError, TokenLock, TokenOwner, TokenStore, sys::BoxFuture};
use redis::{Script, cmd};

#[cfg(feature = "encryption")]
use crate::EncryptionKey;
use crate::{Error, Redis};

/// Shares access tokens between processes and machines: each token is minted once, and used by all.
///
/// All processes that need a token at the same time, because none has one or because it expired, make one request: one
/// of them mints the token, and the others wait for it. When that one dies, its lock expires, and another one mints.
/// When Redis fails, each process mints its own.
///
/// A token lives for a day in Redis by default: see [`ttl`](Self::ttl). Whoever can read Redis can use the tokens; the
/// feature `encryption` encrypts them.
///
/// ```
/// use kandy::Kandy;
/// use kandy_redis::{Redis, RedisTokenStore};
///
/// let redis = Redis::open("redis://127.0.0.1:6379")?;
/// let kandy = Kandy::builder().token_store(RedisTokenStore::new(&redis)).build()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RedisTokenStore {
    redis: Redis,
    ttl: Duration,
    #[cfg(feature = "encryption")]
    key: Option<EncryptionKey>,
}

/// How long a token stays in Redis by default. The service does not tell how long it accepts one; a token that it
/// refuses is replaced at once, so this only removes the tokens of owners that are not used any more.
const TTL: Duration = Duration::from_secs(24 * 3600);

/// The shortest time to live: Redis refuses zero.
const MIN_TTL: Duration = Duration::from_millis(1);

/// The longest time to live: that of Redis overflows far above it.
const MAX_TTL: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The most bytes of a value that are read: more than any token has.
const MAX_VALUE: usize = 16 * 1024;

/// The first byte of an encrypted token, which no token begins with.
#[cfg(feature = "encryption")]
const ENCRYPTED: u8 = 1;

/// Removes a key that has this value. Nothing comes between the comparison and the removal: a new token, or the lock of
/// another process, stays.
static REMOVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new("if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
});

/// Sets a lock unless another process holds it. Run again, as after the connection broke before the response, it finds
/// that this process holds the lock already.
static LOCK: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
         if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
         return 0",
    )
});

impl RedisTokenStore {
    /// Returns the store of a server, and does not connect yet.
    pub fn new(redis: &Redis) -> Self {
        Self {
            redis: redis.clone(),
            ttl: TTL,
            #[cfg(feature = "encryption")]
            key: None,
        }
    }

    /// Sets how long a token stays in Redis after it was minted; a day by default. The service does not tell how long it
    /// accepts a token, and one that it refuses is replaced at once, whatever is set here.
    #[must_use = "it returns the changed store"]
    pub fn ttl(self, ttl: Duration) -> Self {
        Self { ttl: ttl.clamp(MIN_TTL, MAX_TTL), ..self }
    }

    /// Encrypts the tokens with a key, which all processes need.
    ///
    /// A value that this key does not decrypt counts as no token: it is replaced by a new one. So the key may be changed
    /// at any time, and encryption turned on or off; while processes with the old key still run, each process may mint a
    /// token when it starts, and all keep working.
    ///
    /// ```
    /// use kandy_redis::{EncryptionKey, Redis, RedisTokenStore};
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let key: EncryptionKey = std::env::var("TOKEN_KEY")?.parse()?;
    /// let store = RedisTokenStore::new(&Redis::open("redis://127.0.0.1:6379")?).encrypted(key);
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "encryption")]
    #[cfg_attr(docsrs, doc(cfg(feature = "encryption")))]
    #[must_use = "it returns the changed store"]
    pub fn encrypted(self, key: EncryptionKey) -> Self {
        Self { key: Some(key), ..self }
    }

    fn key_of(&self, owner: &TokenOwner) -> String {
        self.redis.key(&["token", &owner.fingerprint()])
    }

    fn lock_of(&self, owner: &TokenOwner) -> String {
        self.redis.key(&["token", &owner.fingerprint(), "lock"])
    }

    /// Returns the value at a key; empty if there is none.
    async fn read(&self, action: &'static str, key: &str) -> Result<Vec<u8>, Error> {
        // One byte more than is allowed, so that a longer value is not taken for its beginning.
        self.redis.command(action, cmd("GETRANGE").arg(key).arg(0).arg(MAX_VALUE)).await
    }

    async fn remove(&self, action: &'static str, key: &str, value: &[u8]) -> Result<(), Error> {
        let _removed: i64 = self.redis.script(action, REMOVE.key(key).arg(value)).await?;
        Ok(())
    }

    /// Returns the value that a token is stored as.
    fn encode(&self, _action: &'static str, _key: &str, token: &Secret) -> Result<Vec<u8>, Error> {
        let token = token.expose().as_bytes();
        #[cfg(feature = "encryption")]
        if let Some(key) = &self.key {
            let encrypted = key.encrypt(_key, token);
            let encrypted = encrypted.ok_or_else(|| Error::encryption(_action, self.redis.address()))?;
            return Ok([[ENCRYPTED].as_slice(), &encrypted].concat());
        }
        Ok(token.to_vec())
    }

    /// Returns the token of a value; `None` if it is none, or cannot be decrypted.
    fn decode(&self, _key: &str, value: &[u8]) -> Option<Secret> {
        if value.len() > MAX_VALUE {
            return None;
        }
        #[cfg(feature = "encryption")]
        if let Some(key) = &self.key {
            let (&ENCRYPTED, encrypted) = value.split_first()? else { return None };
            return String::from_utf8(key.decrypt(_key, encrypted)?).ok().map(Secret::from);
        }
        // An encrypted token is none for a store without the key. Tokens are sent in URLs, which are printable.
        let text = std::str::from_utf8(value).ok()?;
        (!text.is_empty() && !text.contains(char::is_control)).then(|| Secret::from(text))
    }
}

impl TokenStore for RedisTokenStore {
    fn load<'a>(&'a self, owner: &'a TokenOwner) -> BoxFuture<'a, Result<Option<Secret>, StoreError>> {
        Box::pin(async move {
            let key = self.key_of(owner);
            Ok(self.decode(&key, &self.read("load a token", &key).await?))
        })
    }

    fn store<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let (action, key) = ("store a token", self.key_of(owner));
            let mut set = cmd("SET");
            set.arg(&key).arg(self.encode(action, &key, token)?).arg("PX").arg(milliseconds(self.ttl));
            Ok(self.redis.command(action, &set).await?)
        })
    }

    fn invalidate<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let (action, key) = ("remove a refused token", self.key_of(owner));
            // Compared here, because an encrypted token is never the same twice; removed if the value is still the same.
            let value = self.read(action, &key).await?;
            if self.decode(&key, &value).as_ref() == Some(token) {
                self.remove(action, &key, &value).await?;
            }
            Ok(())
        })
    }

    fn lock<'a>(&'a self, owner: &'a TokenOwner, lifetime: Duration) -> BoxFuture<'a, Result<TokenLock, StoreError>> {
        Box::pin(async move {
            let (key, id) = (self.lock_of(owner), uuid::Uuid::new_v4().simple().to_string());
            let mut script = LOCK.key(&key);
            script.arg(&id).arg(milliseconds(lifetime));
            let is_granted: bool = self.redis.script("lock the minting of a token", &script).await?;
            Ok(if is_granted { TokenLock::Granted(id) } else { TokenLock::Taken })
        })
    }

    fn unlock<'a>(&'a self, owner: &'a TokenOwner, id: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(
            async move { Ok(self.remove("unlock the minting of a token", &self.lock_of(owner), id.as_bytes()).await?) },
        )
    }
}

/// Returns a time as Redis takes it: in whole milliseconds, at least one.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.clamp(MIN_TTL, MAX_TTL).as_millis()).unwrap_or(u64::MAX)
}
