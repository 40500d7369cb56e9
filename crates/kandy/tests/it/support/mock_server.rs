//! A mock server: it records each request, and responds with the example of the operation or as the test wants.

use std::sync::{Arc, Mutex};

use kandy::{Kandy, sys::Operation};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A request as received on the socket.
#[derive(Clone, Debug)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    /// The path and the query, as received.
    pub(crate) target: String,
    pub(crate) path: String,
    /// Decoded names and values of the query, in the order of the URL.
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl RecordedRequest {
    /// Returns the operation that the method and path belong to.
    pub(crate) fn operation(&self) -> &'static Operation {
        let path = self.path.strip_prefix("/v1.2").expect("the base path");
        kandy::sys::OPERATIONS
            .iter()
            .find(|operation| operation.path == path && operation.method.as_str() == self.method)
            .unwrap_or_else(|| panic!("{} {path} is no operation", self.method))
    }

    /// Returns the first value of a header. `name` is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// Returns the first value of a query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(parameter, _)| parameter == name).map(|(_, value)| value.as_str())
    }
}

/// Computes the response to a request, as raw bytes: head and body.
type Respond = Arc<dyn Fn(&RecordedRequest) -> Vec<u8> + Send + Sync>;

/// A server that records requests, and a client of it.
pub(crate) struct MockServer {
    pub(crate) kandy: Kandy,
    requests: Arc<Mutex<Vec<RecordedRequest>>>,
}

impl MockServer {
    /// Starts a server that responds with the example of each operation.
    pub(crate) async fn start() -> Self {
        Self::respond_with(|request| json_response(200, request.operation().example)).await
    }

    /// Starts a server that responds with the bytes that `respond` returns. An empty response closes the connection.
    pub(crate) async fn respond_with(respond: impl Fn(&RecordedRequest) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (recorded, respond): (_, Respond) = (requests.clone(), Arc::new(respond));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, recorded.clone(), respond.clone()));
            }
        });
        let kandy = Kandy::builder().base_url(format!("http://{address}/v1.2")).build().expect("a client");
        Self { kandy, requests }
    }

    /// Returns all requests so far.
    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.requests.lock().expect("no panic while recording").clone()
    }

    /// Returns the only request so far. Panics if there is another number of them.
    pub(crate) fn only_request(&self) -> RecordedRequest {
        match &self.requests()[..] {
            [only] => only.clone(),
            other => panic!("{} requests: {other:?}", other.len()),
        }
    }

    /// Returns the operation ids of all requests, in order.
    pub(crate) fn operation_ids(&self) -> Vec<&'static str> {
        self.requests().iter().map(|request| request.operation().id).collect()
    }

    /// Returns how many requests of an operation there were.
    pub(crate) fn requests_of(&self, operation: &str) -> usize {
        self.operation_ids().into_iter().filter(|id| *id == operation).count()
    }
}

/// Returns a response with header lines, each of which ends with CRLF, and a body.
pub(crate) fn response(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}").into_bytes()
}

/// Returns a port of this machine that nothing listens on.
pub(crate) fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Returns a response with a JSON body.
pub(crate) fn json_response(status: u16, body: &str) -> Vec<u8> {
    response(status, "content-type: application/json\r\n", body)
}

/// Serves the requests of one connection.
async fn serve(mut stream: TcpStream, requests: Arc<Mutex<Vec<RecordedRequest>>>, respond: Respond) {
    let mut buffer = Vec::new();
    while let Some(request) = next_request(&mut stream, &mut buffer).await {
        let response = respond(&request);
        requests.lock().expect("no panic while recording").push(request);
        if response.is_empty() || stream.write_all(&response).await.is_err() {
            return;
        }
    }
}

/// Reads the next request of a connection; `None` when the client has closed it.
pub(crate) async fn next_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<RecordedRequest> {
    let head_end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).expect("a head in ASCII");
    let mut lines = head.lines();
    let mut request_line = lines.next()?.split(' ');
    let (method, target) = (request_line.next()?.to_owned(), request_line.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, length)| length.parse().expect("a length"));
    while buffer.len() < head_end + length {
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
    let body = buffer[head_end..head_end + length].to_vec();
    buffer.drain(..head_end + length);
    let url = reqwest::Url::parse("http://localhost").and_then(|base| base.join(&target)).expect("a target");
    Some(RecordedRequest {
        method,
        target,
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers,
        body,
    })
}
