//! `kandy message watch --forward-to` and `kandy message resend`.

#![cfg(unix)]

mod dead_letters;
mod failures;
mod http;
mod leaks;
mod lock;
mod proof;
mod receiver;
mod secrets;

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver as Channel},
    },
    time::Duration,
};

use kandy::{Device, FullUserId};

use self::{
    http::Request,
    receiver::{Answer, Receiver},
};
use crate::fixture::Fixture;

/// Fails a test that hangs.
const LONG_TIMEOUT: Duration = Duration::from_secs(60);

/// A secret of 32 bytes.
const SECRET: &str = "whsec_Y2FuYXJ5LWZvcndhcmQtc2VjcmV0LTMyLWJ5dGVzISE=";

/// The inbox of anna, to which other users send.
struct Inbox {
    fixture: Fixture,
    runtime: tokio::runtime::Runtime,
    senders: Vec<Device>,
    anna: Device,
}

impl Inbox {
    /// Creates anna and a number of users who send to her.
    fn new(senders: usize) -> Self {
        let names: Vec<_> = (0..senders).map(|number| format!("sender{number}")).collect();
        let users: Vec<_> = names.iter().map(String::as_str).chain(["anna"]).collect();
        let fixture = Fixture::with(&users);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let senders = names.iter().flat_map(|name| fixture.devices(&runtime, [name.as_str()])).collect();
        let [anna] = fixture.devices(&runtime, ["anna"]);
        Self { fixture, runtime, senders, anna }
    }

    /// Sends a text from one of the senders.
    fn send(&self, sender: usize, text: &str) {
        self.runtime.block_on(async {
            self.senders[sender].send_message(FullUserId::from("anna@example.com"), text.to_owned()).await.unwrap();
        });
    }

    /// Sends from each sender the texts `SENDER-1`, `SENDER-2` and so on.
    fn send_from_each(&self, count: usize) {
        for number in 1..=count {
            for sender in 0..self.senders.len() {
                self.send(sender, &format!("{sender}-{number}"));
            }
        }
    }

    /// Returns the texts of the undeleted messages.
    fn waiting(&self) -> Vec<String> {
        let pending = self.runtime.block_on(async { self.anna.pending_messages().await.unwrap() });
        let texts = pending.messages.iter().map(|message| message.content.as_ref()?.text().map(str::to_owned));
        texts.collect::<Option<_>>().unwrap()
    }

    /// Returns `kandy message watch` for anna with the secret.
    fn watch(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = self.fixture.kandy();
        command.args(["message", "watch", "--user", "anna", "--forward-to", url]).args(arguments);
        command.env("KANDY_FORWARD_SECRET", SECRET);
        command
    }

    /// Returns `kandy message resend` for anna with the secret.
    fn resend(&self, url: &str, arguments: &[&str]) -> Command {
        let mut command = self.fixture.kandy();
        command.args(["message", "resend", "--user", "anna", "--forward-to", url]).args(arguments);
        command.env("KANDY_FORWARD_SECRET", SECRET);
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.fixture.folder.path().join(name)
    }
}

/// Runs a command to its end. Returns the exit code and stderr; stdout has to be empty.
#[track_caller]
fn run(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// A running command.
struct Running {
    child: Child,
    lines: Channel<String>,
    /// The lines of stderr so far.
    stderr: String,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let (found, lines) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| found.send(line)));
        Self { child, lines, stderr: String::new() }
    }

    /// Waits for a line of stderr that contains a text.
    #[track_caller]
    fn wait_for(&mut self, text: &str) {
        loop {
            match self.lines.recv_timeout(LONG_TIMEOUT) {
                Ok(line) => {
                    self.stderr += &format!("{line}\n");
                    if line.contains(text) {
                        return;
                    }
                }
                Err(error) => panic!("no {text:?} ({error}) in {}", self.stderr),
            }
        }
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the exit; returns the status and stderr.
    fn end(&mut self) -> (ExitStatus, String) {
        loop {
            match self.lines.recv_timeout(LONG_TIMEOUT) {
                Ok(line) => self.stderr += &format!("{line}\n"),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("it does not end: {}", self.stderr),
            }
        }
        (self.child.wait().unwrap(), std::mem::take(&mut self.stderr))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process has exited, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The requests that a receiver got, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Request>>>);

impl Log {
    /// Returns a receiver that records each request, verifies its signature, and answers by the number of the attempt for
    /// this message, from 1.
    fn receiver(&self, mut answer: impl FnMut(&Request, usize) -> Answer + Send + 'static) -> Receiver {
        let log = self.clone();
        Receiver::start(move |request| {
            request.verify(SECRET);
            let mut requests = log.0.lock().unwrap();
            requests.push(request.clone());
            let id = request.header("webhook-id");
            let attempt = requests.iter().filter(|request| request.header("webhook-id") == id).count();
            drop(requests);
            answer(request, attempt)
        })
    }

    /// Returns the requests so far.
    fn all(&self) -> Vec<Request> {
        self.0.lock().unwrap().clone()
    }

    /// Returns the texts of the requests so far.
    fn texts(&self) -> Vec<String> {
        self.all().iter().map(Request::text).collect()
    }
}
