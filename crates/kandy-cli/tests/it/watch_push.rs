//! `kandy message watch` with messages that the service pushes, and without.

#![cfg(unix)]

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use kandy::{Device, FullUserId};
use kandy_emulator::InjectedFault;

use crate::fixture::Fixture;

/// Fails a test that hangs.
const LONG_TIMEOUT: Duration = Duration::from_secs(60);

/// russ, who sends to anna.
struct Sender {
    fixture: Fixture,
    runtime: tokio::runtime::Runtime,
    russ: Device,
}

impl Sender {
    fn new() -> Self {
        let fixture = Fixture::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let [russ] = fixture.devices(&runtime, ["russ"]);
        Self { fixture, runtime, russ }
    }

    fn send(&self, text: &str) {
        let to = FullUserId::from("anna@example.com");
        self.runtime.block_on(async { self.russ.send_message(to, text.to_owned()).await.unwrap() });
    }

    fn watch(&self, arguments: &[&str]) -> Watch {
        let mut command = self.fixture.kandy();
        command.args(["message", "watch", "--user", "anna", "--jq", ".message.text"]).args(arguments);
        Watch::start(command)
    }

    /// Returns how often an operation was called.
    fn calls(&self, operation: &str) -> usize {
        self.fixture.emulator.requests().iter().filter(|request| request.operation == Some(operation)).count()
    }
}

/// A running `watch`.
struct Watch {
    child: Child,
    stdout: mpsc::Receiver<String>,
    stderr: mpsc::Receiver<String>,
}

impl Watch {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// Returns the next line of stdout.
    #[track_caller]
    fn text(&self) -> String {
        self.stdout.recv_timeout(LONG_TIMEOUT).expect("a message")
    }

    /// Returns the next line of stderr.
    #[track_caller]
    fn state(&self) -> String {
        self.stderr.recv_timeout(LONG_TIMEOUT).expect("a line of stderr")
    }

    /// Interrupts it. Returns the exit code and the rest of stderr.
    fn end(&mut self) -> (Option<i32>, Vec<String>) {
        // It may have ended.
        drop(Command::new("kill").args(["-s", "INT", &self.child.id().to_string()]).stderr(Stdio::null()).status());
        let rest = std::iter::from_fn(|| self.stderr.recv_timeout(LONG_TIMEOUT).ok()).collect();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The process has exited, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines(from: impl std::io::Read + Send + 'static) -> mpsc::Receiver<String> {
    let (found, lines) = mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(from).lines().map_while(Result::ok).try_for_each(|line| found.send(line))
    });
    lines
}

/// Each message arrives although the inbox is not polled for it.
#[test]
fn messages_are_pushed() {
    let sender = Sender::new();
    let mut watch = sender.watch(&[]);
    assert_eq!(watch.state(), "data channel: connected");
    for number in 0..20 {
        sender.send(&number.to_string());
        assert_eq!(watch.text(), number.to_string());
    }
    // Some until the channel was established, and one then; polling would take one for each message.
    assert!(sender.calls("message_list") < 10, "{}", sender.calls("message_list"));
    assert_eq!(watch.end(), (Some(130), vec!["kandy: interrupted".to_owned()]));
}

/// `--poll` and `--until-empty` open no channel.
#[test]
fn polling_opens_no_channel() {
    for (arguments, code) in [(&["--poll", "--max-interval", "20ms"][..], Some(130)), (&["--until-empty"], Some(0))] {
        let sender = Sender::new();
        sender.send("one");
        let mut watch = sender.watch(arguments);
        assert_eq!(watch.text(), "one");
        if arguments[0] == "--poll" {
            sender.send("two");
            assert_eq!(watch.text(), "two");
        } else {
            watch.stdout.recv_timeout(LONG_TIMEOUT).expect_err("the end");
        }
        let (ended, stderr) = watch.end();
        assert_eq!(ended, code, "{stderr:?}");
        assert!(!stderr.iter().any(|line| line.contains("channel")), "{stderr:?}");
        assert_eq!(sender.calls("data_channel_configuration_get"), 0);
        assert_eq!(sender.fixture.emulator.channels().len(), 0);
    }
}

#[test]
fn lost_channel_is_reported_and_opened_again() {
    let sender = Sender::new();
    let mut watch = sender.watch(&[]);
    assert_eq!(watch.state(), "data channel: connected");
    for text in ["one", "two"] {
        assert_eq!(sender.fixture.emulator.drop_channels(None), 1);
        let lost = watch.state();
        assert!(lost.starts_with("data channel: not connected; next attempt "), "{lost}");
        assert_eq!(watch.state(), "data channel: connected");
        sender.send(text);
        assert_eq!(watch.text(), text);
    }
    assert_eq!(watch.end(), (Some(130), vec!["kandy: interrupted".to_owned()]));
}

/// A service without a data channel is polled, and does not fill the log.
#[test]
fn service_without_a_channel_is_polled() {
    let sender = Sender::new();
    sender.fixture.emulator.inject(InjectedFault::http(404).on("data_channel_configuration_get"));
    let mut watch = sender.watch(&["--max-interval", "20ms"]);
    let state = watch.state();
    assert!(state.starts_with("data channel: not "), "{state}");
    let mut number = 0;
    // As long as it takes for further attempts: they fail for the same reason.
    while sender.calls("data_channel_configuration_get") < 3 && !state.contains("not available") {
        sender.send(&number.to_string());
        assert_eq!(watch.text(), number.to_string());
        number += 1;
    }
    sender.send("last");
    assert_eq!(watch.text(), "last");
    assert_eq!(watch.end(), (Some(130), vec!["kandy: interrupted".to_owned()]));
}

#[test]
fn quiet_shows_no_state() {
    let sender = Sender::new();
    let mut watch = sender.watch(&["--quiet"]);
    while sender.fixture.emulator.channels().is_empty() {
        std::thread::yield_now();
    }
    // It may be pushed before the state is shown, so two are needed to be sure.
    sender.send("zero");
    assert_eq!(watch.text(), "zero");
    sender.send("one");
    assert_eq!(watch.text(), "one");
    assert_eq!(watch.end(), (Some(130), vec!["kandy: interrupted".to_owned()]));
}
