//! How the body of an answer comes in: as a whole, or as a stream if it is a file.

use std::{error::Error as StdError, fmt, pin::Pin, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, Stream};
use reqwest::{Body, Response};

use crate::{Operation, operation::Answer};

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

/// Reads the body of an answer, and forgets the URL that the answer carries.
///
/// # Errors
///
/// When the connection fails, when the body has more than `limit` bytes, or when nothing of it arrives for `pause`. A
/// body that moves may take as long as it needs.
pub async fn read(mut response: Response, limit: usize, pause: Duration) -> Result<http::Response<Bytes>, ReadError> {
    let too_large = ReadError::TooLarge { limit };
    if response.content_length().is_some_and(|length| length > limit as u64) {
        return Err(too_large);
    }
    let mut body = BytesMut::new();
    let mut first = next_chunk(&mut response, pause).await?.unwrap_or_default();
    if first.len() > limit {
        return Err(too_large);
    }
    while let Some(chunk) = next_chunk(&mut response, pause).await? {
        // Most answers come in one piece, which then need not be copied.
        for piece in [std::mem::take(&mut first), chunk] {
            if body.len() + piece.len() > limit {
                return Err(too_large);
            }
            body.extend_from_slice(&piece);
        }
    }
    let body = if body.is_empty() { first } else { body.freeze() };
    Ok(without_body(response).map(|()| body))
}

/// The answer without its body and its URL.
fn without_body(response: Response) -> http::Response<()> {
    let (mut parts, _) = http::Response::<Body>::from(response).into_parts();
    parts.extensions.clear();
    http::Response::from_parts(parts, ())
}

/// What an answer carries.
pub enum Payload {
    /// All of it, read.
    Whole(Bytes),
    /// A file, which is not read yet.
    Stream(FileStream),
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// The bytes of a file, as they arrive.
pub type FileStream = Pin<Box<dyn Stream<Item = Result<Bytes, ReadError>> + Send>>;

/// Receives the answer of an operation: reads it as [`read`] does, unless it is the file that was asked for. No limit
/// holds for a file, since it is never in memory as a whole.
///
/// An operation that answers a file refuses with JSON, under any HTTP status. So a small JSON text is read, and the
/// caller finds out whether it is an envelope.
///
/// # Errors
///
/// As for [`read`].
pub async fn receive(
    operation: &Operation,
    mut response: Response,
    limit: usize,
    pause: Duration,
) -> Result<http::Response<Payload>, ReadError> {
    if operation.answer != Answer::File || response.status() != http::StatusCode::OK {
        return Ok(read(response, limit, pause).await?.map(Payload::Whole));
    }
    let mut begin = BytesMut::new();
    if is_json(response.headers()) {
        while begin.len() <= REFUSAL_LIMIT {
            match next_chunk(&mut response, pause).await? {
                Some(chunk) => begin.extend_from_slice(&chunk),
                None => return Ok(without_body(response).map(|()| Payload::Whole(begin.freeze()))),
            }
        }
    }
    let (mut parts, body) = http::Response::<Body>::from(response).into_parts();
    parts.extensions.clear();
    let rest = Response::from(http::Response::new(body));
    let begin = Some(begin.freeze()).filter(|begin| !begin.is_empty());
    let stream = stream::try_unfold((begin, rest), move |(begin, mut rest)| async move {
        let chunk = match begin {
            Some(begin) => Some(begin),
            None => next_chunk(&mut rest, pause).await?,
        };
        Ok(chunk.map(|chunk| (chunk, (None, rest))))
    });
    Ok(http::Response::from_parts(parts, Payload::Stream(Box::pin(stream))))
}

/// The most that a refusal in place of a file has.
const REFUSAL_LIMIT: usize = 16 * 1024;

pub(crate) fn is_json(headers: &http::HeaderMap) -> bool {
    let content_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.to_ascii_lowercase().starts_with("application/json"))
}

async fn next_chunk(response: &mut Response, pause: Duration) -> Result<Option<Bytes>, ReadError> {
    match tokio::time::timeout(pause, response.chunk()).await {
        Ok(chunk) => chunk.map_err(|error| ReadError::Http(error.without_url())),
        Err(_) => Err(ReadError::Stalled { pause }),
    }
}
