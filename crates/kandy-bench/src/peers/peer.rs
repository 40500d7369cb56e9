//! A client to compare: how it is prepared, started and measured.
//!
//! Depends on `rust_program`, `script`, `helper` and `canned`. Begin with `Peer::prepare`.

use std::{
    path::PathBuf,
    process::Command,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;

use super::{
    rust_program::{Load, RustProgram},
    script::{self, Script},
};
use crate::{BoxError, canned::Canned, helper::Helper};

/// What a client is made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Rust(RustProgram),
    Python,
    Node,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rust(program) => program.name,
            Self::Python => "Python requests",
            Self::Node => "Node.js fetch",
        }
    }
}

/// A client that can be started.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    pub(super) kind: Kind,
    pub(super) load: Load,
    /// The size of the stripped program, or of the packages of a script.
    pub(super) size: f64,
    started: Started,
}

#[derive(Clone, Debug)]
enum Started {
    Program(PathBuf),
    Script(Script),
}

/// The line that a program prints.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Outcome {
    calls: u64,
    seconds: f64,
    cpu_seconds: f64,
}

impl Outcome {
    pub(super) fn per_second(self) -> f64 {
        self.calls as f64 / self.seconds
    }

    pub(super) fn cpu_per_call(self) -> f64 {
        self.cpu_seconds / self.calls as f64
    }
}

impl Peer {
    /// Builds or finds what the client needs.
    pub(super) fn prepare(kind: Kind, as_built: bool) -> Result<Self, BoxError> {
        let (load, size, started) = match kind {
            Kind::Rust(program) => {
                let path = program.prepare(as_built)?;
                (program.load, std::fs::metadata(&path)?.len(), Started::Program(path))
            }
            Kind::Python => {
                let script = script::python()?;
                (Load::Threads, script.size, Started::Script(script))
            }
            Kind::Node => {
                let script = script::node()?;
                (Load::Tasks, script.size, Started::Script(script))
            }
        };
        Ok(Self { kind, load, size: size as f64, started })
    }

    fn start(&self, server: &Canned, mode: &[String]) -> Result<Helper, BoxError> {
        let mut command = match &self.started {
            Started::Program(path) => Command::new(path),
            Started::Script(script) => {
                let mut command = Command::new(&script.interpreter);
                command.arg(&script.file);
                if let Some(packages) = &script.packages {
                    command.env("PYTHONPATH", packages);
                }
                command
            }
        };
        Helper::start(command.arg(server.base_url()).args(mode))
    }

    /// Calls for some seconds, after half as long to warm up.
    pub(super) fn throughput(&self, server: &Canned, in_flight: usize, during: Duration) -> Result<Outcome, BoxError> {
        let seconds = during.as_secs_f64().to_string();
        let mut helper = self.start(server, &["throughput".to_owned(), in_flight.to_string(), seconds])?;
        Ok(serde_json::from_str(&helper.read_line()?)?)
    }

    /// Returns the seconds from the start of the process to its first response.
    pub(super) fn start_up(&self, server: &Canned) -> Result<f64, BoxError> {
        let started = Instant::now();
        let mut helper = self.start(server, &["once".to_owned()])?;
        helper.read_line()?;
        Ok(started.elapsed().as_secs_f64())
    }

    /// Returns the bytes that each of `calls` in flight takes.
    pub(super) fn memory(&self, calls: usize) -> Result<f64, BoxError> {
        // One for this round: a client that fails leaves it waiting for calls.
        let mut server = Canned::start()?;
        let mut helper = self.start(&server, &["inflight".to_owned(), calls.to_string()])?;
        helper.read_line()?;
        let before = helper.memory();
        server.hold(calls)?;
        helper.send_line("go")?;
        let mut server = wait_for_calls(server, &helper)?;
        let held = helper.memory();
        server.go()?;
        let outcome: Outcome = serde_json::from_str(&helper.read_line()?)?;
        if outcome.calls != calls as u64 {
            return Err(format!("{} made {} calls, not {calls}", self.kind.name(), outcome.calls).into());
        }
        let memory = held.zip(before).ok_or("the system does not report memory")?;
        Ok((memory.0 - memory.1) / calls as f64)
    }
}

/// Waits until the server has all calls, or the client has exited.
fn wait_for_calls(mut server: Canned, client: &Helper) -> Result<Canned, BoxError> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || drop(sender.send(server.wait_for_calls().map(|()| server))));
    loop {
        match receiver.recv_timeout(Duration::from_millis(200)) {
            Ok(server) => return server,
            // A process that has exited has no memory.
            Err(RecvTimeoutError::Timeout) if client.memory().is_some() => {}
            Err(_) => return Err("the client exited before all calls were in flight; its error is above".into()),
        }
    }
}
