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

use crate::{Clock, Result};

/// An access token, numbered so that a stale one is recognised without comparing secrets.
#[derive(Clone)]
pub(crate) struct CachedToken {
    pub(crate) token: Secret,
    number: u64,
    /// When it should be replaced although it may still be good.
    renew_at: Option<Instant>,
}

impl CachedToken {
    /// What it is recognised by.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Whether it should be replaced although it may still be good.
    fn should_refresh(&self, now: Instant) -> bool {
        self.renew_at.is_some_and(|renew_at| now >= renew_at)
    }
}

/// Mints one token at a time, however many ask for it, and keeps it for those who come later.
///
/// Nothing is spawned: those who wait drive the request together. When one of them gives up, the
/// others go on with the same request; when all do, it is given up, and the next one starts afresh.
#[derive(Default)]
pub(crate) struct TokenCache {
    /// Read by every call, and changed only with the state in hand. To read it makes nobody wait, not even for a count.
    current: ArcSwapOption<CachedToken>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    minting: Option<WeakShared<Minting>>,
    /// The number of the newest token.
    newest: u64,
}

type Minting = BoxFuture<'static, Result<Arc<CachedToken>>>;

/// How long an early renewal that failed is left alone.
const EARLY_RENEWAL_PAUSE: Duration = Duration::from_secs(30);

impl TokenCache {
    /// A cache that starts with a token.
    pub(crate) fn with(token: Secret) -> Self {
        let issued = CachedToken { token, number: 0, renew_at: None };
        Self { current: ArcSwapOption::from_pointee(issued), state: Mutex::default() }
    }

    /// The token, if there is one.
    pub(crate) fn current(&self) -> Option<Arc<CachedToken>> {
        self.current.load_full()
    }

    /// Uses the token, if there is one that need not be replaced yet. This is the way of nearly all calls.
    pub(crate) fn with_fresh<T>(&self, now: Instant, make: impl FnOnce(&CachedToken) -> T) -> Option<T> {
        let current = self.current.load();
        current.as_ref().filter(|token| !token.should_refresh(now)).map(|token| make(token))
    }

    /// Forgets the token with this number, unless it has been replaced since.
    pub(crate) fn forget(&self, number: u64) {
        let _state = self.state();
        if self.current.load().as_ref().is_some_and(|current| current.number == number) {
            self.current.store(None);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token other than `stale`: the one that is here, or else a new one from `mint`.
    ///
    /// A token that is older than `max_age` is replaced early by the first who comes; when that fails, it is used
    /// as long as it is good.
    pub(crate) async fn get<F>(
        &self,
        stale: Option<u64>,
        clock: &dyn Clock,
        max_age: Option<Duration>,
        mint: impl FnOnce() -> F,
    ) -> Result<Arc<CachedToken>>
    where
        F: Future<Output = Result<Secret>> + Send + 'static,
    {
        let fresh = || self.current().filter(|current| stale != Some(current.number));
        let early = match fresh() {
            Some(token) if !self.is_due(&token, clock) => return Ok(token),
            early => early,
        };
        let minting = {
            let mut state = self.state();
            match fresh() {
                Some(token) if early.is_none() => return Ok(token),
                _ => {}
            }
            match state.minting.as_ref().and_then(WeakShared::upgrade) {
                Some(minting) => minting,
                None => state.start(mint(), renew_at(clock, max_age)),
            }
        };
        let minted = minting.clone().await;
        self.publish(&minting, &minted);
        match (minted, early) {
            (Ok(issued), _) => Ok(issued),
            (Err(_), Some(good)) => Ok(good),
            (Err(error), None) => {
                // It is known to be bad, so nobody need try it again.
                if let Some(stale) = stale {
                    self.forget(stale);
                }
                Err(error)
            }
        }
    }

    /// Whether it is time to replace a token early, and this client is the one to do it: all others go on with
    /// the token meanwhile.
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

    /// Puts the outcome of `minting` in place. The first who comes does it for all.
    fn publish(&self, minting: &Shared<Minting>, minted: &Result<Arc<CachedToken>>) {
        let mut state = self.state();
        let is_this = state.minting.as_ref().and_then(WeakShared::upgrade).is_some_and(|other| other.ptr_eq(minting));
        if !is_this {
            return;
        }
        state.minting = None;
        if let Ok(issued) = minted {
            self.current.store(Some(issued.clone()));
        }
    }
}

impl State {
    fn start(
        &mut self,
        mint: impl Future<Output = Result<Secret>> + Send + 'static,
        renew_at: Option<Instant>,
    ) -> Shared<Minting> {
        self.newest += 1;
        let number = self.newest;
        let minting: Minting =
            Box::pin(async move { Ok(Arc::new(CachedToken { token: mint.await?, number, renew_at })) });
        let minting = minting.shared();
        self.minting = minting.downgrade();
        minting
    }
}

/// When a token that is minted now should be replaced: at a random moment in the last tenth of its greatest age, so
/// that many clients do not come at once.
fn renew_at(clock: &dyn Clock, max_age: Option<Duration>) -> Option<Instant> {
    max_age.map(|max_age| clock.now() + max_age.mul_f64(1.0 - clock.random() / 10.0))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;
    use crate::{Error, clock::SystemClock};

    /// A future that is ready after so many polls that the callers of a test have all come.
    async fn some_turns() {
        let mut turns = 20;
        std::future::poll_fn(|context| {
            if turns == 0 {
                return std::task::Poll::Ready(());
            }
            turns -= 1;
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
    }

    async fn mint(count: Arc<AtomicUsize>) -> Result<Secret> {
        let number = count.fetch_add(1, Ordering::Relaxed);
        some_turns().await;
        Ok(Secret::from(format!("token {number}")))
    }

    #[tokio::test]
    async fn many_callers_make_one_request() {
        let (cache, count) = (TokenCache::default(), Arc::new(AtomicUsize::new(0)));
        let get = |stale: Option<Arc<CachedToken>>| {
            let (cache, count) = (&cache, count.clone());
            async move {
                let stale = stale.map(|stale| stale.number);
                let issued = cache.get(stale, &SystemClock, None, || mint(count)).await;
                issued.map(|issued| issued.token.clone())
            }
        };
        let first = join_all((0..1000).map(|_| get(None))).await;
        assert!(first.iter().all(|token| token.as_ref().is_ok_and(|token| token.expose() == "token 0")));
        let stale = cache.current();
        let second = join_all((0..1000).map(|_| get(stale.clone()))).await;
        assert!(second.iter().all(|token| token.as_ref().is_ok_and(|token| token.expose() == "token 1")));
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_failure_is_shared_and_does_not_last() {
        let cache = TokenCache::default();
        let count = AtomicUsize::new(0);
        let failing = || {
            count.fetch_add(1, Ordering::Relaxed);
            async {
                some_turns().await;
                Err(Error::argument("secret", "wrong"))
            }
        };
        let failed = join_all((0..10).map(|_| cache.get(None, &SystemClock, None, failing))).await;
        assert!(failed.iter().all(Result::is_err));
        assert_eq!(count.load(Ordering::Relaxed), 1);
        assert!(cache.get(None, &SystemClock, None, || mint(Arc::default())).await.is_ok());
    }

    #[tokio::test]
    async fn one_who_gives_up_does_not_stop_the_others() {
        let (cache, count) = (TokenCache::default(), Arc::new(AtomicUsize::new(0)));
        let mut first = Box::pin(cache.get(None, &SystemClock, None, || mint(count.clone())));
        assert!((&mut first).now_or_never().is_none());
        let mut second = Box::pin(cache.get(None, &SystemClock, None, || mint(count.clone())));
        assert!((&mut second).now_or_never().is_none());
        drop(first);
        assert_eq!(second.await.map(|issued| issued.token.expose().to_owned()).ok().as_deref(), Some("token 0"));
        assert_eq!(count.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn when_all_give_up_the_next_starts_afresh() {
        let (cache, count) = (TokenCache::default(), Arc::new(AtomicUsize::new(0)));
        let mut first = Box::pin(cache.get(None, &SystemClock, None, || mint(count.clone())));
        assert!((&mut first).now_or_never().is_none());
        drop(first);
        assert!(cache.get(None, &SystemClock, None, || mint(count.clone())).await.is_ok());
        assert_eq!(count.load(Ordering::Relaxed), 2);
    }

    #[derive(Debug)]
    struct ManualClock(std::sync::Mutex<Instant>);

    impl ManualClock {
        fn advance(&self, by: Duration) {
            *self.0.lock().expect("no panic") += by;
        }
    }

    impl Clock for ManualClock {
        fn now(&self) -> Instant {
            *self.0.lock().expect("no panic")
        }

        fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
            Box::pin(async {})
        }

        fn random(&self) -> f64 {
            0.5
        }
    }

    #[tokio::test]
    async fn a_token_of_age_is_renewed_early_and_kept_when_that_fails() {
        let (cache, count) = (TokenCache::default(), Arc::new(AtomicUsize::new(0)));
        let clock = ManualClock(std::sync::Mutex::new(Instant::now()));
        let age = Some(Duration::from_secs(100));
        let get = async |fail: bool| {
            let count = count.clone();
            let minting = async move {
                match fail {
                    true => Err(Error::argument("secret", "wrong")),
                    false => mint(count).await,
                }
            };
            cache.get(None, &clock, age, || minting).await.map(|issued| issued.token.expose().to_owned())
        };
        assert_eq!(get(false).await.ok().as_deref(), Some("token 0"));
        clock.advance(Duration::from_secs(94));
        assert_eq!(get(false).await.ok().as_deref(), Some("token 0"), "not of age yet");
        clock.advance(Duration::from_secs(2));
        assert_eq!(get(true).await.ok().as_deref(), Some("token 0"), "a good token outlives a failed renewal");
        assert_eq!(get(false).await.ok().as_deref(), Some("token 0"), "which is not tried again at once");
        clock.advance(EARLY_RENEWAL_PAUSE);
        assert_eq!(get(false).await.ok().as_deref(), Some("token 1"));
    }
}
