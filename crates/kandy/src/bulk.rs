//! [`Bulk`]: many calls of one kind, and [`CallPool`], the engine that keeps some of them in flight. Depends on
//! `pipeline` only; handles and the command line use it.

use std::{
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use futures_util::{
    Stream, StreamExt,
    future::{Either, select},
    stream::{FuturesOrdered, FuturesUnordered},
};
use kandy_sys::BoxFuture;
use tokio::sync::Notify;

use crate::{
    CallBuilder, Result,
    pipeline::{CallSpec, run, sealed::Sealed},
};

/// Many calls of one kind, several at a time: a stream with an outcome for each item.
///
/// [`Domain::create_users`](crate::Domain::create_users) and [`Device::send_many_sms`](crate::Device::send_many_sms)
/// return it. It makes progress only while it is polled, and it takes the next item from the iterator only when fewer
/// than [`concurrency`](Self::concurrency) calls are in flight: a slow consumer slows it down, and at most
/// [`concurrency`](Self::concurrency) items are in memory, however long the iterator is. When it is dropped, calls in
/// flight are cancelled, and no others begin. For items that do not come from an iterator there is [`CallPool`].
///
/// The retry [policy](crate::RetryPolicy) of the client applies to each call as usual. While the service limits the
/// rate of requests (HTTP 429), all calls wait for their turns; none of the refused requests was applied. When the
/// deadline of a call passes during the wait, a new call is sent for its item. An item ends with an error that
/// [`is_rate_limited`](crate::Error::is_rate_limited) only if the service accepted no call of the bulk for a whole
/// deadline, or if the policy is [`never`](crate::RetryPolicy::never) or limits the wait itself.
///
/// [`next`](Self::next) needs no import; with the combinators of the crate `futures-util` it works as a [`Stream`].
///
/// ```
/// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
/// let mut outcomes = domain.create_users(["russ", "anna", "bert"]).concurrency(2).in_order();
/// let mut again = Vec::new();
/// while let Some(outcome) = outcomes.next().await {
///     match outcome.result {
///         Ok(user) => println!("{}: {:?}", outcome.item.user_id(), user.full_user_id),
///         Err(error) if error.is_retryable() && !error.may_have_been_applied() => again.push(outcome.item),
///         Err(error) => eprintln!("{}: {error}", outcome.item.user_id()),
///     }
/// }
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent until it is polled"]
pub struct Bulk<I, O> {
    /// `None` after its end, since an iterator need not be fused.
    items: Option<Box<dyn Iterator<Item = I> + Send>>,
    start: Start<I, O>,
    pool: CallPool<I, O>,
}

/// Adds the call of an item to the pool.
type Start<I, O> = Box<dyn FnMut(&mut CallPool<I, O>, I) + Send>;

/// The outcome of one item of a [`Bulk`] or a [`CallPool`].
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

/// The default number of calls in flight.
const CONCURRENCY: usize = 8;

impl<I: Send + 'static, O: Send + 'static> Bulk<I, O> {
    /// Builds the call of each item with `request`. `into_item` takes the item out of a finished call.
    pub(crate) fn new<R: CallSpec<Output = O> + Sealed + 'static>(
        items: impl Iterator<Item = I> + Send + 'static,
        mut request: impl FnMut(I) -> R + Send + 'static,
        into_item: fn(R) -> I,
    ) -> Self {
        let start = move |pool: &mut CallPool<I, O>, item| {
            let (call, shared) = (request(item), pool.shared.clone());
            pool.start(move |position| {
                Box::pin(async move {
                    // The call is borrowed, so that it can be sent again, and its item taken out of it afterwards.
                    let result = run_in_turn(&call, |call| Box::pin(run(call)), &shared).await;
                    BulkOutcome { position, item: into_item(call), result }
                })
            });
        };
        Self { items: Some(Box::new(items)), start: Box::new(start), pool: CallPool::new(CONCURRENCY) }
    }

    /// Sets the number of calls in flight, at least 1; 8 by default.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.pool.concurrency = calls.max(1);
        self
    }

    /// Yields the outcomes in the order of the items, instead of each as soon as it is known. A slow call then holds
    /// back the outcomes after it; they count as in flight, so no further items are begun.
    pub fn in_order(mut self) -> Self {
        self.pool = self.pool.in_order();
        self
    }

    /// Returns the next outcome; `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no outcome: calls in flight stay in flight.
    pub async fn next(&mut self) -> Option<BulkOutcome<I, O>> {
        StreamExt::next(self).await
    }
}

impl<I, O> Bulk<I, O> {
    /// Takes items and adds their calls to the pool while there is room.
    pub(crate) fn fill(&mut self) {
        while self.pool.room() > 0
            && let Some(items) = &mut self.items
        {
            match items.next() {
                Some(item) => (self.start)(&mut self.pool, item),
                None => self.items = None,
            }
        }
    }

    /// Takes the next item without a call, and returns this error as its outcome; `None` after the last item.
    #[cfg(feature = "blocking")]
    pub(crate) fn refuse_next(&mut self, error: crate::Error) -> Option<BulkOutcome<I, O>> {
        let item = self.items.as_mut()?.next()?;
        self.pool.pushed += 1;
        Some(BulkOutcome { position: self.pool.pushed - 1, item, result: Err(error) })
    }
}

impl<I, O> Stream for Bulk<I, O> {
    type Item = BulkOutcome<I, O>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.fill();
        // An empty pool ends the stream. It is empty only when the iterator has ended, because the loop fills it.
        self.pool.poll_next_unpin(context)
    }
}

impl<I, O> fmt::Debug for Bulk<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulk").field("pool", &self.pool).field("has_items", &self.items.is_some()).finish()
    }
}

/// Calls in flight, each for an item: the engine of [`Bulk`], for items that do not come from an iterator.
///
/// A call waits for the rate limit of the service like the calls of a [`Bulk`]. Outcomes are yielded as soon as they
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
    concurrency: usize,
    /// The number of items that were pushed: the position of the next one.
    pushed: usize,
    shared: Arc<Shared>,
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

/// State that the calls of a pool share: whether the service accepts any of them, and whether waits should end.
#[derive(Default)]
struct Shared {
    /// The time of the last outcome other than a rate limit refusal. `None` before the first.
    last_accepted: Mutex<Option<Instant>>,
    /// Set by [`CallPool::stop_waiting`].
    is_stopping: AtomicBool,
    stop: Notify,
    is_rate_limited: AtomicBool,
}

impl Shared {
    fn last_accepted(&self) -> MutexGuard<'_, Option<Instant>> {
        self.last_accepted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<I: Send + 'static, O: Send + 'static> CallPool<I, O> {
    /// Creates a pool for this many calls in flight, at least 1.
    pub fn new(concurrency: usize) -> Self {
        let calls = InFlight::Unordered(FuturesUnordered::new());
        Self { calls, concurrency: concurrency.max(1), pushed: 0, shared: Arc::default() }
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

    /// Adds a call for an item. It is added even if there is no [`room`](Self::room).
    pub fn push<C>(&mut self, item: I, call: C)
    where
        C: CallBuilder<Value = O> + Clone + Sync + 'static,
    {
        let shared = self.shared.clone();
        self.start(move |position| {
            Box::pin(async move {
                // Awaiting a builder consumes it, so each attempt sends a clone.
                let result = run_in_turn(&call, |call| call.clone().into_future(), &shared).await;
                BulkOutcome { position, item, result }
            })
        });
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
        self.shared.is_rate_limited.load(Ordering::Relaxed)
    }

    /// Ends all waits for the rate limit of the service. Calls that wait yield the error of their last attempt, for
    /// which [`is_rate_limited`](crate::Error::is_rate_limited) is true and
    /// [`may_have_been_applied`](crate::Error::may_have_been_applied) is false. Requests in flight are not cancelled.
    pub fn stop_waiting(&self) {
        self.shared.is_stopping.store(true, Ordering::Relaxed);
        self.shared.stop.notify_waiters();
    }

    fn start(&mut self, call: impl FnOnce(usize) -> CallFuture<I, O>) {
        let call = PositionedCall { position: self.pushed, call: call(self.pushed) };
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

/// The wait before a new call of an item, where the service sends no `Retry-After`.
const PAUSE: Duration = Duration::from_secs(1);

/// Sends a call, and sends it again while the service refuses it for the rate of requests but accepts other calls of
/// the same pool.
async fn run_in_turn<C: Sealed, O>(
    call: &C,
    send: impl for<'a> Fn(&'a C) -> BoxFuture<'a, Result<O>>,
    shared: &Shared,
) -> Result<O> {
    let clock = call.clock();
    let begun = clock.now();
    let mut waited = Duration::ZERO;
    loop {
        let result = send(call).await;
        let pause = match &result {
            Err(error) if error.is_rate_limited() && !error.may_have_been_applied() => {
                // At least a second, so that `Retry-After: 0` does not spin; at most a deadline, so that one header
                // does not stop the item for longer than the service may refuse it.
                error.retry_after().unwrap_or(PAUSE).clamp(PAUSE, call.total_deadline().max(PAUSE))
            }
            // Any other outcome counts as accepted, even a failure: it was not the rate that stopped this call.
            _ => {
                *shared.last_accepted() = Some(clock.now());
                return result;
            }
        };
        // Relaxed: the flag orders no other memory.
        shared.is_rate_limited.store(true, Ordering::Relaxed);
        // Measured from the start of this call or from the last call that was accepted, whichever is later: while the
        // service accepts others, this call keeps waiting for its turn.
        let since = shared.last_accepted().map_or(begun, |last| last.max(begun));
        let refused_for = clock.now().saturating_duration_since(since);
        // A manual clock may not advance while it sleeps. Without this check the loop would never end.
        let is_stuck = waited > Duration::ZERO && clock.now() == begun;
        if refused_for >= call.total_deadline() || is_stuck || !call.waits_for_rate_limit() {
            return result;
        }
        // `notify_waiters` wakes only futures that exist already, so the future is created before the flag is read. A
        // stop between the two lines then still ends the wait.
        let stop = std::pin::pin!(shared.stop.notified());
        if shared.is_stopping.load(Ordering::Relaxed) {
            return result;
        }
        if let Either::Left(_) = select(stop, clock.sleep(pause)).await {
            return result;
        }
        waited += pause;
    }
}
