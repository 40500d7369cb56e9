//! A running command, whose lines are read as they come.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// Fails a test that hangs.
const LONG_TIMEOUT: Duration = Duration::from_secs(60);

/// The line on stderr when the channel is open.
pub(crate) const CONNECTED: &str = "data channel: connected";

/// A running command.
pub(crate) struct Running {
    pub(crate) child: Child,
    stdout: mpsc::Receiver<String>,
    stderr: mpsc::Receiver<String>,
}

impl Running {
    /// Starts a command.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (stdout, stderr) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, stdout, stderr }
    }

    /// Starts a command and waits until its channel is open.
    pub(crate) fn connected(command: Command) -> Self {
        let mut running = Self::start(command);
        assert_eq!(running.said().as_deref(), Some(CONNECTED));
        running
    }

    /// Returns the next line of stdout, if there is one.
    pub(crate) fn line(&mut self) -> Option<String> {
        next(&self.stdout)
    }

    /// Returns the next line of stderr, if there is one.
    pub(crate) fn said(&mut self) -> Option<String> {
        next(&self.stderr)
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for the exit; returns the exit code, and the lines that were not read.
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<String>, Vec<String>) {
        let stdout = std::iter::from_fn(|| self.line()).collect();
        let stderr = std::iter::from_fn(|| self.said()).collect();
        (self.child.wait().unwrap().code(), stdout, stderr)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The process has exited, unless the test failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn lines(from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (found, lines) = mpsc::channel();
    let from = BufReader::new(from);
    std::thread::spawn(move || from.lines().map_while(Result::ok).try_for_each(|line| found.send(line)));
    lines
}

fn next(lines: &mpsc::Receiver<String>) -> Option<String> {
    match lines.recv_timeout(LONG_TIMEOUT) {
        Ok(line) => Some(line),
        Err(mpsc::RecvTimeoutError::Disconnected) => None,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("no line, and no end"),
    }
}
