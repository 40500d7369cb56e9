//! Converts `kandy_sys::Error`, and faults in raw responses, into [`Error`].

use std::sync::Arc;

use http::StatusCode;
use kandy_sys::{ApiFault, Envelope, ErrorKind, Operation, ResponseValue, TransportFailure};

use super::{ApiError, DecodeError, Error, Phase, Result, TransportError, refusal::envelope_status};

/// Returns the result of a raw call; a fault in its envelope becomes an error.
pub(crate) fn result_of<T>(
    operation: &'static str,
    response: Result<ResponseValue<Envelope<T>>, kandy_sys::Error>,
) -> Result<T> {
    let response = response?;
    let http_status = response.status();
    response
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
    /// Converts the fault in the response of a raw call to an error, as wrapped calls do.
    ///
    /// A raw call returns a fault with HTTP 200 as a response. `From` converts every other failure of it:
    ///
    /// ```
    /// # async fn example(russ: kandy::User) -> kandy::Result<()> {
    /// let call = russ.raw().device_list();
    /// let operation = call.operation();
    /// let response = call.await?;
    /// let http_status = response.status();
    /// let devices = response.into_inner().into_result();
    /// let devices = devices.map_err(|fault| kandy::Error::refused(operation, http_status, fault))?;
    /// # Ok(()) }
    /// ```
    pub fn refused(operation: &'static Operation, http_status: StatusCode, fault: ApiFault) -> Self {
        Self::Api(Arc::new(ApiError::new(operation.id, http_status, Some(fault))))
    }

    /// Converts a failure of the transport.
    pub(crate) fn of_failure(operation: &'static str, phase: Phase, failure: &TransportFailure) -> Self {
        match failure.downcast_ref::<Self>() {
            // The transport of this crate fails with an `Error`: return it as it is.
            Some(error) => error.clone(),
            None => Self::Transport(Arc::new(TransportError::new(Some(operation), phase, failure.clone()))),
        }
    }
}
