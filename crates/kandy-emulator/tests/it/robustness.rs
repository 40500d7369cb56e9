//! Malformed and unusual requests.

use http::Method;
use kandy_sys::{OPERATIONS, operation::Credential};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::fixture::{Kandy, envelope};

/// Sends raw bytes, and returns the status line and the body.
async fn raw(kandy: &Kandy, request: &[u8]) -> (String, String) {
    let address = kandy.emulator.base_url().trim_start_matches("http://").trim_end_matches("/v1.2");
    let mut connection = TcpStream::connect(address).await.expect("a connection");
    connection.write_all(request).await.expect("sent");
    let mut response = Vec::new();
    connection.read_to_end(&mut response).await.expect("a response");
    let response = String::from_utf8(response).expect("text");
    let (head, body) = response.split_once("\r\n\r\n").expect("headers");
    assert!(head.is_ascii() && head.contains("content-type: application/json"), "{head}");
    (head.lines().next().unwrap_or_default().to_owned(), body.to_owned())
}

fn status(body: &str) -> i64 {
    let envelope: Value = serde_json::from_str(body).expect("JSON");
    assert!(envelope["message"].is_string());
    envelope["status"].as_i64().expect("a status")
}

#[tokio::test]
async fn every_operation_refuses_garbage() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let user = kandy.user(&domain, "russ").await;
    let account = kandy.account_token().await;
    let bodies =
        ["", " ", "{", "null", "[]", "42", r#"{"message": {"message": 1}}"#, r#""\ud800""#, "\u{0}", "{\"a\":1e999}"];
    for operation in OPERATIONS {
        let key = match operation.credential() {
            Credential::AccessToken(level) => match level.to_string().as_str() {
                "account" => account.as_str(),
                "domain" => &domain.token,
                _ => &user.token,
            },
            Credential::ApiKey(_) => domain.key.as_str(),
        };
        for key in [key, "", "\u{0}", "ÄÖÜ"] {
            for body in bodies {
                for content_type in ["application/json", "application/x-www-form-urlencoded", "text/html", "%\u{fe}"] {
                    let request = kandy.request(operation.id, &[("key", key), ("device_id", "\u{0}")]).body(body);
                    let header = reqwest::header::HeaderValue::from_bytes(content_type.as_bytes()).expect("a header");
                    envelope(request.header("content-type", header)).await;
                }
            }
        }
    }
    let user = kandy.user(&domain, "still-there").await;
    assert_eq!(user.full_id, "still-there@example.com");
}

#[tokio::test]
async fn malformed_json_returns_400() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    for body in ["{", "\u{feff}{}", "{'a': 1}", &"[".repeat(100_000)] {
        let response = envelope(kandy.request("user_create", &[("key", &domain.token)]).body(body.to_owned())).await;
        assert_eq!((response.http, response.status()), (400, 14), "{}", &body[..1]);
    }
    let invalid = kandy.request("user_create", &[("key", &domain.token)]).body(b"{\"user_id\": \"\xff\"}".to_vec());
    assert_eq!(envelope(invalid).await.http, 400);
    let form = kandy.request("user_create", &[("key", &domain.token)]).body("user_id=%ff");
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(envelope(form).await.http, 400);
}

#[tokio::test]
async fn body_limit_is_one_mebibyte() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    for (length, http, status) in [(1024 * 1024, 200, 52), (1024 * 1024 + 1, 413, 14), (20 * 1024 * 1024, 413, 14)] {
        let frame = json!({"user_id": "anna", "user_password": ""}).to_string();
        let body = json!({"user_id": "anna", "user_password": "p".repeat(length - frame.len())}).to_string();
        assert_eq!(body.len(), length);
        let response = envelope(kandy.request("user_create", &[("key", &domain.token)]).body(body)).await;
        assert_eq!((response.http, response.status()), (http, status), "{length}");
    }
    assert_eq!(kandy.emulator.state().users, 0);
}

#[tokio::test]
async fn unknown_path_returns_404() {
    let kandy = Kandy::start();
    let token = kandy.account_token().await;
    for path in ["/ACCOUNTS/Domains", "/accounts/domains/", "/accounts/%64omains"] {
        let response = envelope(kandy.http.get(kandy.url(path)).query(&[("key", &token)])).await;
        assert_eq!((response.http, response.status()), (200, 0), "{path}");
    }
    for path in ["", "/", "/nothing", "/accounts/domains/nothing", "/%ff", "/%00", "/%zz"] {
        let response = envelope(kandy.http.get(kandy.url(path))).await;
        assert_eq!((response.http, response.status()), (404, 18), "{path}");
    }
}

#[tokio::test]
async fn other_methods_return_405() {
    let kandy = Kandy::start();
    for method in ["PUT", "PATCH", "TRACE", "DELETE", "BREW", "get"] {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let response = kandy.http.request(method.clone(), kandy.url("/domains/users/user_id")).send().await;
        assert_eq!(response.expect("a response").headers()["allow"], "POST, OPTIONS");
        let response = envelope(kandy.http.request(method.clone(), kandy.url("/domains/users/user_id"))).await;
        assert_eq!((response.http, response.status()), (405, 18), "{method}");
        let response = envelope(kandy.http.request(method, kandy.url("/nothing"))).await;
        assert_eq!((response.http, response.status()), (404, 18));
    }
    let head = kandy.http.head(kandy.url("/domains/users/user_id")).send().await.expect("a response");
    assert_eq!(
        (head.status().as_u16(), &head.headers()["content-type"]),
        (405, &"application/json; charset=utf-8".parse().expect("a header"))
    );
}

#[tokio::test]
async fn preflight_is_answered() {
    let kandy = Kandy::start();
    let preflight = kandy.http.request(Method::OPTIONS, kandy.url("/accounts/domains"));
    let preflight = preflight.header("origin", "https://example.com").header("access-control-request-method", "POST");
    let response = preflight.header("access-control-request-headers", "x-custom").send().await.expect("a response");
    assert_eq!(response.status(), 204);
    for (header, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "POST, DELETE, GET, HEAD, OPTIONS"),
        ("access-control-allow-headers", "x-custom"),
    ] {
        let mut given: Vec<_> = response.headers()[header].to_str().expect("text").split(", ").collect();
        let mut expected: Vec<_> = value.split(", ").collect();
        given.sort_unstable();
        expected.sort_unstable();
        assert_eq!(given, expected, "{header}");
    }
    assert!(response.bytes().await.expect("a body").is_empty());
    let unknown = kandy.http.request(Method::OPTIONS, kandy.url("/nothing")).send().await.expect("a response");
    assert_eq!(
        (unknown.status().as_u16(), &unknown.headers()["access-control-allow-origin"]),
        (204, &"*".parse().expect("a header"))
    );
    assert!(unknown.headers().contains_key("access-control-allow-methods"), "a browser then sees status 18");
}

#[tokio::test]
async fn unusual_queries() {
    let kandy = Kandy::start();
    let token = kandy.account_token().await;
    let account = kandy.emulator.account_key();
    for (query, http, status_number) in [
        (format!("key={token}"), 200, 0),
        (format!("&&key={token}&=&==&%"), 200, 0),
        (format!("key={token}&key=other"), 200, 0),
        (format!("%6bey={token}&x=%zz"), 200, 0),
        (format!("key=other&key={token}"), 403, 55),
        (format!("key={token}&x=%ff"), 400, 14),
        ("key=%00".to_owned(), 403, 55),
        ("key".to_owned(), 200, 15),
        (format!("key={}", "a".repeat(60_000)), 403, 55),
        (format!("key={account}"), 403, 55),
    ] {
        let response = envelope(kandy.http.get(format!("{}?{query}", kandy.url("/accounts/domains")))).await;
        assert_eq!((response.http, response.status()), (http, status_number), "{}", &query[..query.len().min(80)]);
    }
}

#[tokio::test]
async fn unusual_http_gets_an_envelope() {
    let kandy = Kandy::start();
    for (request, line, number) in [
        ("GET * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found", 18),
        ("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found", 18),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 Not Found", 18),
        (
            "GET http://elsewhere/v1.2/users/devices HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200 OK",
            15,
        ),
        ("GET /v1.2/users/devices HTTP/1.0\r\n\r\n", "HTTP/1.0 200 OK", 15),
        (
            "POST /v1.2/domains/users/user_id HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            "HTTP/1.1 400 Bad Request",
            14,
        ),
    ] {
        let (status_line, body) = raw(&kandy, request.as_bytes()).await;
        assert_eq!((status_line.as_str(), status(&body)), (line, number), "{request}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_creates_have_one_winner() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..20 {
        requests.spawn(envelope(kandy.request("user_create", &[("key", &domain.token), ("user_id", "russ")])));
    }
    let mut statuses: Vec<_> = requests.join_all().await.iter().map(crate::fixture::Response::status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (0, &[50; 19][..]));
}

#[tokio::test]
async fn partial_request_does_not_block_shutdown() {
    let kandy = Kandy::start();
    let address = kandy.emulator.base_url().trim_start_matches("http://").trim_end_matches("/v1.2").to_owned();
    let mut half = TcpStream::connect(&address).await.expect("a connection");
    half.write_all(b"POST /v1.2/users/devices HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{").await.expect("sent");
    kandy.account_token().await;
    drop(kandy);
    assert!(TcpStream::connect(&address).await.is_err(), "nobody listens any more");
}

#[test]
fn usable_without_async() {
    let emulator = kandy_emulator::Emulator::start().expect("a free port");
    let address: std::net::SocketAddr =
        emulator.base_url().trim_start_matches("http://").trim_end_matches("/v1.2").parse().expect("an address");
    assert!(std::net::TcpStream::connect(address).is_ok());
    let taken = kandy_emulator::Emulator::builder().listen(address).start();
    assert_eq!(taken.expect_err("the port is taken").kind(), std::io::ErrorKind::AddrInUse);
    drop(emulator);
    assert!(std::net::TcpStream::connect(address).is_err());
}
