//! A server that records what it is sent, and answers as the spec's examples do.

#![allow(dead_code, reason = "each test file takes what it needs")]

pub(crate) mod clock;
pub(crate) mod failing;
pub(crate) mod handles;

use std::sync::{Arc, Mutex};

use kandy::{Kandy, sys::Operation};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A request, as it came over the socket.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names and values of the query, decoded, in the order in which they came.
    pub(crate) query: Vec<(String, String)>,
    /// Names, in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Recorded {
    /// The operation that it is of.
    pub(crate) fn operation(&self) -> &'static Operation {
        let path = self.path.strip_prefix("/v1.2").expect("the base path");
        kandy::sys::OPERATIONS
            .iter()
            .find(|operation| operation.path == path && operation.method.as_str() == self.method)
            .unwrap_or_else(|| panic!("{} {path} is no operation", self.method))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(parameter, _)| parameter == name).map(|(_, value)| value.as_str())
    }
}

/// What a server answers to a request: the whole answer, head and body.
pub(crate) type Answer = Arc<dyn Fn(&Recorded) -> Vec<u8> + Send + Sync>;

pub(crate) struct Recorder {
    pub(crate) kandy: Kandy,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

impl Recorder {
    /// Answers every request with the example of its operation.
    pub(crate) async fn start() -> Self {
        Self::answering(|request| json(200, request.operation().example)).await
    }

    /// Answers every request with what `answer` makes of it. An empty answer closes the connection.
    pub(crate) async fn answering(answer: impl Fn(&Recorded) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (recorded, answer): (_, Answer) = (requests.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, recorded.clone(), answer.clone()));
            }
        });
        let kandy = Kandy::builder().base_url(format!("http://{address}/v1.2")).build().expect("a client");
        Self { kandy, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().expect("no panic while recording").clone()
    }

    /// The one request that was made.
    pub(crate) fn only(&self) -> Recorded {
        match &self.requests()[..] {
            [only] => only.clone(),
            other => panic!("{} requests: {other:?}", other.len()),
        }
    }
}

/// An answer with a JSON body.
pub(crate) fn json(status: u16, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
        .into_bytes()
}

async fn serve(mut stream: TcpStream, requests: Arc<Mutex<Vec<Recorded>>>, answer: Answer) {
    let mut buffer = Vec::new();
    while let Some(request) = next_request(&mut stream, &mut buffer).await {
        let answer = answer(&request);
        requests.lock().expect("no panic while recording").push(request);
        if answer.is_empty() || stream.write_all(&answer).await.is_err() {
            return;
        }
    }
}

async fn next_request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Recorded> {
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
    Some(Recorded {
        method,
        path: url.path().to_owned(),
        query: url.query_pairs().into_owned().collect(),
        headers,
        body,
    })
}
