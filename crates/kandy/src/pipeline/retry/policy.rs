//! [`RetryPolicy`]: how often a call is retried, and after which waits. Depends on the backoff and `clock`.

use std::time::Duration;

use kandy_sys::Operation;

use super::backoff::Backoff;
use crate::Clock;

/// Which failures are retried, how often, and after which waits.
///
/// By default a call makes up to three attempts, with waits of up to 0.2, 0.4 seconds and so on between them. Each wait
/// is random, so that many clients do not retry at the same moment. A wait that the service asks for (`Retry-After`)
/// replaces the backoff, up to 30 seconds.
///
/// The table of operations, [`OPERATIONS`](kandy_sys::OPERATIONS), lists what may be retried: reads and deletions by
/// id. Sending and creating are retried only where the request was certainly not applied: there was no connection, the
/// service refused the access token in its envelope, or it refused the rate of requests. In every other case the error
/// reports [`may_have_been_applied`](crate::Error::may_have_been_applied), and the caller decides.
///
/// HTTP 429 means that the service limits the rate of requests. Such a refusal uses up neither attempts nor the
/// [`RetryBudget`](crate::RetryBudget): the call waits as long as the service asks, or by the backoff, and is retried
/// until its deadline or [`longest_rate_limit_wait`](Self::longest_rate_limit_wait). No attempt begins in the last
/// quarter of the deadline, or in its last [`timeout`](crate::KandyBuilder::timeout) if that is shorter, so that the
/// deadline does not interrupt it. Meanwhile all other calls of the client wait, too; afterwards they begin one after
/// another, at a rate that each further refusal halves and that recovers slowly. A minute after the last refusal the
/// client no longer limits its rate. After HTTP 503 with `Retry-After` the rate falls in the same way, but no other call
/// waits for that time, and nothing becomes repeatable.
///
/// ```
/// use std::time::Duration;
/// use kandy::{Kandy, RetryPolicy};
///
/// let patient = RetryPolicy::default().attempts(6).backoff(Duration::from_millis(500), Duration::from_secs(20));
/// let kandy = Kandy::builder().retry(patient).build()?;
/// let never = Kandy::builder().retry(RetryPolicy::never()).build()?;
/// # Ok::<(), kandy::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    attempts: u32,
    backoff: Backoff,
    longest_retry_after: Duration,
    longest_rate_limit_wait: Duration,
    retries_non_idempotent: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            backoff: Backoff::default(),
            longest_retry_after: Duration::from_secs(30),
            longest_rate_limit_wait: Duration::MAX,
            retries_non_idempotent: false,
        }
    }
}

impl RetryPolicy {
    /// Returns a policy without retries. It does not wait for the rate limit of the service either, but for a
    /// [`RateLimit`](crate::RateLimit) of the caller.
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// Sets the most attempts of a call, the first one included.
    #[must_use = "it returns the changed policy"]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Sets the backoff: a random wait of up to `first` before the second attempt, of up to twice that before the
    /// third, and so on, up to `longest`.
    #[must_use = "it returns the changed policy"]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = Backoff { first, longest };
        self
    }

    /// Sets the longest wait that the service can ask for with `Retry-After`.
    #[must_use = "it returns the changed policy"]
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.longest_retry_after = longest;
        self
    }

    /// Sets how long a call waits in all, within its deadline, while the service limits the rate of requests (HTTP
    /// 429). By default only the deadline bounds it. After this time the call fails with an error that
    /// [`is_rate_limited`](crate::Error::is_rate_limited).
    ///
    /// ```
    /// use std::time::Duration;
    /// use kandy::RetryPolicy;
    ///
    /// let impatient = RetryPolicy::default().longest_rate_limit_wait(Duration::from_secs(2));
    /// # assert_ne!(impatient, RetryPolicy::default());
    /// ```
    #[must_use = "it returns the changed policy"]
    pub fn longest_rate_limit_wait(mut self, longest: Duration) -> Self {
        self.longest_rate_limit_wait = longest;
        self
    }

    /// Retries operations that are not idempotent, too, even if a failed attempt may have been applied. The default
    /// never does.
    ///
    /// For callers that can detect the second application: after an attempt that created a user, the next one fails
    /// with [`is_already_exists`](crate::Error::is_already_exists). Never use it for SMS.
    ///
    /// ```
    /// use kandy::RetryPolicy;
    ///
    /// # async fn example(domain: kandy::Domain) -> kandy::Result<()> {
    /// let policy = RetryPolicy::default().retry_non_idempotent();
    /// match domain.create_user("russ").retry(policy).await {
    ///     Err(error) if error.is_already_exists() => println!("russ exists, perhaps since the first attempt"),
    ///     created => println!("{:?}", created?.full_user_id),
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use = "it returns the changed policy"]
    pub fn retry_non_idempotent(mut self) -> Self {
        self.retries_non_idempotent = true;
        self
    }

    /// Whether an operation is retried although an attempt may have been applied.
    pub(crate) fn may_repeat(&self, operation: &Operation) -> bool {
        operation.idempotent || self.retries_non_idempotent
    }

    /// Whether the policy retries at all.
    pub(crate) fn repeats(&self) -> bool {
        self.attempts > 1
    }

    /// Whether only the deadline bounds how long a call waits for the rate limit of the service.
    pub(crate) fn waits_for_rate_limit(&self) -> bool {
        self.repeats() && self.longest_rate_limit_wait == Duration::MAX
    }

    /// Returns how much of its remaining time a call may wait for the rate limit of the service.
    pub(crate) fn rate_limit_wait(&self, left: Duration, waited: Duration) -> Duration {
        left.min(self.longest_rate_limit_wait.saturating_sub(waited))
    }

    /// Whether another attempt may follow the `attempt`th.
    pub(crate) fn allows_after(&self, attempt: u32) -> bool {
        attempt < self.attempts
    }

    /// Returns how long to wait after the `attempt`th attempt; `retry_after` is the wait that the service asks for.
    pub(crate) fn wait(&self, attempt: u32, retry_after: Option<Duration>, clock: &dyn Clock) -> Duration {
        match retry_after {
            Some(retry_after) => retry_after.min(self.longest_retry_after),
            None => self.backoff.wait(attempt, clock.random()),
        }
    }
}
