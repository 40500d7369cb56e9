//! Bodies of requests, with a timeout between two chunks.
//!
//! Depends on `protocol::refusal`. Begin with `TimedBody`.

use std::{error::Error, fmt, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tokio::time::timeout;

use crate::protocol::refusal::Refusal;

/// Why a body cannot be read to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum BodyError {
    /// The next chunk did not arrive in time.
    Stalled,
    /// The connection or the framing broke.
    Unreadable,
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stalled => "the body stalled",
            Self::Unreadable => "the body cannot be read",
        })
    }
}

impl Error for BodyError {}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::Stalled => Self::timed_out(),
            BodyError::Unreadable => Self::unreadable("request body cannot be read"),
        }
    }
}

/// A body with a timeout for each chunk.
pub(crate) struct TimedBody {
    body: Body,
    after: Duration,
}

impl TimedBody {
    pub(crate) fn new(body: Body, after: Duration) -> Self {
        Self { body, after }
    }

    /// The chunks. An error is the last item.
    pub(crate) fn into_stream(self) -> impl Stream<Item = Result<Bytes, BodyError>> + Send {
        let after = self.after;
        // A timeout for each chunk and not for the body: a large upload over a slow connection makes progress, a
        // stalled one does not (`half_open::stalled_body_returns_408`).
        stream::unfold(Some(self.body.into_data_stream()), move |chunks| async move {
            let mut chunks = chunks?;
            match timeout(after, chunks.next()).await {
                Ok(None) => None,
                Ok(Some(Ok(chunk))) => Some((Ok(chunk), Some(chunks))),
                Ok(Some(Err(_))) => Some((Err(BodyError::Unreadable), None)),
                Err(_) => Some((Err(BodyError::Stalled), None)),
            }
        })
    }
}
