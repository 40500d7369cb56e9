//! Timeouts of connections whose client stalls.

use std::time::Duration;

use kandy_emulator::Emulator;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::fixture::Kandy;

const SHORT_TIMEOUT: Duration = Duration::from_millis(250);
const LONG_TIMEOUT: Duration = Duration::from_secs(30);

fn start() -> Kandy {
    Kandy::on(Emulator::builder().read_timeout(SHORT_TIMEOUT).start().expect("a free port"))
}

async fn connect(kandy: &Kandy) -> TcpStream {
    let address = kandy.emulator.base_url().trim_start_matches("http://").trim_end_matches("/v1.2");
    TcpStream::connect(address).await.expect("a connection")
}

/// Reads a connection to its end.
async fn read_to_end(mut connection: TcpStream) -> String {
    let mut read = Vec::new();
    let ended = timeout(LONG_TIMEOUT, connection.read_to_end(&mut read)).await.expect("it ends by itself");
    // A reset counts as an end.
    drop(ended);
    String::from_utf8(read).expect("text")
}

#[tokio::test]
async fn incomplete_head_times_out() {
    let kandy = start();
    for part in
        ["", "G", "GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\nX-Half: ", "POST /v1.2/domains HTTP/1.1\r\n"]
    {
        let mut connection = connect(&kandy).await;
        connection.write_all(part.as_bytes()).await.expect("sent");
        assert_eq!(read_to_end(connection).await, "", "{part:?}");
    }
}

#[tokio::test]
async fn slow_head_times_out() {
    let kandy = start();
    let (mut reader, mut writer) = connect(&kandy).await.into_split();
    let trickle = async {
        writer.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.expect("sent");
        let mut pause = tokio::time::interval(SHORT_TIMEOUT / 10);
        // Ends when the connection does.
        while writer.write_all(b"a").await.is_ok() {
            pause.tick().await;
        }
    };
    let mut read = Vec::new();
    let ended = async { drop(reader.read_to_end(&mut read).await) };
    timeout(LONG_TIMEOUT, async { tokio::join!(trickle, ended) }).await.expect("it ends by itself");
    assert!(read.is_empty());
}

#[tokio::test]
async fn stalled_body_returns_408() {
    let kandy = start();
    let head = "HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n";
    let form =
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"file\"";
    for request in [
        format!("POST /v1.2/domains/users/user_id?key=x {head}\r\n"),
        format!("POST /v1.2/domains/users/user_id?key=x {head}\r\n{{\"user_id\": \"ru"),
        format!("POST /_emulator/faults {head}\r\n{{"),
        format!("POST /v1.2/devices/content?key=x&device_id=y&content_uuid=z&content_type=t {head}{form}"),
        "POST /v1.2/devices/smss HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"m".to_owned(),
    ] {
        let mut connection = connect(&kandy).await;
        connection.write_all(request.as_bytes()).await.expect("sent");
        let response = read_to_end(connection).await;
        assert!(response.starts_with("HTTP/1.1 408 "), "{request}: {response}");
        let body = response.split_once("\r\n\r\n").expect("a body").1;
        let body: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(body["status"], 14, "{request}");
    }
}

#[tokio::test]
async fn idle_timeout_is_longer() {
    let kandy = start();
    let mut idle = connect(&kandy).await;
    let request = b"GET /_emulator/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut respond = async || {
        idle.write_all(request).await.expect("sent");
        let mut response = [0; 512];
        let length = timeout(LONG_TIMEOUT, idle.read(&mut response)).await.expect("in time").expect("a response");
        String::from_utf8_lossy(&response[..length]).into_owned()
    };
    assert!(respond().await.starts_with("HTTP/1.1 200 "));
    // This connection was opened later, and has timed out already.
    assert_eq!(read_to_end(connect(&kandy).await).await, "");
    assert!(respond().await.starts_with("HTTP/1.1 200 "));
}
