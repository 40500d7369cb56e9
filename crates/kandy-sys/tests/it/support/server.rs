//! A server on its own port that records requests and responds with given bytes.

use std::sync::{Arc, Mutex};

use kandy_sys::BaseUrl;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the server does with a connection.
enum Behaviour {
    /// Reads a request, sends these bytes, and closes.
    Respond(Vec<u8>),
    /// Closes with the request unread, which resets the connection.
    Reset,
}

/// It runs until the runtime of the test ends.
pub(crate) struct Server {
    base_url: BaseUrl,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// A request as it was on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names and values of the query, decoded.
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Server {
    /// Starts a server that responds to every request with these bytes, and closes the connection.
    pub(crate) async fn with_bytes(response: impl Into<Vec<u8>>) -> Self {
        Self::start(Behaviour::Respond(response.into())).await
    }

    /// Starts a server that responds to every request with this status and this body.
    pub(crate) async fn with_body(status: &str, body: &str) -> Self {
        let length = body.len();
        Self::with_bytes(format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"))
            .await
    }

    /// Starts a server that resets every connection.
    pub(crate) async fn resetting() -> Self {
        Self::start(Behaviour::Reset).await
    }

    async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("address");
        let base_url = BaseUrl::new(&format!("http://{address}/v1.2")).expect("loopback");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                match &behaviour {
                    Behaviour::Respond(response) => serve(stream, response, &recorded).await,
                    Behaviour::Reset => stream.readable().await.expect("a request"),
                }
            }
        });
        Self { base_url, requests }
    }

    pub(crate) fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("requests").clone()
    }

    /// The one request.
    pub(crate) fn request(&self) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.remove(0)
    }
}

impl Request {
    /// All values of a name in the query.
    pub(crate) fn queried(&self, name: &str) -> Vec<&str> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn parse(head: &str, body: String) -> Self {
        let mut lines = head.lines();
        let mut first = lines.next().expect("request line").split(' ');
        let method = first.next().expect("method").to_owned();
        let url = format!("http://server.invalid{}", first.next().expect("target"));
        let url = reqwest::Url::parse(&url).expect("a target");
        let headers = lines.filter_map(|line| line.split_once(": "));
        Self {
            method,
            path: url.path().to_owned(),
            query: url.query_pairs().into_owned().collect(),
            headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
            body,
        }
    }
}

/// Returns the base URL of a port on which nothing listens.
pub(crate) async fn closed_port() -> BaseUrl {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("address");
    drop(listener);
    BaseUrl::new(&format!("http://{address}/v1.2")).expect("loopback")
}

async fn serve(mut stream: TcpStream, response: &[u8], requests: &Mutex<Vec<Request>>) {
    let mut received = Vec::new();
    let request = loop {
        if let Some(request) = whole_request(&received) {
            break request;
        }
        if stream.read_buf(&mut received).await.expect("a request") == 0 {
            return;
        }
    };
    // Record the request before the response, so that it is there once the client has the response.
    requests.lock().expect("requests").push(request);
    // The client may have closed the connection.
    let _ = stream.write_all(response).await;
    let _ = stream.shutdown().await;
}

fn whole_request(received: &[u8]) -> Option<Request> {
    let text = std::str::from_utf8(received).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let request = Request::parse(head, body.to_owned());
    let length: usize = request.header("content-length").map_or(0, |length| length.parse().expect("a length"));
    (body.len() >= length).then_some(request)
}
