//! Uploads as multipart forms and downloads as streams, over real sockets.

use std::sync::{Arc, Mutex};

use crate::support::server::Server;
use futures_util::{StreamExt, TryStreamExt, stream};
use kandy_sys::{Client, Error, ErrorKind, Status, Upload};
use reqwest::Body;

const CREDENTIAL: &str = "UATcanary0credential";
const ID: &str = "5d1c2a7e9b3f4c0d8e6a7b8c9d0e1f23";
const DONE: &str = r#"{"status":0,"message":"success"}"#;

fn client(server: &Server) -> Client {
    Client::with_credential(server.base_url(), CREDENTIAL).expect("a client")
}

/// The body of the one request, with the boundary of its form written otherwise.
fn form(server: &Server) -> String {
    let request = server.request();
    let content_type = request.header("content-type").expect("a content type");
    let boundary = content_type.strip_prefix("multipart/form-data; boundary=").expect("a form");
    assert_eq!(request.queried("key"), [CREDENTIAL]);
    assert_eq!(request.header("content-length"), Some(request.body.len().to_string().as_str()));
    request.body.replace(boundary, "BOUNDARY")
}

const FORM: &str = "--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"no%22te.txt\"\r\n\
    Content-Type: text/plain\r\n\r\nlet's meet tonight\r\n--BOUNDARY--\r\n";

#[tokio::test]
async fn every_kind_of_upload_sends_the_same_form() {
    let pieces = || stream::iter([Ok::<_, std::io::Error>("let's meet "), Ok("tonight")]);
    let open = move || Body::wrap_stream(pieces());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let progress = seen.clone();
    let uploads = [
        Upload::new("no\"te.txt", "let's meet tonight"),
        Upload::stream("no\"te.txt", Some(18), open()),
        Upload::repeatable("no\"te.txt", Some(18), open)
            .progress(move |sent| progress.lock().expect("seen").push(sent)),
    ];
    for upload in uploads {
        let server = Server::with_body("200 OK", DONE).await;
        let upload = upload.content_type("text/plain");
        let sent = client(&server).content_upload("text/plain", ID, "A149", upload).await.expect("sent");
        sent.into_inner().into_result().expect("stored");
        assert_eq!(form(&server), FORM);
    }
    assert_eq!(*seen.lock().expect("seen"), [11, 18]);
}

#[tokio::test]
async fn streamed_upload_is_sent_once() {
    let upload = Upload::stream("a", None, "a");
    assert!(!upload.is_repeatable() && Upload::new("a", "a").is_repeatable());
    drop(upload.clone().form("file"));
    let again = reqwest::Response::from(http::Response::new(upload.form("file")));
    assert!(again.bytes().await.is_err(), "the bytes are gone");
}

#[tokio::test]
async fn download_is_a_stream() {
    let server = Server::with_bytes(
        "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 4\r\nconnection: close\r\n\r\n\u{7f}PNG",
    )
    .await;
    let file = client(&server).content_download(ID, "A149").await.expect("a file");
    assert_eq!((file.headers()["content-type"].as_bytes(), file.content_length()), (&b"image/png"[..], Some(4)));
    let bytes: Vec<_> = file.into_inner().into_inner().try_collect().await.expect("all of it");
    assert_eq!(bytes.concat(), b"\x7fPNG");
    let request = server.request();
    assert_eq!((request.queried("key"), request.queried("content_uuid")), (vec![CREDENTIAL], vec![ID]));
}

async fn download(response: String) -> Result<Vec<u8>, Error> {
    let server = Server::with_bytes(response).await;
    let file = client(&server).content_download(ID, "A149").await?;
    let bytes: Vec<_> = file.into_inner().into_inner().map(|piece| piece.expect("a piece")).collect().await;
    Ok(bytes.concat())
}

fn json(body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn fault_instead_of_a_file_is_an_error() {
    let error = download(json(r#"{"status":53,"message":"content does not exist"}"#)).await.expect_err("a fault");
    let ErrorKind::Response(response) = error.kind() else { panic!("{error}") };
    assert_eq!(response.http_status, 200);
    assert_eq!(response.fault.as_ref().map(|fault| fault.status), Some(Status::DOES_NOT_EXIST));
    assert!(!format!("{error} {error:?}").contains(CREDENTIAL));
    let error = download("HTTP/1.1 502 X\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno".into()).await;
    assert!(
        matches!(error.expect_err("an error").kind(), ErrorKind::Response(response) if response.http_status == 502)
    );
}

#[tokio::test]
async fn json_without_a_fault_is_a_file() {
    let long = format!(r#"{{"status":5,"message":"{}"}}"#, "x".repeat(20_000));
    for body in ["", "{}", "[1]", r#"{"status":0,"message":"success"}"#, r#"{"status":"none"}"#, &long] {
        assert_eq!(download(json(body)).await.expect("a file"), body.as_bytes());
    }
}
