use std::{error::Error as StdError, fmt};

use kandy_sys::{BoxFuture, Secret, operation::Level};

use crate::UserId;

/// Why a [`TokenStore`] failed. The call goes on without the store.
pub type StoreError = Box<dyn StdError + Send + Sync>;

/// Shares access tokens between processes, so that each does not mint its own.
///
/// Without one, each handle keeps its token in memory. A store is asked when a handle needs a token, is given
/// each token that is minted, and is told when the service refused one. That a process tells it of a token that
/// another has replaced already must change nothing: hence the comparison in
/// [`invalidate`](Self::invalidate).
///
/// The store holds credentials: what it writes must be for the eyes of these processes only. When it fails, the call
/// goes on as if there were no store.
///
/// ```
/// use std::{fs, io::ErrorKind, path::PathBuf};
/// use kandy::{Secret, StoreError, TokenOwner, TokenStore, sys::BoxFuture};
///
/// /// A file for each token, in a folder that is ours alone.
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
///             // Moved into place as a whole, so that nobody reads half a token.
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
    /// The token of an owner, if there is one.
    fn load<'a>(&'a self, owner: &'a TokenOwner) -> BoxFuture<'a, Result<Option<Secret>, StoreError>>;

    /// Keeps a token that was just minted, instead of any other of this owner.
    fn store<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Forgets a token that the service refused, or that was revoked; but not another one that has taken its
    /// place.
    fn invalidate<'a>(&'a self, owner: &'a TokenOwner, token: &'a Secret) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// Whose token it is.
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
    /// A short name of the owner, of hexadecimal digits, that is the same in every process and does not tell the
    /// API key.
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
    fn a_fingerprint_tells_owners_apart_and_nothing_else() {
        let owner = |key: &str, user_id: Option<&str>| TokenOwner {
            base_url: "https://api.kandy.io/v1.2".to_owned(),
            level: Level::User,
            api_key: key.into(),
            user_id: user_id.map(Into::into),
        };
        let russ = owner("DAK-key", Some("russ")).fingerprint();
        assert_eq!(russ, owner("DAK-key", Some("russ")).fingerprint());
        for other in [owner("DAK-other", Some("russ")), owner("DAK-key", Some("anna")), owner("DAK-key", None)] {
            assert_ne!(russ, other.fingerprint());
        }
        assert!(!format!("{:?}", owner("DAK-key", None)).contains("DAK-key"));
    }
}
