//! A server without a runtime, which reports each request and holds its response back until the test sends it.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use kandy::blocking::{Device, Kandy};

/// The time within which something must happen that a correct client does at once.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct HoldingServer {
    pub(crate) base_url: String,
    requests: Receiver<HeldRequest>,
}

/// A request that waits for its response.
pub(crate) struct HeldRequest {
    /// The method and the path, without the query.
    pub(crate) target: String,
    connection: TcpStream,
}

impl HoldingServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let base_url = format!("http://{}/v1.2", listener.local_addr().expect("an address"));
        let (sender, requests) = channel();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                thread::spawn(move || {
                    if let Some(request) = read(connection) {
                        let _ = sender.send(request);
                    }
                });
            }
        });
        Self { base_url, requests }
    }

    pub(crate) fn client(&self) -> Kandy {
        Kandy::builder().base_url(&self.base_url).build_blocking().expect("a client")
    }

    /// Returns a device of a client of this server, which needs no request for its token.
    pub(crate) fn device(&self) -> Device {
        self.client().user_with_token("UAT-token").device("A149")
    }

    /// Waits for the next request.
    pub(crate) fn next(&self) -> HeldRequest {
        self.requests.recv_timeout(PATIENCE).expect("a request")
    }

    /// Returns the next request, if it has arrived.
    pub(crate) fn try_next(&self) -> Option<HeldRequest> {
        self.requests.try_recv().ok()
    }

    /// Returns the requests that have arrived and were not taken.
    pub(crate) fn others(&self) -> Vec<String> {
        self.requests.try_iter().map(|request| request.target).collect()
    }
}

impl HeldRequest {
    /// Sends a success without a result.
    pub(crate) fn succeed(mut self) {
        let body = r#"{"status":0,"message":"success"}"#;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
        let response = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        self.connection.write_all(response.as_bytes()).expect("the client waits");
    }

    /// Sends the head of a list and its first user, and keeps the response open.
    pub(crate) fn begin_list(&mut self) {
        let first = r#"{"status":0,"message":"success","result":{"users":[{"user_id":"russ","domain_name":"a.com"},"#;
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
        let begin = format!("{head}{:x}\r\n{first}\r\n", first.len());
        self.connection.write_all(begin.as_bytes()).expect("the client waits");
    }

    /// Waits until the client closes the connection.
    pub(crate) fn expect_closed(mut self) {
        self.connection.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        match self.connection.read(&mut [0; 64]) {
            Ok(0) => {}
            // A reset ends it, too.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
            other => panic!("{} is not cancelled: {other:?}", self.target),
        }
    }
}

/// Reads a request with its body.
fn read(mut connection: TcpStream) -> Option<HeldRequest> {
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&received).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                let target = String::from_utf8_lossy(&received);
                let target = target.split(['?', '\r']).next()?.replace("/v1.2", "").replace(" HTTP/1.1", "");
                return Some(HeldRequest { target, connection });
            }
        }
        match connection.read(&mut chunk).ok()? {
            0 => return None,
            length => received.extend_from_slice(&chunk[..length]),
        }
    }
}
