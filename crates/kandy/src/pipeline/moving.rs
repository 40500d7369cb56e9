use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
};

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::header::CONTENT_LENGTH;
use kandy_sys::{Operation, operation};
use reqwest::{Body, Response};

/// How much of a file has been handed to the connection. Of all other bodies everything is at once.
pub(crate) struct Moving(Option<Arc<Handed>>);

#[derive(Default)]
struct Handed {
    pieces: AtomicUsize,
    bytes: AtomicU64,
    /// Whether the file has come to its end.
    ended: AtomicBool,
    /// How many bytes the whole body has, where that is known.
    length: Option<u64>,
}

/// The largest piece that a file is handed over in, so that what is handed over is not far ahead of what is sent.
const PIECE: usize = 64 * 1024;

impl Moving {
    /// Watches the body of a request, if it is a file.
    pub(crate) fn watch(operation: &Operation, request: &mut reqwest::Request) -> Self {
        if !matches!(operation.body, operation::RequestBody::File(_)) {
            return Self(None);
        }
        let length = request.headers().get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let handed = Arc::new(Handed { length, ..Handed::default() });
        if let Some(body) = request.body_mut().take() {
            // A response is what reqwest makes a stream of.
            let body = Response::from(http::Response::new(body)).bytes_stream();
            let (counter, end) = (handed.clone(), handed.clone());
            let watched = in_pieces(body).inspect(move |piece| {
                if let Ok(piece) = piece {
                    counter.pieces.fetch_add(1, Ordering::Relaxed);
                    counter.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
                }
            });
            // It is asked for only when everything before it was taken.
            let ended = stream::once(async move { end.ended.store(true, Ordering::Relaxed) });
            *request.body_mut() = Some(Body::wrap_stream(watched.chain(ended.filter_map(|()| async { None }))));
        }
        Self(Some(handed))
    }

    /// How many pieces have been handed over.
    pub(crate) fn pieces(&self) -> usize {
        self.0.as_ref().map_or(0, |handed| handed.pieces.load(Ordering::Relaxed))
    }

    /// Whether the whole body has been handed over.
    pub(crate) fn is_whole(&self) -> bool {
        self.0.as_ref().is_none_or(|handed| {
            let has_length = |length| handed.bytes.load(Ordering::Relaxed) >= length;
            handed.ended.load(Ordering::Relaxed) || handed.length.is_some_and(has_length)
        })
    }
}

/// The same bytes in pieces that are not too large.
fn in_pieces<E>(body: impl Stream<Item = Result<Bytes, E>>) -> impl Stream<Item = Result<Bytes, E>> {
    body.flat_map(|chunk| {
        let (mut rest, mut error) = match chunk {
            Ok(chunk) => (chunk, None),
            Err(error) => (Bytes::new(), Some(error)),
        };
        stream::iter(std::iter::from_fn(move || {
            if let Some(error) = error.take() {
                return Some(Err(error));
            }
            let piece = rest.split_to(rest.len().min(PIECE));
            (!piece.is_empty()).then_some(Ok(piece))
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_chunks_are_cut_and_nothing_is_lost() {
        let large: Bytes = (0..3 * PIECE + 7).map(|at| (at % 251) as u8).collect();
        let chunks = [Ok::<_, &str>(large.clone()), Ok(Bytes::new()), Ok("end".into()), Err("broken")];
        let pieces: Vec<_> = in_pieces(stream::iter(chunks)).collect().await;
        assert_eq!(pieces.last(), Some(&Err("broken")));
        let pieces: Vec<Bytes> = pieces.into_iter().filter_map(Result::ok).collect();
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE), "{:?}", pieces.len());
        assert_eq!(pieces.concat(), [&large[..], b"end"].concat());
    }
}
