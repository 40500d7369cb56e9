//! A service that says the same to everyone.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use serde_json::{Value, json};

/// Starts a service that answers each request with this JSON, and returns its base URL. It ends with the test.
pub(crate) fn json(response: &Value) -> String {
    bytes("application/json", response.to_string().into_bytes())
}

/// Starts a service that answers each request with these bytes.
pub(crate) fn bytes(content_type: &'static str, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for connection in listener.incoming() {
            // A client that has gone is no failure of the test.
            drop(answer(connection.unwrap(), content_type, &body));
        }
    });
    format!("http://{address}/v1.2")
}

fn answer(connection: TcpStream, content_type: &str, body: &[u8]) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let connection = reader.get_mut();
    connection.write_all(head.as_bytes())?;
    connection.write_all(body)
}

/// The response of a call that worked.
pub(crate) fn success(result: Value) -> Value {
    json!({"status": 0, "message": "success", "result": result})
}

/// The response of a call that was refused.
pub(crate) fn refusal(message: &str) -> Value {
    json!({"status": 62, "message": message})
}
