//! Upgrades a request to a WebSocket, and hands the frames to a task.
//!
//! A channel has its own path and its own frames; both are above this module, which knows of none.
//!
//! Depends on `connection`, `read_timeout` and `protocol::refusal`. Begin with `accept`.

use std::{future::Future, io, time::Duration};

use axum::body::Body;
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request::Parts};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use kandy_sys::{ApiFault, Status};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message, Utf8Bytes,
        error::CapacityError,
        protocol::{CloseFrame, Role, WebSocketConfig},
    },
};

use super::{connection::ConnectionHandle, read_timeout::Phase};
use crate::{limits, protocol::refusal::Refusal};

/// The text that the key of the client is hashed with (RFC 6455, section 1.3).
const ACCEPT_SUFFIX: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// How long a client has to confirm a close, before its connection is dropped.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(400);

/// The read buffer of a channel. Small, because it is allocated for each and most frames are short.
const READ_BUFFER: usize = 1024;

/// The most bytes that wait to be written. A sender waits for each frame, but the codec reads on while the Pongs to a
/// client that does not read wait. A frame fits: its text is made of a request, whose forms it at most doubles.
const WRITE_BUFFER: usize = 4 * limits::BODY;

/// A close code and its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CloseReason {
    pub(crate) code: u16,
    pub(crate) text: &'static str,
}

impl CloseReason {
    pub(crate) const GOING_AWAY: Self = Self::new(1001, "the server stops");
    const PROTOCOL_ERROR: Self = Self::new(1002, "protocol error");
    const INVALID_TEXT: Self = Self::new(1007, "a text frame is not UTF-8");
    const TOO_LARGE: Self = Self::new(1009, "the frame is too large");

    pub(crate) const fn new(code: u16, text: &'static str) -> Self {
        Self { code, text }
    }
}

/// Returns whether a request asks for a WebSocket.
pub(crate) fn is_requested(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::GET && has_token(headers, header::UPGRADE, "websocket")
}

/// Returns whether a header has a token in one of its lists.
fn has_token(headers: &HeaderMap, name: header::HeaderName, token: &str) -> bool {
    let mut tokens =
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
    tokens.any(|found| found.trim().eq_ignore_ascii_case(token))
}

/// An upgrade that the client asks for in the right form.
pub(crate) struct Upgrade {
    accept: HeaderValue,
    on_upgrade: OnUpgrade,
}

impl Upgrade {
    /// Reads the upgrade from the head of a request.
    ///
    /// # Errors
    ///
    /// HTTP 426 for another version of the protocol than 13; 400 without a key, and on a connection that cannot be
    /// upgraded, such as one of HTTP/1.0.
    pub(crate) fn read(parts: &mut Parts) -> Result<Self, Refusal> {
        let refuse = |http, message: &str| Refusal { http, fault: ApiFault::new(Status::VALIDATION_FAILED, message) };
        let headers = &parts.headers;
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(refuse(StatusCode::UPGRADE_REQUIRED, "the WebSocket version is not 13"));
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
        // A nonce of 16 bytes in base64, which has 24 characters.
        let key = key.filter(|key| key.len() == 24 && has_token(headers, header::CONNECTION, "upgrade"));
        let accept = key.and_then(|key| HeaderValue::try_from(accept_key(key)).ok());
        match accept.zip(parts.extensions.remove::<OnUpgrade>()) {
            Some((accept, on_upgrade)) => Ok(Self { accept, on_upgrade }),
            None => Err(refuse(StatusCode::BAD_REQUEST, "the WebSocket handshake is incomplete")),
        }
    }

    /// Returns the response 101, and runs a task with the frames once it is sent. The task runs, too, when the client
    /// disconnects before: without a WebSocket then.
    pub(crate) fn accept<F>(
        self,
        connection: &ConnectionHandle,
        run: impl FnOnce(Option<WebSocket>) -> F + Send + 'static,
    ) -> Response<Body>
    where
        F: Future<Output = ()> + Send,
    {
        let (on_upgrade, connection) = (self.on_upgrade, connection.clone());
        tokio::spawn(async move {
            let socket = match on_upgrade.await {
                Ok(upgraded) => Some(WebSocket::new(upgraded, connection).await),
                Err(_) => None,
            };
            run(socket).await;
        });
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        response
    }
}

fn accept_key(key: &[u8]) -> String {
    let mut hash = sha1_smol::Sha1::from(key);
    hash.update(ACCEPT_SUFFIX);
    STANDARD.encode(hash.digest().bytes())
}

/// What a client sends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Text(Utf8Bytes),
    Binary,
    /// A Ping, which is answered already, or a Pong.
    Control,
    /// The last one: the client closed the channel or its connection.
    End,
    /// The last one: the client sent what is no frame, or one that is too large.
    Invalid(CloseReason),
}

/// The open WebSocket of a client.
pub(crate) struct WebSocket {
    frames: WebSocketStream<TokioIo<Upgraded>>,
    connection: ConnectionHandle,
}

impl WebSocket {
    async fn new(upgraded: Upgraded, connection: ConnectionHandle) -> Self {
        // A channel is silent for as long as nothing happens, so that the read timeout of requests does not apply.
        connection.phase.set(Phase::Upgraded);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(limits::CHANNEL_FRAME))
            .max_frame_size(Some(limits::CHANNEL_FRAME));
        let frames = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
        Self { frames, connection }
    }

    /// The handle of the connection, which tells when the server stops.
    pub(crate) fn connection(&self) -> &ConnectionHandle {
        &self.connection
    }

    /// Reads the next frame. Dropping the future loses none.
    pub(crate) async fn next(&mut self) -> Frame {
        match self.frames.next().await {
            Some(Ok(Message::Text(text))) => Frame::Text(text),
            Some(Ok(Message::Binary(_))) => Frame::Binary,
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => Frame::Control,
            Some(Err(tungstenite::Error::Capacity(CapacityError::MessageTooLong { .. }))) => {
                Frame::Invalid(CloseReason::TOO_LARGE)
            }
            Some(Err(tungstenite::Error::Utf8(_))) => Frame::Invalid(CloseReason::INVALID_TEXT),
            Some(Err(tungstenite::Error::Protocol(error)))
                if !matches!(error, tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) =>
            {
                Frame::Invalid(CloseReason::PROTOCOL_ERROR)
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => Frame::End,
        }
    }

    /// Sends a text frame. When the future is dropped, the frame may be sent with the next one.
    ///
    /// # Errors
    ///
    /// When the connection has ended.
    pub(crate) async fn send(&mut self, text: Utf8Bytes) -> io::Result<()> {
        self.frames.send(Message::Text(text)).await.map_err(|_| io::ErrorKind::ConnectionAborted.into())
    }

    /// Confirms the close of the client, if it sent one.
    pub(crate) async fn confirm_close(mut self) {
        // A read after the close frame sends the reply.
        drop(time::timeout(CLOSE_TIMEOUT, self.frames.next()).await);
    }

    /// Sends a close frame, and waits a moment for the client to confirm it.
    pub(crate) async fn close(mut self, CloseReason { code, text }: CloseReason) {
        let frame = CloseFrame { code: code.into(), reason: Utf8Bytes::from_static(text) };
        let close = async {
            if self.frames.close(Some(frame)).await.is_err() {
                return;
            }
            while let Some(Ok(_)) = self.frames.next().await {}
            // After an invalid frame, the rest is no frame either. It is dropped until the client ends the connection:
            // a socket that is closed with unread bytes sends a reset, and the client would lose the close frame.
            drop(self.frames.get_mut().shutdown().await);
            self.discard().await;
        };
        drop(time::timeout(CLOSE_TIMEOUT, close).await);
    }

    /// Resets the connection.
    pub(crate) async fn reset(mut self) {
        self.connection.control.reset();
        // The connection is prepared for the reset by the next write, which fails.
        drop(time::timeout(CLOSE_TIMEOUT, self.frames.get_mut().write_all(&[0])).await);
    }

    /// Reads and drops all bytes until the client ends the connection. Nothing is sent, not even a Pong.
    pub(crate) async fn discard(&mut self) {
        // Not in the future, which each channel allocates.
        let mut buffer = vec![0; 1024];
        while let Ok(1..) = self.frames.get_mut().read(&mut buffer).await {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_key_of_the_specification() {
        // RFC 6455, section 1.3.
        assert_eq!(accept_key(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
