//! `kandy message watch`: interrupted, killed and cut off.

#![cfg(unix)]

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::Duration,
};

use crate::fixture::Fixture;
use kandy::{Device, FullUserId};
use kandy_emulator::InjectedFault;

/// Fails a test that hangs.
const LONG_TIMEOUT: Duration = Duration::from_secs(60);

#[test]
fn acknowledges_before_exit_on_ctrl_c() {
    let inbox = Inbox::new();
    inbox.send(&["one", "two", "three"]);
    let mut watch = Watch::start(inbox.watch(&[]));
    assert_eq!([watch.text(), watch.text(), watch.text()], ["one", "two", "three"]);
    watch.signal("INT");
    let (status, said) = watch.end();
    assert_eq!((status.code(), said.as_str()), (Some(130), "kandy: interrupted\n"));
    assert_eq!(inbox.waiting(), [""; 0]);
}

#[test]
fn follows_until_sigterm() {
    let inbox = Inbox::new();
    let mut watch = Watch::start(inbox.watch(&["--max-interval", "50ms"]));
    for text in ["one", "two"] {
        inbox.send(&[text]);
        assert_eq!(watch.text(), text);
    }
    watch.signal("TERM");
    assert_eq!(watch.end().0.code(), Some(130));
    assert_eq!(inbox.waiting(), [""; 0]);
}

/// SIGHUP ends the command as Ctrl-C does: printed messages are not delivered again.
#[test]
fn acknowledges_before_exit_on_sighup() {
    let inbox = Inbox::new();
    inbox.send(&["one", "two"]);
    // The tests may ignore SIGHUP themselves.
    let arguments = ["--default-signal=HUP", env!("CARGO_BIN_EXE_kandy"), "message", "watch", "--user", "anna"];
    let mut command = inbox.fixture.program("env");
    command.args(if cfg!(target_os = "linux") { &arguments[..] } else { &arguments[1..] });
    let mut watch = Watch::start(command);
    assert_eq!([watch.text(), watch.text()], ["one", "two"]);
    watch.signal("HUP");
    let (status, said) = watch.end();
    assert_eq!((status.code(), said.as_str()), (Some(130), "kandy: interrupted\n"));
    assert_eq!(inbox.waiting(), [""; 0]);
}

#[test]
fn keeps_messages_after_a_closed_pipe() {
    // The pipe is the shell's: one of this process could be held open for a moment by a command that another test starts.
    const SCRIPT: &str = r#"exec 3>&1
        { kandy message watch --user anna --max-interval 50ms; echo "code $?" >&3; } |
        { read -r line; exec 0<&-; echo closed; }"#;
    let inbox = Inbox::new();
    let mut shell = inbox.fixture.program("sh").args(["-c", SCRIPT]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(shell.stdout.take().unwrap()).lines().map(Result::unwrap);
    inbox.send(&["one"]);
    assert_eq!(lines.next().as_deref(), Some("closed"));
    inbox.send(&["two"]);
    assert_eq!(lines.next().as_deref(), Some("code 0"), "as for any command whose reader has seen enough");
    assert_eq!(inbox.waiting(), ["two"]);
    assert!(shell.wait().unwrap().success());
}

/// `lists/m_long_id.json` has an id of 6,145 bytes, too long for a request: only that message cannot be deleted.
#[test]
fn undeletable_message_blocks_no_other() {
    for (arguments, code) in
        [(&["--until-empty"][..], 8), (&["--count", "7"], 8), (&["--until-empty", "--exec", "cat > /dev/null"], 8)]
    {
        let inbox = Inbox::new();
        inbox.send(&["one", "two", "three"]);
        inbox.send_file(&kandy_checkout::expect_root().join("crates/kandy-cli/tests/lists/m_long_id.json"));
        inbox.send(&["five", "six", "seven"]);
        let mut watch = Watch::start(inbox.watch(arguments));
        let printed = std::iter::from_fn(|| watch.line()).count();
        let (status, said) = watch.end();
        assert_eq!(status.code(), Some(code), "{said}");
        assert_eq!(said.matches("is longer than").count(), 1, "{said}");
        assert!(said.len() < 1000, "{said}");
        assert!(printed == 7 || arguments.contains(&"--exec"), "{printed}");
        assert_eq!(inbox.waiting().len(), 1, "the others are deleted");

        // The next run receives it again, and reports it once.
        let mut watch = Watch::start(inbox.watch(&["--until-empty"]));
        assert!(watch.line().is_some() && watch.line().is_none());
        let (status, said) = watch.end();
        assert_eq!((status.code(), said.matches("is longer than").count()), (Some(8), 1), "{said}");
    }
}

#[test]
fn deletes_a_message_with_an_odd_id() {
    let inbox = Inbox::new();
    let file = inbox.fixture.folder.path().join("odd.json");
    fs::write(
        &file,
        r#"{"message": {"contentType": "text", "UUID": "no uuid \u00fc", "destination": "anna@example.com",
        "message": {"mimeType": "text/plain", "text": "odd"}}}"#,
    )
    .unwrap();
    inbox.send_file(&file);
    inbox.send(&["one"]);
    let mut watch = Watch::start(inbox.watch(&["--until-empty"]));
    assert_eq!(watch.rest(), ["odd", "one"]);
    assert_eq!(watch.end().0.code(), Some(0));
    assert_eq!(inbox.waiting(), [""; 0]);
}

#[cfg(target_os = "linux")]
#[test]
fn keeps_messages_after_a_write_error() {
    let inbox = Inbox::new();
    inbox.send(&["one"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    assert_eq!(inbox.watch(&[]).stdout(full).status().unwrap().code(), Some(1));
    assert_eq!(inbox.waiting(), ["one"]);
}

#[test]
fn kill_loses_nothing_and_redelivers_at_most_ten() {
    let inbox = Inbox::new();
    let texts: Vec<_> = (0..25).map(|number| number.to_string()).collect();
    inbox.send(&texts);
    let mut watch = Watch::start(inbox.watch(&[]));
    let mut printed: Vec<_> = (0..15).map(|_| watch.text()).collect();
    watch.child.kill().unwrap();
    printed.extend(watch.rest());
    let seen = printed.len();
    let mut watch = Watch::start(inbox.watch(&["--until-empty"]));
    printed.extend(watch.rest());
    assert_eq!(watch.end().0.code(), Some(0));
    assert!(printed.len() - texts.len() <= 10, "{} of {seen} came again", printed.len() - texts.len());
    assert_eq!(printed.iter().collect::<BTreeSet<_>>(), texts.iter().collect());
    assert_eq!(inbox.waiting(), [""; 0]);
}

#[test]
fn waits_for_the_child_on_ctrl_c() {
    let inbox = Inbox::new();
    inbox.send(&["one", "two"]);
    inbox.gate();
    let mut watch = Watch::start(inbox.watch(&["--poll", "--exec", "echo begun; exec cat gate"]));
    assert_eq!(watch.line().unwrap(), "begun");
    watch.signal("INT");
    fs::write(inbox.fixture.folder.path().join("gate"), "done\n").unwrap();
    assert_eq!(watch.line().unwrap(), "done");
    assert_eq!(watch.end().0.code(), Some(130));
    assert_eq!(inbox.waiting(), ["two"]);
}

#[test]
fn second_ctrl_c_ends_the_child() {
    let inbox = Inbox::new();
    inbox.send(&["one"]);
    inbox.gate();
    let mut watch = Watch::start(inbox.watch(&["--poll", "--exec", "echo begun; exec cat gate"]));
    assert_eq!(watch.line().unwrap(), "begun");
    // Two pending signals of the same kind may merge into one.
    watch.signal("INT");
    watch.signal("TERM");
    assert_eq!(watch.end().0.code(), Some(130));
    assert_eq!(inbox.waiting(), ["one"]);
}

#[test]
fn child_may_ignore_stdin() {
    let inbox = Inbox::new();
    // Longer than a pipe buffer and than a variable may be.
    inbox.send(&["x".repeat(300_000)]);
    let watch = inbox.watch(&["--until-empty", "--exec", "echo \"${KANDY_MESSAGE_TEXT-none}\""]).output().unwrap();
    assert_eq!((watch.status.code(), String::from_utf8(watch.stdout).unwrap()), (Some(0), "none\n".to_owned()));
    assert_eq!(inbox.waiting(), [""; 0]);
}

#[test]
fn reports_failed_deletions() {
    let inbox = Inbox::new();
    inbox.send(&["one"]);
    let failure = inbox.fixture.emulator.inject(InjectedFault::status(15).on("message_delete"));
    let mut watch = Watch::start(inbox.watch(&["--count", "1"]));
    assert_eq!(watch.text(), "one");
    let (status, said) = watch.end();
    assert_eq!(status.code(), Some(3), "{said}");
    assert!(said.contains("message_delete"), "{said}");
    assert!(inbox.fixture.emulator.remove_fault(failure));
    assert_eq!(inbox.waiting(), ["one"]);
}

#[test]
fn transient_error_does_not_end_it() {
    let inbox = Inbox::new();
    inbox.send(&["one"]);
    inbox.fixture.emulator.inject(InjectedFault::wrong_json().on("message_list").times(1));
    let mut watch = Watch::start(inbox.watch(&["--count", "1", "--max-interval", "50ms"]));
    assert_eq!(watch.text(), "one");
    let (status, said) = watch.end();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains("message_list"), "{said}");
}

/// The inbox of anna, to which russ sends.
struct Inbox {
    fixture: Fixture,
    runtime: tokio::runtime::Runtime,
    russ: Device,
    anna: Device,
}

impl Inbox {
    fn new() -> Self {
        let fixture = Fixture::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let [russ, anna] = fixture.devices(&runtime, ["russ", "anna"]);
        Self { fixture, runtime, russ, anna }
    }

    fn send(&self, texts: &[impl ToString]) {
        self.runtime.block_on(async {
            for text in texts {
                self.russ.send_message(FullUserId::from("anna@example.com"), text.to_string()).await.unwrap();
            }
        });
    }

    /// Sends a message from a file unchanged.
    fn send_file(&self, path: &Path) {
        let mut command = self.fixture.kandy();
        let device = self.russ.id().to_string();
        command.args(["api", "message_send", "--user", "russ", "-p", &format!("device_id={device}"), "--input"]);
        command.arg(path);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Returns the texts of the undeleted messages.
    fn waiting(&self) -> Vec<String> {
        let pending = self.runtime.block_on(async { self.anna.pending_messages().await.unwrap() });
        let texts = pending.messages.iter().map(|message| message.content.as_ref()?.text().map(str::to_owned));
        texts.collect::<Option<_>>().unwrap()
    }

    fn watch(&self, arguments: &[&str]) -> Command {
        let mut command = self.fixture.kandy();
        command.args(["message", "watch", "--user", "anna"]).args(arguments);
        command
    }

    /// Returns a pipe that blocks a command until it is written to.
    fn gate(&self) {
        assert!(self.fixture.program("mkfifo").arg("gate").status().unwrap().success());
    }
}

/// A running `watch`.
struct Watch {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Watch {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (found, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| found.send(line)));
        Self { child, lines }
    }

    /// Returns the next line, if there is one.
    fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(LONG_TIMEOUT) {
            Ok(line) => Some(line),
            Err(mpsc::RecvTimeoutError::Disconnected) => None,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("no line, and no end"),
        }
    }

    /// Returns the text in the next line.
    fn text(&mut self) -> String {
        text_of(&self.line().expect("a line"))
    }

    /// Returns the texts in all further lines.
    fn rest(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.line()).map(|line| text_of(&line)).collect()
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for the exit; returns the exit code and stderr, without the state of the data channel, which may or may not
    /// be established by then.
    fn end(&mut self) -> (ExitStatus, String) {
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said = said.split_inclusive('\n').filter(|line| !line.starts_with("data channel: ")).collect();
        (self.child.wait().unwrap(), said)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The process has exited, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn text_of(line: &str) -> String {
    line.rsplit_once('\t').expect("columns").1.to_owned()
}
