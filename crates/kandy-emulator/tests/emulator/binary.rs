//! The program.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    command.env_remove("KANDY_ACCOUNT_API_KEY").env_remove("KANDY_ACCOUNT_API_SECRET");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).args(["--listen", "127.0.0.1:0"]);
    command
}

/// Starts it, and answers its base URL and the line after it.
fn start(command: &mut Command) -> (Child, String, String) {
    let mut child = command.spawn().expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    let mut line = || lines.next().expect("a line").expect("text");
    let (first, second) = (line(), line());
    let base_url = first.strip_prefix("Kandy emulator: ").expect("the base URL").to_owned();
    (child, base_url, second)
}

async fn get(url: &str) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    client.get(url).send().await.expect("an answer").json().await.expect("JSON")
}

#[cfg(unix)]
fn stop(mut child: Child, signal: &str) -> String {
    let killed = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    assert_eq!(child.wait().expect("ended").code(), Some(0));
    let mut log = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut log).expect("text");
    log
}

#[cfg(unix)]
#[tokio::test]
async fn it_serves_logs_and_ends() {
    let (child, base_url, credentials) = start(&mut program());
    assert!(base_url.starts_with("http://127.0.0.1:") && base_url.ends_with("/v1.2"), "{base_url}");
    assert_eq!(credentials, "Account: the built-in development account, see README");
    let (key, secret) = (kandy_emulator::DEVELOPMENT_ACCOUNT_KEY, kandy_emulator::DEVELOPMENT_ACCOUNT_SECRET);
    let answer = get(&format!("{base_url}/accounts/accesstokens?key={key}&account_api_secret={secret}")).await;
    assert!(answer["result"]["account_access_token"].is_string(), "{answer}");
    let log = stop(child, "-TERM");
    let expected =
        "GET /v1.2/accounts/accesstokens?key=***&account_api_secret=*** -> 200, status 0 (account_access_token_get)\n";
    assert_eq!(log, expected);
}

#[cfg(unix)]
#[tokio::test]
async fn given_credentials_are_not_told() {
    let mut command = program();
    command.env("KANDY_ACCOUNT_API_KEY", "AAKcanary").args(["--account-secret", "AAScanary", "--token-ttl", "1s"]);
    let (child, base_url, credentials) = start(&mut command);
    assert_eq!(credentials, "Account: the key from KANDY_ACCOUNT_API_KEY, the secret from --account-secret");
    let answer = get(&format!("{base_url}/accounts/accesstokens?key=AAKcanary&account_api_secret=AAScanary")).await;
    assert_eq!(answer["status"], 0);
    let log = stop(child, "-INT");
    assert!(log.lines().count() == 1 && !log.contains("canary"), "{log}");
}

#[test]
fn what_cannot_be_done_is_said_without_credentials() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let mut help = program();
    help.env("KANDY_ACCOUNT_API_KEY", "AAKcanary").env("KANDY_ACCOUNT_API_SECRET", "AAScanary").arg("--help");
    let mut half = program();
    half.env("KANDY_ACCOUNT_API_KEY", "AAKcanary");
    let mut port = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    port.env("KANDY_ACCOUNT_API_KEY", "AAKcanary").env("KANDY_ACCOUNT_API_SECRET", "AAScanary");
    port.args(["--listen", &address]);
    for (mut command, code, said) in
        [(help, 0, "--token-ttl"), (half, 2, "--account-secret"), (port, 1, "kandy-emulator: ")]
    {
        let output = command.output().expect("ended");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(said) && !text.contains("canary"), "{text}");
    }
}
