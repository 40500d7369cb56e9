//! [`TokenStore`], the public trait of stores that share access tokens between processes, and [`TokenOwner`], their
//! key. Depends on `id` only; `pipeline::shared_token` calls the store.

use std::{error::Error as StdError, fmt, time::Duration};

use kandy_sys::{BoxFuture, Secret, operation::Level};

use crate::UserId;

/// The error of a [`TokenStore`]. The call goes on without the store.
pub type StoreError = Box<dyn StdError + Send + Sync>;

/// A store that shares access tokens between processes, so that each does not mint its own.
///
/// Without a store, each handle keeps its token in memory. With one, a handle calls [`load`](Self::load) when it needs
/// a token, [`store`](Self::store) after it minted one, and [`invalidate`](Self::invalidate) when the service refused
/// one. A process may invalidate a token that another process has replaced already. That must not remove the new one,
/// so `invalidate` compares tokens.
///
/// A store may have locks, too: [`lock`](Self::lock) and [`unlock`](Self::unlock), which do nothing by default. Of many
/// processes that need a token at the same time one mints it then, and the others wait for it.
///
/// The crate `kandy-redis` has a store with locks. The store holds credentials: restrict access to it to these processes. When it
/// fails, the call goes on without it.
///
/// ```
/// use std::{fs, io::ErrorKind, path::PathBuf};
/// use kandy::{Secret, StoreError, TokenOwner, TokenStore, sys::BoxFuture};
///
/// /// One file per token, in a folder that only this user can read.
/// #[derive(Debug)]
/// struct Folder(PathBuf);
///
/// impl TokenStore for Folder {
///     fn load<'a>(&'a self, owner: &'a TokenOwner) -> BoxFuture<'a, Result<Option<Secret>, StoreError>> {
///         Box::pin(async move {
///             match fs::read_to_string(self.0.join(owner.fingerprint())) {
///                 Ok(token) => Ok(Some(token.into())),
///                 Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
///                 Err(error) => Err(error.into()),
///             }
///         })
///     }
///
///     fn store<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
///         Box::pin(async move {
///             // Renamed into place, so that no process reads a partial token.
///             let new = self.0.join(format!("{}.{}", owner.fingerprint(), std::process::id()));
///             fs::write(&new, token.expose())?;
///             Ok(fs::rename(new, self.0.join(owner.fingerprint()))?)
///         })
///     }
///
///     fn invalidate<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>> {
///         Box::pin(async move {
///             if self.load(owner).await?.as_ref() == Some(token) {
///                 fs::remove_file(self.0.join(owner.fingerprint()))?;
///             }
///             Ok(())
///         })
///     }
/// }
///
/// # let folder = std::env::temp_dir();
/// let kandy = kandy::Kandy::builder().token_store(Folder(folder)).build()?;
/// # Ok::<(), kandy::Error>(())
/// ```
pub trait TokenStore: fmt::Debug + Send + Sync + 'static {
    /// Returns the token of an owner, if the store has one.
    fn load<'a>(&'a self, owner: &'a TokenOwner) -> BoxFuture<'a, Result<Option<Secret>, StoreError>>;

    /// Stores a token that was just minted. It replaces any other of this owner.
    fn store<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Removes a token that the service refused or that was revoked, unless another one has replaced it.
    fn invalidate<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Tries to take the lock of an owner: the process that holds it mints the token, and the others wait for that one,
    /// and ask the store again meanwhile. Returns at once, and does not wait for the lock.
    ///
    /// The lock of a process that dies has to end by itself, after `lifetime`. No call waits for a lock longer than three
    /// times that, nor longer than its own deadline allows; it mints without the lock then.
    ///
    /// By default there are no locks, and each process mints a token when the store has none.
    fn lock<'a>(&'a self, owner: &'a TokenOwner, lifetime: Duration) -> BoxFuture<'a, Result<TokenLock, StoreError>> {
        let _ = (owner, lifetime);
        Box::pin(async { Ok(TokenLock::Unsupported) })
    }

    /// Ends a lock after the token was stored, or could not be minted. `id` is that of [`TokenLock::Granted`]. The lock
    /// may have ended by its lifetime, and another process may hold it now, so `unlock` compares ids.
    ///
    /// A call that is dropped while it mints leaves its lock to end by its lifetime.
    fn unlock<'a>(&'a self, owner: &'a TokenOwner, id: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        let _ = (owner, id);
        Box::pin(async { Ok(()) })
    }
}

/// What [`TokenStore::lock`] returns.
///
/// ```
/// let lock = kandy::TokenLock::Granted("7f3a".to_owned());
/// assert_ne!(lock, kandy::TokenLock::Taken);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenLock {
    /// The store has no locks: this process mints a token.
    Unsupported,
    /// Another process holds the lock: this one waits for its token.
    Taken,
    /// This process holds the lock, and mints a token. The text identifies the lock, for [`TokenStore::unlock`].
    Granted(String),
}

/// The owner of an access token: the key of a [`TokenStore`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenOwner {
    /// The URL of the service.
    pub base_url: String,
    /// The level of the token.
    pub level: Level,
    /// The API key of the account, or of the domain.
    pub api_key: Secret,
    /// The user, if it is a user's token.
    pub user_id: Option<UserId>,
}

impl TokenOwner {
    /// Returns the owner of the tokens of an account or a domain. A client makes its owners by itself; this is for the tests of
    /// a [`TokenStore`].
    ///
    /// ```
    /// use kandy::{TokenOwner, sys::{DEFAULT_BASE_URL, operation::Level}};
    ///
    /// let domain = TokenOwner::new(DEFAULT_BASE_URL, Level::Domain, "DAK…");
    /// let russ = TokenOwner::new(DEFAULT_BASE_URL, Level::User, "DAK…").with_user_id("russ");
    /// assert_ne!(domain.fingerprint(), russ.fingerprint());
    /// ```
    pub fn new(base_url: impl Into<String>, level: Level, api_key: impl Into<Secret>) -> Self {
        Self { base_url: base_url.into(), level, api_key: api_key.into(), user_id: None }
    }

    /// Returns the owner of the tokens of this user.
    #[must_use]
    pub fn with_user_id(self, user_id: impl Into<UserId>) -> Self {
        Self { user_id: Some(user_id.into()), ..self }
    }

    /// Returns a short name of the owner in hexadecimal digits. It is the same in every process, and does not reveal
    /// the API key.
    pub fn fingerprint(&self) -> String {
        let user_id = self.user_id.as_ref().map_or("", |user_id| user_id.as_str());
        let name = [&self.base_url, &self.level.to_string(), self.api_key.expose(), user_id].join("\n");
        uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()).simple().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_distinguishes_owners_and_hides_the_key() {
        let owner = |key: &str, user_id: Option<&str>| {
            let owner = TokenOwner::new("https://api.kandy.io/v1.2", Level::User, key);
            match user_id {
                Some(user_id) => owner.with_user_id(user_id),
                None => owner,
            }
        };
        let russ = owner("DAK-key", Some("russ")).fingerprint();
        assert_eq!(russ, owner("DAK-key", Some("russ")).fingerprint());
        for other in [owner("DAK-other", Some("russ")), owner("DAK-key", Some("anna")), owner("DAK-key", None)] {
            assert_ne!(russ, other.fingerprint());
        }
        assert!(!format!("{:?}", owner("DAK-key", None)).contains("DAK-key"));
    }
}
