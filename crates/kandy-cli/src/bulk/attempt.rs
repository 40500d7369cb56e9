use std::{cell::Cell, time::Duration};

use kandy::Error;
use kandy_sys::Status;
use tokio::time::sleep;

use super::Work;

/// What a call came to.
pub(super) enum End {
    Done,
    Existing,
    Failed(Error),
    Unknown(Error),
    /// Nothing was changed, and it would be the same with every other row.
    Stop(Error),
    /// Nothing was changed, and there is no time left to try again.
    Left,
}

/// How long it is waited before a call is made again.
const WAITS: [Duration; 3] = [Duration::from_millis(250), Duration::from_millis(500), Duration::from_secs(1)];

/// Makes a call, more than once where that is harmless and may help.
pub(super) async fn made<W: Work>(call: W::Call, is_ending: &Cell<bool>) -> End {
    let mut waits = WAITS.into_iter();
    loop {
        let error = match call.clone().await {
            Ok(_) => return End::Done,
            Err(error) => error,
        };
        let is_in_doubt = error.may_have_been_applied();
        if is_in_doubt && !W::REPEATABLE {
            return End::Unknown(error);
        }
        if W::REPEATABLE && error.is_already_exists() {
            return End::Existing;
        }
        let is_for_all = concerns_all(&error, W::OPERATION);
        if !error.is_retryable() && !is_in_doubt {
            return if is_for_all { End::Stop(error) } else { End::Failed(error) };
        }
        match waits.next() {
            Some(_) if is_ending.get() => return End::Left,
            Some(wait) => sleep(wait).await,
            None if is_in_doubt && !is_for_all => return End::Unknown(error),
            // There is no connection, or the service has had enough: no row is to blame.
            None => return End::Stop(error),
        }
        if is_ending.get() {
            return End::Left;
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
