//! The errors of attempts: timeouts, and bodies that cannot be read. Depends on `error`, and on
//! `throttle` for a limit.

use std::sync::Arc;

use kandy_sys::{Operation, transport::ReadError};

use super::throttle::RateLimit;
use crate::{
    StoreError,
    error::{DecodeError, Error, Phase, TransportError},
};

/// Returns the error of an attempt, or a call, that took too long.
pub(crate) fn timeout_error(operation: &'static Operation, phase: Phase) -> Error {
    Error::Transport(Arc::new(TransportError::new(Some(operation.id), phase, Arc::new(Elapsed))))
}

/// Returns the error of a call that a limit of the caller left no turn in time. `whose` limit it is: that of
/// the client, of the bulk call, or of all processes together.
pub(crate) fn limit_error(operation: Option<&'static Operation>, whose: &str, limit: RateLimit) -> Error {
    let operation = operation.map(|operation| operation.id);
    let error = TransportError::new(operation, Phase::Throttled, Arc::new(Elapsed));
    Error::Transport(Arc::new(error.limited_by(format!("{whose}, {limit}"))))
}

/// Returns the error of a call that could not reserve a turn under the limit that processes share.
pub(crate) fn shared_limit_error(operation: &'static Operation, error: StoreError) -> Error {
    Error::Transport(Arc::new(TransportError::new(Some(operation.id), Phase::SharedLimit, Arc::from(error))))
}

/// Returns the error of a call whose response is that of another URL.
pub(crate) fn redirect_error(operation: &'static Operation) -> Error {
    Error::Transport(Arc::new(TransportError::redirected(operation.id)))
}

/// Returns the error of a body that could not be read.
pub(crate) fn body_error(operation: &'static Operation, error: ReadError) -> Error {
    match error {
        ReadError::Http(error) => {
            Error::Transport(Arc::new(TransportError::of(Some(operation.id), Phase::Receive, error)))
        }
        ReadError::Stalled { .. } => timeout_error(operation, Phase::Timeout),
        other => Error::Decode(Arc::new(DecodeError::new(operation.id, String::new(), other.to_string()))),
    }
}

/// The source of a timeout error.
#[derive(Debug)]
struct Elapsed;

impl std::fmt::Display for Elapsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("timed out")
    }
}

impl std::error::Error for Elapsed {}
