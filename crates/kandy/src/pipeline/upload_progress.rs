//! [`UploadProgress`]: how much of an uploaded file the connection has taken, which `attempt` needs for its timeout.
//! Depends on nothing.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::header::CONTENT_LENGTH;
use kandy_sys::{Operation, operation};
use reqwest::{Body, Response, Url};

/// How much of a file the connection has taken, and the URL of the request where the client may follow redirects. `None`
/// for every other request, whose body is sent as a whole.
pub(crate) struct UploadProgress(Option<Arc<Counters>>);

/// The counters that the stream of the body updates while the connection polls it.
#[derive(Default)]
struct Counters {
    chunks: AtomicUsize,
    bytes: AtomicU64,
    /// Whether the stream has ended.
    ended: AtomicBool,
    /// The length of the body in bytes, if known.
    length: Option<u64>,
    /// The URL of the request, if the client may follow redirects. Kept here, because a field of its own would make the
    /// future of every call larger.
    requested: Option<Url>,
}

/// The largest chunk handed to the connection. A larger one would count as sent long before the socket has taken it.
const CHUNK: usize = 64 * 1024;

impl UploadProgress {
    /// Counts the chunks of the body of a request, if it is a file, and keeps its URL if it may be redirected.
    pub(crate) fn watch(operation: &Operation, request: &mut reqwest::Request, may_be_redirected: bool) -> Self {
        let requested = may_be_redirected.then(|| request.url().clone());
        if !matches!(operation.body, operation::RequestBody::File(_)) {
            // Nothing is counted: the body is complete when it is sent.
            let ended = AtomicBool::new(true);
            return Self(
                requested.map(|url| Arc::new(Counters { requested: Some(url), ended, ..Counters::default() })),
            );
        }
        let length = request.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let sent = Arc::new(Counters { length, requested, ..Counters::default() });
        if let Some(body) = request.body_mut().take() {
            // reqwest turns a response into a stream of chunks, but has no such method for the body of a request.
            let body = Response::from(http::Response::new(body)).bytes_stream();
            let (counter, end) = (sent.clone(), sent.clone());
            let watched = in_chunks(body).inspect(move |chunk| {
                if let Ok(chunk) = chunk {
                    counter.chunks.fetch_add(1, Ordering::Relaxed);
                    counter.bytes.fetch_add(chunk.len() as u64, Ordering::Relaxed);
                }
            });
            // The connection polls this empty tail only after it has taken every chunk.
            let ended = stream::once(async move { end.ended.store(true, Ordering::Relaxed) });
            *request.body_mut() = Some(Body::wrap_stream(watched.chain(ended.filter_map(|()| async { None }))));
        }
        Self(Some(sent))
    }

    /// Returns how many chunks the connection has taken.
    pub(crate) fn chunks_sent(&self) -> usize {
        self.0.as_ref().map_or(0, |sent| sent.chunks.load(Ordering::Relaxed))
    }

    /// Returns the URL of the request, if the client may follow redirects.
    pub(crate) fn requested(&self) -> Option<&Url> {
        self.0.as_ref()?.requested.as_ref()
    }

    /// Whether the connection has taken the whole body.
    pub(crate) fn is_complete(&self) -> bool {
        self.0.as_ref().is_none_or(|sent| {
            // With a known length, hyper may stop polling before the end of the stream.
            let has_length = |length| sent.bytes.load(Ordering::Relaxed) >= length;
            sent.ended.load(Ordering::Relaxed) || sent.length.is_some_and(has_length)
        })
    }
}

/// Splits the chunks of a stream to at most [`CHUNK`] bytes.
fn in_chunks<E>(body: impl Stream<Item = Result<Bytes, E>>) -> impl Stream<Item = Result<Bytes, E>> {
    body.flat_map(|chunk| {
        let (mut rest, mut error) = match chunk {
            Ok(chunk) => (chunk, None),
            Err(error) => (Bytes::new(), Some(error)),
        };
        stream::iter(std::iter::from_fn(move || {
            if let Some(error) = error.take() {
                return Some(Err(error));
            }
            let chunk = rest.split_to(rest.len().min(CHUNK));
            (!chunk.is_empty()).then_some(Ok(chunk))
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_chunks_are_cut_and_nothing_is_lost() {
        let large: Bytes = (0..3 * CHUNK + 7).map(|at| (at % 251) as u8).collect();
        let chunks = [Ok::<_, &str>(large.clone()), Ok(Bytes::new()), Ok("end".into()), Err("broken")];
        let chunks: Vec<_> = in_chunks(stream::iter(chunks)).collect().await;
        assert_eq!(chunks.last(), Some(&Err("broken")));
        let chunks: Vec<Bytes> = chunks.into_iter().filter_map(Result::ok).collect();
        assert!(chunks.iter().all(|chunk| chunk.len() <= CHUNK), "{:?}", chunks.len());
        assert_eq!(chunks.concat(), [&large[..], b"end"].concat());
    }
}
