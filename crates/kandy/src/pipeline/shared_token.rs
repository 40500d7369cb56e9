//! [`SharedToken`]: the token of an owner in a [`TokenStore`], which processes share: one of them mints it, and the others
//! wait for it. Depends on `auth`, `clock` and `trace`; sends nothing. Begin reading at [`SharedToken::find`].

use std::time::Duration;

use kandy_sys::Secret;

use super::trace;
use crate::{Clock, StoreError, TokenLock, TokenOwner, TokenStore};

/// The token of an owner in a store.
pub(super) struct SharedToken<'a> {
    pub(super) store: &'a dyn TokenStore,
    pub(super) owner: TokenOwner,
    pub(super) clock: &'a dyn Clock,
}

/// The token that another one is fetched for: the service refused it, or it is due for an early renewal.
pub(super) struct Replaced {
    pub(super) token: Secret,
    pub(super) is_refused: bool,
}

/// What the store has.
pub(super) enum Found {
    Token(Secret),
    /// No token, so the caller mints one, and passes the lock that it holds to [`SharedToken::finish`].
    Missing(Option<Lock>),
}

/// A lock that this process holds, for [`SharedToken::finish`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lock(String);

/// When the lock of a process that died ends. Longer than minting takes, except at a service in trouble; a slower one
/// costs a second token, and harms nothing.
const LOCK_LIFETIME: Duration = Duration::from_secs(10);

/// The longest wait for a token that another process mints: after that, each process mints its own, so that a lock that
/// never ends stops nobody.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// The first and the longest pause before the store is asked again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(250));

impl SharedToken<'_> {
    /// Returns a token other than the `replaced` one, or else the lock to mint one with. Waits while another process
    /// mints it. When the store fails, this process mints its own at once: each failure may have taken a timeout.
    pub(super) async fn find(&self, replaced: Option<&Replaced>) -> Found {
        self.find_or_lock(replaced).await.unwrap_or(Found::Missing(None))
    }

    /// Returns what [`find`](Self::find) does; `None` if the caller mints without a lock.
    async fn find_or_lock(&self, replaced: Option<&Replaced>) -> Option<Found> {
        // A token that is due for an early renewal stays in use if that fails.
        if let Some(refused) = replaced.filter(|replaced| replaced.is_refused) {
            self.invalidate(&refused.token).await?;
        }
        let (mut pause, mut waited) = (PAUSES.0, Duration::ZERO);
        loop {
            if let Some(token) = self.load(replaced).await? {
                return Some(Found::Token(token));
            }
            match or_trace("lock", self.store.lock(&self.owner, LOCK_LIFETIME).await)? {
                TokenLock::Granted(id) => {
                    let lock = Some(Lock(id));
                    // The one that held it before may have stored a token since this one looked.
                    let Some(Some(token)) = self.load(replaced).await else { return Some(Found::Missing(lock)) };
                    self.finish(lock, None).await;
                    return Some(Found::Token(token));
                }
                TokenLock::Taken if waited < LONGEST_WAIT => {}
                TokenLock::Taken | TokenLock::Unsupported => return None,
            }
            // Spread, so that processes that began together do not ask together. Counted rather than measured, because
            // the clock of a test may stand still.
            let jittered = pause.mul_f64(0.5 + self.clock.random() / 2.0);
            self.clock.sleep(jittered).await;
            waited += jittered;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Stores the token that was minted, if it was, and ends the lock: where minting failed, another process tries it at
    /// once.
    pub(super) async fn finish(&self, lock: Option<Lock>, minted: Option<&Secret>) {
        if let Some(token) = minted {
            or_trace("store", self.store.store(&self.owner, token).await);
        }
        if let Some(Lock(id)) = lock {
            or_trace("unlock", self.store.unlock(&self.owner, &id).await);
        }
    }

    /// Removes a token, unless another has replaced it. `None` if the store failed.
    pub(super) async fn invalidate(&self, token: &Secret) -> Option<()> {
        or_trace("invalidate", self.store.invalidate(&self.owner, token).await)
    }

    /// Returns the token of the store, unless it is the `replaced` one, which the store may still have, or have again
    /// from another process. `None` if the store failed.
    async fn load(&self, replaced: Option<&Replaced>) -> Option<Option<Secret>> {
        let token = or_trace("load", self.store.load(&self.owner).await)?;
        Some(token.filter(|token| replaced.is_none_or(|replaced| replaced.token != *token)))
    }
}

/// Returns what the store returned, and traces a failure.
fn or_trace<T>(action: &'static str, result: Result<T, StoreError>) -> Option<T> {
    result.inspect_err(|_| trace::store_failed(action)).ok()
}

#[cfg(test)]
mod tests;
