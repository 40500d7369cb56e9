//! What the outcome of a call means for its job, and for the jobs after it. Depends on nothing.

use std::time::Duration;

use kandy::{Error, Status};
use kandy_sys::{Operation, operation::Credential};

use crate::NewState;

/// What the error of a call means.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The new state of the job; a queued one waits at least this long.
    pub(crate) state: NewState,
    /// What the worker does with other jobs.
    pub(crate) then: Then,
}

/// What a worker does after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The failure is that of one job.
    GoOn,
    /// The service cannot be reached or is overloaded: other jobs would fail the same, and later they would not.
    Pause,
    /// Other jobs would fail the same, now and later.
    Stop,
}

impl Verdict {
    /// Returns what an error means.
    pub(crate) fn of(error: &Error) -> Self {
        let concerns_all = concerns_every_call(error);
        // First of all: what may have been sent is never sent again by itself.
        if error.may_have_been_applied() {
            return Self { state: NewState::Unknown, then: if concerns_all { Then::Stop } else { Then::GoOn } };
        }
        if error.is_rate_limited() {
            let wait = error.retry_after().unwrap_or_default();
            return Self { state: NewState::Queued(wait), then: Then::GoOn };
        }
        if error.is_retryable() {
            return Self { state: NewState::Queued(Duration::ZERO), then: Then::Pause };
        }
        match concerns_all {
            true => Self { state: NewState::Queued(Duration::ZERO), then: Then::Stop },
            false => Self { state: NewState::Refused, then: Then::GoOn },
        }
    }
}

/// Whether every other call with the same credentials would fail like this one: a credential was refused, or the account has no
/// funds.
///
/// ```
/// # fn example(error: kandy::Error) {
/// if kandy_outbox::concerns_every_call(&error) {
///     println!("nothing more is sent: {error}");
/// }
/// # }
/// ```
pub fn concerns_every_call(error: &Error) -> bool {
    match error {
        Error::Argument(_) => false,
        // The access token could not be had.
        _ if error.operation().is_none_or(is_token_operation) => true,
        // The password of a new user is invalid.
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

fn is_token_operation(id: &str) -> bool {
    Operation::find(id).is_some_and(|operation| matches!(operation.credentials, [Credential::ApiKey(_), ..]))
}
