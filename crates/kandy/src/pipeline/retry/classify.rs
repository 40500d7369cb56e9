//! [`is_safe_again`]: which outcomes of an attempt allow another one. Depends on the policy and on `error`.

use http::StatusCode;
use kandy_sys::Operation;

use super::RetryPolicy;
use crate::{Error, Result};

/// Whether another attempt may succeed and cannot apply the operation twice: the operation is idempotent, the policy
/// allows to apply it twice, or the request was not sent.
pub(crate) fn is_safe_again<B>(
    policy: &RetryPolicy,
    operation: &Operation,
    outcome: &Result<http::Response<B>>,
) -> bool {
    // A response proves that the request was sent. HTTP 429 arrives here only with the envelope of a success: the retry
    // loop handles a refusal for the rate before.
    let may_have_been_sent = match outcome {
        Ok(response) if is_transient(response.status()) => true,
        Err(Error::Transport(error)) if error.is_transient() => error.may_have_been_sent(),
        _ => return false,
    };
    policy.may_repeat(operation) || !may_have_been_sent
}

/// Whether an HTTP status is transient.
fn is_transient(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS
            | StatusCode::INTERNAL_SERVER_ERROR
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}
