//! An upload that is answered before its body has left: in doubt, unless the answer is a clear refusal.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use kandy::{Attachment, Error, Kandy, RetryPolicy};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Far more than any buffer on the way takes.
const SIZE: usize = 32 * 1024 * 1024;

/// What a server does after its early answer.
#[derive(Clone, Copy, Debug)]
enum Then {
    Close,
    ReadOn,
    Nothing,
}

/// A client of a server that reads the beginning of a request and answers it.
async fn early(answer: String, then: Then) -> Kandy {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer.clone(), then));
        }
    });
    let builder = Kandy::builder().base_url(format!("http://127.0.0.1:{port}/v1.2")).retry(RetryPolicy::never());
    builder.timeout(Duration::from_secs(5)).build().expect("a client")
}

async fn serve(mut stream: TcpStream, answer: String, then: Then) {
    let mut begin = vec![0; 16 * 1024];
    let _ = stream.read(&mut begin).await;
    let _ = stream.write_all(answer.as_bytes()).await;
    match then {
        Then::Close => {}
        Then::ReadOn => drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await),
        Then::Nothing => {
            std::future::pending::<()>().await;
            drop(stream);
        }
    }
}

fn http(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// The file in memory, and as a stream with and without its length.
fn attachments() -> Vec<(&'static str, Attachment)> {
    let bytes = Bytes::from(vec![7; SIZE]);
    let pieces = || stream::iter((0..SIZE / 65536).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![7; 65536]))));
    vec![
        ("in memory", Attachment::new("a.bin", bytes)),
        ("a stream", Attachment::stream("a.bin", Some(SIZE as u64), pieces())),
        ("a stream without length", Attachment::stream("a.bin", None, pieces())),
    ]
}

const SUCCESS: &str = r#"{"status":0,"message":"success","result":{}}"#;

#[tokio::test]
async fn an_early_answer_is_in_doubt() {
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
        for then in [Then::Close, Then::ReadOn, Then::Nothing] {
            // One that reads on gets the whole file in the end, and what it said of it may be right.
            let whole = matches!(then, Then::ReadOn);
            let kandy = early(http(status, body), then).await;
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
async fn a_clear_refusal_is_one_however_early_it_comes() {
    for (status, body) in [
        (200, r#"{"status":14,"message":"too large"}"#),
        (400, r#"{"status":16,"message":"no"}"#),
        (413, r#"{"status":14,"message":"too large"}"#),
        (429, "Too Many Requests"),
        (403, r#"{"status":11,"message":"no"}"#),
    ] {
        // A connection that is closed with bytes unread may take the answer with it.
        for then in [Then::ReadOn, Then::Nothing] {
            let kandy = early(http(status, body), then).await;
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
async fn an_early_answer_without_an_end_is_in_doubt_too() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"status\":0".to_owned();
    for answer in [half, String::new(), "HTTP/1.1 ".to_owned()] {
        let kandy = early(answer.clone(), Then::Close).await;
        for (name, attachment) in attachments() {
            let upload = kandy.user_with_token("UAT-token").device("A149").upload(attachment);
            let error = upload.await.expect_err("no answer");
            assert!(error.may_have_been_applied(), "{name}: {answer}: {error}");
        }
    }
}
