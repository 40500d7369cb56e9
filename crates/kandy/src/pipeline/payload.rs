use http::StatusCode;
use kandy_sys::Status;

use crate::{Error, error};

/// What an answer carries: our own error is what breaks it off.
pub(crate) type Body = kandy_sys::Body<Error>;

/// The answers that say nothing but a status are small, and only those are looked into.
const PEEK_LIMIT: usize = 16 * 1024;

/// The status in a small answer.
pub(super) fn status(answer: &http::Response<Body>) -> Option<Status> {
    match answer.body() {
        // What closes after it is the envelope itself, so this is its status, and the most frequent one of all.
        Body::Full(body) if body.ends_with(br#","status":0}"#) => Some(Status::OK),
        Body::Full(body) => Status::peek(&body[..body.len().min(PEEK_LIMIT)]),
        Body::Stream(_) => None,
    }
}

/// Whether the access token was refused, in any of the forms that are known. It does not say that the operation was not
/// carried out: see [`is_refusal`].
pub(super) fn is_token_refused(answer: &http::Response<Body>) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status())
        || status(answer) == Some(Status::TOKEN_EXPIRED)
}

/// Whether an answer proves that the operation was not carried out.
pub(super) fn is_refusal(answer: &http::Response<Body>) -> bool {
    let envelope = match answer.body() {
        Body::Full(body) => error::envelope_status(body),
        Body::Stream(_) => None,
    };
    error::is_refusal(answer.status(), envelope)
}
