//! `kandy session watch`: events of sessions.

use serde_json::Value;

use super::{
    call::Call,
    running::{CONNECTED, Running},
};

/// Returns a line without the time, which is checked.
fn without_time(line: &str) -> String {
    let (time, rest) = line.split_once('\t').unwrap();
    assert!(time.len() == 24 && time.ends_with('Z'), "{line}");
    rest.to_owned()
}

#[test]
fn events_are_printed() {
    let call = Call::new();
    let (id, other) = (&call.id, call.create("other"));
    let mut one = Running::connected(call.kandy(&["session", "watch", id, "--user", "russ"]));
    let mut all = Running::connected(call.kandy(&["session", "watch", "--user", "russ"]));
    call.run(async { call.anna.session(&*other).join().await });
    assert_eq!(
        without_time(&all.line().unwrap()),
        format!("sessionUserJoinRequest\t{other}\tanna@example.com\t"),
        "another session"
    );
    call.run(async { call.russ.session(&**id).start().await });
    call.send(r#"{"x": 20, "text": "a\tb"}"#);
    call.send(r#""two\nlines""#);
    call.run(async { call.anna.session(&**id).leave().await });
    for event in [
        "sessionActive\t{id}\truss@example.com\t",
        r#"sessionData	{id}	anna@example.com	{"text":"a\tb","x":20}"#,
        "sessionData\t{id}\tanna@example.com\ttwo lines",
        "sessionUserLeave\t{id}\tanna@example.com\t",
    ] {
        let event = event.replace("{id}", id);
        assert_eq!([one.line(), all.line()].map(|line| without_time(&line.unwrap())), [&*event, &*event]);
    }
    // A session that is deleted has no more events.
    call.run(async { call.russ.session(&**id).delete().await });
    let (code, lines, said) = one.end();
    let lines: Vec<_> = lines.iter().map(|line| without_time(line)).collect();
    assert_eq!((code, lines), (Some(0), vec![format!("sessionTerminated\t{id}\truss@example.com\t")]), "{said:?}");
    all.line().unwrap();
    all.signal("TERM");
    assert_eq!(all.end().0, Some(130));
}

#[test]
fn output_options_apply_to_each_event() {
    let call = Call::new();
    let id = &*call.id;
    let watch = |options: &[&str]| {
        let watch = [&["session", "watch", id, "--user", "russ", "--count", "1"], options].concat();
        // The channel of the command before this one may not be closed yet.
        call.wait_for_channels(0);
        let watch = Running::start(call.kandy(&watch));
        call.wait_for_channels(1);
        call.send(r#"{"x": [1, 2]}"#);
        watch.end()
    };
    for (options, expected) in [
        (&["--quiet"][..], id),
        (&["--jq", ".payload.x[1]"], "2"),
        (&["--json=payload,full_user_id"], r#"{"full_user_id":"anna@example.com","payload":{"x":[1,2]}}"#),
    ] {
        let (code, lines, said) = watch(options);
        assert_eq!((code, lines), (Some(0), vec![expected.to_owned()]), "{options:?}: {said:?}");
        assert_eq!(said.contains(&CONNECTED.to_owned()), options != ["--quiet"], "{said:?}");
    }
    let (_, lines, _) = watch(&["--json"]);
    let event: Value = serde_json::from_str(&lines[0]).unwrap();
    let members: Vec<_> = event.as_object().unwrap().keys().collect();
    assert_eq!(members, ["full_user_id", "message_type", "payload", "session_id", "time"]);
}

#[test]
fn unknown_session_is_reported() {
    let call = Call::new();
    let (code, lines, said) = Running::start(call.kandy(&["session", "watch", "nonsense", "--user", "russ"])).end();
    assert_eq!((code, lines.len()), (Some(4), 0), "{said:?}");
    assert!(said[0].contains("session_get on session \"nonsense\" was refused: status 53"), "{said:?}");
}
