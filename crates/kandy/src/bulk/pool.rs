//! [`CallPool`]: keeps calls in flight, and yields their outcomes. Depends on `item` and `pipeline`.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures_util::{
    Stream, StreamExt,
    stream::{FuturesOrdered, FuturesUnordered},
};
use kandy_sys::BoxFuture;

use super::item::{Shared, run_in_turn};
use crate::{
    CallBuilder, RateLimit, Result,
    pipeline::{ItemLimit, Limiter},
};

/// The outcome of one item of a [`Bulk`](crate::Bulk) or a [`CallPool`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BulkOutcome<I, O> {
    /// The position of the item, from 0.
    pub position: usize,
    /// The item, given back so that the caller can retry it.
    pub item: I,
    /// The result of its call.
    pub result: Result<O>,
}

/// Calls in flight, each for an item: the engine of [`Bulk`](crate::Bulk), for items that do not come from an iterator.
///
/// A call waits for the rate limit of the service like the calls of a [`Bulk`](crate::Bulk). Outcomes are yielded as soon as they
/// are known, or [`in_order`](Self::in_order). The pool makes progress only while it is polled; when it is dropped,
/// calls in flight are cancelled.
///
/// ```
/// use kandy::CallPool;
///
/// # async fn example(domain: kandy::Domain, mut lines: tokio::sync::mpsc::Receiver<String>) -> kandy::Result<()> {
/// let mut pool = CallPool::new(8);
/// loop {
///     tokio::select! {
///         Some(line) = lines.recv(), if pool.room() > 0 => {
///             let call = domain.create_user(line.as_str());
///             pool.push(line, call);
///         }
///         Some(outcome) = pool.next(), if !pool.is_empty() => {
///             println!("{}: {:?}", outcome.item, outcome.result.is_ok());
///         }
///         else => break,
///     }
/// }
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until it is polled"]
pub struct CallPool<I, O> {
    calls: InFlight<I, O>,
    pub(super) concurrency: usize,
    /// The number of items that were pushed: the position of the next one.
    pub(super) pushed: usize,
    shared: Arc<Shared>,
    /// The limit of the pool; an error if it cannot be used.
    limit: Option<Result<Arc<Limiter>>>,
    /// The turns that are taken for the next calls.
    turns: usize,
    /// When [`take_turn`](CallPool::take_turn) was called first since it took one.
    asked: Option<Instant>,
}

type CallFuture<I, O> = BoxFuture<'static, BulkOutcome<I, O>>;

enum InFlight<I, O> {
    Unordered(FuturesUnordered<PositionedCall<I, O>>),
    Ordered(FuturesOrdered<PositionedCall<I, O>>),
}

/// A call in flight and the position of its item, by which calls are put in order.
struct PositionedCall<I, O> {
    position: usize,
    call: CallFuture<I, O>,
}

impl<I, O> Future for PositionedCall<I, O> {
    type Output = BulkOutcome<I, O>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.call.as_mut().poll(context)
    }
}

impl<I: Send + 'static, O: Send + 'static> CallPool<I, O> {
    /// Creates a pool for this many calls in flight, at least 1.
    pub fn new(concurrency: usize) -> Self {
        let calls = InFlight::Unordered(FuturesUnordered::new());
        Self {
            calls,
            concurrency: concurrency.max(1),
            pushed: 0,
            shared: Arc::default(),
            limit: None,
            turns: 0,
            asked: None,
        }
    }

    /// Yields the outcomes in the order in which the items were pushed. Outcomes that are held back count as in flight.
    pub fn in_order(mut self) -> Self {
        if let InFlight::Unordered(calls) = self.calls {
            // A set of futures iterates in no particular order.
            let mut calls: Vec<_> = calls.into_iter().collect();
            calls.sort_by_key(|call| call.position);
            self.calls = InFlight::Ordered(calls.into_iter().collect());
        }
        self
    }

    /// Limits the rate at which attempts of the pool begin, in addition to the limit of the client.
    ///
    /// A call waits for its first turn before it begins, so its deadline does not include that wait. Further attempts of
    /// the call take turns, too. With a limit that cannot be used, every call fails with
    /// [`Error::Argument`](crate::Error::Argument), and nothing is sent.
    ///
    /// ```
    /// use kandy::{CallPool, RateLimit};
    ///
    /// let pool: CallPool<String, ()> = CallPool::new(8).rate_limit(RateLimit::per_second(10));
    /// ```
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.limit = Some(Limiter::new(limit).map(Arc::new));
        self
    }

    /// Adds a call for an item. It is added even if there is no [`room`](Self::room).
    pub fn push<C>(&mut self, item: I, call: C)
    where
        C: CallBuilder<Value = O> + Clone + Sync + 'static,
    {
        self.push_with(call, |_| item);
    }

    /// Adds a call whose item `into_item` makes of it, once its result is known. It is added even if there is no
    /// [`room`](Self::room).
    ///
    /// For items that are the call itself, such as those that are sent again: the call is not copied.
    ///
    /// ```
    /// use kandy::CallPool;
    ///
    /// # async fn example(domain: kandy::Domain) {
    /// let mut pool = CallPool::new(8);
    /// pool.push_with(domain.create_user("russ"), |call| call);
    /// while let Some(outcome) = pool.next().await {
    ///     if outcome.result.is_err_and(|error| error.is_retryable() && !error.may_have_been_applied()) {
    ///         pool.push_with(outcome.item, |call| call);
    ///     }
    /// }
    /// # }
    /// ```
    pub fn push_with<C>(&mut self, call: C, into_item: impl FnOnce(C) -> I + Send + 'static)
    where
        C: CallBuilder<Value = O> + Clone + Sync + 'static,
    {
        self.start(call, into_item);
    }

    /// Returns the next outcome; `None` if no call is in flight.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no outcome: calls in flight stay in flight.
    pub async fn next(&mut self) -> Option<BulkOutcome<I, O>> {
        StreamExt::next(self).await
    }
}

impl<I, O> CallPool<I, O> {
    /// Returns how many calls may still be added.
    pub fn room(&self) -> usize {
        self.concurrency.saturating_sub(self.len())
    }

    /// Returns how many calls are in flight, with those whose outcome is held back.
    pub fn len(&self) -> usize {
        match &self.calls {
            InFlight::Unordered(calls) => calls.len(),
            InFlight::Ordered(calls) => calls.len(),
        }
    }

    /// Whether no call is in flight.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the service has refused a call of the pool for its rate. It stays true after the wait.
    pub fn is_rate_limited(&self) -> bool {
        self.shared.is_rate_limited()
    }

    /// Takes the turn of the next call that is pushed, by the [limit](Self::rate_limit) of the pool, so that this call
    /// begins at once. Returns `None` if there was one at `now`, or the time until there is one.
    ///
    /// For programs that record a call before it begins: they take its turn first. Without a limit there is always a
    /// turn.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use kandy::{CallPool, RateLimit};
    ///
    /// let mut pool: CallPool<String, ()> = CallPool::new(8).rate_limit(RateLimit::per_second(10));
    /// let now = Instant::now();
    /// assert_eq!(pool.take_turn(now), None);
    /// assert_eq!(pool.take_turn(now), Some(Duration::from_millis(100)));
    /// ```
    pub fn take_turn(&mut self, now: Instant) -> Option<Duration> {
        if let Some(Ok(limiter)) = &self.limit {
            // A caller that comes back late has waited since its first attempt: its turn is not lost.
            let arrival = *self.asked.get_or_insert(now);
            if let Some(wait) = limiter.try_turn(arrival, now) {
                return Some(wait);
            }
            self.asked = None;
            self.turns += 1;
        }
        None
    }

    /// Takes the turns of the next calls that are pushed, up to `most`, and returns how many there are at `now`: with those that
    /// were [taken](Self::take_turn) before and not used. The time until the next turn is beside it, if there are fewer than
    /// `most`.
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use kandy::{CallPool, RateLimit};
    ///
    /// let mut pool: CallPool<String, ()> = CallPool::new(8).rate_limit(RateLimit::per_second(10).burst(2));
    /// let now = Instant::now();
    /// let (turns, wait) = pool.take_turns(3, now);
    /// assert_eq!((turns, wait), (2, Some(Duration::from_millis(100))));
    /// assert_eq!(pool.take_turns(2, now), (2, None), "they are still there");
    /// ```
    pub fn take_turns(&mut self, most: usize, now: Instant) -> (usize, Option<Duration>) {
        while self.limit.as_ref().is_some_and(Result::is_ok) && self.turns < most {
            if let Some(wait) = self.take_turn(now) {
                return (self.turns, Some(wait));
            }
        }
        (most, None)
    }

    /// Ends all waits for rate limits, of the service and of the pool. Calls that wait yield the error of their last
    /// attempt, or one that none was sent, for which [`is_rate_limited`](crate::Error::is_rate_limited) is true and
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied) is false. Requests in flight are not cancelled.
    pub fn stop_waiting(&self) {
        self.shared.stop_waiting();
    }

    /// Adds a call; `into_item` takes its item out of it afterwards.
    pub(super) fn start<C: CallBuilder<Value = O> + Sync + 'static>(
        &mut self,
        mut call: C,
        into_item: impl FnOnce(C) -> I + Send + 'static,
    ) where
        I: Send + 'static,
        O: Send + 'static,
    {
        let (position, shared) = (self.pushed, self.shared.clone());
        let limit = match &self.limit {
            None => Ok(None),
            Some(Ok(limiter)) => {
                let has_turn = self.turns > 0;
                self.turns -= usize::from(has_turn);
                Ok(Some(Arc::new(ItemLimit::new(limiter.clone(), has_turn))))
            }
            Some(Err(error)) => Err(error.clone()),
        };
        let is_limited = matches!(limit, Ok(Some(_)));
        if let Ok(Some(limit)) = &limit {
            call.call_mut().options().item_limit = Some(limit.clone());
        }
        let call: CallFuture<I, O> = Box::pin(async move {
            // The call is borrowed, so that it can be sent again, and its item taken out of it afterwards.
            let result = match limit {
                Ok(limit) => run_in_turn(&call, limit.as_deref(), &shared).await,
                Err(error) => Err(error),
            };
            if is_limited {
                // What is sent again outside of the pool takes none of its turns.
                call.call_mut().options().item_limit = None;
            }
            BulkOutcome { position, item: into_item(call), result }
        });
        let call = PositionedCall { position, call };
        self.pushed += 1;
        match &mut self.calls {
            InFlight::Unordered(calls) => calls.push(call),
            InFlight::Ordered(calls) => calls.push_back(call),
        }
    }
}

impl<I, O> Stream for CallPool<I, O> {
    type Item = BulkOutcome<I, O>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.calls {
            InFlight::Unordered(calls) => calls.poll_next_unpin(context),
            InFlight::Ordered(calls) => calls.poll_next_unpin(context),
        }
    }
}

impl<I, O> fmt::Debug for CallPool<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallPool")
            .field("concurrency", &self.concurrency)
            .field("pushed", &self.pushed)
            .field("in_flight", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kandy, NewUser, Sms};

    fn size_of_a_call<I, O>(pool: &CallPool<I, O>) -> usize {
        match &pool.calls {
            InFlight::Unordered(calls) => calls.iter().map(|call| size_of_val(&*call.call)).max().unwrap_or_default(),
            InFlight::Ordered(_) => 0,
        }
    }

    /// For the reason of the same test of a single call.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn the_futures_of_a_pool_are_small() {
        let kandy = Kandy::builder().base_url("http://127.0.0.1/v1.2").build().expect("a client");
        let mut users = kandy.domain("DAK-key", "DAS-secret").create_users([NewUser::new("russ")]);
        let phone = kandy.user_with_token("UAT").device("A149");
        let mut messages = phone.send_many_sms([Sms::new("+12245556666", "Hello")]);
        users.fill();
        messages.fill();
        let mut pushed = CallPool::new(1);
        let call = kandy.domain("DAK-key", "DAS-secret").create_user("russ");
        let attempt = size_of_val(&*call.send_borrowed());
        pushed.push_with(call, |call| call);
        let sizes = [size_of_a_call(&users.pool), size_of_a_call(&messages.pool), size_of_a_call(&pushed), attempt];
        for size in sizes {
            assert!((1..=1024).contains(&size), "{size} bytes");
        }
    }
}
