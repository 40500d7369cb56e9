//! Frames of a hostile service or participant: credentials in them are masked, and they control no terminal.

use std::process::Command;

use serde_json::json;

use super::{
    call::Call,
    proxy::{Proxy, Tampering},
    running::Running,
};

/// Terminal controls: a title, a cleared screen, colours, bidirectional overrides, invisible characters, line ends.
const HOSTILE: &str = "Ann\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{7f}\u{202e}\u{200b}\u{2028}\r\nkandy: done\tend";

const COMMANDS: [&[&str]; 6] = [
    &["channel", "watch"],
    &["channel", "watch", "--json"],
    &["channel", "watch", "--jq", ".. | strings"],
    &["session", "watch"],
    &["session", "watch", "--json"],
    &["session", "watch", "--jq", ".payload | .. | strings"],
];

/// Returns what a command of russ prints of one frame: on stdout and on stderr.
fn watched(call: &Call, frame: &str, command: &[&str]) -> (String, String) {
    let proxy = Proxy::start(&call.fixture.emulator, Tampering::Adds(vec![frame.to_owned()]));
    let mut command = call.kandy_over(&proxy, &[command, &["--count", "1", "--verbose"]].concat());
    command.env("KANDY_USER_ACCESS_TOKEN", call.token());
    let (code, lines, said) = Running::start(command).end();
    assert_eq!(code, Some(0), "{said:?}");
    (lines.join("\n"), said.join("\n"))
}

/// A participant, or the service, repeats the access token and a password.
#[test]
fn credentials_are_masked() {
    let call = Call::new();
    let digits = "0123456789abcdef0123456789abcdef";
    // Its form is hidden, so that only who knows the token can find it.
    let own = call.token().to_lowercase();
    let payload = json!({
        "own": format!("<{own}>"), "other": format!("xUAT{digits}y"), "url": "wss://x/?user_access_token=abc.def&x=1",
        "text": "password=hunter22, ok", "password": "hunter23", "list": [{"api_key": 1234567}], "id": digits,
    });
    let frame = json!({"message_type": "sessionData", "session_id": digits, "payload": payload}).to_string();
    let secrets = [&*own, "UAT0123", "abc.def", "hunter22", "hunter23", "1234567}"];
    for command in COMMANDS {
        let (shown, said) = watched(&call, &frame, command);
        for secret in secrets {
            assert!(!shown.contains(secret) && !said.contains(secret), "{command:?}: {secret} in {shown} {said}");
        }
        for kept in ["<***>", "x***y", "user_access_token=***&x=1", "password=***, ok", digits] {
            assert!(shown.contains(kept), "{command:?}: no {kept} in {shown}");
        }
        assert!(!said.contains(&call.token()), "{said}");
        assert!(said.lines().any(|line| line == "the data channel is connected"), "{said}");
        let (shown, said) = watched(&call, &frame, &[command, &["--show-secrets"]].concat());
        assert!(shown.contains(&own) && shown.contains("hunter22") && shown.contains("hunter23"), "{shown}");
        assert!(!said.contains(&call.token()), "{said}");
    }
    let (shown, _) = watched(&call, &format!("no JSON: {own}, password=hunter22"), &["channel", "watch"]);
    assert_eq!(shown, "no JSON: ***, password=***");
}

/// Whether a text could control or deceive a terminal, or forge a line of the command.
fn assert_harmless(text: &str, what: &str) {
    let harmful = |c: &char| "\u{202e}\u{200b}\u{2028}".contains(*c) || c.is_control() && *c != '\n';
    assert_eq!(text.chars().find(harmful), None, "{what}: {text:?}");
    assert!(!text.lines().any(|line| line.starts_with("kandy: done")), "{what}: {text:?}");
}

#[test]
fn terminal_is_not_controlled() {
    let call = Call::new();
    if !cfg!(target_os = "linux") || Command::new("script").arg("--version").output().is_err() {
        println!("not tried: there is no script(1) here");
        return;
    }
    let frame = json!({"message_type": "sessionData", "session_id": HOSTILE, "payload": HOSTILE}).to_string();
    // DEL, C1 controls and bidirectional overrides need no escape in JSON; a text that is not JSON may hold all.
    assert!(frame.contains('\u{9b}') && frame.contains('\u{202e}'));
    let commands = COMMANDS.map(|command| (command, frame.as_str()));
    for (command, frame) in commands.into_iter().chain([(COMMANDS[0], HOSTILE), (COMMANDS[1], HOSTILE)]) {
        let proxy = Proxy::start(&call.fixture.emulator, Tampering::Adds(vec![frame.to_owned()]));
        let mut script = call.fixture.program("script");
        script.args(["-qec", "stty cols 200; eval \"$LINE\"", "/dev/null"]).env("TERM", "xterm");
        let arguments = [command, &["--user", "russ", "--count", "1"]].concat();
        let quoted = arguments.iter().map(|argument| format!("'{argument}'"));
        script.env("LINE", format!("kandy {}", quoted.collect::<Vec<_>>().join(" ")));
        script.env("KANDY_BASE_URL", proxy.base_url());
        let shown = String::from_utf8(script.stdin(std::process::Stdio::null()).output().unwrap().stdout).unwrap();
        let shown = shown.replace("\r\n", "\n");
        assert!(shown.contains("owned") && shown.contains("end"), "{command:?}: {shown:?}");
        // Tabs separate columns, and --jq keeps line ends and tabs of texts.
        let shown = if command.contains(&"--jq") { shown.replace("kandy: done", "") } else { shown };
        assert_harmless(&shown.replace('\t', ""), &format!("{command:?}"));
        if frame != HOSTILE && command == COMMANDS[0] {
            let line = shown.lines().find(|line| line.starts_with('{')).unwrap();
            let read: serde_json::Value = serde_json::from_str(line).expect("JSON all the same");
            assert_eq!(read["payload"], HOSTILE);
        }
    }
}

#[test]
fn pipe_gets_texts_unchanged() {
    let call = Call::new();
    let frame = json!({"message_type": "sessionData", "session_id": "1", "payload": HOSTILE}).to_string();
    let one_line = HOSTILE.replace(['\r', '\n', '\t'], " ");
    for (command, frame, expected) in [
        (COMMANDS[0], &*frame, frame.clone()),
        (COMMANDS[0], HOSTILE, HOSTILE.replace(['\r', '\n'], " ")),
        (COMMANDS[3], &frame, format!("\t{one_line}")),
        (COMMANDS[5], &frame, HOSTILE.replace("\r\n", "\n")),
    ] {
        let (shown, said) = watched(&call, frame, command);
        assert!(shown.ends_with(&expected), "{command:?}: {shown:?}");
        assert_harmless(&said, &format!("{command:?} on stderr"));
    }
}
