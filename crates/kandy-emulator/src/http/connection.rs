//! Connections that the handler of a request can close or reset.
//!
//! The handler sets the [`ConnectionControl`] of its connection. From then on writes fail, so that the server drops the
//! connection and the socket is closed.

use std::{
    future::Future,
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::serve::Listener;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpListener,
    sync::watch,
};

use super::{
    read_timeout::{ReadTimeout, SharedPhase},
    stream::{Security, Stream},
};

// The states of a `ConnectionControl`. An atomic and no lock, because every write to the socket checks it.
const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const RESET: u8 = 2;
const CLOSED_AFTER_WRITING: u8 = 3;

/// Closes or resets a connection.
#[derive(Debug, Default)]
pub(crate) struct ConnectionControl(AtomicU8);

impl ConnectionControl {
    /// Nothing more is written. The client sees the end of the connection.
    pub(crate) fn close(&self) {
        self.0.store(CLOSED, Ordering::Release);
    }

    /// Nothing more is written. The client sees that the connection was reset.
    pub(crate) fn reset(&self) {
        self.0.store(RESET, Ordering::Release);
    }

    /// The response in progress is written, and then nothing more.
    pub(crate) fn close_after_writing(&self) {
        self.0.store(CLOSED_AFTER_WRITING, Ordering::Release);
    }

    fn get(&self) -> u8 {
        self.0.load(Ordering::Acquire)
    }
}

/// Whether the server is stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShutdownState {
    Running,
    /// It ends when the requests in progress are done.
    Stopping,
}

/// The handle of a connection: what the handler of a request can do with it.
#[derive(Clone, Debug)]
pub(crate) struct ConnectionHandle {
    pub(crate) control: Arc<ConnectionControl>,
    /// What the connection waits for, which decides its timeout.
    pub(crate) phase: Arc<SharedPhase>,
    shutdown: watch::Receiver<ShutdownState>,
}

impl ConnectionHandle {
    /// Waits until the server stops.
    pub(crate) async fn stopping(&mut self) {
        // An error means that the server has ended already.
        drop(self.shutdown.wait_for(|shutdown| *shutdown == ShutdownState::Stopping).await);
    }
}

/// Accepts connections, each with a control and a read timeout.
#[derive(Debug)]
pub(crate) struct ConnectionListener {
    pub(crate) listener: TcpListener,
    pub(crate) shutdown: watch::Receiver<ShutdownState>,
    pub(crate) read_timeout: Duration,
    pub(crate) security: Security,
}

impl Listener for ConnectionListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Without Nagle's algorithm: responses are small, and the client waits for them.
        drop(stream.set_nodelay(true));
        let mut shutdown = self.shutdown.clone();
        // An error means that the sender, which lives as long as the server, was dropped.
        let ended = async move { while shutdown.changed().await.is_ok() {} };
        let handle =
            ConnectionHandle { control: Arc::default(), phase: Arc::default(), shutdown: self.shutdown.clone() };
        let read_timeout = ReadTimeout::new(self.read_timeout);
        let stream = self.security.accept(stream);
        (Connection { stream, handle, read_timeout, ended: Some(Box::pin(ended)) }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that is closed by its control, by its read timeout, or when the server has ended.
pub(crate) struct Connection {
    stream: Stream,
    handle: ConnectionHandle,
    read_timeout: ReadTimeout,
    /// Completes when the server ends; none afterwards, because a completed future must not be polled again.
    ended: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Connection {
    pub(crate) fn handle(&self) -> &ConnectionHandle {
        &self.handle
    }

    /// Fails once the control is set. Called before each write.
    fn check(&self) -> io::Result<()> {
        match self.handle.control.get() {
            OPEN | CLOSED_AFTER_WRITING => Ok(()),
            state => {
                if state == RESET
                    && let Some(tcp) = self.stream.tcp()
                {
                    // Dropping a socket with zero linger sends RST in place of FIN.
                    tcp.set_zero_linger()?;
                }
                Err(io::ErrorKind::ConnectionAborted.into())
            }
        }
    }

    /// Fails once the server has ended; pending until then. Polled wherever the socket would block, so that an idle
    /// client cannot keep the connection open (`shutdown::stopping_ends_every_fault`).
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if let Some(ended) = &mut self.ended {
            ready!(ended.as_mut().poll(cx));
            self.ended = None;
        }
        Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        match Pin::new(&mut this.stream).poll_read(cx, buffer) {
            Poll::Ready(read) => {
                this.read_timeout.on_bytes(&this.handle.phase);
                Poll::Ready(read)
            }
            Poll::Pending if this.read_timeout.poll(&this.handle.phase, cx).is_ready() => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => this.wait(cx),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        match Pin::new(&mut self.stream).poll_write(cx, buffer) {
            Poll::Ready(written) => Poll::Ready(written),
            Poll::Pending => self.wait(cx),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        match Pin::new(&mut self.stream).poll_write_vectored(cx, buffers) {
            Poll::Ready(written) => Poll::Ready(written),
            Poll::Pending => self.wait(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Pending with TLS only, which keeps records that the socket has not taken.
        match Pin::new(&mut self.stream).poll_flush(cx) {
            Poll::Ready(flushed) => flushed?,
            Poll::Pending => return self.wait(cx),
        }
        match self.handle.control.get() {
            // hyper flushes after it has written the whole buffer: failing here, and not in a write, keeps the part of
            // the response that was sent.
            CLOSED_AFTER_WRITING => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.handle.control.get() {
            // A shutdown would send FIN before the RST, and the client would see a proper end.
            RESET => Poll::Ready(Ok(())),
            _ => match Pin::new(&mut self.stream).poll_shutdown(cx) {
                Poll::Ready(shut_down) => Poll::Ready(shut_down),
                Poll::Pending => self.wait(cx),
            },
        }
    }
}
