//! The program `kandy-emulator`.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::fixture::TempFile;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    command.env_remove("KANDY_ACCOUNT_API_KEY").env_remove("KANDY_ACCOUNT_API_SECRET");
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).args(["--listen", "127.0.0.1:0"]);
    command
}

/// Starts the program, and returns its base URL and the next line.
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
    client.get(url).send().await.expect("a response").json().await.expect("JSON")
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
async fn serves_logs_and_stops() {
    let (child, base_url, credentials) = start(&mut program());
    assert!(base_url.starts_with("http://127.0.0.1:") && base_url.ends_with("/v1.2"), "{base_url}");
    assert_eq!(credentials, "Account: the built-in development account, see README");
    let (key, secret) = (kandy_emulator::DEVELOPMENT_ACCOUNT_KEY, kandy_emulator::DEVELOPMENT_ACCOUNT_SECRET);
    let response = get(&format!("{base_url}/accounts/accesstokens?key={key}&account_api_secret={secret}")).await;
    assert!(response["result"]["account_access_token"].is_string(), "{response}");
    let log = stop(child, "-TERM");
    let expected =
        "GET /v1.2/accounts/accesstokens?key=***&account_api_secret=*** -> 200, status 0 (account_access_token_get)\n";
    assert_eq!(log, expected);
}

#[cfg(unix)]
#[tokio::test]
async fn given_credentials_are_not_printed() {
    let mut command = program();
    command.env("KANDY_ACCOUNT_API_KEY", "AAKcanary").args(["--account-secret", "AAScanary", "--token-ttl", "1s"]);
    let (child, base_url, credentials) = start(&mut command);
    assert_eq!(credentials, "Account: API key from KANDY_ACCOUNT_API_KEY, API secret from --account-secret");
    let response = get(&format!("{base_url}/accounts/accesstokens?key=AAKcanary&account_api_secret=AAScanary")).await;
    assert_eq!(response["status"], 0);
    let log = stop(child, "-INT");
    assert!(log.lines().count() == 1 && !log.contains("canary"), "{log}");
}

/// Starts the program with a seed, and returns what it prints, with the port replaced.
#[cfg(unix)]
fn printed_with_seed(command: &mut Command, seed: &str) -> String {
    let file = TempFile::new(seed.as_bytes());
    let mut child = command.arg("--seed").arg(&file.0).spawn().expect("started");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout"));
    let mut first = String::new();
    lines.read_line(&mut first).expect("the base URL");
    stop(child, "-TERM");
    lines.read_to_string(&mut first).expect("text");
    let base_url = first.lines().next().and_then(|line| line.strip_prefix("Kandy emulator: ")).expect("the base URL");
    let server = base_url.strip_suffix("/v1.2").expect("a version");
    first.replace(base_url, "BASE_URL").replace(server, "SERVER")
}

#[cfg(unix)]
const SEED: &str = r#"{"domains": [
    {"name": "example.com", "api_key": "DAK00000000000000000000000000000001",
     "api_secret": "DAS00000000000000000000000000000001", "users": [{"user_id": "russ"}, {"user_id": "anna"}]},
    {"name": "example.org", "api_key": "DAK00000000000000000000000000000002",
     "api_secret": "DAS00000000000000000000000000000002"}
]}"#;

#[cfg(unix)]
#[test]
fn seed_is_printed() {
    let expected = "\
Kandy emulator: BASE_URL
Account: the built-in development account, see README
  API key    AAK00000000000000000000000000000001
  API secret AAS00000000000000000000000000000001
Domain: example.com, with 2 users, the first is russ@example.com
  API key    DAK00000000000000000000000000000001
  API secret DAS00000000000000000000000000000001
Domain: example.org, without users
  API key    DAK00000000000000000000000000000002
  API secret DAS00000000000000000000000000000002
For the clients:
export KANDY_BASE_URL=BASE_URL
export KANDY_ACCOUNT_API_KEY=AAK00000000000000000000000000000001
export KANDY_ACCOUNT_API_SECRET=AAS00000000000000000000000000000001
export KANDY_DOMAIN_API_KEY=DAK00000000000000000000000000000001
export KANDY_DOMAIN_API_SECRET=DAS00000000000000000000000000000001
Inspector: SERVER/_emulator/
";
    assert_eq!(printed_with_seed(&mut program(), SEED), expected);
}

#[cfg(unix)]
#[test]
fn seed_with_given_credentials_prints_no_account() {
    let mut command = program();
    command.env("KANDY_ACCOUNT_API_KEY", "AAKcanary").env("KANDY_ACCOUNT_API_SECRET", "AAScanary");
    let expected = "\
Kandy emulator: BASE_URL
Account: API key from KANDY_ACCOUNT_API_KEY, API secret from KANDY_ACCOUNT_API_SECRET
For the clients:
export KANDY_BASE_URL=BASE_URL
export KANDY_DOMAIN_API_KEY=DAK00000000000000000000000000000001
export KANDY_DOMAIN_API_SECRET=DAS00000000000000000000000000000001
Inspector: SERVER/_emulator/
";
    let told = printed_with_seed(&mut command, SEED);
    let of_account = |line: &&str| !line.starts_with("Domain") && !line.starts_with("  ");
    assert_eq!(told.lines().filter(of_account).map(|line| format!("{line}\n")).collect::<String>(), expected);
}

#[tokio::test]
async fn options_open_it_for_hosts_origins_and_older_clients() {
    let options = ["--allow-host", "Kandy.Example", "--allow-origin", "http://localhost:3000", "--refuse-with-200"];
    let key = kandy_emulator::DEVELOPMENT_ACCOUNT_KEY;
    for (options, expected) in [(&options[..], (200, 200, 200)), (&[], (403, 403, 403))] {
        let (mut child, base_url, _) = start(program().args(options));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let http = async |path: &str, header: &str, value: &str| {
            let url = format!("{}{path}", base_url.trim_end_matches("/v1.2"));
            client.get(url).header(header, value).send().await.expect("a response").status().as_u16()
        };
        let refused = format!("/v1.2/accounts/accesstokens?key={key}&account_api_secret=wrong");
        let found = (
            http("/_emulator/health", "host", "kandy.example").await,
            http("/_emulator/health", "origin", "http://localhost:3000").await,
            http(&refused, "accept", "application/json").await,
        );
        child.kill().expect("killed");
        drop(child.wait());
        assert_eq!(found, expected, "{options:?}");
    }
    for options in [["--allow-host", "http://kandy"], ["--allow-origin", "*"], ["--allow-origin", "http://a/b"]] {
        let output = program().args(options).output().expect("ended");
        assert_eq!(output.status.code(), Some(2), "{options:?}");
    }
}

#[test]
fn env_prints_lines_for_a_shell_or_nothing() {
    let ask = |listen: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
        command.env_remove("KANDY_ACCOUNT_API_KEY").env_remove("KANDY_ACCOUNT_API_SECRET");
        let output = command.args(["--env", "--listen", listen]).output().expect("ended");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let mut given = program();
    given.env("KANDY_ACCOUNT_API_KEY", "AAKcanary").env("KANDY_ACCOUNT_API_SECRET", "AAScanary");
    for (command, account) in [(&mut program(), true), (&mut given, false)] {
        let (mut child, base_url, _) = start(command);
        let listen = base_url.trim_start_matches("http://").trim_end_matches("/v1.2");
        let (code, stdout, stderr) = ask(listen);
        child.kill().expect("killed");
        drop(child.wait());
        let development = "export KANDY_ACCOUNT_API_KEY='AAK00000000000000000000000000000001'\n\
            export KANDY_ACCOUNT_API_SECRET='AAS00000000000000000000000000000001'\n";
        let account_lines = if account { development } else { "" };
        assert_eq!((code, stdout), (Some(0), format!("export KANDY_BASE_URL='{base_url}'\n{account_lines}")));
        assert_eq!(stderr.contains("set KANDY_ACCOUNT_API_KEY"), !account, "{stderr}");
        assert!(!stderr.contains("canary"), "{stderr}");
        // It has stopped.
        let (code, stdout, stderr) = ask(listen);
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{stderr}");
        assert!(stderr.contains("no emulator responds") && stderr.contains(listen), "{stderr}");
    }
}

#[test]
fn invalid_seed_is_refused_before_listening() {
    let missing = std::env::temp_dir().join("kandy-emulator-no-such-file.json");
    let twice =
        TempFile::new(b"{\"domains\": [{\"name\": \"example.com\",\n\"users\": [{\"user_id\": \"CANARY@\"}]}]}");
    let no_json = TempFile::new(b"{\"domains\": CANARY");
    let cases = [
        (&missing, "No such file or directory (os error 2)"),
        (&twice.0, "line 2: domains[0].users[0].user_id: invalid identifier: user_id"),
        (&no_json.0, "line 1: expected value"),
    ];
    for (file, said) in cases {
        let output = program().arg("--seed").arg(file).output().expect("ended");
        let text = String::from_utf8(output.stderr).expect("text");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{text}");
        let expected = format!("kandy-emulator: {}: {said}\n", file.display());
        if cfg!(unix) || *file != missing {
            assert_eq!(text, expected);
        }
    }
}

#[test]
fn errors_show_no_credentials() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let said_of_port = format!("kandy-emulator: cannot listen on {address}: ");
    let mut help = program();
    help.env("KANDY_ACCOUNT_API_KEY", "AAKcanary").env("KANDY_ACCOUNT_API_SECRET", "AAScanary").arg("--help");
    let mut half = program();
    half.env("KANDY_ACCOUNT_API_KEY", "AAKcanary");
    let mut port = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
    port.env("KANDY_ACCOUNT_API_KEY", "AAKcanary").env("KANDY_ACCOUNT_API_SECRET", "AAScanary");
    port.args(["--listen", &address]);
    for (mut command, code, said) in
        [(help, 0, "--token-ttl"), (half, 2, "--account-secret"), (port, 1, said_of_port.as_str())]
    {
        let output = command.output().expect("ended");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(said) && !text.contains("canary"), "{text}");
    }
}

#[test]
fn listens_on_every_address_form() {
    let has_ipv6 = std::net::TcpListener::bind("[::1]:0").is_ok();
    for (listen, host) in [("localhost:0", "127.0.0.1"), (":0", "127.0.0.1"), ("0", "127.0.0.1"), ("[::1]:0", "[::1]")]
    {
        if host == "[::1]" && !has_ipv6 {
            continue;
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_kandy-emulator"));
        command.stdout(Stdio::piped()).stderr(Stdio::null()).args(["--listen", listen]);
        let (mut child, base_url, _) = start(&mut command);
        let address = base_url.strip_prefix("http://").and_then(|url| url.strip_suffix("/v1.2")).expect("a URL");
        assert!(address.starts_with(&format!("{host}:")), "{listen}: {base_url}");
        std::net::TcpStream::connect(address).expect("it listens there");
        child.kill().expect("it runs");
        child.wait().expect("ended");
    }
}

/// A program that opens addresses, as desktops have one: it writes what it is asked to open.
#[cfg(target_os = "linux")]
#[test]
fn open_opens_the_page_and_a_machine_without_a_browser_is_told() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().expect("a folder");
    let (opener, opened) = (folder.path().join("xdg-open"), folder.path().join("opened"));
    let script = format!("#!/bin/sh\necho \"$1\" > {0}.new && mv {0}.new {0}\n", opened.display());
    std::fs::write(&opener, script).expect("written");
    std::fs::set_permissions(&opener, PermissionsExt::from_mode(0o755)).expect("executable");
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let (child, base_url, _) = start(program().arg("--open").env("PATH", path));
    let begin = std::time::Instant::now();
    while !opened.exists() {
        assert!(begin.elapsed().as_secs() < 60, "it is not opened");
        std::thread::yield_now();
    }
    let page = format!("{}/_emulator/\n", base_url.trim_end_matches("/v1.2"));
    assert_eq!(std::fs::read_to_string(&opened).expect("text"), page);
    stop(child, "-TERM");

    let empty = tempfile::tempdir().expect("a folder");
    let (child, _, _) = start(program().arg("--open").env("PATH", empty.path()));
    assert!(stop(child, "-TERM").contains("the page cannot be opened in a browser"));
}
