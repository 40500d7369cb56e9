//! Errors of a proxy name the proxy, without its credentials.

#![cfg(unix)]

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::Output,
    thread,
};

use crate::fixture::Fixture;

/// The credential that must not be printed.
const SECRET: &str = "s3cret-of-the-proxy";

/// Runs a command with another base URL and these variables.
fn call(variables: &[(&str, &str)], options: &[&str], base_url: &str) -> Output {
    let fixture = Fixture::new();
    let mut command = fixture.kandy();
    command.args(["user", "list"]).args(options).env("KANDY_BASE_URL", base_url);
    command.envs(variables.iter().copied()).output().unwrap()
}

fn stderr(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains(SECRET) && !text.contains("someone"), "{text}");
    text
}

/// Starts a proxy that sends this response to every request and closes.
fn proxy(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

/// Returns an address without a listener.
fn dead() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

const SERVICE: &str = "https://kandy.invalid/v1.2";

#[test]
fn unreachable_proxy_is_named() {
    let address = dead();
    let url = format!("http://someone:{SECRET}@{address}");
    for (variable, options, base_url) in [
        ("HTTPS_PROXY", &[][..], SERVICE),
        ("https_proxy", &[], SERVICE),
        ("ALL_PROXY", &[], SERVICE),
        ("http_proxy", &["--allow-plain-http"], "http://kandy.invalid/v1.2"),
    ] {
        let output = call(&[(variable, &url)], options, base_url);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(6), "{variable}: {text}");
        assert!(text.contains(&format!("the proxy at {address} cannot be reached")), "{variable}: {text}");
        assert!(text.contains("check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY"), "{variable}: {text}");
    }
}

#[test]
fn refusing_proxy_is_named() {
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n",
        "not HTTP at all\r\n\r\n",
        "",
    ] {
        let address = proxy(answer);
        let output = call(&[("HTTPS_PROXY", &format!("http://someone:{SECRET}@{address}"))], &[], SERVICE);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(6), "{answer}: {text}");
        assert!(text.contains(&format!("the proxy at {address} did not connect to the service")), "{answer}: {text}");
        assert!(text.contains("check HTTPS_PROXY"), "{answer}: {text}");
    }
}

#[test]
fn no_proxy_is_not_blamed() {
    let proxy = format!("http://someone:{SECRET}@{}", dead());
    // Requests to this machine, and to hosts in NO_PROXY, use no proxy.
    let here = format!("http://{}/v1.2", dead());
    for (variables, base_url) in [
        (&[][..], SERVICE),
        (&[("HTTPS_PROXY", &*proxy), ("NO_PROXY", "kandy.invalid")], SERVICE),
        (&[("HTTP_PROXY", &*proxy), ("HTTPS_PROXY", &*proxy)], &*here),
    ] {
        let output = call(variables, &[], base_url);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(6), "{text}");
        assert!(text.contains("cannot connect to the service") && !text.contains("proxy"), "{text}");
    }
}

#[test]
fn proxy_authentication_error_is_shown() {
    let address = proxy("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    let url = format!("http://someone:{SECRET}@{address}");
    let output = call(&[("HTTP_PROXY", &url)], &["--allow-plain-http"], "http://kandy.invalid/v1.2");
    let text = stderr(&output);
    assert!(text.contains("HTTP 407") && text.contains("A proxy asks for credentials"), "{text}");
}

/// `auth status` names the proxy, without its credentials, and has no row where there is none.
#[test]
fn status_shows_the_proxy() {
    let program = r#".[] | select(.setting == "proxy") | .value + " by " + .source"#;
    let status = |variables: &[(&str, &str)], base_url: &str| {
        let fixture = Fixture::new();
        let mut command = fixture.kandy();
        command.args(["auth", "status", "--offline", "--jq", program]).env("KANDY_BASE_URL", base_url);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!text.contains(SECRET) && !text.contains("someone"), "{text}");
        text
    };
    let url = format!("socks5h://someone:{SECRET}@proxy.example");
    let shown = "proxy.example:1080 by HTTPS_PROXY, HTTP_PROXY or ALL_PROXY\n";
    assert_eq!(status(&[("ALL_PROXY", &url)], SERVICE), shown);
    assert_eq!(status(&[("ALL_PROXY", &url), ("NO_PROXY", "*")], SERVICE), "");
    assert_eq!(status(&[("ALL_PROXY", &url)], "http://127.0.0.1:1/v1.2"), "");
}

/// `KANDY_ALLOW_PLAIN_HTTP` is the option of the same name, except in `.env`, which may be that of a stranger.
#[test]
fn variable_allows_plain_http() {
    let service = "http://kandy.invalid/v1.2";
    let refused = "it is plain HTTP";
    for (variable, options, is_allowed) in [
        ("1", &[][..], true),
        ("true", &[], true),
        ("0", &[], false),
        ("", &[], false),
        ("0", &["--allow-plain-http"], true),
    ] {
        let output = call(&[("KANDY_ALLOW_PLAIN_HTTP", variable)], options, service);
        let text = stderr(&output);
        let code = if is_allowed { 6 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{variable:?}: {text}");
        assert_eq!(text.contains(refused), !is_allowed, "{variable:?}: {text}");
    }
    let output = call(&[("KANDY_ALLOW_PLAIN_HTTP", SECRET)], &[], service);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("KANDY_ALLOW_PLAIN_HTTP: it is neither 1 nor 0"), "{}", stderr(&output));

    let fixture = Fixture::new();
    std::fs::write(fixture.folder.path().join(".env"), "KANDY_ALLOW_PLAIN_HTTP=1\n").unwrap();
    let output = fixture.kandy().args(["user", "list"]).env("KANDY_BASE_URL", service).output().unwrap();
    assert!(stderr(&output).contains(refused), "{}", stderr(&output));
}

/// A SOCKS proxy of the environment is used: the feature of the library is on.
#[test]
fn socks_proxy_is_used() {
    let address = dead();
    let output = call(&[("ALL_PROXY", &format!("socks5h://someone:{SECRET}@{address}"))], &[], SERVICE);
    let text = stderr(&output);
    // The library for SOCKS does not tell why it has no connection.
    let cause = "did not connect to the service after 3 attempts";
    assert!(text.contains(&format!("the proxy at {address} {cause}")), "{text}");
    assert!(text.contains("SOCKS error") && !text.contains("feature") && !text.contains(SECRET), "{text}");
}
