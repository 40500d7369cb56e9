//! `kandy session data send`.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use super::{
    call::Call,
    proxy::{Proxy, Tampering},
    running::Running,
};
use crate::fixture::stderr;

fn run(mut command: Command, input: &str) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // The command may not read it.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

#[test]
fn payload_is_sent_as_given() {
    let call = Call::new();
    let proxy = Proxy::start(&call.fixture.emulator, Tampering::Adds(Vec::new()));
    let mut events = Running::connected(call.kandy(&["channel", "watch", "--user", "anna"]));
    let exact = r#"{"b":1.0,"a":[1e3,-0,12345678901234567890123],"b":"\u001b"}"#;
    for (arguments, input, payload) in [
        (&[exact][..], "", exact),
        (&["-"], &*format!(" {exact}\r\n"), exact),
        (&["5"], "", "5"),
        (&["-5"], "", "-5"),
        (&["null"], "", "null"),
        (&["--text", "5"], "", "\"5\""),
        (&["--text", "let's \"meet\""], "", r#""let's \"meet\"""#),
        (&["--text", "-"], "one\ntwo\n", r#""one\ntwo""#),
        (&["--text", ""], "", "\"\""),
        (&["7", "--no-confirm"], "", "7"),
        (&["8", "--to", "anna@example.com"], "", "8"),
        (&["9", "--quiet"], "", "9"),
    ] {
        let send = ["session", "data", "send", &*call.id, "--user", "russ"];
        let sent = run(call.kandy_over(&proxy, &[&send, arguments].concat()), input);
        assert_eq!(sent.status.code(), Some(0), "{arguments:?}: {}", stderr(&sent));
        let done = if arguments.contains(&"--quiet") {
            String::new()
        } else {
            format!("sent data to session {:?}\n", call.id)
        };
        assert_eq!((stderr(&sent), sent.stdout.len()), (done, 0), "{arguments:?}");
        let received = events.line().unwrap();
        assert!(
            received.ends_with(&format!(r#""full_user_id":"russ@example.com","payload":{payload}}}"#)),
            "{received}"
        );
        // A dry run shows the frame, but for its id.
        let shown = run(call.kandy(&[&send, arguments, &["--dry-run"]].concat()), input);
        let frame = proxy.sent().into_iter().rev().find(|frame| frame.contains("sessionData")).unwrap();
        let mut expected: Value = serde_json::from_str(&frame).unwrap();
        let id = expected.as_object_mut().and_then(|frame| frame.remove("id"));
        assert_eq!(id.is_none(), arguments.contains(&"--no-confirm"));
        let shown = String::from_utf8(shown.stdout).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), expected, "{arguments:?}");
        assert!(shown.contains(&format!("\"payload\":{payload}")), "{shown}");
    }
}

#[test]
fn dry_run_connects_to_nothing() {
    let call = Call::new();
    let requests = call.fixture.emulator.requests().len();
    let payload = r#"{"a":"password=hunter22","token":"x","n":1.0}"#;
    let send = ["session", "data", "send", &*call.id, payload, "--user", "russ", "--dry-run"];
    let masked = r#"{"a":"password=***","token":"***","n":1.0}"#;
    for (options, shown) in [
        (
            &["--no-confirm"][..],
            format!(r#"{{"message_type":"sessionData","session_id":"{}","payload":{masked}}}"#, call.id),
        ),
        (&["--jq", ".payload.n"], "1.0".to_owned()),
        (
            &["--json=destination,id", "--to", "anna@example.com"],
            r#"{"destination":"anna@example.com","id":null}"#.to_owned(),
        ),
    ] {
        let output = call.kandy(&[&send, options].concat()).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{shown}\n"), "{options:?}");
    }
    // No credential is needed.
    let output = call.kandy(&send).env_remove("KANDY_DOMAIN_API_SECRET").output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(call.fixture.emulator.requests().len(), requests);
}

#[test]
fn refusals_have_their_exit_code() {
    let call = Call::new();
    let (id, other) = (&*call.id, call.create("other"));
    for (user, arguments, code, reason) in [
        ("russ", &["nonsense", "1"][..], 4, "session_data_send was refused: status 53"),
        ("anna", &[&*other, "1"], 3, "session_data_send was refused: status 11"),
        ("russ", &[id, "1", "--to", "nobody@example.com"], 5, "session_data_send was refused: status 1"),
        // A user id without a domain is completed; one with a blank is not.
        ("russ", &[id, "1", "--to", "nobody"], 5, "\"nobody\" is nobody@example.com"),
        ("russ", &[id, "1", "--to", "an na"], 2, "it is not of the form `user@domain.name`"),
        ("russ", &["", "1"], 2, "`session_id`"),
        ("russ", &[id, "hello"], 2, "PAYLOAD: line 1, column 1: this is not JSON; with --text it is sent as a text"),
        ("russ", &[id, ""], 2, "PAYLOAD: line 1, column 0: this is not JSON"),
        ("russ", &[id, "1 2"], 2, "PAYLOAD: line 1, column 3: this is not JSON"),
        ("russ", &[id, "-"], 2, "stdin: line 1, column 0: this is not JSON"),
    ] {
        let send = [&["session", "data", "send", "--user", user], arguments].concat();
        let output = run(call.kandy(&send), "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(reason), "{arguments:?}: {}", stderr(&output));
    }
}

/// What is known of data whose confirmation does not come.
#[test]
fn unconfirmed_data_is_in_doubt() {
    let call = Call::new();
    let swallows = Proxy::start(&call.fixture.emulator, Tampering::Swallows);
    let cuts = Proxy::start(&call.fixture.emulator, Tampering::CutsOn("sessionData"));
    // The emulator closes the channel.
    let long = format!("\"{}\"", "x".repeat(70_000));
    for (proxy, payload, in_doubt) in [(Some(&swallows), "1", 5), (Some(&cuts), "1", 5), (None, &*long, 5)] {
        let send = ["session", "data", "send", &call.id, payload, "--user", "russ", "--timeout", "2s"];
        let command = match proxy {
            Some(proxy) => call.kandy_over(proxy, &send),
            None => call.kandy(&send),
        };
        let output = run(command, "");
        assert_eq!(output.status.code(), Some(in_doubt), "{}", stderr(&output));
        assert!(stderr(&output).contains("the service did not confirm it"), "{}", stderr(&output));
        assert!(stderr(&output).contains("check whether the operation was applied"), "{}", stderr(&output));
    }
    // It was sent once in each case.
    for proxy in [swallows, cuts] {
        assert_eq!(proxy.sent().iter().filter(|frame| frame.contains("sessionData")).count(), 1);
    }
}

#[test]
fn unreachable_service_is_a_network_error() {
    let call = Call::new();
    let mut send = call.kandy(&["session", "data", "send", &call.id, "1", "--user", "russ", "--timeout", "4s"]);
    send.env("KANDY_BASE_URL", "http://127.0.0.1:1/v1.2");
    let output = run(send, "");
    let said = stderr(&output);
    assert_eq!(output.status.code(), Some(6), "{said}");
    let lines: Vec<_> = said.lines().collect();
    assert!(
        lines[0].starts_with("data channel: not connected; next attempt in ") && lines[0].contains("cannot connect"),
        "{said}"
    );
    assert!(said.contains("nothing was sent"), "{said}");
}

/// Events that come meanwhile do not keep the confirmation from being read.
#[test]
fn confirmation_comes_after_many_events() {
    let call = Call::new();
    let frames = (0..500).map(|number| json!({"message_type": "sessionData", "payload": number}).to_string()).collect();
    let proxy = Proxy::start(&call.fixture.emulator, Tampering::Adds(frames));
    let output = run(call.kandy_over(&proxy, &["session", "data", "send", &call.id, "1", "--user", "russ"]), "");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}
