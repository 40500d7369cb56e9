//! What the pipeline reads in a response before it is decoded.

use http::StatusCode;
use kandy_sys::Status;

use crate::{Result, decode::Body, error};

/// What one attempt came to: a response with any status, or the reason why there is none.
pub(crate) type AttemptResult = Result<http::Response<Body>>;

/// Responses that consist of a status alone are small, and only those are searched for it.
const SCAN_LIMIT: usize = 16 * 1024;

/// Returns the status in a small response.
pub(super) fn status(response: &http::Response<Body>) -> Option<Status> {
    match response.body() {
        // The brace closes the envelope itself, so this is its status, and by far the most frequent one.
        Body::Full(body) if body.ends_with(br#","status":0}"#) => Some(Status::OK),
        Body::Full(body) => Status::scan(&body[..body.len().min(SCAN_LIMIT)]),
        Body::Stream(_) => None,
    }
}

/// Whether the access token was refused, in any of the forms that are known. This does not mean that the operation was
/// not carried out: see [`is_refusal`].
pub(super) fn is_token_refused(response: &http::Response<Body>) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&response.status())
        || status(response) == Some(Status::TOKEN_EXPIRED)
}

/// Whether a response proves that the operation was not carried out.
pub(super) fn is_refusal(response: &http::Response<Body>) -> bool {
    let envelope = match response.body() {
        Body::Full(body) => error::envelope_status(body),
        Body::Stream(_) => None,
    };
    error::is_refusal(response.status(), envelope)
}
