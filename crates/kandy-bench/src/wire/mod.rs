//! A minimal HTTP client to measure servers: it sends prepared requests, and parses of a response only what it needs to
//! find the end.
//!
//! Depends on `framing`. Begin with [`Wire`].

mod framing;

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use self::framing::{Body, Head};
use crate::BoxError;

/// One connection.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// Formats a request.
pub fn request(method: &str, target: &str, body: &str) -> Vec<u8> {
    let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    format!("{method} {target} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n{kind}{length}\r\n{body}")
        .into()
}

impl Wire {
    /// Opens the connection.
    ///
    /// # Errors
    ///
    /// When the connection is refused.
    pub async fn connect(address: SocketAddr) -> Result<Self, BoxError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024) })
    }

    /// Sends a request, and calls back with the chunks of the body. Returns the number of headers.
    ///
    /// # Errors
    ///
    /// When the connection breaks, or the HTTP status is not 200.
    pub async fn request(&mut self, request: &[u8], mut chunk: impl FnMut(&[u8])) -> Result<usize, BoxError> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.read().await?;
            if let Some(head) = Head::read(&self.buffer) {
                break head;
            }
        };
        if head.status != 200 {
            return Err(format!("HTTP {}", head.status).into());
        }
        self.buffer.drain(..head.length);
        let mut body = Body::of(&head);
        loop {
            let used = body.take(&self.buffer, &mut chunk)?;
            self.buffer.drain(..used);
            if body.is_complete() {
                return Ok(head.headers);
            }
            self.read().await?;
        }
    }

    /// Sends a request, and returns the whole body.
    ///
    /// # Errors
    ///
    /// As [`request`](Self::request).
    pub async fn fetch(&mut self, request: &[u8]) -> Result<Vec<u8>, BoxError> {
        let mut body = Vec::new();
        self.request(request, |chunk| body.extend_from_slice(chunk)).await?;
        Ok(body)
    }

    async fn read(&mut self) -> Result<(), BoxError> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err("the connection was closed".into()),
            _ => Ok(()),
        }
    }
}
