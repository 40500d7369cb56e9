//! [`Bulk`]: many calls of one kind, several at a time. Depends on `polled`.

use std::{fmt, time::Duration};

use super::{polled::Polled, runtime::Runtime};
use crate::{BulkOutcome, RateLimit, RetryPolicy};

/// Many calls of one kind, several at a time: an iterator over an outcome for each item, the blocking form of
/// [`kandy::Bulk`](crate::Bulk).
///
/// It makes progress only while [`next`](Iterator::next) waits. `next` also takes the items from their iterator, on the
/// calling thread, and only when fewer than [`concurrency`](Self::concurrency) calls are in flight: the items may come
/// from a file or from another blocking call, and are not read ahead. When it is dropped, calls in flight are
/// cancelled, and no others begin.
///
/// ```no_run
/// # fn example(domain: kandy::blocking::Domain) {
/// let mut again = Vec::new();
/// for outcome in domain.create_users(["russ", "anna", "bert"]).concurrency(2).in_order() {
///     match outcome.result {
///         Ok(user) => println!("{}: {:?}", outcome.item.user_id(), user.full_user_id),
///         Err(error) if error.is_retryable() && !error.may_have_been_applied() => again.push(outcome.item),
///         Err(error) => eprintln!("{}: {error}", outcome.item.user_id()),
///     }
/// }
/// # }
/// ```
#[must_use = "nothing is sent until the first outcome is taken"]
pub struct Bulk<I: Send + 'static, O: Send + 'static> {
    bulk: Polled<crate::Bulk<I, O>>,
}

impl<I: Send + 'static, O: Send + 'static> Bulk<I, O> {
    pub(super) fn of(bulk: crate::Bulk<I, O>, runtime: Runtime) -> Self {
        Self { bulk: Polled::new(bulk, runtime) }
    }

    /// Sets the number of calls in flight, at least 1; 8 by default.
    pub fn concurrency(self, calls: usize) -> Self {
        Self { bulk: self.bulk.map(|bulk| bulk.concurrency(calls)) }
    }

    /// Limits the rate at which attempts of the bulk begin: see [`kandy::Bulk::rate_limit`](crate::Bulk::rate_limit).
    pub fn rate_limit(self, limit: RateLimit) -> Self {
        Self { bulk: self.bulk.map(|bulk| bulk.rate_limit(limit)) }
    }

    /// Overrides the retry policy of the client, for all calls of the bulk.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        Self { bulk: self.bulk.map(|bulk| bulk.retry(policy)) }
    }

    /// Overrides the timeout of the client, for each attempt of all calls.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { bulk: self.bulk.map(|bulk| bulk.timeout(timeout)) }
    }

    /// Overrides the deadline of the client, for each call; the bulk as a whole has none.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { bulk: self.bulk.map(|bulk| bulk.deadline(deadline)) }
    }

    /// Yields the outcomes in the order of the items, instead of each as soon as it is known.
    pub fn in_order(self) -> Self {
        Self { bulk: self.bulk.map(crate::Bulk::in_order) }
    }
}

impl<I: Send + 'static, O: Send + 'static> Iterator for Bulk<I, O> {
    type Item = BulkOutcome<I, O>;

    fn next(&mut self) -> Option<BulkOutcome<I, O>> {
        let can_wait = self.bulk.runtime().check();
        let bulk = self.bulk.stream_mut()?;
        if let Err(error) = can_wait {
            return bulk.refuse_next(error);
        }
        // On this thread, so that the items may wait for that of the client.
        bulk.fill();
        self.bulk.with(|bulk| Box::pin(bulk.next()))?.ok()?
    }
}

impl<I: Send + 'static, O: Send + 'static> fmt::Debug for Bulk<I, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulk").field("bulk", &self.bulk.stream()).finish()
    }
}
