//! Time: every limit is reported as itself, what moves is left alone, and what is given up leaves nothing behind.

mod support;

use std::time::{Duration, Instant};

use kandy::{Error, Kandy, KandyBuilder, Phase, RetryPolicy};
use support::Recorder;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const TICK: Duration = Duration::from_millis(50);

/// Far more than anything here may take, for what would hang otherwise.
const TOO_LONG: Duration = Duration::from_secs(20);

/// A server that reads a request and then does as `serve` says.
async fn server<F: Future<Output = ()> + Send + 'static>(
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

/// Answers nothing, and keeps the connection.
async fn silent(stream: TcpStream) {
    std::future::pending::<()>().await;
    drop(stream);
}

/// Answers a part of what it promises, and keeps the connection.
async fn stalling(mut stream: TcpStream) {
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{").await;
    silent(stream).await;
}

/// Answers a byte at a time, for longer than any one pause is allowed to be.
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

fn phase(error: &Error) -> Phase {
    match error {
        Error::Transport(error) => error.phase(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_attempt_without_an_answer_times_out() {
    let kandy = server(silent).await.timeout(3 * TICK).build().expect("a client");
    let error = kandy.user_with_token("UAT").device("A149").send_sms("+12245556666", "x").await.expect_err("too long");
    assert_eq!(phase(&error), Phase::Timeout);
    assert!(error.is_timeout() && error.may_have_been_applied() && error.elapsed() >= 3 * TICK);
    assert!(error.to_string().contains("no answer came in time"), "{error}");
}

#[tokio::test]
async fn an_answer_that_stalls_times_out() {
    let kandy = server(stalling).await.timeout(3 * TICK).build().expect("a client");
    let user = kandy.user_with_token("UAT");
    let devices = tokio::time::timeout(TOO_LONG, user.devices().into_future());
    let error = devices.await.expect("it is given up").expect_err("too long");
    assert_eq!(phase(&error), Phase::Timeout);
    assert!(error.elapsed() >= 3 * TICK);
}

#[tokio::test]
async fn an_answer_that_moves_does_not() {
    let kandy = server(dribbling).await.timeout(6 * TICK).build().expect("a client");
    let begin = Instant::now();
    kandy.user_with_token("UAT").devices().await.expect("slow, but whole");
    assert!(begin.elapsed() >= 12 * TICK, "it took longer than any one pause may");
}

#[tokio::test]
async fn a_deadline_that_was_asked_for_bounds_even_what_moves() {
    let builder = server(dribbling).await.timeout(6 * TICK);
    let kandy = builder.clone().deadline(5 * TICK).build().expect("a client");
    let error = kandy.user_with_token("UAT").devices().await.expect_err("too long");
    assert_eq!(phase(&error), Phase::Deadline);
    let kandy = builder.build().expect("a client");
    let error = kandy.user_with_token("UAT").devices().deadline(5 * TICK).await.expect_err("too long");
    assert_eq!(phase(&error), Phase::Deadline);
    assert!(error.is_timeout() && error.elapsed() >= 5 * TICK);
}

#[tokio::test]
async fn a_deadline_bounds_the_wait_for_a_token_too() {
    let kandy = server(silent).await.build().expect("a client");
    let device = kandy.domain("DAK", "DAS").user("russ").device("A149");
    let error = device.send_sms("+12245556666", "x").deadline(3 * TICK).await.expect_err("too long");
    assert_eq!((phase(&error), error.operation()), (Phase::Deadline, Some("sms_send")));
    assert!(!error.may_have_been_applied(), "the SMS never left");
}

#[tokio::test]
async fn a_send_that_was_cut_off_by_its_deadline_is_in_doubt() {
    let kandy = server(silent).await.build().expect("a client");
    let device = kandy.user_with_token("UAT").device("A149");
    let error = device.send_sms("+12245556666", "x").deadline(3 * TICK).await.expect_err("too long");
    assert_eq!(phase(&error), Phase::Deadline);
    assert!(error.may_have_been_applied());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_does_not_come_about_times_out() {
    // A queue for connections that is full takes no more of them, and says nothing.
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
async fn a_call_that_is_dropped_leaves_the_others_alone() {
    let recorder = Recorder::start().await;
    let domain = recorder.kandy.domain("DAK-key", "DAS-secret");
    let calls: Vec<_> = (0..100).map(|_| tokio::spawn(domain.users().into_future())).collect();
    for (number, call) in calls.into_iter().enumerate() {
        match number % 2 {
            0 => call.abort(),
            _ => drop(call.await.expect("not aborted").expect("an answer")),
        }
    }
    domain.users().await.expect("the connections can still be used");
    let mints =
        recorder.requests().iter().filter(|request| request.operation().id == "domain_access_token_get").count();
    assert_eq!(mints, 1);
}
