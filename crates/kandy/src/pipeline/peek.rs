//! What an answer says, without decoding it.

use bytes::Bytes;
use http::StatusCode;
use kandy_sys::Status;
use serde::Deserialize;

/// The answers that say nothing but a status are small, and only those are looked into.
const PEEK_LIMIT: usize = 16 * 1024;

/// The status in a small answer.
pub(super) fn status(answer: &http::Response<Bytes>) -> Option<Status> {
    #[derive(Deserialize)]
    struct Peek {
        status: Status,
    }
    if answer.body().len() > PEEK_LIMIT {
        return None;
    }
    serde_json::from_slice::<Peek>(answer.body()).ok().map(|peek| peek.status)
}

/// Whether the access token was refused, in any of the forms that are known.
pub(super) fn is_expired(answer: &http::Response<Bytes>) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status())
        || status(answer) == Some(Status::TOKEN_EXPIRED)
}
