//! A response that arrives before the upload is complete: it may have been applied, unless the response is a clear refusal.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use kandy::{Attachment, Error, Kandy, RetryPolicy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::mock_server::json_response;

/// More than the socket buffers hold, so that the upload is still running when the response arrives.
const SIZE: usize = 32 * 1024 * 1024;

/// What a server does after its early response.
#[derive(Clone, Copy, Debug)]
enum AfterResponse {
    Close,
    ReadRest,
    Stall,
}

/// Builds a client of a server that responds after it has read the beginning of a request.
async fn early(response: Vec<u8>, then: AfterResponse) -> Kandy {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, response.clone(), then));
        }
    });
    let builder = Kandy::builder().base_url(format!("http://127.0.0.1:{port}/v1.2")).retry(RetryPolicy::never());
    builder.timeout(Duration::from_secs(5)).build().expect("a client")
}

async fn serve(mut stream: TcpStream, response: Vec<u8>, then: AfterResponse) {
    let mut begin = vec![0; 16 * 1024];
    let _ = stream.read(&mut begin).await;
    let _ = stream.write_all(&response).await;
    match then {
        AfterResponse::Close => {}
        AfterResponse::ReadRest => drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await),
        AfterResponse::Stall => {
            std::future::pending::<()>().await;
            drop(stream);
        }
    }
}

/// Returns the file in memory, and as a stream with and without its length.
fn attachments() -> Vec<(&'static str, Attachment)> {
    let bytes = Bytes::from(vec![7; SIZE]);
    let chunks = || stream::iter((0..SIZE / 65536).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![7; 65536]))));
    vec![
        ("in memory", Attachment::new("a.bin", bytes)),
        ("a stream", Attachment::stream("a.bin", Some(SIZE as u64), chunks())),
        ("a stream without length", Attachment::stream("a.bin", None, chunks())),
    ]
}

const SUCCESS: &str = r#"{"status":0,"message":"success","result":{}}"#;

#[tokio::test]
async fn an_early_response_may_have_been_applied() {
    for (status, body) in [
        (200, SUCCESS),
        (200, "<html>"),
        (200, ""),
        (201, SUCCESS),
        (400, ""),
        (403, ""),
        (403, SUCCESS),
        (413, "<html>too large</html>"),
        (500, ""),
        (503, r#"{"status":16,"message":"no"}"#),
        (200, r#"{"status":1,"message":"internal error"}"#),
    ] {
        for then in [AfterResponse::Close, AfterResponse::ReadRest, AfterResponse::Stall] {
            // A server that reads the rest receives the whole file, so its success is true.
            let whole = matches!(then, AfterResponse::ReadRest);
            let kandy = early(json_response(status, body), then).await;
            for (name, attachment) in attachments() {
                match kandy.user_with_token("UAT-token").device("A149").upload(attachment).await {
                    Ok(_) => assert!(whole && status == 200, "{name}, {then:?}: {status} {body}"),
                    Err(error) => {
                        assert!(error.may_have_been_applied(), "{name}, {then:?}: {status} {body}: {error}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn an_early_refusal_was_not_applied() {
    for (status, body) in [
        (200, r#"{"status":14,"message":"too large"}"#),
        (400, r#"{"status":16,"message":"no"}"#),
        (413, r#"{"status":14,"message":"too large"}"#),
        (429, "Too Many Requests"),
        (403, r#"{"status":11,"message":"no"}"#),
    ] {
        // Not `Close`: a connection that is closed with unread bytes is reset, which can lose the response.
        for then in [AfterResponse::ReadRest, AfterResponse::Stall] {
            let kandy = early(json_response(status, body), then).await;
            for (name, attachment) in attachments() {
                let upload = kandy.user_with_token("UAT-token").device("A149").upload(attachment);
                let error = upload.await.expect_err("refused");
                assert!(matches!(&error, Error::Api(_)), "{name}, {then:?}: {status} {body}: {error}");
                assert!(!error.may_have_been_applied(), "{name}, {then:?}: {status} {body}: {error}");
            }
        }
    }
}

#[tokio::test]
async fn a_truncated_early_response_may_have_been_applied() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"status\":0".to_owned();
    for response in [half, String::new(), "HTTP/1.1 ".to_owned()] {
        let kandy = early(response.clone().into_bytes(), AfterResponse::Close).await;
        for (name, attachment) in attachments() {
            let upload = kandy.user_with_token("UAT-token").device("A149").upload(attachment);
            let error = upload.await.expect_err("no response");
            assert!(error.may_have_been_applied(), "{name}: {response}: {error}");
        }
    }
}
