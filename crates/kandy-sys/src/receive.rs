//! How the body of an answer comes in: as a whole, or as a stream where it is wanted so.

use std::{
    error::Error as StdError,
    fmt,
    future::poll_fn,
    mem,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::{TryStreamExt, stream::Stream};
use reqwest::Response;
use tokio::time::Sleep;

use crate::{Request, Status, TransportFailure, operation::Answer};

/// Why the body of an answer could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The connection failed.
    Http(reqwest::Error),
    /// The body is larger than allowed.
    TooLarge {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// Nothing arrived for too long.
    #[non_exhaustive]
    Stalled {
        /// How long nothing arrived.
        pause: Duration,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => error.fmt(f),
            Self::TooLarge { limit } => write!(f, "the answer is larger than the limit of {limit} bytes"),
            Self::Stalled { pause } => write!(f, "nothing of the answer arrived for {pause:?}"),
        }
    }
}

impl StdError for ReadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Http(error) => error.source(),
            Self::TooLarge { .. } | Self::Stalled { .. } => None,
        }
    }
}

/// What an answer carries. A stream in it may break off with an `E`.
pub enum Payload<E = TransportFailure> {
    /// All of it, read.
    Whole(Bytes),
    /// What is still on its way: a file, or what was wanted as a stream.
    Stream(ByteChunks<E>),
}

/// The bytes of an answer, as they arrive.
pub type ByteChunks<E = TransportFailure> = Pin<Box<dyn Stream<Item = Result<Bytes, E>> + Send>>;

impl<E: 'static> Payload<E> {
    /// The same, with another error in the stream.
    pub fn map_err<F>(self, change: impl FnMut(E) -> F + Send + 'static) -> Payload<F> {
        match self {
            Self::Whole(body) => Payload::Whole(body),
            Self::Stream(chunks) => Payload::Stream(Box::pin(chunks.map_err(change))),
        }
    }
}

impl<E> fmt::Debug for Payload<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl<E> From<Bytes> for Payload<E> {
    fn from(body: Bytes) -> Self {
        Self::Whole(body)
    }
}

impl<E> From<&'static str> for Payload<E> {
    fn from(body: &'static str) -> Self {
        Self::Whole(body.into())
    }
}

/// Reads the body of an answer, and forgets the URL that the answer carries.
///
/// # Errors
///
/// When the connection fails, when the body has more than `limit` bytes, or when nothing of it arrives for `pause`. A
/// body that moves may take as long as it needs.
pub async fn read(response: Response, limit: usize, pause: Duration) -> Result<http::Response<Bytes>, ReadError> {
    let mut incoming = Incoming::new(response, pause);
    let body = incoming.whole(limit).await?;
    Ok(incoming.parts().map(|()| body))
}

/// Receives the answer to a request: reads it as [`read`] does, unless it is a success that is
/// [wanted as a stream](Request::is_streamed). No limit holds for a stream, since it is never in memory as a whole.
///
/// A refusal may come as HTTP 200 with an envelope in the place of what was wanted. So JSON is read until there is a
/// status in it, up to 16 KiB, and is whole if it ends before.
///
/// # Errors
///
/// As for [`read`].
pub async fn receive(
    request: &Request<'_>,
    response: Response,
    limit: usize,
    pause: Duration,
) -> Result<http::Response<Payload<ReadError>>, ReadError> {
    let mut incoming = Incoming::new(response, pause);
    if !request.is_streamed() || incoming.response.status() != http::StatusCode::OK {
        let body = incoming.whole(limit).await?;
        return Ok(incoming.parts().map(|()| Payload::Whole(body)));
    }
    let is_file = request.operation().answer == Answer::File;
    let mut may_be_refusal = is_json(incoming.response.headers());
    while may_be_refusal && incoming.begin.len() <= REFUSAL_LIMIT {
        let Some(chunk) = poll_fn(|context| incoming.poll_chunk(context)).await? else {
            let body = mem::take(&mut incoming.begin).freeze();
            return Ok(incoming.parts().map(|()| Payload::Whole(body)));
        };
        incoming.begin.extend_from_slice(&chunk);
        // A file may look like anything at its beginning, but a list is an envelope.
        may_be_refusal = is_file || Status::peek(&incoming.begin).is_none_or(|status| !status.is_success());
    }
    Ok(incoming.parts().map(|()| Payload::Stream(Box::pin(incoming))))
}

/// The most that a refusal in place of a file has.
const REFUSAL_LIMIT: usize = 16 * 1024;

pub(crate) fn is_json(headers: &http::HeaderMap) -> bool {
    let content_type = headers.get(http::header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    const JSON: &[u8] = b"application/json";
    content_type.get(..JSON.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(JSON))
}

/// An answer whose body is coming in: a stream of what comes.
struct Incoming {
    /// What has been read of the body, and not handed on.
    begin: BytesMut,
    response: Response,
    pause: Duration,
    /// Runs while nothing comes. Most of the time what is asked for is here already, and then there is none.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Incoming {
    fn new(response: Response, pause: Duration) -> Self {
        Self { begin: BytesMut::new(), response, pause, timer: None }
    }

    /// The next piece of the body. A pause that is too long ends the wait.
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        // It holds on to nothing between two polls, so that it can be made anew for each.
        if let Poll::Ready(chunk) = pin!(self.response.chunk()).poll(context) {
            self.timer = None;
            return Poll::Ready(chunk.map_err(|error| ReadError::Http(error.without_url())));
        }
        let pause = self.pause;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Err(ReadError::Stalled { pause }))
    }

    /// The whole body, which may have up to `limit` bytes.
    async fn whole(&mut self, limit: usize) -> Result<Bytes, ReadError> {
        let length = self.response.content_length().unwrap_or_default();
        if length > limit as u64 {
            return Err(ReadError::TooLarge { limit });
        }
        let mut first = Bytes::new();
        let mut body = BytesMut::new();
        while let Some(chunk) = poll_fn(|context| self.poll_chunk(context)).await? {
            if first.len() + body.len() + chunk.len() > limit {
                return Err(ReadError::TooLarge { limit });
            }
            if first.is_empty() && body.is_empty() {
                // Most answers come in one piece, which then need not be copied.
                first = chunk;
            } else {
                if body.is_empty() {
                    // It is no larger than the limit, and the limit is a size of memory.
                    body.reserve((length as usize).max(first.len() + chunk.len()));
                    body.extend_from_slice(&mem::take(&mut first));
                }
                body.extend_from_slice(&chunk);
            }
        }
        Ok(if body.is_empty() { first } else { body.freeze() })
    }

    /// The answer without its body and its URL.
    fn parts(&mut self) -> http::Response<()> {
        let mut parts = http::Response::new(());
        *parts.status_mut() = self.response.status();
        *parts.version_mut() = self.response.version();
        *parts.headers_mut() = mem::take(self.response.headers_mut());
        parts
    }
}

impl Stream for Incoming {
    type Item = Result<Bytes, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.begin.is_empty() {
            return Poll::Ready(Some(Ok(mem::take(&mut self.begin).freeze())));
        }
        self.poll_chunk(context).map(Result::transpose)
    }
}
