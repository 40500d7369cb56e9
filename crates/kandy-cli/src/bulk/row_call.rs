//! The call of a row: what its result means for the row, and whether it is sent again.
//!
//! The SDK retries within a call ([`RetryPolicy`]). Only a row that is refused for the rate of requests is queued again,
//! because that wait must not be part of a call: an interrupt then finds the row unsent. Nothing here waits or sends: the
//! loop in [`run`](super::run()) does.

use std::time::Duration;

use kandy::{CallBuilder, CallPool, Error, RetryPolicy};
use kandy_outbox::concerns_every_call;

use super::BulkJob;

/// What a call means for its row.
pub(super) enum RowOutcome {
    Done,
    Existing,
    Failed(Error),
    Unknown(Error),
    /// It is unknown whether anything was applied, and every other row would fail the same.
    UnknownForAll(Error),
    /// Nothing was applied, and every other row would fail the same.
    Stop(Error),
    /// Nothing was applied, and the run ends before the row can be sent again.
    Released,
}

/// What to do after a call.
pub(super) enum NextStep {
    /// Record the outcome.
    Record(RowOutcome),
    /// The service limits the rate of requests: send the row again after a delay, as long as the run goes on. No call of it
    /// is in flight meanwhile.
    SendAgain { delay: Duration },
}

/// The call of a row, with what is known of previous refusals.
pub(super) struct RowCall<C> {
    pub(super) number: u64,
    call: C,
    /// The delay for the next rate limit, if the service does not ask for one.
    rate_limit_delay: Duration,
}

/// How often a call is attempted, and the bounds of the delay between two attempts: a list should outlive a short outage.
const ATTEMPTS: u32 = 6;
const MIN_DELAY: Duration = Duration::from_millis(250);
const MAX_DELAY: Duration = Duration::from_secs(2);

/// How long a call itself waits for the rate limit of the service. Shorter than the grace period of an interrupted run, so
/// that no call is abandoned while it only waits.
const WAIT_IN_CALL: Duration = Duration::from_secs(2);

/// The bounds of the delay after a rate limit, whatever the service asks for.
const MIN_RATE_LIMIT_DELAY: Duration = Duration::from_millis(250);
const MAX_RATE_LIMIT_DELAY: Duration = Duration::from_secs(60);

impl<C: CallBuilder<Value: Send> + Clone + Sync + 'static> RowCall<C> {
    /// Prepares the call of a row. With `is_repeatable`, it is retried although an attempt may have been applied.
    pub(super) fn new(number: u64, call: C, is_repeatable: bool) -> Self {
        let policy = RetryPolicy::default().attempts(ATTEMPTS).backoff(MIN_DELAY, MAX_DELAY);
        let policy = policy.longest_rate_limit_wait(WAIT_IN_CALL);
        let policy = if is_repeatable { policy.retry_non_idempotent() } else { policy };
        Self { number, call: call.retry(policy), rate_limit_delay: MIN_RATE_LIMIT_DELAY }
    }

    /// Adds the call to those in flight; their outcome returns it.
    pub(super) fn send(self, in_flight: &mut CallPool<Self, C::Value>) {
        let Self { number, call, rate_limit_delay } = self;
        in_flight.push_with(call, move |call| Self { number, call, rate_limit_delay });
    }

    /// Decides what the result of the call means for the row.
    ///
    /// A call that the service rejects for the rate of requests is sent again until it is accepted or the run ends: the row
    /// is not the cause.
    pub(super) fn next_step<W: BulkJob>(&mut self, result: Result<(), Error>) -> NextStep {
        let Err(error) = result else { return NextStep::Record(RowOutcome::Done) };
        let is_in_doubt = error.may_have_been_applied();
        let is_for_all = !W::concerns_row(&error) && concerns_all(&error, W::OPERATION);
        // First of all: what may have been applied and must not be repeated is never sent again
        // (`unanswered_rows_are_listed_and_not_resent`).
        if is_in_doubt && !W::REPEATABLE {
            let outcome = if is_for_all { RowOutcome::UnknownForAll } else { RowOutcome::Unknown };
            return NextStep::Record(outcome(error));
        }
        // After an unanswered try this is what that try created, so a retry cannot fail a row (`transient_failures_are_retried`).
        if W::REPEATABLE && W::is_existing(&error) {
            return NextStep::Record(RowOutcome::Existing);
        }
        if error.is_rate_limited() {
            // The service knows best; without its advice, back off exponentially (`import_backs_off_without_retry_after`).
            let delay = error.retry_after().unwrap_or(self.rate_limit_delay);
            self.rate_limit_delay = (2 * self.rate_limit_delay).min(MAX_RATE_LIMIT_DELAY);
            let delay = delay.clamp(MIN_RATE_LIMIT_DELAY, MAX_RATE_LIMIT_DELAY);
            return NextStep::SendAgain { delay };
        }
        if !error.is_retryable() && !is_in_doubt {
            let outcome = if is_for_all { RowOutcome::Stop } else { RowOutcome::Failed };
            return NextStep::Record(outcome(error));
        }
        let is_unknown = is_in_doubt && !is_for_all;
        // Without a connection, or with an overloaded service, no row is the cause.
        NextStep::Record(if is_unknown { RowOutcome::Unknown(error) } else { RowOutcome::Stop(error) })
    }
}

/// Returns whether every other row would fail like this one.
fn concerns_all(error: &Error, operation: &str) -> bool {
    let is_of_another_operation = !matches!(error, Error::Argument(_)) && error.operation() != Some(operation);
    is_of_another_operation || concerns_every_call(error)
}
