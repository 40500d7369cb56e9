//! Commands that are stopped while they run.

use std::{
    fs,
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A command that runs.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// The most memory that it has had, in KiB, as far as it was looked at.
    pub(crate) most_memory: u64,
}

/// How long anything may take that does not hang.
const PATIENCE: Duration = Duration::from_secs(300);

impl Running {
    /// Starts a command.
    pub(crate) fn start(mut command: Command) -> Self {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        Self { child, most_memory: 0 }
    }

    /// Waits for something that happens while it runs.
    pub(crate) fn until(&mut self, what: &str, happened: impl Fn() -> bool) {
        let began = Instant::now();
        while !happened() {
            assert!(self.is_running(), "it ended before: {what}");
            assert!(began.elapsed() < PATIENCE, "it never happened: {what}");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success(), "kill -{name}");
    }

    /// Waits for its end, and answers what it said.
    pub(crate) fn end(mut self) -> (Output, u64) {
        let began = Instant::now();
        while self.is_running() {
            assert!(began.elapsed() < PATIENCE, "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
        let most = self.most_memory;
        (self.child.wait_with_output().unwrap(), most)
    }

    fn is_running(&mut self) -> bool {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let memory =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        self.most_memory = self.most_memory.max(memory.unwrap_or(0));
        self.child.try_wait().unwrap().is_none()
    }
}
