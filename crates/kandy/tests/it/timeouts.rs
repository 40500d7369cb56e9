//! Timeouts and deadlines: each is reported in its own phase, and a response that progresses does not time out.

use std::time::{Duration, Instant};

use kandy::{Error, Kandy, KandyBuilder, Phase, RetryPolicy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::mock_server::MockServer;

/// The unit of all timeouts.
const TICK: Duration = Duration::from_millis(50);

/// Fails a call that would hang otherwise.
const LONG_TIMEOUT: Duration = Duration::from_secs(20);

/// Starts a server that reads a request and then calls `serve`, and returns a builder of a client that never retries.
async fn start_server<F: Future<Output = ()> + Send + 'static>(
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) -> KandyBuilder {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok_and(|read| read > 0) {
                tokio::spawn(serve(stream));
            }
        }
    });
    Kandy::builder().base_url(format!("http://127.0.0.1:{port}/v1.2")).retry(RetryPolicy::never())
}

/// Sends nothing, and keeps the connection open.
async fn silent(stream: TcpStream) {
    std::future::pending::<()>().await;
    drop(stream);
}

/// Sends a part of the response, and keeps the connection open.
async fn stalling(mut stream: TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{").await;
    silent(stream).await;
}

/// Sends the last bytes one at a time: in total longer than the timeout, with pauses that are shorter.
async fn dribbling(mut stream: TcpStream) {
    let body =
        format!("{{\"status\": 0, \"message\": \"success\", \"result\": {{\"devices\": []}}{}}}", " ".repeat(12));
    let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes()).await;
    let (begin, end) = body.split_at(body.len() - 13);
    let _ = stream.write_all(begin.as_bytes()).await;
    for byte in end.as_bytes() {
        tokio::time::sleep(TICK).await;
        let _ = stream.write_all(&[*byte]).await;
    }
    silent(stream).await;
}

/// Returns the phase of a transport error.
fn phase(error: &Error) -> Phase {
    match error {
        Error::Transport(error) => error.phase(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn times_out_without_a_response() {
    let kandy = start_server(silent).await.timeout(3 * TICK).build().expect("a client");
    let error = kandy.user_with_token("UAT").device("A149").send_sms("+12245556666", "x").await.expect_err("too long");
    assert_eq!(phase(&error), Phase::Timeout);
    assert!(error.is_timeout() && error.may_have_been_applied() && error.elapsed() >= 3 * TICK);
    assert!(error.to_string().contains("no response arrived in time"), "{error}");
}

#[tokio::test]
async fn times_out_when_the_response_stalls() {
    let kandy = start_server(stalling).await.timeout(3 * TICK).build().expect("a client");
    let user = kandy.user_with_token("UAT");
    let devices = tokio::time::timeout(LONG_TIMEOUT, user.devices().into_future());
    let error = devices.await.expect("the timeout ends it").expect_err("too long");
    assert_eq!(phase(&error), Phase::Timeout);
    assert!(error.elapsed() >= 3 * TICK);
}

#[tokio::test]
async fn does_not_time_out_while_the_response_progresses() {
    let kandy = start_server(dribbling).await.timeout(6 * TICK).build().expect("a client");
    let begin = Instant::now();
    kandy.user_with_token("UAT").devices().await.expect("slow, but complete");
    assert!(begin.elapsed() >= 12 * TICK, "it took longer than the timeout");
}

#[tokio::test]
async fn a_deadline_ends_even_a_response_that_progresses() {
    let builder = start_server(dribbling).await.timeout(6 * TICK);
    let kandy = builder.clone().deadline(5 * TICK).build().expect("a client");
    let error = kandy.user_with_token("UAT").devices().await.expect_err("too long");
    assert_eq!(phase(&error), Phase::Deadline);
    let kandy = builder.build().expect("a client");
    let error = kandy.user_with_token("UAT").devices().deadline(5 * TICK).await.expect_err("too long");
    assert_eq!(phase(&error), Phase::Deadline);
    assert!(error.is_timeout() && error.elapsed() >= 5 * TICK);
}

#[tokio::test]
async fn a_deadline_includes_the_wait_for_a_token() {
    let kandy = start_server(silent).await.build().expect("a client");
    let device = kandy.domain("DAK", "DAS").user("russ").device("A149");
    let error = device.send_sms("+12245556666", "x").deadline(3 * TICK).await.expect_err("too long");
    assert_eq!((phase(&error), error.operation()), (Phase::Deadline, Some("sms_send")));
    assert!(!error.may_have_been_applied(), "the SMS was not sent");
}

#[tokio::test]
async fn a_send_past_its_deadline_may_have_been_applied() {
    let kandy = start_server(silent).await.build().expect("a client");
    let device = kandy.user_with_token("UAT").device("A149");
    let error = device.send_sms("+12245556666", "x").deadline(3 * TICK).await.expect_err("too long");
    assert_eq!(phase(&error), Phase::Deadline);
    assert!(error.may_have_been_applied());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn connecting_times_out() {
    // When the backlog of the listener is full, Linux drops further connection requests.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let listener = socket.listen(1).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let mut full = Vec::new();
    while let Ok(connected) = tokio::time::timeout(3 * TICK, TcpStream::connect(address)).await {
        full.push(connected.expect("a connection"));
    }
    let builder = Kandy::builder().base_url(format!("http://{address}/v1.2")).retry(RetryPolicy::never());
    let kandy = builder.connect_timeout(3 * TICK).build().expect("a client");
    let error = kandy.user_with_token("UAT").device("A149").send_sms("+12245556666", "x").await.expect_err("too long");
    assert_eq!(phase(&error), Phase::ConnectTimeout);
    assert!(error.is_timeout() && !error.may_have_been_applied(), "{error}");
}

#[tokio::test]
async fn a_dropped_call_does_not_affect_others() {
    let server = MockServer::start().await;
    let domain = server.kandy.domain("DAK-key", "DAS-secret");
    let calls: Vec<_> = (0..100).map(|_| tokio::spawn(domain.users().into_future())).collect();
    for (number, call) in calls.into_iter().enumerate() {
        match number % 2 {
            0 => call.abort(),
            _ => drop(call.await.expect("not aborted").expect("a response")),
        }
    }
    domain.users().await.expect("the connections can still be used");
    assert_eq!(server.requests_of("domain_access_token_get"), 1);
}
