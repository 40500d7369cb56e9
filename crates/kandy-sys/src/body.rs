//! Reads the body of a response, as a whole or as a stream, with a limit and an idle timeout.
//!
//! Begin with [`BodyReader`]. A body that is streamed may still be an envelope with a fault: see
//! [`BodyReader::receive`].

use std::{
    error::Error as StdError,
    fmt,
    future::poll_fn,
    mem,
    pin::{Pin, pin},
    sync::LazyLock,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::{TryStreamExt, stream::Stream};
use memchr::memmem::Finder;
use reqwest::Response;
use tokio::time::Sleep;

use crate::{Request, SecretMask, Status, operation::ResponseKind, transport_failure::TransportFailure};

/// Why the body of a response could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadError {
    /// The connection failed.
    Http(reqwest::Error),
    /// The body is larger than the limit.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// No bytes arrived within the idle timeout.
    #[non_exhaustive]
    Stalled {
        /// The idle timeout.
        pause: Duration,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => error.fmt(f),
            Self::TooLarge { limit } => write!(f, "the response is larger than the limit of {limit} bytes"),
            Self::Stalled { pause } => write!(f, "no bytes of the response arrived for {pause:?}"),
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

/// The body of a response. A stream may end with an error `E`.
pub enum Body<E = TransportFailure> {
    /// The whole body.
    Full(Bytes),
    /// A stream of a body that is still arriving: a file, or a list that is read as it arrives.
    Stream(ByteChunks<E>),
}

/// The bytes of a response, as they arrive.
pub type ByteChunks<E = TransportFailure> = Pin<Box<dyn Stream<Item = Result<Bytes, E>> + Send>>;

impl<E: 'static> Body<E> {
    /// Converts the error of the stream.
    pub fn map_err<F>(self, change: impl FnMut(E) -> F + Send + 'static) -> Body<F> {
        match self {
            Self::Full(body) => Body::Full(body),
            Self::Stream(chunks) => Body::Stream(Box::pin(chunks.map_err(change))),
        }
    }
}

impl<E> fmt::Debug for Body<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full(bytes) => write!(f, "Full({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

impl<E> From<Bytes> for Body<E> {
    fn from(body: Bytes) -> Self {
        Self::Full(body)
    }
}

impl<E> From<&'static str> for Body<E> {
    fn from(body: &'static str) -> Self {
        Self::Full(body.into())
    }
}

/// Reads the body of a response. The result does not contain the URL of the request.
///
/// ```
/// # use kandy_sys::{Body, Request, transport::{BodyReader, ReadError}};
/// # async fn example(request: Request<'_>, response: reqwest::Response) -> Result<http::Response<Body<ReadError>>, ReadError> {
/// let mut reader = BodyReader::new(response, std::time::Duration::from_secs(30));
/// let whole = reader.receive(&request, 1024 * 1024).await?;
/// Ok(reader.into_response(whole))
/// # }
/// ```
pub struct BodyReader {
    /// Bytes that were read, and not returned yet.
    buffer: BytesMut,
    response: Response,
    pause: Duration,
    /// The idle timer. It exists only while the connection has no bytes ready, so most responses need none.
    timer: Option<Pin<Box<Sleep>>>,
}

impl BodyReader {
    /// Returns a reader with an idle timeout: it fails if no bytes arrive for `pause`. The total time is not limited.
    pub fn new(response: Response, pause: Duration) -> Self {
        Self { buffer: BytesMut::new(), response, pause, timer: None }
    }

    /// Reads the whole body. Returns `None` for a success that is [read as a stream](Request::is_streamed). The limit does
    /// not apply to a stream, which is never in memory as a whole.
    ///
    /// A fault may be an envelope with HTTP 200 instead of the file or the list. JSON is therefore buffered until its
    /// status is known, up to 16 KiB; a body that ends before that is returned as a whole.
    ///
    /// # Errors
    ///
    /// When the connection fails, when the body has more than `limit` bytes, or when no bytes arrive within the idle timeout.
    pub async fn receive(&mut self, request: &Request<'_>, limit: usize) -> Result<Option<Bytes>, ReadError> {
        if !request.is_streamed() || self.response.status() != http::StatusCode::OK {
            return self.whole(limit).await.map(Some);
        }
        let is_file = request.operation().response == ResponseKind::File;
        let mut may_be_fault = is_json(self.response.headers());
        while may_be_fault && self.buffer.len() <= FAULT_LIMIT {
            let Some(chunk) = poll_fn(|context| self.poll_chunk(context)).await? else {
                return Ok(Some(mem::take(&mut self.buffer).freeze()));
            };
            self.buffer.extend_from_slice(&chunk);
            // A success status proves that a list is no fault. It proves nothing for a file, which may be any JSON.
            may_be_fault = is_file || Status::scan(&self.buffer).is_none_or(|status| !status.is_success());
        }
        Ok(None)
    }

    /// Reads the whole body.
    ///
    /// # Errors
    ///
    /// As [`receive`](Self::receive).
    pub async fn whole(&mut self, limit: usize) -> Result<Bytes, ReadError> {
        let length = self.response.content_length().unwrap_or_default();
        if length > limit as u64 {
            return Err(ReadError::TooLarge { limit });
        }
        let mut first = Bytes::new();
        while let Some(chunk) = poll_fn(|context| self.poll_chunk(context)).await? {
            if first.len() + self.buffer.len() + chunk.len() > limit {
                return Err(ReadError::TooLarge { limit });
            }
            if first.is_empty() && self.buffer.is_empty() {
                // Most bodies arrive in one chunk, which is returned without a copy.
                first = chunk;
                continue;
            }
            if self.buffer.is_empty() {
                // `length` is at most the limit, which is a `usize`.
                self.buffer.reserve((length as usize).max(first.len() + chunk.len()));
                self.buffer.extend_from_slice(&mem::take(&mut first));
            }
            self.buffer.extend_from_slice(&chunk);
        }
        Ok(if self.buffer.is_empty() { first } else { mem::take(&mut self.buffer).freeze() })
    }

    /// Returns the response with its body: the whole one, or a stream of the rest. Unless it is the usual success, its
    /// extensions contain a [`SecretMask`] for the secrets in the URL of the request.
    pub fn into_response(mut self, whole: Option<Bytes>) -> http::Response<Body<ReadError>> {
        let mut response = http::Response::new(Body::Full(Bytes::new()));
        *response.status_mut() = self.response.status();
        *response.version_mut() = self.response.version();
        *response.headers_mut() = mem::take(self.response.headers_mut());
        if response.status() != http::StatusCode::OK || whole.as_deref().is_none_or(|body| !is_usual_success(body)) {
            response.extensions_mut().insert(SecretMask::of_url(self.response.url()));
        }
        *response.body_mut() = match whole {
            Some(body) => Body::Full(body),
            None => Body::Stream(Box::pin(self)),
        };
        response
    }

    /// Polls for the next chunk of the body, or for the end of the idle timeout.
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        // `chunk()` keeps no state between polls, so a new future per poll loses nothing.
        if let Poll::Ready(chunk) = pin!(self.response.chunk()).poll(context) {
            self.timer = None;
            return Poll::Ready(chunk.map_err(|error| ReadError::Http(error.without_url())));
        }
        let pause = self.pause;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Err(ReadError::Stalled { pause }))
    }
}

impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader").field("http_status", &self.response.status()).finish_non_exhaustive()
    }
}

/// Whether the first or the last kilobyte of an envelope shows a success with the message `success`. Its texts then contain
/// no secret, and no mask is built. A wrong `false` costs only the mask.
fn is_usual_success(body: &[u8]) -> bool {
    const RANGE: usize = 1024;
    let (beginning, end) = (&body[..body.len().min(RANGE)], &body[body.len().saturating_sub(RANGE)..]);
    let is_success = body.ends_with(br#","status":0}"#) || Status::scan(beginning).is_some_and(Status::is_success);
    // A search for a text is prepared once: that takes longer than a search in a small body.
    static MESSAGE: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(br#""success""#));
    let has_message = |part| MESSAGE.find(part).is_some();
    is_success && (has_message(end) || has_message(beginning))
}

/// The largest fault that is recognised instead of a file or a list, in bytes.
const FAULT_LIMIT: usize = 16 * 1024;

/// Whether the content type is JSON.
pub(crate) fn is_json(headers: &http::HeaderMap) -> bool {
    let content_type = headers.get(http::header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    const JSON: &[u8] = b"application/json";
    content_type.get(..JSON.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(JSON))
}

impl Stream for BodyReader {
    type Item = Result<Bytes, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.buffer.is_empty() {
            return Poll::Ready(Some(Ok(mem::take(&mut self.buffer).freeze())));
        }
        self.poll_chunk(context).map(Result::transpose)
    }
}
