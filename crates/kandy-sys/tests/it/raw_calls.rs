//! Generated calls over real sockets: what they send, and that errors contain no URL, credential or body.

use std::error::Error as StdError;
use std::time::Duration;

use crate::support::server::{Request, Server, closed_port};
use kandy_sys::{
    AccessToken, ApiKey, ApiSecret, BaseUrl, Client, Envelope, Error, ErrorKind, ErrorResponse, Operation, Secret,
    Status,
    operation::Credential,
    transport::{BodyReader, ReadError, http_client},
    types,
};

/// The credential of the client.
const CREDENTIAL: &str = "UATcanary0credential";
/// A value in the query of every request.
const ARGUMENT: &str = "canary1argument";
/// A text in every response.
const BODY: &str = "canary2body";

/// A success of each operation that is called here.
const SUCCESS: &str =
    r#"{"status":0,"message":"success","result":{"domains":[],"users":[],"devices":[],"messages":[]}}"#;
const DONE: &str = r#"{"status":0,"message":"success"}"#;

fn client(server: &Server) -> Client {
    Client::with_credential(server.base_url(), CREDENTIAL).expect("a client")
}

fn text(texts: &[(String, String)]) -> Vec<(&str, &str)> {
    texts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Checks that a request has no header that the API does not know.
fn assert_clean(request: &Request) {
    for header in ["api-version", "referer", "authorization", "cookie"] {
        assert_eq!(request.header(header), None, "{request:?}");
    }
    assert_eq!(request.header("accept"), Some("application/json"));
}

#[tokio::test]
async fn access_token_is_the_last_parameter() {
    let server = Server::with_body("200 OK", SUCCESS).await;
    let client = client(&server);
    client.domain_list().await.expect("account level");
    client.user_list().await.expect("domain level");
    client.device_list().await.expect("user level");
    client.message_list(Some("1409754477079"), ARGUMENT).await.expect("with a query");
    client.message_delete(ARGUMENT, "[]").await.expect("with another method");
    client.sms_send(ARGUMENT, &sms()).await.expect("with a body");

    let requests = server.requests();
    assert_eq!(requests.len(), 6);
    for request in &requests {
        assert_clean(request);
        assert_eq!(request.queried("key"), [CREDENTIAL], "{request:?}");
        assert_eq!(request.query.last().map(|(name, _)| name.as_str()), Some("key"), "{request:?}");
    }
    assert_eq!(
        text(&requests[3].query),
        [("client_timestamp", "1409754477079"), ("device_id", ARGUMENT), ("key", CREDENTIAL)]
    );
}

#[tokio::test]
async fn token_operations_send_the_given_api_key_only() {
    let server = Server::with_body("200 OK", SUCCESS).await;
    let client = client(&server);
    let (key, secret, token) = (ApiKey::from("AAK1"), ApiSecret::from("AAS1"), AccessToken::from("AAT1"));
    let password = Secret::from("hunter22");
    client.account_access_token_get(&secret, &key).await.expect("sent");
    client.account_access_token_delete(&token, &secret, &key).await.expect("sent");
    client.domain_access_token_get(&secret, &key).await.expect("sent");
    client.domain_access_token_delete(&token, &secret, &key).await.expect("sent");
    client.user_access_token_get(None, None, Some(&secret), None, &key, "russ", None).await.expect("sent");

    client.user_access_token_delete(&key, &token, "russ", &password).await.expect("sent");
    client.anonymous_user_get_by_api_key(&key).await.expect("sent");
    client.configuration_get(&secret, &key).await.expect("sent");

    let requests = server.requests();
    let token_operations = kandy_sys::OPERATIONS.iter().filter(|o| matches!(o.credential(), Credential::ApiKey(_)));
    let is_sent = |operation: &kandy_sys::Operation| {
        requests.iter().any(|sent| sent.method == operation.method.as_str() && sent.path.ends_with(operation.path))
    };
    for operation in token_operations.clone() {
        assert!(
            is_sent(operation),
            "{operation} takes an API key, and is not called here.\n  edit crates/kandy-sys/tests/it/raw_calls.rs: \
             `client.{}(…).await.expect(\"sent\");` before this check\n  then run: cargo test -p kandy-sys --test it raw_calls",
            operation.id
        );
    }
    assert_eq!(requests.len(), token_operations.count(), "each is sent once");
    for request in &requests {
        assert_clean(request);
        assert_eq!(request.queried("key"), ["AAK1"], "{request:?}");
        assert!(!format!("{request:?}").contains(CREDENTIAL), "{request:?}");
    }
}

#[tokio::test]
async fn request_follows_the_operation_table() {
    let server = Server::with_body("200 OK", DONE).await;
    client(&server).sms_send(ARGUMENT, &sms()).await.expect("sent");

    let request = server.request();
    let operation = Operation::find("sms_send").expect("an operation");
    assert_eq!(request.method, operation.method.as_str());
    assert_eq!(request.path, format!("/v1.2{}", operation.path));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.body, r#"{"message":{"destination":"+12245556666","message":{"text":"Hello"}}}"#);
}

#[test]
fn debug_of_a_client_has_no_credential() {
    let base_url = BaseUrl::new("https://api.kandy.io/v1.2").expect("a base URL");
    let client = Client::with_credential(&base_url, CREDENTIAL).expect("a client");
    assert!(!format!("{client:?} {client:#?}").contains(CREDENTIAL), "{client:?}");
}

#[tokio::test]
async fn query_values_are_escaped() {
    for odd in ["a&key=b", "#", "a+b c", "%41", "=?/\\;:@", "\0\r\n\t\u{7f}", "é😀\u{202e}", "\"'<>", "..", "", " "]
    {
        let server = Server::with_body("200 OK", DONE).await;
        let client = Client::with_credential(server.base_url(), odd).expect("a client");
        client.message_delete(odd, odd).await.expect(odd);

        let request = server.request();
        assert_eq!(text(&request.query), [("device_id", odd), ("messages", odd), ("key", odd)]);
        assert_eq!(request.path, "/v1.2/devices/messages");
    }
}

#[tokio::test]
async fn a_redirect_is_a_refusal_and_is_not_followed() {
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let elsewhere = Server::with_body("200 OK", DONE).await;
        let location = format!("{}/devices/smss?{BODY}", elsewhere.base_url());
        let response = format!("HTTP/1.1 {status}\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let server = Server::with_bytes(response).await;

        let error = failure(&server).await;
        let response = error_response(&error);
        assert_eq!(response.http_status.as_str(), &status[..3]);
        assert_eq!(response.headers["location"], location);
        assert!(elsewhere.requests().is_empty(), "{status} was followed");
        assert_eq!(server.requests().len(), 1);
    }
}

/// Even if a caller of `http_client` allows redirects again.
#[tokio::test]
async fn no_referer_is_sent() {
    let elsewhere = Server::with_body("200 OK", DONE).await;
    let location = elsewhere.base_url();
    let server =
        Server::with_bytes(format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")).await;
    let http =
        http_client(server.base_url()).redirect(reqwest::redirect::Policy::limited(1)).build().expect("a client");
    http.get(format!("{}?key={CREDENTIAL}", server.base_url())).send().await.expect("an response");
    let request = elsewhere.request();
    assert_eq!(request.header("referer"), None);
    assert!(!format!("{request:?}").contains(CREDENTIAL), "{request:?}");
}

#[tokio::test]
async fn fault_with_http_200_decodes() {
    let body = format!(r#"{{"result":{{"devices":"{BODY}"}},"status":53,"message":"no such user"}}"#);
    let server = Server::with_body("200 OK", &body).await;
    let response = client(&server).device_list().await.expect("an response");
    assert_eq!(response.status(), 200);
    let Envelope::ApiFault(fault) = response.into_inner() else {
        panic!("a fault");
    };
    assert_eq!((fault.status, fault.message.as_str()), (Status::DOES_NOT_EXIST, "no such user"));
    assert_no_leak(&fault);
}

#[tokio::test]
async fn fault_with_http_403_is_part_of_the_error() {
    let body = format!(r#"{{"message":"token expired","more":"{BODY}","status":10}}"#);
    let server = Server::with_body(&format!("403 {BODY}"), &body).await;
    let error = failure(&server).await;
    assert_eq!(
        error.to_string(),
        "message_list: refused with HTTP 403 Forbidden, status 10 (TOKEN_EXPIRED): token expired"
    );
    let response = error_response(&error);
    assert_eq!(response.http_status, 403);
    assert_eq!(response.body, body);
    let fault = response.fault.as_ref().expect("a fault");
    assert_eq!((fault.status, fault.message.as_str()), (Status::TOKEN_EXPIRED, "token expired"));
}

#[tokio::test]
async fn error_response_without_a_fault_keeps_its_body() {
    let html = format!("<html>{BODY}</html>");
    // An envelope with status 0 is not a fault, whatever the HTTP status.
    let success = format!(r#"{{"status":0,"message":"success","result":"{BODY}"}}"#);
    for body in [html.as_str(), &success, "", "null", "[]", "\u{0}"] {
        let server = Server::with_body("502 Bad Gateway", body).await;
        let error = failure(&server).await;
        assert_eq!(error.to_string(), "message_list: refused with HTTP 502 Bad Gateway");
        let response = error_response(&error);
        assert!(response.fault.is_none(), "{body}");
        assert_eq!(response.body, body);
    }
}

#[tokio::test]
async fn incomplete_response_is_a_transport_error() {
    let cut = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{{\"status\":0,\"message\":\"{BODY}");
    let cut_chunk = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfff\r\n{{\"message\":\"{BODY}");
    let cut_refusal = format!("HTTP/1.1 500 No\r\ncontent-length: 1000\r\n\r\n{BODY}");
    let no_http = format!("{BODY} {BODY}\r\n\r\n");
    for response in [cut, cut_chunk, cut_refusal, no_http, String::new()] {
        let server = Server::with_bytes(response.as_str()).await;
        is_transport(&failure(&server).await, &response);
        assert_eq!(server.requests().len(), 1, "sent again: {response}");
    }
    is_transport(&failure(&Server::resetting().await).await, "reset");

    let client = Client::with_credential(&closed_port().await, CREDENTIAL).expect("a client");
    let error = client.message_list(None, ARGUMENT).await.expect_err("nothing listens");
    is_transport(&error, "closed port");
    assert_no_leak(&error);
}

#[tokio::test]
async fn oversized_response_is_not_read() {
    let response = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{BODY}", 64 * 1024 * 1024 + 1);
    let error = failure(&Server::with_bytes(response).await).await;
    is_transport(&error, "oversized");
    assert!(error.to_string().contains("larger than the limit of 67108864 bytes"), "{error}");
}

async fn read(response: reqwest::Response, limit: usize) -> Result<bytes::Bytes, ReadError> {
    BodyReader::new(response, Duration::from_secs(5)).whole(limit).await
}

#[tokio::test]
async fn body_limit_is_exact() {
    let ten_in = |chunks: &str| format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
    let one = ten_in("a\r\n0123456789\r\n");
    let two = ten_in("5\r\n01234\r\n5\r\n56789\r\n");
    let known = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789".to_owned();
    for response in [one, two, known] {
        let server = Server::with_bytes(response.as_str()).await;
        let get = async || reqwest::get(server.base_url().as_str()).await.expect("an response");
        assert_eq!(read(get().await, 10).await.expect("not too large"), "0123456789");
        let error = read(get().await, 9).await.expect_err("too large");
        assert!(matches!(error, ReadError::TooLarge { limit: 9 }), "{error}");
    }
}

#[tokio::test]
async fn decode_error_names_the_path() {
    let cases = [
        (BODY.to_owned(), "it is not JSON (line 1, column 1)"),
        (String::new(), "it ends too early (line 1, column 0)"),
        (format!(r#"{{"status":0,"message":"{BODY}"#), "it ends too early"),
        (format!(r#"{{"message":"{BODY}"}}"#), "missing field `status`"),
        (format!(r#"{{"status":"{BODY}"}}"#), "at `status`: the value cannot be used"),
        (format!(r#"["{BODY}"]"#), "expected an object with `status` and `message`"),
        (format!(r#"{{"status":0,"result":"{BODY}"}}"#), "at `result`: expected struct PendingMessages"),
        (format!(r#"{{"status":0,"result":{{"messages":[{{}},{{"sender":"{BODY}"}}]}}}}"#), "at `result.messages[1]"),
    ];
    for (body, expected) in cases {
        let error = failure(&Server::with_body("200 OK", &body).await).await;
        assert!(matches!(error.kind(), ErrorKind::Decode(_)), "{error:?}");
        let begin = "message_list: the response does not decode: ";
        assert!(error.to_string().starts_with(begin) && error.to_string().contains(expected), "{body}: {error}");
    }
}

/// The limit applies while the body arrives, and not only at its end.
#[tokio::test]
async fn endless_body_fails_at_the_limit() {
    let endless = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n";
    let server = Server::with_bytes(endless).await;
    let get = async || reqwest::get(server.base_url().as_str()).await.expect("an response");
    let error = read(get().await, 9).await.expect_err("too large");
    assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
    let error = read(get().await, 10).await.expect_err("cut off");
    assert!(matches!(error, ReadError::Http(_)), "{error}");
}

/// Without it, `assert_no_leak` could pass because it finds nothing.
#[tokio::test]
async fn leak_detector_finds_a_leak() {
    let url = format!("{}/?{ARGUMENT}", closed_port().await);
    let error = reqwest::get(url).await.expect_err("nothing listens");
    assert_eq!(leaks(&error), [ARGUMENT], "reqwest's own error shows the URL");
}

/// Returns the error of a call with a query, after checking that it leaks nothing.
async fn failure(server: &Server) -> Error {
    let error = client(server).message_list(None, ARGUMENT).await.expect_err("a failure");
    assert_eq!(error.operation(), "message_list");
    assert_no_leak(&error);
    error
}

fn error_response(error: &Error) -> &ErrorResponse {
    let ErrorKind::Response(response) = error.kind() else {
        panic!("not an error response: {error:?}");
    };
    response
}

fn is_transport(error: &Error, case: &str) {
    assert!(matches!(error.kind(), ErrorKind::Transport(_)), "{case}: {error:?}");
    assert!(error.source().is_some(), "{case}: {error:?}");
}

fn assert_no_leak(error: &dyn StdError) {
    assert_eq!(leaks(error), [""; 0]);
}

/// Returns the secrets that an error or one of its sources prints.
fn leaks(error: &dyn StdError) -> Vec<&'static str> {
    let chain = std::iter::successors(Some(error), |&error| error.source());
    let printed: String = chain.map(|error| format!("{error}\n{error:#}\n{error:?}\n{error:#?}\n")).collect();
    let secrets = [CREDENTIAL, ARGUMENT, BODY, "key=", "device_id="];
    secrets.into_iter().filter(|secret| printed.contains(secret)).collect()
}

fn sms() -> types::SmsSend {
    let message = types::SmsText { text: "Hello".into() };
    types::SmsSend { message: types::Sms { source: None, destination: "+12245556666".into(), message } }
}

/// The calls that mint tokens take an API key as an argument, so that they need no token of the client.
#[tokio::test]
async fn a_client_without_credential_calls_what_takes_its_own() {
    let server = Server::with_body("200 OK", r#"{"status":0,"result":{"account_access_token":"AAT"}}"#).await;
    let client = Client::without_credential(server.base_url()).expect("a client");
    let (secret, key) = (ApiSecret::from("AAS-secret"), ApiKey::from("AAK-key"));
    client.account_access_token_get(&secret, &key).await.expect("a token");
    let [request] = &server.requests()[..] else { panic!("not one request") };
    assert_eq!(request.queried("key"), ["AAK-key"]);

    let error = client.domain_list().await.expect_err("no token");
    let ErrorKind::Transport(failure) = error.kind() else { panic!("{error}") };
    let text = failure.to_string();
    assert!(text.contains("needs an access token of the account") && text.contains("nothing was sent"), "{text}");
    assert_eq!(server.requests().len(), 1);
}
