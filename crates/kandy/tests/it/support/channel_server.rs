//! A server of the data channel that a test scripts frame by frame, also wrongly, beside a REST service.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use kandy::{Kandy, KandyBuilder, RetryPolicy, User};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Notify, mpsc},
    time::timeout,
};

use super::{
    inbox_server,
    mock_server::{RecordedRequest, json_response, next_request},
    virtual_clock::VirtualClock,
};

/// The longest real time that a test waits for something to happen.
const LIMIT: Duration = Duration::from_secs(20);

/// Frame types (RFC 6455, section 5.2).
pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// What the REST service returns and has received.
pub(crate) struct Rest {
    /// The result of the operation `data_channel_configuration_get`.
    pub(crate) configuration: Value,
    /// The whole response to it instead, while it is set.
    pub(crate) configuration_response: Option<Vec<u8>>,
    /// The response to the minting of a token instead, while it is set.
    pub(crate) token_response: Option<Vec<u8>>,
    /// All requests but upgrades.
    pub(crate) requests: Vec<RecordedRequest>,
    /// The number of minted tokens: the last one is `UAT-<number>`.
    pub(crate) tokens: usize,
    pub(crate) inbox: inbox_server::State,
    /// Delays each list of messages until it is notified, while it is set.
    pub(crate) hold_lists: Option<Arc<Notify>>,
}

impl Rest {
    fn respond(&mut self, request: &RecordedRequest) -> Vec<u8> {
        self.requests.push(request.clone());
        let result = match request.operation().id {
            "data_channel_configuration_get" => match self.configuration_response.clone() {
                Some(response) => return response,
                None => self.configuration.clone(),
            },
            "user_access_token_get" => match self.token_response.clone() {
                Some(response) => return response,
                None => {
                    self.tokens += 1;
                    json!({"user_access_token": format!("UAT-{}", self.tokens)})
                }
            },
            "message_list" => return self.inbox.list(),
            "message_delete" => return self.inbox.delete(request.parameter("messages").expect("ids")),
            other => panic!("{other} is not served"),
        };
        json_response(200, &json!({"status": 0, "message": "success", "result": result}).to_string())
    }

    /// Returns how many requests of an operation there were.
    pub(crate) fn requests_of(&self, operation: &str) -> usize {
        self.requests.iter().filter(|request| request.operation().id == operation).count()
    }
}

/// The server, and a client of it under a virtual clock.
pub(crate) struct ChannelServer {
    pub(crate) kandy: Kandy,
    /// A user whose tokens the server mints.
    pub(crate) user: User,
    pub(crate) clock: VirtualClock,
    rest: Arc<Mutex<Rest>>,
    upgrades: mpsc::UnboundedReceiver<Upgrade>,
}

impl ChannelServer {
    /// Starts a server; the clock of the client draws 1, so that each wait is as long as its bound.
    pub(crate) async fn start() -> Self {
        Self::configured(|builder| builder).await
    }

    /// Starts a server with a client of other settings.
    pub(crate) async fn configured(configure: impl FnOnce(KandyBuilder) -> KandyBuilder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let configuration =
            json!({"data_server_host": "127.0.0.1", "data_server_port": address.port(), "is_secure": false});
        let rest = Arc::new(Mutex::new(Rest {
            configuration,
            configuration_response: None,
            token_response: None,
            requests: Vec::new(),
            tokens: 0,
            inbox: inbox_server::State::default(),
            hold_lists: None,
        }));
        let (sender, upgrades) = mpsc::unbounded_channel();
        let served = rest.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Otherwise a short frame waits until the one before it is acknowledged.
                stream.set_nodelay(true).expect("a socket");
                tokio::spawn(serve(stream, served.clone(), sender.clone()));
            }
        });
        let clock = VirtualClock::new(1.0);
        let builder = Kandy::builder().base_url(format!("http://{address}/v1.2"));
        // Without retries, every sleep is one of the channel or of the inbox.
        let builder = builder.clock(clock.clone()).retry(RetryPolicy::never());
        let kandy = configure(builder).build().expect("a client");
        let user = kandy.domain("key", "secret").user("russ");
        Self { kandy, user, clock, rest, upgrades }
    }

    pub(crate) fn rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().expect("no panic")
    }

    /// Returns the next request for a channel.
    pub(crate) async fn upgrade(&mut self) -> Upgrade {
        timeout(LIMIT, self.upgrades.recv()).await.expect("a channel is opened").expect("the server runs")
    }

    /// Opens the next channel.
    pub(crate) async fn accept(&mut self) -> Peer {
        self.upgrade().await.accept().await
    }

    /// Returns the requests for a channel that have arrived and were not taken.
    pub(crate) fn waiting_upgrades(&self) -> usize {
        self.upgrades.len()
    }
}

/// Serves the requests of one connection, until one asks for an upgrade.
async fn serve(mut stream: TcpStream, rest: Arc<Mutex<Rest>>, upgrades: mpsc::UnboundedSender<Upgrade>) {
    let mut buffer = Vec::new();
    while let Some(request) = next_request(&mut stream, &mut buffer).await {
        if request.header("upgrade").is_some() {
            // The test may have ended.
            drop(upgrades.send(Upgrade { stream, request }));
            return;
        }
        let (response, hold) = {
            let mut rest = rest.lock().expect("no panic");
            (rest.respond(&request), rest.hold_lists.clone())
        };
        if let Some(hold) = hold.filter(|_| request.operation().id == "message_list") {
            hold.notified().await;
        }
        if response.is_empty() || stream.write_all(&response).await.is_err() {
            return;
        }
    }
}

/// A request for a channel that has no response yet.
pub(crate) struct Upgrade {
    pub(crate) stream: TcpStream,
    pub(crate) request: RecordedRequest,
}

impl Upgrade {
    /// Returns the value of `Sec-WebSocket-Accept` that accepts the request (RFC 6455, section 4.2.2).
    pub(crate) fn accept_key(&self) -> String {
        let key = self.request.header("sec-websocket-key").expect("a key");
        let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        STANDARD.encode(sha1_smol::Sha1::from(text).digest().bytes())
    }

    /// Responds with these bytes, and keeps the connection open until the client closes it.
    pub(crate) async fn respond(mut self, response: impl AsRef<[u8]>) {
        self.stream.write_all(response.as_ref()).await.expect("sent");
        tokio::spawn(async move { self.stream.read_to_end(&mut Vec::new()).await });
    }

    /// Accepts the request.
    pub(crate) async fn accept(mut self) -> Peer {
        let response = format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: {}\r\n\r\n",
            self.accept_key()
        );
        self.stream.write_all(response.as_bytes()).await.expect("sent");
        let (reader, writer) = self.stream.into_split();
        Peer { reader: PeerReader(reader), writer }
    }

    /// Returns the access token in the URL.
    pub(crate) fn token(&self) -> &str {
        self.request.parameter("user_access_token").expect("a token")
    }
}

/// The side of the server of an open channel.
pub(crate) struct Peer {
    pub(crate) reader: PeerReader,
    pub(crate) writer: OwnedWriteHalf,
}

/// What the client of an open channel sends.
pub(crate) struct PeerReader(OwnedReadHalf);

impl Peer {
    /// Sends a text frame.
    pub(crate) async fn text(&mut self, text: impl AsRef<str>) {
        self.bytes(frame(0x80 | TEXT, text.as_ref().as_bytes())).await;
    }

    /// Sends a text frame with JSON.
    pub(crate) async fn json(&mut self, value: Value) {
        self.text(value.to_string()).await;
    }

    /// Pushes a message.
    pub(crate) async fn push(&mut self, message: Value) {
        self.json(json!({"message_type": "notification", "message": message})).await;
    }

    /// Sends bytes, which should be frames.
    pub(crate) async fn bytes(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(LIMIT, self.writer.write_all(bytes.as_ref())).await.expect("the client reads").expect("sent");
    }

    /// Sends a close frame with a code and a reason, and waits until the client ends the connection.
    pub(crate) async fn close(mut self, code: u16, reason: &str) {
        self.bytes(frame(0x80 | CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())).await;
        self.ended().await;
    }

    /// Returns the type and the payload of the next frame of the client; `None` at the end of the connection.
    pub(crate) async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        self.reader.next().await
    }

    /// Expects a ping of the channel: a text frame, and a Ping frame.
    pub(crate) async fn expect_ping(&mut self) {
        self.reader.expect_ping().await;
    }

    /// Returns the next text frame that is no ping.
    pub(crate) async fn next_json(&mut self) -> Option<Value> {
        self.reader.next_json().await
    }

    /// Waits until the client has closed the connection.
    pub(crate) async fn ended(&mut self) {
        self.reader.ended().await;
    }
}

impl PeerReader {
    /// Returns the type and the payload of the next frame of the client; `None` at the end of the connection.
    pub(crate) async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        timeout(LIMIT, self.read()).await.expect("a frame of the client")
    }

    async fn read(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 2];
        self.0.read_exact(&mut head).await.ok()?;
        assert_eq!(head[0] & 0xf0, 0x80, "a whole message without an extension");
        assert_eq!(head[1] & 0x80, 0x80, "clients mask their frames");
        let length = match head[1] & 0x7f {
            126 => u64::from(self.0.read_u16().await.ok()?),
            127 => self.0.read_u64().await.ok()?,
            short => u64::from(short),
        };
        let (mut mask, mut payload) = ([0; 4], vec![0; usize::try_from(length).expect("a length")]);
        self.0.read_exact(&mut mask).await.ok()?;
        self.0.read_exact(&mut payload).await.ok()?;
        payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
        Some((head[0] & 0x0f, payload))
    }

    /// Expects a ping of the channel: a text frame, and a Ping frame.
    pub(crate) async fn expect_ping(&mut self) {
        let ping = (TEXT, br#"{"message_type":"ping"}"#.to_vec());
        assert_eq!(self.next().await, Some(ping), "the text frame of the dossier, 3.1");
        assert_eq!(self.next().await, Some((PING, Vec::new())));
    }

    /// Returns the next text frame that is no ping.
    pub(crate) async fn next_json(&mut self) -> Option<Value> {
        loop {
            let (kind, payload) = self.next().await?;
            let value = serde_json::from_slice(&payload).unwrap_or(Value::Null);
            if kind == TEXT && value != json!({"message_type": "ping"}) {
                return Some(value);
            }
        }
    }

    /// Waits until the client has closed the connection.
    pub(crate) async fn ended(&mut self) {
        while self.next().await.is_some() {}
    }
}

/// Returns a frame of a server. `head` is its first byte: its type, the bit of a last frame, and reserved bits.
pub(crate) fn frame(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![head];
    match payload.len() {
        short @ 0..126 => frame.push(u8::try_from(short).expect("short")),
        medium @ 126..65536 => {
            frame.push(126);
            frame.extend(u16::try_from(medium).expect("medium").to_be_bytes());
        }
        long => {
            frame.push(127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}
