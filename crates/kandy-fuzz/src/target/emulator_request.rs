use std::{
    cell::RefCell,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use kandy_emulator::{Emulator, NewGroup};
use kandy_sys::{Envelope, NoResult, OPERATIONS, Status, operation};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// After so many requests the emulator is emptied, so that it does not fill up.
const REQUESTS: u32 = 500;

thread_local! {
    static EMULATOR: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// A request to the emulator, over a connection that is kept: a line with method, path and query, a line with the
/// content type, and the body. `<device_id>` and its like stand for what the emulator gave out.
///
/// * There is always an answer, and it is no server error.
/// * It is JSON, in the envelope unless it is one of the emulator's own tools that answers, or a file that was
///   asked for.
///
/// It answers whether the emulator did what was asked.
pub fn emulator_request(input: &[u8]) -> bool {
    EMULATOR.with_borrow_mut(|running| {
        let emulator = match running.take() {
            Some(emulator) if emulator.asked < REQUESTS => emulator,
            Some(emulator) => emulator.fill(),
            None => Running::start(),
        };
        // If it panics, the next input begins with another emulator.
        let (emulator, is_done) = emulator.take(input);
        *running = Some(emulator);
        is_done
    })
}

/// An emulator with somebody and something in it.
struct Running {
    emulator: Emulator,
    connection: BufReader<TcpStream>,
    /// What stands in `<` and `>`, and what is put there.
    names: Vec<(&'static str, String)>,
    asked: u32,
}

/// An answer of the emulator.
struct Answer {
    http: u16,
    is_json: bool,
    body: Vec<u8>,
}

impl Running {
    fn start() -> Self {
        let emulator = Emulator::start().expect("a free port");
        let connection = connect(&emulator);
        Self { emulator, connection, names: Vec::new(), asked: 0 }.fill()
    }

    /// Empties the emulator, and puts in a domain, two users and a group.
    fn fill(mut self) -> Self {
        self.emulator.reset();
        let (key, secret) = (self.emulator.account_key().to_owned(), self.emulator.account_secret().to_owned());
        self.names = vec![("<account_api_key>", key), ("<account_api_secret>", secret)];
        self.learn(
            "GET /v1.2/accounts/accesstokens?key=<account_api_key>&account_api_secret=<account_api_secret>",
            &Value::Null,
            &[("<account_access_token>", "/account_access_token")],
        );
        self.learn(
            "POST /v1.2/accounts/domains?key=<account_access_token>",
            &json!({"domain_name": "example.com"}),
            &[("<domain_api_key>", "/domain_api_key"), ("<domain_api_secret>", "/domain_api_secret")],
        );
        self.learn(
            "GET /v1.2/domains/accesstokens?key=<domain_api_key>&domain_api_secret=<domain_api_secret>",
            &Value::Null,
            &[("<domain_access_token>", "/domain_access_token")],
        );
        let create = "POST /v1.2/domains/users/user_id?key=<domain_access_token>";
        self.learn(create, &json!({"user_id": "anna"}), &[]);
        let learnt = [("<user_api_key>", "/user_api_key"), ("<user_password>", "/user_password")];
        self.learn(create, &json!({"user_id": "russ"}), &learnt);
        self.learn(
            "GET /v1.2/domains/users/accesstokens?key=<domain_api_key>&domain_api_secret=<domain_api_secret>&user_id=russ",
            &Value::Null,
            &[("<user_access_token>", "/user_access_token")],
        );
        let devices = "GET /v1.2/users/devices?key=<user_access_token>";
        self.learn(devices, &Value::Null, &[("<device_id>", "/devices/0/id")]);
        let group = NewGroup::new("Friends").owner("russ@example.com").member("anna@example.com");
        let group_id = self.emulator.create_group(group).expect("both are there");
        self.names.push(("<group_id>", group_id));
        self.asked = 0;
        self
    }

    /// Asks for something that has to succeed, and learns names from the result.
    fn learn(&mut self, line: &str, body: &Value, names: &[(&'static str, &str)]) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.ask(format!("{line}\n\n{body}").as_bytes()).1;
        let answer: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(answer["status"], 0, "{line}: {answer}");
        for (name, at) in names {
            let value = answer["result"].pointer(at).and_then(Value::as_str);
            self.names.push((name, value.unwrap_or_else(|| panic!("{at} in {answer}")).to_owned()));
        }
    }

    fn take(mut self, input: &[u8]) -> (Self, bool) {
        let (line, answer) = self.ask(input);
        let shown = || format!("{line}: HTTP {} b\"{}\"", answer.http, answer.body.escape_ascii());
        assert!((200..500).contains(&answer.http), "{}", shown());
        if answer.http == 200 && asks_for_a_file(&line) {
            return (self, true);
        }
        let is_head = line.starts_with("HEAD ");
        let is_empty = is_head || answer.http == 204;
        assert!(answer.is_json || answer.http == 204, "{}", shown());
        assert_eq!(answer.body.is_empty(), is_empty, "{}", shown());
        if is_empty {
            return (self, false);
        }
        let is_tool = is_tool(&line);
        let status = match serde_json::from_slice::<Envelope<NoResult>>(&answer.body) {
            Ok(envelope) => Some(envelope.status()),
            Err(error) => {
                assert!(serde_json::from_slice::<Value>(&answer.body).is_ok(), "{error}: {}", shown());
                assert!(is_tool && answer.http == 200, "{error}: {}", shown());
                None
            }
        };
        assert_ne!(status, Some(Status::INTERNAL_SERVER_ERROR), "{}", shown());
        let is_done = answer.http == 200 && status.is_none_or(Status::is_success);
        // What was deleted or has expired is needed by the next inputs.
        let is_spent = is_done && (line.starts_with("DELETE ") || (is_tool && !line.starts_with("GET ")));
        (if is_spent { self.fill() } else { self }, is_done)
    }

    /// Sends what an input says. Answers the line that it was, too.
    fn ask(&mut self, input: &[u8]) -> (String, Answer) {
        self.asked += 1;
        let mut parts = input.splitn(3, |byte| *byte == b'\n');
        let mut part = || parts.next().unwrap_or_default();
        let line = request_line(&self.put_names(part()));
        let content_type = visible(part());
        let body = self.put_names(part());
        let mut request = format!("{line} HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n", body.len()).into_bytes();
        if !content_type.is_empty() {
            request.extend_from_slice(format!("content-type: {content_type}\r\n").as_bytes());
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(&body);
        let sent = self.connection.get_mut().write_all(&request);
        let answer = sent.and_then(|()| self.read(line.starts_with("HEAD ")));
        let answer = answer.unwrap_or_else(|error| panic!("there is no answer: {error}: {line}"));
        (line, answer)
    }

    fn read(&mut self, is_head: bool) -> io::Result<Answer> {
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
                Some(("content-type", value)) => is_json = value == "application/json",
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
        Ok(Answer { http, is_json, body })
    }

    fn put_names(&self, text: &[u8]) -> Vec<u8> {
        let mut text = text.to_vec();
        let mut from = 0;
        while let Some(at) = text[from..].iter().position(|byte| *byte == b'<').map(|at| from + at) {
            from = at + 1;
            if let Some((name, value)) = self.names.iter().find(|(name, _)| text[at..].starts_with(name.as_bytes())) {
                text.splice(at..at + name.len(), value.bytes());
            }
        }
        text
    }
}

/// Whether it is one of the emulator's own tools that answers.
fn is_tool(line: &str) -> bool {
    let path = line.split_once(' ').map(|(_, target)| percent_decode_str(target).decode_utf8_lossy());
    path.is_some_and(|path| path.to_ascii_lowercase().starts_with("/_emulator"))
}

/// Whether a file may be the answer, which may be of any type and empty.
fn asks_for_a_file(line: &str) -> bool {
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

/// A method and a target that get through the HTTP parser, which is not what is tried here.
fn request_line(line: &[u8]) -> String {
    let at = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
    let (method, target) = (&line[..at], line.get(at + 1..).unwrap_or_default());
    let is_method = (1..=16).contains(&method.len()) && method.iter().all(u8::is_ascii_alphabetic);
    // CONNECT takes no path, and would turn the connection into something else.
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
    // Longer ones are refused by the HTTP parser.
    text.truncate(8000);
    text
}

/// What may stand in a header.
fn visible(text: &[u8]) -> String {
    text.iter()
        .filter(|byte| (b' '..=b'~').contains(byte))
        .map(|byte| char::from(*byte))
        .take(200)
        .collect::<String>()
        .trim()
        .to_owned()
}
