//! From what the raw layer says to what we say.

use std::sync::Arc;

use kandy_sys::{Envelope, ErrorKind, ResponseValue, TransportFailure};

use super::{AnswerError, ApiError, Error, Phase, Result, TransportError};

/// The result of a raw call, or why there is none.
pub(crate) fn answer_of<T>(
    operation: &'static str,
    answer: Result<ResponseValue<Envelope<T>>, kandy_sys::Error>,
) -> Result<T> {
    let answer = answer?;
    let http_status = answer.status();
    answer
        .into_inner()
        .into_result()
        .map_err(|fault| Error::Api(Arc::new(ApiError::new(operation, http_status, Some(fault)))))
}

impl From<kandy_sys::Error> for Error {
    fn from(error: kandy_sys::Error) -> Self {
        let operation = error.operation();
        match error.kind() {
            ErrorKind::Refused(refusal) => {
                Self::Api(Arc::new(ApiError::new(operation, refusal.http_status, refusal.fault.clone())))
            }
            ErrorKind::Answer(problem) => {
                Self::Answer(Arc::new(AnswerError::new(operation, problem.path.clone(), problem.reason.clone())))
            }
            ErrorKind::Transport(failure) => Self::of_failure(operation, Phase::Send, failure),
            _ => Self::Transport(Arc::new(TransportError::new(Some(operation), Phase::Setup, Arc::new(error)))),
        }
    }
}

impl Error {
    /// What a failure of the transport is for us.
    pub(crate) fn of_failure(operation: &'static str, phase: Phase, failure: &TransportFailure) -> Self {
        match failure.downcast_ref::<Self>() {
            // Our own pipeline failed, and said why in our own words.
            Some(error) => error.clone(),
            None => Self::Transport(Arc::new(TransportError::new(Some(operation), phase, failure.clone()))),
        }
    }
}
