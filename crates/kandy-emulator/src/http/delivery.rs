//! Sends a response, also in part or not at all when a fault is injected.
//!
//! Depends on `connection`, `response` and `faults`. Begin with `send`.

use std::{
    convert::Infallible,
    future::{self, Future},
    io,
    task::Poll,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{HeaderValue, Response, header};

use super::{connection::ConnectionHandle, response::HttpResponse};
use crate::faults::Delivery;

/// A chunk of padding.
static PADDING: [u8; 64 * 1024] = [b'x'; 64 * 1024];

/// The JSON before and after the padding.
const MEMBER: (&str, &str) = (r#","padding":""#, r#""}"#);

/// Sends a response as a fault requires: as a whole, in part, or not at all.
pub(super) async fn send(
    delivery: Delivery,
    response: HttpResponse,
    mut connection: ConnectionHandle,
) -> Response<Body> {
    match delivery {
        Delivery::Whole => {}
        Delivery::Padded(bytes) => return response.map_body(|body| pad(&body, bytes)),
        Delivery::HalfThenClose => return half(response, close(connection)),
        Delivery::HalfThenStall => {
            // The body ends only when the server stops, because a body that never ends would hold up the shutdown.
            let then = async move {
                connection.stopping().await;
                close(connection).await
            };
            return half(response, then);
        }
        Delivery::Stall => {
            connection.stopping().await;
            connection.control.close();
        }
        Delivery::Close => connection.control.close(),
        Delivery::Reset => connection.control.reset(),
    }
    // Nothing of it is written when the connection was closed or reset above.
    response.map_body(Body::from)
}

/// A response with the `Content-Length` of the whole body and the first half of it.
fn half(response: HttpResponse, then: impl Future<Output = io::Result<Bytes>> + Send + 'static) -> Response<Body> {
    let (length, first) = (response.body.len(), response.first_half());
    let chunks = stream::iter([Ok(first)]).chain(stream::once(then));
    let mut response = response.map_body(|_| Body::from_stream(chunks));
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    response
}

/// A chunk that never arrives: the connection is closed once everything before it is written. An error instead would
/// close it at once, and the half body would be lost (`faults::closes_during_response`).
fn close(connection: ConnectionHandle) -> impl Future<Output = io::Result<Bytes>> + Send {
    let mut is_woken = false;
    future::poll_fn(move |context| {
        connection.control.close_after_writing();
        if !is_woken {
            // Wakes the server to flush and then to see that the connection is closed. Once, so that a client that
            // does not read causes no busy loop.
            is_woken = true;
            context.waker().wake_by_ref();
        }
        Poll::Pending
    })
}

/// A JSON object with one more member, which makes it `bytes` long.
fn pad(object: &[u8], bytes: u64) -> Body {
    let Some(object) = object.strip_suffix(b"}") else { return Body::from(object.to_vec()) };
    let around = object.len() + MEMBER.0.len() + MEMBER.1.len();
    // Generated while it is sent: a body of a terabyte takes no memory (`shutdown::stopping_ends_every_fault`).
    let mut left = bytes.saturating_sub(u64::try_from(around).unwrap_or(u64::MAX));
    let padding = stream::iter(std::iter::from_fn(move || {
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(PADDING.len());
        left -= u64::try_from(length).unwrap_or(left);
        PADDING.get(..length).filter(|chunk| !chunk.is_empty()).map(Bytes::from_static)
    }));
    let before = Bytes::from([object, MEMBER.0.as_bytes()].concat());
    let chunks = stream::iter([before]).chain(padding).chain(stream::iter([Bytes::from_static(MEMBER.1.as_bytes())]));
    Body::from_stream(chunks.map(Ok::<_, Infallible>))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn padding_is_exact_and_json() {
        for (bytes, expected) in [(0, 20), (20, 20), (21, 21), (200_000, 200_000)] {
            let body = pad(br#"{"a":1}"#, bytes);
            let read = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
            assert_eq!(read.len(), expected, "{bytes}");
            let json: serde_json::Value = serde_json::from_slice(&read).expect("JSON");
            assert_eq!(json["a"], 1);
        }
    }
}
