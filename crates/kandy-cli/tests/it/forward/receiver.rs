//! A receiver of webhooks whose failures the test sets.

use std::{
    io::{BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use super::http::Request;

/// What the receiver does with a request.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// Writes these bytes and keeps the connection.
    Write(String),
    /// Writes these bytes and closes the connection.
    WriteAndClose(String),
    /// Keeps the connection without a response until the client closes it.
    Stall,
}

impl Answer {
    /// A response without a body.
    pub(super) fn status(status: &str) -> Self {
        Self::with(status, "")
    }

    /// A response without a body, with header lines.
    pub(super) fn with(status: &str, headers: &str) -> Self {
        Self::Write(format!("HTTP/1.1 {status}\r\n{headers}content-length: 0\r\n\r\n"))
    }

    /// Closes the connection without a response.
    pub(super) fn cut() -> Self {
        Self::WriteAndClose(String::new())
    }
}

type Handler = Arc<Mutex<dyn FnMut(&Request) -> Answer + Send>>;

/// A receiver of webhooks on a port that stays the same while it is closed.
pub(super) struct Receiver {
    address: SocketAddr,
    handler: Handler,
    open: Option<Open>,
}

struct Open {
    is_closed: Arc<AtomicBool>,
    connections: Arc<Mutex<Vec<TcpStream>>>,
    accepting: thread::JoinHandle<()>,
}

impl Receiver {
    pub(super) fn start(handler: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut receiver =
            Self { address: listener.local_addr().unwrap(), handler: Arc::new(Mutex::new(handler)), open: None };
        receiver.accept(listener);
        receiver
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Refuses connections, and closes those that are open.
    pub(super) fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        open.is_closed.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
        open.accepting.join().unwrap();
        for connection in open.connections.lock().unwrap().drain(..) {
            drop(connection.shutdown(Shutdown::Both));
        }
    }

    /// Accepts connections again.
    pub(super) fn open(&mut self) {
        let listener = TcpListener::bind(self.address).unwrap();
        self.accept(listener);
    }

    fn accept(&mut self, listener: TcpListener) {
        let (is_closed, connections) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let accepting = {
            let (is_closed, connections, handler) = (is_closed.clone(), connections.clone(), self.handler.clone());
            thread::spawn(move || {
                for connection in listener.incoming() {
                    if is_closed.load(Ordering::SeqCst) {
                        return;
                    }
                    let connection = connection.unwrap();
                    connections.lock().unwrap().push(connection.try_clone().unwrap());
                    let handler = handler.clone();
                    thread::spawn(move || serve(connection, &handler));
                }
            })
        };
        self.open = Some(Open { is_closed, connections, accepting });
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.close();
    }
}

fn serve(mut connection: TcpStream, handler: &Handler) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    // A client that is killed does not fail the test.
    while let Ok(Some(request)) = Request::read(&mut reader) {
        let answer = (*handler.lock().unwrap())(&request);
        match answer {
            Answer::Write(bytes) => {
                if connection.write_all(bytes.as_bytes()).is_err() {
                    return;
                }
            }
            Answer::WriteAndClose(bytes) => {
                drop(connection.write_all(bytes.as_bytes()));
                drop(connection.shutdown(Shutdown::Both));
                return;
            }
            Answer::Stall => {
                drop(reader.read_to_end(&mut Vec::new()));
                return;
            }
        }
    }
}
