use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    time::Duration,
};

use kandy::{CallBuilder, Error, RetryPolicy};
use kandy_sys::Status;
use tokio::{sync::Notify, time::sleep};

use super::BulkJob;

/// What a call came to.
pub(super) enum RowOutcome {
    Done,
    Existing,
    Failed(Error),
    Unknown(Error),
    /// It is not known whether anything was changed, and it would be the same with every other row.
    UnknownForAll(Error),
    /// Nothing was changed, and it would be the same with every other row.
    Stop(Error),
    /// Nothing was changed, and there is no time left to try again.
    Released,
}

/// What a run and the calls of its rows know of each other.
#[derive(Default)]
pub(super) struct Shared {
    /// Whether the run is to end: nothing is tried again.
    pub(super) is_ending: Cell<bool>,
    /// The rows that wait to be tried again because the service limits the rate of requests: nothing of them is under
    /// way.
    pub(super) waiting: RefCell<BTreeSet<u64>>,
    /// Notified when a row begins to wait for that.
    pub(super) rate_limited: Notify,
}

impl Shared {
    /// Waits with a row until it may be tried again. Returns false if the run is to end before.
    async fn wait(&self, row: u64, wait: Duration) -> bool {
        self.rate_limited.notify_one();
        self.waiting.borrow_mut().insert(row);
        let mut left = wait.clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        while !left.is_zero() && !self.is_ending.get() {
            let slice = left.min(SLICE);
            sleep(slice).await;
            left -= slice;
        }
        if self.is_ending.get() {
            return false;
        }
        self.waiting.borrow_mut().remove(&row);
        true
    }
}

/// How long it is waited before a call is made again.
const WAITS: [Duration; 3] = [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1)];

/// How long a call waits for the rate limit of the service by itself. A run that is interrupted waits longer for its
/// calls, so that none is given up while it only waits.
const WAIT_IN_CALL: Duration = Duration::from_secs(2);

/// How long a row waits, whatever the service asks, until it is tried again under the rate limit.
const SHORTEST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How soon a row that waits notices that the run is to end.
const SLICE: Duration = Duration::from_millis(250);

/// Makes a call, more than once where that is harmless and may help.
///
/// A call that the service refuses for the rate of requests is made again until it is accepted or the run ends: no row
/// is to blame for that.
pub(super) async fn execute_row<W: BulkJob>(call: W::Call, row: u64, shared: &Shared) -> RowOutcome {
    let call = call.retry(RetryPolicy::default().longest_rate_limit_wait(WAIT_IN_CALL));
    let mut waits = WAITS.into_iter();
    let mut pause = SHORTEST_PAUSE;
    loop {
        let error = match call.clone().await {
            Ok(_) => return RowOutcome::Done,
            Err(error) => error,
        };
        let is_in_doubt = error.may_have_been_applied();
        let is_for_all = concerns_all(&error, W::OPERATION);
        if is_in_doubt && !W::REPEATABLE {
            return if is_for_all { RowOutcome::UnknownForAll(error) } else { RowOutcome::Unknown(error) };
        }
        if W::REPEATABLE && error.is_already_exists() {
            return RowOutcome::Existing;
        }
        if error.is_rate_limited() {
            if !shared.wait(row, error.retry_after().unwrap_or(pause)).await {
                return RowOutcome::Released;
            }
            pause = (2 * pause).min(LONGEST_PAUSE);
            continue;
        }
        if !error.is_retryable() && !is_in_doubt {
            return if is_for_all { RowOutcome::Stop(error) } else { RowOutcome::Failed(error) };
        }
        match waits.next() {
            Some(_) if shared.is_ending.get() => return RowOutcome::Released,
            Some(wait) => sleep(wait).await,
            None if is_in_doubt && !is_for_all => return RowOutcome::Unknown(error),
            // There is no connection, or the service has had enough: no row is to blame.
            None => return RowOutcome::Stop(error),
        }
        if shared.is_ending.get() {
            return RowOutcome::Released;
        }
    }
}

/// Whether every other row would fail like this one.
fn concerns_all(error: &Error, operation: &str) -> bool {
    match error {
        Error::Argument(_) => false,
        // There was no access token, for instance.
        _ if error.operation() != Some(operation) => true,
        // That is the password of the user who is to be.
        _ if error.status() == Some(Status::INVALID_PASSWORD) => false,
        _ if error.is_unauthorized() => true,
        Error::Api(refused) => {
            refused.status().is_none() && (300..500).contains(&refused.http_status())
                || matches!(
                    error.status(),
                    Some(Status::USAGE_QUOTA_EXCEEDED | Status::INSUFFICIENT_FUNDS | Status::UNKNOWN_REQUEST)
                )
        }
        _ => false,
    }
}
