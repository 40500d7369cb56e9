//! [`Bulk`]: many calls of one kind, and [`CallPool`], the engine that keeps some of them in flight. Depends on
//! `pipeline` only; handles and the command line use it.

mod item;
mod pool;

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{Stream, StreamExt};
pub use pool::{BulkOutcome, CallPool};

use crate::{CallBuilder, RateLimit, RetryPolicy};

/// Many calls of one kind, several at a time: a stream with an outcome for each item.
///
/// [`Domain::create_users`](crate::Domain::create_users) and [`Device::send_many_sms`](crate::Device::send_many_sms)
/// return it; [`create_users_from`](crate::Domain::create_users_from) and
/// [`send_many_sms_from`](crate::Device::send_many_sms_from) take the items from a stream. It makes progress only while it is polled, and it takes the next item from the iterator or stream only when
/// fewer than [`concurrency`](Self::concurrency) calls are in flight: a slow consumer slows it down, and at most
/// [`concurrency`](Self::concurrency) items are in memory, however many there are. When it is dropped, calls in flight
/// are cancelled, and no others begin. For calls of several kinds there is [`CallPool`].
///
/// The retry [policy](crate::RetryPolicy) of the client, or that of [`retry`](Self::retry), applies to each call as usual. While the service limits the
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
    /// `None` after its end, since neither need be fused.
    items: Option<Items<I>>,
    start: Start<I, O>,
    overrides: Overrides,
    pool: CallPool<I, O>,
}

/// Where the items come from.
enum Items<I> {
    Iterator(Box<dyn Iterator<Item = I> + Send>),
    Stream(Pin<Box<dyn Stream<Item = I> + Send>>),
}

/// Adds the call of an item to the pool.
type Start<I, O> = Box<dyn FnMut(&mut CallPool<I, O>, &Overrides, I) + Send>;

/// The settings of the client that the calls override.
#[derive(Clone, Debug, Default)]
struct Overrides {
    timeout: Option<Duration>,
    deadline: Option<Duration>,
    retry: Option<RetryPolicy>,
}

impl Overrides {
    /// Returns a call with these settings.
    fn apply<C: CallBuilder>(&self, mut call: C) -> C {
        if let Some(timeout) = self.timeout {
            call = call.timeout(timeout);
        }
        if let Some(deadline) = self.deadline {
            call = call.deadline(deadline);
        }
        if let Some(policy) = &self.retry {
            call = call.retry(policy.clone());
        }
        call
    }
}

/// The default number of calls in flight.
const CONCURRENCY: usize = 8;

impl<I: Send + 'static, O: Send + 'static> Bulk<I, O> {
    /// Builds the call of each item with `request`. `into_item` takes the item out of a finished call.
    pub(crate) fn new<R: CallBuilder<Value = O> + Sync + 'static>(
        items: impl Iterator<Item = I> + Send + 'static,
        request: impl FnMut(I) -> R + Send + 'static,
        into_item: fn(R) -> I,
    ) -> Self {
        Self::of(Items::Iterator(Box::new(items)), request, into_item)
    }

    /// Builds the call of each item of a stream: see [`new`](Self::new).
    pub(crate) fn from_stream<R: CallBuilder<Value = O> + Sync + 'static>(
        items: impl Stream<Item = I> + Send + 'static,
        request: impl FnMut(I) -> R + Send + 'static,
        into_item: fn(R) -> I,
    ) -> Self {
        Self::of(Items::Stream(Box::pin(items)), request, into_item)
    }

    fn of<R: CallBuilder<Value = O> + Sync + 'static>(
        items: Items<I>,
        mut request: impl FnMut(I) -> R + Send + 'static,
        into_item: fn(R) -> I,
    ) -> Self {
        let start = move |pool: &mut CallPool<I, O>, overrides: &Overrides, item| {
            pool.start(overrides.apply(request(item)), into_item);
        };
        let pool = CallPool::new(CONCURRENCY);
        Self { items: Some(items), start: Box::new(start), overrides: Overrides::default(), pool }
    }

    /// Sets the number of calls in flight, at least 1; 8 by default.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.pool.concurrency = calls.max(1);
        self
    }

    /// Limits the rate at which attempts of the bulk begin, in addition to the limit of the client.
    ///
    /// An item waits for its first turn before its call begins, so the deadline of a call does not include that wait.
    /// Retries take turns, too. Without enough calls in flight ([`concurrency`](Self::concurrency)) the rate is lower.
    /// With a limit that cannot be used, every outcome is an [`Error::Argument`](crate::Error::Argument), and nothing is
    /// sent.
    ///
    /// ```
    /// use kandy::{RateLimit, Sms};
    ///
    /// # async fn example(phone: kandy::Device, numbers: Vec<String>) {
    /// let all = numbers.into_iter().map(|number| Sms::new(number, "We are closed today"));
    /// let mut outcomes = phone.send_many_sms(all).rate_limit(RateLimit::per_second(10));
    /// while let Some(outcome) = outcomes.next().await {
    ///     println!("{}: {:?}", outcome.item.to(), outcome.result);
    /// }
    /// # }
    /// ```
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.pool = self.pool.rate_limit(limit);
        self
    }

    /// Overrides the retry policy of the client, for all calls of the bulk.
    ///
    /// ```
    /// # async fn example(domain: kandy::Domain) {
    /// let patient = kandy::RetryPolicy::default().attempts(10);
    /// let outcomes = domain.create_users(["russ", "anna"]).retry(patient);
    /// # }
    /// ```
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.overrides.retry = Some(policy);
        self
    }

    /// Overrides the timeout of the client, for each attempt of all calls.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.overrides.timeout = Some(timeout);
        self
    }

    /// Overrides the deadline of the client, for each call; the bulk as a whole has none.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.overrides.deadline = Some(deadline);
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
    /// Takes items of an iterator and adds their calls to the pool while there is room.
    pub(crate) fn fill(&mut self) {
        while self.pool.room() > 0
            && let Some(Items::Iterator(items)) = &mut self.items
        {
            match items.next() {
                Some(item) => (self.start)(&mut self.pool, &self.overrides, item),
                None => self.items = None,
            }
        }
    }

    /// Does the same with the items of a stream that are there.
    fn fill_from_stream(&mut self, context: &mut Context<'_>) {
        while self.pool.room() > 0
            && let Some(Items::Stream(items)) = &mut self.items
        {
            match items.as_mut().poll_next(context) {
                Poll::Ready(Some(item)) => (self.start)(&mut self.pool, &self.overrides, item),
                Poll::Ready(None) => self.items = None,
                Poll::Pending => return,
            }
        }
    }

    /// Takes the next item of an iterator without a call, and returns this error as its outcome; `None` after the last
    /// item.
    #[cfg(feature = "blocking")]
    pub(crate) fn refuse_next(&mut self, error: crate::Error) -> Option<BulkOutcome<I, O>> {
        let Some(Items::Iterator(items)) = &mut self.items else { return None };
        let item = items.next()?;
        self.pool.pushed += 1;
        Some(BulkOutcome { position: self.pool.pushed - 1, item, result: Err(error) })
    }
}

impl<I, O> Stream for Bulk<I, O> {
    type Item = BulkOutcome<I, O>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.fill();
        self.fill_from_stream(context);
        match self.pool.poll_next_unpin(context) {
            // An empty pool is the end only if no more items come.
            Poll::Ready(None) if self.items.is_some() => Poll::Pending,
            outcome => outcome,
        }
    }
}

impl<I, O> fmt::Debug for Bulk<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulk").field("pool", &self.pool).field("has_items", &self.items.is_some()).finish()
    }
}
