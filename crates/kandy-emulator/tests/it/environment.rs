//! The variables for clients: `GET /_emulator/environment`, and `--env`.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use clap::{Args, FromArgMatches};
use kandy_emulator::{
    DEVELOPMENT_ACCOUNT_KEY, DEVELOPMENT_ACCOUNT_SECRET, Emulator, Seed,
    command::{Arguments, Environment, Error},
};
use serde_json::{Value, json};

use crate::fixture::{Kandy, admin_response};

const DOMAIN_KEY: &str = "DAK00000000000000000000000000000001";
const DOMAIN_SECRET: &str = "DAS00000000000000000000000000000001";

fn seed() -> Seed {
    let seed = json!({"domains": [
        {"name": "example.com", "api_key": DOMAIN_KEY, "api_secret": DOMAIN_SECRET,
            "users": [{"user_id": "o'brien\"$(touch${IFS}pwned)`"}]},
        {"name": "example.org"},
    ]});
    seed.to_string().parse().expect("a seed")
}

async fn environment(kandy: &Kandy, host: Option<&str>) -> Value {
    let mut request = kandy.http.get(kandy.admin_url("environment"));
    if let Some(host) = host {
        request = request.header("host", host);
    }
    let (http, mut json) = admin_response(request).await;
    assert_eq!(http, 200, "{json}");
    json["environment"].take()
}

#[tokio::test]
async fn base_url_is_that_of_the_request() {
    let kandy = Kandy::on(Emulator::builder().allow_host("kandy").start().expect("a free port"));
    let own = kandy.emulator.base_url().trim_start_matches("http://").trim_end_matches("/v1.2").to_owned();
    for (host, expected) in [
        (None, own.as_str()),
        (Some("localhost:1"), "localhost:1"),
        (Some("KANDY:8787"), "KANDY:8787"),
        (Some("[::1]:8787"), "[::1]:8787"),
        (Some("127.0.0.1"), "127.0.0.1:80"),
    ] {
        let environment = environment(&kandy, host).await;
        assert_eq!(environment["KANDY_BASE_URL"], format!("http://{expected}/v1.2"), "{host:?}");
    }
    let (http, _) = admin_response(kandy.http.post(kandy.admin_url("environment"))).await;
    assert_eq!(http, 405);
}

#[tokio::test]
async fn credentials_are_public_ones_and_those_of_the_seed() {
    let kandy = Kandy::on(Emulator::builder().seed(seed()).start().expect("a free port"));
    let all = environment(&kandy, None).await;
    assert_eq!(all["KANDY_ACCOUNT_API_KEY"], DEVELOPMENT_ACCOUNT_KEY);
    assert_eq!(all["KANDY_ACCOUNT_API_SECRET"], DEVELOPMENT_ACCOUNT_SECRET);
    assert_eq!(
        (&all["KANDY_DOMAIN_API_KEY"], &all["KANDY_DOMAIN_API_SECRET"]),
        (&json!(DOMAIN_KEY), &json!(DOMAIN_SECRET))
    );
    assert_eq!(all.as_object().map(serde_json::Map::len), Some(5), "{all}");

    // The credentials of a domain that was deleted work no more.
    let account = kandy.account_token().await;
    kandy.call("domain_delete", &[("key", &account), ("domain_api_key", DOMAIN_KEY)]).await.status();
    assert!(environment(&kandy, None).await.get("KANDY_DOMAIN_API_KEY").is_none());

    for (key, secret) in
        [("AAKgiven", "AASgiven"), (DEVELOPMENT_ACCOUNT_KEY, "AASgiven"), ("AAKgiven", DEVELOPMENT_ACCOUNT_SECRET)]
    {
        let kandy = Kandy::on(Emulator::builder().account(key, secret).start().expect("a free port"));
        let given = environment(&kandy, None).await;
        assert_eq!(given.as_object().map(serde_json::Map::len), Some(1), "the base URL alone: {given}");
    }
}

fn arguments(options: &[&str]) -> Arguments {
    let command = Arguments::augment_args(clap::Command::new("emulator"));
    // The environment of a developer has credentials of its own.
    let command = command.mut_arg("account_key", |arg| arg.env(None)).mut_arg("account_secret", |arg| arg.env(None));
    let matches = command.try_get_matches_from(["emulator", "--env"].iter().chain(options)).expect("valid options");
    Arguments::from_arg_matches(&matches).expect("valid options")
}

fn names(environment: &Environment) -> Vec<&'static str> {
    environment.variables().iter().map(|(name, _)| *name).collect()
}

#[test]
fn env_asks_the_emulator_that_listens() {
    let emulator = Emulator::builder().seed(seed()).start().expect("a free port");
    let port = emulator.base_url().trim_start_matches("http://127.0.0.1:").trim_end_matches("/v1.2");
    for (listen, host) in [
        (port.to_owned(), "127.0.0.1"),
        (format!("127.0.0.1:{port}"), "127.0.0.1"),
        (format!("localhost:{port}"), "localhost"),
        // Where a server on all addresses is reached: the SDK sends over plain HTTP to a loopback address only.
        (format!("0.0.0.0:{port}"), "127.0.0.1"),
    ] {
        let environment = Environment::of(&arguments(&["--listen", &listen])).expect("an emulator");
        let lines = environment.to_string();
        assert!(lines.starts_with(&format!("export KANDY_BASE_URL='http://{host}:{port}/v1.2'\nexport ")), "{lines}");
        assert!(lines.ends_with(&format!("\nexport KANDY_DOMAIN_API_SECRET='{DOMAIN_SECRET}'")), "{lines}");
        assert!(!environment.lacks_account() && !format!("{environment:?}").contains(DOMAIN_SECRET));
        let json = serde_json::to_value(&environment).expect("JSON");
        assert_eq!(json["environment"]["KANDY_DOMAIN_API_KEY"], DOMAIN_KEY);
    }
}

#[test]
fn given_account_is_that_of_the_options() {
    let emulator = Emulator::builder().account("AAKgiven", "AASgiven").start().expect("a free port");
    let listen = emulator.base_url().trim_start_matches("http://").trim_end_matches("/v1.2");
    let without = Environment::of(&arguments(&["--listen", listen])).expect("an emulator");
    assert!(without.lacks_account() && Environment::ACCOUNT_IS_MISSING.contains("KANDY_ACCOUNT_API_KEY"));
    assert_eq!(names(&without), ["KANDY_BASE_URL"]);
    let options = ["--listen", listen, "--account-key", "AAKgiven", "--account-secret", "it's"];
    let with = Environment::of(&arguments(&options)).expect("an emulator");
    assert_eq!(names(&with), ["KANDY_BASE_URL", "KANDY_ACCOUNT_API_KEY", "KANDY_ACCOUNT_API_SECRET"]);
    assert!(with.to_string().ends_with(r"export KANDY_ACCOUNT_API_SECRET='it'\''s'"), "{with}");
}

/// A server that sends these bytes to its first client.
fn other_program(response: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().expect("a connection");
        let _ = connection.read(&mut [0; 1024]);
        drop(connection.write_all(response));
    });
    format!("http://{address}/v1.2")
}

#[test]
fn errors_name_the_address_and_the_next_step() {
    static ENDLESS: [u8; 200_000] = [b'a'; 200_000];
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    for (base_url, expected) in [
        (format!("http://{closed}/v1.2"), "start one with `kandy emulator &`"),
        (other_program(b""), "another program"),
        (other_program(b"HTTP/1.1 404 Not Found\r\n\r\n"), "another program"),
        (other_program(b"SSH-2.0-Server\r\n"), "another program"),
        (other_program(b"HTTP/1.1 200 OK\r\n\r\n{\"environment\": {\"PATH\": \"/evil\"}}"), "another program"),
        (other_program(&ENDLESS), "another program"),
        (other_program(b"HTTP/1.1 403 Forbidden\r\n\r\n{}"), "--allow-host"),
        ("ftp://127.0.0.1/v1.2".to_owned(), "begin with http://"),
        ("http://secret@127.0.0.1/v1.2".to_owned(), "begin with http://"),
        ("nonsense".to_owned(), "begin with http://"),
    ] {
        let error = Environment::at(&base_url, None).expect_err(&base_url).to_string();
        assert!(error.contains(expected) && !error.contains("secret"), "{base_url}: {error}");
    }
    let refused = Environment::of(&arguments(&["--listen", "0"])).expect_err("port 0");
    assert!(matches!(refused, Error::Environment { .. }), "{refused}");
}
