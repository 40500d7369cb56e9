//! [`CallPool`]: calls in flight, for items that do not come from an iterator. Depends on `polled`, `call` and the
//! generated [`Kandy`].

use std::{
    fmt,
    time::{Duration, Instant},
};

use super::{
    call::{CallBuilder, sealed::Wrapper},
    generated::Kandy,
    polled::Polled,
};
use crate::{BulkOutcome, RateLimit};

/// Calls in flight, each for an item, for items that do not come from an iterator: the blocking form of
/// [`kandy::CallPool`](crate::CallPool).
///
/// It makes progress only while [`next`](Iterator::next) waits. When it is dropped, calls in flight are cancelled.
///
/// ```no_run
/// use kandy::blocking::CallPool;
///
/// # fn example(kandy: kandy::blocking::Kandy, domain: kandy::blocking::Domain, lines: std::sync::mpsc::Receiver<String>) {
/// let mut pool = CallPool::new(&kandy, 8);
/// for line in lines {
///     if pool.room() == 0 && let Some(outcome) = pool.next() {
///         println!("{}: {:?}", outcome.item, outcome.result.is_ok());
///     }
///     let call = domain.create_user(line.as_str());
///     pool.push(line, call);
/// }
/// for outcome in pool {
///     println!("{}: {:?}", outcome.item, outcome.result.is_ok());
/// }
/// # }
/// ```
#[must_use = "nothing is sent until the first outcome is taken"]
pub struct CallPool<I: Send + 'static, O: Send + 'static> {
    pool: Polled<crate::CallPool<I, O>>,
}

impl<I: Send + 'static, O: Send + 'static> CallPool<I, O> {
    /// Creates a pool for this many calls in flight, at least 1, which run on the thread of a client.
    pub fn new(kandy: &Kandy, concurrency: usize) -> Self {
        Self { pool: Polled::new(crate::CallPool::new(concurrency), kandy.runtime().clone()) }
    }

    /// Yields the outcomes in the order in which the items were pushed. Outcomes that are held back count as in flight.
    pub fn in_order(self) -> Self {
        Self { pool: self.pool.map(crate::CallPool::in_order) }
    }

    /// Limits the rate at which attempts of the pool begin: see [`kandy::CallPool::rate_limit`](crate::CallPool::rate_limit).
    pub fn rate_limit(self, limit: RateLimit) -> Self {
        Self { pool: self.pool.map(|pool| pool.rate_limit(limit)) }
    }

    /// Takes the turn of the next call that is pushed: see [`kandy::CallPool::take_turn`](crate::CallPool::take_turn).
    pub fn take_turn(&mut self, now: Instant) -> Option<Duration> {
        self.pool.stream_mut().and_then(|pool| pool.take_turn(now))
    }

    /// Takes the turns of the next calls that are pushed: see
    /// [`kandy::CallPool::take_turns`](crate::CallPool::take_turns).
    pub fn take_turns(&mut self, most: usize, now: Instant) -> (usize, Option<Duration>) {
        self.pool.stream_mut().map_or((0, None), |pool| pool.take_turns(most, now))
    }

    /// Adds a call for an item. It is added even if there is no [`room`](Self::room).
    pub fn push<C>(&mut self, item: I, call: C)
    where
        C: CallBuilder<Value = O> + Wrapper<Inner: crate::CallBuilder<Value = O> + Clone + Sync>,
    {
        if let Some(pool) = self.pool.stream_mut() {
            pool.push(item, call.into_parts().0);
        }
    }

    /// Adds a call whose item `into_item` makes of it: see [`kandy::CallPool::push_with`](crate::CallPool::push_with).
    pub fn push_with<C>(&mut self, call: C, into_item: impl FnOnce(C) -> I + Send + 'static)
    where
        C: CallBuilder<Value = O> + Wrapper<Inner: crate::CallBuilder<Value = O> + Clone + Sync>,
    {
        if let Some(pool) = self.pool.stream_mut() {
            let (call, runtime) = call.into_parts();
            pool.push_with(call, |call| into_item(C::from_parts(call, runtime)));
        }
    }

    /// Returns how many calls may still be added.
    pub fn room(&self) -> usize {
        self.pool.stream().map_or(0, crate::CallPool::room)
    }

    /// Returns how many calls are in flight, with those whose outcome is held back.
    pub fn len(&self) -> usize {
        self.pool.stream().map_or(0, crate::CallPool::len)
    }

    /// Whether no call is in flight.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the service has refused a call of the pool for its rate. It stays true after the wait.
    pub fn is_rate_limited(&self) -> bool {
        self.pool.stream().is_some_and(crate::CallPool::is_rate_limited)
    }

    /// Ends all waits for the rate limit of the service: see
    /// [`kandy::CallPool::stop_waiting`](crate::CallPool::stop_waiting).
    pub fn stop_waiting(&self) {
        if let Some(pool) = self.pool.stream() {
            pool.stop_waiting();
        }
    }
}

impl<I: Send + 'static, O: Send + 'static> Iterator for CallPool<I, O> {
    type Item = BulkOutcome<I, O>;

    /// Waits for the next outcome; `None` if no call is in flight.
    fn next(&mut self) -> Option<BulkOutcome<I, O>> {
        self.pool.with(|pool| Box::pin(pool.next()))?.ok()?
    }
}

impl<I: Send + 'static, O: Send + 'static> fmt::Debug for CallPool<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallPool").field("pool", &self.pool.stream()).finish()
    }
}
