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

use crate::{Request, SecretMask, Status, TransportFailure, operation::ResponseKind};

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
pub enum Body<E = TransportFailure> {
    /// All of it, read.
    Full(Bytes),
    /// What is still on its way: a file, or what was wanted as a stream.
    Stream(ByteChunks<E>),
}

/// The bytes of an answer, as they arrive.
pub type ByteChunks<E = TransportFailure> = Pin<Box<dyn Stream<Item = Result<Bytes, E>> + Send>>;

impl<E: 'static> Body<E> {
    /// The same, with another error in the stream.
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

/// An answer whose body is coming in. It forgets the URL that the answer carries.
///
/// ```
/// # use kandy_sys::{Body, Request, transport::{BodyReader, ReadError}};
/// # async fn example(request: Request<'_>, answer: reqwest::Response) -> Result<http::Response<Body<ReadError>>, ReadError> {
/// let mut incoming = BodyReader::new(answer, std::time::Duration::from_secs(30));
/// let whole = incoming.receive(&request, 1024 * 1024).await?;
/// Ok(incoming.into_response(whole))
/// # }
/// ```
pub struct BodyReader {
    /// What has been read of the body, and not handed on.
    begin: BytesMut,
    response: Response,
    pause: Duration,
    /// Runs while nothing comes. Most of the time what is asked for is here already, and then there is none.
    timer: Option<Pin<Box<Sleep>>>,
}

impl BodyReader {
    /// An answer of which a piece has to arrive after each `pause` at the latest. If it moves, it may take as long as it
    /// needs.
    pub fn new(response: Response, pause: Duration) -> Self {
        Self { begin: BytesMut::new(), response, pause, timer: None }
    }

    /// Reads the whole body, unless it is that of a success which is [wanted as a stream](Request::is_streamed): that
    /// answers `None`. No limit holds for a stream, since it is never in memory as a whole.
    ///
    /// A refusal may come as HTTP 200 with an envelope in the place of what was wanted. So JSON is read until there is a
    /// status in it, up to 16 KiB, and is whole if it ends before.
    ///
    /// # Errors
    ///
    /// When the connection fails, when the body has more than `limit` bytes, or when nothing of it arrives for too long.
    pub async fn receive(&mut self, request: &Request<'_>, limit: usize) -> Result<Option<Bytes>, ReadError> {
        if !request.is_streamed() || self.response.status() != http::StatusCode::OK {
            return self.whole(limit).await.map(Some);
        }
        let is_file = request.operation().response == ResponseKind::File;
        let mut may_be_refusal = is_json(self.response.headers());
        while may_be_refusal && self.begin.len() <= REFUSAL_LIMIT {
            let Some(chunk) = poll_fn(|context| self.poll_chunk(context)).await? else {
                return Ok(Some(mem::take(&mut self.begin).freeze()));
            };
            self.begin.extend_from_slice(&chunk);
            // A file may look like anything at its beginning, but a list is an envelope.
            may_be_refusal = is_file || Status::peek(&self.begin).is_none_or(|status| !status.is_success());
        }
        Ok(None)
    }

    /// Reads the whole body.
    ///
    /// # Errors
    ///
    /// As of [`receive`](Self::receive).
    pub async fn whole(&mut self, limit: usize) -> Result<Bytes, ReadError> {
        let length = self.response.content_length().unwrap_or_default();
        if length > limit as u64 {
            return Err(ReadError::TooLarge { limit });
        }
        let mut first = Bytes::new();
        while let Some(chunk) = poll_fn(|context| self.poll_chunk(context)).await? {
            if first.len() + self.begin.len() + chunk.len() > limit {
                return Err(ReadError::TooLarge { limit });
            }
            if first.is_empty() && self.begin.is_empty() {
                // Most answers come in one piece, which then need not be copied.
                first = chunk;
                continue;
            }
            if self.begin.is_empty() {
                // It is no larger than the limit, and the limit is a size of memory.
                self.begin.reserve((length as usize).max(first.len() + chunk.len()));
                self.begin.extend_from_slice(&mem::take(&mut first));
            }
            self.begin.extend_from_slice(&chunk);
        }
        Ok(if self.begin.is_empty() { first } else { mem::take(&mut self.begin).freeze() })
    }

    /// The answer with its body: the whole one, or a stream of what has not been read of it. Unless it is a success, its
    /// extensions have a [`SecretMask`] for the secrets in the URL of the request.
    pub fn into_response(mut self, whole: Option<Bytes>) -> http::Response<Body<ReadError>> {
        let mut answer = http::Response::new(Body::Full(Bytes::new()));
        *answer.status_mut() = self.response.status();
        *answer.version_mut() = self.response.version();
        *answer.headers_mut() = mem::take(self.response.headers_mut());
        if answer.status() != http::StatusCode::OK || whole.as_deref().is_none_or(|body| !is_success(body)) {
            answer.extensions_mut().insert(SecretMask::of_url(self.response.url()));
        }
        *answer.body_mut() = match whole {
            Some(body) => Body::Full(body),
            None => Body::Stream(Box::pin(self)),
        };
        answer
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
}

impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyReader").field("http_status", &self.response.status()).finish_non_exhaustive()
    }
}

/// Whether an envelope is that of a success with the usual message, as far as its beginning or its end shows. Most of the
/// time it does, and then nothing has to be kept for the texts that the service wrote.
fn is_success(body: &[u8]) -> bool {
    const NEAR: usize = 1024;
    let (beginning, end) = (&body[..body.len().min(NEAR)], &body[body.len().saturating_sub(NEAR)..]);
    let is_success = body.ends_with(br#","status":0}"#) || Status::peek(beginning).is_some_and(Status::is_success);
    let says_success = |part| memchr::memmem::find(part, br#""success""#).is_some();
    is_success && (says_success(end) || says_success(beginning))
}

/// The most that a refusal in place of a file has.
const REFUSAL_LIMIT: usize = 16 * 1024;

pub(crate) fn is_json(headers: &http::HeaderMap) -> bool {
    let content_type = headers.get(http::header::CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    const JSON: &[u8] = b"application/json";
    content_type.get(..JSON.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(JSON))
}

impl Stream for BodyReader {
    type Item = Result<Bytes, ReadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if !self.begin.is_empty() {
            return Poll::Ready(Some(Ok(mem::take(&mut self.begin).freeze())));
        }
        self.poll_chunk(context).map(Result::transpose)
    }
}
