//! [`run_in_turn`]: the call of one item, which is sent again while the service limits the rate of requests. Depends on
//! `pipeline` only.

use std::{
    pin::pin,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::{Either, select};
use tokio::sync::Notify;

use crate::{
    CallBuilder, Error, Result,
    pipeline::{ItemLimit, limit_error},
};

/// State that the calls of a pool share: whether the service accepts any of them, and whether waits should end.
#[derive(Default)]
pub(super) struct Shared {
    /// The time of the last outcome other than a rate limit refusal. `None` before the first.
    last_accepted: Mutex<Option<Instant>>,
    /// Set by [`CallPool::stop_waiting`].
    is_stopping: AtomicBool,
    stop: Notify,
    is_rate_limited: AtomicBool,
}

impl Shared {
    /// Whether the service has refused a call for its rate.
    pub(super) fn is_rate_limited(&self) -> bool {
        self.is_rate_limited.load(Ordering::Relaxed)
    }

    /// Ends all waits, now and later.
    pub(super) fn stop_waiting(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        self.stop.notify_waiters();
    }

    /// Waits for `wait`, unless the waits end before. Returns whether it is over.
    async fn wait<T>(&self, wait: impl Future<Output = T>) -> bool {
        // `notify_waiters` wakes only futures that exist already, so the future is created before the flag is read. A
        // stop between the two lines then still ends the wait.
        let stop = pin!(self.stop.notified());
        if self.is_stopping.load(Ordering::Relaxed) {
            return false;
        }
        matches!(select(stop, pin!(wait)).await, Either::Right(_))
    }

    fn last_accepted(&self) -> MutexGuard<'_, Option<Instant>> {
        self.last_accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The wait before a new call of an item, where the service sends no `Retry-After`.
const PAUSE: Duration = Duration::from_secs(1);

/// Sends a call at its turn, and sends it again while the service refuses it for the rate of requests but accepts other calls of
/// the same pool.
pub(super) async fn run_in_turn<C: CallBuilder>(
    builder: &C,
    limit: Option<&ItemLimit>,
    shared: &Shared,
) -> Result<C::Value> {
    let call = builder.call();
    let clock = call.clock();
    // The first turn of a bulk call's own limit; it is no part of the call, whose deadline begins afterwards.
    if let Some(limit) = limit
        // Boxed, because few pools have a limit: the future of every item would have room for the wait.
        && !shared.wait(Box::pin(limit.wait(clock))).await
    {
        return Err(limit_error(None, "the bulk call", limit.limiter.limit()));
    }
    let begun = clock.now();
    let mut waited = Duration::ZERO;
    loop {
        // Only the error lives on across the wait: a result would make the future of every item larger.
        let error = match builder.send_borrowed().await {
            Err(error) if error.is_rate_limited() && !error.may_have_been_applied() => error,
            // Any other outcome counts as accepted, even a failure: it was not the rate that stopped this call.
            result => {
                *shared.last_accepted() = Some(clock.now());
                return result;
            }
        };
        // At least a second, so that `Retry-After: 0` does not spin; at most a deadline, so that one header does not stop
        // the item for longer than the service may refuse it.
        let pause = error.retry_after().unwrap_or(PAUSE).clamp(PAUSE, call.deadline().max(PAUSE));
        if !is_own_limit(&error) {
            // Relaxed: the flag orders no other memory.
            shared.is_rate_limited.store(true, Ordering::Relaxed);
        }
        // Measured from the start of this call or from the last call that was accepted, whichever is later: while the
        // service accepts others, this call keeps waiting for its turn.
        let since = shared.last_accepted().map_or(begun, |last| last.max(begun));
        let refused_for = clock.now().saturating_duration_since(since);
        // A manual clock may not advance while it sleeps. Without this check the loop would never end.
        let is_stuck = waited > Duration::ZERO && clock.now() == begun;
        if refused_for >= call.deadline() || is_stuck || !call.waits_for_rate_limit() {
            return Err(error);
        }
        if !shared.wait(clock.sleep(pause)).await {
            return Err(error);
        }
        waited += pause;
    }
}

/// Whether a call waited for a limit of the caller in vain, not for one of the service.
fn is_own_limit(error: &Error) -> bool {
    matches!(error, Error::Transport(error) if error.rate_limit().is_some())
}
