//! `kandy channel watch`: the forms of frames.

use std::process::Stdio;

use super::{
    call::Call,
    proxy::{Proxy, Tampering},
    running::{CONNECTED, Running},
};

/// The frame of data from anna.
fn data(call: &Call, payload: &str) -> String {
    let id = &call.id;
    format!(
        r#"{{"message_type":"sessionData","session_id":"{id}","full_user_id":"anna@example.com","payload":{payload}}}"#
    )
}

#[test]
fn frames_are_printed_as_received() {
    let call = Call::new();
    let mut watch = Running::connected(call.kandy(&["channel", "watch", "--user", "russ"]));
    for payload in [
        r#"{"b":1.0,"a":[1e3,-0,12345678901234567890123],"b":null}"#,
        r#"  "text é\u001b\/"  "#,
        &format!("\"{}\"", "x".repeat(60_000)),
    ] {
        call.send(payload);
        assert_eq!(watch.line(), Some(data(&call, payload.trim())));
    }
    // A line break between values does not end the line.
    call.send("[1,\r\n 2]");
    assert_eq!(watch.line(), Some(data(&call, "[1,   2]")));
    assert_eq!(call.fixture.emulator.ring("russ@example.com", "7"), Ok(1));
    assert!(watch.line().unwrap().contains(r#""call_id":"7""#));
    watch.signal("INT");
    assert_eq!(watch.end(), (Some(130), vec![], vec!["kandy: interrupted".to_owned()]));
}

#[test]
fn output_options_apply_to_each_frame() {
    let call = Call::new();
    let proxy = |frame: &str| Proxy::start(&call.fixture.emulator, Tampering::Adds(vec![frame.to_owned()]));
    let frame = r#"{"message_type": "sessionData", "payload": {"b": 1, "a": "x"}}"#;
    for (options, frame, expected) in [
        (&[][..], frame, frame),
        (&["--quiet"], frame, frame),
        (&["--json"], frame, r#"{"message_type":"sessionData","payload":{"a":"x","b":1}}"#),
        (&["--json=status,message_type"], frame, r#"{"message_type":"sessionData","status":null}"#),
        (&["--jq", ".payload.a"], frame, "x"),
        // What is no object, and what is no JSON.
        (&[], "[1]", "[1]"),
        (&["--json"], "[1]", r#"{"frame":[1]}"#),
        (&["--json=message_type,frame"], "no JSON", r#"{"frame":"no JSON","message_type":null}"#),
        (&["--jq", ".frame"], "no JSON", "no JSON"),
        (&["--jq", ".message_type"], "no JSON", "null"),
        (&["--quiet"], "a\nb", "a b"),
        (&[], "", ""),
    ] {
        let watch = ["channel", "watch", "--user", "russ", "--count", "1"];
        let (code, lines, said) = Running::start(call.kandy_over(&proxy(frame), &[&watch, options].concat())).end();
        assert_eq!((code, lines), (Some(0), vec![expected.to_owned()]), "{options:?}: {said:?}");
        let is_quiet = options.contains(&"--quiet");
        assert_eq!(said, if is_quiet { vec![] } else { vec![CONNECTED.to_owned()] }, "{options:?}");
    }
}

#[test]
fn ends_after_a_number_of_frames() {
    let call = Call::new();
    let frames = ["1", "2", "3"].map(str::to_owned).to_vec();
    let proxy = Proxy::start(&call.fixture.emulator, Tampering::Adds(frames));
    let watch = call.kandy_over(&proxy, &["channel", "watch", "--user", "russ", "--count", "2"]);
    assert_eq!(Running::start(watch).end().1, ["1", "2"]);
    call.wait_for_channels(0);
}

#[test]
fn long_frames_are_not_cut() {
    let call = Call::new();
    let mut watch = Running::connected(call.kandy(&["channel", "watch", "--user", "russ"]));
    let text = "x".repeat(400_000);
    call.run(async {
        let devices = call.anna.devices().await?;
        call.anna.device(&devices[0].device_id).send_message("russ@example.com", text.as_str()).await
    });
    let line = watch.line().unwrap();
    let frame: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(frame["message"]["message"]["text"], text);
}

#[test]
fn unknown_field_is_refused_before_anything_is_sent() {
    let call = Call::new();
    let before = call.fixture.emulator.requests().len();
    for (command, noun) in [(["channel", "watch"], "frames"), (["session", "watch"], "events")] {
        let output = call.kandy(&command).args(["--user", "russ", "--json=nonsense"]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("{noun} have no field \"nonsense\"")), "{said}");
        let output = call.kandy(&command).args(["--user", "russ", "--dry-run"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
    }
    assert_eq!(call.fixture.emulator.requests().len(), before);
}

/// A reader that has seen enough is no error, as for other commands.
#[test]
fn closed_pipe_ends_the_command() {
    let call = Call::new();
    let mut watch = call.kandy(&["channel", "watch", "--user", "russ", "--quiet"]);
    let mut watch = watch.stdout(Stdio::piped()).spawn().unwrap();
    call.wait_for_channels(1);
    drop(watch.stdout.take());
    call.send("1");
    assert_eq!(watch.wait().unwrap().code(), Some(0));
}
