use http::StatusCode;
use kandy_sys::Status;

use crate::{Error, error};

/// What an answer carries: our own error is what breaks it off.
pub(crate) type Payload = kandy_sys::Payload<Error>;

/// The answers that say nothing but a status are small, and only those are looked into.
const PEEK_LIMIT: usize = 16 * 1024;

/// The status in a small answer.
pub(super) fn status(answer: &http::Response<Payload>) -> Option<Status> {
    match answer.body() {
        // What closes after it is the envelope itself, so this is its status, and the most frequent one of all.
        Payload::Whole(body) if body.ends_with(br#","status":0}"#) => Some(Status::OK),
        Payload::Whole(body) => Status::peek(&body[..body.len().min(PEEK_LIMIT)]),
        Payload::Stream(_) => None,
    }
}

/// Whether the access token was refused, in any of the forms that are known. It does not say that the operation was not
/// carried out: see [`is_refusal`].
pub(super) fn is_token_refused(answer: &http::Response<Payload>) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status())
        || status(answer) == Some(Status::TOKEN_EXPIRED)
}

/// Whether an answer proves that the operation was not carried out.
pub(super) fn is_refusal(answer: &http::Response<Payload>) -> bool {
    let envelope = match answer.body() {
        Payload::Whole(body) => error::envelope_status(body),
        Payload::Stream(_) => None,
    };
    error::is_refusal(answer.status(), envelope)
}
