//! The target `emulator_request`.

use std::{
    cell::RefCell,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use kandy_emulator::{Emulator, NewGroup};
use kandy_sys::{Envelope, NoResult, OPERATIONS, Status, operation};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// The number of requests after which the emulator is reset, so that its state stays small.
const REQUESTS: u32 = 500;

thread_local! {
    static EMULATOR: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// A request to the emulator over a persistent connection: a line with method, path and query, a line with the content type,
/// and the body. Placeholders such as `<device_id>` stand for ids and credentials of the emulator.
///
/// * There is always a response, and it is not a server error.
/// * It is JSON, and an envelope, unless an admin endpoint responds or a file was requested.
///
/// Returns whether the emulator carried out the request.
pub fn emulator_request(input: &[u8]) -> bool {
    EMULATOR.with_borrow_mut(|running| {
        let emulator = match running.take() {
            Some(emulator) if emulator.requests < REQUESTS => emulator,
            Some(emulator) => emulator.fill(),
            None => Running::start(),
        };
        // After a panic, the next input starts another emulator.
        let (emulator, is_done) = emulator.check(input);
        *running = Some(emulator);
        is_done
    })
}

/// An emulator with a domain, users, a device and a group.
struct Running {
    emulator: Emulator,
    connection: BufReader<TcpStream>,
    /// The placeholders, and their values.
    placeholders: Vec<(&'static str, String)>,
    requests: u32,
}

/// A response of the emulator.
struct EmulatorResponse {
    http: u16,
    is_json: bool,
    body: Vec<u8>,
}

impl Running {
    fn start() -> Self {
        let emulator = Emulator::start().expect("a free port");
        let connection = connect(&emulator);
        Self { emulator, connection, placeholders: Vec::new(), requests: 0 }.fill()
    }

    /// Resets the emulator, and creates a domain, two users and a group.
    fn fill(mut self) -> Self {
        self.emulator.reset();
        let (key, secret) = (self.emulator.account_key().to_owned(), self.emulator.account_secret().to_owned());
        self.placeholders = vec![("<account_api_key>", key), ("<account_api_secret>", secret)];
        self.create(
            "GET /v1.2/accounts/accesstokens?key=<account_api_key>&account_api_secret=<account_api_secret>",
            &Value::Null,
            &[("<account_access_token>", "/account_access_token")],
        );
        self.create(
            "POST /v1.2/accounts/domains?key=<account_access_token>",
            &json!({"domain_name": "example.com"}),
            &[("<domain_api_key>", "/domain_api_key"), ("<domain_api_secret>", "/domain_api_secret")],
        );
        self.create(
            "GET /v1.2/domains/accesstokens?key=<domain_api_key>&domain_api_secret=<domain_api_secret>",
            &Value::Null,
            &[("<domain_access_token>", "/domain_access_token")],
        );
        let create = "POST /v1.2/domains/users/user_id?key=<domain_access_token>";
        self.create(create, &json!({"user_id": "anna"}), &[]);
        let created = [("<user_api_key>", "/user_api_key"), ("<user_password>", "/user_password")];
        self.create(create, &json!({"user_id": "russ"}), &created);
        self.create(
            "GET /v1.2/domains/users/accesstokens?key=<domain_api_key>&domain_api_secret=<domain_api_secret>&user_id=russ",
            &Value::Null,
            &[("<user_access_token>", "/user_access_token")],
        );
        let devices = "GET /v1.2/users/devices?key=<user_access_token>";
        self.create(devices, &Value::Null, &[("<device_id>", "/devices/0/id")]);
        let group = NewGroup::new("Friends").owner("russ@example.com").member("anna@example.com");
        let group_id = self.emulator.create_group(group).expect("both are there");
        self.placeholders.push(("<group_id>", group_id));
        self.requests = 0;
        self
    }

    /// Sends a request that has to succeed, and takes placeholders from the result.
    fn create(&mut self, line: &str, body: &Value, names: &[(&'static str, &str)]) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = self.send(format!("{line}\n\n{body}").as_bytes()).1;
        let response: Value = serde_json::from_slice(&response.body).expect("JSON");
        assert_eq!(response["status"], 0, "{line}: {response}");
        for (name, at) in names {
            let value = response["result"].pointer(at).and_then(Value::as_str);
            self.placeholders.push((name, value.unwrap_or_else(|| panic!("{at} in {response}")).to_owned()));
        }
    }

    fn check(mut self, input: &[u8]) -> (Self, bool) {
        let (line, response) = self.send(input);
        let shown = || format!("{line}: HTTP {} b\"{}\"", response.http, response.body.escape_ascii());
        assert!((200..500).contains(&response.http), "{}", shown());
        if response.http == 200 && requests_a_file(&line) {
            return (self, true);
        }
        let is_head = line.starts_with("HEAD ");
        let is_empty = is_head || response.http == 204;
        assert!(response.is_json || response.http == 204, "{}", shown());
        assert_eq!(response.body.is_empty(), is_empty, "{}", shown());
        if is_empty {
            return (self, false);
        }
        let is_admin = is_admin(&line);
        let status = match serde_json::from_slice::<Envelope<NoResult>>(&response.body) {
            Ok(envelope) => Some(envelope.status()),
            Err(error) => {
                assert!(serde_json::from_slice::<Value>(&response.body).is_ok(), "{error}: {}", shown());
                assert!(is_admin && response.http == 200, "{error}: {}", shown());
                None
            }
        };
        assert_ne!(status, Some(Status::INTERNAL_SERVER_ERROR), "{}", shown());
        let is_done = response.http == 200 && status.is_none_or(Status::is_success);
        // The next inputs need the objects that this one deleted or let expire.
        let needs_reset = is_done && (line.starts_with("DELETE ") || (is_admin && !line.starts_with("GET ")));
        (if needs_reset { self.fill() } else { self }, is_done)
    }

    /// Sends the request of an input. Returns its request line and the response.
    fn send(&mut self, input: &[u8]) -> (String, EmulatorResponse) {
        self.requests += 1;
        let mut parts = input.splitn(3, |byte| *byte == b'\n');
        let mut part = || parts.next().unwrap_or_default();
        let line = request_line(&self.replace_placeholders(part()));
        let content_type = visible(part());
        let body = self.replace_placeholders(part());
        let mut request = format!("{line} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n", body.len()).into_bytes();
        if !content_type.is_empty() {
            request.extend_from_slice(format!("content-type: {content_type}\r\n").as_bytes());
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(&body);
        let sent = self.connection.get_mut().write_all(&request);
        let response = sent.and_then(|()| self.read(line.starts_with("HEAD ")));
        let response = response.unwrap_or_else(|error| panic!("there is no response: {error}: {line}"));
        (line, response)
    }

    fn read(&mut self, is_head: bool) -> io::Result<EmulatorResponse> {
        let connection = &mut self.connection;
        let (mut head, mut length, mut is_json, mut is_last) = (String::new(), 0, false, false);
        connection.read_line(&mut head)?;
        let http = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let http = http.ok_or_else(|| io::Error::other(format!("no status line, but {head:?}")))?;
        loop {
            head.clear();
            connection.read_line(&mut head)?;
            let line = head.trim_end().to_ascii_lowercase();
            match line.split_once(": ") {
                Some(("content-length", value)) => length = value.parse().map_err(io::Error::other)?,
                Some(("content-type", value)) => is_json = value == "application/json; charset=utf-8",
                Some(("connection", value)) => is_last = value == "close",
                None if line.is_empty() => break,
                _ => {}
            }
        }
        let mut body = vec![0; if is_head { 0 } else { length }];
        connection.read_exact(&mut body)?;
        if is_last {
            self.connection = connect(&self.emulator);
        }
        Ok(EmulatorResponse { http, is_json, body })
    }

    fn replace_placeholders(&self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        let mut from = 0;
        while let Some(at) = text[from..].iter().position(|byte| *byte == b'<').map(|at| from + at) {
            from = at + 1;
            if let Some((name, value)) =
                self.placeholders.iter().find(|(name, _)| text[at..].starts_with(name.as_bytes()))
            {
                text.splice(at..at + name.len(), value.bytes());
            }
        }
        text
    }
}

/// Whether a request is for an admin endpoint.
fn is_admin(line: &str) -> bool {
    let path = line.split_once(' ').map(|(_, target)| percent_decode_str(target).decode_utf8_lossy());
    path.is_some_and(|path| path.to_ascii_lowercase().starts_with("/_emulator"))
}

/// Whether the response may be a file, of any type and possibly empty.
fn requests_a_file(line: &str) -> bool {
    let path =
        line.strip_prefix("GET ").map(|target| percent_decode_str(target).decode_utf8_lossy().to_ascii_lowercase());
    path.is_some_and(|path| {
        let path = path.split('?').next().unwrap_or_default().trim_end_matches('/');
        OPERATIONS.iter().any(|operation| {
            operation.response == operation::ResponseKind::File
                && path
                    .strip_prefix('/')
                    .and_then(|path| path.split_once('/'))
                    .is_some_and(|(_, path)| operation.path[1..] == *path)
        })
    })
}

fn connect(emulator: &Emulator) -> BufReader<TcpStream> {
    let address = emulator.base_url().trim_start_matches("http://").trim_end_matches("/v1.2");
    let connection = TcpStream::connect(address).expect("it listens");
    connection.set_nodelay(true).expect("a socket has this option");
    BufReader::new(connection)
}

/// Returns a method and a target that the HTTP parser accepts, because the parser is not under test.
fn request_line(line: &[u8]) -> String {
    let at = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (method, target) = (&line[..at], line.get(at + 1..).unwrap_or_default());
    let is_method = (1..=16).contains(&method.len()) && method.iter().all(u8::is_ascii_alphabetic);
    // CONNECT has no path, and would convert the connection to a tunnel.
    let method = match str::from_utf8(method) {
        Ok(method) if is_method && method != "CONNECT" => method,
        _ => "GET",
    };
    let mut text = format!("{method} /");
    for byte in target.strip_prefix(b"/").unwrap_or(target) {
        match byte {
            b'!' | b'$'..=b';' | b'=' | b'?'..=b'Z' | b'_' | b'a'..=b'z' | b'~' => text.push(char::from(*byte)),
            _ => text += &format!("%{byte:02X}"),
        }
    }
    // The HTTP parser rejects longer ones.
    text.truncate(8000);
    text
}

/// Returns the characters that are valid in a header.
fn visible(text: &[u8]) -> String {
    text.iter()
        .filter(|byte| (b' '..=b'~').contains(byte))
        .map(|byte| char::from(*byte))
        .take(200)
        .collect::<String>()
        .trim()
        .to_owned()
}
