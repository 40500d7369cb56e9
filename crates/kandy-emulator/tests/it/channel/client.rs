//! A client of the data channel.

use std::{io::ErrorKind, time::Duration};

use futures_util::{SinkExt, StreamExt};
use kandy_emulator::Emulator;
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, protocol::Role},
};

use crate::fixture::{Socket, connect};

/// How long a frame may take before a test fails.
const LONG_TIMEOUT: Duration = Duration::from_secs(30);

/// An open channel.
#[derive(Debug)]
pub(crate) struct Channel(pub(crate) WebSocketStream<Box<dyn Socket>>);

/// A refused upgrade.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) http: u16,
    pub(crate) json: Value,
}

/// The key of the example of RFC 6455, section 1.3.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What a server makes of it.
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Asks for an upgrade, with a path and a query.
pub(crate) async fn ask(emulator: &Emulator, path: &str) -> Result<Channel, Refused> {
    ask_over(connect(emulator).await, &crate::faults::address(emulator), path).await
}

/// Asks for an upgrade at an address.
pub(crate) async fn ask_at(address: &str, path: &str) -> Result<Channel, Refused> {
    ask_over(Box::new(TcpStream::connect(address).await.expect("a connection")), address, path).await
}

/// Asks for an upgrade over a connection.
///
/// By hand, because tungstenite's handshake brings older versions of crates that the workspace has.
async fn ask_over(mut connection: Box<dyn Socket>, address: &str, path: &str) -> Result<Channel, Refused> {
    // As a browser does it on a page of another origin: CORS does not apply to WebSockets.
    let head = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: https://shop.example\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\
         Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.expect("sent");
    let head = timeout(LONG_TIMEOUT, read_head(&mut connection)).await.expect("in time");
    let http = head.split(' ').nth(1).and_then(|http| http.parse().ok()).expect("a status");
    let header = |name: &str| {
        let mut headers = head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    if http == 101 {
        let headers = ["connection", "upgrade", "sec-websocket-accept", "sec-websocket-extensions"].map(header);
        assert_eq!(headers, [Some("Upgrade"), Some("websocket"), Some(ACCEPT), None]);
        return Ok(Channel(WebSocketStream::from_raw_socket(connection, Role::Client, None).await));
    }
    let length = header("content-length").map_or(0, |length| length.parse().expect("a length"));
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await.expect("a body");
    Err(Refused { http, json: serde_json::from_slice(&body).unwrap_or_default() })
}

/// Reads the head of a response, and nothing of what follows.
pub(crate) async fn read_head(connection: &mut (impl AsyncRead + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.expect("more"));
    }
    String::from_utf8(head).expect("text")
}

impl Channel {
    /// Opens a channel in the form that kandy.js 2.x uses.
    pub(crate) async fn open(emulator: &Emulator, token: &str) -> Self {
        let path = format!("/?client_sw_type=js&client_sw_version=2.6.0&user_access_token={token}");
        ask(emulator, &path).await.expect("accepted")
    }

    pub(crate) async fn send(&mut self, message: impl Into<Message>) {
        self.0.send(message.into()).await.expect("sent");
    }

    /// The next message; none when the connection ends.
    pub(crate) async fn next(&mut self) -> Option<Message> {
        timeout(LONG_TIMEOUT, self.0.next()).await.expect("in time")?.ok()
    }

    /// The next text frame.
    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Some(Message::Text(text)) => text.to_string(),
            other => panic!("no text frame: {other:?}"),
        }
    }

    /// The next text frame, as JSON.
    pub(crate) async fn frame(&mut self) -> Value {
        serde_json::from_str(&self.text().await).expect("JSON")
    }

    /// Whether the connection is reset, without a frame before.
    pub(crate) async fn was_reset(&mut self) -> bool {
        let ended = timeout(LONG_TIMEOUT, self.0.next()).await.expect("in time");
        matches!(ended, Some(Err(Error::Io(error))) if error.kind() == ErrorKind::ConnectionReset)
    }

    /// The code of the close frame that comes next, without another frame before it.
    pub(crate) async fn close_code(&mut self) -> Option<u16> {
        match self.next().await {
            Some(Message::Close(close)) => close.map(|close| close.code.into()),
            None => None,
            Some(other) => panic!("no close frame: {other:?}"),
        }
    }

    /// Waits for the reply to a Ping, and fails on any frame before it: nothing was sent.
    pub(crate) async fn expect_silence(&mut self) {
        self.send(Message::Ping("quiet".into())).await;
        assert_eq!(self.next().await, Some(Message::Pong("quiet".into())));
    }
}
