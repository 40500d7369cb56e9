//! [`TokenCache`]: the access token of a handle, minted by one request however many calls wait for it. Knows neither
//! credentials nor HTTP: callers pass the future that mints. Begin reading at [`TokenCache::get`].

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use arc_swap::ArcSwapOption;
use futures_util::{
    FutureExt,
    future::{Shared, WeakShared},
};
use kandy_sys::{BoxFuture, Secret};

use crate::{
    Clock, Result,
    metrics::{Counted, Gauge},
};

/// An access token, with a number that identifies it, so that a stale one is recognised without comparing secrets.
#[derive(Clone)]
pub(crate) struct CachedToken {
    pub(crate) token: Secret,
    number: u64,
    /// The time to refresh it early, although it may still be valid.
    renew_at: Option<Instant>,
}

impl CachedToken {
    /// Returns the number that identifies the token.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Whether it should be refreshed early, although it may still be valid.
    fn should_refresh(&self, now: Instant) -> bool {
        self.renew_at.is_some_and(|renew_at| now >= renew_at)
    }
}

/// Caches the token of a handle, and mints one at a time, however many calls wait for it.
///
/// Nothing is spawned: the calls that wait poll one shared future. When one of them is dropped, the others keep polling
/// it; when all are dropped, the request is cancelled, and the next call starts a new one.
#[derive(Default)]
pub(crate) struct TokenCache {
    /// Lock-free read by every call; writers hold `state`. `ArcSwapOption` also spares the reader a reference count,
    /// for which tasks on different cores would contend.
    current: ArcSwapOption<CachedToken>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    minting: Option<WeakShared<Minting>>,
    /// The number of the token that was minted, or began to be minted, last.
    newest: u64,
    /// Counts the token, while there is one.
    counted: Option<Counted<Arc<Gauge>>>,
}

type Minting = BoxFuture<'static, Result<Arc<CachedToken>>>;

/// The wait before the next early renewal, after one was started.
const EARLY_RENEWAL_PAUSE: Duration = Duration::from_secs(30);

impl TokenCache {
    /// Creates a cache that holds a token, counted by `gauge`.
    pub(crate) fn with(token: Secret, gauge: &Arc<Gauge>) -> Self {
        let cached = CachedToken { token, number: 0, renew_at: None };
        let state = State { counted: Some(Counted::new(gauge.clone())), ..State::default() };
        Self { current: ArcSwapOption::from_pointee(cached), state: Mutex::new(state) }
    }

    /// Returns the token, if there is one.
    pub(crate) fn current(&self) -> Option<Arc<CachedToken>> {
        self.current.load_full()
    }

    /// Calls `read` with the token, if there is one that need not be refreshed. Nearly all calls take this path, which
    /// neither locks nor counts a reference.
    pub(crate) fn with_fresh<T>(&self, now: Instant, read: impl FnOnce(&CachedToken) -> T) -> Option<T> {
        let current = self.current.load();
        current.as_ref().filter(|token| !token.should_refresh(now)).map(|token| read(token))
    }

    /// Removes the token with this number, unless another has replaced it.
    pub(crate) fn forget(&self, number: u64) {
        let mut state = self.state();
        if self.current.load().as_ref().is_some_and(|current| current.number == number) {
            self.current.store(None);
            state.counted = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Poisoning is ignored: each field is assigned as a whole, so a panic leaves no partial state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns a token other than `stale`: the cached one, or else a new one from `mint`, which `gauge` counts.
    ///
    /// The first call that finds a token older than `max_age` refreshes it early. When that fails, the old token stays
    /// in use.
    pub(crate) async fn get<F>(
        &self,
        stale: Option<u64>,
        clock: &dyn Clock,
        max_age: Option<Duration>,
        gauge: &Arc<Gauge>,
        mint: impl FnOnce() -> F,
    ) -> Result<Arc<CachedToken>>
    where
        F: Future<Output = Result<Secret>> + Send + 'static,
    {
        // `early` is a token that is still valid but due for renewal: the fallback if minting fails.
        let early = match self.other_than([stale, None]) {
            Some(token) if !self.is_due(&token, clock) => return Ok(token),
            early => early,
        };
        let replaced = [stale, early.as_ref().map(|early| early.number)];
        // `mint` only creates the future: nothing is sent while the lock is held.
        let minting = match self.join(replaced, |state| state.start(mint(), renew_at(clock, max_age))) {
            Ok(minting) => minting,
            Err(published) => return Ok(published),
        };
        // All waiters await clones of one `Shared` future (test `many_waiters_share_one_request`).
        let minted = minting.clone().await;
        self.publish(&minting, &minted, gauge);
        match (minted, early) {
            (Ok(token), _) => Ok(token),
            (Err(_), Some(still_valid)) => Ok(still_valid),
            (Err(error), None) => {
                // The service refused this token, so no later call should try it. Each of them mints instead.
                if let Some(stale) = stale {
                    self.forget(stale);
                }
                Err(error)
            }
        }
    }

    /// Returns the token, unless it has one of these numbers.
    fn other_than(&self, numbers: [Option<u64>; 2]) -> Option<Arc<CachedToken>> {
        self.current().filter(|current| !numbers.contains(&Some(current.number)))
    }

    /// Returns the request that mints a token: the one that other calls wait for, or else a new one from `start`.
    ///
    /// # Errors
    ///
    /// Another token than the `replaced` ones, if another call has published one since the lock-free read of this call.
    fn join(
        &self,
        replaced: [Option<u64>; 2],
        start: impl FnOnce(&mut State) -> Shared<Minting>,
    ) -> Result<Shared<Minting>, Arc<CachedToken>> {
        let mut state = self.state();
        match self.other_than(replaced) {
            Some(published) => Err(published),
            None => {
                let minting = state.minting.as_ref().and_then(WeakShared::upgrade);
                Ok(minting.unwrap_or_else(|| start(&mut state)))
            }
        }
    }

    /// Whether the token should be refreshed early, and this call is the one to do it. The call that gets `true`
    /// postpones `renew_at`, so that all others keep using the token meanwhile.
    fn is_due(&self, token: &CachedToken, clock: &dyn Clock) -> bool {
        let now = clock.now();
        if !token.should_refresh(now) {
            return false;
        }
        let _state = self.state();
        match self.current.load_full() {
            Some(current) if current.number == token.number && current.renew_at == token.renew_at => {
                let renew_at = Some(now + EARLY_RENEWAL_PAUSE);
                self.current.store(Some(Arc::new(CachedToken { renew_at, ..CachedToken::clone(&current) })));
                true
            }
            _ => false,
        }
    }

    /// Stores the result of `minting`. The first waiter that resumes does it for all: it takes `state.minting`, and the
    /// others find another future there, or none.
    fn publish(&self, minting: &Shared<Minting>, minted: &Result<Arc<CachedToken>>, gauge: &Arc<Gauge>) {
        let mut state = self.state();
        // Compared by pointer: when a slow waiter resumes, `state.minting` may already be a newer request, which must
        // stay.
        let is_this = state.minting.as_ref().and_then(WeakShared::upgrade).is_some_and(|other| other.ptr_eq(minting));
        if !is_this {
            return;
        }
        state.minting = None;
        if let Ok(token) = minted {
            self.current.store(Some(token.clone()));
            state.counted.get_or_insert_with(|| Counted::new(gauge.clone()));
        }
    }
}

impl State {
    fn start(
        &mut self,
        mint: impl Future<Output = Result<Secret>> + Send + 'static,
        renew_at: Option<Instant>,
    ) -> Shared<Minting> {
        // Numbers begin at 1: 0 is the token that a cache may be created with.
        self.newest += 1;
        let number = self.newest;
        let minting: Minting =
            Box::pin(async move { Ok(Arc::new(CachedToken { token: mint.await?, number, renew_at })) });
        let minting = minting.shared();
        // A weak reference: the waiters alone keep the request alive, so that it is cancelled with the last of them.
        self.minting = minting.downgrade();
        minting
    }
}

/// Returns when to refresh a token that is minted now: at a random moment in the last tenth of its maximum age, so that
/// many clients do not refresh at once.
fn renew_at(clock: &dyn Clock, max_age: Option<Duration>) -> Option<Instant> {
    max_age.map(|max_age| clock.now() + max_age.mul_f64(1.0 - clock.random() / 10.0))
}

#[cfg(test)]
mod tests;
