//! What an answer says, without decoding it.

use http::StatusCode;
use kandy_sys::Status;
use serde::Deserialize;

use super::Payload;

/// The answers that say nothing but a status are small, and only those are looked into.
const PEEK_LIMIT: usize = 16 * 1024;

/// The status in a small answer.
pub(super) fn status(answer: &http::Response<Payload>) -> Option<Status> {
    #[derive(Deserialize)]
    struct Peek {
        status: Status,
    }
    match answer.body() {
        Payload::Whole(body) if body.len() <= PEEK_LIMIT => Some(serde_json::from_slice::<Peek>(body).ok()?.status),
        _ => None,
    }
}

/// Whether the access token was refused, in any of the forms that are known.
pub(super) fn is_expired(answer: &http::Response<Payload>) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status())
        || status(answer) == Some(Status::TOKEN_EXPIRED)
}
