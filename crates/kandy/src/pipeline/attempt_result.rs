//! Reads the status of a response before it is decoded. Depends on the rules in `error`; the retry loop and the
//! observer use it.

use http::StatusCode;
use kandy_sys::Status;

use crate::{Result, decode::Body, error};

/// The outcome of one attempt: a response with any status, or the error because of which there is none.
pub(crate) type AttemptResult = Result<http::Response<Body>>;

/// How many bytes of a body are searched for the status. A refusal consists of little more than its status, so it is
/// smaller; a large response is a success, and scanning it would cost time on every call.
const SCAN_LIMIT: usize = 16 * 1024;

/// Returns the service's own status, if it is in the first bytes of the body.
pub(super) fn status(response: &http::Response<Body>) -> Option<Status> {
    match response.body() {
        // Fast path for the usual end of a success. The brace closes the envelope itself, so this is its status and not
        // one inside the result.
        Body::Full(body) if body.ends_with(br#","status":0}"#) => Some(Status::OK),
        Body::Full(body) => Status::scan(&body[..body.len().min(SCAN_LIMIT)]),
        Body::Stream(_) => None,
    }
}

/// Whether the access token was refused, in any known form. This does not prove that the operation was not applied: see
/// [`is_refusal`].
pub(super) fn is_token_refused(response: &http::Response<Body>) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&response.status())
        || status(response) == Some(Status::TOKEN_EXPIRED)
}

/// Whether a response proves that the operation was not applied.
pub(super) fn is_refusal(response: &http::Response<Body>) -> bool {
    let envelope = match response.body() {
        Body::Full(body) => error::envelope_status(body),
        Body::Stream(_) => None,
    };
    error::is_refusal(response.status(), envelope)
}
