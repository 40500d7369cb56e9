//! Protection of `/_emulator` against web pages, by raw requests, because clients and browsers forbid setting `Host`,
//! `Origin` and `Sec-Fetch-Site`.
//!
//! The attacks are those of browsers (Fetch, Fetch Metadata, Private Network Access): a rebound name, a request across
//! origins, a form, a link.

use kandy_emulator::Emulator;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// How long a response may take.
const LIMIT: std::time::Duration = std::time::Duration::from_secs(10);

/// The port of an emulator.
fn port(emulator: &Emulator) -> u16 {
    let url = reqwest::Url::parse(emulator.base_url()).expect("a URL");
    url.port_or_known_default().expect("a port")
}

/// The head and the body of the response to a raw request.
async fn raw(emulator: &Emulator, request: &str) -> (String, String) {
    let mut connection = TcpStream::connect(("127.0.0.1", port(emulator))).await.expect("a connection");
    connection.write_all(request.as_bytes()).await.expect("sent");
    let mut response = String::new();
    let read = connection.read_to_string(&mut response);
    tokio::time::timeout(LIMIT, read).await.expect("it does not wait for a body").expect("a response");
    let (head, body) = response.split_once("\r\n\r\n").expect("a head");
    (head.to_ascii_lowercase(), body.to_owned())
}

fn status(head: &str) -> u16 {
    head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an HTTP status")
}

/// Sends a request with these header lines, in which `{port}` is the port of the emulator.
async fn send(emulator: &Emulator, method: &str, target: &str, headers: &[&str]) -> (String, String) {
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let request = format!("{method} {target} HTTP/1.1\r\n{lines}Content-Length: 0\r\nConnection: close\r\n\r\n");
    raw(emulator, &request.replace("{port}", &port(emulator).to_string())).await
}

const STATE: &str = "/_emulator/state";
const RESET: &str = "/_emulator/reset";
const LOCAL: &str = "Host: 127.0.0.1:{port}";

/// The method, the target, the header lines, and the HTTP status.
type Row<'a> = (&'a str, &'a str, &'a [&'a str], u16);

async fn check(emulator: &Emulator, rows: &[Row<'_>]) {
    for (method, target, headers, expected) in rows {
        emulator.clear_faults();
        let (head, body) = send(emulator, method, target, headers).await;
        assert_eq!(status(&head), *expected, "{method} {target} {headers:?}: {head}\n{body}");
        let is_api = target.starts_with("/v1.2");
        assert_eq!(head.contains("access-control"), is_api, "{method} {target} {headers:?}: {head}");
        if *expected == 403 {
            assert!(body.contains(r#""status":11"#) && body.contains("--allow-"), "it says what to do: {body}");
            assert!(!body.contains("evil"), "it repeats nothing that was sent: {body}");
        }
    }
}

#[tokio::test]
async fn host_is_an_address_or_a_known_name() {
    let emulator = Emulator::start().expect("a free port");
    let rows: Vec<Row<'_>> = vec![
        (GET, STATE, &[LOCAL], 200),
        (GET, STATE, &["Host: localhost:{port}"], 200),
        (GET, STATE, &["host: LOCALHOST"], 200),
        (GET, STATE, &["Host: localhost.:{port}"], 200),
        (GET, STATE, &["Host: kandy.localhost:{port}"], 200),
        (GET, STATE, &["Host: [::1]:{port}"], 200),
        (GET, STATE, &["Host: 192.168.1.7:1"], 200),
        (GET, STATE, &["Host: 127.0.0.1.:{port}"], 200),
        // A rebound name, in every spelling.
        (GET, STATE, &["Host: evil.example:{port}"], 403),
        (GET, STATE, &["Host: EVIL.EXAMPLE"], 403),
        (GET, STATE, &["Host: evil.example."], 403),
        (GET, STATE, &["Host: localhost.evil.example"], 403),
        (GET, STATE, &["Host: evillocalhost"], 403),
        (GET, STATE, &["Host: 127.0.0.1.evil.example"], 403),
        (GET, STATE, &["Host: api.kandy.io"], 403),
        // A name without a dot is that of a container; a loopback address has none.
        (GET, STATE, &["Host: kandy:8787"], 403),
        (POST, RESET, &["Host: evil.example:{port}", "Origin: http://evil.example:{port}"], 403),
        (POST, RESET, &["Host: evil.example:{port}", "Sec-Fetch-Site: same-origin"], 403),
        // Malformed, missing and doubled.
        (GET, STATE, &["Host:"], 403),
        (GET, STATE, &["Host: ."], 403),
        (GET, STATE, &["Host: localhost localhost"], 403),
        (GET, STATE, &["Host: evil.example@127.0.0.1"], 403),
        (GET, STATE, &["Host: $(evil).localhost"], 403),
        (GET, STATE, &["Host: evil'.localhost"], 403),
        (GET, STATE, &["Host: [::1"], 403),
        (GET, STATE, &["Host: 127.0.0.1", "Host: evil.example"], 403),
        (GET, STATE, &["Host: 127.0.0.1", "Host: 127.0.0.1"], 403),
        // A target in absolute form.
        (GET, "http://127.0.0.1/_emulator/state", &[LOCAL], 200),
        (GET, "http://evil.example/_emulator/state", &[LOCAL], 403),
        (GET, "http://127.0.0.1/_emulator/state", &["Host: evil.example"], 403),
        (POST, "http://evil.example/_emulator/reset", &["Host: evil.example"], 403),
        // The API is open to all names, as the service.
        (GET, "/v1.2/accounts/domains", &["Host: evil.example"], 200),
    ];
    check(&emulator, &rows).await;
    // HTTP/1.0 needs no `Host`; browsers do not speak it.
    let (head, _) = raw(&emulator, "GET /_emulator/health HTTP/1.0\r\n\r\n").await;
    assert_eq!(status(&head), 200, "{head}");
}

const GET: &str = "GET";
const POST: &str = "POST";

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let emulator = Emulator::start().expect("a free port");
    let evil = "Origin: http://evil.example";
    for (method, target) in [
        (GET, STATE),
        (GET, "/_emulator/sms"),
        (GET, "/_emulator/nothing"),
        ("HEAD", STATE),
        (POST, RESET),
        (POST, "/_emulator/faults"),
        ("PUT", "/_emulator/snapshot"),
        ("DELETE", "/_emulator/faults"),
        ("DELETE", "/_emulator/faults/1"),
        ("OPTIONS", RESET),
        ("BREW", RESET),
        // All spellings that reach these endpoints.
        (POST, "/%5Femulator/reset"),
        (POST, "/%5femulator/reset"),
        (POST, "/_EMULATOR/Reset"),
        (POST, "//_emulator//reset"),
        (POST, "/_emulator"),
        (POST, "/_emulator/reset/"),
        (POST, "/_emulator/reset?x=http://127.0.0.1"),
    ] {
        for headers in [
            &[LOCAL, evil] as &[&str],
            &[LOCAL, "Origin: null"],
            &[LOCAL, "Origin:"],
            &[LOCAL, "Origin: https://127.0.0.1:{port}"],
            &[LOCAL, "Origin: http://127.0.0.1"],
            &[LOCAL, "Origin: http://127.0.0.1:{port}.evil.example"],
            &[LOCAL, "Origin: http://localhost:{port}"],
            &[LOCAL, "Origin: http://127.0.0.1:{port}", evil],
            &[LOCAL, evil, "Sec-Fetch-Site: same-origin"],
            &[LOCAL, "Origin: null", "Sec-Fetch-Site: same-origin"],
            &[LOCAL, "Sec-Fetch-Site: cross-site"],
            &[LOCAL, "Sec-Fetch-Site: same-site"],
            &[LOCAL, "Sec-Fetch-Site: SAME-ORIGIN"],
            &[LOCAL, "Sec-Fetch-Site:"],
            &[LOCAL, "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: cross-site"],
            &[LOCAL, "Origin: http://127.0.0.1:{port}", "Sec-Fetch-Site: cross-site"],
        ] {
            let (head, _) = send(&emulator, method, target, headers).await;
            assert_eq!(status(&head), 403, "{method} {target} {headers:?}: {head}");
            assert!(!head.contains("access-control"), "{head}");
        }
    }
    check(
        &emulator,
        &[
            // Programs, a typed address, and a page of the emulator itself.
            (POST, RESET, &[LOCAL], 200),
            (GET, STATE, &[LOCAL, "Sec-Fetch-Site: none"], 200),
            (GET, STATE, &[LOCAL, "Sec-Fetch-Site: same-origin"], 200),
            (POST, RESET, &[LOCAL, "Origin: http://127.0.0.1:{port}", "Sec-Fetch-Site: same-origin"], 200),
            (POST, RESET, &["Host: localhost:{port}", "Origin: http://localhost:{port}"], 200),
            (POST, RESET, &["Host: localhost:80", "Origin: http://localhost"], 200),
            (POST, RESET, &["Host: [::1]:{port}", "Origin: http://[::1]:{port}"], 200),
            ("OPTIONS", RESET, &[LOCAL], 405),
            // The API is open to pages of all origins, as the service.
            (GET, "/v1.2/accounts/domains", &[LOCAL, evil, "Sec-Fetch-Site: cross-site"], 200),
        ],
    )
    .await;
    assert!(emulator.requests().iter().all(|request| request.operation.is_some()), "the log has the API alone");
}

#[tokio::test]
async fn refused_request_changes_nothing_and_is_not_read() {
    let lines = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let observed = std::sync::Arc::clone(&lines);
    let builder = Emulator::builder().on_request(move |request| observed.lock().unwrap().push(request.to_string()));
    let emulator = builder.read_timeout(std::time::Duration::from_secs(600)).start().expect("a free port");
    // The body never comes: the refusal does not wait for it.
    let fault = "POST /_emulator/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://evil.example\r\nConnection: close\r\n\
        Content-Length: 500\r\n\r\n{\"kind\": ";
    assert_eq!(status(&raw(&emulator, fault).await.0), 403);
    emulator.inject(kandy_emulator::InjectedFault::http(503));
    for method in [POST, "DELETE"] {
        let target = if method == POST { RESET } else { "/_emulator/faults" };
        let (head, _) = send(&emulator, method, target, &[LOCAL, "Origin: http://evil.example"]).await;
        assert_eq!((status(&head), emulator.faults().len()), (403, 1), "{method}");
    }
    // The developer sees the refusal.
    assert_eq!(lines.lock().unwrap()[1], "POST /_emulator/reset -> 403, status 11");
}

#[tokio::test]
async fn allowed_origin_gets_cors_headers() {
    let builder = Emulator::builder().allow_origin("http://localhost:3000").allow_origin("https://App.example:443");
    let emulator = builder.start().expect("a free port");
    for (origin, is_allowed) in [
        ("http://localhost:3000", true),
        ("https://app.example", true),
        ("http://localhost:3001", false),
        ("https://localhost:3000", false),
        ("http://localhost:30000", false),
        ("null", false),
        ("*", false),
    ] {
        let line = format!("Origin: {origin}");
        let headers = [LOCAL, &line, "Sec-Fetch-Site: cross-site"];
        for (method, target, http) in [(POST, RESET, 200), (GET, STATE, 200), (GET, "/_emulator/nothing", 404)] {
            let (head, _) = send(&emulator, method, target, &headers).await;
            assert_eq!(status(&head), if is_allowed { http } else { 403 }, "{origin}: {head}");
            let cors = format!("\naccess-control-allow-origin: {origin}\r");
            assert_eq!(head.contains(&cors), is_allowed, "{origin}: {head}");
            assert!(head.contains("\nvary: origin"), "{head}");
            assert!(!head.contains("allow-credentials") && !head.contains("allow-methods"), "{head}");
        }
        let preflight = [
            LOCAL,
            &line,
            "Access-Control-Request-Method: DELETE",
            "Access-Control-Request-Headers: content-type",
            "Access-Control-Request-Private-Network: true",
        ];
        let (head, _) = send(&emulator, "OPTIONS", "/_emulator/faults", &preflight).await;
        assert_eq!(status(&head), if is_allowed { 204 } else { 403 }, "{origin}: {head}");
        for line in [
            "access-control-allow-methods: get, head, post, put, delete",
            "access-control-allow-headers: content-type",
            "access-control-allow-private-network: true",
            "access-control-max-age: 600",
        ] {
            assert_eq!(head.contains(line), is_allowed, "{origin}: {head}");
        }
        // Only a page that asks for a private network is told about it.
        let (head, _) = send(&emulator, "OPTIONS", RESET, &preflight[..4]).await;
        assert!(!head.contains("private-network"), "{head}");
    }
    // An allowed page cannot rebind a name.
    let rebound = ["Host: evil.example", "Origin: http://localhost:3000"];
    assert_eq!(status(&send(&emulator, GET, STATE, &rebound).await.0), 403);
    // Without an origin, what a program sends.
    let (head, _) = send(&emulator, GET, STATE, &[LOCAL]).await;
    assert!(status(&head) == 200 && head.contains("\nvary: origin") && !head.contains("access-control"), "{head}");
}

#[tokio::test]
async fn names_are_allowed_by_option_or_by_the_address() {
    let everywhere = "0.0.0.0:0".parse().expect("an address");
    for (builder, host, expected) in [
        (Emulator::builder().allow_host("Kandy.Example."), "kandy.example:1", 200),
        (Emulator::builder().allow_host("kandy.example"), "sub.kandy.example", 403),
        (Emulator::builder().allow_host("kandy"), "kandy:8787", 200),
        // Beyond the loopback address, a name without a dot is that of a container, such as a service of Docker Compose.
        (Emulator::builder().listen(everywhere), "kandy_emulator:8787", 200),
        (Emulator::builder().listen(everywhere), "evil.example", 403),
        (Emulator::builder().listen(everywhere), "kandy.default.svc", 403),
    ] {
        let emulator = builder.start().expect("a free port");
        let (head, _) = send(&emulator, GET, STATE, &[&format!("Host: {host}")]).await;
        assert_eq!(status(&head), expected, "{host}: {head}");
    }
}
