//! One request for all waiters, early renewal, and what becomes of a refused token.

use std::sync::{
    LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;

use super::*;
use crate::{Error, clock::SystemClock};

/// For the tests that look at no counts.
static GAUGE: LazyLock<Arc<Gauge>> = LazyLock::new(Arc::default);

/// Stays pending for 20 polls, so that all callers of a test have started to wait.
async fn pending_for_20_polls() {
    let mut polls = 20;
    std::future::poll_fn(|context| {
        if polls == 0 {
            return std::task::Poll::Ready(());
        }
        polls -= 1;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

async fn mint(count: Arc<AtomicUsize>) -> Result<Secret> {
    let number = count.fetch_add(1, Ordering::Relaxed);
    pending_for_20_polls().await;
    Ok(Secret::from(format!("token {number}")))
}

#[tokio::test]
async fn many_waiters_share_one_request() {
    let (cache, count) = (TokenCache::default(), Arc::new(AtomicUsize::new(0)));
    let get = |stale: Option<Arc<CachedToken>>| {
        let (cache, count) = (&cache, count.clone());
        async move {
            let stale = stale.map(|stale| stale.number);
            let cached = cache.get(stale, &SystemClock, None, &GAUGE, || mint(count)).await;
            cached.map(|cached| cached.token.clone())
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
            pending_for_20_polls().await;
            Err(Error::argument("secret", "wrong"))
        }
    };
    let failed = join_all((0..10).map(|_| cache.get(None, &SystemClock, None, &GAUGE, failing))).await;
    assert!(failed.iter().all(Result::is_err));
    assert_eq!(count.load(Ordering::Relaxed), 1);
    assert!(cache.get(None, &SystemClock, None, &GAUGE, || mint(Arc::default())).await.is_ok());
}

#[tokio::test]
async fn dropping_one_waiter_does_not_cancel_the_others() {
    let (cache, count) = (TokenCache::default(), Arc::new(AtomicUsize::new(0)));
    let mut first = Box::pin(cache.get(None, &SystemClock, None, &GAUGE, || mint(count.clone())));
    assert!((&mut first).now_or_never().is_none());
    let mut second = Box::pin(cache.get(None, &SystemClock, None, &GAUGE, || mint(count.clone())));
    assert!((&mut second).now_or_never().is_none());
    drop(first);
    assert_eq!(second.await.map(|cached| cached.token.expose().to_owned()).ok().as_deref(), Some("token 0"));
    assert_eq!(count.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn when_all_waiters_are_dropped_the_next_call_mints_again() {
    let (cache, count) = (TokenCache::default(), Arc::new(AtomicUsize::new(0)));
    let mut first = Box::pin(cache.get(None, &SystemClock, None, &GAUGE, || mint(count.clone())));
    assert!((&mut first).now_or_never().is_none());
    drop(first);
    assert!(cache.get(None, &SystemClock, None, &GAUGE, || mint(count.clone())).await.is_ok());
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
async fn an_old_token_is_refreshed_early_and_kept_when_that_fails() {
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
        cache.get(None, &clock, age, &GAUGE, || minting).await.map(|cached| cached.token.expose().to_owned())
    };
    assert_eq!(get(false).await.ok().as_deref(), Some("token 0"));
    clock.advance(Duration::from_secs(94));
    assert_eq!(get(false).await.ok().as_deref(), Some("token 0"), "not old enough yet");
    clock.advance(Duration::from_secs(2));
    assert_eq!(get(true).await.ok().as_deref(), Some("token 0"), "a good token outlives a failed renewal");
    assert_eq!(get(false).await.ok().as_deref(), Some("token 0"), "which is not tried again at once");
    clock.advance(EARLY_RENEWAL_PAUSE);
    assert_eq!(get(false).await.ok().as_deref(), Some("token 1"));
}

/// Mints in one poll.
async fn mint_at_once(text: String) -> Result<Secret> {
    Ok(Secret::from(text))
}

#[tokio::test]
async fn each_token_has_a_number_of_its_own() {
    let cache = TokenCache::with("given".into(), &GAUGE);
    let shown = |cached: &CachedToken| (cached.token.expose().to_owned(), cached.number());
    assert_eq!(cache.with_fresh(Instant::now(), shown), Some(("given".to_owned(), 0)));
    for number in 1..4 {
        let text = format!("token {number}");
        let minted = cache
            .get(Some(number - 1), &SystemClock, None, &GAUGE, || mint_at_once(text.clone()))
            .await
            .expect("a token");
        assert_eq!(shown(&minted), (text, number));
        // Any other number is not stale, so the token stays.
        for other in [None, Some(number - 1), Some(number + 1)] {
            let kept = cache
                .get(other, &SystemClock, None, &GAUGE, || mint_at_once("another".to_owned()))
                .await
                .expect("a token");
            assert_eq!(kept.number(), number, "{other:?}");
        }
    }
}

#[tokio::test]
async fn only_the_token_with_the_number_is_forgotten() {
    let cache = TokenCache::with("given".into(), &GAUGE);
    cache.forget(1);
    assert_eq!(cache.current().map(|cached| cached.token.expose().to_owned()).as_deref(), Some("given"));
    cache.forget(0);
    assert!(cache.current().is_none());
    assert_eq!(cache.with_fresh(Instant::now(), CachedToken::number), None);
}

#[tokio::test]
async fn a_refused_token_is_forgotten_when_no_other_is_minted() {
    let failing = || async { Err(Error::argument("secret", "wrong")) };
    for (stale, is_kept) in [(None, true), (Some(0), false), (Some(1), true)] {
        let cache = TokenCache::with("given".into(), &GAUGE);
        let got = cache.get(stale, &SystemClock, None, &GAUGE, failing).await;
        assert_eq!((got.is_ok(), cache.current().is_some()), (is_kept, is_kept), "{stale:?}");
    }
}

#[test]
fn a_token_that_was_published_meanwhile_is_used_instead_of_a_new_one() {
    // The numbers of a refused token and of one that is due for renewal, as the call read them before it took the lock.
    for (refused, due, is_used) in [
        (None, None, true),
        (Some(1), None, true),
        (None, Some(1), true),
        (Some(1), Some(2), true),
        (Some(0), None, false),
        (None, Some(0), false),
    ] {
        let cache = TokenCache::with("published".into(), &GAUGE);
        let start = |state: &mut State| state.start(mint_at_once("new".to_owned()), None);
        match cache.join([refused, due], start) {
            Err(published) => assert!(is_used && published.token.expose() == "published", "{refused:?} {due:?}"),
            Ok(minting) => {
                assert!(!is_used, "{refused:?} {due:?}");
                let joined = cache.join([refused, due], start).ok().expect("the same request");
                assert!(joined.ptr_eq(&minting), "{refused:?} {due:?}");
            }
        }
    }
}

#[test]
fn one_call_is_due_for_an_early_renewal() {
    let clock = ManualClock(std::sync::Mutex::new(Instant::now()));
    let token = |number, seconds: Option<u64>| CachedToken {
        token: "old".into(),
        number,
        renew_at: seconds.map(|seconds| clock.now() + Duration::from_secs(seconds)),
    };
    let cache =
        |token: &CachedToken| TokenCache { current: ArcSwapOption::from_pointee(token.clone()), ..Default::default() };
    let old = token(1, Some(10));
    let shared = cache(&old);
    assert!(!shared.is_due(&old, &clock) && shared.with_fresh(clock.now(), CachedToken::number) == Some(1));
    clock.advance(Duration::from_secs(10));
    assert_eq!(shared.with_fresh(clock.now(), CachedToken::number), None, "it is due");
    assert!(shared.is_due(&old, &clock));
    assert!(!shared.is_due(&old, &clock), "another call renews it");
    assert_eq!(shared.with_fresh(clock.now(), CachedToken::number), Some(1), "which the others do not wait for");
    // A token that was replaced, or postponed, in the meantime, and one that is never renewed.
    for current in [token(2, Some(0)), token(1, Some(1))] {
        assert!(!cache(&current).is_due(&old, &clock));
    }
    let forever = token(3, None);
    assert!(!cache(&forever).is_due(&forever, &clock));
}

#[tokio::test]
async fn a_token_is_counted_from_its_publication_until_it_is_forgotten_or_dropped() {
    let (gauge, count) = (Arc::<Gauge>::default(), Arc::new(AtomicUsize::new(0)));
    let cache = TokenCache::default();
    let get = async |stale| {
        let minted = cache.get(stale, &SystemClock, None, &gauge, || mint(count.clone())).await;
        minted.expect("a token").number()
    };
    assert_eq!(gauge.value(), 0);
    let first = get(None).await;
    assert_eq!((get(None).await, gauge.value()), (first, 1), "the cached one");
    let second = get(Some(first)).await;
    assert_eq!(gauge.value(), 1, "a renewed token replaces the first");
    cache.forget(first);
    assert_eq!(gauge.value(), 1, "the token that was replaced is not held");
    cache.forget(second);
    assert_eq!(gauge.value(), 0);
    get(None).await;
    assert_eq!(gauge.value(), 1);
    let given = TokenCache::with("given".into(), &gauge);
    assert_eq!(gauge.value(), 2);
    given.forget(0);
    assert_eq!(gauge.value(), 1);
    drop(cache);
    assert_eq!(gauge.value(), 0);
}

/// A clock that always draws the same number.
#[derive(Debug)]
struct Drawing(Instant, f64);

impl Clock for Drawing {
    fn now(&self) -> Instant {
        self.0
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }

    fn random(&self) -> f64 {
        self.1
    }
}

#[tokio::test]
async fn a_token_is_renewed_in_the_last_tenth_of_its_age() {
    let begin = Instant::now();
    for (drawn, age, seconds) in [
        (0.0, Some(100), Some(100)),
        (0.5, Some(100), Some(95)),
        (1.0, Some(100), Some(90)),
        (1.0, Some(3600), Some(3240)),
        (0.5, None, None),
    ] {
        let cache = TokenCache::default();
        let age = age.map(Duration::from_secs);
        let minting = || mint_at_once("new".to_owned());
        cache.get(None, &Drawing(begin, drawn), age, &GAUGE, minting).await.expect("a token");
        // A millisecond for the rounding of the fraction.
        let is_fresh = |seconds: u64, millisecond: Duration| {
            cache.with_fresh(begin + Duration::from_secs(seconds) + millisecond, |_| ()).is_some()
        };
        let millisecond = Duration::from_millis(1);
        match seconds {
            Some(seconds) => {
                assert!(is_fresh(seconds - 1, Duration::from_secs(1) - millisecond), "{drawn} {age:?}");
                assert!(!is_fresh(seconds, millisecond), "{drawn} {age:?}");
            }
            None => assert!(is_fresh(1_000_000, millisecond)),
        }
    }
}
