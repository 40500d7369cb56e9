//! From what the raw layer says to what we say.

use std::sync::Arc;

use http::StatusCode;
use kandy_sys::{ApiFault, Envelope, ErrorKind, Operation, ResponseValue, TransportFailure};

use super::{ApiError, DecodeError, Error, Phase, Result, TransportError, refusal::envelope_status};

/// The result of a raw call, or why there is none.
pub(crate) fn result_of<T>(
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
            ErrorKind::Response(refusal) => {
                let api = ApiError::new(operation, refusal.http_status, refusal.fault.clone());
                Self::Api(Arc::new(api.with_response(&refusal.headers, envelope_status(&refusal.body))))
            }
            ErrorKind::Decode(problem) => {
                Self::Decode(Arc::new(DecodeError::new(operation, problem.path.clone(), problem.reason.clone())))
            }
            ErrorKind::Transport(failure) => Self::of_failure(operation, Phase::Send, failure),
            _ => Self::Transport(Arc::new(TransportError::new(Some(operation), Phase::Setup, Arc::new(error)))),
        }
    }
}

impl Error {
    /// The refusal of a raw call, as that of any other call is an error.
    ///
    /// A raw call takes a fault that came with HTTP 200 for an answer. All else that can go wrong with it is made an
    /// error by `From`:
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let call = russ.raw().device_list();
    /// let operation = call.operation();
    /// let answer = call.await?;
    /// let http_status = answer.status();
    /// let devices = answer.into_inner().into_result();
    /// let devices = devices.map_err(|fault| kandy::Error::refused(operation, http_status, fault))?;
    /// # Ok(()) }
    /// ```
    pub fn refused(operation: &'static Operation, http_status: StatusCode, fault: ApiFault) -> Self {
        Self::Api(Arc::new(ApiError::new(operation.id, http_status, Some(fault))))
    }

    /// What a failure of the transport is for us.
    pub(crate) fn of_failure(operation: &'static str, phase: Phase, failure: &TransportFailure) -> Self {
        match failure.downcast_ref::<Self>() {
            // Our own pipeline failed, and said why in our own words.
            Some(error) => error.clone(),
            None => Self::Transport(Arc::new(TransportError::new(Some(operation), phase, failure.clone()))),
        }
    }
}
