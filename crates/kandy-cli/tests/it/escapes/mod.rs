//! Texts of the service and of other users cannot control a terminal, and reach pipes and files unchanged.

#![cfg(unix)]

mod sources;

use std::{
    ffi::OsString,
    fs,
    os::unix::ffi::OsStringExt,
    process::{Command, Output, Stdio},
};

use crate::fixture::{Fixture, canned_service};
use serde_json::{Value, json};

/// Terminal controls: a title, a cleared screen, 7-bit and 8-bit colours, a backspace, bidirectional overrides,
/// invisible characters, and line ends of all kinds.
const HOSTILE: &str = "Ann\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{8}\u{7f}\u{202e}\u{2066}\u{61c}\u{200f}\u{200b}\u{2028}\
    \u{85}\u{e0041}\r\nkandy: done\tend";

/// A device id in the form of the service, which needs no lookup.
const DEVICE: &str = "A149EBB9A69D4E66B62D26FBDEF440C5";

/// The same text escaped on one line.
const IN_ONE_LINE: &str = r"Ann\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{8}\u{7f}\u{202e}\u{2066}\u{61c}\u{200f}\u{200b}\u{2028}\u{85}\u{e0041}\r\nkandy: done\tend";

/// Returns a command with another base URL.
fn kandy(fixture: &Fixture, base_url: &str, program: &str) -> Command {
    let mut command = fixture.program(program);
    command.env("KANDY_BASE_URL", base_url).stdin(Stdio::null());
    for level in ["ACCOUNT", "DOMAIN", "USER"] {
        command.env(format!("KANDY_{level}_ACCESS_TOKEN"), "token");
    }
    command
}

/// Returns the output in a pipe.
fn piped(fixture: &Fixture, base_url: &str, arguments: &[&str]) -> Output {
    kandy(fixture, base_url, "kandy").args(arguments).output().unwrap()
}

/// Returns the output on a terminal of 200 columns, without the styles of the command; `None` if `script` is not
/// installed.
fn on_terminal(fixture: &Fixture, base_url: &str, arguments: &[&str]) -> Option<String> {
    if !cfg!(target_os = "linux") || Command::new("script").arg("--version").output().is_err() {
        println!("not tried: there is no script(1) here");
        return None;
    }
    let mut script = kandy(fixture, base_url, "script");
    script.args(["-qec", "stty cols 200; eval \"$LINE\"", "/dev/null"]).env("TERM", "xterm");
    let quoted = arguments.iter().map(|argument| format!("'{}'", argument.replace('\'', r"'\''")));
    script.env("LINE", format!("kandy {}", quoted.collect::<Vec<_>>().join(" ")));
    let shown = String::from_utf8(script.output().unwrap().stdout).expect("UTF-8");
    Some(shown.replace("\r\n", "\n").replace("\u{1b}[1m", "").replace("\u{1b}[0m", ""))
}

/// Fails if a text could control or deceive a terminal.
fn assert_harmless(text: &str, what: &str) {
    let harmful = |c: &char| match c {
        '\n' => false,
        '\u{200b}' | '\u{200f}' | '\u{61c}' | '\u{2028}' | '\u{202e}' | '\u{2066}' | '\u{e0041}' => true,
        c => c.is_control(),
    };
    assert_eq!(text.chars().find(harmful), None, "{what}: {text:?}");
}

/// Fails if a text could forge a line of the command.
fn assert_no_line_is_forged(text: &str) {
    assert!(!text.lines().any(|line| line.starts_with("kandy: done")), "{text:?}");
}

fn domains() -> String {
    let domain = json!({
        "domain_name": HOSTILE, "project_name": "one", "domain_api_key": "key", "domain_api_secret": "secret",
    });
    canned_service::json(&canned_service::success(json!({"domains": [domain]})))
}

fn messages() -> Value {
    let message = json!({
        "messageType": "chat", "contentType": "text", "UUID": format!("id{HOSTILE}"), "timestamp": "1400510413",
        "sender": {"full_user_id": format!("russ{HOSTILE}@example.com")},
        "message": {"mimeType": "text/plain", "text": HOSTILE},
    });
    canned_service::success(json!({"messages": [message]}))
}

#[test]
fn escapes_data_on_a_terminal() {
    let fixture = Fixture::empty();
    let base_url = domains();
    for form in [
        &["domain", "list"][..],
        &["domain", "list", "--json"],
        &["domain", "list", "--json=domain_name"],
        &["domain", "list", "--jq", "."],
        &["domain", "list", "--jq", ".[].domain_name"],
        &["domain", "list", "--jq", r#".[] | "\u001b[5m" + .domain_name"#],
        &["domain", "list", "--quiet"],
        &["domain", "list", "--verbose"],
        &["api", "domain_list"],
        &["api", "domain_list", "--jq", ".. | strings"],
    ] {
        let Some(shown) = on_terminal(&fixture, &base_url, form) else { return };
        assert!(shown.contains("Ann") && shown.contains("owned"), "{form:?}: {shown:?}");
        // jq programs may produce several columns and lines.
        let without_tabs = if form.contains(&"--jq") { shown.replace('\t', "") } else { shown };
        assert_harmless(&without_tabs, &format!("{form:?}"));
    }
    let shown = on_terminal(&fixture, &base_url, &["domain", "list", "--json"]).unwrap();
    let read: Value = serde_json::from_str(&shown).expect("JSON all the same");
    assert_eq!(read[0]["domain_name"], HOSTILE);
}

#[test]
fn escapes_messages_on_a_terminal() {
    let fixture = Fixture::empty();
    let base_url = canned_service::json(&messages());
    for form in [
        &["message", "list", "--device", DEVICE][..],
        &["message", "list", "--device", DEVICE, "--json"],
        &["message", "list", "--device", DEVICE, "--jq", ".[].message.text"],
        &["message", "watch", "--device", DEVICE, "--keep", "--count", "1"],
        &["message", "watch", "--device", DEVICE, "--keep", "--count", "1", "--json"],
        &["message", "watch", "--device", DEVICE, "--keep", "--count", "1", "--jq", ".message.text"],
        &["message", "watch", "--device", DEVICE, "--keep", "--count", "1", "--quiet"],
    ] {
        let Some(shown) = on_terminal(&fixture, &base_url, form) else { return };
        assert!(shown.contains("Ann") && shown.contains("owned"), "{form:?}: {shown:?}");
        let without_tabs =
            if form.contains(&"--jq") || form.contains(&"watch") { shown.replace('\t', "") } else { shown };
        assert_harmless(&without_tabs, &format!("{form:?}"));
    }
}

#[test]
fn escapes_files_on_a_terminal() {
    let fixture = Fixture::empty();
    let base_url = canned_service::bytes("text/plain", format!("{HOSTILE}\n").into_bytes());
    let file = &["file", "get", "--device", DEVICE, "0f0e0d0c-0b0a-4908-8706-050403020100", "-o", "-"];
    let Some(shown) = on_terminal(&fixture, &base_url, file) else { return };
    assert!(shown.contains("Ann"), "{shown}");
    assert_harmless(&shown.replace('\t', ""), "a file");
    assert_eq!(piped(&fixture, &base_url, file).stdout, format!("{HOSTILE}\n").as_bytes());
    let base_url = canned_service::bytes("application/octet-stream", b"a\x9b31m\xff\x1b[2J".to_vec());
    let shown = on_terminal(&fixture, &base_url, file).unwrap();
    assert_eq!(shown, r"a\x9b31m\xff\u{1b}[2J");
    assert_eq!(piped(&fixture, &base_url, file).stdout, b"a\x9b31m\xff\x1b[2J");
}

#[test]
fn pipe_gets_data_unchanged() {
    let fixture = Fixture::empty();
    let base_url = domains();
    let text = |arguments: &[&str]| String::from_utf8(piped(&fixture, &base_url, arguments).stdout).unwrap();
    let json = text(&["domain", "list", "--json"]);
    assert!(json.contains("\u{9b}31m") && json.contains("\u{202e}\u{2066}"), "{json:?}");
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()[0]["domain_name"], HOSTILE);
    assert_eq!(text(&["domain", "list", "--jq", ".[].domain_name"]), format!("{HOSTILE}\n"));
    assert_eq!(text(&["api", "domain_list", "--jq", ".domains[].domain_name"]), format!("{HOSTILE}\n"));
    // Lines and columns are kept, and no id reads as two.
    let in_a_cell = HOSTILE.replace(['\t', '\r', '\n'], " ");
    assert_eq!(text(&["domain", "list"]), format!("{in_a_cell}\tone\t\n"));
    let in_a_line = HOSTILE.replace('\r', r"\r").replace('\n', r"\n");
    assert_eq!(text(&["domain", "list", "--quiet"]), format!("{in_a_line}\n"));
}

#[test]
fn exec_child_gets_messages_unchanged() {
    let fixture = Fixture::empty();
    let base_url = canned_service::json(&messages());
    let exec = "cat > message.json; printf %s \"$KANDY_MESSAGE_TEXT\" > text; exit 3";
    let watch = ["message", "watch", "--device", DEVICE, "--keep", "--count", "1", "--exec", exec];
    let output = piped(&fixture, &base_url, &watch);
    assert_eq!(fs::read_to_string(fixture.folder.path().join("text")).unwrap(), HOSTILE);
    let message: Value =
        serde_json::from_slice(&fs::read(fixture.folder.path().join("message.json")).unwrap()).unwrap();
    assert_eq!(message["message"]["text"], HOSTILE);
    // The message on stderr names the message id.
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains(&format!("id{IN_ONE_LINE}")), "{said:?}");
    assert_harmless(&said, "a line about a message");
}

#[test]
fn service_errors_are_one_escaped_line() {
    let fixture = Fixture::empty();
    let base_url = canned_service::json(&canned_service::refusal(HOSTILE));
    for command in [
        &["domain", "list"][..],
        &["domain", "list", "--verbose"],
        &["api", "domain_list"],
        &["message", "list", "--device", DEVICE],
        &["user", "list"],
        &["auth", "status"],
    ] {
        let output = piped(&fixture, &base_url, command);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(r"\u{1b}]0;owned") && said.contains(r"\r\nkandy: done\tend"), "{command:?}: {said:?}");
        assert_harmless(&said, &format!("{command:?}"));
        assert_no_line_is_forged(&said);
        let Some(shown) = on_terminal(&fixture, &base_url, command) else { continue };
        assert!(shown.contains(r"\u{1b}]0;owned"), "{command:?}: {shown:?}");
        assert_harmless(&shown, &format!("{command:?} on a terminal"));
    }
}

/// The reason is escaped for spreadsheets and terminals; the row is valid input.
#[test]
fn rejected_files_have_escaped_reasons_and_exact_rows() {
    let fixture = Fixture::empty();
    let base_url = canned_service::json(&canned_service::refusal(HOSTILE));
    let name = "Ann\u{202e}\u{9b}";
    for (file, list) in [
        ("users.csv", format!("user_id,user_country_code,user_first_name\nann,US,{name}\n")),
        ("users.jsonl", format!("{}\n", json!({"user_id": "ann", "user_country_code": "US", "user_first_name": name}))),
    ] {
        fs::write(fixture.folder.path().join(file), list).unwrap();
        let output = piped(&fixture, &base_url, &["user", "import", file]);
        assert_eq!(output.status.code(), Some(8), "{output:?}");
        assert_harmless(&String::from_utf8(output.stderr).unwrap(), file);
        let failures = fs::read_to_string(fixture.folder.path().join(file.replace('.', ".failures."))).unwrap();
        assert!(failures.contains(name), "{failures:?}");
        let reason = match file.ends_with("csv") {
            true => failures.lines().nth(1).unwrap().splitn(4, ',').nth(3).unwrap().to_owned(),
            false => serde_json::from_str::<Value>(&failures).unwrap()["error"].as_str().unwrap().to_owned(),
        };
        assert!(reason.contains(IN_ONE_LINE), "{reason:?}");
        assert_harmless(&reason, file);
    }
}

/// An argument may come from an untrusted source through a script.
#[test]
fn command_line_errors_escape_arguments() {
    let fixture = Fixture::empty();
    for line in [
        &[HOSTILE][..],
        &["domain", HOSTILE],
        &["domain", "list", "--timeout", HOSTILE],
        &["domain", "list", &format!("--{HOSTILE}")],
        &["domain", "list", "\u{1b}[31mred"],
        &["completions", "\u{9b}31m\u{202e}"],
        &["emulator", "--token-ttl", HOSTILE],
        &["domain", "list", "--jq", HOSTILE],
        &["domain", "list", "--profile", HOSTILE],
        &["user", "import", HOSTILE],
        &["schema", HOSTILE],
        &["file", "get", "1", "--output", &format!("{HOSTILE}/x")],
    ] {
        let output = piped(&fixture, "http://127.0.0.1:1/v1.2", line);
        assert_eq!(output.status.code(), Some(2), "{line:?}: {output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(r"\u{1b}[") || said.contains(r"\u{9b}"), "{line:?}: {said:?}");
        assert_harmless(&said, &format!("{line:?}"));
        assert_no_line_is_forged(&said);
        let Some(shown) = on_terminal(&fixture, "http://127.0.0.1:1/v1.2", line) else { continue };
        assert!(shown.contains(r"\u{1b}[") || shown.contains(r"\u{9b}"), "{line:?}: {shown:?}");
        assert_harmless(&shown, &format!("{line:?} on a terminal"));
        assert_no_line_is_forged(&shown);
        // Styles of the command are omitted rather than escaped.
        assert!(!shown.contains(r"\u{1b}[1m") && !shown.contains(r"\u{1b}[0m"), "{line:?}: {shown:?}");
    }
}

#[test]
fn non_utf8_argument_is_escaped() {
    let fixture = Fixture::empty();
    let argument = OsString::from_vec(b"a\xff\x9b\x1b[31m".to_vec());
    let output = kandy(&fixture, "http://127.0.0.1:1/v1.2", "kandy").arg(argument).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_harmless(&String::from_utf8(output.stderr).unwrap(), "an argument");
}

#[test]
fn help_keeps_its_styles() {
    let fixture = Fixture::empty();
    if !cfg!(target_os = "linux") || Command::new("script").arg("--version").output().is_err() {
        println!("not tried: there is no script(1) here");
        return;
    }
    for (line, no_color, styled) in [("--help", "", true), ("nonsense", "", true), ("--help", "1", false)] {
        let mut script = fixture.program("script");
        script.args(["-qec", &format!("kandy {line}"), "/dev/null"]).env("TERM", "xterm").env("NO_COLOR", no_color);
        let shown = String::from_utf8(script.output().unwrap().stdout).unwrap();
        assert_eq!(shown.contains("\u{1b}["), styled, "{line}: {shown:?}");
        let output = fixture.kandy().arg(line).output().unwrap();
        let piped = [output.stdout, output.stderr].concat();
        assert!(!piped.contains(&b'\x1b'), "{line}");
    }
}

/// The curl command can be copied from a terminal and sends the same request.
#[test]
fn dry_run_output_can_be_pasted() {
    let fixture = Fixture::empty();
    let name = "Ann\u{202e}\u{9b}31m";
    let create = ["user", "create", "ann", "--country-code", "US", "--first-name", name, "--dry-run"];
    for shown in [
        on_terminal(&fixture, "http://127.0.0.1:1/v1.2", &create),
        Some(String::from_utf8(piped(&fixture, "http://127.0.0.1:1/v1.2", &create).stdout).unwrap()),
    ] {
        let Some(shown) = shown else { continue };
        let line = shown.lines().find(|line| line.contains("curl")).unwrap();
        let (_, body) = line.split_once("--data '").unwrap();
        let (body, _) = body.split_once('\'').unwrap();
        assert_harmless(body, "a line for a shell");
        assert_eq!(serde_json::from_str::<Value>(body).unwrap()["user_first_name"], name);
    }
}
