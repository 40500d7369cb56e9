//! Channels that are lost, refused and opened again, as stderr shows them.

use kandy_emulator::InjectedFault;

use super::{
    call::Call,
    running::{CONNECTED, Running},
};

/// Returns a line without its wait.
fn without_wait(line: &str) -> String {
    match line.split_once(" in ") {
        Some((before, after)) => format!("{before} in {}", after.split_once(' ').expect("a unit").1),
        None => line.to_owned(),
    }
}

#[test]
fn each_change_is_shown_once() {
    const RESET: &str = "data channel: not connected; next attempt in s: IO error: Connection reset by peer";
    let drop_all = |call: &Call| assert_eq!(call.fixture.emulator.drop_channels(None), 1);
    let close_all = |call: &Call| assert_eq!(call.fixture.emulator.drop_channels(Some(1001)), 1);
    let reset_in_place_of_a_push = |call: &Call| {
        call.fixture.emulator.inject(InjectedFault::drop_channel().times(1));
        call.send("0");
    };
    let nothing = |_: &Call| {};
    let refuse = InjectedFault::close_after_upgrade().times(1);
    for command in [&["channel", "watch"][..], &["session", "watch"]] {
        for (fault, lose, reason) in [
            (None, &drop_all as &dyn Fn(&Call), RESET),
            (
                None,
                &close_all,
                "data channel: not connected; next attempt in s: closed with code 1001: the server stops",
            ),
            (None, &reset_in_place_of_a_push, RESET),
            (Some(refuse.clone()), &nothing, "data channel: not connected; next attempt in s: closed with code 4401"),
        ] {
            let call = Call::new();
            if let Some(fault) = fault {
                call.fixture.emulator.inject(fault);
            }
            let mut watch = Running::connected(call.kandy(&[command, &["--user", "russ", "--count", "1"]].concat()));
            lose(&call);
            let lost = without_wait(&watch.said().unwrap());
            assert!(lost.starts_with(reason), "{lost}");
            assert_eq!(watch.said().as_deref(), Some(CONNECTED));
            call.send("1");
            let (code, lines, said) = watch.end();
            assert_eq!((code, said), (Some(0), vec![]), "{reason}");
            assert!(lines.len() == 1 && lines[0].contains('1'), "{lines:?}");
        }
    }
}

#[test]
fn refused_credentials_end_the_command() {
    let call = Call::new();
    let id = &*call.id;
    let commands: [&[&str]; 4] = [
        &["channel", "watch"],
        &["session", "watch"],
        &["session", "watch", id],
        &["session", "data", "send", id, "1"],
    ];
    for command in commands {
        let mut wrong_token = call.kandy(command);
        wrong_token.env("KANDY_USER_ACCESS_TOKEN", "UATcanary.wrong");
        let mut wrong_secret = call.kandy(command);
        wrong_secret.env("KANDY_DOMAIN_API_SECRET", "canary.wrong").args(["--user", "russ"]);
        let mut unknown = call.kandy(command);
        unknown.args(["--user", "nobody"]);
        let mut none = call.kandy(command);
        none.env_remove("KANDY_DOMAIN_API_SECRET").args(["--user", "russ"]);
        for (command, code) in [(wrong_token, 7), (wrong_secret, 7), (unknown, 4), (none, 7)] {
            let what = format!("{:?}", command.get_args().collect::<Vec<_>>());
            let (ended, lines, said) = Running::start(command).end();
            assert_eq!((ended, lines.len()), (Some(code), 0), "{what}: {said:?}");
            assert!(said[0].starts_with("kandy: ") && !said.concat().contains("wrong"), "{what}: {said:?}");
        }
    }
}

#[test]
fn revoked_token_ends_the_command() {
    let call = Call::new();
    let mut command = call.kandy(&["channel", "watch"]);
    command.env("KANDY_USER_ACCESS_TOKEN", call.token());
    let watch = Running::connected(command);
    call.fixture.emulator.revoke_all_tokens();
    let (code, _, said) = watch.end();
    assert_eq!(code, Some(7), "{said:?}");
    assert!(said[0].contains("closed with code 4401"), "{said:?}");
}

/// A service that is down is tried again, and the command says so.
#[test]
fn unreachable_service_is_tried_again() {
    let call = Call::new();
    let mut command = call.kandy(&["channel", "watch", "--user", "russ"]);
    command.env("KANDY_BASE_URL", "http://127.0.0.1:1/v1.2");
    let mut watch = Running::start(command);
    for _ in 0..2 {
        let lost = watch.said().unwrap();
        assert!(lost.starts_with("data channel: not connected; next attempt in "), "{lost}");
        assert!(lost.contains("cannot connect to the service"), "{lost}");
    }
    watch.signal("INT");
    assert_eq!(watch.end().0, Some(130));
}
