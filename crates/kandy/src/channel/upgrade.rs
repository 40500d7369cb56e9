//! The upgrade of an HTTP connection to the WebSocket of a channel (RFC 6455). Depends on `pipeline`.
//!
//! reqwest makes the request, with the TLS, proxy and redirect rules of all calls. The WebSocket library gets the
//! connection afterwards: its own handshake would log the URL, which contains the access token.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, StatusCode, Version, header};
use kandy_sys::{Body, Envelope, Operation, SecretMask};
use reqwest::{Response, Upgraded};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::protocol::{Role, WebSocketConfig},
};

use super::failure::failure;
use crate::{
    Error, Result,
    decode::Decode as _,
    error::{Phase, TransportError},
    pipeline::{ClientInner, is_redirected},
};

/// The text that the key of the client is hashed with (RFC 6455, section 1.3).
const ACCEPT_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The longest frame and message that is received.
const MAX_MESSAGE_SIZE: usize = 1024 * 1024;

/// The read buffer of a channel. Small, because it is allocated for each and most frames are short.
const READ_BUFFER_SIZE: usize = 1024;

/// The longest response of a refusal that is read.
const MAX_REFUSAL_SIZE: usize = 64 * 1024;

/// The frames of a channel.
pub(super) type Socket = WebSocketStream<Upgraded>;

/// Opens the WebSocket at a URL, which contains the access token.
///
/// # Errors
///
/// [`Error::Api`] if the service refuses, [`Error::Transport`] if there is no connection or no upgrade.
pub(super) async fn open(inner: &ClientInner, operation: &'static Operation, url: reqwest::Url) -> Result<Socket> {
    let mask = SecretMask::of_url(&url);
    let opening = upgrade(inner, operation, url);
    let limit = inner.channels.connect_timeout().saturating_add(inner.settings.timeout);
    match tokio::time::timeout(limit, opening).await {
        Ok(opened) => opened.map_err(|error| error.masked(&mask).received_at(|| inner.clock.now_utc())),
        Err(_) => Err(failure(operation.id, Phase::Timeout, "the upgrade took too long")),
    }
}

async fn upgrade(inner: &ClientInner, operation: &'static Operation, url: reqwest::Url) -> Result<Socket> {
    // 16 bytes that are hard to guess, as those of a random UUID are.
    let key = STANDARD.encode(uuid::Uuid::new_v4().as_bytes());
    let requested = url.clone();
    let request = inner
        .channels
        .client(&inner.base_url)
        .await?
        .get(url)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, &key);
    let transport = |error| {
        let error = TransportError::of(Some(operation.id), Phase::Send, error);
        Error::Transport(Arc::new(error.through(inner.proxy.as_ref())))
    };
    let response = request.send().await.map_err(transport)?;
    if is_redirected(&requested, &response) {
        return Err(Error::Transport(Arc::new(TransportError::redirected(operation.id))));
    }
    if response.version() == Version::HTTP_2 {
        let reason = "HTTP/2 has no upgrade; build the client that was given to `http_client` with `http1_only()`";
        return Err(failure(operation.id, Phase::Channel, reason));
    }
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(refusal(operation, response).await);
    }
    if !is_accepted(response.headers(), &key) {
        return Err(failure(operation.id, Phase::Channel, "the response is not that of a WebSocket"));
    }
    let upgraded = response.upgrade().await.map_err(transport)?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_SIZE)
        .write_buffer_size(0)
        .max_message_size(Some(MAX_MESSAGE_SIZE))
        .max_frame_size(Some(MAX_MESSAGE_SIZE));
    Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await)
}

/// Whether the response proves that the server has read the key.
fn is_accepted(headers: &HeaderMap, key: &str) -> bool {
    let has = |name: header::HeaderName, expected: &str| {
        let mut values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.any(|value| value.split(',').any(|token| token.trim().eq_ignore_ascii_case(expected)))
    };
    let accept = headers.get(header::SEC_WEBSOCKET_ACCEPT).map(|accept| accept.as_bytes().trim_ascii());
    has(header::UPGRADE, "websocket")
        && has(header::CONNECTION, "upgrade")
        && accept == Some(accept_of(key).as_bytes())
        // None was offered.
        && !headers.contains_key(header::SEC_WEBSOCKET_EXTENSIONS)
        && !headers.contains_key(header::SEC_WEBSOCKET_PROTOCOL)
}

fn accept_of(key: &str) -> String {
    let mut hash = sha1_smol::Sha1::from(key.as_bytes());
    hash.update(ACCEPT_SUFFIX);
    STANDARD.encode(hash.digest().bytes())
}

/// Returns the error of a response that is no upgrade.
async fn refusal(operation: &'static Operation, mut response: Response) -> Error {
    let mut refused = http::Response::new(());
    *refused.status_mut() = response.status();
    *refused.headers_mut() = response.headers().clone();
    let mut body = Vec::new();
    // A body that breaks off, or is too long, is no envelope.
    while let Ok(Some(chunk)) = response.chunk().await
        && body.len() < MAX_REFUSAL_SIZE
    {
        body.extend_from_slice(&chunk);
    }
    let refused = refused.map(|()| Body::Full(body.into()));
    match Envelope::<serde_json::Value>::decode(operation, refused) {
        Err(error @ Error::Api(_)) => error,
        _ => failure(operation.id, Phase::Channel, "the server did not upgrade the connection"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_key_of_the_specification() {
        // RFC 6455, section 1.3.
        assert_eq!(accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
