//! Bodies of requests, with a timeout between two chunks.
//!
//! Depends on `protocol::refusal` and `limits`. Begin with `TimedBody`.

use std::{
    error::Error,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use hyper::body::Frame;
use tokio::time::timeout;

use crate::{limits, protocol::refusal::Refusal};

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

    /// Reads a body up to its limit. Of a longer one a bounded rest is read and dropped: a client that is still writing
    /// when the connection closes sees a reset in place of the response.
    pub(crate) async fn read(mut self) -> Result<Bytes, Refusal> {
        if self.body.is_end_stream() {
            return Ok(Bytes::new());
        }
        // Nearly all bodies are short and arrived with the head: then there is one chunk, which needs neither a timer nor a
        // copy.
        let first = match self.next_at_once().await {
            None => Bytes::new(),
            Some(None) => return Ok(Bytes::new()),
            Some(Some(Err(_))) => return Err(BodyError::Unreadable.into()),
            Some(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        };
        if first.len() <= limits::BODY && self.body.is_end_stream() {
            return Ok(first);
        }
        self.read_rest(&first).await
    }

    /// The next frame, if it is there; none if the client still has to send it. The server reads what has arrived once the
    /// body was polled, so this polls twice.
    async fn next_at_once(&mut self) -> Option<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut is_polled = false;
        poll_fn(|cx| match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(Some(frame)),
            Poll::Pending if is_polled => Poll::Ready(None),
            Poll::Pending => {
                is_polled = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        })
        .await
    }

    async fn read_rest(self, first: &[u8]) -> Result<Bytes, Refusal> {
        let mut length = first.len();
        let mut read = BytesMut::from(if length <= limits::BODY { first } else { &[] });
        let mut chunks = pin!(self.into_stream());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            length = length.saturating_add(chunk.len());
            if length <= limits::BODY {
                read.extend_from_slice(&chunk);
            } else if length > limits::DRAINED_BODY {
                break;
            }
        }
        if length <= limits::BODY { Ok(read.freeze()) } else { Err(Refusal::too_large()) }
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
