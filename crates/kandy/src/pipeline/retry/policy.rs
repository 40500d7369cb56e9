//! [`RetryPolicy`]: how often a call is repeated, and after which waits.

use std::time::Duration;

use kandy_sys::Operation;

use super::backoff::Backoff;
use crate::Clock;

/// What is repeated by itself after a failure, how often, and how long to wait.
///
/// By default a call makes up to three attempts, with waits of up to 0.2, 0.4 seconds and so on between them, each
/// chosen at random so that many clients do not come back at the same moment. When the service says how long to
/// wait, that is how long, up to 30 seconds.
///
/// What may be repeated is in the table of operations, [`OPERATIONS`](kandy_sys::OPERATIONS): reads and deletions by
/// id are. Sending and creating are repeated only where the request was certainly not carried out: there was no
/// connection, the service refused the access token in its envelope, or it refused the rate of requests. In every other
/// case the error says [`may_have_been_applied`](crate::Error::may_have_been_applied), and the caller decides.
///
/// HTTP 429 means that the service limits the rate of requests. Such a refusal uses up neither attempts nor the
/// [`RetryBudget`](crate::RetryBudget): the call waits as long as the service asks, or as the backoff has it, and is repeated until its
/// deadline or [`longest_rate_limit_wait`](Self::longest_rate_limit_wait). No attempt begins in the last quarter of the
/// deadline, or in its last [`timeout`](crate::KandyBuilder::timeout) if that is shorter, so that the deadline does not
/// cut it off. Meanwhile all other calls of the client
/// wait, too; afterwards they begin one after another, at a rate that each further refusal halves and that recovers
/// slowly. A minute after the last refusal the client is as fast as before.
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
    /// Repeats nothing, and waits for no rate limit either.
    pub fn never() -> Self {
        Self { attempts: 1, ..Self::default() }
    }

    /// Makes up to this many attempts, the first one included.
    #[must_use = "it returns the changed policy"]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Waits a random time up to `first` before the second attempt, up to twice that before the third, and so
    /// on, up to `longest`.
    #[must_use = "it returns the changed policy"]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = Backoff { first, longest };
        self
    }

    /// When the service says how long to wait, waits no longer than this.
    #[must_use = "it returns the changed policy"]
    pub fn longest_retry_after(mut self, longest: Duration) -> Self {
        self.longest_retry_after = longest;
        self
    }

    /// Waits at most this long in all, within the deadline of the call, while the service limits the rate of requests
    /// (HTTP 429). By default only the deadline bounds it. When the time is up, the call fails with an error that
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

    /// Repeats operations that are not idempotent, too, even if an attempt that failed may have been applied. The default
    /// never does.
    ///
    /// It is for callers that recognise the second application: a user that was created by the first attempt makes the
    /// second fail with [`is_already_exists`](crate::Error::is_already_exists). Never use it for SMS.
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

    /// Whether it repeats an operation although an attempt may have been applied.
    pub(crate) fn may_repeat(&self, operation: &Operation) -> bool {
        operation.idempotent || self.retries_non_idempotent
    }

    /// Whether it repeats anything at all.
    pub(crate) fn repeats(&self) -> bool {
        self.attempts > 1
    }

    /// Whether nothing but the deadline bounds how long a call waits for the rate limit of the service.
    pub(crate) fn waits_for_rate_limit(&self) -> bool {
        self.repeats() && self.longest_rate_limit_wait == Duration::MAX
    }

    /// How long a call may wait for the rate limit of the service, of the time that it has left.
    pub(crate) fn rate_limit_wait(&self, left: Duration, waited: Duration) -> Duration {
        left.min(self.longest_rate_limit_wait.saturating_sub(waited))
    }

    /// Whether another attempt can follow one that was the `attempt`th.
    pub(crate) fn allows_after(&self, attempt: u32) -> bool {
        attempt < self.attempts
    }

    /// How long to wait after the `attempt`th attempt.
    pub(crate) fn wait(&self, attempt: u32, asked: Option<Duration>, clock: &dyn Clock) -> Duration {
        match asked {
            Some(asked) => asked.min(self.longest_retry_after),
            None => self.backoff.wait(attempt, clock.random()),
        }
    }
}
