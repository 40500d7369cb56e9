//! A connection to a server with TLS, from its first byte.
//!
//! The handshake runs when the connection is read, in the task of the connection: accepting others does not wait for it,
//! and the read timeout ends it. Depends on `settings`. Begin with [`TlsStream::poll_ready`].

use std::{
    future::Future,
    io::{self, IoSlice},
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{Accept, TlsAcceptor, server};

use super::settings::Identity;

/// Begins TLS on connections.
#[derive(Clone)]
pub(crate) struct Acceptor {
    tls: TlsAcceptor,
    /// The response to plain HTTP.
    refusal: Arc<[u8]>,
}

impl Acceptor {
    /// `base_url` is what the response to plain HTTP names.
    pub(crate) fn new(identity: &Identity, base_url: &str) -> Self {
        let text = format!("This port speaks TLS: use {base_url}\n");
        let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n";
        let refusal = format!("{head}Content-Length: {}\r\n\r\n{text}", text.len());
        Self { tls: Arc::clone(&identity.config).into(), refusal: refusal.into_bytes().into() }
    }

    pub(crate) fn accept(&self, tcp: TcpStream) -> TlsStream {
        TlsStream { state: State::Waiting(tcp, self.clone()) }
    }
}

/// A connection from its first byte.
pub(crate) struct TlsStream {
    state: State,
}

enum State {
    /// Nothing has arrived.
    Waiting(TcpStream, Acceptor),
    // These two are boxed, because they take a kilobyte and more.
    Handshake(Box<Accept<TcpStream>>),
    Established(Box<server::TlsStream<TcpStream>>),
    /// The client speaks plain HTTP.
    Refusing(Refusing),
    /// The handshake has failed.
    Failed,
}

impl TlsStream {
    /// The socket; none once the handshake has failed.
    pub(crate) fn tcp(&self) -> Option<&TcpStream> {
        match &self.state {
            State::Waiting(tcp, _) => Some(tcp),
            State::Handshake(accept) => accept.get_ref(),
            State::Established(stream) => Some(stream.get_ref().0),
            State::Refusing(refusing) => Some(&refusing.tcp),
            State::Failed => None,
        }
    }

    /// Runs the handshake to its end. Returns the stream of the application; none if there will be none, because the
    /// client speaks plain HTTP or has closed the connection.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<Pin<&mut server::TlsStream<TcpStream>>>>> {
        loop {
            match &mut self.state {
                State::Established(_) => break,
                State::Waiting(tcp, _) => {
                    let mut byte = [0; 1];
                    let length = ready!(tcp.poll_peek(cx, &mut ReadBuf::new(&mut byte)))?;
                    let State::Waiting(tcp, acceptor) = mem::replace(&mut self.state, State::Failed) else { break };
                    // The first byte of TLS is 22, that of HTTP a letter. Without a byte the client is gone.
                    self.state = match length == 0 || byte[0].is_ascii_alphabetic() {
                        true => State::Refusing(Refusing {
                            tcp,
                            response: acceptor.refusal,
                            sent: 0,
                            head: Head::default(),
                        }),
                        false => State::Handshake(Box::new(acceptor.tls.accept(tcp))),
                    };
                }
                State::Handshake(accept) => {
                    let accepted = ready!(Pin::new(accept).poll(cx));
                    self.state = State::Failed;
                    self.state = State::Established(Box::new(accepted?));
                }
                State::Refusing(refusing) => {
                    ready!(refusing.poll(cx))?;
                    return Poll::Ready(Ok(None));
                }
                State::Failed => return Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
            }
        }
        match &mut self.state {
            State::Established(stream) => Poll::Ready(Ok(Some(Pin::new(stream)))),
            _ => Poll::Ready(Ok(None)),
        }
    }
}

/// Returns the stream of the application, or returns from the function: pending, or as if the client were gone.
macro_rules! established {
    ($self:ident, $cx:ident, $gone:expr) => {
        match ready!($self.get_mut().poll_ready($cx))? {
            Some(stream) => stream,
            None => return Poll::Ready($gone),
        }
    };
}

impl AsyncRead for TlsStream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        established!(self, cx, Ok(())).poll_read(cx, buffer)
    }
}

impl AsyncWrite for TlsStream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        established!(self, cx, Err(io::ErrorKind::BrokenPipe.into())).poll_write(cx, buffer)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        established!(self, cx, Err(io::ErrorKind::BrokenPipe.into())).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().state {
            State::Established(stream) => Pin::new(stream).poll_flush(cx),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().state {
            State::Established(stream) => Pin::new(stream).poll_shutdown(cx),
            // The end of the socket is all that these have to say.
            _ => Poll::Ready(Ok(())),
        }
    }
}

/// Tells a client of plain HTTP that the port speaks TLS: reads its request, sends the response, and reads until the
/// client closes. A socket that is closed with unread bytes is reset, and the client may lose the response.
struct Refusing {
    tcp: TcpStream,
    response: Arc<[u8]>,
    sent: usize,
    head: Head,
}

/// How much of the head of a request has arrived.
#[derive(Default)]
struct Head {
    /// With what followed the head.
    length: usize,
    /// The last bytes, to find the empty line at the end.
    last: [u8; 4],
    is_complete: bool,
}

impl Head {
    /// A longer head gets the response before its end.
    const MAX: usize = 16 * 1024;

    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.last.rotate_left(1);
            self.last[3] = *byte;
            self.is_complete |= self.last == *b"\r\n\r\n" || self.last.ends_with(b"\n\n");
        }
        self.length = self.length.saturating_add(bytes.len());
        self.is_complete |= self.length > Self::MAX;
    }
}

impl Refusing {
    /// How much is read of a client that does not stop sending.
    const MAX: usize = 1024 * 1024;

    /// Ready once the client is gone. The read timeout of the connection ends it for a client that waits.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.head.is_complete && self.sent < self.response.len() {
                let rest = self.response.get(self.sent..).unwrap_or_default();
                self.sent += ready!(Pin::new(&mut self.tcp).poll_write(cx, rest))?;
                if self.sent == self.response.len() {
                    ready!(Pin::new(&mut self.tcp).poll_shutdown(cx))?;
                }
                continue;
            }
            let mut bytes = [0; 1024];
            let mut buffer = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut buffer))?;
            match buffer.filled() {
                read if read.is_empty() || self.head.length > Self::MAX => return Poll::Ready(Ok(())),
                read => self.head.add(read),
            }
        }
    }
}
