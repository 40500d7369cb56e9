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

/// A reader that does not read blocks the command, not its end. A command that cleans up after the first signal ends at
/// the second.
#[cfg(target_os = "linux")]
#[test]
fn signals_end_a_watch_that_cannot_write() {
    let call = Call::new();
    let text = "x".repeat(60_000);
    let mut watch = call.kandy(&["channel", "watch", "--user", "russ", "--quiet"]);
    let watch = watch.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    call.wait_for_channels(1);
    (0..4).for_each(|_| call.send(&format!("{text:?}")));
    assert_eq!(end_of_a_full_pipe(watch, false), (Some(130), "kandy: interrupted\n".to_owned()));

    let device = call.run(async { call.anna.devices().await }).swap_remove(0).device_id;
    for _ in 0..4 {
        call.run(async { call.anna.device(&device).send_message("russ@example.com", text.as_str()).await });
    }
    let mut watch = call.kandy(&["message", "watch", "--user", "russ", "--poll", "--quiet", "--json"]);
    let watch = watch.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert_eq!(end_of_a_full_pipe(watch, true), (Some(130), "kandy: interrupted\n".to_owned()));
}

/// Waits until the pipe of a command is full, and sends it a signal, once or again and again. Returns its exit code, and what it wrote on stderr.
#[cfg(target_os = "linux")]
fn end_of_a_full_pipe(mut watch: std::process::Child, is_repeated: bool) -> (Option<i32>, String) {
    let began = Instant::now();
    while rustix::io::ioctl_fionread(watch.stdout.as_ref().unwrap()).unwrap() < NEARLY_FULL {
        assert!(began.elapsed() < Duration::from_secs(60), "the pipe is never full");
        std::thread::sleep(Duration::from_millis(2));
    }
    let pid = watch.id().to_string();
    let signal = || Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap();
    signal();
    let code = loop {
        match watch.try_wait().unwrap() {
            Some(status) => break status.code(),
            None if began.elapsed() > Duration::from_secs(60) => {
                watch.kill().unwrap();
                panic!("the signals do not end it");
            }
            None => {
                // Two at once can be one, so that the second is repeated.
                if is_repeated {
                    signal();
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        }
    };
    let mut said = String::new();
    watch.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    (code, said)
}
