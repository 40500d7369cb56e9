//! Interrupted and killed commands.

use std::{
    io::Read,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{call::Call, running::Running};

/// More than one frame of the test, and less than the 64 KiB that a pipe of Linux holds. Two frames do not fit.
#[cfg(target_os = "linux")]
const NEARLY_FULL: u64 = 61_000;

#[test]
fn signals_end_the_watch() {
    let call = Call::new();
    let id = &*call.id;
    for command in [&["channel", "watch", "--user", "russ"][..], &["session", "watch", id, "--user", "russ"]] {
        for signal in ["INT", "TERM", "HUP"] {
            // The tests may ignore signals themselves.
            let mut env = call.fixture.program("env");
            if cfg!(target_os = "linux") {
                env.arg("--default-signal=INT,TERM,HUP");
            }
            env.arg(env!("CARGO_BIN_EXE_kandy")).args(command);
            let watch = Running::connected(env);
            watch.signal(signal);
            assert_eq!(watch.end(), (Some(130), vec![], vec!["kandy: interrupted".to_owned()]), "{signal}");
            call.wait_for_channels(0);
        }
    }
}

/// The next run sees nothing of one that was killed.
#[test]
fn killed_watch_leaves_nothing_behind() {
    let call = Call::new();
    for _ in 0..3 {
        let mut watch = Running::connected(call.kandy(&["channel", "watch", "--user", "russ"]));
        call.send("1");
        assert!(watch.line().unwrap().contains("\"payload\":1"));
        watch.child.kill().unwrap();
        call.wait_for_channels(0);
    }
    assert!(call.fixture.files().is_empty(), "{:?}", call.fixture.files());
}

/// A reader that does not read blocks the command, not its end.
#[cfg(target_os = "linux")]
#[test]
fn signal_ends_a_watch_that_cannot_write() {
    let call = Call::new();
    let mut watch = call.kandy(&["channel", "watch", "--user", "russ", "--quiet"]);
    let mut watch = watch.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    call.wait_for_channels(1);
    let payload = format!("\"{}\"", "x".repeat(60_000));
    (0..4).for_each(|_| call.send(&payload));
    let began = Instant::now();
    while rustix::io::ioctl_fionread(watch.stdout.as_ref().unwrap()).unwrap() < NEARLY_FULL {
        assert!(began.elapsed() < Duration::from_secs(60), "the pipe is never full");
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(Command::new("kill").args(["-s", "TERM", &watch.id().to_string()]).status().unwrap().success());
    let code = loop {
        match watch.try_wait().unwrap() {
            Some(status) => break status.code(),
            None if began.elapsed() > Duration::from_secs(60) => {
                watch.kill().unwrap();
                panic!("the signal does not end it");
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let mut said = String::new();
    watch.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((code, said.as_str()), (Some(130), "kandy: interrupted\n"));
}
