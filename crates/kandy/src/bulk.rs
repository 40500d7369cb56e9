//! Many calls of one kind, some at a time.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use futures_util::{
    Stream, StreamExt,
    stream::{FuturesOrdered, FuturesUnordered},
};
use kandy_sys::BoxFuture;

use crate::{
    Result,
    pipeline::{Request, run},
};

/// Many calls of one kind, some at a time: a stream with an outcome for each item.
///
/// [`Domain::create_users`](crate::Domain::create_users) and [`Device::send_many_sms`](crate::Device::send_many_sms)
/// make it. It does something only while it is asked for the next outcome, and it takes an item only when there is room
/// for its call: whoever takes outcomes slowly slows it down, and no more than
/// [`concurrency`](Self::concurrency) items are held, of however many. When it is dropped, calls that are under way are
/// given up, and the rest is not begun.
///
/// Each call is repeated, or not, by the [policy](crate::RetryPolicy) of the client, like any other. While the service
/// limits the rate of requests (HTTP 429), all calls wait for their turns and none of them is in doubt. When the deadline
/// of a call passes during that, its item begins a new call. An item ends with an error that
/// [`is_rate_limited`](crate::Error::is_rate_limited) only if the service accepted none of the bulk for the time of a
/// whole deadline, or if the policy is [`never`](crate::RetryPolicy::never) or bounds the wait itself.
///
/// [`next`](Self::next) needs nothing else; with the combinators of the crate `futures-util` it works as a [`Stream`].
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
#[must_use = "nothing is sent until it is asked for an outcome"]
pub struct Bulk<I, O> {
    /// None once it has ended.
    items: Option<Box<dyn Iterator<Item = I> + Send>>,
    call: Box<dyn FnMut(usize, I) -> Calling<I, O> + Send>,
    concurrency: usize,
    position: usize,
    calls: Calls<I, O>,
}

/// What became of one item of a [`Bulk`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct BulkOutcome<I, O> {
    /// The place of the item among all, from 0.
    pub position: usize,
    /// The item, which can be given again.
    pub item: I,
    /// What its call came to.
    pub result: Result<O>,
}

type Calling<I, O> = BoxFuture<'static, BulkOutcome<I, O>>;

/// The calls that are under way.
enum Calls<I, O> {
    InAnyOrder(FuturesUnordered<Calling<I, O>>),
    InOrder(FuturesOrdered<Calling<I, O>>),
}

/// How many calls are under way at a time, unless it is said.
const CONCURRENCY: usize = 8;

impl<I: Send + 'static, O: Send + 'static> Bulk<I, O> {
    /// Makes the request of each item, and gets the item back out of it.
    pub(crate) fn new<R: Request<Output = O> + 'static>(
        items: impl Iterator<Item = I> + Send + 'static,
        mut request: impl FnMut(I) -> R + Send + 'static,
        item: fn(R) -> I,
    ) -> Self {
        let last_accepted = Arc::new(Mutex::new(None));
        let call = move |position, given| -> Calling<I, O> {
            let (request, last_accepted) = (request(given), last_accepted.clone());
            Box::pin(async move {
                let result = run_in_turn(&request, &last_accepted).await;
                BulkOutcome { position, item: item(request), result }
            })
        };
        Self {
            items: Some(Box::new(items)),
            call: Box::new(call),
            concurrency: CONCURRENCY,
            position: 0,
            calls: Calls::InAnyOrder(FuturesUnordered::new()),
        }
    }

    /// Lets this many calls be under way at a time; 8 unless it is said, and at least 1.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }

    /// Answers the outcomes in the order of the items, instead of each as soon as it is there. One that is late then
    /// keeps those after it waiting, and, as they count, no further items are begun.
    pub fn in_order(mut self) -> Self {
        if let Calls::InAnyOrder(begun) = self.calls {
            self.calls = Calls::InOrder(begun.into_iter().collect());
        }
        self
    }

    /// The next outcome; `None` after the last.
    pub async fn next(&mut self) -> Option<BulkOutcome<I, O>> {
        StreamExt::next(self).await
    }
}

/// How long an item waits before a new call, where the service does not say.
const PAUSE: Duration = Duration::from_secs(1);

/// Makes a call, and another one as long as it is left out for the rate of requests while the service accepts others:
/// `last_accepted` is when it did so last.
async fn run_in_turn<R: Request>(request: &R, last_accepted: &Mutex<Option<Instant>>) -> Result<R::Output> {
    let (call, clock) = (request.call(), request.call().clock());
    let begun = clock.now();
    let mut waited = Duration::ZERO;
    loop {
        let result = run(request).await;
        let last = || last_accepted.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = match &result {
            Err(error) if error.is_rate_limited() && !error.may_have_been_applied() => {
                error.retry_after().unwrap_or(PAUSE).clamp(PAUSE, call.deadline().max(PAUSE))
            }
            _ => {
                *last() = Some(clock.now());
                return result;
            }
        };
        let since = last().map_or(begun, |last| last.max(begun));
        let refused_for = clock.now().saturating_duration_since(since);
        // A clock of a test may not move while it sleeps.
        let is_stuck = waited > Duration::ZERO && clock.now() == begun;
        if refused_for >= call.deadline() || is_stuck || !call.waits_for_rate_limit() {
            return result;
        }
        clock.sleep(pause).await;
        waited += pause;
    }
}

impl<I, O> Calls<I, O> {
    /// How many there are, with those whose outcome waits for its turn.
    fn len(&self) -> usize {
        match self {
            Self::InAnyOrder(calls) => calls.len(),
            Self::InOrder(calls) => calls.len(),
        }
    }

    fn begin(&mut self, call: Calling<I, O>) {
        match self {
            Self::InAnyOrder(calls) => calls.push(call),
            Self::InOrder(calls) => calls.push_back(call),
        }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<BulkOutcome<I, O>>> {
        match self {
            Self::InAnyOrder(calls) => calls.poll_next_unpin(context),
            Self::InOrder(calls) => calls.poll_next_unpin(context),
        }
    }
}

impl<I, O> Stream for Bulk<I, O> {
    type Item = BulkOutcome<I, O>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while this.calls.len() < this.concurrency
            && let Some(items) = &mut this.items
        {
            match items.next() {
                Some(item) => {
                    this.calls.begin((this.call)(this.position, item));
                    this.position += 1;
                }
                None => this.items = None,
            }
        }
        // Without room nothing was taken, so there is something to wait for until all items are.
        Poll::Ready(ready!(this.calls.poll_next(context)))
    }
}

impl<I, O> fmt::Debug for Bulk<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulk")
            .field("concurrency", &self.concurrency)
            .field("begun", &self.position)
            .field("under_way", &self.calls.len())
            .finish_non_exhaustive()
    }
}
